"""`train`: a preset, in one process or several, into a folder that everything else opens."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ganapp.commands.logs import LOGS, LoggingSink, check_installed
from ganapp.commands.record import COMMAND, SCORES, CommandSink, cadence
from ganapp.commands.shared import add_settings, check_writable, progress_bar, say, whole
from ganapp.config.knobs import parse_overrides
from ganapp.config.presets import PRESETS
from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput
from ganapp.files import expanded, save_atomically, why_unwritable

if TYPE_CHECKING:
    from ganapp.checkpoints import TrainingState
    from ganapp.datasets import Pictures
    from ganapp.engine import ProcessGroup
    from ganapp.runs.recorder import Progress
    from ganapp.training import Snapshot

MOST_STEPS = 1_000_000_000
MOST_SECONDS = 1e7


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The preset with changes to it, how long to train, where to, and own pictures."""
    add_settings(parser)
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument(
        "--steps",
        type=whole(0, MOST_STEPS),
        metavar="N",
        help="end after this many steps in all, instead of after the preset's epochs",
    )
    limit.add_argument(
        "--seconds",
        type=_seconds,
        metavar="S",
        help="end after this many seconds of training in all, instead of after the preset's epochs",
    )
    parser.add_argument(
        "--out", required=True, metavar="FOLDER", help="the run's folder, new or empty"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in FOLDER")
    parser.add_argument(
        "--log",
        choices=LOGS,
        help=(
            "draw scores, quality and pictures in TensorBoard (event files in FOLDER) or in Trackio"
        ),
    )
    own = parser.add_mutually_exclusive_group()
    own.add_argument(
        "--pictures",
        metavar="PATH",
        nargs="+",
        help=(
            "your own pictures instead of the preset's data: files, folders or zips; the folder"
            " that a picture lies in is its class"
        ),
    )
    own.add_argument(
        "--hub-dataset",
        metavar="OWNER/NAME",
        help="pictures of a data set of the Hugging Face Hub instead, and its classes",
    )


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) <= MOST_SECONDS:
            return float(text)
    raise argparse.ArgumentTypeError(
        f"{text[:60]!r} is not a number of seconds above 0 and up to {MOST_SECONDS:.0f}"
    )


def run(arguments: argparse.Namespace) -> int:
    """Trains, alone or as one of the processes that `torchrun` started."""
    if arguments.preset not in PRESETS:
        raise BadInput(
            f"There is no preset {arguments.preset[:60]!r}; the presets are {', '.join(PRESETS)}."
        )
    if arguments.log:
        check_installed(arguments.log)
    alone, writes = os.environ.get("WORLD_SIZE", "1") == "1", os.environ.get("RANK", "0") == "0"
    if arguments.seconds is not None and not alone:
        raise BadInput(
            "--seconds cannot be kept by several processes alike: use --steps, or --set epochs=N."
        )
    out = expanded(arguments.out)
    unsaved = arguments.resume and _ended_before_its_first_state(out)
    if (arguments.pictures or arguments.hub_dataset) and arguments.resume and not unsaved:
        raise BadInput(
            "--resume goes on with the pictures that the run began with: leave --pictures and"
            " --hub-dataset out."
        )
    if arguments.pictures or arguments.hub_dataset or (unsaved and _has_pictures(out)):
        arguments.pairs.append("dataset=own")
    overrides, config = parse_overrides(arguments.pairs), None
    if unsaved and writes:
        say(f"The run in {out.name!r} ended before it was saved: it starts from the beginning.", 0)
    if unsaved or not arguments.resume:  # quick mistakes get quick answers
        config = TrainConfig.from_dict(overrides, base=PRESETS[arguments.preset].config)
        if writes and not unsaved:
            _refuse_used(out)

    from ganapp import checkpoints
    from ganapp.engine import process_group
    from ganapp.training import Diverged, train

    with process_group() as group:
        resume = checkpoints.load_state(out) if config is None else None
        config = config or cast("TrainingState", resume).config.altered(**overrides)
        steps = arguments.steps if arguments.seconds is None else MOST_STEPS
        pictures = _own_pictures(arguments, out) if config.dataset == "own" else None
        rounds = train(config, resume=resume, steps=steps, pictures=pictures, group=group)
        try:
            if group.rank == 0:
                return _record(_Session(arguments, out, config, resume, pictures, rounds))
            return _follow(rounds)
        except Diverged as error:
            return say(f"{error} That state is kept in {out}.", 1)
        except (RuntimeError, MemoryError) as error:
            return _end_after(error, group)


