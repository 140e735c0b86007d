"""Pieces of lines from the glyphs of a PDF's page: words with their spaces, small print in its place."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.dates import find_dates
from ingest.parse.characters import tidy_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.parse.pdf_glyphs import Glyph

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

    `mark` is the mark of a footnote that was raised in front of it.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    mark: str = ""

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
    return Piece(tidy, runs[0].left, right, runs[0].baseline, sizes.most_common(1)[0][0], mark)


def _words(glyphs: Sequence[Glyph]) -> str:
    """Glyphs as words: a space wherever one was set, or where the gap is as wide as one."""
    ink = [glyph for glyph in glyphs if glyph.size and not glyph.char.isspace()]
    has_spaces = any(glyph.size and glyph.char.isspace() for glyph in glyphs)
    if len(ink) < (_TELLING if has_spaces else 2):
        return _spaced(glyphs, 0.0)
    if _share_of_letters(ink) >= _FEWEST_LETTERS:
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


def _share_of_letters(ink: Sequence[Glyph]) -> float:
    return sum(glyph.char.isalpha() for glyph in ink) / len(ink)


def _letterspacing(pairs: Sequence[tuple[Glyph, Glyph]]) -> float:
    """How far apart these neighbours are set, in type sizes, if they are set apart; else 0."""
    gap = statistics.median((after.left - glyph.right) / glyph.size for glyph, after in pairs)
    return gap if gap > _SPREAD else 0.0
