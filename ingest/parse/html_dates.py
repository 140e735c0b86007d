"""When a page was published and updated, as it shows and as it states, and which of both is to be believed.

`own_date`, `date_of_line` and `date_of_address` find the dates that its text bears: at its opening, at its close, in a
line between breaks, or in its address.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ingest.dates import (
    LONGEST,
    DateLine,
    believed_publication,
    can_be,
    dateline,
    dates_between_bars,
    find_dates,
    is_date_label,
    is_of_something_else,
    near_dates,
    parse_date,
    parse_stamp,
    signed,
    with_whole_years,
)
from ingest.parse.characters import tidy_line
from ingest.parse.furniture import is_sentence
from ingest.parse.html_tree import letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml.html import HtmlElement

_ELSEWHERE = ("related", "sidebar", "aside", "teaser", "agenda", "event", "card", "footer", "comment", "latest",
              "carousel", "posts", "more-")  # fmt: skip
_SLASHED = re.compile(r"(?<![\w/])(\d\d?)/(\d\d?)/((?:19|20)\d\d)(?![\w/])")
_FIGURE = re.compile(r"\d")
_COMPACT_DAY = re.compile(r"((?:19|20)\d\d)([01]\d)([0-3]\d)(?!\d)")
# Where a date stands.
_ABOVE, _ATOP, _BESIDE, _BELOW = "far above", "above, in the headline's box", "between it and the text", "below"
# Lines there that say more than a date.
_LOOSELY = {_ATOP: "loosely above", _BESIDE: "loosely between"}
# Characters. A longer paragraph is text, and a date behind it is no longer one beside the headline.
_LONGEST_IN_HEAD = 120
_LONGEST_HEAD = 300  # of a table that says who issued the release, and when
_UPDATED_CLASS = re.compile(r"updat|modif|changed|mise?[-_ ]?a?[-_ ]?jour", re.IGNORECASE)
_HEADINGS = frozenset({"h1", "h2", "h3"})
_MOST_OF_HEADING = 0.4
_LONGEST_LABEL = 40  # characters
# Where an element says what its date is.
_MARKS = ("class", "itemprop", "property")
# A page that was written for this very visit says so in its stamp, whatever became of its text.
_JUST_NOW = timedelta(minutes=10)
# Zones make no more than this of a stamp and the day that it is shown as.
_NEAR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Shown:
    """The dates that a page shows; `published` stands near the headline, `far` elsewhere.

    `beside` is a publication that stands between the headline and the text, with hardly a word more.
    """

    published: datetime | None = None
    updated: datetime | None = None
    beside: datetime | None = None
    far: datetime | None = None


def stated(
    linked: Mapping[str, object], metas: Iterable[str | None], field: str, *, month_first: bool | None = None
) -> datetime | None:
    """The first date that JSON-LD (under `field`) or meta elements state."""
    values = (linked.get(field), *metas)
    found = (_on_its_day(value, month_first) for value in values if isinstance(value, str))
    return next((moment for moment in found if moment), None)


def _on_its_day(value: str, month_first: bool | None = None) -> datetime | None:
    """The moment; only its day, where UTC has another one by then: readers see `2024-03-04T00:00+01:00` as the 4th."""
    compact = _COMPACT_DAY.match(value.strip())
    moment = parse_stamp("-".join(compact.groups()) if compact else value, month_first=month_first)
    return moment if moment and can_be(moment, now=datetime.now(UTC)) else None


def sound_update(
    shown: datetime | None, told: datetime | None, published: datetime | None, *, now: datetime
) -> datetime | None:
    """The update that is to be believed: one that readers see, else one stated to machines.

    No update is one before the publication, one of `now`, which a server stamps on every visit, and one that is only
    stated, for the day of publication: a system counts every time that an editor saves.
    """
    if shown and not (published and shown <= published):
        return shown
    if told is None or told > now - _JUST_NOW:
        return None
    if published and told.date() <= published.date():
        return None
    return told.astimezone(UTC)


def order_of_days(tree: HtmlElement, stamp: datetime | None) -> bool | None:
    """Whether the days of a page have their month first: as the day of its `stamp` does, or one that says so itself."""
    lines = tree.xpath("//body//text()[contains(., '/') and not(ancestor::script or ancestor::style)]")
    days = [(int(first), int(second), int(year)) for line in lines for first, second, year in _SLASHED.findall(line)]
    if stamp:
        own = stamp.day, stamp.month, stamp.year
        if any(day[:2] != own[:2] and (day[1], day[0], day[2]) == own for day in days) and own not in days:
            return True
    month_first, day_first = (any(12 < day[place] <= 31 for day in days) for place in (1, 0))
    return None if month_first == day_first else month_first


def shown_dates(tree: HtmlElement, headline: str, *, month_first: bool | None = None) -> Shown:
    """Publication and update as the page shows them: near the headline; else the first below, or the last above."""
    found = list(_candidates(tree, headline, month_first))
    backwards = found[::-1]
    near = ((_BESIDE, found), (_ATOP, backwards), (_LOOSELY[_BESIDE], found), (_LOOSELY[_ATOP], backwards))
    far = ((_BELOW, found), (_ABOVE, backwards))
    beside, elsewhere = ([line for at, among in order for place, line in among if place == at] for order in (near, far))
    return Shown(
        published=next((line.published for line in beside if line.published), None),
        far=next((line.published for line in elsewhere if line.published), None),
        updated=next((line.updated for line in [*beside, *elsewhere] if line.updated), None),
        beside=next((line.published for place, line in found if place == _BESIDE and line.published), None),
    )


def _candidates(tree: HtmlElement, headline: str, month_first: bool | None) -> Iterator[tuple[str, DateLine]]:
    """Date lines in the page's order, and where each stands as to the headline."""
    kinds = _any("p", "span", "li", "div", "dd", "small", "font", "td", "address", "section", "h4", "h5", "h6")
    inline = _any("time", "span", "br", "b", "strong", "em", "sup", "font", "a", "abbr", "i", "u", "label", "small")
    heading = "self::h1 or self::h2 or self::h3"
    place = _ABOVE
    opening: HtmlElement | None = None
    boxes = _boxes(tree, headline)
    key = letters(headline)
    times = _Times(tree, month_first)
    leaf = f"({kinds}) and not(*[not({inline})]) and not(.//time[@datetime != ''])"
    title = "contains(@title, ' 20') or contains(@title, '/20') or starts-with(@title, '20')"
    for element in tree.xpath(
        f"//body//*[{heading} or self::time or self::abbr[@title] or self::span[{title}] or ({leaf})]"
    ):
        words = tidy_line(element.text_content())
        if key and place == _ABOVE and element.tag != "time" and _is_headline(element, words, key):
            place = _BESIDE
            yield from _of_headline(words, month_first)
        elif len(words) > _LONGEST_IN_HEAD:
            opening = _opening(element) if place == _BESIDE else opening
            place = _BELOW if place == _BESIDE else place
        elif not _may_say_day(element, words) or _is_of_another(element, words, boxes):
            continue
        elif element.tag in {"time", "abbr"} or parse_date(element.get("title", "")):
            near = _ATOP if place == _ABOVE and _is_in(boxes, element) else place
            yield from ((near, line) for line in times.lines(element, words))
        else:
            near = _ATOP if place == _ABOVE and _is_in(boxes, element) else place
            yield from _of_line(element, words, _BESIDE if element is opening else near, month_first)


