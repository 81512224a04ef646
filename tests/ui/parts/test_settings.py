"""The settings form: what it says of settings that cannot be."""

from __future__ import annotations

import pytest

from ganapp.config.training import TrainConfig, knobs
from ganapp.errors import BadInput
from ganapp.ui.parts.settings import config_from, in_labels


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"generator_lr": "-1"}, "“Generator learning rate” is "),
        ({"loss": "kind"}, "“Loss” is 'kind', but must be one of "),
        (
            {"r1_weight": 1.0, "discriminator_norm": "batch"},
            "“R1 penalty” is above 0 with “Discriminator normalisation” = batch, ",
        ),
        (
            {"loss": "wasserstein", "r1_weight": 0.0},
            "“Loss” is wasserstein, but nothing bounds the critic's slope, so its loss would ",
        ),
    ],
)
def test_problems_name_the_labels_that_the_form_shows(values: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        config_from("digits", values)
    assert in_labels(str(refused.value), knobs()).startswith(said)


def test_words_that_are_also_names_stay_words() -> None:
    sentence = "The width of a loss is no model: set clip=0.01."
    assert (
        in_labels(sentence, knobs(TrainConfig))
        == "The width of a loss is no model: set “Weight clipping (WGAN)” = 0.01."
    )
