"""The glyphs of a PDF's page, each once and with its accent, as they stand on the paper.

PDFium names the characters and where they stand; what is mended here is how layout programs set them: bold by printing
twice, accents apart from their letters, a page that is turned.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypdfium2 import PdfPage, PdfTextPage

_HYPHENS = {0xFFFE: "-", 0x02: "-"}  # how PDFium names a hyphen at a line's end
_NO_CHARACTER = 0x110000
# Accents that are set apart, and the mark that joins a letter.
_ACCENTS = {
    "´": "\u0301", "`": "\u0300", "ˋ": "\u0300", "ˊ": "\u0301", "^": "\u0302", "ˆ": "\u0302", "¨": "\u0308",
    "˜": "\u0303", "¸": "\u0327", "ˇ": "\u030c", "˚": "\u030a",
}  # fmt: skip
_UNDOTTED = {"ı": "i", "ȷ": "j"}
_RAISED_SIZE = 0.65  # of the type size, which a font's own raised figures have
_REPRINTED = 0.12  # of the type size: no two letters stand closer, and bold is printed closer


class Glyph(NamedTuple):
    """A character: its left and right edges and baseline from the page's lower left corner, its size, in points.

    `object` names the stretch of text that it was set with.
    """

    char: str
    left: float
    right: float
    baseline: float
    size: float
    object: int


@dataclass(frozen=True, slots=True)
class _Type:
    """The size of a stretch of text, and which way it runs, in quarters of a turn."""

    size: float
    turn: int


def page_glyphs(page: PdfPage) -> list[Glyph]:
    """The glyphs of a page in the order in which they were set, those that run across the others left out.

    A space that PDFium sees between two words has the edges of nothing: its left and right are the same.
    """
    text = page.get_textpage()
    try:
        placed = list(_placed(text))
    finally:
        text.close()
    turns = Counter(turn for _, turn in placed)
    upright = turns.most_common(1)[0][0] if turns else 0
    return _accented(_printed_once([_turned(glyph, upright) for glyph, turn in placed if turn == upright]))


def _placed(text: PdfTextPage) -> Iterator[tuple[Glyph, int]]:
    """Each glyph with which way it runs."""
    from pypdfium2.raw import (
        FS_RECTF,
        FPDFText_GetCharOrigin,
        FPDFText_GetLooseCharBox,
        FPDFText_GetTextObject,
        FPDFText_GetUnicode,
    )

    box, x, y = FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    handle = text.raw
    known: dict[int, _Type] = {}
    last = 0
    for index in range(text.count_chars()):
        code = FPDFText_GetUnicode(handle, index)
        char = _HYPHENS.get(code) or (chr(code) if 0 < code < _NO_CHARACTER else "\ufffd")
        drawn = FPDFText_GetTextObject(handle, index)
        if not drawn:  # PDFium's own: a space or a line end
            if char == " " and last in known:
                yield Glyph(" ", 0.0, 0.0, 0.0, 0.0, last), known[last].turn
            continue
        last = ctypes.addressof(drawn.contents)
        kind = known.get(last) or known.setdefault(last, _type_of(text, index))
        FPDFText_GetLooseCharBox(handle, index, box)
        FPDFText_GetCharOrigin(handle, index, x, y)
        if kind.turn % 2:
            yield Glyph(char, box.bottom, box.top, x.value, kind.size, last), kind.turn
            continue
        raised = _raised(text, index, y.value, kind.size) if char.isdecimal() else 0.0
        size = kind.size * (_RAISED_SIZE if raised else 1)
        yield Glyph(char, box.left, box.right, y.value + raised, size, last), kind.turn


def _raised(text: PdfTextPage, index: int, baseline: float, size: float) -> float:
    """How far a figure floats above its baseline: good fonts have raised ones of their own, of the same type size."""
    bottom = text.get_charbox(index)[1]
    return bottom - baseline if bottom - baseline > 0.2 * size else 0.0


def _type_of(text: PdfTextPage, index: int) -> _Type:
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    size = raw.FPDFText_GetFontSize(text, index)
    if not raw.FPDFText_GetMatrix(text, index, matrix):
        return _Type(abs(size) or 10.0, 0)
    turn = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4
    return _Type(abs(size) * math.hypot(matrix.c, matrix.d) or 10.0, turn)


def _turned(glyph: Glyph, turn: int) -> Glyph:
    """The glyph where it would stand if its page were turned upright."""
    if turn == 0 or not glyph.size:
        return glyph
    left, right, baseline = glyph.left, glyph.right, glyph.baseline
    if turn in {2, 3}:
        left, right = -right, -left
    return glyph._replace(left=left, right=right, baseline=baseline if turn == 3 else -baseline)


def _printed_once(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Without what another stretch of text has printed in the same place: that is how some programs make bold."""
    seen: defaultdict[tuple[str, int], list[Glyph]] = defaultdict(list)
    kept = []
    for glyph in glyphs:
        if not glyph.size:
            kept.append(glyph)
            continue
        row = round(glyph.baseline)
        beside = [other for y in (row - 1, row, row + 1) for other in seen.get((glyph.char, y), ())]
        if not any(_is_reprint(glyph, other) for other in beside):
            seen[glyph.char, row].append(glyph)
            kept.append(glyph)
    return kept


def _is_reprint(glyph: Glyph, other: Glyph) -> bool:
    near = _REPRINTED * glyph.size
    return (
        abs(other.left - glyph.left) < near
        and abs(other.baseline - glyph.baseline) < near
        and other.object != glyph.object
    )


def _accented(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Each accent that was set by itself joined to the letter over or under which it stands."""
    joined = list(glyphs)
    for index, glyph in enumerate(glyphs):
        mark = glyph.char if unicodedata.combining(glyph.char) else _ACCENTS.get(glyph.char)
        if mark is None:
            continue
        beside = [at for at in (index - 1, index + 1) if 0 <= at < len(joined) and _is_under(joined[at], glyph)]
        if beside:
            nearest = min(beside, key=lambda at: abs(_middle(joined[at]) - _middle(glyph)))
            letter = joined[nearest]
            base = _UNDOTTED.get(letter.char, letter.char)
            joined[nearest] = letter._replace(char=unicodedata.normalize("NFC", base + mark))
            joined[index] = glyph._replace(char="")
    return [glyph for glyph in joined if glyph.char]


def _is_under(letter: Glyph, accent: Glyph) -> bool:
    """Whether a letter stands where an accent belongs to it: over the accent, or under it."""
    slack = 0.1 * letter.size
    return (
        letter.char.isalpha()
        and letter.left - slack < _middle(accent) < letter.right + slack
        and abs(letter.baseline - accent.baseline) < letter.size
    )


def _middle(glyph: Glyph) -> float:
    return (glyph.left + glyph.right) / 2