def _may_say_day(element: HtmlElement, words: str) -> bool:
    """Whether there is a figure in it, or something for machines; most elements of a page have neither."""
    return element.tag in {"time", "abbr"} or bool(element.get("title") or _FIGURE.search(words))


def _is_of_another(element: HtmlElement, words: str, boxes: frozenset[HtmlElement]) -> bool:
    """Whether it is a heading of another part of the page, or stands elsewhere, or in a link to another page."""
    is_heading = element.tag in _HEADINGS and not find_dates(words)
    return is_heading or _is_elsewhere(element, boxes) or _leads_away(element, words)


def _is_headline(element: HtmlElement, words: str, key: str) -> bool:
    """Whether an element shows the headline, a heading perhaps with a kicker or a day."""
    own = letters(words)
    return own == key or (element.tag in _HEADINGS and key in own and len(key) >= _MOST_OF_HEADING * len(own))


def _of_headline(words: str, month_first: bool | None) -> Iterator[tuple[str, DateLine]]:
    """The day of a headline that is no more than that, or begins with it: "Press release of 3 April 2025"."""
    day = words.partition(" - ")[0]
    if line := find_dates(day, month_first=month_first):
        yield _LOOSELY[_BESIDE], line


def _opening(element: HtmlElement) -> HtmlElement | None:
    """The element that a long line begins with, such as a day before a lead."""
    return element[0] if len(element) and not (element.text or "").strip() else None


