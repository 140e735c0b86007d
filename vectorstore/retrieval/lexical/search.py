"""The lexical half of a search: the database's full text, or tantivy for what its index holds."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vectorstore.errors import LexicalIndexError
from vectorstore.indexes.tantivy import InvertedIndex
from vectorstore.retrieval.lexical import full_text, postgres_text
from vectorstore.retrieval.lexical.engine import DEEPER, Scored, with_releases

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vectorstore.catalogue import Catalogue
    from vectorstore.indexes.tantivy import InvertedIndexes
    from vectorstore.retrieval.candidates import Allowed
    from vectorstore.retrieval.lexical.engine import WordEngine

log = logging.getLogger(__name__)

_MARGIN = 2.0  # how much more than its share is asked of the index where what is allowed is held against it
_DEEPEST = 4_000  # passages to ask of it at the most: beyond that the full text is as fast


def words_in(catalogue: Catalogue) -> WordEngine:
    """The full text of the database that holds a catalogue."""
    return postgres_text if catalogue.engine.shared else full_text


@dataclass(eq=False)
class LexicalSearch:
    """Finds the passages that share words with a question, in step with what other processes write."""

    catalogue: Catalogue
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
        connection = self.catalogue.connection
        index = self._open()
        if index is None:
            words = words_in(self.catalogue)
            forms = words.forms(connection, question, language)
            return words.scored(connection, forms, limit=limit, allowed=allowed, also=also())
        up_to = int(self.catalogue.meta("words_up_to") or 0)
        holds_all = self.catalogue.passages.extent().last <= up_to
        beginning = index.beginning if holds_all else None
        forms = full_text.forms(connection, question, language, known=index.holds, beginning=beginning)
        found = self._from(index, forms, limit=limit, allowed=allowed, also=also, up_to=up_to)
        if found is None:
            return full_text.scored(connection, forms, limit=limit, allowed=allowed, also=also())
        if holds_all:
            return found
        tail = full_text.scored(connection, forms, limit=limit, allowed=allowed, also=also(), above=up_to)
        ranked = sorted(found.ranked + tail.ranked, key=lambda hit: (-hit[1], hit[0]))[:limit]
        return Scored(ranked, found.others | tail.others, found.versions | tail.versions)

    def holders(self, words: Sequence[Sequence[str]]) -> set[int]:
        """The rows of the versions that hold each of the words in one of its forms, old versions among them."""
        found = words_in(self.catalogue).holders(self.catalogue.connection, words)
        index = self._open()
        return found if index is None else found | index.holders(words)

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
        return len(allowed) / max(self.catalogue.passages.extent().count, 1)


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
