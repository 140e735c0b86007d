"""What is asked of a database's full text: SQLite's and PostgreSQL's give it, each in a module of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vectorstore.retrieval.lexical import full_text, postgres_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vectorstore.catalogue import Catalogue
    from vectorstore.catalogue.engine import Connection, Engine
    from vectorstore.retrieval.candidates import Allowed
    from vectorstore.retrieval.lexical.scores import IndexedFields, Scored


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


def words_in(catalogue: Catalogue) -> WordEngine:
    """The full text of the database that holds a catalogue."""
    return postgres_text if catalogue.engine.shared else full_text
