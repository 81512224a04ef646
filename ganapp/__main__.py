"""The command line, `python -m ganapp COMMAND`: the second consumer of `train()`.

What needs torch is imported inside the commands, so that --help and `presets` answer at once.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import math
import os
import re
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, cast

from ganapp.commands import evaluate_2d
from ganapp.config import LARGEST_SEED, TrainConfig, parse_overrides
from ganapp.errors import BadInput
from ganapp.presets import DEFAULT_PRESET, PRESETS

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from ganapp.checkpoints import TrainedModel, TrainingState
    from ganapp.datasets import Pictures
    from ganapp.training import Snapshot

MOST_STEPS = 1_000_000_000
MOST_SECONDS = 1e7
MOST_PICTURES = 100_000
MOST_FRAMES = 600
CHUNK = 250
SECONDS_BETWEEN_STATES = 10.0
MOST_EPOCH_FRAMES = 120
COMMAND, SCORES, EPOCHS, PICTURES = "command.json", "scores.csv", "epochs.gif", "pictures.npz"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0, 2 for input that cannot be used, 1 for a run that failed, 130 for Ctrl-C."""
    try:
        arguments = _parser().parse_args(argv)
        code: int = arguments.command(arguments)
        return code
    except SystemExit as finished:  # --help
        return int(finished.code or 0)
    except BadInput as error:
        return _say(str(error), 2)
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("ganapp"):
            raise
        return _say(f"{error.name} is not installed for this Python: run it with the environment of the README, .venv/bin/python.", 1)
    except KeyboardInterrupt:
        return _say("Stopped; what was saved before stays.", 130)
    except OSError as error:
        name = Path(str(error.filename)).name if error.filename else "A file"
        reason = error.strerror or error
        return _say(f"{name} could not be read or written ({reason}): check the folder and the space left on its disk.", 1)


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(f"{sentence}\n")  # at once, for several processes may speak
    return code


class _Parser(argparse.ArgumentParser):
    """argparse whose complaints are one sentence, raised as `BadInput`."""

    def error(self, message: str) -> NoReturn:
        message = re.sub(r"^argument ([^:]+): ", r"\1: ", message).rstrip(".")
        raise BadInput(f"{message[:1].upper()}{message[1:]}; `{self.prog} --help` shows how it is used.")


