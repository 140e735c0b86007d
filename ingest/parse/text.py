"""Reads a newsroom page that was saved as text, and sorts the paragraphs of a page into title, dates and body.

The same rules serve PDFs, where nothing but the words says which paragraph is what:

- The title is the first paragraph that is no bullet, date line, breadcrumb, share link or kicker ("Press release");
  above a kicker stands a letterhead, if a longer line stands below it.
- Up to the first real paragraph stands the header: its dates are taken, its short lines and the bullets beside a
  date are left out.
- A short line without closing punctuation that stands alone between paragraphs is a caption or a subheading. Both are
  left out, so that no quote is ever a caption; a list (bullets, three short lines in a row, or lines after a colon)
  stays, and so does all that ends like a sentence, runs over a dozen words, or holds an address or a telephone number.
- A label such as "Media contact" is left out with the names, numbers and addresses below it
  (`ingest.parse.furniture`).
- "Related news" and its like are left out together with the titles that follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import dropwhile, groupby, pairwise, takewhile
from typing import TYPE_CHECKING

from ingest.dates import dateline, dates_between_bars, embargo, find_dates, near_dates, with_whole_years
from ingest.errors import ParseError
from ingest.parse.characters import decode, losses, tidy
from ingest.parse.complete import complete
from ingest.parse.furniture import (
    Line,
    contact_lines,
    is_closed,
    is_furniture,
    is_kicker,
    is_related_heading,
    is_sentence,
    is_separator,
)
from vectorstore.text import detect_language
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from ingest.types import Page


def parse_text(page: Page) -> Release:
    """The release on a page saved as text.

    Raises:
        ParseError: the page is empty, binary, or without a single word.

    """
    read = decode(page.content, page.location, page.charset)
    text = tidy(read)
    if not any(character.isalnum() for character in text):
        raise ParseError(page.location, "there is no word in this file")
    found = sort_blocks(to_blocks(text))
    release = Release(
        id=page.id,
        title=found.title,
        body=found.body,
        source=page.location,
        published=found.published,
        updated=found.updated,
        warnings=losses(read),
    )
    return complete(release, page)


_LONGEST_TITLE = 300
_FEWEST_OF_TITLE = 4  # words, of one that stands below a letterhead
_LONGEST_SENTENCE_AS_TITLE = 160
# Fewer short lines in a row than this are captions or headings, not a list or a table.
_SHORTEST_LIST = 3
# An address or a telephone number makes a short line worth keeping.
_CONTACT = re.compile(r"@|https?://|www\.|\d[\d .()/-]{7,}\d")


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of a page; `bullet` when it stood behind a list mark, which is cut off.

    `pages` says where pages of a document begin in its text, its first among them: offsets and their numbers.
    """

    text: str
    bullet: bool = False
    pages: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sorted:
    """What the paragraphs of a page turned out to be; `title` is empty where none could be told."""

    title: str
    blocks: tuple[Block, ...]
    published: datetime | None = None
    updated: datetime | None = None

    @property
    def body(self) -> tuple[str, ...]:
        """The paragraphs' texts."""
        return tuple(block.text for block in self.blocks)


def sort_blocks(blocks: Sequence[Block], *, title: str = "") -> Sorted:
    """Title, dates and body of a page; pass a `title` that is known from elsewhere."""
    kept = _without_related(blocks)
    dates = [find_dates(block.text) if block.bullet else dates_between_bars(block.text) for block in kept]
    undated = [(None if date else block) for block, date in zip(kept, dates, strict=True)]
    after = _after_title(undated, title)
    title = title or (block.text if after and (block := undated[after - 1]) else "")
    below = undated[after:]
    own = [block if block and not (is_furniture(block.text) or _same(block.text, title)) else None for block in below]
    content = _without_contacts(own)
    return Sorted(
        title=title,
        blocks=tuple(_without_captions(_without_header(content))),
        published=next((date.published for date in dates if date and date.published), None)
        or _near_date(kept)
        or next(filter(None, map(dateline, _first_sentences(content))), None)
        or next(filter(None, (embargo(block.text) for block in kept)), None),
        updated=next((date.updated for date in dates if date and date.updated), None),
    )


