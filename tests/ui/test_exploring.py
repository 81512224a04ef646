"""What the exploring tabs show, without Gradio: pictures are decoded from what the browser would get and compared with the model's own."""

import base64
import io
import json
import os

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from ganapp import checkpoints, latents
from ganapp.checkpoints import TrainedModel
from ganapp.config import TrainConfig
from ganapp.errors import BadInput
from ganapp.ui import catalog, classes, exploring, latent, page, pieces
from tests.tiny import tiny_config


def make(**settings):
    """A small model with weights that make every picture another one."""
    config = TrainConfig(**({"width": 8, "latent_size": 8, "discriminator_norm": "none", "minibatch_std": True} | settings))
    if config.model == "mlp":
        config = TrainConfig(**(config.to_dict() | {"minibatch_std": False, "image_size": 28}))
    model = TrainedModel(config.to_dict(), [f"class {i}" for i in range(5)], 1, {"preset": "digits"})
    rng = torch.Generator().manual_seed(1)
    for value in model.parameters():
        if value.dim() > 1:
            value.data.normal_(0, 0.4 if value.dim() == 4 else 2 / value.shape[1] ** 0.5, generator=rng)
    return model


@pytest.fixture(scope="module", params=["dcgan", "mlp"])
def model(request):
    return make(model=request.param)


@pytest.fixture(scope="module")
def unconditional():
    return make(conditional=False)


def decoded(shown):
    """The pixels (H, W) of a data URI."""
    head, _, body = shown["src"].partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(body))))


def alike(a, b):
    """Whether two pictures are the same but for the rounding of sums that another batch size brings."""
    return a.shape == b.shape and np.abs(a.astype(int) - b.astype(int)).max() <= 1


def drawn(model, z, label):
    return model.draw(z[None], np.asarray([label]))[0, ..., 0]


def of_seed(model, seed, label):
    return drawn(model, latents.noise(seed, model.config.latent_size)[0], label)


@pytest.mark.parametrize("mode", latents.MODES)
def test_the_ends_of_the_slider_are_the_seeds_pictures(model, mode):
    for percent, seed in ((0, 11), (100, 12)):
        shown = exploring.walk_picture(model, 3, 11, 12, percent, mode)
        assert alike(decoded(shown), of_seed(model, seed, 3))
        assert shown["side"] == model.config.image_size
    middle = exploring.walk_picture(model, 3, 11, 12, 50, mode)
    assert not alike(decoded(middle), of_seed(model, 11, 3))
    assert not alike(decoded(middle), of_seed(model, 12, 3))


def test_alt_texts_say_model_class_seeds_and_place(model):
    shown = exploring.walk_picture(model, 3, 11, 12, 40, "slerp")
    for word in (catalog.model_title(model), "class class 3", "seed 11", "seed 12", "40 %", "slerp"):
        assert word in shown["alt"]


def test_the_path_runs_from_seed_to_seed_and_its_curve_tells_the_lengths(model):
    shown = exploring.walk_path(model, 1, 11, 12)
    assert [row["mode"] for row in shown["rows"]] == ["slerp", "lerp"]
    start, end = (latents.noise(seed, 8)[0] for seed in (11, 12))
    for row in shown["rows"]:
        assert len(row["frames"]) == exploring.PATH_FRAMES
        assert [row["frames"][0]["percent"], row["frames"][-1]["percent"]] == [0, 100]
        assert alike(decoded(row["frames"][0]), of_seed(model, 11, 1))
        assert alike(decoded(row["frames"][-1]), of_seed(model, 12, 1))
        lengths = shown["lengths"][row["mode"]]
        assert lengths[0] == pytest.approx(np.linalg.norm(start), abs=1e-3)
        assert lengths[-1] == pytest.approx(np.linalg.norm(end), abs=1e-3)
    assert min(shown["lengths"]["lerp"]) < min(shown["lengths"]["slerp"])
    assert json.dumps(shown)


def test_the_usual_lengths_hold_95_percent_of_the_noise():
    low, high = exploring.usual_lengths(64)
    lengths = np.linalg.norm(latents.noise(0, 64, 4000), axis=1)
    assert 0.94 < np.mean((lengths > low) & (lengths < high)) < 0.97


