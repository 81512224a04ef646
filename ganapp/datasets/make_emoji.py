"""Makes the emoji sheets: `npm pack emoji-datasource-twitter@16.0.0
emoji-datasource-google@16.0.0`, and then, where the two .tgz lie, `python -m
ganapp.datasets.make_emoji`.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

from PIL import Image

from ganapp.datasets.emoji import COLUMNS, NAMES_FILE, SHEETS, SIDE

SOURCES = {"Twemoji": "twitter", "Noto": "google"}


def main() -> None:
    """Puts every emoji that both fonts have, without its skin-tone variants, on white, in the same
    order on a sheet a font.
    """
    archives = {
        font: tarfile.open(f"emoji-datasource-{source}-16.0.0.tgz")  # noqa: SIM115 - read to the end
        for font, source in SOURCES.items()
    }
    listed = json.load(archives["Twemoji"].extractfile("package/emoji.json"))  # type: ignore[arg-type]
    chosen = [
        entry
        for entry in sorted(listed, key=lambda entry: entry["sort_order"])
        if entry["category"] != "Component"
        and all(entry[f"has_img_{source}"] for source in SOURCES.values())
    ]
    for font, archive in archives.items():
        sheet = Image.new("RGB", (COLUMNS * SIDE, -(-len(chosen) // COLUMNS) * SIDE), "white")
        for number, entry in enumerate(chosen):
            name = f"package/img/{SOURCES[font]}/{SIDE}/{entry['image']}"
            with Image.open(archive.extractfile(name)) as picture:  # type: ignore[arg-type] # a file
                cut_out = picture.convert("RGBA")
            sheet.paste(cut_out, (number % COLUMNS * SIDE, number // COLUMNS * SIDE), cut_out)
        sheet.save(SHEETS[font], lossless=True, method=6, quality=100)
        print(
            f"Wrote {SHEETS[font].name}: {len(chosen)} pictures,"
            f" {SHEETS[font].stat().st_size / 1e6:.2f} MB."
        )
    names = [[entry["name"].lower(), entry["category"]] for entry in chosen]
    NAMES_FILE.write_text(
        json.dumps(names, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )


if __name__ == "__main__":
    if not all(
        Path(f"emoji-datasource-{source}-16.0.0.tgz").is_file() for source in SOURCES.values()
    ):
        raise SystemExit(
            "First: npm pack emoji-datasource-twitter@16.0.0 emoji-datasource-google@16.0.0"
        )
    main()
