"""The settings of a run as one PyTorch script: the same networks, losses, random numbers and
order of the pictures as the app's, so that it finds the same losses in float32 on a processor.

The text is put together by Jinja from `gan.py.j2` and what that includes; a setting that is off
leaves no line.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.losses import LOSSES

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
    autoescape=False,
)

LONGEST_LINE = 100

PAPERS = {
    "gan": "Goodfellow et al. 2014, Generative adversarial nets, arXiv:1406.2661",
    "conditional": "Mirza and Osindero 2014, Conditional GANs, arXiv:1411.1784",
    "dcgan": "Radford, Metz and Chintala 2015, DCGAN, arXiv:1511.06434",
    "infogan": "Chen et al. 2016, InfoGAN, arXiv:1606.03657",
    "least-squares": "Mao et al. 2017, Least squares GANs, arXiv:1611.04076",
    "wgan": "Arjovsky, Chintala and Bottou 2017, Wasserstein GAN, arXiv:1701.07875",
    "wgan-gp": "Gulrajani et al. 2017, Improved training of WGANs, arXiv:1704.00028",
    "hinge": "Lim and Ye 2017, Geometric GAN, arXiv:1705.02894",
    "progressive": "Karras et al. 2018, Progressive growing of GANs, arXiv:1710.10196",
    "r1": "Mescheder, Geiger and Nowozin 2018, Which training methods do converge?,"
    " arXiv:1801.04406",
    "relativistic": "Jolicoeur-Martineau 2018, The relativistic discriminator, arXiv:1807.00734",
    "biggan": "Brock, Donahue and Simonyan 2019, BigGAN, arXiv:1809.11096",
    "augment": "Zhao et al. 2020, Differentiable augmentation, arXiv:2006.10738",
}
"""What the comments name, in the order in which it appeared."""


def check_exportable(config: TrainConfig) -> None:
    """`BadInput` for a game that the script has no place for."""
    if config.capabilities.reads_text:
        raise BadInput(
            f"There is no script of the {config.model} model: it learns from texts that this app"
            " writes. Choose a preset of another model."
        )
    if config.capabilities.translates:
        raise BadInput(
            f"There is no script of the {config.model} model: its generators make pictures from"
            " pictures, not from noise. Choose a preset of another model."
        )
    if config.capabilities.encodes:
        raise BadInput(
            f"There is no script of the {config.model} model: scripts are of games, and it plays"
            " none. Choose a preset of a GAN; ganapp/models/vae.py and ganapp/games/variational.py"
            " hold all of this model."
        )
    if config.capabilities.obeys_attributes:
        raise BadInput(
            f"There is no script of the {config.model} model: the script has no place for the"
            " attributes of its pictures. Choose a preset of another model."
        )


def script(config: TrainConfig, title: str) -> str:
    """The script's text for these settings; `title` says in its first line what it is. `BadInput`
    for a model that the script has no place for.
    """
    check_exportable(config)
    cited = [name for name in PAPERS if name in _cited(config)]
    text = TEMPLATES.get_template("gan.py.j2").render(
        **_facts(config),
        title=re.sub(r'["\\\n]', "", title)[:80] or "A GAN",
        papers=[PAPERS[name] for name in cited],
        cite=lambda name: cited.index(name) + 1,
    )
    return re.sub(r"(?m)^ +$", "", text)


def _cited(config: TrainConfig) -> set[str]:
    """The papers that the script's comments name."""
    uses = {
        "conditional": config.conditional and config.model == "mlp",
        "dcgan": config.model in ("dcgan", "infogan"),
        "infogan": config.capabilities.finds_classes,
        "biggan": config.model == "biggan",
        "least-squares": config.loss == "least-squares",
        "hinge": config.loss == "hinge",
        "relativistic": config.loss == "relativistic",
        "wgan": config.loss == "wasserstein" or config.clip > 0,
        "wgan-gp": config.gradient_penalty > 0,
        "r1": config.r1_weight > 0 or config.r2_weight > 0,
        "progressive": config.minibatch_std and config.model != "mlp",
        "augment": config.augment != "none",
    }
    return {"gan", *(name for name, used in uses.items() if used)}


def _facts(config: TrainConfig) -> dict[str, Any]:
    """What the templates ask about the settings."""
    infogan, conditional = config.capabilities.finds_classes, config.conditional
    settings = dataclasses.asdict(config) | {
        "minibatch_std": config.minibatch_std and config.model != "mlp"
    }
    bare_g, bare_d = config.generator_norm == "none", config.discriminator_norm == "none"
    reads = ", label" if conditional else ""
    plain = config.augment == "none" and not config.penalties
    critic = LOSSES[config.loss].critic

    def call(images: str) -> str:
        return f"D({images})[0]" if infogan else f"D({images}{reads})"

    def augmented(images: str) -> str:
        return images if config.augment == "none" else f"augment({images}, random)"

    return {
        "settings": settings,
        "assignments": _assignments(config),
        "infogan": infogan,
        "conditional": conditional,
        "labelled": conditional or infogan,
        "biggan": config.model == "biggan",
        "kind": "c" if conditional else "i" if infogan else "u",
        "label": ", label" if conditional or infogan else "",
        "logits": "scores (B,)." if critic else "logits (B,); D(x) = sigmoid(logit).",
        "penalised": bool(config.penalties),
        "scale": _scale(config),
        "passes": _passes(config),
        "both": _both_halves(config, plain),
        "functions": ", ".join(sorted(_functions(config))),
        "bare_g": bare_g,
        "bare_d": bare_d,
        "norm_g": "" if bare_g else "nn.BatchNorm2d(n), ",
        "init_he": bare_g or bare_d,
        "init_mixed": bare_g != bare_d,
        "augmented": augmented,
        "call": call,
        "seen_real": "real" if plain else "seen_real",
        "seen_fake": "fake.detach()" if plain else "seen_fake",
    }


