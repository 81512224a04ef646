"""The Evaluate tab without Gradio: what is measured, remembered, drawn, exported and refused; and
the line that visitors wait in.
"""

from __future__ import annotations

import asyncio
import csv
import dataclasses
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganapp import checkpoints, pictures
from ganapp.checkpoints import TrainedModel
from ganapp.datasets import DATASETS, uploads
from ganapp.errors import BadInput
from ganapp.evaluation import features, report
from ganapp.evaluation.features import random
from ganapp.evaluation.report import Reference, Study, reference
from ganapp.experiments import scoring
from ganapp.experiments.scoring import Samples
from ganapp.ui.evaluate import handlers, plots, tab
from ganapp.ui.evaluate.handlers import Result
from ganapp.ui.evaluate.queue import JobQueue, Stopped
from ganapp.ui.parts import catalog
from tests.tiny import tiny_pictures
from tests.ui.models import make, pixels

COUNT = 500


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    handlers.forget()
    yield
    handlers.forget()


@pytest.fixture
def emoji(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bundled models of small data, which take a moment to be measured."""
    monkeypatch.setitem(DATASETS, "emoji", lambda progress: tiny_pictures(120, 5))
    for name, settings in {"one": {}, "two": {"loss": "wasserstein", "clip": 0.01}}.items():
        checkpoints.save(make(dataset="emoji", **settings), shelf / "bundled" / name)
    return shelf


def result_of(value: str, seed: int = 1) -> Result:
    return handlers.measure(handlers.request_for(value, COUNT, seed))


@pytest.fixture(scope="module")
def looked() -> tuple[TrainedModel, Samples, Study, Reference]:
    """A bundled model's pictures and what is known of them."""
    model = checkpoints.open_model("mlp-digits-quick")
    real = scoring.real_pictures(model)
    against = reference(scoring.arrays(real)[:400], labels=real.labels.numpy()[:400])
    return model, *scoring.examine_model(model, against, count=60, seed=3), against


def test_a_page_that_is_opened_again_finds_its_table(emoji: Path) -> None:
    one, two = result_of("bundled:one"), result_of("bundled:two")
    assert handlers.recall([two.key, one.key, two.key, "bundled:three 500 1", 7], ()) == (
        two,
        one,
    )
    handlers.forget()
    assert handlers.recall([one.key], ()) == () and handlers.recall("forged", ()) == ()


def test_of_runs_only_the_visitors_own_are_found_again(emoji: Path) -> None:
    of_run = dataclasses.replace(result_of("bundled:one"), key="run:abc 500 1")
    handlers._remember(handlers._results, (("run:abc", 1), COUNT, 1), of_run, 9)
    assert handlers.recall([of_run.key], ["abd"]) == () and handlers.recall(
        [of_run.key], ["abc"]
    ) == (of_run,)


def test_pictures_are_sorted_by_what_the_discriminator_says_of_them(looked: Any) -> None:
    model, drawn, *_ = looked
    order, scores = plots.order_by_score(model, drawn)
    assert (
        sorted(order.tolist()) == list(range(60))
        and (np.diff(scores) >= 0).all()
        and scores[0] < scores[-1]
    )
    alone = model.scores(pictures.from_uint8(drawn.images[order[[0, -1]]]))
    np.testing.assert_allclose(alone, scores[[0, -1]], atol=1e-5)
    shown = plots.by_score(model, drawn)["pictures"]
    assert len(shown) == 40
    np.testing.assert_array_equal(pixels(shown[0]["src"]), drawn.images[order[0], ..., 0])
    np.testing.assert_array_equal(pixels(shown[-1]["src"]), drawn.images[order[-1], ..., 0])


def test_a_discriminator_that_compares_pictures_judges_batches_of_the_trainings_size() -> None:
    model, sizes = make(batch_size=16), []
    judge = model.scores
    model.scores = lambda images, labels=None: (sizes.append(len(images)), judge(images, labels))[1]  # type: ignore[func-returns-value] # the list's answer is not used
    plots.order_by_score(model, scoring.drawn(model, 40))
    assert sizes == [16, 16, 8]


def test_neighbours_are_the_nearest_and_their_distances_those_of_the_pixels(looked: Any) -> None:
    _, _, study, against = looked
    shown = plots.pairs(study, against)
    real = against.real.images.astype(float) / 255
    least = np.array(
        [
            np.sqrt(np.square(image / 255 - real).mean((1, 2, 3))).min()
            for image in study.generated.images
        ]
    )
    assert [pair["distance"] for pair in shown["nearest"]] == [
        f"{distance:.3f}" for distance in np.sort(least)[:8]
    ]
    assert (
        shown["even"][0] == shown["nearest"][0]
        and shown["even"][-1]["distance"] == f"{least.max():.3f}"
    )
    for pair in (*shown["nearest"], *shown["even"]):
        both = [pixels(pair[side]).astype(float) / 255 for side in ("generated", "real")]
        assert np.sqrt(np.square(both[0] - both[1]).mean()) == pytest.approx(
            float(pair["distance"]), abs=6e-4
        )


def test_the_map_shows_each_picture_where_its_features_are(looked: Any) -> None:
    model, _, study, against = looked
    shown = plots.on_map(model, study, against.real)
    sheet, side = pixels(shown["sheet"]), shown["side"]
    assert len(shown["real"]) == len(shown["generated"]) == 60 and len(shown["texts"]) == 120
    assert sheet.shape == (-(-120 // shown["columns"]) * side, shown["columns"] * side)
    for number in (0, 37, 59):  # a generated picture's place in the sheet comes after all real ones
        row, column = divmod(60 + number, shown["columns"])
        cut = sheet[row * side : (row + 1) * side, column * side : (column + 1) * side]
        np.testing.assert_array_equal(cut, study.generated.images[number, ..., 0])
    assert shown["texts"][0].startswith("Real, ") and shown["texts"][60].startswith(
        "Generated, read as "
    )
    apart = np.linalg.norm(np.subtract(shown["generated"][0], shown["generated"][1]))
    assert apart <= np.linalg.norm(study.generated.features[0] - study.generated.features[1]) + 1e-2


def test_the_histogram_counts_what_the_classifier_reads(looked: Any) -> None:
    _, _, study, against = looked
    shown = plots.histogram(study, against)
    assert (
        shown is not None
        and sum(shown["real"]) == pytest.approx(1, abs=1e-3)
        and sum(shown["generated"]) == pytest.approx(1, abs=1e-3)
    )
    assert shown["generated"][3] == pytest.approx((study.generated.read == 3).mean(), abs=1e-4)


def test_a_table_has_the_real_pictures_beside_the_models_that_learned_from_them(
    emoji: Path,
) -> None:
    one, two = result_of("bundled:one"), result_of("bundled:two")
    shown = handlers.table((one, two))
    assert [column["name"] for column in shown["columns"]] == ["Real emoji", "one", "two"]
    rows = {row["name"]: row["cells"] for row in shown["rows"]}
    assert "Label accuracy ↑" not in rows and not any("FID" in name for name in rows)
    assert all("random features" in column["note"] for column in shown["columns"][1:])
    found = two.evaluation.generated.precision
    assert rows["Precision ↑"][2] == {
        "value": f"{found.value:.3f}",
        "interval": f"{found.low:.3f} to {found.high:.3f}",
    }
    assert rows["Precision ↑"][0]["value"] == f"{one.evaluation.floor.precision.value:.3f}"
    assert [point["real"] for point in shown["points"]] == [True, False, False]
    assert "critic" in two.plots["sorted"]["note"] and "probability" in one.plots["sorted"]["note"]
    assert one.plots["histogram"] is None


def test_models_of_other_data_have_real_pictures_of_their_own(
    emoji: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        DATASETS,
        "emoji-styles",
        lambda progress: tiny_pictures(90, 5, side=32),
    )
    checkpoints.save(make(dataset="emoji-styles"), emoji / "bundled" / "three")
    shown = handlers.table(
        (result_of("bundled:one"), result_of("bundled:three"), result_of("bundled:two"))
    )
    assert [column["name"] for column in shown["columns"]] == [
        "Real emoji",
        "one",
        "two",
        "Real emoji-styles",
        "three",
    ]


def test_what_was_measured_is_remembered_until_the_checkpoint_is_another(
    emoji: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = result_of("bundled:one")
    with monkeypatch.context() as patched:
        patched.setattr(scoring, "examine_model", lambda *a, **k: pytest.fail("measured again"))
        assert result_of("bundled:one") is first
    with monkeypatch.context() as patched:
        patched.setattr(
            report,
            "reference",
            lambda *a, **k: pytest.fail("read the real pictures again"),
        )
        assert (
            result_of("bundled:one", seed=2).key != first.key
            and result_of("bundled:two").group == first.group
        )
    changed = make(dataset="emoji", width=12)
    checkpoints.save(changed, emoji / "bundled" / "one")
    again = result_of("bundled:one")
    assert again is not first and again.key == first.key
    assert (
        handlers.merge((first,), again) == (again,)
        and len(handlers.merge((first,), result_of("bundled:two"))) == 2
    )


def test_random_features_that_stand_in_are_not_remembered(
    emoji: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "suited", lambda dataset: "inception")
    monkeypatch.setattr(scoring, "_encoder", lambda *a: random())
    assert result_of("bundled:one") is not result_of("bundled:one")


def test_the_file_holds_every_figure_with_its_interval_and_the_real_ones(emoji: Path) -> None:
    one = result_of("bundled:one")
    lines = list(csv.DictReader(io.StringIO(handlers.as_csv((one,)).decode())))
    (recall,) = (line for line in lines if line["figure"] == "Recall")
    assert [float(recall[name]) for name in ("value", "low", "high")] == list(
        one.evaluation.generated.recall
    )
    assert (
        float(recall["real"]) == one.evaluation.floor.recall.value
        and recall["pictures"] == "500"
        and recall["model"] == "one"
    )
    assert len(lines) == len(handlers.table((one,))["rows"])


def test_the_card_is_the_models_own_with_these_figures(emoji: Path) -> None:
    one = result_of("bundled:one")
    assert (
        "| Figures of | 500 generated pictures, seed 1, compared by random features |" in one.card
    )
    assert (
        f"| Coverage | {one.evaluation.generated.coverage.value:.3f} (real against real: "
        in one.card
    )
    assert "Fréchet distance (random features)" in one.card and "FID" not in one.card
    assert "figures" not in catalog.load("bundled:one").facts


def test_own_pictures_are_compared_with_while_they_are_there(shelf: Path) -> None:
    run = shelf / "runs" / "1122-0741-abc"
    checkpoints.save(make(dataset="own"), run)
    with pytest.raises(BadInput, match="did not come with it: there is nothing to compare with"):
        result_of("run:1122-0741-abc")
    uploads.save(tiny_pictures(90, 5), run / "pictures.npz")
    found = result_of("run:1122-0741-abc")
    assert (
        found.data == "own pictures"
        and found.evaluation.generated.against == 90
        and found.name == "run 1122-0741-abc"
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (None, "No model is chosen"),
        ([], "No model is chosen"),
        ([7, {}], "No model is chosen"),
        ([f"bundled:{number}" for number in range(9)], "9 models are chosen"),
        (["run:1122-0741-abc"], "started in another browser"),
    ],
)
def test_forged_choices_are_refused(values: Any, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        handlers.valid_models(values, ["1122-0742-new"])


@pytest.mark.parametrize(
    ("value", "count", "seed", "sentence"),
    [
        ("bundled:one", 501, 1, "must be one of 500, 1000, 2000, 5000"),
        ("bundled:one", 10**9, 1, "The number of pictures"),
        ("bundled:one", None, 1, "The number of pictures"),
        ("bundled:one", 500, -1, "The seed"),
        ("bundled:../secret", 500, 1, "There is no model"),
    ],
)
def test_forged_questions_are_refused(
    shelf: Path, value: Any, count: Any, seed: Any, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        handlers.request_for(value, count, seed)


def test_what_cannot_be_measured_or_was_not_is_said() -> None:
    with pytest.raises(BadInput, match="makes pictures from pictures"):
        result_of("bundled:cyclegan-colour")
    with pytest.raises(BadInput, match="Nothing has been measured yet"):
        handlers.as_csv(())
    with pytest.raises(BadInput, match="has not been measured yet"):
        handlers.chosen((), "bundled:digits 500 1")
    assert handlers.valid_models(["bundled:a", "bundled:a", "run:mine"], ["mine"]) == [
        "bundled:a",
        "run:mine",
    ]


def test_jobs_are_played_one_at_a_time_in_turn_and_shared() -> None:
    line, gate, played = JobQueue(), threading.Event(), []

    def work(name: str) -> Any:
        def play(tell: Any) -> str:
            gate.wait(10)
            tell(0.5, name)
            played.append(name)
            return name

        return play

    first = line.join("a", work("a"))
    second, third, fourth = (
        line.join("b", work("b")),
        line.join("c", work("c")),
        line.join("b", work("another b")),
    )
    assert second is fourth and line.ahead(third) == 2 and line.ahead(first) == 0
    line.leave(second)  # one of its two visitors
    gate.set()
    assert (
        third.ended.wait(10)
        and played == ["a", "b", "c"]
        and second.result() == "b"
        and third.share == 0.5
    )


def test_a_job_that_everybody_left_stops_and_one_that_waits_is_never_begun() -> None:
    line, begun, left = JobQueue(), threading.Event(), threading.Event()

    def endless(tell: Any) -> None:
        begun.set()
        while left.wait(10):
            tell(0.5, "still")

    running, waiting = (
        line.join("a", endless),
        line.join("b", lambda tell: pytest.fail("was begun")),
    )
    assert begun.wait(10)
    line.leave(waiting)
    line.leave(running)
    left.set()
    assert waiting.ended.wait(10)
    for job in (running, waiting):
        with pytest.raises(Stopped):
            job.result()
    again = line.join("a", lambda tell: 7)  # not the one that stopped
    assert again.ended.wait(10) and again.result() == 7


def test_what_breaks_down_is_said_in_a_sentence() -> None:
    line = JobQueue()
    for error, sentence in (
        (BadInput("Too small."), "Too small."),
        (ZeroDivisionError(), r"broke down \(ZeroDivisionError\)"),
    ):

        def fail(tell: Any, error: Exception = error) -> None:
            raise error

        job = line.join(sentence, fail)
        assert job.ended.wait(10)
        with pytest.raises(BadInput, match=sentence):
            job.result()


def test_whoever_stops_listening_leaves_the_line(
    emoji: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = threading.Event()

    def endless(what: Any, progress: Any) -> None:
        try:
            while not left.wait(0.01):
                progress(0.25, "still")
        except Stopped:
            left.set()
            raise

    monkeypatch.setattr(handlers, "measure", endless)

    async def listen() -> Any:
        listening: Any = tab.measured(handlers.request_for("bundled:one", COUNT, 1))
        heard = [await anext(listening), await anext(listening)]
        await listening.aclose()
        return heard[-1]

    # In a thread of its own: the browser's tests leave this one with a loop of theirs.
    with ThreadPoolExecutor(1) as thread:
        heard = thread.submit(lambda: asyncio.run(listen())).result(60)
    assert heard == {"share": 0.25, "doing": "still"} and left.wait(10)