def without_headings(blocks: Sequence[tuple[str, str]], title: str = "") -> list[Block]:
    """What is to be sorted of blocks by kind and words: no heading but the title, and no contacts, also below one."""
    gone = contact_lines([Line(words, kind[0] == "h", kind in {"li", "row"}) for kind, words in blocks], fewest=2)
    return [
        Block(words, bullet=kind in {"li", "row"})
        for index, (kind, words) in enumerate(blocks)
        if index not in gone and (kind[0] != "h" or words == title or is_sentence(words))
    ]


def _near_date(blocks: Sequence[Block]) -> datetime | None:
    """The day in a line above the text that says more: "Release no. 25-041, April 3, 2025"."""
    above = takewhile(lambda block: not is_closed(with_whole_years(block.text)), blocks)
    found = (near_dates(block.text) for block in above if not block.bullet)
    return next((line.published for line in found if line and line.published), None)


def _first_sentences(content: Sequence[Block | None]) -> Iterator[str]:
    """The first paragraph that ends like a sentence, behind those that are long, but subtitles."""
    for block in content:
        if block and is_sentence(block.text):
            yield block.text
            if is_closed(block.text):
                return


def _without_related(blocks: Sequence[Block]) -> list[Block]:
    """Leave out lists of other pages: their heading and the titles and dates up to the next real sentence."""
    kept: list[Block] = []
    inside = False
    for block in blocks:
        if is_related_heading(block.text):
            inside = any(is_sentence(earlier.text) for earlier in kept[1:])
            continue
        inside = inside and not (is_closed(block.text) or _CONTACT.search(block.text))
        if not inside:
            kept.append(block)
    return kept


def _after_title(blocks: Sequence[Block | None], title: str) -> int:
    """Index after the title's paragraph; 0 where there is none."""
    for index, block in enumerate(blocks):
        if block is None:
            continue
        if title and _same(block.text, title):
            return index + 1
        if not title and not (block.bullet or is_furniture(block.text) or is_kicker(block.text) or embargo(block.text)):
            return _headline(blocks, index, block.text) + 1 if _may_be_title(block.text) else 0
    return 0


def _headline(blocks: Sequence[Block | None], first: int, words: str) -> int:
    """The place of the headline below "Press release", where `words`, at `first`, are a shorter letterhead."""
    fewest = max(_FEWEST_OF_TITLE, len(words.split()) + 1)
    above = takewhile(lambda block: block is None or not is_closed(block.text), blocks[first:])
    lines = [(place, block.text) for place, block in enumerate(above, first) if block and not block.bullet]
    below = dropwhile(lambda line: not is_kicker(line[1]), lines)
    place, title = next(((at, text) for at, text in below if not (is_kicker(text) or is_furniture(text))), (first, ""))
    return place if len(title.split()) >= fewest else first


def _may_be_title(text: str) -> bool:
    return len(text) <= (_LONGEST_SENTENCE_AS_TITLE if text.endswith(".") else _LONGEST_TITLE)


def _same(text: str, title: str) -> bool:
    return "".join(text.split()).casefold() == "".join(title.split()).casefold()


def _without_contacts(blocks: Sequence[Block | None]) -> list[Block | None]:
    """Leave out boxes of contacts, each of which begins with a label; a date line ends them.

    Where only words say what a line is, one alone is no box.
    """
    lines = [Line(block.text, is_item=block.bullet) if block else Line("", is_heading=True) for block in blocks]
    gone = contact_lines(lines, fewest=2)
    return [block for index, block in enumerate(blocks) if index not in gone]


def _without_header(blocks: Sequence[Block | None]) -> list[Block]:
    """Leave out what stands above the first sentence, but for bullets that are no list of dates and places.

    None stands for a date line. Without any sentence there is no header either.
    """
    found = (index for index, block in enumerate(blocks) if block and is_sentence(block.text))
    start = next(found, 0)
    header = blocks[:start]
    points = [block for block in header if block and block.bullet and len(block.text.split()) > 3]
    if None in header:
        points = []
    return points + [block for block in blocks[start:] if block]


def _without_captions(blocks: Sequence[Block]) -> list[Block]:
    """Leave out short lines that stand alone; see the module's rules."""
    sentences = [block.text for block in blocks if is_sentence(block.text)]
    if not sentences:
        return list(blocks)
    language = detect_language("\n".join(sentences)[:1000])
    kept: list[Block] = []
    for short, run in groupby(blocks, key=_is_short):
        lines = list(run)
        if not short or _is_list(lines, kept, language):
            kept.extend(lines)
    return kept


