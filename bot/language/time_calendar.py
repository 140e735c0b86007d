"""The words before a date that make it a bound, and those by which it names a thing: a law, a summit, a plan."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from vectorstore.text import table
from vectorstore.text.calendar import abbreviations, cardinals, months, ordinals, weekdays
from vectorstore.text.words import fold, is_stop_word

SINCE = r"(?:since|starting|from|as of|depuis|a partir d[eu]|des) (?:the |le |la |l')?$"
AFTER = r"(?:after|apres|(?:later|newer|more recent) than|posterieurs? a|plus recente?s? que) (?:the |le |la |l')?$"
BEFORE = r"(?:before|prior to|earlier than|avant|anterieurs? a) (?:the |le |la |l')?$"
UNTIL = r"(?:until|till|up to|through|jusqu'(?:a|en|au)|jusqu' (?:a|en|au)) (?:the |le |la |l'|fin )?$"
BETWEEN = r"(?:between|entre|from|de|du|d') ?(?:the |le |la |l')?$"
_TO = r"(?:to|a|au|until|till|up to|through|jusqu'(?:a|au|en))"
JOINT = re.compile(rf"(?: (?:and|et|{_TO}) (?:the |le |la |l')?| ?[-–] ?)")
TO = re.compile(rf"(?: {_TO} (?:the |le |la |l')?| ?[-–] ?)")
_UNTIL_NOW = r"(?:until|till|to|up to|through) (?:now|today|the present(?: day)?)"
_JUSQU_A_PRESENT = r"(?:a|jusqu'a|jusqu') ?(?:maintenant|aujourd ?'?hui|present|ce jour)"
TO_NOW = re.compile(rf" (?:{_UNTIL_NOW}|{_JUSQU_A_PRESENT})\b")
"""What makes of a beginning a stretch that reaches to today."""

LISTED = re.compile(r"(?:,| (?:and|et|or|ou)) (?:(?:in|on|of|during|en|de|du|pendant) )?(?:the |le |la |l'|d')?")
_BOUND = r"(?:before|after|until|since|avant|apres|jusqu'(?:a|au|en)|depuis)"
LINKED = re.compile(rf",?(?: (?:and|but|or|et|mais|ou)){{1,2}} {_BOUND} (?:the |le |la |l')?")
"""What stands between two bounds: "after 3 March and before 5 April 2025"."""
IN = (
    r"(?:\b(?:in|during|throughout|en|durant|pendant|au cours d[eu]|courant|lors d[eu]|au|dans le|on|le|the|for)"
    r"|\bl'|\bd') ?(?:the |le |la |l')?$"
)
RELEASE = f"(?:{'|'.join(table('questions')['releases'])})"
"""A word for what newsrooms publish, folded."""

OF_RELEASES = re.compile(
    rf"\b(?:{RELEASE}(?: publie[es]*| published| issued| dated)?(?: [a-z]+)?|are|ones|sont|datent)"
    r" (?:of|from|de|du|d'|for) ?(?:the |le )?$"
    rf"|\b{RELEASE}(?: [a-z]+){{1,4}} from $"
)
_NAMED = re.compile(
    r"\b(?:the|of|de|du|d'|des|called|annual|operation|fiscal year|exercice|budget|agenda|horizon|plan) ?$"
)
_UNITS = re.compile(rf" (?:{'|'.join(table('questions')['counted'])})\b")
_AMBIGUOUS = {"may", "march", "mars", *map(fold, abbreviations("months", "en"))}
_DURING = re.compile(
    r"\b(?:in|during|throughout|en|durant|pendant|courant|au cours d[eu]|dans|for|pour) (?:the |l'|les )?$"
)
_FOR_A_PLAN = re.compile(r"\b(?:back|exercice|budget|plan|horizon) (?:in|for|pour|en) $")


def is_period(folded: str, start: int, end: int, fine: str) -> bool:
    """Whether a date bounds what was published, and does not name a thing; `fine` is the unit it is named by."""
    before, after, said = folded[:start], folded[end:], folded[start:end]
    if any(re.search(rf"\b{words}", before) for words in (SINCE, AFTER, BEFORE, UNTIL)):
        # "After the 2010 floods" is after them, no matter when.
        return not (_UNITS.match(after) or (fine in {"year", "month"} and _is_before_a_noun(before, after)))
    if fine == "days" and _is_before_a_noun(before, after):
        return False
    if (
        OF_RELEASES.search(before)
        or fine in {"days", "months"}
        or said.startswith("last ")
        or said.endswith(" dernier")
    ):
        return True
    if fine in {"quarter", "half"}:
        return _ends(after) or bool(re.search(r"\b(?:in|during|over|for) (?:the )?$", before))
    if fine in {"year", "decade"} or said in _AMBIGUOUS:
        named = _UNITS.match(after) or _FOR_A_PLAN.search(before) or _is_before_a_noun(before, after)
        return bool(_DURING.search(before)) and not named
    return _is_day_or_month(before, after, said, fine)


def _is_day_or_month(before: str, after: str, said: str, fine: str) -> bool:
    if _is_before_a_noun(before, after):
        return False
    if _NAMED.search(before):
        return bool(re.search(r"\b(?:(?:au cours|lors) du|on the) $", before))
    return fine != "month" or bool(re.search(IN, before)) or bool(re.search(r"\d", said))


def _is_before_a_noun(before: str, after: str) -> bool:
    """As in "the 9 July declaration" and "in the 2025 budget"."""
    return before.endswith("the ") and not _ends(after)


def _ends(after: str) -> bool:
    return not re.match(r" [a-z]", after)


MONTHS = months(short=True)
DAYS = weekdays()
SOME = {
    "couple of": 2, "a couple of": 2, "few": 3, "a few": 3, "quelques": 3, "several": 3, "plusieurs": 3,
}  # fmt: skip
"""Words for a number that nobody counted."""

NUMBERS = {word: number for word, number in cardinals().items() if number} | {"a": 1, "an": 1} | SOME
_ORDINALS = {word: place for word, place in ordinals().items() if place <= 4} | {"last": 4, "dernier": 4}


def one_of(words: object) -> str:
    """A pattern for any of some words, the longest first."""
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"  # type: ignore[call-overload]


MONTH = one_of(MONTHS)
_SEASONS: dict[str, int] = {fold(name): row["first"] for row in table("calendar")["seasons"] for name in row["names"]}
_SEASON = one_of(_SEASONS)
DAY = one_of(DAYS)
YEAR = r"(?:19|20)\d\d"
NUMBER = rf"(?:\d{{1,3}}|{one_of(NUMBERS)})"
_DAY_NUMBER = r"(?:[12]\d|3[01]|0?[1-9])(?:er|st|nd|rd|th)?"
_TO_A_DAY = r"(?: (?:and|et|or|ou|to|au) (?:the |le )?| ?[-–] ?)"
_ORDINAL = one_of(_ORDINALS)
_OF = r"(?: (?:of |de |du |in |en |d')?(?:the )?| d')"
_PART = (
    r"(?:early|mid|late|the (?:beginning|start|middle|end) of|(?:le |au )?debut|(?:a |la )?mi|(?:la |a la )?fin|"
    r"(?:the )?(?:beginning|start|middle|end) of)"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the calendar: `first` to the day before `after`; `fine` is what it is named by."""

    first: date
    after: date
    fine: str


