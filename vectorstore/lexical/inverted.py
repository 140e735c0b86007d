"""Inverted indexes of tantivy, derived from the full text in the catalogue, in folders.

Like the vector index, each is built aside and then named in the catalogue; from then on nobody writes it. A folder that
is not named there is an unfinished or outlived one. Tantivy looks at its files as it opens them: a torn one is told.
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from typing import TYPE_CHECKING, Any, cast

from vectorstore.errors import LexicalIndexError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    import tantivy

_MEMORY = 50_000_000  # bytes that a writer gathers before it writes a segment
_PARTS = ("passages", "releases")


class InvertedIndex:
    """A published index, open for search. A score is BM25 with k1 = 1.2 and b = 0.75, above 0."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        with _said_plainly(folder):
            self._passages, self._releases = (_open(folder / part).searcher() for part in _PARTS)

    def best(self, forms: Collection[str], limit: int, among: Collection[int] | None = None) -> list[tuple[int, float]]:
        """The `limit` passages of those `among` (None: all) that fit the forms best, with their scores, best first."""
        return _best(self._passages, forms, limit, among)

    def of_releases(self, forms: Collection[str], versions: Collection[int]) -> dict[int, float]:
        """The scores of whole releases by the rows of their versions; those that share no word are missing."""
        return dict(_best(self._releases, forms, len(versions), versions))


class InvertedIndexes:
    """The indexes of one store, each a folder under `path`; `beyond` so many passages a store has one."""

    def __init__(self, path: Path, *, beyond: int) -> None:
        self._path = path
        self.beyond = beyond

    def open(self, name: str) -> InvertedIndex:
        """Open a published index. Raises LexicalIndexError where it is gone or damaged."""
        return InvertedIndex(self._path / name)

    def build(
        self,
        base: str | None,
        dropped: Collection[str],
        passages: Iterable[tuple[str, int, str]],
        releases: Iterable[tuple[str, int, str]],
    ) -> str:
        """Make the next index: that named `base`, without what has an id in `dropped`, with what is given; its name.

        Each row is an id, a number and words with spaces between: a passage's, and a release's under the id of its
        first passage and the row of its version. Raises LexicalIndexError where it cannot be read or written.
        """
        folder = self._path / uuid.uuid4().hex[:12]
        with _said_plainly(folder):
            for part, rows in zip(_PARTS, (passages, releases), strict=True):
                if base is None:
                    (folder / part).mkdir(parents=True)
                else:
                    shutil.copytree(self._path / base / part, folder / part)
                _write(_open(folder / part), dropped, rows)
        return folder.name

    def clear(self, keep: Collection[str]) -> None:
        """Remove every folder but those to keep."""
        for folder in self._path.iterdir() if self._path.is_dir() else ():
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)


def _open(folder: Path) -> tantivy.Index:
    """Open the index in a folder, or make one there."""
    import tantivy

    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer("spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def _schema() -> tantivy.Schema:
    import tantivy

    fields = tantivy.SchemaBuilder()
    fields.add_text_field("id", tokenizer_name="raw", index_option="basic")
    fields.add_integer_field("number", indexed=True, fast=True)
    fields.add_text_field("words", tokenizer_name="spaces", index_option="freq")
    return fields.build()


def _write(index: tantivy.Index, dropped: Iterable[str], rows: Iterable[tuple[str, int, str]]) -> None:
    import tantivy

    writer = index.writer(_MEMORY, 1)
    for identity in dropped:
        writer.delete_documents_by_term("id", identity)
    for identity, number, words in rows:
        given: dict[str, Any] = {"id": identity, "number": number, "words": words}
        writer.add_document(tantivy.Document(**given))
    writer.commit()
    writer.wait_merging_threads()


def _best(
    searcher: tantivy.Searcher, forms: Collection[str], limit: int, among: Collection[int] | None
) -> list[tuple[int, float]]:
    from tantivy import Occur, Query

    if not limit:
        return []
    schema = _schema()
    query = Query.boolean_query(
        [(Occur.Should, Query.term_query(schema, "words", form, "freq")) for form in dict.fromkeys(forms)]
    )
    if among is not None:
        these = Query.const_score_query(Query.term_set_query(schema, "number", list(among)), 0.0)
        query = Query.boolean_query([(Occur.Must, these), (Occur.Must, query)])
    hits = searcher.search(query, limit, count=False).hits
    numbers = cast("list[int]", searcher.fast_field_values("number", [address for _, address in hits]))
    return list(zip(numbers, cast("list[float]", [score for score, _ in hits]), strict=True))


@contextlib.contextmanager
def _said_plainly(folder: Path) -> Iterator[None]:
    """Turn what tantivy raises into LexicalIndexError."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as exc:
        raise LexicalIndexError(folder, " ".join(str(exc).split())) from exc
