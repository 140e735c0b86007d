"""Texts and details beside the vectors of a folder, written straight into the tables of the Chroma that made it.

Chroma 1.5.9 takes 6.3 s of one processor for 5,000 passages of 600 characters, of which the vectors are 1.3; what it
does row by row for the rest takes 0.9 when it is written as it stands, many rows at once.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

_DOCUMENT = "chroma:document"  # the key under which Chroma keeps a text among the details
_WORDS = "CREATE VIRTUAL TABLE embedding_fulltext_search USING fts5(string_value, tokenize='trigram')"
_ROOM = 64 << 20  # bytes of words that FTS5 keeps in memory before it writes them; 1 MiB is usual


class Details:
    """The tables of one folder, in which the rows that Chroma has just taken get their texts and details."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "chroma.sqlite3", isolation_level=None, timeout=60)
        self._last = 0

    def __enter__(self) -> Details:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def can_be_written(self) -> bool:
        """Whether the tables are those that we know, and the SQLite of this process can write them."""
        try:
            kept = self._connection.execute(
                "SELECT sql FROM sqlite_master WHERE name = 'embedding_fulltext_search'"
            ).fetchone()
            self._connection.execute("SELECT id, key, string_value, int_value FROM embedding_metadata LIMIT 0")
            self._connection.execute("SELECT id, segment_id, embedding_id FROM embeddings LIMIT 0")
            self._connection.execute("SELECT rowid, string_value FROM embedding_fulltext_search LIMIT 0")
        except sqlite3.Error:
            return False
        return bool(kept == (_WORDS,))

    def begin(self) -> None:
        """Note which rows are there before Chroma takes the next ones."""
        self._last = self._connection.execute("SELECT coalesce(max(id), 0) FROM embeddings").fetchone()[0]

    def write(self, ids: Sequence[str], texts: Sequence[str], details: Sequence[Mapping[str, str | int]]) -> None:
        """Write what belongs to the rows that Chroma has taken since `begin`: a text and details for each of these ids.

        Raises sqlite3.Error, also where Chroma had one of them before.
        """
        numbers = dict(self._connection.execute("SELECT embedding_id, id FROM embeddings WHERE id > ?", (self._last,)))
        if not numbers.keys() >= set(ids):
            raise sqlite3.IntegrityError("some of the rows were there before")
        documents = [(numbers[id_], text) for id_, text in zip(ids, texts, strict=True)]
        described = [
            (numbers[id_], key, None if isinstance(value, int) else value, value if isinstance(value, int) else None)
            for id_, named in zip(ids, details, strict=True)
            for key, value in named.items()
        ]
        described += [(number, _DOCUMENT, text, None) for number, text in documents]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(
            "INSERT INTO embedding_fulltext_search (embedding_fulltext_search, rank) VALUES ('hashsize', ?)", (_ROOM,)
        )
        self._connection.executemany(
            "INSERT INTO embedding_metadata (id, key, string_value, int_value) VALUES (?, ?, ?, ?)", described
        )
        self._connection.executemany(
            "INSERT INTO embedding_fulltext_search (rowid, string_value) VALUES (?, ?)", documents
        )
        self._connection.execute("COMMIT")
