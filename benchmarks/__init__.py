"""Commands that produce every figure we publish, and their recorded results."""
