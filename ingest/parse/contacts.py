"""Boxes of contacts in a text: who answers the press, with telephone and mail, and no sentence of the release.

A box is told by its structure: a label such as "Media contact" and below it, or behind it in the line, lines that are
no sentences and hold a telephone number or a mail address. "For further information call 020 5550 0137." is a sentence,
and stays.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ingest.dates import find_dates

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAIL = re.compile(r"\w(?:@| ?[\[(]at[\])] ?)\w", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\d[\d .()/-]{5,}\d")
_FEWEST_DIGITS = 9  # of a telephone number that nothing announces
_ENDS = (".", "!", "?", "…", ";", ".”", ".»", ". »", ".)")
_ABBREVIATED = re.compile(r"\b(?:tel|tél|ext|no)\.\Z", re.IGNORECASE)
_LONGEST_LINE = 40  # words
_MOST_LINES = 30  # of a box
_LONGEST_OWNER = 12  # words of a name, an office or a label
_AFTER_LABEL = (":", "–", "—", ",", "|", "-")


class Line(NamedTuple):
    """A paragraph of a text; `is_heading` where its format marks it as one, `is_item` an item of a list or a row."""

    text: str
    is_heading: bool = False
    is_item: bool = False


def contact_lines(lines: Sequence[Line], *, fewest: int = 1, closing: bool = False) -> set[int]:
    """The indices of the lines that belong to boxes of contacts, of so many lines at the least, or one with all in it.

    `closing` also takes numbers and addresses that stand behind the last sentence without a label, with their owner.
    """
    found: set[int] = set()
    for index, line in enumerate(lines):
        if index not in found and (behind := _behind_label(line.text)) is not None:
            end = _end(lines, index, is_detail=has_detail(behind))
            if end - index >= fewest or (end > index and _has_both(behind)):
                found.update(range(index, end))
    return found | (_closing(lines) if closing else set())


def has_detail(text: str) -> bool:
    """Whether a line holds a mail address or a telephone number."""
    if _MAIL.search(text):
        return True
    if find_dates(text):
        return False
    numbers = [sum(map(str.isdecimal, number)) for number in _NUMBER.findall(text)]
    return any(digits >= _FEWEST_DIGITS for digits in numbers) or (bool(numbers) and bool(_announced().search(text)))


def _has_both(text: str) -> bool:
    """Whether a line holds a mail address and a telephone number."""
    return bool(_MAIL.search(text)) and any(
        sum(map(str.isdecimal, number)) >= _FEWEST_DIGITS for number in _NUMBER.findall(text)
    )


def _behind_label(text: str) -> str | None:
    """What stands behind the label in a line that is one or begins with one; None for all other lines."""
    found = _label().match(text)
    if found is None or _is_closed(text):
        return None
    rest = text[found.end() :]
    if not rest.strip(" :\u00a0\u202f"):
        return ""
    return rest if rest.lstrip().startswith(_AFTER_LABEL) or has_detail(rest) else None


def _end(lines: Sequence[Line], start: int, *, is_detail: bool) -> int:
    """Where the box ends that a label opens: behind its last detail; `start` itself where there is none."""
    end = start + 1 if is_detail and _may_belong(lines[start]) else start
    for index in range(start + 1, min(len(lines), start + _MOST_LINES)):
        if not _may_belong(lines[index]):
            break
        if has_detail(lines[index].text):
            end = index + 1
    return end


def _may_belong(line: Line) -> bool:
    is_listed = _has_both(line.text) and _listed_number().search(line.text)  # what a note closes is no sentence
    if line.is_heading or (_is_closed(line.text) and not is_listed):
        return False
    words = len(line.text.split())
    return words <= _LONGEST_OWNER or (words <= _LONGEST_LINE and has_detail(line.text))


def _closing(lines: Sequence[Line]) -> set[int]:
    """Details behind the last sentence, each with the short line above it where it is a detail and nothing else."""
    last = max((index for index, line in enumerate(lines) if _is_closed(line.text)), default=len(lines))
    found: set[int] = set()
    for index in range(last + 1, len(lines)):
        line = lines[index]
        if line.is_item or not _may_belong(line) or not has_detail(line.text):
            continue
        found.add(index)
        owner = index - 1
        if owner > last and not lines[owner].is_item and _may_belong(lines[owner]) and _is_bare(line.text):
            found.add(owner)
    return found


def _is_bare(text: str) -> bool:
    """Whether hardly a word stands beside the number or the address."""
    return len([word for word in text.split() if word.isalpha()]) < 2


def _is_closed(text: str) -> bool:
    """Whether a line ends as sentences do."""
    bare = text.rstrip()
    return bare.endswith(_ENDS) and not _ABBREVIATED.search(bare)


@cache
def _listed() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("furniture.toml").read_text("utf-8"))


@cache
def _label() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(_listed()['contacts'])})(?!\w)", re.IGNORECASE)


@cache
def _listed_number() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(_listed()['telephone'])})\.? ?: ?\+?\d", re.IGNORECASE)


@cache
def _announced() -> re.Pattern[str]:
    return re.compile("|".join(_listed()["telephone"]), re.IGNORECASE)
