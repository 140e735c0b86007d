"""What a question says of time, pure: « depuis mardi », "in the last two weeks", « en juin 2024 », "the latest".

`read_times` finds the period that it names (`time_calendar` reads days, months and years, `time_relative` what counts
from today), and whether the latest or the first releases are wanted.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.language import time_relative
from bot.language.time_calendar import (
    AFTER,
    BEFORE,
    BETWEEN,
    IN,
    JOINT,
    LINKED,
    LISTED,
    NUMBER,
    NUMBERS,
    OF_RELEASES,
    RELEASE,
    SINCE,
    TO,
    TO_NOW,
    UNTIL,
    Atom,
    Span,
    atoms_of,
    is_period,
)
from vectorstore.text import table
from vectorstore.text.words import fold_aligned, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

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
_PUBLISHED = re.compile(rf"\b(?:{RELEASE}|publish(?:e[ds])?|issued|released|came out|publiee?s?|parue?s?|sortie?s?)\b")
_UPDATED = re.compile(
    r"\b(?:updated|corrected|amended|revised|corrections?|mise?s? a jour|corrigee?s?|rectifiee?s?|modifiee?s?)\b"
)
_ASKING = re.compile(rf"\b(?:{RELEASE}|{'|'.join(table('questions')['topicless'])})\b")


class Order(enum.Enum):
    """Which releases are to come first."""

    LATEST = "latest"
    EARLIEST = "earliest"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time: `since` inclusive, `until` exclusive, in the zone of the days; None leaves a side open.

    `text` is what the question says of it, `published` whether it says that it is of publication: "releases of May",
    "since Tuesday". Else it may be of what releases tell: "exports in May 2023". `named` is whether releases may name
    it so, as "in 2023"; of what lies after 2023, none needs to say that year.
    """

    since: datetime | None
    until: datetime | None
    text: str
    published: bool = True
    named: bool = True


@dataclass(frozen=True, slots=True)
class Times:
    """What a question says of time.

    `order` and `count` are set where it wants the latest releases, or the first, and so many. `by_update` is whether it
    asks for updated or corrected ones, `about_now` whether the answer grows old. `rest` is the question without the
    words of period and order, `only_times` whether nothing else is asked, `bounds` are its words of bounds and ranges.
    """

    period: Period | None
    order: Order | None
    count: int | None
    by_update: bool
    about_now: bool
    rest: str
    only_times: bool
    bounds: tuple[str, ...] = ()

    def unbounded(self, question: str) -> str:
        """A question without those bounds, as far as something is left: no answer needs to name them."""
        places = [(at, at + len(words)) for words in self.bounds if (at := question.find(words)) >= 0]
        left = _tidy(question, places) if places else question
        return left if any(map(str.isalnum, left)) else question


@dataclass(frozen=True, slots=True)
class _Said:
    """One expression: where it stands, with its preposition, and its bounds in local time.

    `from_to` is whether it names two ends.
    """

    start: int
    end: int
    since: datetime | None
    until: datetime | None
    relative: bool = True
    from_to: bool = False

    @property
    def is_bound(self) -> bool:
        """Whether it says where a period begins or ends, and does not name it."""
        return self.from_to or self.since is None or self.until is None


def read_times(question: str, as_of: datetime, zone: tzinfo = UTC) -> Times:
    """What `question` says of time, seen from `as_of`; days begin at midnight in `zone`. French and English."""
    folded = fold_aligned(question)
    now = as_of.astimezone(zone)
    found = [
        *_relative(folded, now, zone),
        *(replace(one, relative=False) for one in _of_the_calendar(question, folded, now.date(), zone)),
        *_weekdays(folded, now.date(), zone),
    ]
    found = [one for one in found if one.until or not time_relative.is_of_a_record(folded[: one.start])]
    said: list[_Said] = []  # of expressions that overlap the longest, in the order of the text
    for one in sorted(found, key=lambda one: one.start - one.end):
        if not any(one.start < other.end and other.start < one.end for other in said):
            said.append(one)
    said.sort(key=lambda one: one.start)
    order, count, words = _read_order(question, _blanked(folded, [(one.start, one.end) for one in said]))
    period = _combined(question, said, published=bool(_PUBLISHED.search(folded))) if said else None
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
        bounds=tuple(question[one.start : one.end] for one in said if one.is_bound) if period else (),
    )


