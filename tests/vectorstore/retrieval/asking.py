"""How the tests of lexical search ask for words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectorstore.retrieval.lexical import LexicalSearch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vectorstore.retrieval.full_text import Scored
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter


def scored(
    store: PassageStore, question: str, where: Filter | None = None, limit: int = 10, also: Sequence[int] = ()
) -> Scored:
    """What the words of an English question find."""
    allowed = store.backends.catalogue.passages.matching(where) if where else None
    parts = store.backends
    search = LexicalSearch(parts.catalogue, parts.full_text, parts.words)
    return search.scored(question, "en", limit=limit, allowed=allowed, also=lambda: also)


def numbers(store: PassageStore, question: str, where: Filter | None = None, limit: int = 10) -> list[int]:
    """The numbers of the passages found, best first."""
    return [number for number, _ in scored(store, question, where, limit).ranked]


def found(store: PassageStore, question: str, where: Filter | None = None, limit: int = 10) -> list[str]:
    """Their texts, best first."""
    details = store.backends.catalogue.passages.by_number(numbers(store, question, where, limit))
    return [passage.text for passage, _ in details.values()]
