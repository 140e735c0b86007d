"""What the newsroom publishes: releases in English and French, the same in every process."""

from __future__ import annotations

import itertools
import random
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from tests.newsroom.grammar import (
    BODIES,
    CITIES,
    COMMON,
    COUNTRIES,
    KINDS,
    MONTHS,
    REGIONS,
    SUBJECTS,
    Line,
)

LANGUAGES = ("en", "fr")
_FIRST = datetime(2024, 1, 8, 7, tzinfo=UTC)
_SPAN = 700.0  # days; the newest release stays in the past however many there are
_SEED = "newsroom"
_BREAK = re.compile(r"(?<=[.!?]) (?=[A-ZÀÉÊ])")


@dataclass(frozen=True, slots=True)
class Published:
    """A release as its readers are meant to see it.

    `published` is a time in UTC, a day alone, or None where no date stands anywhere. `pair` is shared by the two
    languages of one release, None where there is only one; `joined` says what tells that they belong together: "page"
    (hreflang in both pages), "sitemap" (hreflang there alone), "address" (`/en/…/ID`, `/fr/…/ID`), "content" (nothing
    but the text). `number` is its place in the newsroom's story, the same for both languages.
    """

    key: str
    language: str
    title: str
    lead: str | None
    paragraphs: tuple[str, ...]
    published: datetime | date | None
    path: str
    url: str
    pair: str | None
    joined: str | None
    number: int

    @property
    def is_pdf(self) -> bool:
        """Whether it is published as a PDF."""
        return self.path.endswith(".pdf")

    @property
    def is_legacy(self) -> bool:
        """Whether its page is written in ISO-8859-1."""
        return self.number % 30 == 14 and not self.is_pdf

    @property
    def moment(self) -> datetime | None:
        """The time of publication, midnight where only the day is known."""
        if self.published is None or isinstance(self.published, datetime):
            return self.published
        return datetime(self.published.year, self.published.month, self.published.day, tzinfo=UTC)


def write_releases(count: int, *, address: str) -> tuple[Published, ...]:
    """So many releases, oldest first, about half of them in each language."""
    plan = list(itertools.islice(_plan(), count))
    languages = {number: [lang for other, lang in plan if other == number] for number, _ in plan}
    step = min(10 / 3, _SPAN / max(len(languages), 1))
    written: list[Published] = []
    for number, language in plan:
        alone = len(languages[number]) == 1
        written.append(_write(number, language, alone=alone, step=step, address=address))
    return _told_apart(written)