def _end_after(error: RuntimeError | MemoryError, group: ProcessGroup) -> int:
    """The exit code after an error that has a sentence of its own; others are raised again."""
    from ganapp.devices import OUT_OF_MEMORY, out_of_memory
    from ganapp.engine import lost_peer

    if out_of_memory(error):
        return say(OUT_OF_MEMORY, 1)
    if group.size == 1 or not lost_peer(error):
        raise error
    if group.rank == 0:
        say(
            "Another process of this run has ended and said why above: mend that, and the same"
            " command with --resume goes on from the last saved state.",
            1,
        )
    # Torch may abort when it takes a group apart whose other processes are gone. If the first one
    # has gone, it has said why.
    os._exit(130 if group.rank else 1)


def _own_pictures(arguments: argparse.Namespace, out: Path) -> Pictures:
    """The pictures that `--pictures` or `--hub-dataset` names, or those that the run in `out` began
    with.
    """
    from ganapp.datasets import hub, uploads

    if not (arguments.pictures or arguments.hub_dataset):
        return (
            uploads.load(out / uploads.PICTURES)
            if arguments.resume
            else uploads.load_own(lambda share, what: None)
        )
    with progress_bar(total=100, desc="reading pictures", unit=" %") as bar:

        def report(share: float, _what: str) -> None:
            bar.update(round(100 * share) - bar.n)

        if arguments.hub_dataset:
            found = hub.read(arguments.hub_dataset, report)
        else:
            found = uploads.read([expanded(text) for text in arguments.pictures], report)
    for remark in found.remarks:
        print(remark, file=sys.stderr)
    if found.skipped:
        print(
            f"Of the files, {len(found.skipped)} could not be read as pictures, such as"
            f" {found.skipped[0].name!r}.",
            file=sys.stderr,
        )
    return found.pictures


def _keep(pictures: Pictures, out: Path) -> None:
    """Writes own pictures into the run's folder, for --resume, if they are not there yet."""
    from ganapp.datasets import uploads

    file = out / uploads.PICTURES
    if not file.exists():
        save_atomically(file, lambda path: uploads.save(pictures, path))