def test_the_note_says_when_z_is_too_short(model):
    opposite = exploring.walk_picture(model, 0, 11, 12, 50, "lerp")
    length = float(np.linalg.norm(latents.lerp(latents.noise(11, 8)[0], latents.noise(12, 8)[0], 0.5)))
    low, high = exploring.usual_lengths(8)
    assert f"{length:.1f}" in opposite["note"]
    assert ("shorter" in opposite["note"]) == (length < low) and ("longer" in opposite["note"]) == (length > high)


@pytest.mark.parametrize("mode", latents.MODES)
def test_the_pads_corners_are_the_seeds_pictures(model, mode):
    seeds = (1, 2, 3, 4)
    sheet = decoded(exploring.pad_map(model, 2, seeds, mode))
    side, last = model.config.image_size, (exploring.MAP_SIDE - 1) * model.config.image_size
    for place, seed, top, left in (("0,0", 1, 0, 0), ("1,0", 2, 0, last), ("0,1", 3, last, 0), ("1,1", 4, last, last)):
        assert alike(decoded(exploring.pad_picture(model, 2, seeds, place, mode)), of_seed(model, seed, 2))
        assert alike(sheet[top : top + side, left : left + side], of_seed(model, seed, 2))


def test_the_maps_middle_tile_is_the_pads_middle(model):
    seeds, side, middle = (1, 2, 3, 4), model.config.image_size, exploring.MAP_SIDE // 2
    tile = decoded(exploring.pad_map(model, 2, seeds, "slerp"))[middle * side : (middle + 1) * side, middle * side : (middle + 1) * side]
    assert alike(tile, decoded(exploring.pad_picture(model, 2, seeds, "0.5,0.5", "slerp")))


def test_directions_at_zero_are_the_seed_and_one_moves_along_it(model):
    assert alike(decoded(exploring.direction_picture(model, 4, 7, [0] * 6)), of_seed(model, 7, 4))
    rows, shares = exploring.directions(model)
    assert rows.shape == (6, 8) and np.all(np.diff(shares) <= 0) and 0 < shares.sum() <= 1
    moved = exploring.moved(model, 7, [0, 2.5, 0, 0, 0, 0]) - latents.noise(7, 8)[0]
    assert moved @ rows[1] == pytest.approx(2.5, abs=1e-4)
    assert np.linalg.norm(moved) == pytest.approx(2.5, abs=1e-4)


def test_direction_strips_pass_through_the_seed(model):
    side, middle = model.config.image_size, exploring.STRIP_FRAMES // 2
    strips = exploring.direction_strips(model, 0, 7)
    assert len(strips) == 6
    for i, strip in enumerate(strips):
        pixels = decoded(strip)
        assert alike(pixels[:, middle * side : (middle + 1) * side], of_seed(model, 7, 0))
        at_end = exploring.direction_picture(model, 0, 7, [exploring.FARTHEST if k == i else 0 for k in range(6)])
        assert alike(pixels[:, -side:], decoded(at_end))


def test_a_model_with_few_latent_numbers_has_few_directions():
    small = make(latent_size=2)
    assert len(exploring.direction_strips(small, 0, 1)) == 2
    assert alike(decoded(exploring.direction_picture(small, 0, 1, [0, 0, 3, 3, 3, 3])), of_seed(small, 1, 0))


def test_first_hidden_weights_are_the_slope_of_the_first_hidden_layer(model):
    generator = model.average
    z, step = torch.randn(2, 8, generator=torch.Generator().manual_seed(0)), torch.zeros(8)
    step[3] = 1.0
    norm = generator.layers[1]
    norm.running_var.copy_(torch.linspace(0.5, 2, len(norm.running_var)))
    found = []
    hook = norm.register_forward_hook(lambda module, inputs, output: found.append(output.flatten(1)))
    with torch.no_grad():
        generator(torch.stack([z[0], z[0] + step]), torch.tensor([2, 2]))
    hook.remove()
    weights = generator.first_hidden_weights()
    assert weights.shape == (found[0].shape[1], 8)
    torch.testing.assert_close(found[0][1] - found[0][0], weights[:, 3], rtol=1e-3, atol=1e-4)


