"""Presets that go wrong on purpose, as they are and cured, over five seeds: does each fail, and is
each cured run well?

python -m benchmarks.failures [PRESET ...] [--json FILE]
        every preset with a cure, or those; about an hour on two cores
"""

from __future__ import annotations

import argparse
import collections
import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks import quality, side_by_side
from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.evaluation import classifier
from ganapp.evaluation.classes import histogram
from ganapp.evaluation.neighbours import nearest
from ganapp.experiments.scoring import drawn
from ganapp.games import Scores
from ganapp.training import Pace, Snapshot, subset, train

SEEDS = range(5)
DRAWN = 1000
Snapshots = Iterator[Snapshot]
Figures = tuple[float, ...]


class Symptom(NamedTuple):
    """How a failure shows: what its `figures` are called, how they are `measured`, and what they
    say of a run.
    """

    figures: tuple[str, ...]
    measured: Callable[[TrainConfig, Snapshots], Figures]
    failed: Callable[..., bool]
    well: Callable[..., bool]


def collapse(config: TrainConfig, snapshots: Snapshots) -> Figures:
    """Coverage of the real digits, and the share of the digit that is drawn most often."""
    scores = quality.evaluate(*drawn(_finished(snapshots))).generated
    assert scores.histogram is not None
    return scores.coverage.value, max(scores.histogram)


def vanishing(config: TrainConfig, snapshots: Snapshots) -> Figures:
    """The mean of D(G(z)) over the last epoch, and coverage."""
    last = collections.deque(snapshots, maxlen=1)[0]
    coverage = quality.evaluate(*drawn(_model(last))).generated.coverage
    assert isinstance(last.scores, Scores)
    return float(last.scores.fake_score.mean()), coverage.value


def memorising(config: TrainConfig, snapshots: Snapshots) -> Figures:
    """The median pixel distance from generated digits to the nearest of the pictures that were
    learned from, beside that of real digits to them (of those that were not among them, or to the
    nearest other one).
    """
    real = quality.real_digits("test")
    own, everything = subset(real, config).images, config.most_pictures == 0
    others = real.images if everything else real.images[~_among(real.images, own)]
    images = classifier.as_read(_finished(snapshots).draw(*_asked(config)))
    learned, unseen = (part.permute(0, 2, 3, 1).numpy() for part in (own, others))
    found = nearest(images, learned), nearest(unseen, learned, leave_one_out=everything)
    return float(np.median(found[0].distances)), float(np.median(found[1].distances))


def oscillation(config: TrainConfig, snapshots: Snapshots) -> Figures:
    """From one epoch to the next, in the mean over the later half of the epochs: how far the mean
    picture of fixed z moves (root mean square over its pixels in [0, 1]), and the distance in total
    variation between the histograms of the digits read from them.
    """
    judge, _ = classifier.shipped()
    means, histograms = [], []
    for snapshot in snapshots:
        images = classifier.as_read(_model(snapshot).draw(*_asked(config)))
        means.append(torch.from_numpy(images).float().mean((0, 3)) / 255)
        histograms.append(
            histogram(classifier.read(judge, classifier.features(judge, images)), classifier.DIGITS)
        )
    later = len(means) // 2
    moved = torch.stack(means)[later:].diff(dim=0).square().mean((1, 2)).sqrt()
    return float(moved.mean()), float(np.abs(np.diff(histograms[later:], axis=0)).sum(1).mean() / 2)


def dying(config: TrainConfig, snapshots: Snapshots) -> Figures:
    """The share of the generated pictures at which the discriminator's slope is exactly 0, so that
    they teach the generator nothing, and the share of units of its most silent hidden layer that
    fire for no picture, real or generated.
    """
    model = _finished(snapshots)
    noise, labels = (torch.from_numpy(values) for values in _asked(config))
    fakes = model.generator(noise, labels).requires_grad_(True)
    real = quality.real_digits("test").resized(config.image_size).images[:DRAWN].float() / 127.5 - 1
    silent = []

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        silent.append(1 - float((output > 0).transpose(0, 1).flatten(1).any(1).float().mean()))

    for layer in model.discriminator.modules():
        if isinstance(layer, nn.LeakyReLU):  # of slope 0, a plain ReLU
            layer.register_forward_hook(count)
    logits = model.discriminator(torch.cat([real, fakes]), torch.cat([labels, labels]))
    (slopes,) = torch.autograd.grad(logits[DRAWN:].sum(), fakes)
    return float((slopes.flatten(1) == 0).all(1).float().mean()), max(silent)


def checkerboard(config: TrainConfig, snapshots: Snapshots) -> Figures:
    """How many times as strong as in real digits the patterns are that alternate from pixel to
    pixel.
    """
    images = torch.from_numpy(
        classifier.as_read(_finished(snapshots).draw(*_asked(config)))
    ).permute(0, 3, 1, 2)
    return (alternating(images) / alternating(quality.real_digits("test").images),)


