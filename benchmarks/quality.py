"""How good are generated digits? A judge that no generator has seen, beside what real digits score.

    python -m benchmarks.quality digits [--json FILE] [--card]        5,000 pictures of a checkpoint, by name or folder
    python -m benchmarks.quality samples.npz [--json FILE]            pictures that `python -m ganapp sample` drew

`samples.npz` holds `images` (N, H, W, C) uint8 and `labels` (N,) int64, the digit that was asked for (leave `labels` out, or
give -1, where the generator was not asked). 5,000 pictures are the number to compare with: every figure here depends on it.
`--card` writes the figures into the checkpoint's card. Of InfoGAN each code counts as the digit that it means: the one-to-one assignment
of codes to digits under which most pictures are read right, which is what the label accuracy then is of (Chen et al. 2016 report 95 %).

The judge is a small classifier, trained here on 4,000 of the bundled digits and verified on the other 1,000. Its 128 hidden
features carry the metrics:

- label accuracy: how often the judge reads the digit that was asked for. A collapsed generator can score 1.00;
- Fréchet distance (digit features): between Gaussians fitted to both sets of features. This is not FID, whose features
  are those of an Inception network;
- precision, recall, density, coverage (Naeem et al. 2020, arXiv:2002.09797), k = 5, by the `prdc` package. Coverage is the
  share of real digits with a generated one nearby, which a collapsed generator cannot fake;
- pixel distance from each generated digit to the nearest real one, beside the same from each real digit to the nearest
  other real one. A generator that copies its training pictures is much nearer to them than they are to one another.

The floor is real against real: 2,500 digits against the other 2,500.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from prdc import compute_prdc
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganapp import checkpoints, latents
from ganapp.augment import translation
from ganapp.datasets.bundled import load_digits
from ganapp.datasets.pictures import Pictures
from ganapp.randomness import rng_for

SIDE = 32
NEIGHBOURS = 5
TRAINED_ON = 4000
EPOCHS = 40
LEAST_ACCURACY = 0.98
JUDGE_FILE = Path(tempfile.gettempdir()) / "ganapp-judge" / "digits-1.pt"
"""Trained once and kept here. Raise the number in its name when the judge changes."""


class Manifold(NamedTuple):
    """How two clouds of features overlap, each in [0, 1] but for density, which may exceed 1."""

    precision: float
    recall: float
    density: float
    coverage: float


class Distances(NamedTuple):
    """Pixel distances to the nearest real digit: root mean square over the picture, pixels in [0, 1]."""

    median: float
    fifth_percentile: float


@dataclass(frozen=True)
class Floor:
    """What real digits score: half against half, and each one's distance to its nearest other."""

    frechet: float
    manifold: Manifold
    nearest: Distances


@dataclass(frozen=True)
class Quality:
    """What generated digits score. `accuracy` is None where no digit was asked for; `shares` tells how often each was read; `meanings`
    are the digits that codes were found to mean, if the pictures were asked for by code."""

    count: int
    accuracy: float | None
    frechet: float
    manifold: Manifold
    nearest: Distances
    shares: tuple[float, ...]
    floor: Floor
    judge_accuracy: float
    meanings: tuple[int, ...] | None = None