def _of_line(element: HtmlElement, words: str, place: str, month_first: bool | None) -> Iterator[tuple[str, DateLine]]:
    # `<span>7</span><span>March</span>` is shown with a space
    for shown in dict.fromkeys((words, tidy_line(" ".join(element.itertext())))):
        labelled = _labelled(element, shown)
        if place in _LOOSELY:
            labelled = with_whole_years(labelled)
        if line := dates_between_bars(labelled, month_first=month_first):
            is_update = line.published and not line.updated and _UPDATED_CLASS.search(element.get("class", ""))
            yield place, DateLine(updated=line.published) if is_update else line
            return
        if place in _LOOSELY and (line := near_dates(labelled, month_first=month_first)):
            yield _LOOSELY[place], line
            return


def _boxes(tree: HtmlElement, headline: str) -> frozenset[HtmlElement]:
    """The inner two boxes that the headline stands in, as far as they are not the whole page, and those just above.

    Of a short one above, such as a table of facts, all that it holds.
    """
    key = letters(headline)
    headings = tree.xpath("//body//h1 | //body//h2 | //body//h3")
    lines = tree.xpath(f"//body//p | //body//*[{_any('h4', 'h5', 'div', 'span', 'b', 'strong')}][not(*)]")
    inner = next((each for each in (*headings, *lines) if letters(each.text_content()) == key), None)
    if inner is None:
        return frozenset()
    around = [box for box, _ in zip(inner.iterancestors(), range(2), strict=False)]
    within = [inner] if inner.tag in {"h1", "h2", "h3"} else [inner, *around]
    before = [line for each in within for line in itertools.islice(each.itersiblings("*", preceding=True), 3)]
    short = (line for line in before if len(tidy_line(line.text_content())) <= _LONGEST_HEAD)
    before += [part for line in short for part in line.iterdescendants()]
    return frozenset((*before, *(box for box in around if box.tag not in {"body", "main", "html"})))


def _is_in(boxes: frozenset[HtmlElement], element: HtmlElement) -> bool:
    return element in boxes or element.getparent() in boxes


@dataclass(frozen=True, slots=True)
class _Around:
    """What the element says that a date stands in; its words are empty where they are more than a line."""

    line: str
    says_updated: bool
    is_of_something_else: bool


class _Times:
    """Reads `<time>` and its like; what many of them share is looked at once."""

    def __init__(self, tree: HtmlElement, month_first: bool | None) -> None:
        self._month_first = month_first
        self._only_changes = not tree.xpath("//time[not(@itemprop='dateModified')]")
        self._around: dict[HtmlElement, _Around] = {}

    def lines(self, element: HtmlElement, words: str) -> Iterator[DateLine]:
        """What the element's date is, where it is the page's own."""
        moment, parent = self._moment(element, words), element.getparent()
        if moment is None or (around := self._around_all_of(parent)).is_of_something_else:
            return
        marks = " ".join((*map(element.get, _MARKS, ("", "", "")), parent.get("class", "")))
        told = find_dates(_labelled(element, around.line), month_first=self._month_first) or DateLine()
        is_update = told.updated and (not told.published or told.updated.date() == moment.date())
        # a page's only `<time>` may be marked as that of its last change, while readers see no word of it
        is_only_time = self._only_changes and element.get("itemprop") == "dateModified"
        if is_only_time and not around.says_updated:
            yield DateLine(published=moment)
        elif is_update or _UPDATED_CLASS.search(marks):
            yield DateLine(updated=moment)
        else:
            yield DateLine(published=moment)

    def _moment(self, element: HtmlElement, words: str) -> datetime | None:
        """When it is by its words, with the hour of its stamp, which also tells whether their month comes first."""
        told = _on_its_day(element.get("datetime") or element.get("title") or "", self._month_first)
        orders = (True, None) if told and self._month_first is None else (self._month_first,)
        read = [parse_stamp(words, month_first=order) for order in orders]
        near = (shown for shown in read if shown and told and abs(shown - told) < _NEAR)
        return believed_publication(told, next(near, read[-1]))

    def _around_all_of(self, parent: HtmlElement) -> _Around:
        if parent not in self._around:
            line = tidy_line(parent.text_content())
            self._around[parent] = _Around(
                line if len(line) <= LONGEST else "",
                says_updated=bool(_UPDATED_CLASS.search(line)),
                is_of_something_else=is_of_something_else(parent.text or ""),
            )
        return self._around[parent]


def _labelled(element: HtmlElement, words: str) -> str:
    """A date behind its label, which may stand in the element before: a definition's `dt`, a cell, another box."""
    term = element.getprevious()
    if term is None or (term.tail or "").strip() or len(label := tidy_line(term.text_content())) >= _LONGEST_LABEL:
        return words
    is_term = element.tag in {"dd", "td"} and term.tag in {"dt", "th", "td"}
    if not is_term and not is_date_label(label) and not (label.endswith((":", "?")) and is_of_something_else(label)):
        return words
    bare = words.split(" — ", 1)[0]
    labelled = f"{label.rstrip(' :')}: {bare}"
    return labelled if find_dates(labelled) or is_of_something_else(label) else words


