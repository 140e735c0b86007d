"""What a question says of time: the period that it names, and whether the latest or the first releases are wanted."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from bot.language.time_expressions import relative
from bot.language.time_expressions.calendar import (
    AFTER,
    ATOMS,
    BEFORE,
    BETWEEN,
    IN,
    JOINT,
    NUMBER,
    NUMBERS,
    OF_RELEASES,
    RELEASE,
    SINCE,
    UNTIL,
    Span,
    is_period,
    read_atom,
)
from vectorstore.text.tables import table
from vectorstore.text.words import fold_aligned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

_NEW = r"(?:latest|newest|most recent|last|dernier|derniere|derniers|dernieres|plus recente?s?)"
_OLD = r"(?:oldest|earliest|first|premier|premiere|premiers|premieres|plus ancien(?:ne)?s?)"


class Order(enum.Enum):
    """Which releases are to come first."""

    LATEST = "latest"
    EARLIEST = "earliest"


def _about_releases(which: str) -> str:
    named = r"(?:[a-z'-]+ ){0,2}?"
    return (
        rf"\b(?:(?:the|les?|la|l'|ses|leurs?) )?(?:(?P<many>{NUMBER}) )?(?:plus )?{which} "
        rf"(?:(?P<count>{NUMBER}) )?{named}{RELEASE}\b"
        rf"|\b{RELEASE} (?:les? |la )(?:plus )?{which}\b"
    )


_LATEST = re.compile(
    rf"{_about_releases(_NEW)}"
    r"|\b(?:the latest|the newest|the most recent)(?= (?:on|about|from|concerning|regarding)\b| *[?.!]*$)"
    r"|\ble (?:plus recent|dernier)(?= (?:sur|concernant)\b| *[?.!]*$)|\bquoi de neuf\b|\bwhat's new\b|\bwhat is new\b"
)
_EARLIEST = re.compile(_about_releases(_OLD))


def read_order(folded: str) -> tuple[Order | None, int | None, re.Match[str] | None]:
    """The order that a folded question asks for, how many releases, and the words that say so."""
    for order, pattern in ((Order.LATEST, _LATEST), (Order.EARLIEST, _EARLIEST)):
        if found := pattern.search(folded):
            told = found.groupdict().get("many") or found.groupdict().get("count")
            return order, (NUMBERS.get(told) or int(told)) if told and told not in {"a", "an"} else None, found
    return None, None, None


_ASKS_WHEN = (
    "when", "quand", "since when", "depuis quand", "(?:in )?(?:what|which) (?:years?|months?|days?|dates?)",
    "(?:en )?quelles? (?:annees?|dates?)", "(?:en )?quels? (?:mois|jours?)", "a quelle date",
)  # fmt: skip
_WHEN = re.compile(rf"^(?:and |et )?(?:{'|'.join(_ASKS_WHEN)})\b")
_OF_NOW = (
    "today", "currently", "at the moment", "right now", "now", "latest", "newest", "recently", "lately", "this week",
    "this month", "this year", "what'?s new", "aujourd ?'?hui", "actuellement", "en ce moment", "maintenant",
    "recemment", "cette semaine", "cette annee", "ce mois", "a ce jour", "jusqu'ici", "quoi de neuf",
    "derni(?:er|ere)s? (?:nouvelles|communiques?|infos?)",
)  # fmt: skip
_NOW = re.compile(rf"\b(?:{'|'.join(_OF_NOW)})\b")
_PUBLISHED = re.compile(rf"\b(?:{RELEASE}|published|issued|released|came out|publiee?s?|parue?s?|sortie?s?)\b")
_UPDATED = re.compile(
    r"\b(?:updated|corrected|amended|revised|corrections?|mise?s? a jour|corrigee?s?|rectifiee?s?|modifiee?s?)\b"
)
_ASKING = re.compile(rf"\b(?:{RELEASE}|{'|'.join(table('questions')['topicless'])})\b")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time: `since` inclusive, `until` exclusive, in the zone of the days; None leaves a side open.

    `text` is what the question says of it, `published` whether it says that it is of publication: "releases of May",
    "since Tuesday". Else it may be of what releases tell: "exports in May 2023".
    """

    since: datetime | None
    until: datetime | None
    text: str
    published: bool = True