ATOMS = {
    "iso": r"\b(?P<iso>(?:19|20)\d\d-\d\d-\d\d)\b",
    "slashed": r"\b(?P<slashed>\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d)\b",
    "days": rf"\b(?P<days>{_DAY_NUMBER}{_TO_A_DAY}{_DAY_NUMBER} (?:of |de )?{MONTH}\b(?:,? {YEAR}\b)?"
    rf"|{MONTH}\.? {_DAY_NUMBER}{_TO_A_DAY}{_DAY_NUMBER}\b(?! {MONTH})(?:,? {YEAR}\b)?)",
    "day": rf"\b(?:{DAY},? )?(?P<day>{_DAY_NUMBER}(?: (?:of|de))? {MONTH}\b\.?(?:,? {YEAR}\b)?"
    rf"|{MONTH}\.? {_DAY_NUMBER}\b(?! {MONTH})(?:,? {YEAR}\b)?)",
    "quarter": rf"\b(?P<quarter>[qt][1-4](?:[ –-]{YEAR})?|{_ORDINAL} (?:quarter|trimestre)(?:{_OF}{YEAR})?)\b",
    "half": rf"\b(?P<half>[hs][12][ –-]{YEAR}|{_ORDINAL} (?:half|semestre|moitie)(?:{_OF}(?:l'annee )?{YEAR})?)\b",
    "season": rf"\b(?P<season>(?:last |this |the (?:past |last )?|cet? |le |(?:(?<!')a )?l')?{_SEASON}"
    rf"(?:(?: of| de)? {YEAR}(?:[–/-](?:{YEAR}|\d\d))?\b(?![–/-]\d)| dernier\b| passe\b|\b))",
    "part": rf"\b(?P<part>{_PART}[ –-](?:de |d'|of )?(?:{MONTH}(?: {YEAR})?|{YEAR}))\b",
    "months": rf"\b(?P<months>{MONTH} (?:and|et|a|to) {MONTH} {YEAR})\b",
    "month": rf"\b(?P<month>(?:last |(?:the )?month of |mois d(?:e |'))?{MONTH}\b\.?"
    rf"(?:,? (?:of |de )?{YEAR}\b| dernier\b)?)",
    "decade": r"\b(?P<decade>(?:the )?(?:19|20)\d0s|(?:les )?annees (?:19|20)\d0)\b",
    "year": rf"\b(?P<year>(?:l'annee |the year )?{YEAR})\b(?![/–-]\d|[.,]\d| ?%)",
}
"""Named groups for the calendar's units, finest first."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A calendar expression: where it stands, its kind of `ATOMS`, the words of that kind, and what they name."""

    start: int
    end: int
    kind: str
    text: str
    span: Span

    @property
    def dated(self) -> bool:
        """Whether its year is said."""
        return bool(re.search(rf"\b{YEAR}\b|\blast |\bdernier\b", self.text))

    def seen_from(self, day: date) -> Atom:
        """The last such day, month or quarter that had begun on a day."""
        return replace(self, span=read_atom(self.kind, self.text, day) or self.span)


