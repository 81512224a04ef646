"""The commands of `python -m ganapp`, one a file: its arguments and what it does.

What needs torch is imported inside the functions, so that --help and `presets` answer at once, and mistakes in the arguments too.
"""
