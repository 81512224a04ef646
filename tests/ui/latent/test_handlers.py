"""What the Latent space tab shows: pictures are decoded from what the browser would get and
compared with the model's own.
"""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ganapp import latents
from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.ui.latent import handlers
from ganapp.ui.parts import catalog
from ganapp.ui.parts.rendering import NO_TRUNCATION
from tests.ui.models import alike, decoded, drawn, make, of_seed


@pytest.mark.parametrize("mode", latents.MODES)
def test_the_ends_of_the_slider_are_the_seeds_pictures(model: TrainedModel, mode: Any) -> None:
    for percent, seed in ((0, 11), (100, 12)):
        shown = handlers.walk_picture(model, 3, 11, 12, percent, mode)
        assert alike(decoded(shown), of_seed(model, seed, 3))
        assert shown["side"] == model.config.image_size
    middle = handlers.walk_picture(model, 3, 11, 12, 50, mode)
    assert not alike(decoded(middle), of_seed(model, 11, 3))
    assert not alike(decoded(middle), of_seed(model, 12, 3))


def test_alt_texts_say_model_class_seeds_and_place(model: TrainedModel) -> None:
    shown = handlers.walk_picture(model, 3, 11, 12, 40, "slerp")
    for word in (
        catalog.model_title(model),
        "class class 3",
        "seed 11",
        "seed 12",
        "40 %",
        "slerp",
    ):
        assert word in shown["alt"]


def test_the_path_runs_from_seed_to_seed_and_its_curve_tells_the_lengths(
    model: TrainedModel,
) -> None:
    shown = handlers.walk_path(model, 1, 11, 12)
    assert [row["mode"] for row in shown["rows"]] == ["slerp", "lerp"]
    start, end = (latents.noise(seed, 8)[0] for seed in (11, 12))
    for row in shown["rows"]:
        assert len(row["frames"]) == handlers.PATH_FRAMES
        assert [row["frames"][0]["percent"], row["frames"][-1]["percent"]] == [0, 100]
        assert alike(decoded(row["frames"][0]), of_seed(model, 11, 1))
        assert alike(decoded(row["frames"][-1]), of_seed(model, 12, 1))
        lengths = shown["lengths"][row["mode"]]
        assert lengths[0] == pytest.approx(np.linalg.norm(start), abs=1e-3)
        assert lengths[-1] == pytest.approx(np.linalg.norm(end), abs=1e-3)
    assert min(shown["lengths"]["lerp"]) < min(shown["lengths"]["slerp"])
    assert json.dumps(shown)


def test_the_usual_lengths_hold_95_percent_of_the_noise() -> None:
    low, high = handlers.usual_lengths(64)
    lengths = np.linalg.norm(latents.noise(0, 64, 4000), axis=1)
    assert 0.94 < np.mean((lengths > low) & (lengths < high)) < 0.97


def test_the_note_says_when_z_is_too_short(model: TrainedModel) -> None:
    opposite = handlers.walk_picture(model, 0, 11, 12, 50, "lerp")
    length = float(
        np.linalg.norm(latents.lerp(latents.noise(11, 8)[0], latents.noise(12, 8)[0], 0.5))
    )
    low, high = handlers.usual_lengths(8)
    assert f"{length:.1f}" in opposite["note"]
    assert ("shorter" in opposite["note"]) == (length < low) and ("longer" in opposite["note"]) == (
        length > high
    )


@pytest.mark.parametrize("mode", latents.MODES)
def test_the_pads_corners_are_the_seeds_pictures(model: TrainedModel, mode: Any) -> None:
    seeds = (1, 2, 3, 4)
    sheet = decoded(handlers.pad_map(model, 2, seeds, mode))
    side, last = model.config.image_size, (handlers.MAP_SIDE - 1) * model.config.image_size
    for place, seed, top, left in (
        ("0,0", 1, 0, 0),
        ("1,0", 2, 0, last),
        ("0,1", 3, last, 0),
        ("1,1", 4, last, last),
    ):
        assert alike(
            decoded(handlers.pad_picture(model, 2, seeds, place, mode)), of_seed(model, seed, 2)
        )
        assert alike(sheet[top : top + side, left : left + side], of_seed(model, seed, 2))


def test_the_maps_middle_tile_is_the_pads_middle(model: TrainedModel) -> None:
    seeds, side, middle = (1, 2, 3, 4), model.config.image_size, handlers.MAP_SIDE // 2
    tile = decoded(handlers.pad_map(model, 2, seeds, "slerp"))[
        middle * side : (middle + 1) * side, middle * side : (middle + 1) * side
    ]
    assert alike(tile, decoded(handlers.pad_picture(model, 2, seeds, "0.5,0.5", "slerp")))


def test_directions_at_zero_are_the_seed_and_one_moves_along_it(model: TrainedModel) -> None:
    assert alike(decoded(handlers.direction_picture(model, 4, 7, [0] * 6)), of_seed(model, 7, 4))
    rows, shares = handlers.directions(model)
    assert rows.shape == (6, 8) and np.all(np.diff(shares) <= 0) and 0 < shares.sum() <= 1
    moved = handlers.moved(model, 7, [0, 2.5, 0, 0, 0, 0]) - latents.noise(7, 8)[0]
    assert moved @ rows[1] == pytest.approx(2.5, abs=1e-4)
    assert np.linalg.norm(moved) == pytest.approx(2.5, abs=1e-4)