def _whole(low: int, high: int) -> Callable[[str], int]:
    """An argument's type: a whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text[:60]!r} is not a whole number from {low} to {high}")
        return int(text)

    return read


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) <= MOST_SECONDS:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text[:60]!r} is not a number of seconds above 0 and up to {MOST_SECONDS:.0f}")


def _parser() -> _Parser:
    parser = _Parser(
        prog="python -m ganapp",
        allow_abbrev=False,
        description="Train generative adversarial networks and draw from them; `python app.py` opens the app.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="name")

    def command(name: str, run: Callable[[argparse.Namespace], int], about: str) -> _Parser:
        added = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
        added.set_defaults(command=run)
        return added

    seed = _whole(0, LARGEST_SEED)
    checkpoint_help = "a checkpoint's folder, the name of a bundled one, or a repository of the Hugging Face Hub (owner/name)"
    label_help = "the class to draw, by its name or number"

    command("presets", _presets, "List the presets that `train` can start from.")

    train = command("train", _train, "Train a preset into a folder that every other command and the app can open.")
    train.add_argument("preset", metavar="PRESET", help=f"a name that `presets` lists, such as {DEFAULT_PRESET}")
    train.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        nargs="+",
        action="extend",
        default=[],
        dest="pairs",
        help="settings to change, as in --set epochs=10 loss=minimax",
    )
    limit = train.add_mutually_exclusive_group()
    limit.add_argument(
        "--steps", type=_whole(0, MOST_STEPS), metavar="N", help="end after this many steps in all, instead of after the preset's epochs"
    )
    limit.add_argument(
        "--seconds", type=_seconds, metavar="S", help="end after this many seconds of training in all, instead of after the preset's epochs"
    )
    train.add_argument("--out", required=True, metavar="FOLDER", help="the run's folder, new or empty")
    train.add_argument("--resume", action="store_true", help="go on with the run in FOLDER")
    train.add_argument(
        "--pictures",
        metavar="PATH",
        nargs="+",
        help="your own pictures instead of the preset's data: files, folders or zips; the folder that a picture lies in is its class",
    )

    sample = command("sample", _sample, "Draw pictures from a checkpoint.")
    sample.add_argument("checkpoint", metavar="CHECKPOINT", help=checkpoint_help)
    sample.add_argument("--count", type=_whole(1, MOST_PICTURES), required=True, metavar="N", help="how many pictures")
    sample.add_argument("--label", metavar="K", help=f"{label_help}; without it the classes take turns")
    sample.add_argument(
        "--seed", type=seed, default=0, metavar="S", help="where the noise comes from; the same seed draws the same pictures (0)"
    )
    sample.add_argument(
        "--out", required=True, metavar="FILE", help="a .png of all the pictures, or an .npz with images (N, H, W, C) and labels (N,)"
    )

    interpolate = command("interpolate", _interpolate, "Walk from one picture of a checkpoint to another.")
    interpolate.add_argument("checkpoint", metavar="CHECKPOINT", help=checkpoint_help)
    interpolate.add_argument("seed_a", type=seed, metavar="SEED_A", help="seed of the first picture")
    interpolate.add_argument("seed_b", type=seed, metavar="SEED_B", help="seed of the last picture")
    interpolate.add_argument(
        "--frames", type=_whole(2, MOST_FRAMES), default=16, metavar="N", help="pictures from the first to the last (16)"
    )
    interpolate.add_argument("--mode", choices=("lerp", "slerp"), default="slerp", help="along the straight line or along the arc (slerp)")
    interpolate.add_argument("--label", metavar="K", help=f"{label_help}; without it the first one")
    interpolate.add_argument(
        "--out", required=True, metavar="FILE", help="a .png with the strip of pictures, or a .gif that walks there and back"
    )

    translate = command("translate", _translate, "Translate a picture to a model's other domain, and back.")
    translate.add_argument("checkpoint", metavar="CHECKPOINT", help=checkpoint_help)
    translate.add_argument("picture", metavar="PICTURE", help="the file of a picture; its middle is used")
    translate.add_argument("--to", required=True, metavar="DOMAIN", help="the domain to translate to, by its name or number")
    translate.add_argument(
        "--out", required=True, metavar="FILE", help="a .png with the picture, its translation, and that translated back"
    )

    evaluate_2d.add_arguments(
        command("evaluate-2d", evaluate_2d.run, "Measure GANs in the plane by PacGAN's protocol, beside the figures of its paper.")
    )
    return parser


def _presets(arguments: argparse.Namespace) -> int:
    width = max(map(len, PRESETS))
    for name, preset in PRESETS.items():
        print(f"{name:{width}}  {preset.title}")
        if preset.note:
            print(f"{'':{width}}  {preset.note}")
    return 0


# --- train ---------------------------------------------------------------------------------------------------------


def _train(arguments: argparse.Namespace) -> int:
    if arguments.preset not in PRESETS:
        raise BadInput(f"There is no preset {arguments.preset[:60]!r}; the presets are {', '.join(PRESETS)}.")
    alone, writes = os.environ.get("WORLD_SIZE", "1") == "1", os.environ.get("RANK", "0") == "0"
    if arguments.seconds is not None and not alone:
        raise BadInput("--seconds cannot be kept by several processes alike: use --steps, or --set epochs=N.")
    if arguments.pictures:
        if arguments.resume:
            raise BadInput("--resume goes on with the pictures that the run began with: leave --pictures out.")
        arguments.pairs.append("dataset=own")
    overrides, out = parse_overrides(arguments.pairs), _expanded(arguments.out)
    config = None
    if not arguments.resume:  # quick mistakes get quick answers
        config = TrainConfig.from_dict(overrides, base=PRESETS[arguments.preset].config)
        if writes:
            _refuse_used(out)

    from ganapp import checkpoints
    from ganapp.engine import joined_team
    from ganapp.training import Diverged, train

    with joined_team() as team:
        resume = checkpoints.load_state(out) if config is None else None
        config = config or TrainConfig.from_dict(overrides, base=cast("TrainingState", resume).config)
        steps = arguments.steps if arguments.seconds is None else MOST_STEPS
        pictures = _own_pictures(arguments, out) if config.dataset == "own" else None
        rounds = train(config, resume=resume, steps=steps, pictures=pictures, team=team)
        try:
            if team.rank == 0:
                return _recorded(arguments, out, resume, rounds, pictures)
            return _followed(rounds)
        except Diverged as error:
            return _say(f"{error} That state is kept in {out}.", 1)


def _own_pictures(arguments: argparse.Namespace, out: Path) -> Pictures:
    """The pictures that `--pictures` names, or those that the run in `out` began with."""
    from ganapp.datasets import uploads

    if not arguments.pictures:
        return uploads.kept(out / PICTURES) if arguments.resume else uploads.load_own(lambda share, what: None)
    with _tqdm(total=100, desc="reading pictures", unit=" %") as bar:
        sources = [_expanded(text) for text in arguments.pictures]
        found = uploads.read(sources, lambda share, what: bar.update(round(100 * share) - bar.n))
    if found.skipped:
        print(f"Of the files, {len(found.skipped)} could not be read as pictures, such as {found.skipped[0]!r}.", file=sys.stderr)
    return found.pictures


def _keep(pictures: Pictures, out: Path) -> None:
    """Writes own pictures into the run's folder, for --resume."""
    from ganapp.checkpoints import save_atomically
    from ganapp.datasets import uploads

    save_atomically(out / PICTURES, lambda path: uploads.keep(pictures, path))