def _is_short(block: Block) -> bool:
    return not (block.bullet or is_sentence(block.text) or _CONTACT.search(block.text))


def _is_list(lines: Sequence[Block], before: Sequence[Block], language: str | None) -> bool:
    if before and before[-1].text.endswith(":"):
        return True
    return len(lines) >= _SHORTEST_LIST and detect_language("\n".join(line.text for line in lines)) == language


# A dash or a hyphen marks a list item only with a space behind it; « – » opens dialogue too, and is then cut off.
_BULLET = re.compile(r"(?:[•●▪◦‣·■□➢➤►*+\-–—o][ \t]+|[•●▪◦‣■□➢➤►]|\uf0b7\s*)(?=\S|$)")
_NUMBERED = re.compile(r"(?:\d{1,2}[.)]|\(?[a-z]\)|[ivx]{1,4}\))[ \t\u00a0]+\S")
# No newsroom wraps wider than this; a longer line is a paragraph of its own.
_WIDEST_WRAP = 130
# Shorter lines than this say nothing about wrapping.
_TELLING_LENGTH = 40


def to_blocks(text: str) -> list[Block]:
    """Paragraphs of a text, which stand between blank lines, one a line, or wrapped over several lines."""
    groups = [[line for line in group.split("\n") if line] for group in re.split(r"\n{2,}", text) if group.strip()]
    width = wrap_width(groups)
    # where blank lines part the paragraphs, a line that ends a sentence early is still not the end of one
    slack = 0.4 if len(groups) > 2 else 0.0
    return [to_block(paragraph) for group in groups for paragraph in _join(group, width, slack)]


def wrap_width(groups: Iterable[Sequence[str]]) -> int:
    """The width that lines were wrapped at, or 0 where each line is a paragraph of its own.

    In wrapped text most lines that another one follows stop in mid-sentence, and the next one begins in lower case.
    """
    pairs = [pair for group in groups for pair in pairwise(group) if _TELLING_LENGTH <= len(pair[0]) <= _WIDEST_WRAP]
    cut = [line for line, after in pairs if not is_closed(line) and after[0].islower() and not is_item(after)]
    if not cut or len(cut) < 0.2 * len(pairs):
        return 0
    return max(len(line) for line, _ in pairs if not is_closed(line))


def _join(lines: Sequence[str], width: int, slack: float) -> list[str]:
    """One string per paragraph of a group of lines without a blank line in between."""
    paragraphs = [lines[0]]
    for line, following in pairwise(lines):
        if _continues(line, following, width, slack):
            paragraphs[-1] = f"{paragraphs[-1]} {following}"
        else:
            paragraphs.append(following)
    return paragraphs


def _continues(line: str, following: str, width: int, slack: float) -> bool:
    """Whether `following` goes on with the paragraph of `line`; `slack` is the part of a line that may stay empty."""
    if is_separator(line) or is_separator(following) or (is_item(following) and not _is_aside(line, following, width)):
        return False
    if not is_closed(line) and following[0].islower() and len(line) >= _TELLING_LENGTH / 2:
        return True
    # A wrapped line is full: the next word would not have fitted. Ragged wrapping leaves a little more room.
    room = width - len(line) - len(following.split(" ", 1)[0]) - 1
    return len(line) <= width and room < (slack if is_closed(line) else 0.25) * width


def _is_aside(line: str, following: str, width: int) -> bool:
    """Whether the dash that opens `following` is one of a sentence that was wrapped in front of it."""
    full = (
        len(line) + 2 > width - len(following.split(" ", 2)[1]) if following[0] in "–—" and " " in following else False
    )
    return full and 0 < len(line) <= width and not is_closed(line) and not is_item(line)


def is_item(line: str) -> bool:
    """Whether a line opens an item of a list."""
    return bool(_BULLET.match(line) or _NUMBERED.match(line))


def to_block(paragraph: str, *, pages: tuple[tuple[int, int], ...] = ()) -> Block:
    """A paragraph as a block, its list mark cut off; a number in front stays, since the text may refer to it."""
    mark = _BULLET.match(paragraph)
    if mark:
        moved = tuple((max(0, offset - mark.end()), page) for offset, page in pages)
        return Block(paragraph[mark.end() :].strip(), bullet=True, pages=moved)
    return Block(paragraph, bullet=bool(_NUMBERED.match(paragraph)), pages=pages)
