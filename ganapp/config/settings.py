"""Every setting of a training run, with its choices, label, help and range.
`training.py` says which of them go together.

This module does not import torch, so that the interface and the help of the command line start
quickly. The Train tab and the command line are made from this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ganapp.config.capabilities import ModelName
from ganapp.config.knobs import knob

DatasetName = Literal[
    "digits",
    "digits-outline",
    "digits-colour",
    "digits-stacked",
    "emoji",
    "emoji-styles",
    "letters",
    "faces",
    "faces-glasses",
    "mnist",
    "fashion-mnist",
    "kmnist",
    "emnist-letters",
    "svhn",
    "cifar10",
    "celeba",
    "own",
]
LossName = Literal[
    "minimax", "non-saturating", "least-squares", "hinge", "wasserstein", "relativistic"
]
DamageName = Literal["rain", "noise", "coarse", "middle", "half", "outline"]
OptimizerName = Literal["adam", "rmsprop", "sgd"]
NormName = Literal["batch", "none"]
UpsamplingName = Literal["transposed-4", "transposed-3", "resize"]
AugmentName = Literal["none", "translation", "translation-cutout", "colour-translation-cutout"]
PrecisionName = Literal["auto", "float32", "bfloat16"]

TWO_DOMAINS: tuple[DatasetName, ...] = (
    "digits-outline",
    "digits-colour",
    "emoji-styles",
    "faces-glasses",
)
"""Data whose two classes are two styles, between which one can translate."""

BUNDLED_DATA: tuple[DatasetName, ...] = (
    "digits",
    "digits-outline",
    "digits-colour",
    "emoji",
    "emoji-styles",
    "letters",
    "faces",
    "faces-glasses",
    "mnist",
    "fashion-mnist",
)
"""Data that ship with the app and are there at once."""

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings, in the order in which a form shows them."""

    dataset: DatasetName = knob(
        "digits",
        "Data set",
        "What the generator learns to imitate. Digits, MNIST, clothes, emoji, letters and drawn"
        " faces ship with the app, “own” is what you upload, and the others are downloaded once"
        " (celeba: 1.4 GB of faces, for non-commercial research only).",
        "Data",
        choices=get_args(DatasetName),
    )
    image_size: int = knob(
        32,
        "Picture size",
        "Width and height in pixels. Doubling it takes about four times as long.",
        "Data",
        choices=(28, 32, 64),
    )
    most_pictures: int = knob(
        0,
        "Real pictures used",
        "Train on only this many pictures, equally many of each class. 0 uses all of them. With a"
        " few dozen, the discriminator memorises them.",
        "Data",
        low=0,
        high=1_000_000,
    )
    conditional: bool = knob(
        True,
        "Conditional",
        "Give both networks the class of each picture, so that you can choose the class to"
        " generate.",
        "Data",
    )

    model: ModelName = knob(
        "dcgan",
        "Model",
        "The generator and the discriminator. The MLP sees a picture as a list of pixels; DCGAN"
        " uses convolutions, so its strokes are connected; BigGAN adds residual blocks and"
        " attention; InfoGAN finds classes without labels; CycleGAN translates between two kinds of"
        " pictures; pix2pix learns to repair damaged ones from pairs; GAN-CLS draws what a text"
        " says; AC-GAN obeys numbers, such as the weight and the slant of letters; the VAE is no"
        " GAN: its decoder, DCGAN's generator, learns with an encoder, which takes the settings of"
        " the discriminator.",
        "Networks",
        choices=get_args(ModelName),
    )
    latent_size: int = knob(
        64,
        "Latent size",
        "How many numbers the noise vector z has. With too few, the pictures lose variety.",
        "Networks",
        low=1,
        high=1024,
    )
    width: int = knob(
        32,
        "Width",
        "Channels of the narrowest layer (MLP: its units). More channels learn finer detail, but"
        " slower.",
        "Networks",
        low=4,
        high=256,
    )
    leaky_slope: float = knob(
        0.2,
        "LeakyReLU slope",
        "Slope of the discriminator's activation for negative inputs. 0 is a plain ReLU: its units"
        " can die and pass no gradient to the generator.",
        "Networks",
        low=0.0,
        high=1.0,
    )
    discriminator_norm: NormName = knob(
        "batch",
        "Discriminator normalisation",
        "DCGAN uses BatchNorm; a gradient penalty needs “none”. BigGAN and CycleGAN have their own"
        " normalisation.",
        "Networks",
        choices=get_args(NormName),
    )
    generator_norm: NormName = knob(
        "batch",
        "Generator normalisation",
        "DCGAN uses BatchNorm. Without it, training needs a more stable game: the relativistic loss"
        " with R1 and R2.",
        "Networks",
        choices=get_args(NormName),
    )
    upsampling: UpsamplingName = knob(
        "transposed-4",
        "Generator upsampling",
        "How DCGAN and InfoGAN double the picture's size: transposed convolutions with kernel 4 or"
        " 3, or nearest-neighbour resizing followed by a convolution. Kernel 3 with stride 2"
        " overlaps unevenly and leaves a checkerboard pattern.",
        "Networks",
        choices=get_args(UpsamplingName),
    )
    minibatch_std: bool = knob(
        False,
        "Minibatch standard deviation",
        "Show the discriminator how much the pictures in a batch differ, so that it notices a"
        " generator that draws the same picture again and again.",
        "Networks",
    )

    loss: LossName = knob(
        "non-saturating",
        "Loss",
        "Minimax is the original loss: its generator learns little while the discriminator wins."
        " Non-saturating fixes that. With least squares, hinge and Wasserstein the discriminator"
        " gives a score, not a probability. Relativistic compares a real picture with a generated"
        " one.",
        "Game",
        choices=get_args(LossName),
    )
    discriminator_steps: int = knob(
        1,
        "Discriminator steps (k)",
        "Discriminator steps for each generator step. More steps keep the discriminator ahead, but"
        " make every round slower.",
        "Game",
        low=1,
        high=10,
    )
    r1_weight: float = knob(
        0.0,
        "R1 penalty",
        "Weight of the penalty on the discriminator's gradient at real pictures. It stabilises"
        " training; too much, and the discriminator cannot tell pictures apart.",
        "Game",
        low=0.0,
        high=100.0,
    )
    r2_weight: float = knob(
        0.0,
        "R2 penalty",
        "The same penalty at generated pictures. With R1 and the relativistic loss, training"
        " converges without any normalisation.",
        "Game",
        low=0.0,
        high=100.0,
    )
    gradient_penalty: float = knob(
        0.0,
        "Gradient penalty (WGAN-GP)",
        "Weight of the penalty that keeps the norm of the critic's gradient near 1 between real and"
        " generated pictures. The paper uses 10.",
        "Game",
        low=0.0,
        high=1000.0,
    )
    penalty_every: int = knob(
        1,
        "Rounds between penalties",
        "Compute the penalties only every this many rounds, and scale them up to match. A penalty"
        " takes as long as the rest of the discriminator's step, so fewer are faster; with too few,"
        " the losses fluctuate.",
        "Game",
        low=1,
        high=64,
    )
    penalty_half_life: float = knob(
        0.0,
        "Penalty half-life",
        "The penalties halve every this many steps: training starts stable, and later the"
        " discriminator may be as steep as fine detail needs. 0 keeps them constant.",
        "Game",
        low=0.0,
        high=1_000_000.0,
    )
    clip: float = knob(
        0.0,
        "Weight clipping (WGAN)",
        "Clip every weight of the critic to plus or minus this value; the first WGAN uses 0.01. 0"
        " switches clipping off.",
        "Game",
        low=0.0,
        high=1.0,
    )
    information_weight: float = knob(
        1.0,
        "Information weight (InfoGAN)",
        "How strongly both networks are rewarded when the codes can be read back from the picture."
        " Only the InfoGAN model has codes.",
        "Game",
        low=0.0,
        high=10.0,
    )
    cycle_weight: float = knob(
        10.0,
        "Cycle weight (CycleGAN)",
        "How strongly a picture must come back unchanged after it is translated there and back. At"
        " 0, a translation may show anything that looks like its domain.",
        "Game",
        low=0.0,
        high=100.0,
    )
    identity_weight: float = knob(
        5.0,
        "Identity weight (CycleGAN)",
        "How strongly a picture that is already in the target domain must stay as it is. This keeps"
        " the colours.",
        "Game",
        low=0.0,
        high=100.0,
    )
    pool_size: int = knob(
        50,
        "Pool of earlier pictures (CycleGAN)",
        "Half of the generated pictures that the discriminators see are older ones from a pool of"
        " this size, so that they do not forget them. 0 shows only new ones.",
        "Game",
        low=0,
        high=1000,
    )
    damage: DamageName = knob(
        "coarse",
        "Damage to repair (pix2pix)",
        "What is done to each real picture before the generator sees it: rain over it, noise, only"
        " 8 x 8 coarse blocks left of it (super-resolution), its middle or its lower half hidden,"
        " or only its outlines left. The generator learns to give the whole picture.",
        "Game",
        choices=get_args(DamageName),
    )
    l1_weight: float = knob(
        30.0,
        "L1 weight (pix2pix)",
        "How much the mean absolute difference from the whole picture counts. It keeps the repair"
        " true to the picture; alone it prefers a blur where several pictures are possible.",
        "Game",
        low=0.0,
        high=1000.0,
    )
    adversarial_weight: float = knob(
        1.0,
        "Adversarial weight (pix2pix)",
        "How much it counts to convince the discriminator. At 0 the generator learns from the"
        " difference alone, and the discriminator only looks on.",
        "Game",
        low=0.0,
        high=100.0,
    )
    variety_weight: float = knob(
        2.0,
        "Variety weight (GAN-CLS)",
        "How strongly the generator is rewarded when two z give different pictures of one text. At"
        " 0 it soon draws the same picture for a text, whatever z is.",
        "Game",
        low=0.0,
        high=100.0,
    )
    kl_weight: float = knob(
        1.0,
        "KL weight (VAE)",
        "How much it counts that the codes of the pictures are distributed like the noise z. 1 is"
        " the bound of the paper; more gives smoother pictures, less a better reconstruction but"
        " worse new pictures.",
        "Game",
        low=0.0,
        high=100.0,
    )
    attribute_weight: float = knob(
        3.0,
        "Attribute weight (AC-GAN)",
        "How strongly the generator is corrected when the reader sees other attributes in its"
        " picture than were asked for. Only the AC-GAN model has such a reader.",
        "Game",
        low=0.0,
        high=100.0,
    )
    augment: AugmentName = knob(
        "none",
        "Augmentation",
        "Move, cut or recolour all pictures that the discriminator sees, real and generated, so"
        " that it cannot memorise a small data set.",
        "Game",
        choices=get_args(AugmentName),
    )

    optimizer: OptimizerName = knob(
        "adam",
        "Optimizer",
        "Adam adapts the step size of each weight; RMSprop does so without momentum, as in the WGAN"
        " paper; SGD with momentum is what the first GAN paper used.",
        "Optimisation",
        choices=get_args(OptimizerName),
    )
    discriminator_lr: float = knob(
        2e-4,
        "Discriminator learning rate",
        "Too high and the losses jump or break; too low and nothing seems to happen.",
        "Optimisation",
        low=1e-7,
        high=10.0,
        log=True,
    )
    generator_lr: float = knob(
        2e-4,
        "Generator learning rate",
        "Too high and the pictures flicker from epoch to epoch; too low and they stay noise.",
        "Optimisation",
        low=1e-7,
        high=10.0,
        log=True,
    )
    beta1: float = knob(
        0.5,
        "Adam beta 1 (SGD: momentum)",
        "How long a step remembers earlier gradients. GANs oscillate less with 0.5 or 0.",
        "Optimisation",
        low=0.0,
        high=0.999,
    )
    beta2: float = knob(
        0.999,
        "Adam beta 2 (RMSprop: alpha)",
        "How long the optimizer remembers the size of earlier gradients.",
        "Optimisation",
        low=0.0,
        high=0.99999,
    )
    lr_half_life: float = knob(
        0.0,
        "Learning rate half-life",
        "Both learning rates halve every this many steps. Players that circle around an equilibrium"
        " settle on it as their steps get smaller. 0 keeps the rates constant.",
        "Optimisation",
        low=0.0,
        high=1_000_000.0,
    )
    batch_size: int = knob(
        64,
        "Batch size",
        "Real pictures in each step. Larger batches give smoother, but fewer, steps.",
        "Optimisation",
        low=2,
        high=2048,
    )
    epochs: int = knob(
        40,
        "Epochs",
        "How many times the networks see every real picture.",
        "Optimisation",
        low=1,
        high=100_000,
    )
    ema_half_life: float = knob(
        100.0,
        "EMA half-life",
        "Samples come from a running average of the generator's weights, in which a step counts"
        " half after this many steps. 0 shows the generator itself.",
        "Optimisation",
        low=0.0,
        high=100_000.0,
    )

    seed: int = knob(
        0,
        "Seed",
        "The same seed and settings give exactly the same run.",
        "Machine",
        low=0,
        high=LARGEST_SEED,
    )
    precision: PrecisionName = knob(
        "auto",
        "Precision",
        "bfloat16 is faster on hardware that supports it; auto measures and decides.",
        "Machine",
        choices=get_args(PrecisionName),
    )