def _followed(rounds: Iterator[Snapshot]) -> int:
    """Plays `rounds` beside the first process, which alone writes, and alone hears Ctrl-C; ends when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for _ in rounds:
            pass
    except RuntimeError:  # the first process has gone, and has said why
        return 130
    return 0


def _recorded(
    arguments: argparse.Namespace, out: Path, resume: TrainingState | None, rounds: Iterator[Snapshot], pictures: Pictures | None
) -> int:
    """Plays `rounds` to their end, or the time's, or Ctrl-C, and writes what they show into the folder `out`, own pictures too."""
    was_there = out.exists()
    _check_writable(out / COMMAND)
    record = _Record(out, arguments, resume)
    if resume is not None and arguments.seconds is not None and record.seconds >= arguments.seconds:
        raise _nothing_left(out, resume.step, arguments)
    try:
        with _polite_interrupt() as interrupted, contextlib.closing(_Bar(arguments)) as bar:
            for snapshot in rounds:
                if resume is not None and snapshot.done and snapshot.step <= resume.step:
                    raise _nothing_left(out, resume.step, arguments)
                if pictures is not None and not (out / PICTURES).exists():
                    _keep(pictures, out)
                record.add(snapshot)
                bar.show(snapshot, record.seconds)
                interrupted.can_wait = True
                out_of_time = arguments.seconds is not None and record.seconds >= arguments.seconds
                if snapshot.done or out_of_time or interrupted.heard:
                    record.finish(snapshot, complete=snapshot.done or out_of_time)
                    break
    except BaseException:
        if not was_there and out.exists() and not any(out.iterdir()):
            out.rmdir()
        raise
    if interrupted.heard and not (snapshot.done or out_of_time):
        return _say(f"Stopped at step {snapshot.step} and saved it in {out}: the same command with --resume goes on from there.", 130)
    use = f"To draw from it: python -m ganapp sample {shlex.quote(arguments.out)} --count 100 --out samples.png"
    if "cycle_error" in snapshot.scores._fields:
        use = f"To translate with it: python -m ganapp translate {shlex.quote(arguments.out)} PICTURE --to 1 --out translated.png"
    print(f"Trained {arguments.preset} for {snapshot.step} steps ({snapshot.progress:.1f} epochs) in {record.seconds:.0f} s. {use}")
    return 0


