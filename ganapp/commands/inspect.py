"""`inspect`: the layers of both networks, and the maps of one of them as a picture."""

from __future__ import annotations

import argparse

from ganapp.commands.shared import CHECKPOINT, LABEL, SEED, opened, target, whole
from ganapp.errors import BadInput
from ganapp.files import save_atomically


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The checkpoint, the picture, the layer, and what is switched off."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help=CHECKPOINT)
    parser.add_argument(
        "--network",
        choices=("generator", "discriminator"),
        default="generator",
        help="the network to look into (generator)",
    )
    parser.add_argument(
        "--layer", type=whole(1, 1000), metavar="N", help="the layer, by its place in the list"
    )
    parser.add_argument("--seed", type=SEED, default=1, metavar="S", help="the picture's seed (1)")
    parser.add_argument("--label", metavar="K", help=f"{LABEL}; without it the first one")
    parser.add_argument(
        "--off",
        type=whole(0, 1_000_000),
        nargs="+",
        default=[],
        metavar="C",
        help="channels of this layer of the generator to switch off",
    )
    parser.add_argument("--out", metavar="FILE", help="a .png for the maps of the layer")


def run(arguments: argparse.Namespace) -> int:
    """Lists the layers; of one writes all maps, and says what switching channels off changes."""
    out = target(arguments.out, (".png",)) if arguments.out else None
    if arguments.layer is None and (out or arguments.off):
        raise BadInput("Name a --layer, by its place in the list that `inspect` prints without it.")
    if arguments.off and arguments.network != "generator":
        raise BadInput("Only channels of the generator can be switched off.")

    import numpy as np

    from ganapp import inspection, pictures

    model = opened(arguments.checkpoint).cpu()
    label = model.class_number(arguments.label) if arguments.label is not None else 0
    known = inspection.layers(model, arguments.network, label)
    if arguments.layer is None:
        for place, layer in enumerate(known, 1):
            what = f"maps of {layer.side} x {layer.side}" if layer.side > 1 else "units"
            print(f"{place:3}. {layer.kind}: {layer.channels} {what}")
        return 0
    if arguments.layer > len(known):
        raise BadInput(f"There are {len(known)} layers, so none has the number {arguments.layer}.")
    layer = known[arguments.layer - 1]
    given = inspection.inputs(model, arguments.seed, 1, label)
    changes = {(layer.name, channel): 0.0 for channel in arguments.off}
    before, _ = inspection.look(model, arguments.network, layer.name, given, {})
    images, maps = inspection.look(model, arguments.network, layer.name, given, changes)
    if changes:
        moved = 50 * float(np.abs(images - before).mean())
        print(f"The picture changed by {moved:.2f} % of its range.")
    if out:
        sheet, _ = pictures.laid_out(maps[0])
        drawn = pictures.coloured(sheet[..., None], float(np.abs(maps).max()))
        written = pictures.encode(pictures.enlarged(pictures.image(drawn), 4), "PNG")
        save_atomically(out, lambda path: path.write_bytes(written))
        print(f"Wrote {layer.channels} maps of layer {arguments.layer} to {arguments.out}.")
    return 0
