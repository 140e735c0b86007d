"""Periods that count from today: yesterday, last week, « ces dernières 48 h », "three days ago"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.language.time_calendar import DAY, DAYS, NUMBER, NUMBERS, OF_RELEASES, RELEASE, SOME, Span, month_span, one_of
from vectorstore.text import table
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable

_UNIT = (
    r"(?:hours?|heures?|h|days?|jours?|weeks?|semaines?|fortnights?|months?|mois|quarters?|trimestres?|"
    r"years?|annees?|ans?)"
)
_PAST = r"(?:last|past|previous|preceding)"
_LES = r"(?:(?:dans|durant|pendant|au cours d|lors d)e?s? ?)?(?:[ld]?es|ces)"
_DERNIER = r"(?:dernier|derniere|passe|passee|precedent|precedente|ecoule|ecoulee)s?"
_WHOLE = r"(?:week[ -]?end|week|semaine|month|mois|quarter|trimestre|half(?: year)?|semestre|year|annee|an)"

_MORE = r"(?:more than|over|plus d(?:e\b|'))"
_LESS = r"(?:less than|moins d(?:e\b|'))"
AGO = re.compile(
    rf"\b(?:(?:{_MORE} |{_LESS} )?(?P<n1>{NUMBER}) (?P<u1>{_UNIT}) ago\b"
    rf"|il y a (?:environ |a peine |{_MORE} ?|{_LESS} ?)?(?P<n2>{NUMBER}) (?P<u2>{_UNIT})\b)"
)
LASTING = re.compile(
    rf"\b(?:(?:in |over |during |within |for |from )?(?:the |these )?{_PAST} (?P<n1>{NUMBER}) (?P<u1>{_UNIT})\b"
    rf"|{_LES} (?P<n2>{NUMBER}) {_DERNIER} (?P<u2>{_UNIT})\b"
    rf"|{_LES} {_DERNIER} (?P<n3>{NUMBER}) ?(?P<u3>{_UNIT})\b"
    rf"|(?:(?:in|during|within) (?:the )?|over the )(?:last|past) (?P<u4>hour|day|week|month|year)\b(?! of)"
    rf"|depuis (?P<n5>{NUMBER}) (?P<u5>{_UNIT})\b"
    rf"|(?:ces|les) {_DERNIER} (?P<u6>heures|jours|semaines|mois)\b"
    rf"|(?:in |over )?(?:the |these )?(?:last|past|recent) (?P<u7>hours|days|weeks|months)\b)"
)
WHOLE = re.compile(
    rf"\b(?:(?P<when1>this|{_PAST}|the {_PAST}) (?P<what1>{_WHOLE})\b"
    rf"|(?P<when2>ce|cet|cette) (?P<what2>{_WHOLE})(?:[ -]ci)?\b(?! {_DERNIER})"
    rf"|(?:l[ae] |l'|au |du )(?P<what3>{_WHOLE}) (?P<when3>{_DERNIER}|en cours)\b"
    r"|(?:the (?:beginning|start) of |le debut de )(?P<when4>this|the|cette|l'|la|ce|) ?"
    r"(?P<what4>year|month|week|annee|semaine)\b"
    r"|le debut (?P<when5>du|de ce) (?P<what5>mois|trimestre|semestre)\b)"
)
_TODAY = r"today|tonight|this (?:morning|afternoon|evening)|aujourd ?'?hui|ce (?:matin|soir)|cet apres[ -]midi"
_YESTERDAY = r"\b(?P<before>the day before yesterday|avant[ -]hier)\b|\b(?P<yesterday>yesterday|hier)\b"
SINGLE = re.compile(rf"{_YESTERDAY}|\b(?P<today>{_TODAY})\b")
WEEKDAY = re.compile(
    rf"\b(?:(?:on |of |(?:this |last |past )|le |ce |du )?(?P<day>{DAY})(?: (?:dernier|passe|last))?)\b(?! prochain)"
)
NAMED_DAY = re.compile(rf"\b{one_of(map(fold, table('calendar')['named_days']))}\b")
"""« Mardi gras » is a day of its own, and no Tuesday that is asked for."""

WEEKDAYS = re.compile(
    rf"\b(?:from|since|between|entre|de|depuis) (?P<first>{DAY}) (?:and|et|to|until|till|through|a|au|jusqu'(?:a|au)) "
    rf"(?P<last>{DAY})\b"
)
HABIT = re.compile(rf"\b(?:du|le) {DAY} au {DAY}\b")
"""« Du lundi au vendredi » is every week."""

_COMPARED_TO = (
    r"compared (?:with|to|against)", r"in comparison (?:with|to)", "relative to", "against", "versus", r"vs\.?", "over",
    "as", r"par rapport(?: a)?", r"compare(?:e?s?)?(?: a)?", "contre", "comme", "a",
    r"same (?:period|quarter|month|week|half|time)(?: of)?",
    r"meme (?:periode|trimestre|mois|semaine|semestre)(?: de)?",
)  # fmt: skip
_THAN = r"(?<!later )(?<!newer )(?<!earlier )(?<!recent )(?<!older )\bthan"
_PLUS_QUE = r"\b(?:plus|moins|aussi|autant|davantage|mieux|pire|meilleure?s?)(?: [\w'-]+){0,4} qu[e']"
_IN_IT = r" ?(?:in |for |at |during |en |pendant )?(?:the |les |la |l'|le )?$"
_COMPARED = re.compile(rf"(?:\b(?:{'|'.join(_COMPARED_TO)})|{_THAN}|{_PLUS_QUE}){_IN_IT}")
_THE_FIRST = r"premiere?s? fois|first time|first|highest|lowest|worst|best|record|jamais(?: [\w'-]+){0,2}"
_THE_MOST = r"\b(?:la|le|les|au|du) (?:plus|moins)(?: [\w'-]+){1,2}"
_RECORD = re.compile(rf"(?:\b(?:{_THE_FIRST})|{_THE_MOST}) $")

_LENGTHS = {"h": 1 / 24, "d": 1, "j": 1, "w": 7, "s": 7, "f": 14}
_FEW = 7  # at the most
_SEVERAL = {"heures": 48, "hours": 48, "jours": 7, "days": 7, "semaines": 4, "weeks": 4, "mois": 3, "months": 3}


_WHOSE = re.compile(rf"'s (?P<what>)(?P<release>(?:[a-z-]+ ){{0,2}}?{RELEASE}\b)?")
_OF_A_DAY = re.compile(r"(?:\bd'|\bof )$")


def said_of(folded: str, found: re.Match[str]) -> tuple[int, int, bool]:
    """Where yesterday or today stands with what makes it a genitive, and whether it bounds what was published.

    "Today" and "today's releases" do; today's fish and yesterday's meeting may be told of at any time.
    """
    before, whose = folded[: found.start()], _WHOSE.match(folded, found.end())
    end = whose.start("what") if whose else found.end()
    of = None if OF_RELEASES.search(before) else _OF_A_DAY.search(before)
    return of.start() if of else found.start(), end, not of and (whose is None or whose["release"] is not None)


def is_of_publication(found: re.Match[str]) -> bool:
    """Whether a period that counts from today bounds what was published, and is not one that a text may compare with.

    Releases speak of "the previous quarter" and of "last year" themselves, and of a weekend that is to come.
    """
    if found.re is AGO:
        return not _counted(found)[1].startswith(("y", "a"))
    what, this = _what(found)
    if re.search(r"previous|preceding|precedent", found.group()):
        return False
    return what != "weekend" if this else what != "year"


def is_compared_with(before: str) -> bool:
    """Whether the words before a time compare with it: "higher than last year"."""
    return bool(_COMPARED.search(before))


def is_of_a_record(before: str) -> bool:
    """Whether the words before "since 2004" say that nothing was like it since: « pour la première fois »."""
    return bool(_RECORD.search(before))


def ago(found: re.Match[str], now: datetime) -> Span:
    """The day, week, month, quarter or year so long before; "a few weeks ago" is one of the last seven."""
    number, unit = _counted(found)
    around = _unit_around(_back(now, number, unit).date(), unit)
    if (found["n1"] or found["n2"]) not in SOME:
        return around
    earliest = _unit_around(_back(now, _FEW if number > 2 else number + 1, unit).date(), unit)
    return Span(earliest.first, _unit_around(_back(now, 1, unit).date(), unit).after, around.fine)


def longer_ago(found: re.Match[str], now: datetime) -> tuple[datetime | None, datetime | None] | None:
    """From when until when "more than two years ago" is, and "less than"; None where neither is said."""
    moment = _back(now, *_counted(found))
    if re.search(rf"\b{_MORE}", found.group()):
        return None, moment
    return (moment, None) if re.search(rf"\b{_LESS}", found.group()) else None


def lasting(found: re.Match[str], now: datetime) -> datetime:
    """Where a stretch begins that reaches to now."""
    number, unit = _counted(found)
    return _back(now, number, unit)


def whole(found: re.Match[str], today: date) -> Span:
    """This or the last week, month, quarter, half, year."""
    what, this = _what(found)
    return _SPANS[what](today, 0 if this else 1)


def _what(found: re.Match[str]) -> tuple[str, bool]:
    """The kind of a whole unit, and whether it is this one."""
    groups = found.groupdict()
    what = next(groups[f"what{n}"] for n in range(1, 6) if groups[f"what{n}"])
    when = next(groups[f"when{n}"] for n in range(1, 6) if groups[f"what{n}"])
    return _kind(what), not re.search(rf"{_PAST}|{_DERNIER}", when)


def single(found: re.Match[str], today: date) -> Span:
    """Today, yesterday or the day before."""
    back = 2 if found["before"] else 1 if found["yesterday"] else 0
    return _days(today - timedelta(days=back), 1)


def weekday(found: re.Match[str], today: date) -> Span:
    """The last day of that name, today among them unless it says "last"."""
    back = (today.weekday() - DAYS[found["day"]]) % 7
    if back == 0 and re.search(r"last|past|dernier|passe", found.group()):
        back = 7
    return _days(today - timedelta(days=back), 1)


def weekdays(found: re.Match[str], today: date) -> Span:
    """From one weekday to another, the last that have begun."""
    last = today - timedelta(days=(today.weekday() - DAYS[found["last"]]) % 7)
    first = last - timedelta(days=(last.weekday() - DAYS[found["first"]]) % 7)
    return _days(first, (last - first).days + 1)


def _counted(found: re.Match[str]) -> tuple[int, str]:
    groups = found.groupdict()
    unit = next(value for name, value in groups.items() if name.startswith("u") and value)
    told = next((value for name, value in groups.items() if name.startswith("n") and value), None)
    number = (_SEVERAL.get(unit, 1) if told is None else NUMBERS.get(told)) or int(told or 1)
    return number, unit


def _back(now: datetime, number: int, unit: str) -> datetime:
    if unit.startswith(("mo", "q", "t", "y", "a")):
        months = number * (12 if unit[0] in "ya" else 3 if unit[0] in "qt" else 1)
        year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
        month += 1
        after = month_span(max(year, 1), month).after
        return now.replace(year=max(year, 1), month=month, day=min(now.day, (after - timedelta(days=1)).day))
    return now - timedelta(days=number * _LENGTHS[unit[0]])


def _unit_around(day: date, unit: str) -> Span:
    kind = {"m": "month", "q": "quarter", "t": "quarter", "y": "year", "a": "year", "w": "week", "s": "week"}.get(
        unit[0]
    )
    return _SPANS[kind](day, 0) if kind else _days(day, 1)


def _kind(what: str) -> str:
    for kind, names in (
        ("weekend", ("week-end", "week end", "weekend")), ("week", ("week", "semaine")), ("month", ("month", "mois")),
        ("quarter", ("quarter", "trimestre")), ("half", ("half", "half year", "semestre")),
    ):  # fmt: skip
        if what in names:
            return kind
    return "year"


def _days(first: date, count: int) -> Span:
    return Span(first, first + timedelta(days=count), "day")


def _week(today: date, back: int) -> Span:
    return _days(today - timedelta(days=today.weekday() + 7 * back), 7)


def _weekend(today: date, back: int) -> Span:
    """That which has begun: from Monday to Friday nothing of the coming one is published."""
    saturday = today - timedelta(days=today.weekday() - 5)
    weekends_back = 1 if saturday > today or back else 0
    return _days(saturday - timedelta(days=7 * weekends_back), 2)


def _of_months(today: date, back: int, length: int) -> Span:
    first = today.year * 12 + (today.month - 1) // length * length - back * length
    begin, end = divmod(first, 12), divmod(first + length, 12)
    return Span(date(begin[0], begin[1] + 1, 1), date(end[0], end[1] + 1, 1), "month")


_SPANS: dict[str, Callable[[date, int], Span]] = {
    "week": _week,
    "weekend": _weekend,
    "month": lambda today, back: _of_months(today, back, 1),
    "quarter": lambda today, back: _of_months(today, back, 3),
    "half": lambda today, back: _of_months(today, back, 6),
    "year": lambda today, back: _of_months(today, back, 12),
}
