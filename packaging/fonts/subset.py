#!/usr/bin/env python3
"""Remake assets/fonts from Noto CJK (OFL 1.1): needs `fonttools` and the Debian package fonts-noto-cjk.

Three faces are cut to what a Simplified Chinese console shows: GB 2312, Latin, Greek and Cyrillic letters, punctuation, arrows,
box drawing and geometric signs. The line box is lowered to 1.25 em, since the original 1.45 em wastes a
third of a dense list. Usage: packaging/fonts/subset.py [folder with NotoSansCJK-*.ttc]
"""
import pathlib
import sys
import unicodedata

from fontTools import subset
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTCollection

SOURCE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/fonts/opentype/noto")
COPYRIGHT = pathlib.Path("/usr/share/doc/fonts-noto-cjk/copyright")
TARGET = pathlib.Path(__file__).resolve().parents[2] / "assets" / "fonts"
FACES = [
    ("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC", "regular.otf"),
    ("NotoSansCJK-Bold.ttc", "Noto Sans CJK SC", "bold.otf"),
    ("NotoSansCJK-Regular.ttc", "Noto Sans Mono CJK SC", "mono.otf"),
]
ASCENT, DESCENT = 980, 270  # thousandths of an em
MIDDLE = 355  # half way between them
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F),  # Latin-1 and Latin Extended-A
    (0x370, 0x3FF), (0x400, 0x45F),  # Greek, Cyrillic
    (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x214F),  # punctuation, currency, letterlike
    (0x2150, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2300, 0x23FF),  # fractions, arrows, mathematics, technical
    (0x2460, 0x24FF), (0x2500, 0x259F), (0x25A0, 0x25FF), (0x2600, 0x26FF), (0x2700, 0x27BF),
    (0x3000, 0x303F), (0x3041, 0x30FF), (0xFF00, 0xFFEF), (0xFFFD, 0xFFFD),
]


def wanted():
    """The code points to keep."""
    keep = {c for low, high in RANGES for c in range(low, high + 1)}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                keep.add(ord(bytes([row, cell]).decode("gb2312")))
            except UnicodeDecodeError:
                pass
    return keep


def face(collection, name):
    """The font of a collection with the family name."""
    for font in collection.fonts:
        if font["name"].getDebugName(1).removesuffix(" Bold") == name or font["name"].getDebugName(16) == name:
            return font
    raise SystemExit(f"{name}: not in the collection")


def cut(font):
    """Drop what is not shown, and set the line box."""
    options = subset.Options()
    options.hinting = False
    options.desubroutinize = False
    options.layout_features = []
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS", "GDEF", "DSIG"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted())
    cutter.subset(font)
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = ASCENT, -DESCENT, 0
    os2 = font["OS/2"]
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = ASCENT, -DESCENT, 0
    os2.usWinAscent, os2.usWinDescent = ASCENT, DESCENT


def wide(code):
    """Whether a terminal gives the character two cells."""
    return unicodedata.east_asian_width(chr(code)) in "WF"


def redraw(font, char, parts, advance):
    """Replace a character's glyph by parts of others: (character, width scale, shift)."""
    names, glyphs, charstrings = font.getBestCmap(), font.getGlyphSet(), font["CFF "].cff.topDictIndex[0].CharStrings
    pen = T2CharStringPen(advance, glyphs)
    for part, scale, shift in parts:
        glyphs[names[ord(part)]].draw(TransformPen(pen, (scale, 0, 0, 1, shift, 0)))
    name = names[ord(char)]
    old = charstrings[name]
    charstrings[name] = pen.getCharString(old.private, old.globalSubrs)
    font["hmtx"][name] = (advance, font["hmtx"][name][1])


def latin_dots(font, mono):
    """Make "…" three full stops, for the Chinese one hangs at half height, which is odd at the end of a cut text; and
    "·" of the proportional faces no wider than Latin text needs."""
    stop = font["hmtx"][font.getBestCmap()[ord(".")]][0]
    if mono:
        redraw(font, "…", [(".", 0.7, i * 167 - 92) for i in range(3)], 500)
        return
    redraw(font, "…", [(".", 1, i * stop) for i in range(3)], 3 * stop)
    redraw(font, "·", [("·", 1, -250)], 500)


def cells(font):
    """Fit every glyph of the mono face into one or two cells, as a terminal counts them: letters and lines are squeezed
    in width, signs shrunk as a whole, so that what follows them stays in its column."""
    glyphs, charstrings = font.getGlyphSet(), font["CFF "].cff.topDictIndex[0].CharStrings
    drawn = {}
    for code, name in font.getBestCmap().items():
        cell = 1000 if wide(code) else 500
        if unicodedata.category(chr(code)) in ("Mn", "Me") or name in drawn or font["hmtx"][name][0] == cell:
            continue
        advance = font["hmtx"][name][0]
        scale = min(1.0, cell / advance) if advance else 1.0
        whole = unicodedata.category(chr(code)) in ("So", "Sm", "No", "Po", "Nl") and not 0x2500 <= code <= 0x259F
        up = min(scale * 1.25, 1.0) if whole else 1.0
        if 0x2500 <= code <= 0x259F:  # lines meet those of the next row
            up = 1.3
        shift = (cell - advance * scale) / 2
        pen = T2CharStringPen(cell, glyphs)
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, up, shift, MIDDLE * (1 - up))))
        old = charstrings[name]
        drawn[name] = (cell, pen.getCharString(old.private, old.globalSubrs))
    for name, (cell, charstring) in drawn.items():
        charstrings[name] = charstring
        font["hmtx"][name] = (cell, font["hmtx"][name][1])


def licence(copyright_line):
    """The licence text to ship: from the Debian package's copyright file, in plain form."""
    paragraph = COPYRIGHT.read_text(encoding="utf-8").split("\nLicense: SIL-1.1\n ")[1].split("\nLicense:")[0]
    lines = [line[1:] if line.startswith(" ") else line for line in (" " + paragraph).rstrip().splitlines()]
    text = "\n".join("" if line == "." else line for line in lines)
    return (f"Noto Sans CJK SC and Noto Sans Mono CJK SC, cut and fitted by packaging/fonts/subset.py.\n"
            f"{copyright_line}\nSource: https://github.com/googlefonts/noto-cjk\n\n{text}\n")


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    for file, name, out in FACES:
        font = face(TTCollection(str(SOURCE / file), lazy=True), name)
        cut(font)
        if out == "mono.otf":
            cells(font)
        latin_dots(font, out == "mono.otf")
        font.save(TARGET / out)
        print(f"{out}: {len(font.getBestCmap())} characters, {(TARGET / out).stat().st_size / 2**20:.2f} MiB")
    (TARGET / "LICENSE").write_text(licence(font["name"].getDebugName(0)), encoding="utf-8")


if __name__ == "__main__":
    main()