def _leads_away(element: HtmlElement, words: str) -> bool:
    """Whether it stands in a link that says more than the day, as lists of other releases do."""
    link = next(element.iterancestors("a"), None)
    return link is not None and len(tidy_line(link.text_content())) > len(words)


def _is_elsewhere(element: HtmlElement, boxes: frozenset[HtmlElement]) -> bool:
    """Whether it stands in the page's sides, or in a list of other pages; the boxes of the headline are none."""
    for box in element.iterancestors():
        if box in boxes:
            continue
        if box.tag in {"nav", "aside"} or (box.tag == "article" and _is_within_another(box)):
            return True
        if box.tag == "footer":  # that of an article may say when it was posted
            article = next(box.iterancestors("article"), None)
            return article is None or not article.xpath("boolean(.//h1 | .//h2)")
        marks = f"{box.get('class', '')} {box.get('id', '')}".lower()
        if (
            box.tag not in {"body", "html", "main"}
            and any(mark in marks for mark in _ELSEWHERE)
            and not box.xpath(".//h1")
        ):
            return True
    return False


def _is_within_another(article: HtmlElement) -> bool:
    return next(article.iterancestors("article"), None) is not None and not article.xpath(".//h1")


def _any(*tags: str) -> str:
    """An XPath condition: to be one of these elements."""
    return " or ".join(f"self::{tag}" for tag in tags)


_OTHER_PRINT = ("i", "em", "b", "strong", "small")
# Paragraphs that may stand before the one with the dateline, and lines between the last one and the signature.
_LONGEST_LEAD = 3
_LONGEST_CLOSE = 4
_DAY_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)([/-]?)(\d\d)\2(\d\d)(?=[/_.-]|$)")
_LEAVES = "//body//*[self::p or self::div or self::li or self::td or self::span][not(.//p or .//div or .//li or .//td)]"
# A text may open with the day that it remembers; one that was posted later is hardly a year late.
_LATEST = timedelta(days=366)


def own_date(tree: HtmlElement, body: Sequence[str], stamp: datetime | None) -> datetime | None:
    """The day that the release itself is dated from, which says when it was issued, whenever its page was made.

    It stands at its close, behind a place, or opens its text; there it is not believed a year before the `stamp`.
    """
    if moment := _signature(tree, body):
        return moment
    moment = next((moment for paragraph in body[:_LONGEST_LEAD] if (moment := dateline(paragraph))), None)
    return moment if moment and (stamp is None or abs(stamp - moment) < _LATEST) else None


def _signature(tree: HtmlElement, body: Sequence[str]) -> datetime | None:
    last = next((letters(words) for words in reversed(body) if is_sentence(words)), "")
    behind = -1
    for leaf in tree.xpath(_LEAVES) if last else ():
        words = leaf.text_content()
        if behind < 0:
            behind = 0 if len(words) >= len(last) and letters(words).endswith(last) else -1
        elif moment := signed(tidy_line(words)):
            return moment
        else:
            behind += bool(words.strip())
            if behind >= _LONGEST_CLOSE:
                return None
    return None


def date_of_line(tree: HtmlElement) -> datetime | None:
    """The date of publication that stands in a line of its own between breaks."""
    lines = (find_dates(tidy_line(words)) for words in _lines(tree))
    return next((found.published for found in lines if found and found.published), None)


def _lines(tree: HtmlElement) -> Iterator[str]:
    """The texts beside a line break, and words in another print that fill their line between breaks."""
    broken = set(tree.xpath("//body/descendant-or-self::*[br]"))
    apart = {element for body in tree.iter("body") for element in body.iter(_OTHER_PRINT) if _fills_line(element)}
    # `//text()[preceding-sibling::br]` would look from each text to all others
    for words in tree.xpath("//body/descendant::text()") if broken else ():
        inner = words.getparent()
        box = inner.getparent() if words.is_tail else inner
        if box in broken or not apart.isdisjoint((box, *box.iterancestors())):
            yield words


def _fills_line(element: HtmlElement) -> bool:
    before, behind = element.getprevious(), element.getnext()
    touching = (before.tail if before is not None else element.getparent().text, element.tail)
    breaks = any(beside is not None and beside.tag == "br" for beside in (before, behind))
    return breaks and not any(words and words.strip() for words in touching)


def date_of_address(address: str) -> datetime | None:
    """The day in an address like `/2024/03/07/title`."""
    found = _DAY_IN_ADDRESS.search(address)
    return parse_date("-".join(found.group(1, 3, 4))) if found else None
