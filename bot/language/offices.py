"""Offices, whose they are, and whether two ways to name somebody may mean one person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from bot.language import lexicon
from bot.language.lexicon import Word, read_words
from bot.language.names import GazetteerEntry, find_names, folded_word, is_written_as
from vectorstore.text import rows, table
from vectorstore.text.words import fold, fold_aligned, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_Place = tuple[int, int]
_SMALL = (
    lexicon.ARTICLES
    | lexicon.OF
    | lexicon.JOINERS
    | frozenset(["au", "aux", "a", "son", "sa", "its", "his", "her", "their", "ancien", "former", "new", "nouveau"])
)


@dataclass(frozen=True, slots=True)
class _Owner:
    """A country, or an organisation that is named beside an office, at named[start:end]."""

    start: int
    end: int
    keys: frozenset[str]
    words: frozenset[str]
    is_country: bool


@dataclass(frozen=True, slots=True)
class _Who:
    """A speaker taken apart; `name` folded, the surname last; `gender` "m", "f" or "".

    `bodies` are those whose officers may be named without them, `rest` is what else tells whose the office is.
    """

    offices: frozenset[str]
    portfolios: frozenset[str]
    countries: tuple[_Owner, ...]
    organisations: tuple[_Owner, ...]
    bodies: frozenset[str]
    name: tuple[str, ...]
    gender: str
    rest: frozenset[str]
    former: bool

    @property
    def words(self) -> frozenset[str]:
        """Whatever names somebody or something, as folded words."""
        return frozenset((*self.rest, *self.name)).union(*(one.words for one in self.organisations))


class _Forms:
    """Offices, or portfolios, by the ways to write them; the first of the table where one holds another."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._names = [str(row["name"]) for row in rows]
        self.pattern = re.compile("|".join(f"(?P<f{at}>{_written(row)})" for at, row in enumerate(rows)))

    def find(self, folded: str) -> list[tuple[_Place, str]]:
        """Where they stand in a folded text, and their names."""
        return [
            (found.span(), self._names[int((found.lastgroup or "f0")[1:])]) for found in self.pattern.finditer(folded)
        ]


def _written(row: Mapping[str, Any]) -> str:
    """The pattern of a row: a blank may be a hyphen, each word in the plural; "…" is up to three words."""
    forms = sorted(
        {fold(form) for language in ("en", "fr") for form in row[language]}, key=lambda one: (-len(one), one)
    )
    spelt = (
        "[- ]".join(f"{re.escape(word)}s?" for word in form.split(" ")).replace("…s?[- ]", r"(?:\w+ ){0,3}")
        for form in forms
    )
    behind = "".join(f"(?<!{word} )" for word in row.get("not_after", ()))
    ahead = "".join(f"(?! {word})" for word in row.get("not_before", ()))
    return rf"{behind}\b(?:{'|'.join(spelt)})\b{ahead}"


@cache
def _offices() -> _Forms:
    return _Forms(table("offices")["offices"])


@cache
def _portfolios() -> _Forms:
    return _Forms(table("offices")["portfolios"])


def is_portfolio(text: str) -> bool:
    """Whether the words are what a minister is in charge of: "la Défense", « Affaires étrangères »."""
    plain = re.sub(r"^(?:la |le |les |l')", "", fold(text.strip()))
    portfolio = _portfolios().pattern
    return bool(
        portfolio.fullmatch(re.sub(r"^.* et (?:de |des |du |de la |de l')?", "", plain)) or portfolio.fullmatch(plain)
    )


def is_body(word: str) -> bool:
    """Whether the word is a well-known body's or country's name: "nato", « Ukraine »."""
    words = [one for one in read_words(word, 0, len(word)) if one.is_word]
    return bool(_bodies_among(words, [])) or any(_owners(word))


def is_by(speaker: str, wanted: str) -> bool:
    """Whether the `speaker` of a quotation is the one that is wanted, by name or by office, across languages.

    A surname is enough where no first name or title speaks against it. An office alone fits whoever is named with it,
    with or without "NATO", but never with another body or country; a country that is wanted must be named.
    """
    said, asked = _taken_apart(speaker), _taken_apart(wanted)
    if asked.name:
        return _same_name(said, asked) and _no_conflict(said, asked)
    if not asked.offices or said.former != asked.former:
        return False
    held = asked.offices <= said.offices and asked.portfolios <= said.portfolios
    return held and _are_named(asked.countries, said) and _no_conflict(said, asked) and _same_rest(said, asked)


