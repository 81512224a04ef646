"""What holds for every command: its help, one sentence for every mistake, and a progress bar on
terminals only.
"""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ganapp.__main__ import main
from ganapp.config.presets import PRESETS
from tests.commands.calls import PRESET, ROOT, SMALL, one_sentence


def test_presets_lists_each_with_its_title_and_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    said = capsys.readouterr().out
    for name, preset in PRESETS.items():
        assert f"{name} " in said and preset.title in said and preset.note in said


@pytest.mark.parametrize(
    "command",
    [[], ["presets"], ["train"], ["sample"], ["interpolate"], ["evaluate"], ["augmentation"]],
)
def test_help_ends_well(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    assert "python -m ganapp" in capsys.readouterr().out


def test_without_a_command_the_app_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[bool] = []
    monkeypatch.setattr("ganapp.__main__.open_app", lambda: opened.append(True))
    assert main([]) == 0 and opened == [True]


def test_the_module_runs_as_a_command_without_torch() -> None:
    code = (
        "import runpy, sys; sys.modules['torch'] = None; sys.argv[1:] = ['presets'];"
        " runpy.run_module('ganapp', run_name='__main__')"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0 and all(name in ran.stdout for name in PRESETS) and not ran.stderr


BAD: list[tuple[list[str], str]] = [
    (["fly"], "'fly'"),
    (["presets", "digits"], "Unrecognized"),
    (["train"], "PRESET"),
    (["train", PRESET], "--out"),
    (["train", "nothing", "--out", "x"], "'nothing'"),
    (["train", PRESET, "--set", "lr=1", "--out", "x"], "'lr'"),
    (["train", PRESET, "--set", "epochs", "--out", "x"], "FIELD=VALUE"),
    (["train", PRESET, "--set", "epochs=0", "--out", "x"], "epochs is '0'"),
    (["train", PRESET, "--set", "width=wide", "--out", "x"], "'wide'"),
    (["train", PRESET, "--steps", "3", "--seconds", "3", "--out", "x"], "not allowed with"),
    *(
        (["train", PRESET, "--steps", n, "--out", "x"], f"'{n}'")
        for n in ("-1", "1.5", "many", "99999999999999999999999999")
    ),
    *(
        (["train", PRESET, "--seconds", s, "--out", "x"], f"'{s}'")
        for s in ("0", "-3", "nan", "inf", "soon")
    ),
    (["train", PRESET, "--out", "/proc/nowhere/run"], "/proc/nowhere"),
    (["train", PRESET, "--out", "~nobody-of-that-name/x"], "user"),
    (["train", PRESET, "--out", "file/run"], "file/run"),
    (["train", PRESET, "--out", "a\0b"], "another folder"),
    (["train", PRESET, "--se", "epochs=1", "--out", "x"], "--se"),
    (["sample"], "CHECKPOINT"),
    (["sample", "model", "--out", "x.png"], "--count"),
    (["sample", "model", "--count", "3"], "--out"),
    *(
        (["sample", "model", "--count", n, "--out", "x.png"], f"'{n}'")
        for n in ("0", "-1", "100001", "2.5", "")
    ),
    *(
        (["sample", "model", "--count", "3", "--seed", s, "--out", "x.png"], f"'{s}'")
        for s in ("-1", str(2**31), "x")
    ),
    *(
        (["sample", "model", "--count", "3", "--out", f], "must end in")
        for f in ("x.jpg", "x", ".png", "x.gif", "")
    ),
    (["sample", "model", "--count", "3", "--out", "/proc/nowhere/x.png"], "/proc/nowhere"),
    (["sample", "model", "--count", "3", "--out", "file/x.png"], "file"),
    (["sample", "model", "--count", "3", "--out", "folder.png"], "folder"),
    (["sample", "nothing", "--count", "3", "--out", "x.png"], "'nothing'"),
    (["sample", "file", "--count", "3", "--out", "x.png"], "'file'"),
    (["sample", ".", "--count", "3", "--out", "x.png"], "no checkpoint"),
    *(
        (["sample", "model", "--count", "3", "--label", k, "--out", "x.png"], "no class")
        for k in ("3", "-1", "boot", "", "1.0", "9" * 80)
    ),
    (["sample", "plain", "--count", "3", "--label", "0", "--out", "x.png"], "unconditional"),
    (["interpolate", "model", "1", "--out", "x.png"], "SEED_B"),
    (["interpolate", "model", "-1", "2", "--out", "x.png"], "'-1'"),
    (["interpolate", "model", "1", str(2**31), "--out", "x.png"], str(2**31)),
    *(
        (["interpolate", "model", "1", "2", "--frames", n, "--out", "x.png"], f"'{n}'")
        for n in ("1", "601", "0", "two")
    ),
    (["interpolate", "model", "1", "2", "--mode", "jump", "--out", "x.png"], "'jump'"),
    (["interpolate", "model", "1", "2", "--out", "x.npz"], "must end in"),
    (["interpolate", "plain", "1", "2", "--label", "a", "--out", "x.png"], "unconditional"),
]


@pytest.mark.parametrize(
    ("arguments", "said"),
    BAD,
    ids=[shlex.join(arguments)[:60].replace("\0", "0") for arguments, _ in BAD],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: list[str],
    said: str,
    model_folder: str,
    plain_folder: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("file").write_text("in the way")
    Path("folder.png").mkdir()
    before = sorted(Path().rglob("*"))
    assert main(arguments) == 2
    assert said in one_sentence(capsys)
    assert sorted(Path().rglob("*")) == before


class Terminal(io.StringIO):
    """A stderr that someone looks at."""

    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_on_a_terminal_only(
    model_folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sample", model_folder, "--count", "300", "--out", "x.npz"]) == 0
    assert not capsys.readouterr().err
    for command, answer in (
        (["sample", model_folder, "--count", "300", "--out", "x.npz"], "300/300"),
        (["train", PRESET, *SMALL, "--out", "a"], "10/10"),
        (["train", PRESET, *SMALL, "--seconds", "0.001", "--out", "b"], "100%"),
    ):
        terminal = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", terminal)
            assert main(command) == 0
        assert answer in terminal.getvalue() and ("losses D" in terminal.getvalue()) == (
            command[0] == "train"
        )
