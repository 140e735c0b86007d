"""Inverted indexes of tantivy, derived from the full text in the catalogue, in folders.

Like the vector index, each is built aside and then named in the catalogue; from then on nobody writes it. A folder that
is not named there is an unfinished or outlived one. Tantivy looks at its files as it opens them: a torn one is told.
"""

from __future__ import annotations

import contextlib
import operator
import shutil
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from vectorstore.errors import LexicalIndexError
from vectorstore.home import make_private

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    import tantivy

    from vectorstore.types import Filter

_ATTEMPTS = 3
_REMEMBERED = 1 << 14  # forms of which it is known whether they are held
_MEMORY = 50_000_000  # bytes that a writer gathers before it writes a segment
_PARTS = ("passages", "releases")
_NAMES = ("language", "publisher", "release")
_FIELDS = ("id", "number", "words", *_NAMES, "published")
_values = operator.attrgetter(*_FIELDS)


@dataclass(frozen=True, slots=True)
class IndexedText:
    """What is indexed of a passage, or of a release: an id, a number, words with spaces between.

    The rest is what filters look at; `published` is in seconds since 1970.
    """

    id: str
    number: int
    words: str
    language: str | None
    publisher: str | None
    release: str
    published: int | None


class InvertedIndex:
    """A published index, open for search. A score is BM25 with k1 = 1.2 and b = 0.75, above 0."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        with _said_plainly(folder):
            self._passages, self._releases = (_open(folder / part).searcher() for part in _PARTS)
        self._held: dict[str, bool] = {}

    def best(self, forms: Collection[str], limit: int, where: Filter | None = None) -> list[tuple[int, float]]:
        """The `limit` passages that fit the forms best among those of `where`, with their scores, best first.

        It knows nothing of sources: a scope that names some lets everything through here. See `knows`.
        """
        return _best(self._passages, forms, limit, _let_through(where) if where else None)

    @staticmethod
    def knows(where: Filter) -> bool:
        """Whether everything that a filter looks at is indexed."""
        return not any(scope.sources for scope in where.scopes)

    def of_passages(self, forms: Collection[str], numbers: Collection[int]) -> dict[int, float]:
        """The scores of passages by their numbers; those that share no word are missing."""
        return dict(_best(self._passages, forms, len(numbers), _one_of("number", numbers)))

    def of_releases(self, forms: Collection[str], versions: Collection[int]) -> dict[int, float]:
        """The scores of whole releases by the rows of their versions; those that share no word are missing."""
        return dict(_best(self._releases, forms, len(versions), _one_of("number", versions)))

    def holders(self, words: Collection[Collection[str]]) -> set[int]:
        """The rows of the versions that hold each of the words in one of its forms."""
        from tantivy import Occur, Query

        query = Query.boolean_query([(Occur.Must, _one_of("words", forms, "freq")) for forms in words])
        hits = self._releases.search(query, max(self._releases.num_docs, 1), count=False).hits
        return set(cast("list[int]", self._releases.fast_field_values("number", [place for _, place in hits])))

    def holds(self, form: str) -> bool:
        """Whether any passage holds a form."""
        known = self._held.get(form)
        if known is None:  # tantivy takes 70 microseconds, and most words of questions come again
            if len(self._held) >= _REMEMBERED:
                self._held.clear()
            known = self._held[form] = self._passages.doc_freq("words", form) > 0
        return known

    def beginning(self, letters: str) -> list[tuple[str, int]]:
        """Every form that begins with some letters, and how many passages hold it, those taken out since included."""
        return self._passages.terms_with_prefix("words", letters)


@dataclass(eq=False)
class InvertedIndexes:
    """The indexes of one store, each a folder under `path`; `beyond` so many passages a store has one."""

    path: Path
    beyond: int

    def open(self, name: str) -> InvertedIndex:
        """Open a published index. Raises LexicalIndexError where it is gone or damaged."""
        return InvertedIndex(self.path / name)

    def build(
        self,
        base: str | None,
        dropped: Collection[str],
        passages: Iterable[IndexedText],
        releases: Iterable[IndexedText],
    ) -> str:
        """Make the next index: that named `base`, without what has an id in `dropped`, with what is given; its name.

        Releases come under the id of their first passage and the row of their version. Raises LexicalIndexError where
        it cannot be read or written; then nothing is left of it.
        """
        folder = self.path / uuid.uuid4().hex[:12]
        with _said_plainly(folder), contextlib.ExitStack() as undo:
            undo.callback(_remove, folder)
            make_private(self.path)
            for part, entries in zip(_PARTS, (passages, releases), strict=True):
                if base is None:
                    (folder / part).mkdir(parents=True)
                else:
                    shutil.copytree(self.path / base / part, folder / part)
                _write(_open(folder / part), dropped, entries)
            undo.pop_all()
        return folder.name

    def clear(self, keep: Collection[str]) -> None:
        """Remove every folder but those to keep."""
        for folder in list(self.path.iterdir()) if self.path.is_dir() else ():
            if folder.name not in keep:
                _remove(folder)


def _remove(folder: Path) -> None:
    for _ in range(_ATTEMPTS):  # a thread may put a file there meanwhile
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
    for name in _NAMES:
        fields.add_text_field(name, tokenizer_name="raw", index_option="basic")
    fields.add_integer_field("published", fast=True)
    return fields.build()


def _write(index: tantivy.Index, dropped: Iterable[str], entries: Iterable[IndexedText]) -> None:
    import tantivy

    writer = index.writer(_MEMORY, 1)
    try:
        for identity in dropped:
            writer.delete_documents_by_term("id", identity)
        for entry in entries:
            given = {name: value for name, value in zip(_FIELDS, _values(entry), strict=True) if value is not None}
            writer.add_document(tantivy.Document(**given))
        writer.commit()
    finally:
        writer.wait_merging_threads()  # else they write on


def _best(
    searcher: tantivy.Searcher, forms: Collection[str], limit: int, condition: tantivy.Query | None
) -> list[tuple[int, float]]:
    from tantivy import Occur, Query

    if not limit:
        return []
    query = _one_of("words", dict.fromkeys(forms), "freq")
    if condition is not None:
        query = Query.boolean_query([(Occur.Must, Query.const_score_query(condition, 0.0)), (Occur.Must, query)])
    hits = searcher.search(query, limit, count=False).hits
    numbers = cast("list[int]", searcher.fast_field_values("number", [address for _, address in hits]))
    return list(zip(numbers, cast("list[float]", [score for score, _ in hits]), strict=True))


def _one_of(field: str, values: Iterable[str | int], option: str = "basic") -> tantivy.Query:
    """Whatever has one of these values. Not tantivy's set of terms, which reads along all there are: 4 ms for 200."""
    from tantivy import Occur, Query

    schema = _schema()
    return Query.boolean_query([(Occur.Should, Query.term_query(schema, field, value, option)) for value in values])


