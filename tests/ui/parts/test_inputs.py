"""What browsers send to the exploring tabs is checked."""

from typing import Any

import pytest

from ganapp.checkpoints import TrainedModel
from ganapp.errors import BadInput
from ganapp.ui.classes import handlers as classes_handlers
from ganapp.ui.latent import handlers as latent_handlers
from tests.ui.models import alike, decoded


def test_an_unconditional_model_ignores_the_class_and_says_so_where_one_is_needed(
    unconditional: TrainedModel,
) -> None:
    assert alike(
        decoded(latent_handlers.walk_picture(unconditional, None, 1, 2, 0, "lerp")),
        decoded(latent_handlers.walk_picture(unconditional, 3, 1, 2, 0, "lerp")),
    )
    with pytest.raises(BadInput, match="conditional"):
        classes_handlers.matrix(unconditional, (0,), 1, 2)
    with pytest.raises(BadInput, match="conditional"):
        classes_handlers.mix_picture(unconditional, 0, 1, 1, 50)


BAD_NUMBERS = [None, "7", True, float("nan"), float("inf"), -1, 1e12, [1], {"a": 1}]


@pytest.mark.parametrize("bad", BAD_NUMBERS, ids=str)
def test_forged_numbers_are_refused_with_a_sentence(model: TrainedModel, bad: Any) -> None:
    calls = [
        lambda: latent_handlers.walk_picture(model, 0, bad, 2, 0, "lerp"),
        lambda: latent_handlers.walk_picture(model, 0, 1, 2, bad if bad != 7 else None, "lerp"),
        lambda: latent_handlers.walk_path(model, 0, 1, bad),
        lambda: latent_handlers.pad_map(model, 0, (1, 2, 3, bad), "lerp"),
        lambda: latent_handlers.direction_strips(model, 0, bad),
        lambda: latent_handlers.direction_picture(model, 0, bad, [0] * 6),
        lambda: latent_handlers.loop_poster(model, 0, bad, True),
        lambda: classes_handlers.matrix(model, (0, 1), bad, 3),
        lambda: classes_handlers.matrix(model, (0, 1), 1, bad),
        lambda: classes_handlers.matrix(model, (0, 1), 1, 3, bad),
        lambda: classes_handlers.mix_picture(model, 0, 1, 1, bad),
    ]
    if bad is not None:
        calls += [
            lambda: latent_handlers.walk_picture(model, bad, 1, 2, 0, "lerp"),
            lambda: classes_handlers.mix_path(model, bad, 1, 1),
        ]
    for call in calls:
        with pytest.raises(BadInput):
            call()  # type: ignore[no-untyped-call] # not annotated there


@pytest.mark.parametrize(
    "place",
    [None, "", "0.5", "0.5,0.5,0.5", "x,y", "nan,0", "2,0", "0,-1", "1e999,0", [0, 1]],
    ids=str,
)
def test_forged_places_are_refused(model: TrainedModel, place: Any) -> None:
    with pytest.raises(BadInput):
        latent_handlers.pad_picture(model, 0, (1, 2, 3, 4), place, "lerp")


def test_forged_modes_amounts_and_classes_are_refused(model: TrainedModel) -> None:
    for call in (
        lambda: latent_handlers.walk_picture(model, 0, 1, 2, 0, "../lerp"),
        lambda: latent_handlers.direction_picture(model, 0, 1, [99]),
        lambda: latent_handlers.direction_picture(model, 0, 1, ["1"]),
        lambda: latent_handlers.walk_picture(model, 5, 1, 2, 0, "lerp"),
        lambda: classes_handlers.matrix(model, (), 1, 3),
        lambda: classes_handlers.matrix(model, (0, 99), 1, 3),
    ):
        with pytest.raises(BadInput):
            call()  # type: ignore[no-untyped-call] # not annotated there


# The catalog