def _same_name(said: _Who, asked: _Who) -> bool:
    if not said.name or said.name[-1] != asked.name[-1]:
        return False
    if said.gender and asked.gender and said.gender != asked.gender:
        return False
    first_said, first_asked = said.name[:-1], asked.name[:-1]
    if not first_said or not first_asked:
        return True
    return all(any(_same_first(one, other) for other in first_said) for one in first_asked) or all(
        any(_same_first(one, other) for other in first_asked) for one in first_said
    )


def _same_first(one: str, other: str) -> bool:
    initials = len(one) == 1 or len(other) == 1
    return one == other or (initials and one[0] == other[0])


def _no_conflict(said: _Who, asked: _Who) -> bool:
    """Whether both name a common country and a common body, as far as both name any."""
    mine, theirs = _keys(asked.countries), _keys(said.countries)
    if mine and theirs and mine.isdisjoint(theirs):
        return False
    return not (asked.bodies and said.bodies and asked.bodies.isdisjoint(said.bodies))


def _keys(owners: Sequence[_Owner]) -> frozenset[str]:
    return frozenset[str]().union(*(one.keys for one in owners))


def _are_named(owners: Sequence[_Owner], said: _Who) -> bool:
    known = _keys(said.countries)
    return not any(one.keys.isdisjoint(known) for one in owners)


def _same_rest(said: _Who, asked: _Who) -> bool:
    """Whether what else is wanted stands in the speaker's own words: « de la Confédération », "of Geneva".

    An organisation may stand there under another of its names.
    """
    known = _keys(said.organisations)
    return asked.rest <= said.words and all(
        not one.keys.isdisjoint(known) or one.words <= said.words for one in asked.organisations
    )


@lru_cache(maxsize=1024)
def _taken_apart(named: str) -> _Who:
    plain = " ".join(named.split())
    looked_up = fold_aligned(plain)
    offices = _offices().find(looked_up)
    is_minister = any(
        "minister" in office or "secretary of state" in office or office == "commissioner" for _, office in offices
    )
    portfolios = _portfolios().find(looked_up) if is_minister else []
    taken = [span for span, _ in (*offices, *portfolios)]
    words = [word for word in read_words(plain, 0, len(plain)) if word.is_word]
    owners = [one for one in _owners(plain, taken) if not _is_first_name(one, words, taken)]
    left = [word for word in words if not _is_within(word, taken)]
    if offices:
        owned = [(one.start, one.end) for one in owners]
        left = [word for word in left if not (_body(word) or _is_within(word, owned))]
    name, rest = _name(left, looked_up, offices=bool(offices))
    return _Who(
        frozenset(office for _, office in offices),
        frozenset(portfolio for _, portfolio in portfolios),
        tuple(one for one in owners if one.is_country),
        tuple(one for one in owners if not one.is_country and one.words),
        _bodies_among(words, owners),
        name,
        _gender(words),
        rest,
        any(word.folded in table("people")["titles"]["former"] for word in words),
    )


def _is_within(word: Word, places: Sequence[_Place]) -> bool:
    return any(start <= word.start < end for start, end in places)


def _owners(named: str, taken: Sequence[_Place] = ()) -> Iterator[_Owner]:
    """The countries and organisations of the tables; of those that may go unsaid only the other words count."""
    for start, end, entries in find_names(named, _may_own):
        keys = frozenset(one.key for one in entries)
        countries = frozenset(key for key in keys if key.startswith("countries"))
        is_body_row = any(key in _body_rows() for key in keys)
        own = frozenset() if is_body_row else _content(read_words(named, start, end), taken)
        yield _Owner(start, end, countries or keys, frozenset() if countries else own, bool(countries))


def _content(words: Sequence[Word], taken: Sequence[_Place]) -> frozenset[str]:
    """The words of a name that tell it, without what is an office or a body already."""
    plain = (word for word in words if word.is_word and not (_is_within(word, taken) or _body(word)))
    return frozenset(word.folded for word in plain if word.folded not in _SMALL)