def alternating(images: Tensor) -> float:
    """The share of the pictures' (N, 1, S, S) spectral energy, without their means, that lies at
    the highest frequency across, down or both: the three waves of period two that uneven overlap at
    a stride of 2 leaves.
    """
    energy = torch.fft.fft2(images.squeeze(1).double()).abs().square().sum(0)
    energy[0, 0] = 0
    half = energy.shape[0] // 2
    return float((energy[half, half] + energy[0, half] + energy[half, 0]) / energy.sum())


SIGNS = {
    "failure-collapse": Symptom(
        ("coverage", "share of the most frequent digit"),
        collapse,
        lambda coverage, top: coverage < 0.2,
        lambda coverage, top: coverage > 0.5,
    ),
    "failure-vanishing": Symptom(
        ("mean D(G(z))", "coverage"),
        vanishing,
        lambda mean, coverage: mean < 0.02,
        lambda mean, coverage: mean > 0.2 and coverage > 0.5,
    ),
    "failure-memorising": Symptom(
        ("pixel distance to the nearest picture learned from", "of other real digits"),
        memorising,
        lambda ours, theirs: ours < 0.6 * theirs,
        lambda ours, theirs: ours > 0.9 * theirs,
    ),
    "failure-oscillation": Symptom(
        ("move of the mean picture in an epoch", "change of the digits drawn"),
        oscillation,
        lambda move, change: move > 0.1,
        lambda move, change: (
            move < 0.06
        ),  # a generator without an average moves by .04 even where its game is calm
    ),
    "failure-dying": Symptom(
        ("share of pictures that teach nothing", "silent units of the worst layer"),
        dying,
        lambda flat, silent: flat > 0.99,
        lambda flat, silent: flat == 0,
    ),
    "failure-checkerboard": Symptom(
        ("alternating pixels, real = 1",),
        checkerboard,
        lambda ratio: ratio > 5,
        lambda ratio: ratio < 2.5,
    ),
}
"""By the preset that goes wrong so."""


def measure(
    keep: Callable[[dict[str, Any]], None],
    names: Sequence[str] = (),
    known: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The figures of every seed by preset, as it is (`failed`) and cured (`well`), and how many
    seeds are as they should be; `keep` gets all of them after each preset, beside those that are
    `known` of others.
    """
    found = dict(known or {})
    for name in names or SIGNS:
        sign, preset = SIGNS[name], PRESETS[name]
        assert preset.cure is not None
        entry: dict[str, Any] = {"title": preset.title, "figures": sign.figures}
        for kind, cure, judged in (
            ("failed", {}, sign.failed),
            ("well", preset.cure.settings, sign.well),
        ):
            runs = []
            for seed in SEEDS:
                config = TrainConfig.from_dict({**cure, "seed": seed}, preset.config)
                runs.append(
                    sign.measured(
                        config, train(config, pace=Pace(math.inf, math.inf, epochs=math.inf))
                    )
                )
                print(
                    f"{name}, {'cured, ' if cure else ''}seed {seed}: {described(sign, runs[-1])}",
                    flush=True,
                )
            entry[kind] = {"runs": runs, "right": sum(judged(*run) for run in runs)}
            print(f"{name}: {entry[kind]['right']} of {len(runs)} {kind}", flush=True)
        found[name] = entry
        keep(found)
    return found


def described(sign: Symptom, run: Figures) -> str:
    """A run's figures in words."""
    return ", ".join(f"{name} {value:.3g}" for name, value in zip(sign.figures, run, strict=True))


def _asked(config: TrainConfig) -> tuple[np.ndarray, np.ndarray]:
    """The same z and labels for every look at a run."""
    return latents.noise(1, config.latent_size, DRAWN), np.arange(DRAWN) % 10


def _finished(snapshots: Snapshots) -> TrainedModel:
    """The model at the end of the run."""
    return _model(collections.deque(snapshots, maxlen=1)[0])


def _model(snapshot: Snapshot) -> TrainedModel:
    return TrainedModel.from_state(snapshot.capture())


def _among(images: Tensor, some: Tensor) -> Tensor:
    """Which of `images` are among `some`, (N,) bool."""
    known = {image.numpy().tobytes() for image in some}
    return torch.tensor([image.numpy().tobytes() in known for image in images])


def main() -> None:
    """Measures the presets that were asked for, prints the figures, and adds them to a record."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.failures",
        description="Presets that go wrong, as they are and cured.",
    )
    parser.add_argument("names", nargs="*", metavar="PRESET", help=", ".join(SIGNS))
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="add the figures to this record; what it holds of others stays",
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(SIGNS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(SIGNS)}")
    file = options.json
    record = (
        json.loads(file.read_text(encoding="utf-8"))
        if file and file.exists()
        else {"machine": side_by_side.machine()}
    )

    def keep(found: dict[str, Any]) -> None:
        record["failures"] = found
        if file:
            file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    measure(keep, options.names, record.get("failures"))


if __name__ == "__main__":
    main()