def _nothing_left(out: Path, step: int, arguments: argparse.Namespace) -> BadInput:
    asked = [f"--{name}" for name in ("steps", "seconds") if getattr(arguments, name) is not None] or ["--set epochs=N"]
    return BadInput(
        f"The run in {out.name!r} is at step {step} and has played all that was asked for: ask for more with a larger {asked[0]}."
    )


def _refuse_used(out: Path) -> None:
    """`BadInput` unless `out` is new or an empty folder, so that no run is ever overwritten."""
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.is_dir() and (out / COMMAND).exists():
        raise BadInput(f"{str(out)!r} already holds a run: go on with it with --resume, or name a new folder.")
    if out.exists():
        raise BadInput(f"{str(out)!r} already exists and is not an empty folder: name a new one, so that nothing is overwritten.")


class _Interrupted:
    """Whether Ctrl-C was heard; once `can_wait`, it waits for the next snapshot instead of breaking a step in two."""

    heard = can_wait = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.heard or not self.can_wait:
            raise KeyboardInterrupt
        self.heard = True


@contextlib.contextmanager
def _polite_interrupt() -> Iterator[_Interrupted]:
    interrupted = _Interrupted()
    try:
        before = signal.signal(signal.SIGINT, interrupted)
    except ValueError:  # not in the main thread, which alone hears signals
        yield interrupted
        return
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


