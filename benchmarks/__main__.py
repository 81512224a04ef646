"""Every figure that we publish, measured on this machine: `python -m benchmarks [WHAT ...] [--json
FILE]`.

    training           training speed beside a plain PyTorch loop, taking turns (a quarter of an
                       hour)
    time-to-quality    seconds until digits can be read and vary, beside a plain conditional DCGAN
                       (about half an hour)
    page               the app as a visitor feels it (a quarter of an hour)
    lab                the 2-D lab's rounds and frames a second, for one page and for thirty (half a
                       minute)
    classroom          thirty runs at once, watched by thirty pages, in one room (a quarter of an
                       hour)
    doctor             what the training doctor says at every check of recorded runs (a minute)
    faithful           what the Train tab calls faithful: real pictures, noise, first epochs,
                       bundled models (a minute)
    failures           presets that go wrong on purpose, as they are and cured, five seeds each (an
                       hour)

Without WHAT, all of them. Nothing else should run meanwhile. The records that we publish are in
benchmarks/results, one file a machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import side_by_side

LEAST_TURNS = 3
Keep = Callable[[dict[str, Any]], None]
WHAT = (
    "training",
    "time-to-quality",
    "page",
    "lab",
    "classroom",
    "doctor",
    "faithful",
    "failures",
)


def _training(turns: int, keep: Keep) -> dict[str, Any]:
    """Each case in each precision that this machine has."""
    import torch
    from tqdm import tqdm

    from benchmarks.training import CASES, ratio
    from ganapp.devices import plan

    gpu = torch.cuda.is_available()
    figures: dict[str, Any] = {}
    for name, case in CASES.items():
        quick = "bfloat16" if plan().dtype == torch.bfloat16 else "float32"
        for precision in dict.fromkeys((quick, "float32")):
            with tqdm(
                total=turns + 1, desc=f"{case.title}, {precision}", file=sys.stderr, leave=False
            ) as bar:
                found = ratio(name, precision, turns, lambda turn, bar=bar: bar.update())  # type: ignore[misc]
            aim = case.aims.get("cuda" if gpu else precision)
            print(
                f"{case.title}, {precision}: {found}" + (f"; the aim is {aim:g}" if aim else ""),
                flush=True,
            )
            figures[f"{name}/{precision}"] = {
                "title": case.title,
                "precision": precision,
                "aim": aim,
            } | dataclasses.asdict(found)
            keep(figures)
    return figures


def _time_to_quality(turns: int, keep: Keep) -> dict[str, Any]:
    from benchmarks.time_to_quality import measure

    found = measure(lambda line: print(line, flush=True))
    print(
        f"ours reaches the goal {found['times sooner']:.1f} times sooner, at least:"
        f" {found['seconds']}"
    )
    return found


def _page(turns: int, keep: Keep) -> dict[str, Any]:
    from benchmarks.page import measure

    return measure(lambda line: print(line, flush=True))


def _lab(turns: int, keep: Keep) -> dict[str, Any]:
    from benchmarks.lab import measure

    return measure(lambda line: print(line, flush=True))


def _classroom(turns: int, keep: Keep) -> dict[str, Any]:
    from benchmarks.classroom import measure

    return measure(lambda line: print(line, flush=True))


def _doctor(turns: int, keep: Keep) -> dict[str, Any]:
    from benchmarks.doctor import measure

    return measure(lambda line: print(line, flush=True))


def _faithful(turns: int, keep: Keep) -> dict[str, Any]:
    from benchmarks.faithful import measure

    return measure(lambda line: print(line, flush=True))


def _failures(turns: int, keep: Keep) -> dict[str, Any]:
    from benchmarks.failures import measure

    return measure(keep)


def main() -> None:
    """Measures what was asked for and prints it; `--json FILE` adds it to a record."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(WHAT))
    parser.add_argument(
        "--turns",
        type=int,
        default=10,
        help=f"how often the two programs of a comparison take turns ({LEAST_TURNS} or more; 10)",
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="write the figures there; what the file holds of others stays",
    )
    options = parser.parse_args()
    if unknown := set(options.what) - set(WHAT):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(WHAT)}")
    if options.turns < LEAST_TURNS:
        parser.error(f"--turns must be {LEAST_TURNS} or more")
    try:
        record = _opened(options.json)
    except (OSError, ValueError) as error:
        parser.error(f"{str(options.json)!r} is no record that can be written: {error}")
    record["machine"] = side_by_side.machine()

    def keep(name: str, figures: dict[str, Any]) -> None:
        record[name] = figures
        if options.json:
            options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    measures = (
        _training,
        _time_to_quality,
        _page,
        _lab,
        _classroom,
        _doctor,
        _faithful,
        _failures,
    )
    try:
        for name, measure in zip(WHAT, measures, strict=True):
            if not options.what or name in options.what:
                keep(name, measure(options.turns, functools.partial(keep, name)))
    except KeyboardInterrupt:
        sys.exit(
            "Stopped; what was measured before is printed above"
            + (f" and kept in {options.json}." if options.json else ".")
        )


def _opened(file: Path | None) -> dict[str, Any]:
    """What the record holds already, once it is sure that it can be written."""
    if file is None:
        return {}
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8"):
        pass
    record = json.loads(file.read_text(encoding="utf-8") or "{}")
    if not isinstance(record, dict):
        raise ValueError("it holds other JSON")
    return record


if __name__ == "__main__":
    main()