def test_truncation_at_0_shows_one_picture_and_uncut_those_of_the_seed(model):
    none = exploring.truncated_wall(model, 1, 5, 0)
    tiles = decoded(none).reshape(6, none["side"] // 6, 6, -1).swapaxes(1, 2).reshape(36, none["side"] // 6, -1)
    assert (tiles == tiles[0]).all() and "Diversity 0.000, 0 %" in none["note"]
    mean = model.draw(np.zeros((1, 8), np.float32), np.array([1]))[0, ..., 0]
    assert alike(tiles[0], mean)
    full = exploring.truncated_wall(model, 1, 5, exploring.NO_TRUNCATION)
    assert "100 %" in full["note"] and alike(decoded(full)[: tiles.shape[1], : tiles.shape[2]], of_seed(model, 5, 1))
    half = exploring.truncated_wall(model, 1, 5, 1.0)
    share = int(half["note"].split(",")[1].split("%")[0])
    assert 10 < share < 90
    with pytest.raises(BadInput, match="The truncation"):
        exploring.truncated_wall(model, 1, 5, -1)


def test_codes_replace_the_first_numbers_of_z_and_only_infogan_has_them(model):
    own = make(model="infogan", conditional=False)
    assert exploring.informed(own) and not exploring.informed(model)
    z = latents.noise(4, 8)[0]
    z[:2] = 1.5, -0.5
    assert alike(decoded(exploring.codes_picture(own, 3, 4, 1.5, -0.5)), drawn(own, z, 3))
    shown = decoded(exploring.codes_map(own, 3, 4))
    z[:2] = exploring.FARTHEST_CODE, -exploring.FARTHEST_CODE  # code 1 to the right, code 2 down: the top right corner
    assert alike(shown[:32, -32:], drawn(own, z, 3))
    for bad in (lambda: exploring.codes_picture(model, 0, 4, 0, 0), lambda: exploring.codes_map(model, 0, 4)):
        with pytest.raises(BadInput, match="has no codes"):
            bad()
    with pytest.raises(BadInput, match="Code 2"):
        exploring.codes_picture(own, 0, 4, 0, 3)


def test_the_walk_is_closed_and_a_wall_shows_all_classes_with_one_z(model, unconditional):
    frames = exploring.loop_frames(model, 1, 5, wall=False)
    assert frames.shape[:3] == (exploring.LOOP_STOPS * exploring.LOOP_FRAMES, 1, 1)
    assert alike(frames[0, 0, 0, ..., 0], of_seed(model, 5, 1))
    wall = exploring.loop_frames(model, 1, 5, wall=True)
    pictures = wall[0].reshape(-1, *wall.shape[3:])
    for label in range(5):
        assert alike(pictures[label, ..., 0], of_seed(model, 5, label))
    ten = exploring.loop_frames(unconditional, None, 5, wall=True)
    assert ten.shape[1:3] == (2, 5)
    assert alike(ten[0, 0, 1, ..., 0], of_seed(unconditional, 6, 0))


def test_the_walk_as_files_moves(model):
    shown = exploring.loop_shown(model, 1, 5, False)
    film = Image.open(io.BytesIO(base64.b64decode(shown["animation"].partition(",")[2])))
    gif = Image.open(io.BytesIO(exploring.loop_gif(model, 1, 5, False)))
    assert film.format == "WEBP" and film.n_frames > 1
    assert gif.format == "GIF" and gif.n_frames > 1 and gif.width >= 200
    assert exploring.loop_poster(model, 1, 5, False)["poster"] == shown["poster"]


def test_the_matrix_has_a_class_a_column_and_one_z_a_row(model):
    shown = exploring.matrix(model, (4, 0, 2), 9, 3)
    assert shown["names"] == ["class 0", "class 2", "class 4"]
    assert len(shown["rows"]) == 3 and all(len(row) == 3 for row in shown["rows"])
    noise = latents.noise(9, 8, 3)
    for z, row in zip(noise, shown["rows"], strict=True):
        for label, cell in zip((0, 2, 4), row, strict=True):
            assert alike(decoded(cell), drawn(model, z, label))
            assert 0 <= cell["share"] <= 1 and len(cell["score"]) in (3, 4)


def test_a_picture_keeps_its_score_whatever_number_of_rows_is_shown(model):
    few, many = exploring.matrix(model, (1, 3), 9, 1), exploring.matrix(model, (1, 3), 9, 8)
    assert few["rows"][0] == many["rows"][0]


def test_truncation_takes_the_diversity_away(model):
    wide, narrow, mean = (exploring.judged(model, [0, 1], 9, 6, limit) for limit in (3.0, 0.5, 0.0))
    assert wide.diversity > narrow.diversity > mean.diversity == pytest.approx(0, abs=1e-6)
    assert alike(wide.images[0, 0, ..., 0], drawn(model, latents.noise(9, 8)[0], 0)) and (mean.images == mean.images[:1]).all()


def test_diversity_is_the_distance_of_two_pictures():
    pictures = np.zeros((2, 1, 1, 2, 2))
    pictures[1, 0, 0, 0, 0] = 2.0  # black against white in one of four pixels
    assert exploring.diversity(pictures) == pytest.approx(0.5)
    assert exploring.diversity(pictures[:1]) == 0


def test_a_critic_shares_are_those_beside_its_other_pictures(tmp_path):
    config = tiny_config("dcgan", loss="hinge")
    critic = TrainedModel(config.to_dict(), ["a", "b", "c"], 1)
    found = exploring.judged(critic, [0, 1, 2], 1, 4)
    assert found.shares.min() == 0 and found.shares.max() == 1
    order = np.argsort(found.scores, None)
    assert (np.diff(found.shares.ravel()[order]) >= 0).all()


def test_scores_are_written_like_statisticians_do():
    assert [exploring.score(p) for p in (0.874, 0.0, 1.0, 0.999)] == [".87", ".00", "1.00", "1.00"]


def test_the_matrix_as_a_file(model):
    sheet = Image.open(io.BytesIO(exploring.matrix_png(model, [0, 1], 9, 2)))
    assert sheet.format == "PNG" and sheet.width > 2 * model.config.image_size


def test_a_mix_of_nothing_is_the_class_itself(model):
    for percent, label in ((0, 1), (100, 4)):
        assert alike(decoded(exploring.mix_picture(model, 1, 4, 9, percent)), of_seed(model, 9, label))
    path = exploring.mix_path(model, 1, 4, 9)
    noise = latents.noise(9, 8, exploring.MIX_ROWS)
    for z, row in zip(noise, path["rows"], strict=True):
        assert alike(decoded(row["frames"][0]), drawn(model, z, 1))
        assert alike(decoded(row["frames"][-1]), drawn(model, z, 4))


def test_an_unconditional_model_ignores_the_class_and_says_so_where_one_is_needed(unconditional):
    assert alike(
        decoded(exploring.walk_picture(unconditional, None, 1, 2, 0, "lerp")),
        decoded(exploring.walk_picture(unconditional, 3, 1, 2, 0, "lerp")),
    )
    with pytest.raises(BadInput, match="conditional"):
        exploring.matrix(unconditional, (0,), 1, 2)
    with pytest.raises(BadInput, match="conditional"):
        exploring.mix_picture(unconditional, 0, 1, 1, 50)


BAD_NUMBERS = [None, "7", True, float("nan"), float("inf"), -1, 1e12, [1], {"a": 1}]


@pytest.mark.parametrize("bad", BAD_NUMBERS, ids=str)
def test_forged_numbers_are_refused_with_a_sentence(model, bad):
    calls = [
        lambda: exploring.walk_picture(model, 0, bad, 2, 0, "lerp"),
        lambda: exploring.walk_picture(model, 0, 1, 2, bad if bad != 7 else None, "lerp"),
        lambda: exploring.walk_path(model, 0, 1, bad),
        lambda: exploring.pad_map(model, 0, (1, 2, 3, bad), "lerp"),
        lambda: exploring.direction_strips(model, 0, bad),
        lambda: exploring.direction_picture(model, 0, bad, [0] * 6),
        lambda: exploring.loop_poster(model, 0, bad, True),
        lambda: exploring.matrix(model, (0, 1), bad, 3),
        lambda: exploring.matrix(model, (0, 1), 1, bad),
        lambda: exploring.matrix(model, (0, 1), 1, 3, bad),
        lambda: exploring.mix_picture(model, 0, 1, 1, bad),
    ]
    if bad is not None:
        calls += [lambda: exploring.walk_picture(model, bad, 1, 2, 0, "lerp"), lambda: exploring.mix_path(model, bad, 1, 1)]
    for call in calls:
        with pytest.raises(BadInput):
            call()


@pytest.mark.parametrize("place", [None, "", "0.5", "0.5,0.5,0.5", "x,y", "nan,0", "2,0", "0,-1", "1e999,0", [0, 1]], ids=str)
def test_forged_places_are_refused(model, place):
    with pytest.raises(BadInput):
        exploring.pad_picture(model, 0, (1, 2, 3, 4), place, "lerp")


def test_forged_modes_amounts_and_classes_are_refused(model):
    for call in (
        lambda: exploring.walk_picture(model, 0, 1, 2, 0, "../lerp"),
        lambda: exploring.direction_picture(model, 0, 1, [99]),
        lambda: exploring.direction_picture(model, 0, 1, ["1"]),
        lambda: exploring.walk_picture(model, 5, 1, 2, 0, "lerp"),
        lambda: exploring.matrix(model, (), 1, 3),
        lambda: exploring.matrix(model, (0, 99), 1, 3),
    ):
        with pytest.raises(BadInput):
            call()


# The catalog


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Two bundled checkpoints and a run, in folders of their own, with nothing open."""
    monkeypatch.setattr(checkpoints, "BUNDLED", tmp_path / "bundled")
    monkeypatch.setenv("GANAPP_HOME", str(tmp_path / "runs"))
    catalog.forget()
    checkpoints.save(make(), tmp_path / "bundled" / "digits")
    checkpoints.save(make(conditional=False), tmp_path / "bundled" / "another")
    run = tmp_path / "runs" / "1122-0741-abc"
    checkpoints.save(make(), run)
    (run / "run.json").write_text("{}")
    unsaved = tmp_path / "runs" / "1122-0742-new"
    unsaved.mkdir()
    (unsaved / "run.json").write_text("{}")
    checkpoints.save(make(), tmp_path / "secret")
    yield tmp_path
    catalog.forget()


def test_choices_are_the_bundled_models_and_the_runs_that_have_one(shelf):
    values = [value for _, value in catalog.choices(["1122-0741-abc", "1122-0742-new", "gone", "../secret"])]
    assert values == ["bundled:digits", "bundled:another", "run:1122-0741-abc"]
    assert [value for _, value in catalog.choices(["1122-0741-abc"], use="draw a class")] == ["bundled:digits", "run:1122-0741-abc"]
    labels = [label for label, _ in catalog.choices(["1122-0741-abc"])]
    assert len(set(labels)) == 3


def test_open_gives_one_model_to_everybody(shelf):
    model = catalog.open("bundled:digits")
    assert catalog.open("bundled:digits") is model and not model.training
    assert catalog.open("run:1122-0741-abc").classes == 5


def test_a_run_is_opened_anew_once_it_has_saved_a_newer_model(shelf):
    first = catalog.open("run:1122-0741-abc")
    newer = make()
    newer.average.layers[0].weight.data.zero_()
    folder = shelf / "runs" / "1122-0741-abc"
    checkpoints.save(newer, folder)
    os.utime(folder / checkpoints.WEIGHTS, ns=(1, 1))
    again = catalog.open("run:1122-0741-abc")
    assert again is not first and not again.average.layers[0].weight.any()


def test_only_the_last_few_models_stay_open(shelf):
    for i in range(catalog.MOST_MODELS + 2):
        checkpoints.save(make(), shelf / "bundled" / f"m{i}")
    first = catalog.open("bundled:m0")
    for i in range(1, catalog.MOST_MODELS + 2):
        catalog.open(f"bundled:m{i}")
    assert len(catalog._opened) == catalog.MOST_MODELS
    assert catalog.open("bundled:m0") is not first


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        7,
        ["bundled:digits"],
        "digits",
        "bundled:",
        "bundled:../secret",
        "bundled:digits/../../secret",
        "bundled:/etc",
        "run:",
        "run:../secret",
        "run:..",
        "run:1122-0742-new",
        "run:gone",
        "run:A",
        "run:" + "a" * 41,
        "run:a/b",
        "run:1122-0741-abc\n",
        "hub:",
        "hub:one",
        "hub:a/b/c",
        "hub:../secret",
        "hub:/etc/passwd",
        "hub:a/..",
        "hub:a b/c",
        "hub:a/b\n",
        "file:///etc/passwd",
        "hub:" + "a" * 200 + "/b",
    ],
    ids=str,
)
def test_the_catalog_refuses_everything_else_with_a_sentence(shelf, value, monkeypatch):
    monkeypatch.setattr(checkpoints, "fetch", lambda repo: pytest.fail(f"asked the Hub for {repo!r}"))
    with pytest.raises(BadInput) as refusal:
        catalog.open(value)
    assert str(refusal.value).endswith(".") and str(shelf) not in str(refusal.value)


def test_a_local_folder_is_not_taken_for_a_repository(shelf, monkeypatch):
    monkeypatch.chdir(shelf)
    monkeypatch.setattr(catalog, "_refuse_large", lambda repo: None)
    monkeypatch.setattr(checkpoints, "fetch", lambda repo: (_ for _ in ()).throw(BadInput(f"asked the Hub for {repo}.")))
    with pytest.raises(BadInput, match="asked the Hub for bundled/digits"):
        catalog.open("hub:bundled/digits")


def test_a_repository_of_the_hub_joins_the_list(shelf, monkeypatch):
    monkeypatch.setattr(catalog, "_refuse_large", lambda repo: None)
    monkeypatch.setattr(checkpoints, "fetch", lambda repo: shelf / "secret")
    assert catalog.hub_value(" https://huggingface.co/somebody/digits-gan/ ") == "hub:somebody/digits-gan"
    catalog.open("hub:somebody/digits-gan")
    assert catalog.choices(keep="hub:somebody/digits-gan")[-1] == ("somebody/digits-gan (Hub)", "hub:somebody/digits-gan")
    assert catalog.choices(keep="hub:else/where")[-1][1] == "bundled:another"


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_model_that_draws_no_numbers_is_refused(shelf):
    broken = make()
    broken.average.layers[0].weight.data.fill_(float("nan"))
    checkpoints.save(broken, shelf / "bundled" / "broken")
    with pytest.raises(BadInput, match="not numbers"):
        catalog.open("bundled:broken")


# The tabs' handlers


def test_a_refusal_is_said_in_place_and_every_answer_is_a_new_one(shelf):
    shown = latent.loop("bundled:digits", 2, 1, "A wall")
    assert shown["poster"] and shown != latent.loop("bundled:digits", 2, 1, "A wall")
    for handler in (latent.loop, latent.play):
        assert "whole number" in handler("bundled:digits", 2, None, "A wall")["problem"]
    assert latent.walk_path("bundled:digits", 2, None, 1) == {"problem": ""}
    assert "Train tab" in latent.loop(None, None, 1, "A wall")["problem"]
    assert "Train tab" in classes.table(None, [0], 1, 3, 3.0)["problem"]
    assert "tick" in classes.table("bundled:digits", [], 1, 3, 3.0)["problem"]
    assert "conditional" in classes.table("bundled:another", [0], 1, 3, 3.0)["problem"]


def test_a_picture_that_follows_answers_what_its_script_asks(shelf):
    with gr.Blocks():
        component, handler = pieces.following("some-picture", latent.walk, 5, ["latent-place"])
    shown = handler("bundled:digits", 2, 11, 12, "slerp", 40)
    assert shown["ask"] == ["bundled:digits", 2, 11, 12, "slerp"]
    followed = component.follow({"ask": shown["ask"], "moves": [100]})
    assert alike(decoded(followed), of_seed(catalog.open("bundled:digits"), 12, 2))
    for forged in (
        None,
        [],
        "x",
        {},
        {"ask": shown["ask"]},
        {"ask": shown["ask"], "moves": []},
        {"ask": [], "moves": [1]},
        {"ask": ["run:../secret", 2, 1, 2, "slerp"], "moves": [1]},
        {"ask": shown["ask"], "moves": ["1"]},
        {"ask": [{}, [], {}, [], {}], "moves": [{}]},
    ):
        assert component.follow(forged)["problem"].endswith(".")


def test_the_class_picker_keeps_a_class_that_the_model_has(shelf):
    picker, kept = latent.class_choice("bundled:digits", 4)
    assert kept == 4 and picker["interactive"] and picker["choices"][4] == ("class 4", 4)
    assert latent.class_choice("bundled:digits", 9)[1] == 3
    picker, kept = latent.class_choice("bundled:another", 4)
    assert kept is None and not picker["interactive"] and "without classes" in picker["info"]


def test_the_pickers_of_the_class_tab_are_dimmed_without_a_conditional_model(shelf):
    updates, chosen, first, second = classes.class_choices("bundled:another", [1], 0, 1)
    assert not any(update["interactive"] for update in updates) and chosen == [] and first is second is None
    updates, chosen, first, second = classes.class_choices("bundled:digits", [1, 99], 0, 7)
    assert all(update["interactive"] for update in updates) and chosen == [1] and (first, second) == (0, 4)


def test_a_message_box_gets_no_markup():
    assert page.plain("<img src=x onerror=alert(1)>&") == "&lt;img src=x onerror=alert(1)&gt;&amp;"