class _Bar:
    """The progress of training, in steps or in seconds, on a terminal."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.preset, self.limit = arguments.preset, arguments.seconds
        self.bar: Any = None

    def show(self, snapshot: Snapshot, seconds: float) -> None:
        if self.bar is None and self.limit is None:
            self.bar = _tqdm(total=snapshot.steps, initial=snapshot.step, desc=self.preset, unit=" steps")
        elif self.bar is None:
            self.bar = _tqdm(
                total=self.limit,
                initial=seconds,
                desc=self.preset,
                bar_format="{desc}: {percentage:3.0f}% |{bar}| {n:.0f} of {total:.0f} s{postfix}",
            )
        scores = snapshot.scores
        if len(scores.discriminator_loss):
            losses = f"D {scores.discriminator_loss[-1]:.2f} G {scores.generator_loss[-1]:.2f}"
            self.bar.set_postfix_str(f"epoch {snapshot.progress:.1f}, losses {losses}", False)
        self.bar.update((snapshot.step if self.limit is None else min(seconds, self.limit)) - self.bar.n)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def _tqdm(**settings: Any) -> Any:
    """A progress bar on stderr where that is a terminal, else nothing."""
    from tqdm import tqdm

    return tqdm(file=sys.stderr, disable=not sys.stderr.isatty(), dynamic_ncols=True, **settings)


class _Record:
    """Writes what a run shows into its folder.

    state.safetensors and command.json every so often, scores.csv as it goes, epochs.gif and the checkpoint at the end. A resumed
    run goes on with its seconds, its scores up to the resumed step and its animation.
    """

    def __init__(self, out: Path, arguments: argparse.Namespace, resume: TrainingState | None) -> None:
        self.out, self.preset = out, arguments.preset
        self.limit: list[str] = []
        for name in ("steps", "seconds"):
            if getattr(arguments, name) is not None:
                self.limit = [f"--{name}", f"{getattr(arguments, name):.10g}"]
        self.typed_out = arguments.out
        noted = _noted(out) if resume is not None else {}
        if noted and noted["preset"] != self.preset:
            raise BadInput(
                f"The run in {out.name!r} was started from the preset {noted['preset']!r}: resume it with that name, not {self.preset!r}."
            )
        self.pairs = noted.get("settings", {}) | dict(pair.split("=", 1) for pair in arguments.pairs)
        self.seconds_before: float = noted.get("seconds", 0.0)
        self.seconds = self.seconds_before
        self.started = self.saved = 0.0
        self.rows = _rows_until(out / SCORES, resume.step) if resume is not None else []
        self.last: tuple[int, float] | None = None
        self.frames = _frames_read(out / EPOCHS, noted.get("frames", [])) if resume is not None else []

    def add(self, snapshot: Snapshot) -> None:
        """Appends the scores, keeps the epoch's picture, saves the state when it is time."""
        now = time.monotonic()
        first = self.last is None
        if first:
            self.started = now
            self.frames = [(epoch, frame) for epoch, frame in self.frames if epoch <= snapshot.epoch]
        self.seconds = self.seconds_before + now - self.started
        self._append(snapshot)
        newest = self.frames[-1][0] if self.frames else -1
        if snapshot.preview is not None and snapshot.epoch > newest and (not first or snapshot.step == 0):
            from ganapp import pictures

            self.frames = _thinned([*self.frames, (snapshot.epoch, pictures.grid(snapshot.preview))])
        if first or now - self.saved >= SECONDS_BETWEEN_STATES:
            self._save(snapshot)
            self.saved = time.monotonic()

    def finish(self, snapshot: Snapshot, complete: bool) -> None:
        """Saves all: the state to resume from, and the checkpoint that everything else opens."""
        from ganapp import checkpoints, pictures
        from ganapp.devices import machine

        state = self._save(snapshot)
        if self.frames:
            moving = pictures.animation([frame for _, frame in self.frames], "GIF", 0.15, 2.0)
            checkpoints.save_atomically(self.out / EPOCHS, lambda path: path.write_bytes(moving))
        limit = self.limit if complete else ["--steps", str(snapshot.step)]
        pairs = {name: value for name, value in self.pairs.items() if (name, value) != ("dataset", "own")}
        settings = ["--set", *(f"{name}={value}" for name, value in pairs.items())] if pairs else []
        if state.config.dataset == "own":
            settings += ["--pictures", "PICTURES"]
        command = shlex.join(["python", "-m", "ganapp", "train", self.preset, *settings, *limit, "--out", self.typed_out])
        facts = {
            "preset": self.preset,
            "command": command,
            "data": state.config.dataset,
            "epochs": round(snapshot.progress, 4),
            "seconds": round(self.seconds, 1),
            "machine": machine(),
            "name": self.out.resolve().name,
        }
        checkpoints.save(checkpoints.TrainedModel.from_state(state, facts), self.out)

    def _save(self, snapshot: Snapshot) -> TrainingState:
        from ganapp import checkpoints

        state = snapshot.capture()
        checkpoints.save_state(state, self.out)
        noted = {
            "preset": self.preset,
            "settings": self.pairs,
            "seconds": round(self.seconds, 3),
            "frames": [epoch for epoch, _ in self.frames],
        }
        checkpoints.save_atomically(self.out / COMMAND, lambda path: path.write_text(json.dumps(noted), encoding="utf-8"))
        return state

    def _append(self, snapshot: Snapshot) -> None:
        names = snapshot.scores._fields
        if self.last is None:
            with (self.out / SCORES).open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([["step", "epoch", *names], *self.rows])
        else:
            (before, epoch_before), count = self.last, len(snapshot.scores[0])
            a_step = (snapshot.progress - epoch_before) / max(1, snapshot.step - before)
            with (self.out / SCORES).open("a", newline="", encoding="utf-8") as file:
                for back, values in zip(range(count - 1, -1, -1), zip(*snapshot.scores, strict=True), strict=True):
                    epoch = f"{snapshot.progress - back * a_step:.5f}"
                    csv.writer(file).writerow([snapshot.step - back, epoch, *(f"{value:.6g}" for value in values)])
        self.last = snapshot.step, snapshot.progress


