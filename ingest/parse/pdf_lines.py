"""Pieces of the lines on a PDF's page: glyphs, then words with their spaces, small print in its place.

PDFium names the characters and where they stand. What is mended here is how layout programs set them: bold by printing
twice, accents apart from their letters, a page that is turned.
"""

from __future__ import annotations

import ctypes
import math
import re
import statistics
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ingest.dates import find_dates
from ingest.parse.characters import tidy_line

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
_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)  # in the names of fonts: their stated weights vary
_LONGEST_NAME = 128  # bytes
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
    bold: bool = False


@dataclass(frozen=True, slots=True)
class _Type:
    """The size of a stretch of text, which way it runs, in quarters of a turn, and whether its font is a bold one."""

    size: float
    turn: int
    bold: bool


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
            yield Glyph(char, box.bottom, box.top, x.value, kind.size, last, kind.bold), kind.turn
            continue
        raised = _raised(text, index, y.value, kind.size) if char.isdecimal() else 0.0
        size = kind.size * (_RAISED_SIZE if raised else 1)
        yield Glyph(char, box.left, box.right, y.value + raised, size, last, kind.bold), kind.turn


def _raised(text: PdfTextPage, index: int, baseline: float, size: float) -> float:
    """How far a figure floats above its baseline: good fonts have raised ones of their own, of the same type size."""
    bottom = text.get_charbox(index)[1]
    return bottom - baseline if bottom - baseline > 0.2 * size else 0.0


def _type_of(text: PdfTextPage, index: int) -> _Type:
    from pypdfium2 import raw

    matrix, name = raw.FS_MATRIX(), ctypes.create_string_buffer(_LONGEST_NAME)
    size = raw.FPDFText_GetFontSize(text, index)
    raw.FPDFText_GetFontInfo(text, index, name, _LONGEST_NAME, None)
    bold = bool(_BOLD.search(name.value))
    if not raw.FPDFText_GetMatrix(text, index, matrix):
        return _Type(abs(size) or 10.0, 0, bold)
    turn = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4
    return _Type(abs(size) * math.hypot(matrix.c, matrix.d) or 10.0, turn, bold)


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


_LIGATURES = {ord(sign): unicodedata.normalize("NFKC", sign) for sign in "ﬀﬁﬂﬃﬄﬅﬆ"}
_POWERS = str.maketrans("0123456789-−+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺")
_NOTE_MARK = re.compile(r"[\d*†‡§()\[\],\s]{1,8}")
_RAISED_TO = re.compile(r"(?<!\w)(?:[kcdm]?m|10)$")  # before a power: a metre, its multiples and parts, and ten

# All in type sizes.
_SPACE = 0.2  # between two words, at the least
_SEEN_SPACE = 0.12  # as far as PDFium has seen a space there
_PARTED = 1.0  # between two columns, at the least; justified words are hardly so far apart
_SPREAD = 0.12  # between the letters of a letterspaced word, at the least

_FEWEST_LETTERS = 0.6  # of the glyphs of a letterspaced word
_TELLING = 5  # letters with spaces between them, at the least, in a letterspaced word; fewer may be words
_ROW = 30.0  # points: what stands beside small print is not farther up or down
_LONGEST_SMALL_PRINT = 12  # characters


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one line, up to a gap as wide as between columns: edges, baseline and type size in points.

    `mark` is the mark of a footnote that was raised in front of it; `bold` says that all its letters are.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    mark: str = ""
    bold: bool = False

    def shares_line(self, other: Piece) -> bool:
        """Whether both stand on one baseline."""
        return abs(self.baseline - other.baseline) < 0.3 * min(self.size, other.size)


@dataclass(frozen=True, slots=True)
class _Run:
    """Glyphs that follow each other on one baseline. `raised` is small print beside it, by how much of its size."""

    glyphs: tuple[Glyph, ...]
    baseline: float
    size: float
    raised: float = 0.0

    @property
    def left(self) -> float:
        return self.glyphs[0].left

    @property
    def right(self) -> float:
        return self.glyphs[-1].right


def page_pieces(glyphs: Sequence[Glyph]) -> list[Piece]:
    """The pieces of a page's lines in the order in which they were set."""
    return [piece for group in _together(_with_small_print(list(_runs(glyphs)))) if (piece := _piece(group)).text]


def _runs(glyphs: Sequence[Glyph]) -> Iterator[_Run]:
    """Glyphs parted wherever the next one stands on another line, or far off."""
    run: list[Glyph] = []
    ink: Glyph | None = None
    for glyph in glyphs:
        if glyph.char.isspace() or not glyph.size:
            if run:
                run.append(glyph)
            continue
        if ink and _is_elsewhere(ink, glyph):
            yield _run(run)
            run = []
        run.append(glyph)
        ink = glyph
    if run:
        yield _run(run)


def _run(glyphs: list[Glyph]) -> _Run:
    while glyphs[-1].char.isspace():
        glyphs.pop()
    sizes = Counter(round(glyph.size, 2) for glyph in glyphs if glyph.size)
    return _Run(tuple(glyphs), glyphs[0].baseline, sizes.most_common(1)[0][0])


def _is_elsewhere(before: Glyph, glyph: Glyph) -> bool:
    size = max(before.size, glyph.size)
    is_small_print = min(before.size, glyph.size) < 0.85 * size
    drop = abs(before.baseline - glyph.baseline)
    gap = glyph.left - before.right
    return drop > (0.05 if is_small_print else 0.2) * size or gap > _PARTED * size or gap < -size


