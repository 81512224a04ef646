"""ganapp: watch generative adversarial networks learn, explore what they learned, understand why."""

__version__ = "0.1.0"