_LAST_YEAR = r"(?:last|the past|the previous) year|l'an(?:nee)? (?:derniere?|passee?|precedente)"
_THIS_YEAR = r"this year|cette annee|l'annee en cours"
_OF_A_YEAR = re.compile(rf" (?:of |in |de )?(?:(?P<last>{_LAST_YEAR})|(?:{_THIS_YEAR}))\b")


_PLANNED = re.compile(rf"(?<!from )(?<!between )(?<!entre )(?<!de )\b{YEAR}(?: ?[-–] ?| (?:to|a) )({YEAR})\b")
"""Years that reach into the future name a plan, and the first of them alone is no period."""


def atoms_of(question: str, folded: str, today: date) -> list[Atom]:
    """Every calendar expression of a question, finest first where they overlap, in the order of the text."""
    taken: list[Atom] = []
    folded = _PLANNED.sub(lambda found: found[0] if int(found[1]) <= today.year else " " * len(found[0]), folded)
    for kind, pattern in ATOMS.items():
        for found in re.finditer(pattern, folded):
            start, end = found.span()
            if any(start < one.end and one.start < end for one in taken) or _is_no_month(question, folded, found):
                continue
            text = found.group(kind)
            if kind == "season" and _is_no_season(folded, found):
                continue
            if (year := _OF_A_YEAR.match(folded, end)) and not re.search(rf"\b{YEAR}\b", text):
                text, end = f"{text} {today.year - bool(year['last'])}", year.end()
            if span := read_atom(kind, text, today):
                taken.append(Atom(start, end, kind, text, span))
    return sorted(taken, key=lambda one: one.start)


def _is_no_month(question: str, folded: str, found: re.Match[str]) -> bool:
    """Whether « sept » is seven, or "may 3" what may be done by three.

    « Sept » alone is a month only with its capital. So is "may" before a number, where no preposition stands before
    it; a noun behind the number is what there are three of, as in "march 3 miles".
    """
    said, start, end = found.group(), found.start(), found.end()
    if said.rstrip(".") == "sept":
        return not question[start].isupper()
    if not re.fullmatch(r"(?:may|march) \d+", said) or re.search(
        r"\b(?:on|of|since|from|before|after|until|by) $", folded[:start]
    ):
        return False
    after = re.match(r" ([^\W\d_]+)", question[end:])
    is_noun = after and after[1].islower() and not is_stop_word(after[1], None)
    return bool(is_noun) or (said.startswith("may") and question[start].islower())


_BEFORE_A_SEASON = {
    "in", "of", "during", "since", "after", "before", "until", "till", "from", "by", "between", "and", "to", "through",
    "en", "au", "du", "de", "d'", "depuis", "avant", "apres", "entre", "et", "durant", "pendant",
}  # fmt: skip


def _is_no_season(folded: str, found: re.Match[str]) -> bool:
    """Whether « été » is a participle, "fall" and "spring" are what prices and water do, or a season names a thing.

    As in « a été », "this fall in exports" and "the spring 2024 forecast".
    """
    text, before, after = found["season"], folded[: found.start()], folded[found.end() :]
    if text.startswith(tuple(_SEASONS)):
        word = re.search(r"(?<![^\W\d_])[^\W\d_]++'?$", before.rstrip())
        return word is not None and word[0] not in _BEFORE_A_SEASON
    if re.match(r"the \w+ \d", text) and (noun := re.match(r" ([a-z]+)", after)):
        return not is_stop_word(noun[1], None)
    return text == "this fall" and bool(re.match(r" (?:in|of)\b", after))


def read_atom(kind: str, text: str, today: date) -> Span | None:
    """The span that a text of an atom's kind names, or None where there is no such day."""
    try:
        return _READERS[kind](text, today)
    except ValueError:  # 30 February, a fifth quarter
        return None


def month_span(year: int, month: int) -> Span:
    """A whole month."""
    return Span(date(year, month, 1), _next_month(year, month), "month")