@dataclass(frozen=True, slots=True)
class Times:
    """What a question says of time.

    `order` and `count` are set where it wants the latest releases, or the first, and so many. `by_update` is whether it
    asks for updated or corrected ones, `about_now` whether the answer grows old. `rest` is the question without the
    words of period and order, `only_times` whether nothing else is asked.
    """

    period: Period | None
    order: Order | None
    count: int | None
    by_update: bool
    about_now: bool
    rest: str
    only_times: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """One expression: where it stands, with its preposition, and its bounds in local time."""

    start: int
    end: int
    since: datetime | None
    until: datetime | None
    relative: bool = True


def read_times(question: str, as_of: datetime, zone: tzinfo = UTC) -> Times:
    """What `question` says of time, seen from `as_of`; days begin at midnight in `zone`. French and English."""
    folded = fold_aligned(question)
    now = as_of.astimezone(zone)
    said = _without_overlap(_expressions(folded, now, zone))
    order, count, words = read_order(_blanked(folded, [(one.start, one.end) for one in said]))
    period = _combined(question, said, published=bool(_PUBLISHED.search(folded)))
    cut = [(one.start, one.end) for one in said if period]
    named = [words.span()] if words and order else []
    left = _ASKING.sub(" ", _blanked(folded, cut + named))
    return Times(
        period=period,
        order=order,
        count=count,
        by_update=bool(_UPDATED.search(folded)),
        about_now=bool(_NOW.search(folded)) or (period is not None and period.until is None),
        rest=_tidy(question, cut),
        only_times=bool(order or period) and not re.search(r"\w", left),
    )


def _expressions(folded: str, now: datetime, zone: tzinfo) -> Iterator[_Said]:
    today = now.date()
    for found in relative.LASTING.finditer(folded):
        yield _Said(*found.span(), relative.lasting(found, now), None)
    for pattern, read in ((relative.WHOLE, relative.whole), (relative.SINGLE, relative.single)):
        for found in pattern.finditer(folded):
            yield _placed(folded, found.span(), read(found, today), zone)
    for found in relative.AGO.finditer(folded):
        yield _placed(folded, found.span(), relative.ago(found, now), zone)
    yield from (replace(one, relative=False) for one in _of_the_calendar(folded, today, zone))
    if not _WHEN.search(folded):
        unnamed = _blanked(folded, [found.span() for found in relative.NAMED_DAY.finditer(folded)])
        for found in relative.WEEKDAY.finditer(unnamed):
            if not re.search(r"\d$|\bnext |\bevery |\bchaque |\btous les ", folded[: found.start()].rstrip() + " "):
                yield _placed(folded, found.span(), relative.weekday(found, today), zone)


def _of_the_calendar(folded: str, today: date, zone: tzinfo) -> Iterator[_Said]:
    """Days, months and years, alone or from one to another; nothing that begins in the future."""
    asks_when = bool(_WHEN.search(folded))
    atoms = _atoms(folded, today)
    for (start, end), span in atoms:
        if asks_when and span.fine != "day" and not re.search(f"(?:{SINCE}|{BEFORE}|{AFTER})", folded[:start]):
            continue
        to = next(((e, other) for (s, e), other in atoms if JOINT.fullmatch(folded[end:s])), None)
        if to and re.search(rf"\b{BETWEEN}", folded[:start]) and span.first < to[1].after:
            begin = _opened(folded, start, BETWEEN)
            yield _Said(begin, to[0], _midnight(span.first, zone), _midnight(to[1].after, zone))
        elif span.first <= today and is_period(folded, start, end, span.fine):
            yield _placed(folded, (start, end), span, zone)
    for found in re.finditer(r"\b((?:19|20)\d\d) ?[-–] ?((?:19|20)\d\d)\b", folded):
        first, last = int(found[1]), int(found[2])
        if first < last <= today.year:
            since, until = _midnight(date(first, 1, 1), zone), _midnight(date(last + 1, 1, 1), zone)
            yield _Said(_opened(folded, found.start(), IN), found.end(), since, until)


