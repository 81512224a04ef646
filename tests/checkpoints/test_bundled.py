"""What ships with the app: digits in two styles, emoji, and models that draw the digit that they
are asked for.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from ganapp import checkpoints, latents
from ganapp.config.settings import TWO_DOMAINS
from ganapp.datasets import DATASETS, emoji, styles
from ganapp.datasets.bundled import load_digits


def silent(share: float, what: str) -> None:
    """Nobody listens."""


@pytest.mark.parametrize("name", TWO_DOMAINS)
def test_two_domains_are_two_halves_and_share_no_picture(name: str) -> None:
    images, labels, names, _ = DATASETS[name](silent)
    assert len(names) == 2 and torch.bincount(labels).tolist() == [len(images) // 2] * 2
    assert (
        images.dtype == torch.uint8
        and images.shape[1] in (1, 3)
        and images.shape[2] == images.shape[3]
    )
    a, b = ({image.numpy().tobytes() for image in images[labels == domain]} for domain in (0, 1))
    assert not a & b


def test_the_digits_that_are_drawn_anew_are_others_than_the_plain_ones() -> None:
    digits = load_digits(silent).images
    for name, plain, drawn in (
        ("digits-outline", lambda x: x, styles.outlined),
        ("digits-colour", styles.plain, styles.inked),
    ):
        images = DATASETS[name](silent).images
        margin = torch.nn.functional.pad(digits, (2, 2, 2, 2))
        assert torch.equal(images[:2500], plain(margin[::2])) and torch.equal(
            images[2500:], drawn(margin[1::2])
        )


def test_an_outline_is_bright_at_edges_and_dark_inside_and_outside() -> None:
    square = torch.zeros(1, 1, 12, 12, dtype=torch.uint8)
    square[:, :, 3:9, 3:9] = 255
    drawn = styles.outlined(square)[0, 0]
    assert (drawn[3:9, 3:9] == 0).all() and (drawn[:2] == 0).all()
    assert (drawn[2, 2:10] == 255).all() and drawn.sum() == 255 * (64 - 36)


def test_ink_has_its_colour_and_throws_a_shadow_to_the_lower_right() -> None:
    square = torch.zeros(1, 1, 16, 16, dtype=torch.uint8)
    square[:, :, 4:8, 4:8] = 255
    drawn = styles.inked(square)[0]
    assert (
        tuple(drawn[:, 5, 5].tolist()) == styles.INK
        and tuple(drawn[:, 0, 0].tolist()) == styles.PAPER
    )
    shadow = tuple(round(level * (1 - styles.SHADE)) for level in styles.PAPER)
    assert tuple(drawn[:, 8, 8].tolist()) == shadow
    assert tuple(drawn[:, 3, 3].tolist()) == styles.PAPER


def test_emoji_are_1906_in_each_style_by_category() -> None:
    images, labels, names, _ = DATASETS["emoji"](silent)
    assert images.shape == (3812, 3, 64, 64) and len(names) == 9 and "Food & Drink" in names
    assert torch.equal(labels[:1906], labels[1906:]) and torch.bincount(labels).min() >= 2 * 85
    listed = json.loads(emoji.NAMES_FILE.read_text(encoding="utf-8"))
    assert names[labels[[name for name, _ in listed].index("grinning face")]] == "Smileys & Emotion"
    # A red apple is mostly red, in both fonts, and white around.
    apple = images[
        [number for number, (name, _) in enumerate(listed * 2) if name == "red apple"]
    ].float()
    assert (
        len(apple) == 2
        and (apple[:, 0, 40, 32] > 150).all()
        and (apple[:, 2, 40, 32] < 120).all()
        and (apple[:, :, 0, 0] > 250).all()
    )
    assert not any("skin tone" in name for name, _ in listed)


def test_both_styles_show_the_same_things_in_the_same_order() -> None:
    images = DATASETS["emoji-styles"](silent).resized(32).images.float()
    twemoji, noto = images[:1906].flatten(1), images[1906:].flatten(1)
    paired = (twemoji - noto).abs().mean(1)
    shifted = (twemoji - noto.roll(1, 0)).abs().mean(1)
    assert paired.mean() < 0.8 * shifted.mean() and paired.mean() > 5


def test_what_ships_is_at_most_8_megabytes() -> None:
    assert sum(path.stat().st_size for path in (*emoji.SHEETS.values(), emoji.NAMES_FILE)) < 8e6


@pytest.mark.parametrize("name", ["digits", "biggan-digits", "stable-digits", "wgan-gp-digits"])
def test_a_bundled_model_draws_the_digit_that_it_is_asked_for(name: str) -> None:
    folder = checkpoints.bundled()[name]
    model, asked = checkpoints.load(folder), torch.arange(200) % 10
    drawn = model.draw(latents.noise(3, model.config.latent_size, len(asked)), asked.numpy())
    assert len(np.unique(drawn, axis=0)) == len(drawn)
    real = load_digits(silent).resized(model.config.image_size)
    apart = torch.cdist(torch.from_numpy(drawn).flatten(1).float(), real.images.flatten(1).float())
    # The nearest real digit is of the same class for 94 % of real ones.
    assert (real.labels[apart.argmin(1)] == asked).float().mean() > 0.85
    assert sum(path.stat().st_size for path in folder.iterdir()) < 8e6


@pytest.mark.parametrize("name", sorted(checkpoints.bundled()))
def test_the_example_of_every_card_runs(name: str) -> None:
    text = (checkpoints.bundled()[name] / "README.md").read_text(encoding="utf-8")
    code = text.split("```python\n")[1].split("```")[0]
    found: dict[str, np.ndarray] = {}
    exec(code, found)
    drawn = found["b"] if "b" in found else found["images"]
    assert len(drawn) >= 7 and np.isfinite(drawn.astype(float)).all()
