"""A run is a folder on disk; a worker process plays it; a registry queues and finds runs.

Where the loop runs is decided here alone: everything above asks the `Registry`, everything below is
`train()`.
"""

from ganapp.runs.folder import RunFolder, run_folder
from ganapp.runs.registry import Registry, View, check_pictures

__all__ = ["Registry", "RunFolder", "View", "check_pictures", "run_folder"]