class Judge(nn.Module):
    """images (B, 1, 32, 32) in [-1, 1] -> logits (B, 10), through 128 features."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for inputs, outputs in ((1, 24), (24, 48), (48, 96)):
            blocks += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(96 * 4 * 4, 128), nn.ReLU())
        self.last = nn.Linear(128, 10)

    def forward(self, images: Tensor) -> Tensor:
        return self.last(self.features(images))


def evaluate(images: np.ndarray, labels: np.ndarray | None = None, coded: bool = False) -> Quality:
    """The quality of `images` (N, H, W, C) uint8, of which `labels` (N,) were asked for, against all 5,000 bundled digits. `coded`
    labels are codes, and it is not known which digit each one means."""
    judge, judge_accuracy = trained_judge()
    real = real_digits().images
    generated = prepared(images)
    real_features, generated_features = features(judge, real), features(judge, generated)
    digits = read(judge, generated_features)
    asked = labels is not None and bool((labels >= 0).all())
    meaning = meanings(labels, digits) if coded and labels is not None else None
    if meaning is not None:
        labels = meaning[labels]
    return Quality(
        count=len(images),
        accuracy=float((digits == labels).mean()) if asked else None,
        frechet=frechet_distance(real_features, generated_features),
        manifold=manifold(real_features, generated_features),
        nearest=nearest_real(generated, real),
        shares=tuple((np.bincount(digits, minlength=10) / len(digits)).tolist()),
        floor=real_floor(),
        judge_accuracy=judge_accuracy,
        meanings=None if meaning is None else tuple(meaning.tolist()),
    )


def meanings(codes: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """The digit that each of ten codes means, (10,): of all one-to-one assignments the one that agrees best with the `digits` (N,)
    read from pictures of `codes` (N,)."""
    counts = np.zeros((10, 10), np.int64)
    np.add.at(counts, (codes, digits), 1)
    return linear_sum_assignment(counts, maximize=True)[1]


@functools.cache
def real_digits() -> Pictures:
    """The bundled digits at 32 x 32 pixels."""
    return load_digits(lambda share, what: None).resized(SIDE)


@functools.cache
def real_floor() -> Floor:
    """Real against real: no generator should be expected to score better."""
    real = real_digits().images
    of_real = features(trained_judge()[0], real)
    order = torch.randperm(len(real), generator=rng_for(0, "halves")).numpy()
    first, second = of_real[order[: len(real) // 2]], of_real[order[len(real) // 2 :]]
    return Floor(frechet_distance(first, second), manifold(first, second), nearest_real(real, real, leave_one_out=True))


@functools.cache
def trained_judge() -> tuple[Judge, float]:
    """The judge and its accuracy on the 1,000 digits that it has not seen; trained once and kept in `JUDGE_FILE`."""
    pictures = real_digits()
    order = torch.randperm(len(pictures.labels), generator=rng_for(0, "judge's split"))
    seen, unseen = order[:TRAINED_ON], order[TRAINED_ON:]
    judge = Judge()
    if JUDGE_FILE.exists():
        judge.load_state_dict(torch.load(JUDGE_FILE, weights_only=True))
    else:
        _train(judge, pictures, seen)
        JUDGE_FILE.parent.mkdir(parents=True, exist_ok=True)
        torch.save(judge.state_dict(), JUDGE_FILE)
    judge.eval()
    with torch.no_grad():
        batch = pictures.batch(unseen)
        accuracy = float((judge(batch.images).argmax(1) == batch.labels).float().mean())
    if accuracy < LEAST_ACCURACY:
        raise RuntimeError(f"The judge reads only {accuracy:.1%} of the held-out digits, so it cannot judge: delete {JUDGE_FILE}.")
    return judge, accuracy


def _train(judge: Judge, pictures: Pictures, seen: Tensor) -> None:
    """Cross-entropy on the digits `seen`, each shifted by up to two pixels, with a learning rate that falls to zero."""
    rng = rng_for(0, "judge")
    for layer in judge.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.weight.data.normal_(0, (2 / layer.weight[0].numel()) ** 0.5, generator=rng)
            if layer.bias is not None:
                layer.bias.data.zero_()
    batch_size = 100
    steps = EPOCHS * len(seen) // batch_size
    optimizer = torch.optim.AdamW(judge.parameters(), 2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    judge.train()
    for _ in range(EPOCHS):
        for chosen in seen[torch.randperm(len(seen), generator=rng)].split(batch_size):
            batch = pictures.batch(chosen)
            logits = judge(translation(batch.images, rng, reach=2 / SIDE))
            optimizer.zero_grad()
            cross_entropy(logits, batch.labels, label_smoothing=0.05).backward()
            optimizer.step()
            schedule.step()


def prepared(images: np.ndarray) -> Tensor:
    """Pictures (N, H, W, C) uint8 as the judge reads them: grey, 32 x 32, (N, 1, 32, 32) uint8."""
    grey = torch.from_numpy(images).permute(0, 3, 1, 2).float().mean(1, keepdim=True).round().to(torch.uint8)
    return Pictures(grey, torch.zeros(len(images), dtype=torch.int64), ()).resized(SIDE).images


@torch.no_grad()
def features(judge: Judge, images: Tensor) -> np.ndarray:
    """The judge's 128 features of `images` (N, 1, 32, 32) uint8."""
    return torch.cat([judge.features(part.float() / 127.5 - 1) for part in images.split(500)]).numpy()


@torch.no_grad()
def read(judge: Judge, features: np.ndarray) -> np.ndarray:
    """The digits that the judge reads from its features, (N,) int64."""
    return judge.last(torch.from_numpy(features)).argmax(1).numpy()


def frechet_distance(real: np.ndarray, generated: np.ndarray) -> float:
    """|m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)) of the Gaussians N(m, C) and N(m', C') fitted to features (N, F)."""
    real, generated = real.astype(np.float64), generated.astype(np.float64)
    real_cov, generated_cov = np.cov(real, rowvar=False), np.cov(generated, rowvar=False)
    values, vectors = np.linalg.eigh(real_cov)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    # tr (C C')^(1/2) = tr (C^(1/2) C' C^(1/2))^(1/2), whose argument is symmetric.
    overlap = np.sqrt(np.linalg.eigvalsh(root @ generated_cov @ root).clip(0)).sum()
    apart = np.square(real.mean(0) - generated.mean(0)).sum()
    return float(apart + np.trace(real_cov) + np.trace(generated_cov) - 2 * overlap)


def manifold(real: np.ndarray, generated: np.ndarray) -> Manifold:
    """Precision, recall, density and coverage of features (N, F), k = 5."""
    scores = compute_prdc(real_features=real, fake_features=generated, nearest_k=NEIGHBOURS)
    return Manifold(*(float(scores[name]) for name in Manifold._fields))


