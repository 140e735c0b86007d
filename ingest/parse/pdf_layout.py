"""What belongs together on the pages of a PDF: columns, running heads and feet, footnotes, lines in reading order."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ingest.dates import dates_between_bars, find_dates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.parse.pdf_lines import Piece

_PAGE_NUMBER = re.compile(
    r"(?:page|p\.|seite)?\s{0,9}+[-–—]?\s{0,9}+\d{1,3}\s{0,9}+[-–—]?(?:\s{0,9}+(?:/|of|sur|de|von)\s{0,9}+\d{1,3})?",
    re.IGNORECASE,
)
_OF_ALL = re.compile(r"\d{1,3}\s*+/\s*+\d{1,3}")
_ADDRESS = re.compile(r"(?:https?|file)://\S+")
_FIGURES_APART = re.compile(r"(?<!\w)\d(?: \d){1,3}(?!\w)")
_YEAR_APART = re.compile(r"(?<!\w)[12] [09] \d \d(?!\w)")
_NOTE = re.compile(r"(?:\[?\(?\d{1,2}[\])]?\.?|\*{1,3}|[†‡§])[ \t]*\S")
_FIGURE = re.compile(r"[-−–+±<>~≈$€£¥(]{0,2} ?\d")
_CELLS = 1.5  # type sizes between the cells of a row, at the least
_EDGE = 3  # how many rows at the top and at the bottom of a page may be running heads
_TELLING = 15  # letters of a running head, at the least
_FAR_BELOW, _FAR_BELOW_NOTE = 4.0, 2.0  # type sizes between the text, or a footnote, and the small print of a foot
_TELLING_IN_PLACE = 8  # letters of words that come back in their place
_SMALL = 0.92  # of the size of the text: footnotes are set smaller
_FEWEST = 3  # lines of a column beside another; two cells below each other may be a table's
_SHORTEST = 20  # characters of a line of running text, on an average


@dataclass(frozen=True, slots=True)
class Line:
    """One line of print in its column, whose edges it has with it. `cells` are more than one in a table's row.

    `edges` are the left and right edges of the cells; `mark` is the mark of a footnote that it begins with; `bold` says
    that all its letters are.
    """

    cells: tuple[str, ...]
    left: float
    right: float
    baseline: float
    size: float
    page: int
    edges: tuple[tuple[float, float], ...] = ()
    column: tuple[float, float] = (0.0, 0.0)
    mark: str = ""
    bold: bool = False

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(self.cells)

    @property
    def filled(self) -> float:
        """How far it reaches into its column, from 0 to 1."""
        left, right = self.column
        return (self.right - left) / (right - left) if right > left else 1.0

    @property
    def share(self) -> float:
        """How much of its column's width it has, from 0 to 1."""
        left, right = self.column
        return (self.right - self.left) / (right - left) if right > left else 1.0


@dataclass(frozen=True, slots=True)
class Print:
    """The lines of a document in reading order, and its footnotes, which no sentence is to be cut by."""

    lines: tuple[Line, ...]
    notes: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """The pieces of a page that share a baseline, from left to right."""

    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

    @property
    def size(self) -> float:
        return max(piece.size for piece in self.pieces)

    @property
    def baseline(self) -> float:
        return self.pieces[0].baseline


def arranged(pages: Sequence[Sequence[Piece]]) -> Print:
    """The print of a document from the pieces of its pages, which keep the order in which they were set."""
    size = text_size(piece for page in pages for piece in page)
    lines: list[Line] = []
    notes: list[Line] = []
    for number, pieces in enumerate(_without_running(pages, size), 1):
        for part in _columns(pieces):
            body, below = _parted(_lines(part, number), size)
            lines += body
            notes += below
    return Print(tuple(lines), tuple(notes))


def text_size(pieces: Iterable[Piece | Line]) -> float:
    """The type size that most characters have."""
    sizes: Counter[float] = Counter()
    for piece in pieces:
        sizes[round(piece.size, 1)] += len(piece.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _rows(pieces: Sequence[Piece]) -> list[_Row]:
    """A page from top to bottom."""
    rows: list[_Row] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.baseline, piece.left)):
        if rows and rows[-1].pieces[0].shares_line(piece):
            rows[-1].pieces.append(piece)
        else:
            rows.append(_Row([piece]))
    for row in rows:
        row.pieces.sort(key=lambda piece: piece.left)
    return rows


# --- running heads and feet


