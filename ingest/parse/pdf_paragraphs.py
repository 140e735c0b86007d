"""Paragraphs from the lines of a PDF, each with the places at which a page begins in it, and the title in big print."""

from __future__ import annotations

import re
import statistics
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.dates import find_dates
from ingest.parse.furniture import is_closed, is_furniture, is_kicker
from ingest.parse.pdf_layout import text_size
from ingest.parse.text import Block, is_item, to_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.parse.pdf_layout import Line, Print

# Words that keep their hyphen at a line's end: those that open compounds but hardly ever a cut word, and such ends.
_OPENERS = frozenset({
    "franco", "euro", "indo", "anglo", "germano", "italo", "afro", "nord", "sud", "quasi", "semi", "demi", "vice",
    "porte", "après", "quatre", "c’est-à", "c'est-à", "long", "short", "high", "low", "self", "well", "non", "cross",
    "year", "quelques", "procès", "celles", "ceux", "avant", "arrière", "grand", "rendez",
})  # fmt: skip
_ENDS = re.compile(r"(?:ci|là|ils?|mêmes?|être|based|led|coated|backed|funded|owned|driven|related|term|year|wide)\b")
_LONGEST_TITLE = 300
_FEWEST_OF_TITLE = 4  # words; the name of who issued it has fewer
_LEAST_OF_TEXT = 60  # characters of a line of the text
_LEAST_BELOW = 35  # characters of a text's first line below a subheading
# How much of a line a paragraph fills before the last one, and how much at most with the last one, or a short one.
_FULL, _LAST, _SHORT = 0.85, 0.7, 0.55
_NEAR = 1.2  # of the usual distance: lines of a paragraph are not farther apart
_BIGGER = 1.15  # than the text: what is set so is a headline


def headline(lines: Sequence[Line]) -> str:
    """The biggest print of the first page that says something, if it is clearly bigger than the text; else empty.

    Three words at least, four rather, above the text rather, and not "Press release", however big it is; what stands
    above that is a letterhead if there is big print below it.
    """
    first, big = [line for line in lines if line.page == lines[0].page], big_print(lines)
    below = next((n for n, line in enumerate(first, 1) if any(map(is_kicker, (line.text, *line.cells)))), 0)
    if any(line in big and len(line.text.split()) > 2 for line in first[below:]):
        first = first[below:]
    stretches = [run for run in _stretches(first) if run[0] in big]
    text = next((line.baseline for line in first if line not in big and len(line.text) >= _LEAST_OF_TEXT), 0.0)
    titles = [
        ((len(title.split()) < _FEWEST_OF_TITLE, run[0].baseline < text, -run[0].size), title)
        for run in stretches
        if _may_be_title(title := _of_lines([line.text for line in run]))
    ]
    return min(titles, key=lambda ranked: ranked[0], default=(None, ""))[1]


def _may_be_title(words: str) -> bool:
    is_other = is_kicker(words) or is_furniture(words) or find_dates(words)
    return len(words.split()) > 2 and len(words) <= _LONGEST_TITLE and not is_other


