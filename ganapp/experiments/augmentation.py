"""Do generated pictures help a classifier that has few real ones?

A classifier learns from n real digits of each class in four ways, each with the same number of
steps and of pictures a step:

    none       the real digits as they are
    classic    each turned, scaled and moved a little at random
    gan        a part of every batch is drawn by a conditional GAN that learned from the same n
               digits of each class alone
    both       real and generated ones, all of them turned, scaled and moved

and is tested on digits that neither has seen. A GAN adds no knowledge that is not in its n
pictures, but it mixes them in ways that turning and moving do not (Antoniou et al. 2017,
arXiv:1711.04340); a bad one teaches mistakes. So the comparison that counts is `both` against
`classic`. Every seed draws other real digits and other first weights, the same ones for all four
ways, so their differences are taken seed by seed; intervals are Student's t over the seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import stdtrit
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.datasets import DATASETS, HELD_OUT, Pictures, Progress
from ganapp.errors import BadInput
from ganapp.evaluation import classifier
from ganapp.evaluation.bootstrap import LEVEL, Estimate
from ganapp.evaluation.tables import shown
from ganapp.randomness import rng_for
from ganapp.training import train

WAYS = ("none", "classic", "gan", "both")
TURN, SCALE, SHIFT = 10.0, 0.1, 0.05
"""Most degrees of a turn, part of the size, and part of the side that classic augmentation changes.
"""
WIDTH, BATCH_SIZE = 12, 50
"""A classifier half as wide as the shipped one is enough for a few hundred digits."""
SHOWN_ROWS = 4
"""Pictures of each class that are shown of a draw."""


class Setting(NamedTuple):
    """`per_class` real pictures; `steps` of the classifier and `gan_steps` of the GAN, whose
    settings `gan` changes; `generated` pictures are drawn from it once, and `share` of every batch
    comes from those.
    """

    per_class: int
    steps: int = 400
    gan_steps: int = 3000
    share: float = 0.25
    generated: int = 3000
    gan: tuple[tuple[str, object], ...] = ()


class Result(NamedTuple):
    """How a classifier that learned in one `way` did on the test pictures: `accuracy` in [0, 1]."""

    per_class: int
    seed: int
    way: str
    accuracy: float


class Examples(NamedTuple):
    """Pictures uint8 (rows, classes, H, W, C), a class a column: some of the `real` ones of a seed,
    and of those `generated` by the GAN that learned from all of its real ones.
    """

    seed: int
    real: np.ndarray
    generated: np.ndarray


class Row(NamedTuple):
    """One way at one number of pictures: mean accuracy over the seeds, and its differences from
    `none` and `classic`, seed by seed.
    """

    per_class: int
    way: str
    accuracy: Estimate
    over_none: Estimate
    over_classic: Estimate


def compare(
    settings: Sequence[Setting],
    seeds: Sequence[int],
    pool: Pictures,
    test: Pictures,
    progress: Progress = lambda share, what: None,
    ways: Sequence[str] = WAYS,
    show: Callable[[Examples], None] = lambda drawn: None,
) -> Iterator[Result]:
    """Plays every setting with every seed in all `ways`: real pictures come from `pool`, and
    accuracy is measured on `test`. `show` is given what a GAN learned from and draws, as soon as it
    has learned.
    """
    for setting in settings:
        _check(setting, pool)
    trials = [(setting, seed) for seed in seeds for setting in settings]
    for number, (setting, seed) in enumerate(trials):
        real = few(pool, setting.per_class, seed)
        progress(number / len(trials), f"{setting.per_class} real pictures a class, seed {seed}")
        invented = None
        for way in ways:
            # Not before, so that who watches has the other ways' results meanwhile.
            if invented is None and way in (
                "gan",
                "both",
            ):
                invented = drawn(setting, real, seed)
                show(Examples(seed, _columns(real), _columns(invented)))
            fitted = _classifier(setting, way, real, invented, seed)
            yield Result(
                setting.per_class,
                seed,
                way,
                classifier.accuracy(fitted, _arrays(test), test.labels.numpy()),
            )
    progress(1.0, "Done")


def table(results: Sequence[Result]) -> list[Row]:
    """The results' means with 95 % intervals over the seeds, in the order of the results."""
    found: dict[tuple[int, str], dict[int, float]] = {}
    for result in results:
        found.setdefault((result.per_class, result.way), {})[result.seed] = result.accuracy
    rows = []
    for (per_class, way), by_seed in found.items():
        over = []
        for other in ("none", "classic"):
            others = found.get((per_class, other), {})
            over.append(
                over_seeds(
                    [
                        accuracy - others[seed]
                        for seed, accuracy in by_seed.items()
                        if seed in others
                    ]
                )
            )
        rows.append(Row(per_class, way, over_seeds(list(by_seed.values())), *over))
    return sorted(rows, key=lambda row: row.per_class)


def text(rows: Sequence[Row]) -> str:
    """The rows as lines for a terminal, in percent."""
    lines = []
    for row in rows:
        accuracy, over_none, over_classic = (
            shown(Estimate(*(100 * number for number in estimate)), 2) for estimate in row[2:]
        )
        lines.append(
            f"{row.per_class:5} real a class  {row.way:8}  accuracy {accuracy} %  over none"
            f" {over_none}  over classic {over_classic}"
        )
    return "\n".join(lines)