def nearest_real(images: Tensor, real: Tensor, leave_one_out: bool = False) -> Distances:
    """How near the closest of `real` (M, ...) uint8 is to each of `images` (N, ...); `leave_one_out` where both are the same set."""
    points, others = images.flatten(1).float() / 255, real.flatten(1).float() / 255
    nearest = []
    for start, part in _parts(points):
        apart = torch.cdist(part, others)
        if leave_one_out:
            apart[torch.arange(len(part)), torch.arange(start, start + len(part))] = torch.inf
        nearest.append(apart.amin(1))
    distances = torch.cat(nearest).numpy() / points.shape[1] ** 0.5
    return Distances(float(np.median(distances)), float(np.percentile(distances, 5)))


def _parts(points: Tensor, size: int = 1000) -> Iterator[tuple[int, Tensor]]:
    for start in range(0, len(points), size):
        yield start, points[start : start + size]


def report(quality: Quality) -> str:
    """`quality` as lines of text, each score beside what real digits score."""
    floor = quality.floor
    accuracy = "not asked" if quality.accuracy is None else f"{quality.accuracy:.4f}"
    rows = [
        ("label accuracy" if quality.meanings is None else "agreement of codes with digits", accuracy, f"{quality.judge_accuracy:.4f}"),
        ("Fréchet distance (digit features)", f"{quality.frechet:.2f}", f"{floor.frechet:.2f}"),
        *(
            (name, f"{ours:.3f}", f"{theirs:.3f}")
            for name, ours, theirs in zip(Manifold._fields, quality.manifold, floor.manifold, strict=True)
        ),
        ("pixel distance to nearest, median", f"{quality.nearest.median:.4f}", f"{floor.nearest.median:.4f}"),
        ("pixel distance to nearest, 5th percentile", f"{quality.nearest.fifth_percentile:.4f}", f"{floor.nearest.fifth_percentile:.4f}"),
    ]
    lines = [f"{'':42}{'generated':>10}{'real':>10}"] + [f"{name:42}{ours:>10}{theirs:>10}" for name, ours, theirs in rows]
    lines.append("digits read: " + " ".join(f"{share:.1%}" for share in quality.shares))
    if quality.meanings is not None:
        lines.append("digits that the codes mean: " + " ".join(map(str, quality.meanings)))
    return "\n".join(lines)


def figures(quality: Quality) -> dict[str, str]:
    """`quality` in the words of a model's card, each score beside what real digits score."""
    floor, nearest = quality.floor, quality.nearest
    named = {}
    if quality.accuracy is not None:
        name = "Label accuracy" if quality.meanings is None else "Pictures of the digit that their code means, by the best assignment"
        named[name] = f"{quality.accuracy:.1%} (the judge on held-out digits: {quality.judge_accuracy:.1%})"
    if quality.meanings is not None:
        named["Digits that the codes 0 to 9 mean"] = ", ".join(map(str, quality.meanings))
    return named | {
        "Fréchet distance (digit features)": f"{quality.frechet:.2f} (real half against real half: {floor.frechet:.2f})",
        "Coverage": f"{quality.manifold.coverage:.3f} (real against real: {floor.manifold.coverage:.3f})",
        "Pixel distance to the nearest training digit": f"median {nearest.median:.3f} (between real digits: {floor.nearest.median:.3f})",
    }


def drawn(model: checkpoints.TrainedModel, count: int = 5000, seed: int = 1) -> tuple[np.ndarray, np.ndarray | None]:
    """Pictures of the model, uint8 (count, H, W, C), and the labels or codes asked for, which take turns."""
    noise, labels = latents.noise(seed, model.config.latent_size, count), np.arange(count) % 10
    images = [model.draw(noise[start : start + 500], labels[start : start + 500]) for start in range(0, count, 500)]
    return np.concatenate(images), labels if model.config.by_class else None


def main() -> None:
    """Judges pictures or a checkpoint, prints the scores, and writes them where it is told to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description="Judges generated digits.")
    parser.add_argument("what", help="a checkpoint, or an npz with images (N, H, W, C) uint8 and labels (N,) int64")
    parser.add_argument("--json", type=Path, help="also write the scores to this file")
    parser.add_argument("--card", action="store_true", help="also write the scores into the checkpoint's card")
    options = parser.parse_args()
    if options.what.endswith(".npz"):
        with np.load(options.what, allow_pickle=False) as file:
            quality = evaluate(file["images"], file.get("labels"))
    else:
        model = checkpoints.open_model(options.what)
        quality = evaluate(*drawn(model), coded=model.config.model == "infogan")
        if options.card:
            model.facts["figures"] = figures(quality)
            checkpoints.save(model, checkpoints.find(options.what))
    print(report(quality))
    if options.json:
        options.json.write_text(json.dumps(dataclasses.asdict(quality), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
