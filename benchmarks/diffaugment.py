"""What differentiable augmentation is worth where pictures are few (Zhao et al. 2020,
arXiv:2006.10738).

    python -m benchmarks.diffaugment [--pictures N] [--steps N] [--seed N]
        seven minutes on one core with the defaults

The same GAN twice with the same seed and as many steps: as it is, and with every picture that the
discriminator sees, real or generated, moved and with a square cut out. It is the preset `digits` at
half its width and, as in the paper, without any penalty. At three steps on the way the judge of
`benchmarks.quality` compares 5,000 of its pictures with the 10,000 test digits.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

from ganapp.config.presets import PRESETS
from ganapp.config.settings import AugmentName
from ganapp.config.training import TrainConfig

SIDES: tuple[AugmentName, ...] = ("none", "translation-cutout")
LOOKS = 3


class QualityCheck(NamedTuple):
    """What the judge saw after so many steps."""

    steps: int
    frechet: float
    coverage: float


def settings(pictures: int, augment: AugmentName, seed: int) -> TrainConfig:
    """One run: both sides differ in `augment` alone."""
    changes = {
        "width": 16,
        "r1_weight": 0.0,
        "most_pictures": pictures,
        "augment": augment,
        "seed": seed,
        "epochs": 100_000,
    }
    return TrainConfig.from_dict(changes, PRESETS["digits"].config)


def watch(config: TrainConfig, steps: int) -> Iterator[QualityCheck]:
    """Trains for `steps` steps; the judge looks `LOOKS` times, evenly spread, the last time at the
    end.
    """
    from benchmarks.quality import real_digits
    from ganapp.checkpoints import TrainedModel
    from ganapp.evaluation import classifier
    from ganapp.evaluation.distances import frechet_distance
    from ganapp.evaluation.manifold import manifold
    from ganapp.experiments.scoring import arrays, drawn
    from ganapp.training import Pace, train

    judge, _ = classifier.shipped()
    real = classifier.features(judge, classifier.as_read(arrays(real_digits("test"))))
    ahead = [steps * number // LOOKS for number in range(1, LOOKS + 1)]
    for snapshot in train(config, steps=steps, pace=Pace(scores=0, pictures=60)):
        if snapshot.step == ahead[0]:
            images, _ = drawn(TrainedModel.from_state(snapshot.capture(), {}))
            features = classifier.features(judge, classifier.as_read(images))
            yield QualityCheck(
                ahead.pop(0), frechet_distance(real, features), manifold(real, features).coverage
            )
            if not ahead:
                return


def main() -> None:
    """Trains both sides, one after the other, and prints what the judge sees."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.diffaugment",
        description="Augmentation of what the discriminator sees.",
    )
    parser.add_argument(
        "--pictures", type=int, default=300, help="digits to learn from, 0 for all 5,000 (300)"
    )
    parser.add_argument("--steps", type=int, default=6000, help="steps of each training (6,000)")
    parser.add_argument("--seed", type=int, default=0, help="of both (0)")
    options = parser.parse_args()
    for augment in SIDES:
        for check in watch(settings(options.pictures, augment, options.seed), options.steps):
            print(
                f"{augment}, step {check.steps:,}: Fréchet distance {check.frechet:.2f}, coverage"
                f" {check.coverage:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
