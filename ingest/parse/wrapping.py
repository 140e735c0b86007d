"""Rebuilds paragraphs from the lines of a text, wrapped by hand or not."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.parse.blocks import Block
from ingest.parse.furniture import is_closed, is_separator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


def to_block(paragraph: str) -> Block:
    """A paragraph as a block, its list mark cut off; a number in front stays, since the text may refer to it."""
    mark = _BULLET.match(paragraph)
    if mark:
        return Block(paragraph[mark.end() :].strip(), bullet=True)
    return Block(paragraph, bullet=bool(_NUMBERED.match(paragraph)))