def _follow(rounds: Iterator[Snapshot]) -> int:
    """Plays `rounds` beside the first process, which alone writes, and alone hears Ctrl-C; ends
    when it does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for _ in rounds:
        pass
    return 0


class _Session(NamedTuple):
    """What one call of the command plays. `resume` is the state that it goes on from, `pictures`
    are own ones.
    """

    arguments: argparse.Namespace
    out: Path
    config: TrainConfig
    resume: TrainingState | None
    pictures: Pictures | None
    rounds: Iterator[Snapshot]


def _record(session: _Session) -> int:
    """Plays the rounds until they or the time end or Ctrl-C comes, and writes what they show into
    the folder, own pictures too.
    """
    arguments, out = session.arguments, session.out
    was_there = out.exists()
    check_writable(out / COMMAND)
    sink = CommandSink(out, arguments, session.resume is not None)
    if session.resume and arguments.seconds is not None and sink.seconds >= arguments.seconds:
        raise _nothing_left(session)
    try:
        progress = _play(session, sink)
    except OSError as error:
        if not why_unwritable(error):
            raise
        return say(_why_it_ended(error, session), 1)
    except BaseException:
        if not was_there and out.exists() and not any(out.iterdir()):
            out.rmdir()
        raise
    if sink.complete:
        _report(session, progress)
        return 0
    return say(
        f"Stopped at step {progress.snapshot.step} and saved it in {out}: the same command with"
        " --resume goes on from there.",
        130,
    )


def _why_it_ended(error: OSError, session: _Session) -> str:
    """What an `error` in writing means for the run, and what to do."""
    from ganapp import checkpoints

    out, why = session.out, why_unwritable(error)
    state = out / checkpoints.STATE
    if not state.is_file():
        return (
            f"{why}, and nothing of this run was saved yet. Make room and give the same command"
            " with --resume to start it from the beginning."
        )
    needed = max(1, round(2 * state.stat().st_size / 2**20))
    return (
        f"{why}, so the run stopped. Its last saved state, of step"
        f" {checkpoints.load_state(out).step}, is whole. Make about {needed} MB of room, and the"
        " same command with --resume goes on from there."
    )


def _play(session: _Session, sink: CommandSink) -> Progress:
    """Records the rounds; `sink.complete` says afterwards whether they reached their limit."""
    from ganapp.experiments.quality import QualityCheck, QualityChecks
    from ganapp.runs.recorder import Recorder

    rows = [row for row in sink.checks if len(row) == 1 + len(QualityCheck._fields)]
    checks = QualityChecks(session.out, rows, session.config.capabilities.translates)
    resume, limit = session.resume, session.arguments.seconds
    with (
        _logged(sink, session) as kept,
        _polite_interrupt() as interrupted,
        contextlib.closing(_Bar(session.arguments)) as bar,
    ):
        recorder = Recorder(session.config, kept, checks, cadence(), sink.seconds)
        for snapshot in session.rounds:
            if resume is not None and snapshot.done and snapshot.step <= resume.step:
                raise _nothing_left(session)
            if session.pictures is not None:
                _keep(session.pictures, session.out)
            recorder.record(snapshot)
            bar.show(snapshot, recorder.seconds)
            interrupted.can_wait = True
            sink.complete = snapshot.done or (limit is not None and recorder.seconds >= limit)
            if sink.complete or interrupted.heard:
                break
        progress = recorder.finish(check=True)
    assert progress is not None
    return progress


def _logged(
    sink: CommandSink, session: _Session
) -> contextlib.AbstractContextManager[CommandSink | LoggingSink]:
    """The sink, which may write a log as well."""
    name = session.arguments.log
    if not name:
        return contextlib.nullcontext(sink)
    return contextlib.closing(LoggingSink(sink, name, session.out, session.config))


def _report(session: _Session, progress: Progress) -> None:
    """Prints what the training doctor says, and what to do with the model."""
    arguments, verdict = session.arguments, progress.verdict
    folder = shlex.quote(arguments.out)
    use = f"To draw from it: python -m ganapp sample {folder} --count 100 --out samples.png"
    if session.config.capabilities.translates:
        use = (
            f"To translate with it: python -m ganapp translate {folder} PICTURE --to 1"
            " --out translated.png"
        )
    if verdict is not None:
        advice = f"{verdict.text} {verdict.knob}".strip()
        print(f"Training doctor (a heuristic): {verdict.title}. {advice}")
    snapshot = progress.snapshot
    print(
        f"Trained {arguments.preset} for {snapshot.step} steps ({snapshot.progress:.1f} epochs) in"
        f" {progress.seconds:.0f} s. {use}"
    )


def _nothing_left(session: _Session) -> BadInput:
    limits = [f"--{name}" for name in ("steps", "seconds") if getattr(session.arguments, name)]
    larger = limits[0] if limits else "--set epochs=N"
    assert session.resume is not None
    return BadInput(
        f"The run in {session.out.name!r} is at step {session.resume.step} and has played all that"
        f" was asked for: ask for more with a larger {larger}."
    )


def _ended_before_its_first_state(out: Path) -> bool:
    """Whether `out` holds nothing but what a run writes before its first state."""
    from ganapp.datasets import uploads

    if not out.is_dir():
        return False
    early = {SCORES, uploads.PICTURES}
    return all(path.name in early or path.suffix == ".draft" for path in out.iterdir())


def _has_pictures(out: Path) -> bool:
    from ganapp.datasets import uploads

    return (out / uploads.PICTURES).is_file()


def _refuse_used(out: Path) -> None:
    """`BadInput` unless `out` is new or an empty folder, so that no run is ever overwritten."""
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.is_dir() and (out / COMMAND).exists():
        raise BadInput(
            f"{str(out)!r} already holds a run: go on with it with --resume, or name a new folder."
        )
    if out.exists():
        raise BadInput(
            f"{str(out)!r} already exists and is not an empty folder: name a new one, so that"
            " nothing is overwritten."
        )


class _Interrupted:
    """Whether Ctrl-C was heard; once `can_wait`, it waits for the next snapshot instead of breaking
    a step in two.
    """

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
            self.bar = progress_bar(
                total=snapshot.steps, initial=snapshot.step, desc=self.preset, unit=" steps"
            )
        elif self.bar is None:
            self.bar = progress_bar(
                total=self.limit,
                initial=seconds,
                desc=self.preset,
                bar_format="{desc}: {percentage:3.0f}% |{bar}| {n:.0f} of {total:.0f} s{postfix}",
            )
        scores = snapshot.scores
        if len(scores[0]):
            last = {name: values[-1] for name, values in scores._asdict().items()}
            losses = (
                f"{last['negative_bound']:.1f} nats"
                if "negative_bound" in last
                else f"D {last['discriminator_loss']:.2f} G {last['generator_loss']:.2f}"
            )
            self.bar.set_postfix_str(f"epoch {snapshot.progress:.1f}, losses {losses}", False)
        self.bar.update(
            (snapshot.step if self.limit is None else min(seconds, self.limit)) - self.bar.n
        )

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