def slug(title: str) -> str:
    """A title as the last part of an address."""
    plain = unicodedata.normalize("NFKD", title.replace("’", " ")).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)[:10])


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph."""
    return _BREAK.split(paragraph)


def spoken_day(day: date, language: str) -> str:
    """A date in words: "1 October 2024", « 1er octobre 2024 »."""
    month = MONTHS[day.month - 1][LANGUAGES.index(language)]
    first = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{first} {month} {day.year}"


def _plan() -> itertools.chain[tuple[int, str]]:
    """Number and language of every release; one in eleven is in English only, another in French only."""
    return itertools.chain.from_iterable(
        [(number, language) for language in LANGUAGES if number % 11 != (5 if language == "en" else 10)]
        for number in itertools.count()
    )


def _write(number: int, language: str, *, alone: bool, step: float, address: str) -> Published:
    joined = None if alone else ("page", "address", "page", "content")[number % 4]
    if joined == "content" and number % 12 == 7:
        joined = "sitemap"
    title, lead, paragraphs = _words(number, language, _day_of(number, step))
    published = _published(number, language, step)
    path = _path(number, language, title, year=_day_of(number, step).year if published else None, joined=joined)
    return Published(
        key=f"{language}-{number:04}",
        language=language,
        title=title,
        lead=lead,
        paragraphs=paragraphs,
        published=published,
        path=path,
        url=address + path,
        pair=None if alone else f"{number:04}",
        joined=joined,
        number=number,
    )


def _path(number: int, language: str, title: str, *, year: int | None, joined: str | None) -> str:
    folder = f"/{year}" if year else ""
    if joined == "address":
        return f"/{language}/press{folder}/{240_000 + 7 * number}"
    section = {"en": "news", "fr": "actualites"}[language]
    return f"/{language}/{section}{folder}/{slug(title)}{'.pdf' if number % 40 == 23 else ''}"


def _told_apart(releases: list[Published]) -> tuple[Published, ...]:
    """The releases, the second of two with one address under another."""
    taken: set[str] = set()
    apart = []
    for release in releases:
        if release.path in taken:
            stem, dot, suffix = release.path.partition(".")
            path = f"{stem}-{release.number}{dot}{suffix}"
            release = replace(release, path=path, url=release.url.removesuffix(release.path) + path)  # noqa: PLW2901
        taken.add(release.path)
        apart.append(release)
    return tuple(apart)


def _day_of(number: int, step: float) -> datetime:
    return _FIRST + timedelta(days=int(number * step), hours=5 * number % 11, minutes=7 * number % 60)


def _published(number: int, language: str, step: float) -> datetime | date | None:
    """One in twenty has no date, one in six a day alone; some share their time with the one before them."""
    if number % 20 == 12:
        return None
    moment = _day_of(number - 1 if number % 9 == 4 else number, step)
    if language == "fr" and number % 5 == 3:
        moment += timedelta(hours=26 if number % 2 else 2)  # translated later
    return moment.date() if number % 6 == 5 or number % 40 == 23 else moment


def _words(number: int, language: str, day: date) -> tuple[str, str | None, tuple[str, ...]]:
    """Title, lead and paragraphs; the same choices for every language."""
    chance = random.Random(f"{_SEED} {number}")
    facts = _facts(chance, day)[LANGUAGES.index(language)]
    title, lead, *own = KINDS[number % len(KINDS)]
    dated = number % 20 != 12
    body = _some(own, chance.randint(4, 7), chance, dated=dated) + _some(
        COMMON, chance.randint(1, 5), chance, dated=dated
    )
    said = [_said(line, facts, language) for line in body]
    borders = sorted(chance.sample(range(1, len(said)), chance.randint(1, min(4, len(said) - 1))))
    paragraphs = tuple(" ".join(said[start:end]) for start, end in itertools.pairwise([0, *borders, len(said)]))
    has_lead = number % 7 != 6
    opening = _said(lead, facts, language)
    if not has_lead:
        paragraphs = (f"{opening} {paragraphs[0]}", *paragraphs[1:])
    return _said(title, facts, language), opening if has_lead else None, paragraphs


def _some(lines: tuple[Line, ...] | list[Line], count: int, chance: random.Random, *, dated: bool) -> list[Line]:
    """So many of these lines in their order; without a date in them unless dated."""
    fit = [line for line in lines if dated or not ("{day}" in line[0] or "{deadline}" in line[0])]
    chosen = chance.sample(range(len(fit)), min(count, len(fit)))
    return [fit[place] for place in sorted(chosen)]


def _said(line: Line, facts: dict[str, str], language: str) -> str:
    words = line[LANGUAGES.index(language)].format_map(facts)
    return words[0].upper() + words[1:]


def _facts(chance: random.Random, day: date) -> tuple[dict[str, str], dict[str, str]]:
    """What stands in the slots, in English and in French."""
    cities, country, subject = chance.sample(CITIES, 2), chance.choice(COUNTRIES), chance.choice(SUBJECTS)
    host, partner = (_institution(chance, about) for about in (subject, chance.choice(SUBJECTS)))
    lines: dict[str, Line] = {
        "city": cities[0],
        "city2": cities[1],
        "country": country,
        "in_country": (f"in {country[0]}", "en " + country[1].removeprefix("la ").removeprefix("l’")),
        "subject": subject,
        "of_subject": (f"of {subject[0]}", _of(subject[1])),
        "host": host,
        "partner": partner,
        "of_partner": (f"of {partner[0]}", _of(partner[1])),
        "day": _both_days(day - timedelta(days=chance.randint(1, 9))),
        "deadline": _both_days(day + timedelta(days=chance.randint(20, 200))),
        "years": (str(years := chance.randint(2, 14)), str(years)),
    }
    for slot, (low, high) in {
        "small": (3, 49),
        "small2": (3, 49),
        "count": (200, 9_999),
        "count2": (200, 9_999),
    }.items():
        lines[slot] = _number(chance.randint(low, high))
    for slot in ("count3", "count4"):
        lines[slot] = _number(chance.randint(110, 990) if slot == "count3" else chance.randint(10_000, 90_000))
    for slot in ("money", "money2"):
        tenths = _decimal(chance.randint(21, 9_799))
        lines[slot] = (f"€{tenths[0]} million", f"{tenths[1]} millions d’euros")
    for slot in ("share", "share2"):
        tenths = _decimal(chance.randint(11, 899))
        lines[slot] = (f"{tenths[0]}%", f"{tenths[1]}\u00a0%")
    return {slot: line[0] for slot, line in lines.items()}, {slot: line[1] for slot, line in lines.items()}


def _institution(chance: random.Random, subject: Line) -> Line:
    body, region = chance.choice(BODIES), chance.choice(REGIONS)
    return f"the {region[0]} {body[0]} for {subject[0].title()}", f"{body[1]} {region[1]} pour {subject[1]}"


def _of(words: str) -> str:
    """French words with their article after « de »."""
    return f"du {words[3:]}" if words.startswith("le ") else f"de {words}"


def _both_days(day: date) -> Line:
    return spoken_day(day, "en"), spoken_day(day, "fr")


def _number(number: int) -> Line:
    return f"{number:,}", f"{number:,}".replace(",", "\u00a0")


def _decimal(tenths: int) -> Line:
    return f"{tenths / 10:.1f}", f"{tenths / 10:.1f}".replace(".", ",")
