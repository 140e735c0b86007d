"""Passages by the words they share with a question: SQLite's full text, and tantivy's index of large stores."""

from __future__ import annotations

from vectorstore.lexical.full_text import Scored, add, drop
from vectorstore.lexical.inverted import Entry, InvertedIndex, InvertedIndexes
from vectorstore.lexical.search import LexicalSearch

__all__ = ["Entry", "InvertedIndex", "InvertedIndexes", "LexicalSearch", "Scored", "add", "drop"]
