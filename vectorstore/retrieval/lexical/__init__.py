"""Passages by the words they share with a question: SQLite's or PostgreSQL's full text."""

from __future__ import annotations

from vectorstore.retrieval.lexical.engine import Fields, IndexedFields, Scored, WordEngine, fields_of
from vectorstore.retrieval.lexical.search import LexicalSearch, words_in

__all__ = ["Fields", "IndexedFields", "LexicalSearch", "Scored", "WordEngine", "fields_of", "words_in"]
