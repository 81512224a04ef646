"""The script that one takes home: it runs, and finds the losses of the app itself."""

from __future__ import annotations

import csv
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.datasets import DATASETS
from ganapp.devices import plan
from ganapp.errors import BadInput
from ganapp.export import script
from ganapp.export.archive import pictures_file
from ganapp.training import Trainer

ROUNDS = 20
LONGEST = 200
"""Lines of a script, blank ones left out."""

OWN_GAMES: dict[str, dict[str, Any]] = {
    "least-squares": {"loss": "least-squares", "conditional": False, "optimizer": "sgd"},
    "r1 and r2 in turns": {"r2_weight": 0.1, "penalty_half_life": 30.0},
    "both penalties of the slope": {"gradient_penalty": 10.0, "upsampling": "transposed-3"},
    "all augmentations": {"augment": "colour-translation-cutout", "loss": "relativistic"},
    "cutout": {"augment": "translation-cutout", "ema_half_life": 0.0},
    "a conditional MLP": {"model": "mlp", "image_size": 28},
    "BigGAN with R1": {"model": "biggan", "minibatch_std": False},
    "BigGAN without classes": {"model": "biggan", "conditional": False, "r1_weight": 0.0},
    "InfoGAN with R1": {"model": "infogan", "conditional": False},
}

WITHOUT_SCRIPTS = ("cyclegan", "pix2pix", "vae", "gan-cls", "acgan")


def games() -> dict[str, TrainConfig]:
    """Every preset that a script can be of, and settings that none of them has."""
    found = {
        name: preset.config
        for name, preset in PRESETS.items()
        if preset.config.model not in WITHOUT_SCRIPTS
    }
    own = {name: replace(PRESETS["digits"].config, **each) for name, each in OWN_GAMES.items()}
    return found | own


def brief(config: TrainConfig) -> TrainConfig:
    """The game with small networks on few pictures, so that epochs end within the rounds that are
    played, and at small learning rates: at full ones rounding, which differs from processor to
    processor, grows from 1e-7 to 1e-2 within ten rounds. At these it stays below a seventh of the
    tolerance, while a rate that is wrong by a tenth goes beyond it.
    """
    slow = 0.05 if config.generator_lr > 5e-5 else 1.0
    return replace(
        config,
        generator_lr=slow * config.generator_lr,
        discriminator_lr=slow * config.discriminator_lr,
        precision="float32",
        dataset="emoji" if config.dataset == "emoji" else "digits",
        image_size=min(config.image_size, 32),
        most_pictures=90,
        width=8,
        batch_size=16,
        epochs=50,
    )


@pytest.mark.parametrize("name", games())
def test_a_script_finds_the_losses_of_the_app(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = brief(games()[name])
    text = script(config, name)
    lines = text.splitlines()
    rounds = next(line for line in lines if line.startswith("ROUNDS = "))
    pictures = DATASETS[config.dataset](lambda share, what: None)
    (tmp_path / "pictures.npz").write_bytes(pictures_file(pictures, config))
    (tmp_path / "gan.py").write_text(text.replace(rounds, f"ROUNDS = {ROUNDS}"))
    monkeypatch.chdir(tmp_path)
    runpy.run_path("gan.py")

    trainer = Trainer(config, pictures, plan("float32", "cpu"))
    expected = torch.stack([trainer.advance()[:2] for _ in range(ROUNDS)]).numpy()
    with (tmp_path / "losses.csv").open() as file:
        found = np.array([row[1:] for row in list(csv.reader(file))[1:]], float)
    np.testing.assert_allclose(found, expected, atol=1e-3, rtol=1e-3)
    assert (tmp_path / "epoch-050.png").stat().st_size > 0


@pytest.mark.parametrize("name", games())
def test_a_script_is_short_and_well_formed(name: str, tmp_path: Path) -> None:
    text = script(games()[name], name)
    assert "ganapp" not in text
    augmented = games()[name].augment != "none"
    written = [line for line in text.splitlines() if line.strip()]
    assert len(written) <= LONGEST + 30 * (augmented or games()[name].model == "biggan")
    (tmp_path / "gan.py").write_text(text)
    for check in (["format", "--check"], ["check", "--select", "E,F,I,B"]):
        command = [sys.executable, "-m", "ruff", *check, "--isolated", "--line-length", "100"]
        subprocess.run([*command, "gan.py"], cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("preset", "why"),
    [
        ("cyclegan-colour", "pictures from pictures"),
        ("repair-rain", "pictures from pictures"),
        ("vae-digits", "scripts are of games"),
        ("text-faces", "learns from texts"),
        ("letters", "attributes"),
    ],
)
def test_models_without_scripts_say_why(preset: str, why: str) -> None:
    assert PRESETS[preset].config.model in WITHOUT_SCRIPTS
    with pytest.raises(BadInput, match=why):
        script(PRESETS[preset].config, preset)
