"""Full text: passages by the words they share with a question, scored by BM25 in SQLite's FTS5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectorstore.catalogue import filter_clause
from vectorstore.words import index_words, match_expression

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from vectorstore.passage import Filter, IncomingRelease, Passage

_MONTHS = (
    ("january", "janvier"), ("february", "février"), ("march", "mars"), ("april", "avril"), ("may", "mai"),
    ("june", "juin"), ("july", "juillet"), ("august", "août"), ("september", "septembre"), ("october", "octobre"),
    ("november", "novembre"), ("december", "décembre"),
)  # fmt: skip

# What a word weighs in title, lead, text and date. FTS5 takes them as arguments of bm25().
_WEIGHTS = "1.0, 0.5, 1.0, 0.5"
_RELEASE_WEIGHTS = "1.0, 0.5, 1.0"

_DEEPER = 4  # times as many passages are looked at before their releases' words reorder them


def add(connection: sqlite3.Connection, number: int, passage: Passage, release: IncomingRelease) -> None:
    """Index a passage under its number, with its release's title, lead and date at hand."""
    language = release.language
    fields = (release.title, release.lead or "", passage.text, _spoken(release.published))
    words = [" ".join(index_words(field, language)) for field in fields]
    connection.execute("INSERT INTO words (rowid, title, lead, text, date) VALUES (?, ?, ?, ?, ?)", (number, *words))


def add_release(connection: sqlite3.Connection, row: int, release: IncomingRelease) -> None:
    """Index a whole release under the number of its version, beside its passages."""
    words = [
        " ".join(index_words(field, release.language)) for field in (release.title, release.lead or "", release.text)
    ]
    connection.execute("INSERT INTO release_words (rowid, title, lead, text) VALUES (?, ?, ?, ?)", (row, *words))


def drop(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Forget passages and the releases that they stand in, while the catalogue still knows them."""
    of_release = "DELETE FROM release_words WHERE rowid = (SELECT version FROM passages WHERE number = ?)"
    for number in numbers:
        connection.execute(of_release, (number,))
        connection.execute("DELETE FROM words WHERE rowid = ?", (number,))


def candidates(
    connection: sqlite3.Connection, question: str, language: str | None, *, where: Filter, limit: int
) -> list[tuple[int, float]]:
    """Numbers of the passages that share words with the question, with their scores (0 or more), best first.

    A score is the mean of the passage's BM25 and its release's: what the passage leaves unsaid, its neighbours say.
    """
    match = match_expression(question, language)
    if not match:
        return []
    clause, values = filter_clause(where)
    allowed = "SELECT p.number FROM versions v JOIN passages p ON p.version = v.number WHERE v.current AND " + clause
    query = (
        f"SELECT rowid, -bm25(words, {_WEIGHTS}) AS score FROM words WHERE words MATCH ? "
        f"{f'AND +rowid IN ({allowed})' if where else ''} ORDER BY score DESC, rowid LIMIT ?"
    )
    rows = connection.execute(query, (match, *(values if where else ()), limit * _DEEPER)).fetchall()
    return _with_releases(connection, match, dict(rows))[:limit]


def scores(
    connection: sqlite3.Connection, question: str, language: str | None, numbers: Sequence[int]
) -> dict[int, float]:
    """Scores of some passages by number; one that shares no word with the question is missing."""
    match = match_expression(question, language)
    if not match or not numbers:
        return {}
    # The plus keeps FTS5 from running the whole query once for each number: 28 ms instead of 158 at 18,500 passages.
    query = f"SELECT rowid, -bm25(words, {_WEIGHTS}) FROM words WHERE words MATCH ? AND +rowid IN ({_listed(numbers)})"
    return dict(_with_releases(connection, match, dict(connection.execute(query, (match,)))))


def _with_releases(connection: sqlite3.Connection, match: str, found: dict[int, float]) -> list[tuple[int, float]]:
    versions = dict(connection.execute(f"SELECT number, version FROM passages WHERE number IN ({_listed(found)})"))
    query = (
        f"SELECT rowid, -bm25(release_words, {_RELEASE_WEIGHTS}) FROM release_words "
        f"WHERE release_words MATCH ? AND +rowid IN ({_listed(set(versions.values()))})"
    )
    whole = dict(connection.execute(query, (match,)))
    scored = {n: (max(score, 0.0) + max(whole.get(versions[n], 0.0), 0.0)) / 2 for n, score in found.items()}
    return sorted(scored.items(), key=lambda hit: (-hit[1], hit[0]))


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(number)) for number in numbers)


def _spoken(published: datetime | None) -> str:
    """A date as people would type it, in both languages."""
    if published is None:
        return ""
    return f"{published:%Y-%m-%d} {published.day} {' '.join(_MONTHS[published.month - 1])} {published.year}"