def _assignments(config: TrainConfig) -> list[str]:
    """The lines that name the settings, some of them together."""
    every, half_life = config.penalty_every, config.penalty_half_life
    slopes, infogan = bool(config.penalties), config.capabilities.finds_classes
    rows: list[list[tuple[str, float, bool, str]]] = [
        [("SEED", config.seed, True, ""), ("EPOCHS", config.epochs, True, "")],
        [
            ("BATCH", config.batch_size, True, "pictures in a batch"),
            ("K", config.discriminator_steps, config.discriminator_steps > 1, "steps of D a round"),
        ],
        [
            ("Z", config.latent_size, True, "numbers of noise"),
            ("WIDTH", config.width, True, "narrowest hidden layer"),
            ("SLOPE", config.leaky_slope, config.model != "biggan", "of LeakyReLU below 0"),
        ],
        [
            ("CODES", 10, infogan, "values of a code"),
            ("CONTINUOUS", 2, infogan, "and how many of z are codes"),
            ("INFORMATION", config.information_weight, infogan, "lambda"),
        ],
        [
            ("D_RATE", config.discriminator_lr, True, "learning rates"),
            ("G_RATE", config.generator_lr, True, ""),
            ("RATE_HALF_LIFE", config.lr_half_life, config.lr_half_life > 0, "in rounds"),
        ],
        [
            ("R1", config.r1_weight, config.r1_weight > 0, "penalty at real pictures"),
            ("R2", config.r2_weight, config.r2_weight > 0, "penalty at generated ones"),
            ("GP", config.gradient_penalty, config.gradient_penalty > 0, "lambda of the penalty"),
            ("EVERY", every, every > 1 and slopes, "rounds from one to the next"),
            ("PENALTY_HALF_LIFE", half_life, half_life > 0 and slopes, "in rounds"),
        ],
        [("CLIP", config.clip, config.clip > 0, "no weight of the critic is larger")],
        [
            (
                "AVERAGE_HALF_LIFE",
                config.ema_half_life,
                config.ema_half_life > 0,
                "of G's running average, in rounds",
            )
        ],
    ]
    lines = []
    for row in rows:
        known = [(name, value, says) for name, value, used, says in row if used]
        if known:
            together = _assignment(known)
            apart = [_assignment([each]) for each in known]
            lines += [together] if len(together) <= LONGEST_LINE else apart
    return lines


def _assignment(known: list[tuple[str, float, str]]) -> str:
    """One line of Python that gives the names their values, and what it says of them."""
    names, values, comments = zip(*known, strict=True)
    text = f"{', '.join(names)} = {', '.join(map(repr, values))}"
    comment = "; ".join(filter(None, comments))
    return f"{text}  # {comment}" if comment else text


def _scale(config: TrainConfig) -> str:
    """What a penalty's weight is multiplied by."""
    if config.penalty_half_life:
        return "scale * "
    return "EVERY * " if config.penalty_every > 1 else ""


def _passes(config: TrainConfig) -> str:
    """Whether the discriminator reads real and generated pictures in "one" pass, in "two", or in
    "either", as the penalties of a round need: as the app does, for with rounding alone other the
    losses of a game soon differ, and each pass moves BigGAN's spectral normalisation on.
    """
    if config.normalised or config.capabilities.finds_classes:
        return "two"
    if (config.r1_weight > 0) == (config.r2_weight > 0):
        return "one"
    return "either" if config.penalty_every > 1 else "two"


def _both_halves(config: TrainConfig, plain: bool) -> str:
    """What the discriminator is given in one pass."""
    arguments = [
        "torch.cat([real, fake.detach()])" if plain else "torch.cat([seen_real, seen_fake])"
    ]
    arguments += ["label.repeat(2, 1)"] if config.conditional else []
    arguments += ["groups=2"] if config.minibatch_std and config.model != "mlp" else []
    return ", ".join(arguments)


def _functions(config: TrainConfig) -> set[str]:
    """What the script takes from torch.nn.functional."""
    found = set()
    if config.loss in ("minimax", "non-saturating", "relativistic"):
        found.add("softplus")
    if config.loss == "hinge" or config.model == "biggan":
        found.add("relu")
    if config.model == "biggan":
        found |= {"interpolate", "max_pool2d"}
    if config.capabilities.finds_classes:
        found |= {"cross_entropy", "one_hot"}
    if config.conditional:
        found.add("one_hot")
    return found
