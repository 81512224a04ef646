"""What the Class-conditional tab shows."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.ui.classes import handlers
from ganapp.ui.parts.rendering import diversity, score
from tests.tiny import tiny_config
from tests.ui.models import alike, decoded, drawn, of_seed


def test_the_matrix_has_a_class_a_column_and_one_z_a_row(model: TrainedModel) -> None:
    shown = handlers.matrix(model, (4, 0, 2), 9, 3)
    assert shown["names"] == ["class 0", "class 2", "class 4"]
    assert len(shown["rows"]) == 3 and all(len(row) == 3 for row in shown["rows"])
    noise = latents.noise(9, 8, 3)
    for z, row in zip(noise, shown["rows"], strict=True):
        for label, cell in zip((0, 2, 4), row, strict=True):
            assert alike(decoded(cell), drawn(model, z, label))
            assert 0 <= cell["share"] <= 1 and len(cell["score"]) in (3, 4)


def test_a_picture_keeps_its_score_whatever_number_of_rows_is_shown(model: TrainedModel) -> None:
    few, many = handlers.matrix(model, (1, 3), 9, 1), handlers.matrix(model, (1, 3), 9, 8)
    assert few["rows"][0] == many["rows"][0]


def test_truncation_takes_the_diversity_away(model: TrainedModel) -> None:
    wide, narrow, mean = (
        handlers.scored_grid(model, [0, 1], 9, 6, limit) for limit in (3.0, 0.5, 0.0)
    )
    assert wide.diversity > narrow.diversity > mean.diversity == pytest.approx(0, abs=1e-6)
    assert (
        alike(wide.images[0, 0, ..., 0], drawn(model, latents.noise(9, 8)[0], 0))
        and (mean.images == mean.images[:1]).all()
    )


def test_diversity_is_the_distance_of_two_pictures() -> None:
    pictures = np.zeros((2, 1, 1, 2, 2))
    pictures[1, 0, 0, 0, 0] = 2.0  # black against white in one of four pixels
    assert diversity(pictures) == pytest.approx(0.5)
    assert diversity(pictures[:1]) == 0


def test_a_critic_shares_are_those_beside_its_other_pictures(tmp_path: Path) -> None:
    config = tiny_config("dcgan", loss="hinge")
    critic = TrainedModel(config.to_dict(), ["a", "b", "c"], 1)
    found = handlers.scored_grid(critic, [0, 1, 2], 1, 4)
    assert found.shares.min() == 0 and found.shares.max() == 1
    assert found.scores is not None
    order = np.argsort(found.scores, None)
    assert (np.diff(found.shares.ravel()[order]) >= 0).all()


def test_a_vae_draws_by_class_and_nothing_judges() -> None:
    vae = TrainedModel(tiny_config("vae").to_dict(), ["a", "b", "c"], 1)
    found = handlers.scored_grid(vae, [0, 2], 1, 4)
    assert found.images.shape == (4, 2, 32, 32, 1) and found.scores is None
    shown = handlers.matrix(vae, (0, 2), 1, 4)
    assert {one["score"] for row in shown["rows"] for one in row} == {""}
    assert "discriminator" not in str(shown) and handlers.matrix_png(vae, [0, 2], 1, 4)


def test_scores_are_written_with_two_digits() -> None:
    assert [score(p) for p in (0.874, 0.0, 1.0, 0.999, -0.351, -10.5)] == [
        "0.87",
        "0.00",
        "1.00",
        "1.00",
        "-0.35",
        "-10.50",
    ]


def test_the_matrix_as_a_file(model: TrainedModel) -> None:
    sheet = Image.open(io.BytesIO(handlers.matrix_png(model, [0, 1], 9, 2)))
    assert sheet.format == "PNG" and sheet.width > 2 * model.config.image_size


def test_a_mix_of_nothing_is_the_class_itself(model: TrainedModel) -> None:
    for percent, label in ((0, 1), (100, 4)):
        assert alike(
            decoded(handlers.mix_picture(model, 1, 4, 9, percent)), of_seed(model, 9, label)
        )
    path = handlers.mix_path(model, 1, 4, 9)
    noise = latents.noise(9, 8, handlers.MIX_ROWS)
    for z, row in zip(noise, path["rows"], strict=True):
        assert alike(decoded(row["frames"][0]), drawn(model, z, 1))
        assert alike(decoded(row["frames"][-1]), drawn(model, z, 4))