def _relative(folded: str, now: datetime, zone: tzinfo) -> Iterator[_Said]:
    """What counts from today."""
    today = now.date()
    for found in time_relative.SINGLE.finditer(folded):
        yield _single(folded, found, today, zone)
    patterns = (time_relative.LASTING, time_relative.WHOLE, time_relative.AGO)
    for found in (one for pattern in patterns for one in pattern.finditer(folded)):
        if time_relative.is_compared_with(folded[: found.start()]):
            continue
        if found.re is time_relative.LASTING:
            yield _Said(*found.span(), time_relative.lasting(found, now), None)
        elif found.re is time_relative.WHOLE:
            yield _of_publication(_placed(folded, found.span(), time_relative.whole(found, today), zone), found)
        elif bounds := time_relative.longer_ago(found, now):
            yield _of_publication(_Said(*found.span(), *bounds), found)
        else:
            yield _of_publication(_placed(folded, found.span(), time_relative.ago(found, now), zone), found)


def _single(folded: str, found: re.Match[str], today: date, zone: tzinfo) -> _Said:
    """Yesterday or today; where something is said to be of it, only releases were published then."""
    start, end, is_bound = time_relative.said_of(folded, found)
    day = time_relative.single(found, today)
    if is_bound:
        return _placed(folded, (start, end), day, zone)
    return _Said(start, end, _midnight(day.first, zone), _midnight(day.after, zone), relative=False)


def _of_publication(one: _Said, found: re.Match[str]) -> _Said:
    """A period that counts from today, and whether it bounds publication: "since last year" does, "last year" may."""
    open_ended = one.since is None or one.until is None
    return replace(
        one, relative=(open_ended and found.re is time_relative.WHOLE) or time_relative.is_of_publication(found)
    )


def _weekdays(folded: str, today: date, zone: tzinfo) -> Iterator[_Said]:
    if _WHEN.search(folded):
        return
    for found in time_relative.WEEKDAYS.finditer(folded):
        span = time_relative.weekdays(found, today)
        yield _Said(*found.span(), _midnight(span.first, zone), _midnight(span.after, zone), relative=False)
    named = (*time_relative.NAMED_DAY.finditer(folded), *time_relative.HABIT.finditer(folded))
    unnamed = _blanked(folded, [found.span() for found in named])
    for found in time_relative.WEEKDAY.finditer(unnamed):
        if not re.search(r"\d$|\bnext |\bevery |\bchaque |\btous les ", folded[: found.start()].rstrip() + " "):
            yield _placed(folded, found.span(), time_relative.weekday(found, today), zone)


def _of_the_calendar(question: str, folded: str, today: date, zone: tzinfo) -> Iterator[_Said]:
    """Days, months and years, alone, several, or from one to another; nothing that begins in the future."""
    asks_when = bool(_WHEN.search(folded))
    atoms = atoms_of(question, folded, today)
    if len(atoms) > 1:
        atoms = _with_years(folded, atoms)
    for here, atom in enumerate(atoms):
        span, place = atom.span, (atom.start, atom.end)
        if stretch := _stretch(folded, atoms[here : here + 2], today, zone):
            yield stretch
            continue
        if asks_when and span.fine != "day" and not re.search(f"(?:{SINCE}|{BEFORE}|{AFTER})", folded[: atom.start]):
            continue
        if several := _several(folded, atoms[here:]):
            yield _placed(folded, *several, zone)
        elif span.first <= today and is_period(folded, *place, span.fine):
            yield _placed(folded, place, span, zone)
    for found in _YEARS.finditer(folded):
        first, last = int(found[1]), int(found[2])
        if first < last <= today.year:
            since, until = _midnight(date(first, 1, 1), zone), _midnight(date(last + 1, 1, 1), zone)
            yield _Said(_opened(folded, found.start(), IN), found.end(), since, until, from_to=True)


