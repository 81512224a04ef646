"""ganapp: watch generative adversarial networks learn, explore what they learned, understand why."""

import os

__version__ = "0.1.0"

# Threads that wait for each other must sleep, not spin: on a machine that does anything else besides, spinning made
# training 40 times slower. OpenMP reads these once, when torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")
