"""The lexical half of a search: the database's full text, or tantivy for what its index holds."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from vectorstore.catalogue import listed
from vectorstore.errors import LexicalIndexError
from vectorstore.retrieval.lexical import full_text
from vectorstore.retrieval.lexical.engine import words_in
from vectorstore.retrieval.lexical.scores import DEEPER, Scored, with_releases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vectorstore.catalogue import Catalogue
    from vectorstore.indexes.tantivy import InvertedIndex, InvertedIndexes
    from vectorstore.retrieval.candidates import Allowed
    from vectorstore.types import Filter

log = logging.getLogger(__name__)


class LexicalSearch:
    """Finds the passages that share words with a question, in step with what other processes write."""

    def __init__(self, catalogue: Catalogue, indexes: InvertedIndexes) -> None:
        self._catalogue = catalogue
        self._engine = words_in(catalogue)
        self._indexes = indexes
        self._index: InvertedIndex | None = None
        self._unusable: str | None = None  # the name of an index that could not be opened: it is not tried again
        self._swapping = threading.Lock()

    def scored(
        self,
        question: str,
        language: str | None,
        *,
        limit: int,
        allowed: Allowed | None = None,
        also: Sequence[int] = (),
    ) -> Scored:
        """The `limit` passages whose words fit best among those allowed (None: all), and the scores of others.

        A score is the mean of the passage's BM25 and its release's: what the passage leaves unsaid, its neighbours say.
        A question without words finds nothing. Call it inside a snapshot.
        """
        connection = self._catalogue.connection
        index = self._open()
        if index is None:
            forms = self._engine.forms(connection, question, language)
            return self._engine.scored(connection, forms, limit=limit, allowed=allowed, also=also)
        forms = full_text.forms(connection, question, language, known=index.holds)
        up_to = int(self._catalogue.meta("words_up_to") or 0)
        inside = [number for number in also if number <= up_to]
        found = self._from(index, forms, limit=limit, where=None if allowed is None else allowed.where, also=inside)
        (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM passages").fetchone()
        if last <= up_to:
            return found
        tail = full_text.scored(connection, forms, limit=limit, allowed=allowed, also=also, above=up_to)
        ranked = sorted(found.ranked + tail.ranked, key=lambda hit: (-hit[1], hit[0]))[:limit]
        return Scored(ranked, found.others | tail.others)

    def holders(self, words: Sequence[Sequence[str]]) -> set[int]:
        """The rows of the versions that hold each of the words in one of its forms, old versions among them."""
        found = self._engine.holders(self._catalogue.connection, words)
        index = self._open()
        return found if index is None else found | index.holders(words)

    def _open(self) -> InvertedIndex | None:
        """The index that the catalogue names; None where it names none, as of a small store, or a damaged one."""
        name = self._catalogue.meta("words_index")
        if not name:
            return None
        with self._swapping:
            if name == self._unusable:
                return None
            if self._index is None or self._index.name != name:
                try:
                    self._index = self._indexes.open(name)
                except LexicalIndexError as exc:
                    self._unusable = name
                    log.warning("%s; searching in SQLite instead until `communique status --repair` mends it", exc)
                    return None
            return self._index

    def _from(
        self, index: InvertedIndex, forms: Sequence[str], *, limit: int, where: Filter | None, also: Sequence[int]
    ) -> Scored:
        connection = self._catalogue.connection
        (dropped,) = connection.execute("SELECT count(*) FROM dropped").fetchone()  # may be among the best
        ranked = dict(index.best(forms, limit * DEEPER + dropped, where))
        found = ranked | index.of_passages(forms, [number for number in also if number not in ranked])
        query = f"SELECT number, version FROM passages WHERE number IN ({listed(found)})"
        versions = dict(connection.execute(query))  # without those dropped since the index was built
        whole = index.of_releases(forms, set(versions.values()))
        return with_releases(found, versions, whole, ranked=ranked, limit=limit, also=also)