def _without_running(pages: Sequence[Sequence[Piece]], size: float) -> Iterator[list[Piece]]:
    """The pages without page numbers, what a browser prints around a page, and heads, feet and rails that come back.

    The first page keeps a head with a date, which may be the only one.
    """
    laid = [_rows(page) for page in pages]
    seen = Counter(mark for rows in laid for mark in {_mark(row) for row in (*rows[:_EDGE], *rows[-_EDGE:])})
    places = Counter(place for page in pages for place in {_place(piece) for piece in page})
    fewest = max(2, len(pages) / 2)
    first = plain(" ".join(row.text for row in laid[0])) if laid else ""
    for number, (page, rows) in enumerate(zip(pages, laid, strict=True)):
        top, bottom = rows[:_EDGE], rows[max(_EDGE, len(rows) - _EDGE) :]
        gone: list[_Row] = []
        for row in (*top, *bottom):
            comes_back = seen[_mark(row)] >= fewest or (number > 0 and row in top[:1] and _is_repeated(row, first))
            is_dated = number == 0 and row in top and any(dates_between_bars(piece.text) for piece in row.pieces)
            if _is_number(row) or (comes_back and not is_dated):
                gone.append(row)
        if _is_printed_by_browser(rows):
            gone += [rows[0], rows[-1]]
        gone += _imprint(rows, gone, size)
        dropped = {id(piece) for row in gone for piece in row.pieces}
        beside_figures = {id(piece) for row in rows if _has_figures(row) for piece in row.pieces}
        rails = (piece for piece in page if places[_place(piece)] >= fewest and _is_telling(piece))
        dropped |= {id(piece) for piece in rails if id(piece) not in beside_figures}
        yield [piece for piece in page if id(piece) not in dropped]


def _mark(row: _Row) -> str:
    return re.sub(r"\d+", "#", row.text)


def _place(piece: Piece) -> tuple[str, int, int]:
    """Words and where they stand: a rail beside the text comes back with both."""
    return piece.text, round(piece.left), round(piece.baseline)


def _has_figures(row: _Row) -> bool:
    """Whether one of several pieces is a figure, as in a table, whose rows may come back in their places."""
    return len(row.pieces) > 1 and any(_FIGURE.match(piece.text) for piece in row.pieces)


def _is_telling(piece: Piece) -> bool:
    """Whether words are more than a short cell, and no date: those may stand in one place on two pages."""
    return len(plain(piece.text)) >= _TELLING_IN_PLACE and not dates_between_bars(piece.text)


def _is_repeated(row: _Row, page: str) -> bool:
    """Whether a page has all of a row's words, as it has the headline's; a word or two say nothing."""
    words = plain(row.text)
    return len(words) >= _TELLING and words in page


def plain(text: str) -> str:
    """The letters and digits of a text in lower case, to compare texts by."""
    return "".join(filter(str.isalnum, text)).casefold()


def _is_number(row: _Row) -> bool:
    """Whether a row is a page's number, with little beside it."""
    numbered = any(_PAGE_NUMBER.fullmatch(piece.text) for piece in (row.pieces[0], row.pieces[-1]))
    return numbered and sum(len(piece.text) for piece in row.pieces) < 60 and not _is_figures(row)


def _is_figures(row: _Row) -> bool:
    """Whether a row is one of a table: figures in more than one cell."""
    return sum(piece.text[:1].isdigit() for piece in row.pieces) > 1


def _is_printed_by_browser(rows: Sequence[_Row]) -> bool:
    """Whether the last row is the page's address and its number: the first is then the day of printing."""
    return len(rows) > 1 and bool(_ADDRESS.match(rows[-1].text) and _OF_ALL.fullmatch(rows[-1].pieces[-1].text))


def _imprint(rows: Sequence[_Row], gone: Sequence[_Row], size: float) -> list[_Row]:
    """The small print at the foot of a page, far below all else, that is no footnote, as an address is."""
    left = [row for row in rows if row not in gone]
    for index in range(len(left) - 1, max(0, len(left) - 1 - _EDGE), -1):
        gap = left[index - 1].baseline - left[index].baseline
        below = left[index:]
        if any(row.size > 0.85 * size or _NOTE.match(row.text) or row.pieces[0].mark for row in below):
            return []
        is_below_note = left[index - 1].pieces[0].mark or _NOTE.match(left[index - 1].text)
        if gap > (_FAR_BELOW_NOTE if is_below_note else _FAR_BELOW) * size:
            return below
    return []


# --- columns


