"""What the networks of each model do and need.

Imports no torch.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

ModelName = Literal[
    "mlp", "dcgan", "biggan", "infogan", "cyclegan", "pix2pix", "vae", "gan-cls", "acgan"
]


class Capabilities(NamedTuple):
    """What the networks of one `ModelName` do and need. Ask here instead of comparing names."""

    translates: bool = False
    """The generator maps pictures to pictures; else it draws them from noise."""
    repairs: bool = False
    """It learns so from pairs, the damaged and the whole picture; else from two domains."""
    encodes: bool = False
    """The second network encodes pictures instead of judging them: there is no adversary."""
    finds_classes: bool = False
    """The classes are codes that the networks find without labels."""
    reads_text: bool = False
    """The generator draws what a text says: its labels are word numbers (B, T)."""
    obeys_attributes: bool = False
    """The generator is asked for the class and for numbers that the data know of each picture."""
    batch_norm: bool = False
    """The discriminator has BatchNorm if `discriminator_norm` asks for it."""
    bounded: bool = False
    """The layers themselves bound the slope of the discriminator."""
    chooses_upsampling: bool = False
    """The generator doubles the picture's size as `upsampling` says."""
    image_sizes: tuple[int, ...] = (32, 64)
    least: tuple[tuple[str, int, str], ...] = ()
    """The smallest values of some settings: (setting, value, why)."""
    unused: tuple[str, ...] = ()
    """The settings that mean nothing to these networks or their game."""


SLOPES = (
    "discriminator_steps",
    "r1_weight",
    "r2_weight",
    "gradient_penalty",
    "penalty_every",
    "penalty_half_life",
    "clip",
)
"""The settings that keep the slope of a discriminator small, and how often it learns."""

_OF_DCGAN = ("discriminator_norm", "generator_norm", "upsampling")
_OF_CYCLEGAN = ("cycle_weight", "identity_weight", "pool_size")
_OF_PIX2PIX = ("damage", "l1_weight", "adversarial_weight")
_OF_TEXTS = ("variety_weight",)
_OF_VAE = ("kl_weight",)
_OF_ACGAN = ("attribute_weight",)
_OF_NOISE = (
    *_OF_DCGAN,
    "conditional",
    "latent_size",
    "minibatch_std",
    *SLOPES,
    "information_weight",
    *_OF_VAE,
    *_OF_ACGAN,
)
"""What a model that translates has no place for."""

CAPABILITIES: dict[ModelName, Capabilities] = {
    "mlp": Capabilities(
        image_sizes=(28, 32, 64),
        unused=(
            *_OF_DCGAN,
            *_OF_CYCLEGAN,
            *_OF_PIX2PIX,
            *_OF_TEXTS,
            *_OF_VAE,
            *_OF_ACGAN,
            "minibatch_std",
            "information_weight",
        ),
    ),
    "dcgan": Capabilities(
        batch_norm=True,
        chooses_upsampling=True,
        unused=(
            *_OF_CYCLEGAN,
            *_OF_PIX2PIX,
            *_OF_VAE,
            *_OF_TEXTS,
            *_OF_ACGAN,
            "information_weight",
        ),
    ),
    "biggan": Capabilities(
        bounded=True,
        unused=(
            *_OF_DCGAN,
            *_OF_CYCLEGAN,
            *_OF_PIX2PIX,
            *_OF_TEXTS,
            *_OF_VAE,
            *_OF_ACGAN,
            "leaky_slope",
            "information_weight",
        ),
        least=(
            ("latent_size", 8, "gives a part of it to each block"),
            ("width", 8, "has attention that halves it three times"),
        ),
    ),
    "infogan": Capabilities(
        finds_classes=True,
        batch_norm=True,
        chooses_upsampling=True,
        least=(("latent_size", 2, "keeps two continuous codes in it"),),
        unused=(*_OF_CYCLEGAN, *_OF_PIX2PIX, *_OF_TEXTS, *_OF_VAE, *_OF_ACGAN, "conditional"),
    ),
    "cyclegan": Capabilities(translates=True, unused=(*_OF_NOISE, *_OF_PIX2PIX, *_OF_TEXTS)),
    "pix2pix": Capabilities(
        translates=True, repairs=True, unused=(*_OF_NOISE, *_OF_CYCLEGAN, *_OF_TEXTS)
    ),
    "vae": Capabilities(
        encodes=True,
        batch_norm=True,
        chooses_upsampling=True,
        unused=(
            *_OF_CYCLEGAN,
            *_OF_PIX2PIX,
            *_OF_TEXTS,
            *_OF_ACGAN,
            *SLOPES,
            "loss",
            "minibatch_std",
            "augment",
            "information_weight",
        ),
    ),
    "gan-cls": Capabilities(
        reads_text=True,
        batch_norm=True,
        chooses_upsampling=True,
        unused=(
            *_OF_CYCLEGAN,
            *_OF_PIX2PIX,
            *_OF_VAE,
            *_OF_ACGAN,
            "conditional",
            "information_weight",
        ),
    ),
    "acgan": Capabilities(
        obeys_attributes=True,
        batch_norm=True,
        chooses_upsampling=True,
        least=(("latent_size", 4, "takes attributes that nobody asks for from it"),),
        unused=(
            *_OF_CYCLEGAN,
            *_OF_PIX2PIX,
            *_OF_TEXTS,
            *_OF_VAE,
            "conditional",
            "information_weight",
        ),
    ),
}
