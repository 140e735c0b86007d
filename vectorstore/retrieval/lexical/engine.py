"""What is asked of a database's full text and what it gives: words as they are indexed, scores, words spelt otherwise.

SQLite's and PostgreSQL's full text answer it, each in a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from vectorstore.catalogue import marks
from vectorstore.text.calendar import month_names
from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime

    from vectorstore.catalogue.engine import Connection, Engine
    from vectorstore.retrieval.candidates import Allowed
    from vectorstore.types import Passage, Release, StoredRelease


class WordEngine(Protocol):
    """A module that finds passages by words, within the catalogue's transactions and snapshots."""

    def add(self, connection: Connection, engine: Engine, releases: Sequence[IndexedFields]) -> None:
        """Index releases with their passages, under numbers that nothing is indexed under yet."""
        ...

    def drop(self, connection: Connection, numbers: Sequence[int]) -> None:
        """Forget passages and the releases that they stand in, while the catalogue still knows them."""
        ...

    def clear(self, connection: Connection) -> None:
        """Forget all there is."""
        ...

    def forms(self, connection: Connection, question: str, language: str | None) -> list[str]:
        """The forms of a question's words, each once, with those that a misspelt one was meant to be."""
        ...

    def holders(self, connection: Connection, words: Sequence[Sequence[str]]) -> set[int]:
        """The rows of the versions that hold each of the words in one of its forms."""
        ...

    def scored(
        self,
        connection: Connection,
        forms: Sequence[str],
        *,
        limit: int,
        allowed: Allowed | None = None,
        also: Sequence[int] = (),
    ) -> Scored:
        """The `limit` passages that fit the forms best among those allowed (None: all), and the scores of others."""
        ...


DEEPER = 4  # times as many passages are looked at before their releases' words reorder them


@dataclass(frozen=True, slots=True)
class Scored:
    """Passage numbers with their scores, 0 or more: those that the words rank first, and others asked for by number.

    `ranked` is best first. An asked-for passage that shares no word with the question is missing in `others`.
    `versions` gives the row of the version that each of these and others stands in, as far as it was looked up.
    """

    ranked: list[tuple[int, float]]
    others: dict[int, float]
    versions: dict[int, int] = field(compare=False)


def with_releases(
    found: dict[int, float],
    versions: dict[int, int],
    whole: dict[int, float],
    *,
    ranked: Collection[int],
    limit: int,
    also: Sequence[int],
) -> Scored:
    """What was found, each with its release: `versions` says in which row that stands, `whole` the scores of rows.

    A passage that stands in none is left out.
    """
    totals = {
        number: (max(score, 0.0) + max(whole.get(versions[number], 0.0), 0.0)) / 2
        for number, score in found.items()
        if number in versions
    }
    best = sorted((-totals[number], number) for number in ranked if number in totals)[:limit]
    return Scored([(number, -score) for score, number in best], {n: totals[n] for n in also if n in totals}, versions)


@dataclass(frozen=True, slots=True)
class Fields:
    """Words with spaces between; `texts` are the passages', `whole` is that of the release."""

    title: str
    lead: str
    date: str
    texts: tuple[str, ...]
    whole: str


@dataclass(frozen=True, slots=True)
class IndexedFields:
    """The words of a release under the number of its version, those of its passages under `numbers`, in order."""

    row: int
    numbers: Sequence[int]
    fields: Fields


def fields_of(release: Release | StoredRelease, passages: Sequence[Passage]) -> Fields:
    """Cut a release and its passages into the words that they are found by."""
    texts = tuple(_words(passage.text, release.language) for passage in passages)
    return Fields(
        title=_words(release.title, release.language),
        lead=_words(release.lead or "", release.language),
        date=_words(_spoken(release.published), release.language),
        texts=texts,
        whole=" ".join(texts) if _cover(release.text, passages) else _words(release.text, release.language),
    )


def _words(text: str, language: str | None) -> str:
    return " ".join(index_words(text, language))


def _cover(text: str, passages: Sequence[Passage]) -> bool:
    """Whether the passages hold all of a text, each part once, so that their words are its words."""
    reached = 0
    for passage in passages:
        if passage.start < reached or text[reached : passage.start].strip():
            return False
        reached = passage.end
    return not text[reached:].strip()


def _spoken(published: datetime | None) -> str:
    """A date as people would type it, in both languages."""
    if published is None:
        return ""
    months = " ".join(month_names(language)[published.month - 1] for language in ("en", "fr"))
    return f"{published:%Y-%m-%d} {published.day} {months} {published.year}"


Counts: TypeAlias = "Iterable[tuple[str, int]]"
"""Terms, and how many passages hold each."""

_SHORTEST = 5  # letters of a form that may be a misspelling
_LONG = 8
_AT_MOST = 3  # forms taken for one word


def meant(
    connection: Connection,
    words: Collection[Sequence[str]],
    *,
    known: Callable[[str], bool] | None = None,
    beginning: Callable[[str], Counts] | None = None,
) -> dict[str, tuple[str, ...]]:
    """For each word of which no form is indexed the forms that were probably meant, nearest and commonest first.

    A word is looked up by its form. Where no indexed text holds it, the nearest forms are taken: those at a
    Damerau-Levenshtein distance (optimal string alignment) of 1, or of 2 from eight letters on, that begin with the
    same letter. Numbers, acronyms and short words are left alone: 2019 is not 2018, and "IAEA" is not "IDEA".

    `words` are as `query_words` gives them, the forms of each; the key is a word's first form. Words that are indexed,
    or that nothing is near to, are missing. `known` tells of most forms that they are indexed, and may miss some;
    `beginning` gives all terms that begin with a letter. `vocabulary` must be readable: each term, and how many
    passages hold it.
    """
    found: dict[str, tuple[str, ...]] = {}
    doubtful = [forms for forms in words if len(forms[0]) >= _SHORTEST and forms[0].isalpha()]
    if known is not None:
        doubtful = [forms for forms in doubtful if not any(known(form) for form in forms)]
    listed = [form for forms in doubtful for form in forms]
    query = f"SELECT term FROM vocabulary WHERE term IN ({marks(len(listed))})"
    held = {term for (term,) in connection.execute(query, listed)} if listed else set[str]()
    for forms in doubtful:
        form = forms[0]
        if held.isdisjoint(forms) and (near := _nearest(connection, form, beginning)):
            found[form] = near
    return found


def _nearest(connection: Connection, form: str, beginning: Callable[[str], Counts] | None) -> tuple[str, ...]:
    allowed = 2 if len(form) >= _LONG else 1
    shortest, longest = len(form) - allowed, len(form) + allowed
    rows = beginning(form[0]) if beginning else _beginning(connection, form[0], shortest, longest)
    common = {term: count for term, count in rows if shortest <= len(term) <= longest and term.isalpha()}
    near = process.extract(form, list(common), scorer=OSA.distance, score_cutoff=allowed, limit=None)
    best = min((distance for _, distance, _ in near), default=0)
    closest = [term for term, distance, _ in near if distance == best]
    return tuple(sorted(closest, key=lambda term: (-common[term], term))[:_AT_MOST])


def _beginning(connection: Connection, letter: str, shortest: int, longest: int) -> Counts:
    query = "SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?"
    return connection.execute(query, (letter, chr(ord(letter) + 1), shortest, longest))
