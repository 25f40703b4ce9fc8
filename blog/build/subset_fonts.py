"""Subset the original fonts to the characters that pages use, for _static/fonts/.

    python -m pip install fonttools brotli
    python -m blog.build.subset_fonts SERIF.woff2 SERIF-ITALIC.woff2 SERIF-ALL.ttf MATH.otf \
        _static/fonts

Originals: Source Serif 4 (the npm package @fontsource-variable/source-serif-4, the files
`latin-wght-normal` and `latin-wght-italic`; with all characters, `SourceSerif4Variable-Roman.ttf`
of the npm package source-serif) and Latin Modern Math (GUST; Debian's fonts-lmodern).
Both licences require modified versions to have other names; the licences are in the same folder.

The font of figures, in cnnlib/explain/fonts/, is made from those of text, so that text and
figures have the same letters; advances.txt beside it lists the width of each character. To make
only these two files:

    python -m blog.build.subset_fonts _static/fonts/serif.woff2 \
        _static/fonts/serif-more.woff2 cnnlib/explain/fonts
"""

import sys
import tempfile
from copy import deepcopy
from pathlib import Path

from fontTools.merge import Merger
from fontTools.otlLib.optimize.gpos import compact
from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem
from fontTools.varLib.instancer import instantiateVariableFont

TEXT = (
    "0020-007E,00A0,00A9,00AB,00B0,00B1,00B7,00BB,00C4,00D6,00D7,00DC,00DF,00E0,00E1,00E4,00E7-00E9,"
    "00ED,00F1,00F3,00F6,00FC,2013,2014,2018-201A,201C-201E,2026,2190-2193,2197,2212"
)
# Of all characters of that typeface; loaded by the browser only on pages that contain one of them.
TEXT_MORE = "00B2,03B4,2190,2192,2202,221E,2248"
# For emphasis within sentences.
ITALIC = "0020-0022,0027-0029,002C-003B,003F,0041-005A,0061-007A,00E9,2013,2014,2018,2019,201C,201D"
# Digits, italic letters, common operators, and all stretchy characters: browsers stretch characters
# of the first font in the list only. Upright letters come from the serif font.
MATH = (
    "0020,0021,0028,0029,002B-003A,003C-003E,005B,005D,007B-007D,1D434-1D467,210E,00B7,00B1,"
    "2016,220F,222B,"
    "00D7,2026,2032,2061-2063,2192,2208,2211,2212,221A,2248,2260,2264,2265,22C5,22EE,22EF,22F1,2308-230B"
)
# Loaded by the browser only on pages that contain one of these.
MATH_MORE = (
    "007E,00AC,00F7,0393-03A9,03B1-03C9,03D5,03F5,2102,2113,2115,211D,2124,2190,2191,2193,"
    "2194,21A6,21D2,21D4,2200,2202,2203,2205-2207,2209,2217,2218,221D,221E,2223,2225,2227-222A,223C,"
    "2243,2245,2261,2282,2283,2286,2287,2295-2299,22A4,22A5,27E8,27E9,1D400-1D433,1D6FC-1D71B"
)
# ∂, δ, σ and φ, upright and italic, and Φ: pages on gradients need no other of MATH_MORE.
MATH_GRADIENT = "03A6,03B4,03C3,03C6,2202,1D6FF,1D70E,1D711,1D715"


def subset(font: TTFont, unicodes: str, name: str, out: Path) -> None:
    """Reduce a font to some characters, rename it, and write it as WOFF2."""
    options = Options(flavor="woff2", hinting=False, layout_features=["kern", "liga", "ccmp"])
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    options.drop_tables += ["DSIG", "FFTM"]
    options.desubroutinize = True  # repeated curves compress better than references to them
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=parse_unicodes(unicodes))
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            font["name"].setName(name, record.nameID, 3, 1, 0x409)
    font.flavor = "woff2"
    font.save(out)
    print(f"{out.stat().st_size:6} {out}")


def fix_kerning(font: TTFont) -> None:
    """Kern all weights as the regular one: it takes half the room, and differs by a hair."""
    regular = instantiateVariableFont(deepcopy(font), {"wght": 400})
    for table in ("GPOS", "GDEF"):
        font[table] = regular[table]
    compact(font, 1)


def write_more_letters(everything: Path, out: Path) -> None:
    """Write rarer characters, at the weight and the optical size of the others."""
    font = TTFont(everything, recalcTimestamp=False)
    font = instantiateVariableFont(font, {"wght": 400, "opsz": 14})
    subset(font, TEXT_MORE, "WindowSerif-More", out / "serif-more.woff2")


def write_figure_font(serif: Path, more: Path, out: Path) -> None:
    """Write the font of figures at its regular weight, without the tables that figures do not use.

    Widths are in thousandths of the height of the letters.
    """
    with tempfile.TemporaryDirectory() as folder:
        parts = [Path(folder, name) for name in ("serif.ttf", "more.ttf")]
        for original, part in zip((serif, more), parts, strict=True):
            font = TTFont(original, recalcTimestamp=False)
            font.flavor = None
            if "fvar" in font:
                font = instantiateVariableFont(font, {"wght": 400})
            for table in ("GDEF", "GSUB", "BASE", "STAT", "gasp", "GPOS"):
                if table in font:
                    del font[table]
            font.save(part)
        font = Merger().merge(list(map(str, parts)))
    font.recalcTimestamp = False
    font["head"].created = font["head"].modified = TTFont(serif)["head"].modified
    scale_upem(font, 250)  # finer than figures show, and smaller
    font.save(out / "serif.ttf")
    per_em = font["head"].unitsPerEm
    widths = {
        chr(code): round(1000 * font["hmtx"][name][0] / per_em)
        for code, name in sorted(font.getBestCmap().items())
    }
    table = "".join(f"{character} {width}\n" for character, width in widths.items())
    (out / "advances.txt").write_text(table, "utf-8")
    print(f"{(out / 'serif.ttf').stat().st_size:6} {out / 'serif.ttf'}")


def main(*arguments: str) -> None:
    """Write the six fonts of pages and that of figures, or that of figures alone."""
    *originals, folder = arguments
    out = Path(folder)
    if len(originals) == 2:
        text, more = map(Path, originals)
        write_figure_font(text, more, out)
        return
    roman, italic, everything, math = originals
    serif = instantiateVariableFont(TTFont(roman, recalcTimestamp=False), {"wght": (400, 700)})
    fix_kerning(serif)
    subset(serif, TEXT, "WindowSerif", out / "serif.woff2")
    write_more_letters(Path(everything), out)
    serif = instantiateVariableFont(TTFont(italic, recalcTimestamp=False), {"wght": 400})
    subset(serif, ITALIC, "WindowSerif-Italic", out / "serif-italic.woff2")
    subset(TTFont(math, recalcTimestamp=False), MATH, "WindowMath", out / "math.woff2")
    subset(
        TTFont(math, recalcTimestamp=False), MATH_MORE, "WindowMathMore", out / "math-more.woff2"
    )
    name = "WindowMathGradient"
    subset(TTFont(math, recalcTimestamp=False), MATH_GRADIENT, name, out / "math-gradient.woff2")
    figures = Path(__file__).parents[2] / "cnnlib" / "explain" / "fonts"
    write_figure_font(out / "serif.woff2", out / "serif-more.woff2", figures)


if __name__ == "__main__":
    main(*sys.argv[1:])