_YEARS = re.compile(r"\b((?:19|20)\d\d)(?: ?[-–] ?| (?:to|a) )((?:19|20)\d\d)\b")


def _with_years(folded: str, atoms: list[Atom]) -> list[Atom]:
    """The atoms, those without a year read with that of their neighbour: "between 2 March and 5 May 2025"."""
    read = list(atoms)
    for here in range(len(read) - 2, -1, -1):
        first, last = read[here : here + 2]
        gap = folded[first.end : last.start]
        if {first.span.fine, last.span.fine} & {"year", "decade"}:
            continue
        if any(link.fullmatch(gap) for link in (JOINT, LISTED, LINKED)):
            if last.dated and not first.dated:
                read[here] = first.seen_from(last.span.after - timedelta(days=1))
            elif first.dated and not last.dated and JOINT.fullmatch(gap):
                read[here + 1] = last.seen_from(first.span.first + timedelta(days=364))
    return read


def _stretch(folded: str, atoms: list[Atom], today: date, zone: tzinfo) -> _Said | None:
    """From the first of some atoms to the second, or to today; None where they are no two ends."""
    first, before = atoms[0], folded[: atoms[0].start]
    opens = re.search(rf"\b{BETWEEN}", before)
    begin = _opened(folded, first.start, BETWEEN if opens else SINCE)
    if (opens or re.search(rf"\b{SINCE}", before)) and (now := TO_NOW.match(folded, first.end)):
        after = _midnight(today + timedelta(days=1), zone)
        return _Said(begin, now.end(), _midnight(first.span.first, zone), after, from_to=True)
    gap = folded[first.end : atoms[-1].start]
    is_one = JOINT.fullmatch(gap) if opens else TO.fullmatch(gap) and first.span.fine == "day"
    if not is_one:
        return None
    last = atoms[-1]
    if first.span.first >= last.span.after and not first.dated:
        first = first.seen_from(last.span.after - timedelta(days=1))
    if first.span.first >= last.span.after or first.span.first > today:
        return None
    return _Said(begin, last.end, _midnight(first.span.first, zone), _midnight(last.span.after, zone), from_to=True)


def _several(folded: str, atoms: list[Atom]) -> tuple[tuple[int, int], Span] | None:
    """Where several atoms of a kind stand in a row, and the span of them all: "in 2023 and 2024"; None for one."""
    first, row = atoms[0], atoms[:1]
    for atom in atoms[1:]:
        if atom.span.fine != first.span.fine or not LISTED.fullmatch(folded[row[-1].end : atom.start]):
            break
        row.append(atom)
    if len(row) < 2 or folded[row[-2].end] == "," or re.search(rf"\b(?:{BEFORE}|{AFTER})", folded[: first.start]):
        return None
    place = first.start, row[-1].end
    if not is_period(folded, *place, first.span.fine):
        return None
    return place, Span(min(one.span.first for one in row), max(one.span.after for one in row), first.span.fine)


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
        named=not any(one.is_bound for one in said),
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


_NEW = r"(?:latest|newest|most recent|last|dernier|derniere|derniers|dernieres|plus recente?s?)"
_OLD = r"(?:oldest|earliest|first|premier|premiere|premiers|premieres|plus ancien(?:ne)?s?)"
_ITSELF = r"(?:(?:press |news )?releases?|communiques?(?: de presse)?)"
"""What is nothing but a release: "the first statement" may be one that a release tells of."""


SEVERAL = 3
"""How many releases a plural asks for, "the latest releases"."""