def _stretches(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines of one size that follow each other; a date is apart, unless it ends what did not fit on the line above."""
    stretches: list[list[Line]] = [[lines[0]]] if lines else []
    for line, following in pairwise(lines):
        apart = bool(find_dates(line.text)) != bool(find_dates(following.text)) and not _runs_on(line, following)
        if apart or round(line.size) != round(following.size):
            stretches.append([following])
        else:
            stretches[-1].append(following)
    return stretches


def _runs_on(line: Line, following: Line) -> bool:
    """Whether a line was full, and the next one goes on with what it says, close below."""
    is_close = 0 < line.baseline - following.baseline < 1.5 * line.size
    is_full = line.filled >= _FULL and line.share >= _SHORT  # what is set at the right ends there too
    return is_full and is_close and not is_closed(line.text) and not find_dates(line.text)


def big_print(lines: Sequence[Line]) -> list[Line]:
    """The lines of the first page that are clearly bigger than the text."""
    least = _BIGGER * text_size(lines)
    return [line for line in lines if line.page == lines[0].page and line.size >= least]


def _of_lines(lines: Sequence[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        text = _joined(text, line)
    return text


def to_blocks(document: Print) -> list[Block]:
    """Paragraphs in reading order; a page's footnotes stand before a paragraph that goes on over the page's end."""
    paragraphs = _paragraphs(document.lines)
    notes = _paragraphs(document.notes)
    blocks: list[Block] = []
    for paragraph in paragraphs:
        while notes and notes[0][-1].page < paragraph[-1].page:
            blocks.append(_block(notes.pop(0)))
        blocks.append(_block(paragraph))
    return blocks + [_block(note) for note in notes]


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that make up a paragraph."""
    leading = _leading(lines)
    paragraphs: list[list[Line]] = [[lines[0]]] if lines else []
    for line, following in pairwise(lines):
        if _is_parted(line, following, leading):
            paragraphs.append([following])
        else:
            paragraphs[-1].append(following)
    return paragraphs


def _block(lines: Sequence[Line]) -> Block:
    """A paragraph as one text; a row of a table is kept like an item of a list, its cells apart."""
    if len(lines) == 1 and len(lines[0].cells) > 1:
        return Block(" | ".join(lines[0].cells), bullet=True, pages=((0, lines[0].page),))
    text, pages = lines[0].text, [(0, lines[0].page)]
    for line, following in pairwise(lines):
        text = _joined(text, following.text)
        if following.page != line.page:
            pages.append((len(text) - len(following.text), following.page))
    return to_block(text, pages=tuple(pages))


def _leading(lines: Sequence[Line]) -> float:
    """The usual distance from one line to the next."""
    gaps = [
        line.baseline - after.baseline
        for line, after in pairwise(lines)
        if line.page == after.page
        and abs(line.size - after.size) < 0.1 * line.size
        and 0 < line.baseline - after.baseline < 2 * line.size
    ]
    return statistics.mode(round(gap, 1) for gap in gaps) if gaps else 0.0


def _is_parted(line: Line, following: Line, leading: float) -> bool:
    """Whether a new paragraph begins between two lines."""
    if (
        len(line.cells) > 1
        or len(following.cells) > 1
        or following.mark
        or _is_dated(line, following)
        or is_kicker(line.text)
        or is_item(following.text)
        or (line.text.endswith(";") and _has_room(line, following))
        or _is_subheading(line, following)
        or abs(line.size - following.size) > 0.1 * max(line.size, following.size)
    ):
        return True
    ends = is_closed(line.text)
    if not ends and following.text[0].islower():
        return False
    if ends and line.page == following.page and line.column != following.column:
        return True
    gap = line.baseline - following.baseline
    if line.page != following.page or gap <= 0:  # the next page or column: nothing to measure
        return (ends and (line.filled < _FULL or following.share < _SHORT)) or (not ends and line.filled < _SHORT)
    if gap > _NEAR * max(leading, line.size):  # a taller sign in a line moves it down a little
        return ends or line.filled < _FULL or gap > 2 * max(leading, line.size)
    indented = following.left - line.left > 0.5 * line.size
    return ends and (indented or line.filled < _LAST)


def _is_subheading(line: Line, following: Line) -> bool:
    """Whether one of two lines is a subheading in bold print: the first, with room for more, or one behind a sentence.

    What follows is a line of a text: short ones, as in the head of a table, say nothing. The first words of a paragraph
    may be bold as well, and reach its second line.
    """
    if line.bold == following.bold or following.text[0].islower():
        return False
    if following.bold:
        return is_closed(line.text)
    return (len(following.text) >= _LEAST_BELOW or is_closed(following.text)) and _has_room(line, following)


def _has_room(line: Line, following: Line) -> bool:
    """Whether a line was ended where the first word of the next one would have fitted, and half of it again."""
    word = len(following.text.split(" ", 1)[0]) + 1
    width = (following.right - following.left) / max(1, len(following.text))
    return line.column[1] - line.right > 1.5 * word * width


def _is_dated(line: Line, following: Line) -> bool:
    """Whether one of two lines is a date: the publisher's name, the day and a headline are apart.

    A sentence may end with a date in a line of its own, and so may a headline that did not fit into one.
    """
    if round(line.size) == round(following.size) and _runs_on(line, following):
        return False
    if line.share < _SHORT and find_dates(line.text):
        return True
    return following.share < _SHORT and not is_closed(following.text) and bool(find_dates(following.text))


def _joined(text: str, following: str) -> str:
    """Two lines as one; a cut word is made whole unless a capital or a digit follows, or it is a known compound."""
    if re.search(r"\w[-\u2010\u00ad]$", text):
        compound = text.rsplit(" ", 1)[-1][:-1].lower() in _OPENERS or _ENDS.match(following)
        return text[:-1] + following if following[0].islower() and not compound else text + following
    return f"{text} {following}"
