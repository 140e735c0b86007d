"""When an HTML page was published and updated: what it states to machines, then what it shows near its headline."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from ingest.dates import DateLine, find_dates, parse_date
from ingest.parse.characters import tidy_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lxml.html import HtmlElement

_ELSEWHERE = ("related", "sidebar", "aside", "teaser", "agenda", "event", "card", "footer", "comment", "latest",
              "carousel", "posts", "more-")  # fmt: skip
_UPDATED_CLASS = re.compile(r"updat|modif|changed|mise?[-_ ]?a?[-_ ]?jour", re.IGNORECASE)
# A page that was written anew for this very visit says so in its stamp, whatever became of its text.
_JUST_NOW = timedelta(minutes=10)


def stated(linked: Mapping[str, object], metas: Iterable[str | None], field: str) -> datetime | None:
    """The first date that JSON-LD (under `field`) or meta elements state."""
    values = (linked.get(field), *metas)
    found = (parse_date(value) for value in values if isinstance(value, str))
    return next((moment for moment in found if moment), None)


def sound_update(
    shown: datetime | None, told: datetime | None, published: datetime | None, *, now: datetime
) -> datetime | None:
    """The update that is to be believed: one that readers see, else one stated to machines.

    No update is one before the publication, one of `now`, which a server stamps on every visit, and one stated for the
    day of publication, of which no more than the day is known.
    """
    if shown and not (published and shown <= published):
        return shown
    if told is None or told > now - _JUST_NOW:
        return None
    if published and (told <= published or (told.date() == published.date() and published.time() == time())):
        return None
    return told.astimezone(UTC)


def shown_dates(tree: HtmlElement, headline: str) -> DateLine:
    """Publication and update as the page shows them; of several, the first after the headline, else the last before."""
    found = list(_candidates(tree, headline))
    after = [line for below, line in found if below]
    before = [line for below, line in reversed(found) if not below]
    lines = after + before
    return DateLine(
        published=next((line.published for line in lines if line.published), None),
        updated=next((line.updated for line in lines if line.updated), None),
    )


def _candidates(tree: HtmlElement, headline: str) -> Iterator[tuple[bool, DateLine]]:
    """Date lines in the page's order, and whether each stands below the headline."""
    kinds = _any("p", "span", "li", "div", "dd", "small", "font", "td")
    inline = _any("time", "span", "br", "b", "strong", "em", "sup", "font", "a")
    heading = "self::h1 or self::h2"
    below = False
    key = _key(headline)
    for element in tree.xpath(
        f"//body//*[{heading} or self::time or (({kinds}) and not(*[not({inline})]) and not(.//time[@datetime != '']))]"
    ):
        words = tidy_line(element.text_content())
        if key and not below and element.tag != "time" and _key(words) == key:
            below = True
        elif element.tag in {"h1", "h2"} or len(words) > 120 or _is_elsewhere(element):
            continue
        elif element.tag == "time":
            yield from ((below, line) for line in _of_time(element, words))
        elif any(character.isdigit() for character in words):
            line = find_dates(_labelled(element, words))
            if line:
                yield below, line


def _of_time(element: HtmlElement, words: str) -> Iterator[DateLine]:
    moment = parse_date(element.get("datetime") or "") or parse_date(words)
    parent = element.getparent()
    marks = " ".join((element.get("class", ""), element.get("itemprop", ""), parent.get("class", "")))
    around = find_dates(_labelled(element, tidy_line(parent.text_content())))
    if moment and (_UPDATED_CLASS.search(marks) or (around and around.updated and not around.published)):
        yield DateLine(updated=moment)
    elif moment and not (around and around.updated and _day(around.updated) == _day(moment)):
        yield DateLine(published=moment)
    elif moment:
        yield DateLine(updated=moment)


def _labelled(element: HtmlElement, words: str) -> str:
    """A definition's date behind its term: `Last updated` stands in the `dt` before."""
    term = element.getprevious() if element.tag in {"dd", "td"} else None
    if term is not None and term.tag in {"dt", "th", "td"} and len(label := tidy_line(term.text_content())) < 40:
        bare = words.split(" — ", 1)[0]
        return f"{label.rstrip(' :')}: {bare}" if find_dates(f"{label.rstrip(' :')}: {bare}") else words
    return words


def _is_elsewhere(element: HtmlElement) -> bool:
    """Whether it stands in the page's sides, or in a list of other pages."""
    for box in element.iterancestors():
        if box.tag in {"nav", "aside", "footer"}:
            return True
        marks = f"{box.get('class', '')} {box.get('id', '')}".lower()
        if (
            box.tag not in {"body", "html", "main"}
            and any(mark in marks for mark in _ELSEWHERE)
            and not box.xpath(".//h1")
        ):
            return True
    return False


def _any(*tags: str) -> str:
    """An XPath condition: to be one of these elements."""
    return " or ".join(f"self::{tag}" for tag in tags)


def _day(moment: datetime) -> object:
    return moment.date()


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
