"""The files of a checkpoint.

    model.safetensors   weights of generator, discriminator and the generator's running average
    config.json         format version, settings of the training, names of the classes, what is
                        known of the run
    README.md           the model card
    samples.png         what it draws

A run that goes on keeps its optimizers and step count beside them in state.safetensors.
"""

FORMAT_VERSION = 1
WEIGHTS, CONFIG, CARD, SAMPLES, STATE = (
    "model.safetensors",
    "config.json",
    "README.md",
    "samples.png",
    "state.safetensors",
)
