"""Tests of ganapp: `python -m tests` runs them all."""