def _noted(out: Path) -> dict[str, Any]:
    """What command.json says of the run, or nothing if it cannot be read: then only its seconds and animation start anew."""
    try:
        noted = json.loads((out / COMMAND).read_text(encoding="utf-8"))
        return {
            "preset": str(noted["preset"]),
            "settings": {str(name): str(text) for name, text in noted["settings"].items()},
            "seconds": float(noted["seconds"]),
            "frames": [int(epoch) for epoch in noted["frames"]],
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _rows_until(path: Path, step: int) -> list[list[str]]:
    """The rows of scores.csv up to `step`, without its heading; rows that a crash cut short end them."""
    rows: list[list[str]] = []
    with contextlib.suppress(OSError, ValueError, csv.Error), path.open(newline="", encoding="utf-8") as file:
        heading, *lines = csv.reader(file)
        for line in lines:
            if len(line) != len(heading) or int(line[0]) > step:
                break
            rows.append(line)
    return rows


def _frames_read(path: Path, epochs: list[int]) -> list[tuple[int, Image.Image]]:
    """The frames of epochs.gif with their epochs, or none if it holds others."""
    from PIL import Image, ImageSequence

    try:
        with Image.open(path) as moving:
            frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(moving)]
    except (OSError, ValueError):
        return []
    return list(zip(epochs, frames, strict=True)) if len(frames) == len(epochs) else []


def _thinned(frames: list[tuple[int, Image.Image]]) -> list[tuple[int, Image.Image]]:
    """At most MOST_EPOCH_FRAMES of the frames, evenly over the epochs, the newest among them."""
    newest, stride = frames[-1][0], 1
    while newest // stride >= MOST_EPOCH_FRAMES - 1:
        stride *= 2
    return [(epoch, frame) for epoch, frame in frames if epoch % stride == 0 or epoch == newest]


# --- sample, interpolate and translate ------------------------------------------------------------------------------------------


def _sample(arguments: argparse.Namespace) -> int:
    out = _target(arguments.out, (".png", ".npz"))

    import numpy as np

    from ganapp import checkpoints, latents, pictures

    model = _open(arguments.checkpoint)
    count = arguments.count
    if arguments.label is not None:
        labels = np.full(count, _class(model, arguments.label), np.int64)
    else:
        labels = np.arange(count, dtype=np.int64) % max(1, model.classes)
    images = _drawn(model, latents.noise(arguments.seed, model.config.latent_size, count), labels)
    if out.suffix.lower() == ".npz":
        shown_labels = labels if model.classes else np.full(count, -1, np.int64)

        def write(path: Path) -> None:
            with path.open("wb") as file:
                np.savez_compressed(file, images=images, labels=shown_labels)

        checkpoints.save_atomically(out, write)
    else:
        columns = math.isqrt(count - 1) + 1
        if model.classes and arguments.label is None:  # whole rounds of the classes, so that each keeps to its columns
            columns = max(1, round(columns / model.classes)) * model.classes
        sheet = pictures.grid(pictures.table(images, min(columns, count)))
        checkpoints.save_atomically(out, lambda path: path.write_bytes(pictures.encode(sheet, "PNG")))
    print(f"Wrote {count} pictures to {arguments.out}.")
    return 0


def _interpolate(arguments: argparse.Namespace) -> int:
    out = _target(arguments.out, (".png", ".gif"))

    import numpy as np

    from ganapp import checkpoints, latents, pictures

    model = _open(arguments.checkpoint)
    start, end = (latents.noise(seed, model.config.latent_size)[0] for seed in (arguments.seed_a, arguments.seed_b))
    label = _class(model, arguments.label) if arguments.label is not None else 0
    images = _drawn(model, latents.path(start, end, arguments.frames, arguments.mode), np.full(arguments.frames, label, np.int64))
    if out.suffix.lower() == ".png":
        written = pictures.encode(pictures.enlarged(pictures.grid(pictures.table(images, len(images))), 2), "PNG")
    else:
        there = [pictures.enlarged(pictures.image(pixels), 4) for pixels in images]
        written = pictures.animation([*there, *there[-2:0:-1]], "GIF", 0.08)
    checkpoints.save_atomically(out, lambda path: path.write_bytes(written))
    print(f"Wrote {arguments.frames} pictures from seed {arguments.seed_a} to seed {arguments.seed_b} to {arguments.out}.")
    return 0