def test_direction_strips_pass_through_the_seed(model: TrainedModel) -> None:
    side, middle = model.config.image_size, handlers.STRIP_FRAMES // 2
    strips = handlers.direction_strips(model, 0, 7)
    assert len(strips) == 6
    for i, strip in enumerate(strips):
        pixels = decoded(strip)
        assert alike(pixels[:, middle * side : (middle + 1) * side], of_seed(model, 7, 0))
        at_end = handlers.direction_picture(
            model, 0, 7, [handlers.FARTHEST if k == i else 0 for k in range(6)]
        )
        assert alike(pixels[:, -side:], decoded(at_end))


def test_a_model_with_few_latent_numbers_has_few_directions() -> None:
    small = make(latent_size=2)
    assert len(handlers.direction_strips(small, 0, 1)) == 2
    assert alike(
        decoded(handlers.direction_picture(small, 0, 1, [0, 0, 3, 3, 3, 3])), of_seed(small, 1, 0)
    )


def test_first_hidden_weights_are_the_slope_of_the_first_hidden_layer(model: TrainedModel) -> None:
    generator = model.average
    z, step = torch.randn(2, 8, generator=torch.Generator().manual_seed(0)), torch.zeros(8)
    step[3] = 1.0
    norm = generator.layers[1]
    norm.running_var.copy_(torch.linspace(0.5, 2, len(norm.running_var)))
    found = []
    hook = norm.register_forward_hook(
        lambda module, inputs, output: found.append(output.flatten(1))
    )
    with torch.no_grad():
        generator(torch.stack([z[0], z[0] + step]), torch.tensor([2, 2]))
    hook.remove()
    weights = generator.first_hidden_weights()
    assert weights.shape == (found[0].shape[1], 8)
    torch.testing.assert_close(found[0][1] - found[0][0], weights[:, 3], rtol=1e-3, atol=1e-4)


def test_truncation_at_0_shows_one_picture_and_uncut_those_of_the_seed(model: TrainedModel) -> None:
    none = handlers.truncated_grid(model, 1, 5, 0)
    tiles = (
        decoded(none)
        .reshape(6, none["side"] // 6, 6, -1)
        .swapaxes(1, 2)
        .reshape(36, none["side"] // 6, -1)
    )
    assert (tiles == tiles[0]).all() and "Diversity 0.000, 0 %" in none["note"]
    mean = model.draw(np.zeros((1, 8), np.float32), np.array([1]))[0, ..., 0]
    assert alike(tiles[0], mean)
    full = handlers.truncated_grid(model, 1, 5, NO_TRUNCATION)
    assert "100 %" in full["note"] and alike(
        decoded(full)[: tiles.shape[1], : tiles.shape[2]], of_seed(model, 5, 1)
    )
    half = handlers.truncated_grid(model, 1, 5, 1.0)
    share = int(half["note"].split(",")[1].split("%")[0])
    assert 10 < share < 90
    with pytest.raises(BadInput, match="The truncation"):
        handlers.truncated_grid(model, 1, 5, -1)


def test_codes_replace_the_first_numbers_of_z_and_only_infogan_has_them(
    model: TrainedModel,
) -> None:
    own = make(model="infogan", conditional=False)
    assert handlers.has_codes(own) and not handlers.has_codes(model)
    z = latents.noise(4, 8)[0]
    z[:2] = 1.5, -0.5
    assert alike(decoded(handlers.codes_picture(own, 3, 4, 1.5, -0.5)), drawn(own, z, 3))
    shown = decoded(handlers.codes_map(own, 3, 4))
    # Code 1 to the right, code 2 down: the top right corner.
    z[:2] = (
        handlers.FARTHEST_CODE,
        -handlers.FARTHEST_CODE,
    )
    assert alike(shown[:32, -32:], drawn(own, z, 3))
    for bad in (
        lambda: handlers.codes_picture(model, 0, 4, 0, 0),
        lambda: handlers.codes_map(model, 0, 4),
    ):
        with pytest.raises(BadInput, match="has no codes"):
            bad()  # type: ignore[no-untyped-call] # not annotated there
    with pytest.raises(BadInput, match="Code 2"):
        handlers.codes_picture(own, 0, 4, 0, 3)


def test_the_walk_is_closed_and_a_wall_shows_all_classes_with_one_z(
    model: TrainedModel, unconditional: TrainedModel
) -> None:
    frames = handlers.loop_frames(model, 1, 5, as_grid=False)
    assert frames.shape[:3] == (handlers.LOOP_STOPS * handlers.LOOP_FRAMES, 1, 1)
    assert alike(frames[0, 0, 0, ..., 0], of_seed(model, 5, 1))
    as_grid = handlers.loop_frames(model, 1, 5, as_grid=True)
    pictures = as_grid[0].reshape(-1, *as_grid.shape[3:])
    for label in range(5):
        assert alike(pictures[label, ..., 0], of_seed(model, 5, label))
    ten = handlers.loop_frames(unconditional, None, 5, as_grid=True)
    assert ten.shape[1:3] == (2, 5)
    assert alike(ten[0, 0, 1, ..., 0], of_seed(unconditional, 6, 0))


def test_the_walk_as_files_moves(model: TrainedModel) -> None:
    shown = handlers.loop_shown(model, 1, 5, False)
    film = Image.open(io.BytesIO(base64.b64decode(shown["animation"].partition(",")[2])))
    gif = Image.open(io.BytesIO(handlers.loop_gif(model, 1, 5, False)))
    assert film.format == "WEBP" and film.n_frames > 1  # type: ignore[attr-defined] # the test looks inside
    assert gif.format == "GIF" and gif.n_frames > 1 and gif.width >= 200  # type: ignore[attr-defined] # the test looks inside
    assert handlers.loop_poster(model, 1, 5, False)["poster"] == shown["poster"]