def _may_own(entry: GazetteerEntry, word: str, length: int) -> bool:
    """Whether an entry may be whose an office is; people type countries without capitals, organisations hardly."""
    if entry.key.startswith("places") or entry.column.endswith("capital"):
        return False
    if entry.key.startswith("organisations"):
        return is_written_as(entry, word, length)
    known, folded = table("offices")["countries"], folded_word(entry.spelt)
    if folded in known["capital_only"] and length > 1:
        return False  # « la réunion » is a meeting; « La Réunion » is found by its second word
    if entry.spelt.isupper() or folded in known["capital_only"]:
        return is_written_as(entry, word, length) or (folded in known["typed_small"] and word.islower())
    return True


def _is_first_name(owner: _Owner, words: Sequence[Word], taken: Sequence[_Place]) -> bool:
    """Whether a country's name is somebody's: Jordan Bardella, but not "of Jordan", nor "Jordan Foreign Minister"."""
    at = next((at for at, word in enumerate(words) if word.start == owner.start), None)
    if at is None or at + 1 == len(words) or words[at].folded not in table("offices")["countries"]["given_names"]:
        return False
    following = words[at + 1]
    of = bool(at) and words[at - 1].folded in lexicon.OF | lexicon.ARTICLES
    return following.is_cap and not (of or _is_within(following, taken))


def _bodies_among(words: Sequence[Word], owners: Sequence[_Owner]) -> frozenset[str]:
    """The bodies that may go unsaid among the words, by one word or by their full names."""
    rows = _body_rows()
    named = frozenset(body for word in words if (body := _body(word)))
    return named.union(rows[key] for one in owners for key in one.keys if key in rows)


def _body(word: Word) -> str:
    """The body that a word stands for; "un" and "who" only in capitals."""
    spelt = word.folded.removesuffix("'s")
    return _bodies().get(spelt, "") if word.text.isupper() or not is_stop_word(spelt, None) else ""


@cache
def _bodies() -> dict[str, str]:
    """The words for each body."""
    return {word: body for body, words in table("offices")["bodies"].items() for word in words}


@cache
def _body_rows() -> dict[str, str]:
    """The keys of the same bodies in the table of organisations."""
    listed = enumerate(rows("organisations"))
    named = (
        (f"organisations:{number}", set(row["english"]) & table("offices")["bodies"].keys()) for number, row in listed
    )
    return {key: body for key, bodies in named for body in bodies}


def _gender(words: list[Word]) -> str:
    first = words[0].folded if words else ""
    return "m" if first in {"m", "mr", "sir", "lord"} else "f" if first in {"mme", "mrs", "ms", "dame", "lady"} else ""


_IN_A_NAME = re.compile(r"\s+(?>(?:van|von|der|de la|de|du|di|da|den|ter|le|la|bin|al)\s+)*")


def _name(left: list[Word], looked_up: str, *, offices: bool) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words of the person's name, and the other words; without an office all are the name."""
    content = [word for word in left if word.folded not in _SMALL and word.folded not in lexicon.TITLES]
    if not offices:
        return tuple(word.folded.removesuffix("'s") for word in content), frozenset()
    runs: list[list[Word]] = []
    for word in content:
        between = looked_up[runs[-1][-1].end : word.start] if runs else ""
        body = word.folded in lexicon.BODIES or (runs and runs[-1][-1].folded in lexicon.BODIES)
        if runs and not body and _IN_A_NAME.fullmatch(between):
            runs[-1].append(word)
        else:
            runs.append([word])
    names = [run for run in runs if all(word.is_cap for word in run) and not _is_governed(run, looked_up)]
    name = names[-1] if names else []
    rest = frozenset(word.folded.removesuffix("'s") for run in runs if run is not name for word in run)
    return tuple(word.folded for word in name), rest


def _is_governed(run: list[Word], looked_up: str) -> bool:
    """Whether a run of capitals is what the office is of: « président de la Confédération », not a person."""
    return len(run) < 3 and bool(
        re.search(r"(?:\b(?:of|for|de|du|des|at|au|aux|the|la|le|les)\s|\b[dl]'|&\s)\s*$", looked_up[: run[0].start])
    )
