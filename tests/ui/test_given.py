"""What browsers send to the exploring tabs is checked."""

import pytest

from ganapp.errors import BadInput
from ganapp.ui import conditioning, exploring
from tests.ui.models import alike, decoded


def test_an_unconditional_model_ignores_the_class_and_says_so_where_one_is_needed(unconditional):
    assert alike(
        decoded(exploring.walk_picture(unconditional, None, 1, 2, 0, "lerp")),
        decoded(exploring.walk_picture(unconditional, 3, 1, 2, 0, "lerp")),
    )
    with pytest.raises(BadInput, match="conditional"):
        conditioning.matrix(unconditional, (0,), 1, 2)
    with pytest.raises(BadInput, match="conditional"):
        conditioning.mix_picture(unconditional, 0, 1, 1, 50)


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
        lambda: conditioning.matrix(model, (0, 1), bad, 3),
        lambda: conditioning.matrix(model, (0, 1), 1, bad),
        lambda: conditioning.matrix(model, (0, 1), 1, 3, bad),
        lambda: conditioning.mix_picture(model, 0, 1, 1, bad),
    ]
    if bad is not None:
        calls += [lambda: exploring.walk_picture(model, bad, 1, 2, 0, "lerp"), lambda: conditioning.mix_path(model, bad, 1, 1)]
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
        lambda: conditioning.matrix(model, (), 1, 3),
        lambda: conditioning.matrix(model, (0, 99), 1, 3),
    ):
        with pytest.raises(BadInput):
            call()


# The catalog
