"""A run's code to take home: one PyTorch script without ganapp, the same as a notebook, and the
pictures that it learns from.
"""

from __future__ import annotations

from ganapp.export.archive import archive
from ganapp.export.notebook import notebook
from ganapp.export.script import check_exportable, script

__all__ = ["archive", "check_exportable", "notebook", "script"]