def over_seeds(values: Sequence[float]) -> Estimate:
    """The mean of one value a seed with Student's t-interval; without ends where there are fewer
    than two.
    """
    mean = float(np.mean(values)) if len(values) else float("nan")
    if len(values) < 2:
        return Estimate(mean, float("nan"), float("nan"))
    half = float(
        stdtrit(len(values) - 1, (1 + LEVEL) / 2) * np.std(values, ddof=1) / len(values) ** 0.5
    )
    return Estimate(mean, mean - half, mean + half)


def few(pool: Pictures, per_class: int, seed: int) -> Pictures:
    """`per_class` pictures of each class of `pool`, drawn by the seed."""
    order = torch.randperm(len(pool.labels), generator=rng_for(seed, "few real pictures"))
    chosen = torch.cat(
        [order[pool.labels[order] == label][:per_class] for label in pool.labels.unique()]
    )
    return pool.at(chosen)


def drawn(setting: Setting, real: Pictures, seed: int) -> Pictures:
    """Pictures of a conditional GAN that learned from `real` alone, as many of each class."""
    config = gan_config(setting, seed)
    for snapshot in train(config, pictures=real, steps=setting.gan_steps):
        if snapshot.done:
            model = TrainedModel.from_state(snapshot.capture())
    labels = np.arange(setting.generated) % len(real.class_names)
    noise = latents.noise(seed, config.latent_size, setting.generated)
    images = np.concatenate(
        [
            model.draw(noise[at : at + 250], labels[at : at + 250])
            for at in range(0, len(noise), 250)
        ]
    )
    return Pictures(
        torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(),
        torch.from_numpy(labels),
        real.class_names,
    )


def gan_config(setting: Setting, seed: int) -> TrainConfig:
    """The preset `digits` with differentiable augmentation, since the real pictures are few."""
    values = {"augment": "translation", "seed": seed, **dict(setting.gan)}
    return TrainConfig.from_dict(values, base=PRESETS["digits"].config)


def classic(images: Tensor, rng: torch.Generator) -> Tensor:
    """Pictures (B, C, H, W) in [-1, 1], each turned, scaled and moved at random; what comes in is
    background.
    """
    turn, scale, right, down = (2 * torch.rand(4, len(images), generator=rng) - 1).unbind()
    angle, scale = turn * TURN * torch.pi / 180, 1 + SCALE * scale
    cosine, sine = scale * angle.cos(), scale * angle.sin()
    rows = [
        torch.stack([cosine, -sine, 2 * SHIFT * right], 1),
        torch.stack([sine, cosine, 2 * SHIFT * down], 1),
    ]
    places = affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return grid_sample(images + 1, places, align_corners=False) - 1


def _unchanged(images: Tensor, rng: torch.Generator) -> Tensor:
    return images


def _classifier(
    setting: Setting, way: str, real: Pictures, invented: Pictures | None, seed: int
) -> classifier.Classifier:
    rng = rng_for(seed, "augmentation's classifier")
    fitted = classifier.fresh(rng, len(real.class_names), WIDTH)
    change = classic if way in ("classic", "both") else _unchanged
    batches = classifier.dealt(_arrays(real), real.labels.numpy(), rng, change, BATCH_SIZE)
    if way in ("gan", "both"):
        assert invented is not None
        generated = classifier.dealt(
            _arrays(invented), invented.labels.numpy(), rng, change, BATCH_SIZE
        )
        batches = _mixed(batches, generated, setting.share)
    for _ in classifier.fit(fitted, batches, setting.steps):
        pass
    return fitted


def _mixed(
    first: Iterator[tuple[Tensor, Tensor]], second: Iterator[tuple[Tensor, Tensor]], share: float
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of which `share` comes from `second`, as large as those of one alone."""
    while True:
        (images, labels), (others, other_labels) = next(first), next(second)
        taken = round(share * len(images))
        kept = len(images) - taken
        yield (
            torch.cat([images[:kept], others[:taken]]),
            torch.cat([labels[:kept], other_labels[:taken]]),
        )


def _columns(pictures: Pictures) -> np.ndarray:
    """The first `SHOWN_ROWS` pictures of each class, uint8 (rows, classes, H, W, C)."""
    images, labels = _arrays(pictures), pictures.labels.numpy()
    return np.stack(
        [images[labels == label][:SHOWN_ROWS] for label in range(len(pictures.class_names))], 1
    )


def _arrays(pictures: Pictures) -> np.ndarray:
    return pictures.images.permute(0, 2, 3, 1).numpy()


def _check(setting: Setting, pool: Pictures) -> None:
    labels, counts = pool.labels.unique(return_counts=True)
    if len(labels) < 2:
        raise BadInput(
            "The real pictures are of one class, so there is nothing to tell apart: give pictures"
            " of two or more."
        )
    if setting.per_class > int(counts.min()):
        raise BadInput(
            f"{setting.per_class} real pictures of each class are asked for, but there are only"
            f" {int(counts.min())} of one: ask for fewer."
        )


def digits() -> tuple[Pictures, Pictures]:
    """The 60,000 digits to draw few from, and the 10,000 to test on, which nothing learns from."""
    pool, test = (part["mnist"](lambda share, what: None) for part in (DATASETS, HELD_OUT))
    return pool, test
