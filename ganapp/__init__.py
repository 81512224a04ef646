"""Watch generative adversarial networks learn, explore what they learned, understand why."""

import os

from ganapp.lean_torch import spare_the_compiler

__version__ = "1.1.0"

# Read once, when torch is first imported or first allocates. Threads that wait for each other spin
# for a tenth of a millisecond and then sleep: without spinning, small steps in two threads took 1.4
# times as long; with OpenMP's endless spinning, 40 times as long on a machine that did anything
# else besides. Large tensors come in huge pages, which saves a tenth of a step of large networks.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "100000")
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
spare_the_compiler()
