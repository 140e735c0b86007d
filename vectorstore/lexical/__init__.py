"""Passages by the words they share with a question: SQLite's or PostgreSQL's full text, tantivy's index."""

from __future__ import annotations

from vectorstore.lexical.engine import WordEngine, words_in
from vectorstore.lexical.inverted import Entry, InvertedIndex, InvertedIndexes
from vectorstore.lexical.scores import Scored
from vectorstore.lexical.search import LexicalSearch

__all__ = ["Entry", "InvertedIndex", "InvertedIndexes", "LexicalSearch", "Scored", "WordEngine", "words_in"]
