"""The lexical half of a search: the database's full text, or tantivy for what its index holds.

A word of the question that no text holds is looked for under those that are spelt nearly like it.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from vectorstore.catalogue.releases import marks
from vectorstore.errors import LexicalIndexError
from vectorstore.indexes.tantivy import InvertedIndex
from vectorstore.retrieval import full_text
from vectorstore.retrieval.full_text import DEEPER, Scored, with_releases
from vectorstore.text.words import query_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from vectorstore.catalogue import Catalogue, Connection, Engine
    from vectorstore.catalogue.passages import Allowed
    from vectorstore.indexes.tantivy import InvertedIndexes
    from vectorstore.retrieval.full_text import IndexedFields

log = logging.getLogger(__name__)

_MARGIN = 2.0  # how much more than its share is asked of the index where what is allowed is held against it
_DEEPEST = 4_000  # passages to ask of it at the most: beyond that the full text is as fast


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


@dataclass(eq=False)
class LexicalSearch:
    """Finds the passages that share words with a question, in step with what other processes write."""

    catalogue: Catalogue
    full_text: WordEngine
    indexes: InvertedIndexes
    _index: InvertedIndex | None = None
    _unusable: str | None = None  # the name of an index that could not be opened: it is not tried again
    _swapping: threading.Lock = field(default_factory=threading.Lock)

    def scored(
        self,
        question: str,
        language: str | None,
        *,
        limit: int,
        allowed: Allowed | None = None,
        also: Callable[[], Sequence[int]] = tuple,
    ) -> Scored:
        """The `limit` passages whose words fit best among those allowed (None: all), and the scores of others.

        A score is the mean of the passage's BM25 and its release's: what the passage leaves unsaid, its neighbours say.
        A question without words finds nothing. Which the others are is asked late, as they may still be looked for.
        Call it inside a snapshot.
        """
        connection, index = self.catalogue.connection, self._open()
        up_to = int(self.catalogue.meta("words_up_to") or 0)
        holds_all = index is not None and self.catalogue.passages.extent().last <= up_to
        words = query_words(question, language)
        near = self._near(words, index, holds_all=holds_all)
        forms = list(dict.fromkeys(form for forms in words for form in (*forms, *near.get(forms[0], ()))))
        found = self._from(index, forms, limit=limit, allowed=allowed, also=also, up_to=up_to) if index else None
        if found is None:
            return self.full_text.scored(connection, forms, limit=limit, allowed=allowed, also=also())
        if holds_all:
            return found
        tail = full_text.scored(connection, forms, limit=limit, allowed=allowed, also=also(), above=up_to)
        ranked = sorted(found.ranked + tail.ranked, key=lambda hit: (-hit[1], hit[0]))[:limit]
        return Scored(ranked, found.others | tail.others, found.versions | tail.versions)

    def mentioning(self, texts: Iterable[str], language: str | None) -> set[int]:
        """The rows of the versions, old ones among them, that hold all words of one of the texts; none of no words."""
        sought = (words for text in texts if (words := query_words(text, language)))
        return set[int]().union(*map(self._holders, sought))

    def _holders(self, words: Sequence[Sequence[str]]) -> set[int]:
        found = self.full_text.holders(self.catalogue.connection, words)
        index = self._open()
        return found if index is None else found | index.holders(words)

    def misspelt(self, words: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """What was probably meant by the words, given by their forms, that no text holds; see `meant`."""
        index = self._open()
        up_to = int(self.catalogue.meta("words_up_to") or 0)
        return self._near(words, index, holds_all=self.catalogue.passages.extent().last <= up_to)

    def _near(
        self, words: Sequence[Sequence[str]], index: InvertedIndex | None, *, holds_all: bool
    ) -> dict[str, tuple[str, ...]]:
        known, beginning = (index.holds, index.beginning if holds_all else None) if index else (None, None)
        return meant(self.catalogue.connection, words, known=known, beginning=beginning)

    def _open(self) -> InvertedIndex | None:
        """The index that the catalogue names; None where it names none, as of a small store, or a damaged one."""
        name = self.catalogue.meta("words_index")
        if not name:
            return None
        with self._swapping:
            if name == self._unusable:
                return None
            if self._index is None or self._index.name != name:
                try:
                    self._index = self.indexes.open(name)
                except LexicalIndexError as exc:
                    self._unusable = name
                    log.warning("%s; searching in SQLite instead until `communique status --repair` mends it", exc)
                    return None
            return self._index

    def _from(
        self,
        index: InvertedIndex,
        forms: Sequence[str],
        *,
        limit: int,
        allowed: Allowed | None,
        also: Callable[[], Sequence[int]],
        up_to: int,
    ) -> Scored | None:
        """What the index gives; None where it would have to be read too deep for what is allowed."""
        passages = self.catalogue.passages
        wanted = limit * DEEPER + passages.extent().dropped  # which may be among the best
        ranked = _ranked(index, forms, wanted, allowed, self._share(allowed))
        if ranked is None:
            return None
        versions = passages.versions_of(ranked)  # without those dropped since the index was built
        whole = index.of_releases(forms, set(versions.values()))
        asked = [number for number in also() if number <= up_to]
        others = [number for number in asked if number not in ranked]
        scores = index.of_passages(forms, others)
        theirs = passages.versions_of(others)
        whole |= index.of_releases(forms, {theirs[n] for n in scores if n in theirs}.difference(versions.values()))
        return with_releases(ranked | scores, versions | theirs, whole, ranked=ranked, limit=limit, also=asked)

    def _share(self, allowed: Allowed | None) -> float:
        """How much of the store is allowed, where the index does not know that by itself; else 1."""
        if allowed is None or InvertedIndex.knows(allowed.where):
            return 1.0
        return len(allowed.numbers) / max(self.catalogue.passages.extent().count, 1)


def _ranked(
    index: InvertedIndex, forms: Sequence[str], wanted: int, allowed: Allowed | None, share: float
) -> dict[int, float] | None:
    """The best passages that are allowed: by the index's own filter, or held against what it gives without."""
    if allowed is None or index.knows(allowed.where):
        return dict(index.best(forms, wanted, None if allowed is None else allowed.where))
    deep = int(_MARGIN * wanted / share) if share else 0
    if deep > _DEEPEST:
        return None
    given = index.best(forms, deep, allowed.where)
    inside = allowed.holds([number for number, _ in given]).tolist()
    kept = [one for one, is_inside in zip(given, inside, strict=True) if is_inside]
    if len(kept) < wanted and len(given) == deep:  # the question is about what is not allowed
        return None
    return dict(kept[:wanted])


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
    `beginning` gives all terms that begin with a letter. Each term, and how many
    passages hold it, is read from `vocabulary`, which `SqliteFile.connect` and the tables of PostgreSQL have.
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
