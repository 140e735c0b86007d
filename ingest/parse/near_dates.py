"""Dates in the lines around a headline that say more than a date: "Posted on 14 May 2024 by the press office"."""

from __future__ import annotations

import re
from functools import cache

from ingest.dates import DateLine, dates_within, with_whole_years
from vectorstore.text.tables import table

# Characters, and words beside the date where none of them tells what the date is. A longer line is a text.
_LONGEST = 120
_MOST_WORDS = 6
_UPDATED = re.compile(r"\b(?:updat|modifi|actualis|revised|révis|version|mise? à jour)", re.IGNORECASE)


@cache
def _other() -> re.Pattern[str]:
    """A word before a date that is not the page's own."""
    words = table("page_dates")["other"]
    return re.compile(rf"\b(?:{'|'.join(words['en'] + words['fr'])})\b|[©]", re.IGNORECASE)


@cache
def _published() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(table('page_dates')['published']['words'])})", re.IGNORECASE)


def near_dates(line: str, *, month_first: bool | None = None) -> DateLine | None:
    """What a line beside the headline says of publication and update; None for a sentence and for other dates.

    Unlike `ingest.dates.find_dates` it takes lines with words that it does not know, so it is to be asked only there.
    """
    line = with_whole_years(line)
    if len(line) > _LONGEST or line.endswith(("!", "?")) or (line.endswith(".") and not _is_note(line)):
        return None
    found: dict[str, list[DateLine]] = {"published": [], "updated": []}
    for before, moment, behind in dates_within(line, month_first=month_first):
        words = before + behind
        if _UPDATED.search(before):
            found["updated"].append(DateLine(updated=moment))
        elif _other().search(before):
            continue
        elif _published().search(words) or len(words.split()) <= _MOST_WORDS:
            found["published"].append(DateLine(published=moment))
    if any(len(lines) > 1 for lines in found.values()) or not any(found.values()):
        return None
    published, updated = (next(iter(lines), DateLine()) for lines in found.values())
    return DateLine(published.published, updated.updated)


def _is_note(line: str) -> bool:
    """Whether sentences only say when a page was published or updated: "Written by Ann. Posted on 3 April 2025."."""
    found = dates_within(line)
    if not found:
        return False
    before, _, behind = found[-1]
    last = before.rsplit(". ", 1)[-1].strip()
    return not behind.strip(" .") and bool(_published().match(last) or _UPDATED.match(last))


def is_of_something_else(words: str) -> bool:
    """Whether the words before a date tell that it is a deadline, a meeting or the like."""
    return bool(_other().search(words)) and not _UPDATED.search(words)