def _with_small_print(runs: Sequence[_Run]) -> list[_Run]:
    """Raised and lowered small print on the baseline of what it stands beside, and next to it."""
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for number, run in enumerate(runs):
        rows[int(run.baseline // _ROW)].append(number)
    beside: defaultdict[int, list[_Run]] = defaultdict(list)
    moved = set()
    for number, run in enumerate(runs):
        row = int(run.baseline // _ROW)
        near = [other for y in (row - 1, row, row + 1) for other in rows.get(y, ()) if _is_beside(run, runs[other])]
        if near:
            base = min(near, key=lambda other: _distance(run, runs[other]))
            raised = (run.baseline - runs[base].baseline) / runs[base].size
            moved.add(number)
            beside[base].append(replace(run, baseline=runs[base].baseline, size=runs[base].size, raised=raised))
    ordered: list[_Run] = []
    for number, run in enumerate(runs):
        if number not in moved:
            ordered += sorted((*beside[number], run), key=lambda each: each.left)
    return ordered


def _is_beside(small: _Run, other: _Run) -> bool:
    """Whether a run is small print beside another: a mark, a power, « er » or the 2 of CO₂."""
    return (
        small.size < 0.85 * other.size
        and 0.05 * other.size < abs(small.baseline - other.baseline) < 0.75 * other.size
        and len(small.glyphs) <= _LONGEST_SMALL_PRINT
        and _distance(small, other) < 0.6 * other.size
    )


def _distance(small: _Run, other: _Run) -> float:
    return min(abs(small.left - other.right), abs(other.left - small.right))


def _together(runs: Sequence[_Run]) -> Iterator[list[_Run]]:
    """Runs that make up a piece: on one baseline, and no farther apart than words."""
    group: list[_Run] = []
    for run in runs:
        if group:
            last = group[-1]
            gap = run.left - last.right
            size = max(run.size, last.size)
            if abs(run.baseline - last.baseline) > 0.2 * size or not -size < gap <= _PARTED * size:
                yield group
                group = []
        group.append(run)
    if group:
        yield group


def _piece(runs: Sequence[_Run]) -> Piece:
    text, mark, gap, right = "", "", 0.0, runs[0].left
    follows_mark = False
    for run in runs:
        words = _words(run.glyphs)
        gap += run.left - right
        right = run.right
        is_raised = run.raised > 0 and bool(_NOTE_MARK.fullmatch(words))
        if is_raised and not _RAISED_TO.search(text):
            mark, follows_mark = mark if text else words, bool(text)
            continue  # the gaps on both sides of it are one
        if text and (gap > _SPACE * run.size or (follows_mark and words[0].isalnum())):
            text += " "
        text += words.translate(_POWERS) if is_raised else words
        gap, follows_mark = 0.0, False
    sizes: Counter[float] = Counter()
    for run in runs:
        sizes[run.size] += len(run.glyphs)
    tidy = tidy_line(text.translate(_LIGATURES))
    bold = all(glyph.bold for run in runs for glyph in run.glyphs if glyph.char.isalpha())
    return Piece(tidy, runs[0].left, right, runs[0].baseline, sizes.most_common(1)[0][0], mark, bold)


def _words(glyphs: Sequence[Glyph]) -> str:
    """Glyphs as words: a space wherever one was set, or where the gap is as wide as one."""
    ink = [glyph for glyph in glyphs if glyph.size and not glyph.char.isspace()]
    has_spaces = any(glyph.size and glyph.char.isspace() for glyph in glyphs)
    if len(ink) < (_TELLING if has_spaces else 2):
        return _spaced(glyphs, 0.0)
    if sum(glyph.char.isalpha() for glyph in ink) / len(ink) >= _FEWEST_LETTERS:
        return _spaced(glyphs, _letterspacing(list(pairwise(ink))))
    # figures are often far apart, as in a table: they are one word only where they are set like letters, in a date
    letters = [(before, after) for before, after in pairwise(ink) if before.char.isalpha() and after.char.isalpha()]
    spread = _letterspacing(letters) if len(letters) > 1 else 0.0
    if spread and find_dates(tidy_line(date := _spaced(glyphs, spread))):
        return date
    return _spaced(glyphs, 0.0)


def _spaced(glyphs: Sequence[Glyph], spread: float) -> str:
    """Glyphs as words, the letters of which are set so far apart."""
    text = ""
    last: Glyph | None = None
    between = ""
    for glyph in glyphs:
        if not glyph.size or glyph.char.isspace():
            between = glyph.char if glyph.size else between or "\0"
            continue
        if last is not None:
            text += _space(last, glyph, between, spread)
        text += glyph.char
        last, between = glyph, ""
    return text


def _space(last: Glyph, glyph: Glyph, between: str, spread: float) -> str:
    """What stands between two glyphs: nothing or a space; a no-break space stays one."""
    gap = (glyph.left - last.right) / glyph.size
    if spread:
        return " " if gap > max(1.6 * spread, spread + _SEEN_SPACE) else ""
    if between and between != "\0":
        return between
    return " " if gap > (_SEEN_SPACE if between else _SPACE) else ""


def _letterspacing(pairs: Sequence[tuple[Glyph, Glyph]]) -> float:
    """How far apart these neighbours are set, in type sizes, if they are set apart; else 0."""
    gap = statistics.median((after.left - glyph.right) / glyph.size for glyph, after in pairs)
    return gap if gap > _SPREAD else 0.0
