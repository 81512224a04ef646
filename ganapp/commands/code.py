"""`code`: a preset's settings as one PyTorch script without ganapp, to take home."""

from __future__ import annotations

import argparse
import zipfile

from ganapp.commands.shared import add_settings, say, target
from ganapp.config.knobs import parse_overrides
from ganapp.config.presets import preset_config, title_of
from ganapp.files import save_atomically


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The preset, what is changed in it, and the file to write."""
    add_settings(parser)
    parser.add_argument(
        "--out", required=True, metavar="FILE", help="the .zip to write: script, notebook, pictures"
    )


def run(arguments: argparse.Namespace) -> int:
    """Writes the zip."""
    out = target(arguments.out, (".zip",))
    config, name = preset_config(arguments.preset, parse_overrides(arguments.pairs))

    from ganapp.export import archive

    packed = archive(config, title_of(name))
    save_atomically(out, lambda path: path.write_bytes(packed))
    with zipfile.ZipFile(out) as written:
        return say(f"Wrote {out.name}: {', '.join(written.namelist())}.", 0)
