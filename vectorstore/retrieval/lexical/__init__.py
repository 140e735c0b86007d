"""Passages by the words they share with a question: SQLite's or PostgreSQL's full text."""

from __future__ import annotations

from vectorstore.retrieval.lexical.engine import WordEngine, words_in
from vectorstore.retrieval.lexical.scores import Fields, IndexedFields, Scored, fields_of
from vectorstore.retrieval.lexical.search import LexicalSearch

__all__ = ["Fields", "IndexedFields", "LexicalSearch", "Scored", "WordEngine", "fields_of", "words_in"]