def _let_through(where: Filter) -> tantivy.Query:
    """A filter as tantivy's condition; it means what the catalogue's means."""
    from tantivy import Occur, Query

    named = zip(_NAMES, (where.languages, where.publishers, where.releases), strict=True)
    conditions = [_one_of(field, wanted) for field, wanted in named if wanted]
    conditions += [_one_of("publisher", scope.publishers) for scope in where.scopes if not scope.sources]
    if where.since is not None or where.until is not None:
        conditions.append(_dated(where))
    if not conditions:
        return Query.all_query()
    return Query.boolean_query([(Occur.Must, condition) for condition in conditions])


def _dated(where: Filter) -> tantivy.Query:
    """The bounds of a filter; the few bare days that they judge wrongly as moments are named beside them."""
    from tantivy import Occur, Query

    dated = _between(where.since, where.until)
    for day in where.bare_days_at_bounds:
        occur = Occur.Should if where.spans(day) else Occur.MustNot
        alone = _between(day, day + timedelta(seconds=1))
        dated = Query.boolean_query([(Occur.Should, dated), (occur, alone)])
    return dated


def _between(since: datetime | None, until: datetime | None) -> tantivy.Query:
    from tantivy import FieldType, Query

    low, high = (None if moment is None else int(moment.timestamp()) for moment in (since, until))
    return Query.range_query(_schema(), "published", FieldType.Integer, low, high, include_upper=high is None)


@contextlib.contextmanager
def _said_plainly(folder: Path) -> Iterator[None]:
    """Turn what tantivy raises into LexicalIndexError."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as exc:
        raise LexicalIndexError(folder, " ".join(str(exc).split())) from exc
