"""Makes the pictures of letters.

`pip install fonttools brotli`, and then in a folder of its own:

npm install $(python -m ganapp.datasets.make_letters packages)
python -m ganapp.datasets.make_letters
"""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont

from ganapp.datasets import sheets
from ganapp.datasets.letters import FOLDER, FONTS
from ganapp.datasets.pictures import Part
from ganapp.letterforms import CAP_HEIGHT, CAP_TOP, LETTERS, SIDE, measured

# One string, since a list would be 132 lines.
FAMILIES = """
abril-fatface alegreya alegreya-sans aleo alfa-slab-one alumni-sans anton antonio archivo
archivo-narrow arvo asap-condensed bai-jamjuree barlow barlow-condensed barlow-semi-condensed
be-vietnam-pro bebas-neue besley big-shoulders-display bitter bodoni-moda bree-serif cabin cardo
chivo cinzel cormorant cormorant-garamond courier-prime crimson-pro crimson-text dm-mono
dm-serif-display domine dosis eb-garamond encode-sans encode-sans-condensed
encode-sans-semi-expanded epilogue exo-2 faustina fira-code fira-sans fira-sans-condensed
fira-sans-extra-condensed frank-ruhl-libre fraunces gelasio graduate hepta-slab ibm-plex-mono
ibm-plex-sans ibm-plex-sans-condensed ibm-plex-serif inconsolata inknut-antiqua instrument-serif
inter jetbrains-mono josefin-sans jost k2d kanit karla krona-one lato league-spartan lexend
lexend-exa lexend-zetta libre-baskerville libre-caslon-text literata lora manrope martel
merriweather merriweather-sans michroma montserrat mulish newsreader noto-serif
noto-serif-display nunito old-standard-tt open-sans orbitron oswald outfit overpass petrona
piazzolla playfair playfair-display poppins prata prompt pt-serif public-sans quattrocento
quicksand raleway red-hat-display roboto roboto-mono roboto-serif rokkitt rubik rufina saira
saira-condensed saira-extra-condensed sora source-code-pro source-sans-3 source-serif-4
space-grotesk space-mono spectral stix-two-text taviraj teko tenor-sans titillium-web unbounded
urbanist volkhov vollkorn work-sans yanone-kaffeesatz zalando-sans-expanded zilla-slab
""".split()  # noqa: SIM905
STYLES = (
    "100-normal",
    "300-normal",
    "400-normal",
    "700-normal",
    "900-normal",
    "400-italic",
    "700-italic",
)
HELD_OUT_EVERY = 9
"""The last of so many designs is held out."""
LARGE = 8
"""How many times larger letters are drawn to be measured, and to be shrunk."""
GREYS = 16
"""Shades of grey that are kept: more take twice the room and look the same."""
ROWS = 60
PACKAGES = Path("node_modules/@fontsource")


def main() -> None:
    """Draws and measures every font, and packs both parts."""
    families: list[dict[str, Any]] = []
    drawn: dict[Part, list[np.ndarray]] = {"train": [], "test": []}
    facts = {
        family: json.loads((PACKAGES / family / "metadata.json").read_text(encoding="utf-8"))
        for family in FAMILIES
    }
    # Families of one design share their first word, such as Saira and Saira Condensed: all of them
    # are trained on, or none. By category, so that those held out are of all kinds.
    categories = {family.partition("-")[0]: known["category"] for family, known in facts.items()}
    designs = sorted(categories, key=lambda design: (categories[design], design))
    for family, known in facts.items():
        place = designs.index(family.partition("-")[0]) + 1
        part: Part = "train" if place % HELD_OUT_EVERY else "test"
        fonts = {}
        for style in STYLES:
            file = PACKAGES / family / "files" / f"{family}-latin-{style}.woff2"
            alphabet = draw(file) if file.is_file() else None
            if alphabet is None:
                continue
            fonts[style.replace("-normal", "").replace("-", " ")] = np.round(
                measured(alphabet), 4
            ).tolist()
            drawn[part].append(shrunk(alphabet))
        if fonts:
            families.append(described(known, part, fonts, authors_of(family, known)))
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for part, alphabets in drawn.items():
        for file in sheets.write(np.concatenate(alphabets), FOLDER, part, ROWS):
            print(f"Wrote {file.name}: {file.stat().st_size / 1e6:.2f} MB.")
    lines = ",\n".join(json.dumps(family, ensure_ascii=False) for family in families)
    FONTS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    trained, held_out = (len(drawn[part]) for part in ("train", "test"))
    print(f"{len(families)} families, {trained} fonts to train on and {held_out} held out.")


def described(
    known: dict[str, Any], part: str, fonts: dict[str, list[float]], authors: str
) -> dict[str, Any]:
    """What `fonts.json` keeps of a family under the Open Font License; else `SystemExit`."""
    licence = known["license"]["type"]
    if licence != "OFL-1.1":
        raise SystemExit(f"{known['family']} is under {licence}, not under OFL-1.1: leave it out.")
    return {
        "name": known["family"],
        "authors": authors,
        "licence": licence,
        "part": part,
        "fonts": fonts,
    }


def authors_of(family: str, known: dict[str, Any]) -> str:
    """The copyright notice in a font of the family, or what its package says."""
    file = min((PACKAGES / family / "files").glob(f"{family}-latin-*.woff2"))
    notice = TTFont(file)["name"].getDebugName(0) or known["license"]["attribution"]
    return re.sub(r"\s+", " ", notice).strip()


def draw(file: Path) -> np.ndarray | None:
    """The 26 capitals of a font, (26, S, S) in [0, 1] with S = SIDE * LARGE, each in the middle;
    None if one does not fit into its picture.
    """
    font = TTFont(file)
    font.flavor = None
    plain = io.BytesIO()
    font.save(plain)
    side = SIDE * LARGE
    em = _cap_height(plain, 1000)
    size = 1000 * CAP_HEIGHT * side / em
    pen = ImageFont.truetype(plain, size)
    line = (CAP_TOP + CAP_HEIGHT) * side
    pictures = []
    for letter in LETTERS:
        left, top, right, bottom = pen.getbbox(letter, anchor="ls")
        if right - left > side - 2 * LARGE or top + line < 0 or bottom + line > side:
            return None
        picture = Image.new("L", (side, side))
        place = (side - right - left) / 2, line
        ImageDraw.Draw(picture).text(place, letter, 255, pen, anchor="ls")
        pictures.append(np.asarray(picture, np.float32) / 255)
    return np.stack(pictures)


def _cap_height(font: io.BytesIO, size: int) -> int:
    """How high the flat capital H is when the font is drawn with this `size`, in pixels."""
    font.seek(0)
    pen = ImageFont.truetype(font, size)
    font.seek(0)
    return -int(pen.getbbox("H", anchor="ls")[1])


def shrunk(alphabet: np.ndarray) -> np.ndarray:
    """The letters at SIDE x SIDE, uint8: each pixel is the mean of what lies in it, in `GREYS`
    shades.
    """
    blocks = alphabet.reshape(len(alphabet), SIDE, LARGE, SIDE, LARGE).mean((2, 4))
    result: np.ndarray = (
        (np.round(blocks * (GREYS - 1)) * (255 / (GREYS - 1))).round().astype(np.uint8)
    )
    return result


if __name__ == "__main__":
    if sys.argv[1:] == ["packages"]:
        print(*(f"@fontsource/{family}" for family in FAMILIES))
    elif PACKAGES.is_dir():
        main()
    else:
        raise SystemExit("First install the packages: see the first lines of make_letters.py.")