def _translate(arguments: argparse.Namespace) -> int:
    out, source = _target(arguments.out, (".png",)), _expanded(arguments.picture)

    import numpy as np

    from ganapp import checkpoints, pictures
    from ganapp.datasets import uploads

    model = _open(arguments.checkpoint)
    if not model.translates:
        raise BadInput(f"{arguments.checkpoint[:60]!r} draws from noise and translates nothing: choose a model made by the cyclegan model.")
    domain = _chosen(model.class_names, arguments.to, "domain")
    if not source.is_file():
        raise BadInput(f"There is no picture {str(source)[:200]!r}.")
    try:
        pixels = uploads.square(source, model.config.image_size)
    except uploads.UNREADABLE:
        raise BadInput(f"{source.name[:80]!r} is no picture that can be opened: give a {', '.join(uploads.ENDINGS)}.") from None
    grey = np.asarray(pictures.image(pixels).convert("L"))[..., None]
    shown = (grey if model.channels == 1 else pixels).transpose(2, 0, 1)[None] / np.float32(127.5) - 1
    there = model.translate(shown, domain)
    back = model.translate(there, 1 - domain)
    row = checkpoints.to_uint8(np.concatenate([shown, there, back]))
    sheet = pictures.enlarged(pictures.grid(pictures.table(row, 3)), 4)
    checkpoints.save_atomically(out, lambda path: path.write_bytes(pictures.encode(sheet, "PNG")))
    changed = 50 * np.abs(back - shown).mean()
    print(f"Wrote the picture, as {model.class_names[domain]}, and back to {arguments.out}; it came back {changed:.1f} % changed.")
    return 0


def _open(name: str) -> TrainedModel:
    from ganapp import checkpoints
    from ganapp.devices import best_device

    return checkpoints.open_model(name, best_device())


def _class(model: TrainedModel, wanted: str) -> int:
    """The number of a class given by its name or number."""
    if not model.classes:
        raise BadInput("This model is unconditional, so it draws whatever class comes: leave --label out, or choose a conditional model.")
    return _chosen(model.class_names, wanted, "class")


def _chosen(names: Sequence[str], wanted: str, what: str) -> int:
    """The number of one of `names`, given by its name or number."""
    folded = [name.casefold() for name in names]
    if wanted.strip().casefold() in folded:
        return folded.index(wanted.strip().casefold())
    if re.fullmatch(r"[0-9]{1,9}", wanted) and int(wanted) < len(names):
        return int(wanted)
    raise BadInput(
        f"There is no {what} {wanted[:60]!r}; this model's are "
        + ", ".join(f"{number} ({name})" if str(number) != name else name for number, name in enumerate(names))
        + "."
    )


def _drawn(model: TrainedModel, noise: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The pictures, uint8 (N, H, W, C), drawn in chunks with a progress bar."""
    import numpy as np

    chunks = []
    with _tqdm(total=len(noise), unit=" pictures") as bar:
        for start in range(0, len(noise), CHUNK):
            chunks.append(model.draw(noise[start : start + CHUNK], labels[start : start + CHUNK]))
            bar.update(len(chunks[-1]))
    return np.concatenate(chunks)


# --- files -----------------------------------------------------------------------------------------------------------


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise BadInput(f"{text[:60]!r} starts with the name of a user that this machine does not have: write the folder out.") from None


def _target(text: str, endings: Sequence[str]) -> Path:
    """The file to write, once it is sure that it can be written."""
    out = _expanded(text)
    if out.suffix.lower() not in endings or not out.stem:
        raise BadInput(f"--out is {text[:60]!r}, but its name must end in {' or '.join(endings)}, which says what kind of file to write.")
    if out.is_dir():
        raise BadInput(f"--out is {text[:60]!r}, but that is a folder: name a file.")
    _check_writable(out)
    return out


def _check_writable(file: Path) -> None:
    """Makes the file's folder if need be; `BadInput` unless a file can be made there."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent):
            pass
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadInput(f"Nothing can be written to {str(file.parent)[:200]!r} ({reason}): choose another folder with --out.") from error


if __name__ == "__main__":
    sys.exit(main())