def _about_releases(which: str, release: str) -> str:
    named = r"(?:[a-z'-]+ ){0,2}?"
    return (
        rf"\b(?:(?:the|les?|la|l'|ses|leurs?) )?(?:(?P<many>{NUMBER}) )?(?:plus )?{which} "
        rf"(?:(?P<count>{NUMBER}) )?{named}{release}\b"
        rf"|\b{release} (?:les? |la )(?:plus )?{which}\b"
    )


_LATEST = re.compile(_about_releases(_NEW, RELEASE))
_THE_LATEST = r"(?:\bthe |^)(?:latest|newest|most recent)(?= (?:on|about|from|concerning|regarding)\b| *[?.!]*$)"
_LE_DERNIER = r"\ble (?:plus recent|dernier)(?= (?:sur|concernant)\b| *[?.!]*$)"
_WHATS_NEW = r"\bquoi de neuf\b|\bwhat's new\b|\bwhat is new\b"
_LATEST_ALONE = re.compile(f"{_THE_LATEST}|{_LE_DERNIER}|{_WHATS_NEW}")
_EARLIEST = re.compile(_about_releases(_OLD, _ITSELF))
_EARLIEST_ALONE = re.compile(r"^\W*(?:and |et )?(?:the |le )?(?:oldest|earliest|plus ancien)(?= *[?.!]*$)")
_ORDERS = (
    (Order.LATEST, _LATEST),
    (Order.LATEST, _LATEST_ALONE),
    (Order.EARLIEST, _EARLIEST),
    (Order.EARLIEST, _EARLIEST_ALONE),
)

_KEYWORDS = re.compile(rf"{_NEW} (?:news|headlines?|updates?|infos?|informations?|nouvelles?|actualites?)")
_WORD = re.compile(r"[^\W\d_]+")
_OF_A_SUBJECT = {
    "on", "about", "from", "of", "by", "in", "at", "to", "for", "with", "concerning", "regarding",
    "sur", "de", "du", "des", "d", "par", "en", "au", "aux", "a", "pour", "concernant",
}  # fmt: skip
_SAYS_NOTHING = re.compile(
    rf"(?:{'|'.join(table('questions')['topicless'])}|says?|mentions?|talks?|covers?|states?|dit|disent|parlent?|ici|here)"
)


def _read_order(question: str, folded: str) -> tuple[Order | None, int | None, re.Match[str] | None]:
    """The order that a question asks for, how many releases, and the words that say so.

    `folded` is the question folded letter for letter, its expressions of time blanked out.
    """
    for order, pattern in _ORDERS:
        for found in pattern.finditer(folded):
            is_alone = pattern in {_LATEST_ALONE, _EARLIEST_ALONE}
            if not is_alone and not _is_of_releases(question, folded, found.end()):
                continue
            said = found.groupdict().get("many") or found.groupdict().get("count")
            if said and said not in {"a", "an"}:
                return order, NUMBERS.get(said) or int(said), found
            is_one = not is_alone and not found[0].removesuffix(" de presse").endswith("s")
            some = SEVERAL if re.search(_ITSELF, found[0]) else None  # "the latest news" may be one release
            return order, 1 if is_one else some, found
    return None, None, None


def _is_of_releases(question: str, folded: str, at: int) -> bool:
    """Whether no noun or verb follows that makes it another thing, as in "the latest news presenter".

    A name does not: "latest news Ukraine"; nor does what says its subject: "the last statement on Ukraine"; nor
    anything in a question of keywords: « dernières infos grève ».
    """
    if _KEYWORDS.fullmatch(folded[:at].lstrip(" ")):
        return True
    after = folded[at:].lstrip(" ")
    while word := _WORD.match(after):
        if word[0] in _OF_A_SUBJECT or question[len(folded) - len(after)].isupper():
            return True
        if not (is_stop_word(word[0], None) or _SAYS_NOTHING.fullmatch(word[0])):
            return False
        after = after[word.end() :].lstrip(" ")
    return True