def _atoms(folded: str, today: date) -> list[tuple[tuple[int, int], Span]]:
    """Every calendar expression, finest first where they overlap, in the order of the text."""
    taken: list[tuple[tuple[int, int], Span]] = []
    for kind, pattern in ATOMS.items():
        for found in re.finditer(pattern, folded):
            start, end = found.span()
            if any(start < e and s < end for (s, e), _ in taken):
                continue
            span = read_atom(kind, found.group(kind), today)
            if span:
                taken.append(((start, end), span))
    return sorted(taken, key=lambda one: one[0])


def _placed(folded: str, place: tuple[int, int], span: Span, zone: tzinfo) -> _Said:
    """A span as the bound that the words before it make it."""
    start, end = place
    before = folded[:start]
    first, after = _midnight(span.first, zone), _midnight(span.after, zone)
    if OF_RELEASES.search(before):
        return _Said(_opened(folded, start, r"(?:of|from|de|du|d'|for) ?(?:the |le )?$"), end, first, after)
    if span.fine in {"days", "months"}:
        return _Said(_opened(folded, start, rf"(?:\b{BETWEEN}|{IN})"), end, first, after)
    for words, since, until in (
        (SINCE, first, None),
        (AFTER, after, None),
        (BEFORE, None, first),
        (UNTIL, None, after),
    ):
        if re.search(rf"\b{words}", before):
            return _Said(_opened(folded, start, words), end, since, until)
    return _Said(_opened(folded, start, IN), end, first, after)


def _opened(folded: str, start: int, words: str) -> int:
    """Where the expression begins with its preposition."""
    found = re.search(words if words.startswith("(?:\\b") else rf"\b{words}", folded[:start])
    return found.start() if found else start


def _without_overlap(said: Iterator[_Said]) -> list[_Said]:
    """Of expressions that overlap the longest, in the order of the text."""
    kept: list[_Said] = []
    for one in sorted(said, key=lambda one: one.start - one.end):
        if not any(one.start < other.end and other.start < one.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _combined(question: str, said: list[_Said], *, published: bool) -> Period | None:
    """The bounds of all expressions together; of two that exclude each other the first. Nothing of the future.

    Where the question does not speak of publishing, only what counts from today bounds publication.
    """
    since: datetime | None = None
    until: datetime | None = None
    texts: list[str] = []
    for one in said:
        low = one.since if since is None or (one.since and one.since > since) else since
        high = one.until if until is None or (one.until and one.until < until) else until
        if low and high and low >= high:
            if texts and since and until and one.since and one.until:  # "in May and in June": both
                since, until = min(since, one.since), max(until, one.until)
                texts.append(question[one.start : one.end])
            continue
        since, until = low, high
        texts.append(question[one.start : one.end])
    if not texts:
        return None
    return Period(
        since,
        until,
        " ".join(texts).strip(),
        published=published or any(one.relative for one in said),
    )


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _blanked(text: str, places: list[tuple[int, int]]) -> str:
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _tidy(question: str, places: list[tuple[int, int]]) -> str:
    """The question without some places, its spaces and signs in order."""
    left = _blanked(question, places)
    left = re.sub(
        r"(?<!\s)\s++([,.?!;:])", r" \1" if re.search(r"\s[?!;:]", question) else r"\1", " ".join(left.split())
    )
    left = re.sub(r"(?<!\s)\s++(?:but|and|et|mais)(?=\s*+[?!.]*+$)", "", left)
    return re.sub(r"^[,;:.\s]+|(?<=[,;])\s*(?=[?!.])", "", left).strip(" ,;")