def _next_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def _year_in(text: str) -> int | None:
    found = re.search(YEAR, text)
    return int(found.group()) if found else None


def _month_in(text: str) -> int:
    return MONTHS[re.findall(rf"\b{MONTH}\b", text)[-1]]


def _begun(month: int, today: date, day: int = 1) -> int:
    """The year of the last such month, or day of it, that has begun."""
    return today.year if (month, day) <= (today.month, today.day) else today.year - 1


def _one_day(first: date) -> Span:
    return Span(first, first + timedelta(days=1), "day")


def _iso(text: str, _: date) -> Span:
    return _one_day(date.fromisoformat(text))


def _slashed(text: str, _: date) -> Span:
    day, month, year = map(int, re.split(r"[/.]", text))
    return _one_day(date(year, month, day))


def _day(text: str, today: date) -> Span:
    year, month = _year_in(text), _month_in(text)
    number = int(re.findall(r"\d{1,2}", re.sub(rf"\b{YEAR}\b", "", text))[0])
    return _one_day(date(year or _begun(month, today, number), month, number))


def _number(text: str) -> int:
    found = re.match(r"[qthsh]([1-4])\b", text)
    return int(found[1]) if found else _ORDINALS[text.split(maxsplit=1)[0]]


def _days(text: str, today: date) -> Span:
    numbers = [int(number) for number in re.findall(r"\d{1,2}", re.sub(rf"\b{YEAR}\b", "", text))]
    if numbers[0] >= numbers[1]:
        raise ValueError(text)
    month = _month_in(text)
    year = _year_in(text) or _begun(month, today, numbers[0])
    return Span(date(year, month, numbers[0]), date(year, month, numbers[1]) + timedelta(days=1), "days")


def _quarter(text: str, today: date) -> Span:
    number, year = _number(text), _year_in(text)
    month = 3 * number - 2
    year = year or _begun(month, today)
    return Span(date(year, month, 1), _next_month(year, month + 2), "quarter")


def _half(text: str, today: date) -> Span:
    number, year = _number(text), _year_in(text)
    number = min(number, 2) if text.split(maxsplit=1)[0] in {"last", "dernier"} else number
    month = 6 * number - 5
    year = year or _begun(month, today)
    return Span(date(year, month, 1), _next_month(year, month + 5), "half")


def _part(text: str, today: date) -> Span:
    which = 0 if re.search(r"early|beginning|start|debut", text) else 1 if re.search(r"\bmi\b|mid", text) else 2
    if not re.search(rf"\b{MONTH}\b", text):
        year = _year_in(text) or today.year
        return Span(date(year, 4 * which + 1, 1), _next_month(year, 4 * which + 4), "part")
    month = _month_in(text)
    year = _year_in(text) or _begun(month, today)
    last = calendar.monthrange(year, month)[1]
    first, after = ((1, 11), (11, 21), (21, last + 1))[which]
    return Span(date(year, month, first), date(year, month, 1) + timedelta(days=after - 1), "part")


def _months(text: str, today: date) -> Span:
    first, last = (MONTHS[name] for name in re.findall(rf"\b{MONTH}\b", text)[:2])
    year = _year_in(text) or today.year
    return Span(date(year - (first > last), first, 1), _next_month(year, last), "months")


def _month(text: str, today: date) -> Span:
    month = _month_in(text)
    return month_span(_year_in(text) or _begun(month, today), month)


_AHEAD = timedelta(days=240)
"""After its beginning, "this summer" is no more the last one, but the next."""


def _season(text: str, today: date) -> Span:
    month = next(first for name, first in _SEASONS.items() if re.search(rf"\b{name}\b", text))
    year, is_last = _year_in(text), bool(re.search(r"\b(?:last|past|dernier|passe)\b", text))
    begun = date(year or _begun(month, today), month, 1)
    span = Span(begun, date(begun.year + (month + 2) // 12, (month + 2) % 12 + 1, 1), "season")
    if year:
        return span
    if is_last and span.after > today:
        return replace(span, first=date(begun.year - 1, month, 1), after=span.after.replace(year=span.after.year - 1))
    if is_last or (re.match(r"this |cet? ", text) and today - begun < _AHEAD):
        return span
    raise ValueError(text)


def _decade(text: str, _: date) -> Span:
    first = int(re.findall(r"\d{4}", text)[0])
    return Span(date(first, 1, 1), date(first + 10, 1, 1), "decade")


def _year(text: str, today: date) -> Span:
    year = _year_in(text) or today.year
    return Span(date(year, 1, 1), date(year + 1, 1, 1), "year")


_READERS = {
    "iso": _iso, "slashed": _slashed, "days": _days, "day": _day, "quarter": _quarter, "half": _half, "part": _part,
    "season": _season,
    "months": _months, "month": _month, "decade": _decade, "year": _year,
}  # fmt: skip