def _columns(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """A page's parts in reading order: what stands in two columns is read down, and all else as it was set."""
    for gutter in _gutters(pieces):
        for top, bottom in _zones(pieces, gutter):
            inside = [piece for piece in pieces if bottom <= piece.baseline <= top]
            left = [piece for piece in inside if piece.left < gutter]
            right = [piece for piece in inside if piece.left >= gutter]
            if _is_running_text(left) and _is_running_text(right):
                above = [piece for piece in pieces if piece.baseline > top]
                below = [piece for piece in pieces if piece.baseline < bottom]
                parts = (_columns(part) for part in (above, left, right, below))
                return [part for found in parts for part in found]
    return [list(pieces)] if pieces else []


def _gutters(pieces: Sequence[Piece]) -> list[float]:
    """Where a column may begin: at the left edges that several pieces share, with others to their left."""
    edges = Counter(round(piece.left / 2) for piece in pieces)
    first = min((piece.left for piece in pieces), default=0.0)
    likely = [2.0 * edge - 2.0 for edge, count in edges.most_common(8) if count >= 2]
    return [gutter for gutter in likely if gutter > first + 40]


def _zones(pieces: Sequence[Piece], gutter: float) -> Iterator[tuple[float, float]]:
    """Top and bottom of the stretches of a page in which nothing crosses a gutter and both sides have text."""
    inside: list[Piece] = []
    for piece in [*sorted(pieces, key=lambda piece: -piece.baseline), None]:
        if piece is not None and not piece.left < gutter < piece.right:
            inside.append(piece)
            continue
        sides = {piece.left >= gutter for piece in inside}
        if len(sides) == 2:
            yield inside[0].baseline, inside[-1].baseline
        inside = []


def _is_running_text(pieces: Sequence[Piece]) -> bool:
    """Whether a column holds sentences over several lines, as no column of a table and no box of contacts does."""
    texts = [row.text for row in _rows(pieces)]
    if len(texts) < _FEWEST or sum(map(len, texts)) < _SHORTEST * len(texts):
        return False
    return sum(text[0].islower() for text in texts) >= 0.3 * len(texts)


# --- lines


def _lines(pieces: Sequence[Piece], page: int) -> list[Line]:
    """The lines of a column; pieces that follow each other on one baseline are the cells of a row."""
    lines: list[Line] = []
    last: Piece | None = None
    for piece in pieces:
        if last is not None and last.shares_line(piece) and piece.left >= last.left:
            lines[-1] = _lengthened(lines[-1], piece)
        else:
            place = piece.left, piece.right, piece.baseline, piece.size, page
            edges = ((piece.left, piece.right),)
            lines.append(Line((piece.text,), *place, edges=edges, mark=piece.mark, bold=piece.bold))
        last = piece
    if not lines:
        return []
    column = min(line.left for line in lines), max(line.right for line in lines)
    return _tabled([replace(line, column=column) for line in lines])


def _lengthened(line: Line, piece: Piece) -> Line:
    """A line with another piece: a cell of its own if it stands far off."""
    if piece.left - line.right > _CELLS * piece.size:
        cells, edges = (*line.cells, piece.text), (*line.edges, (piece.left, piece.right))
    else:
        cells = (*line.cells[:-1], f"{line.cells[-1]} {piece.text}")
        edges = (*line.edges[:-1], (line.edges[-1][0], piece.right))
    return replace(line, cells=cells, edges=edges, right=max(line.right, piece.right), bold=line.bold and piece.bold)


def _tabled(lines: Sequence[Line]) -> list[Line]:
    """The lines; cells stay apart where those of the row above or below stand in line, or one is a date."""
    apart: list[Line] = []
    for line, before, after in zip(lines, (None, *lines[:-1]), (*lines[1:], None), strict=True):
        if (before and _is_aligned(line, before)) or (after and _is_aligned(line, after)):
            apart.append(line)
        elif any(find_dates(cell) for cell in line.cells):  # the day beside a newsroom's name
            apart += [replace(line, cells=(cell,), right=line.left) for cell in line.cells]
        else:
            apart.append(replace(line, cells=(_with_whole_date(line.text),)))
    return apart


def _with_whole_date(text: str) -> str:
    """A line, its figures joined if that makes it a date: those of a letterspaced year may be a piece of their own."""
    if not _YEAR_APART.search(text):
        return text
    joined = _FIGURES_APART.sub(lambda figures: figures[0].replace(" ", ""), text)
    return joined if find_dates(joined) else text


def _is_aligned(line: Line, other: Line) -> bool:
    """Whether two lines are rows of one table, as justified lines with wide gaps are not."""
    if len(line.cells) < 2 or len(line.cells) != len(other.cells):
        return False
    pairs = zip(line.cells[1:], other.cells[1:], line.edges[1:], other.edges[1:], strict=True)
    return all(
        abs(ours[0] - theirs[0]) < line.size / 2
        or abs(sum(ours) - sum(theirs)) < line.size / 2
        or (abs(ours[1] - theirs[1]) < line.size / 2 and any(map(_FIGURE.match, (cell, other_cell))))
        for cell, other_cell, ours, theirs in pairs
    )


def _parted(lines: Sequence[Line], size: float) -> tuple[Sequence[Line], Sequence[Line]]:
    """A column's lines, and the footnotes below them: small print that begins with a mark."""
    ordered = sorted(lines, key=lambda line: line.baseline)
    small = 0
    while small < len(ordered) and ordered[small].size < _SMALL * size:
        small += 1
    notes = list(reversed(ordered[:small]))
    while notes and not (notes[0].mark or _NOTE.match(notes[0].text)):
        notes.pop(0)
    if len(notes) == len(lines) and not (notes and notes[0].mark):  # a page in small print
        return lines, ()
    below = {id(line) for line in notes}
    return [line for line in lines if id(line) not in below], notes
