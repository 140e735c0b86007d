"""Full text: passages by the words they share with a question, scored by BM25 in SQLite's FTS5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vectorstore.catalogue import filter_clause, listed
from vectorstore.spelling import meant
from vectorstore.words import any_of, index_words, query_words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Scored:
    """Passage numbers with their scores, 0 or more: those that the words rank first, and others asked for by number.

    `ranked` is best first. An asked-for passage that shares no word with the question is missing in `others`.
    """

    ranked: list[tuple[int, float]]
    others: dict[int, float]


def add(
    connection: sqlite3.Connection,
    row: int,
    release: IncomingRelease,
    numbers: Sequence[int],
    passages: Sequence[Passage],
) -> None:
    """Index a release under the number of its version, and its passages, each with title, lead and date at hand."""
    title = _words(release.title, release.language)
    lead = _words(release.lead or "", release.language)
    date = _words(_spoken(release.published), release.language)
    texts = [_words(passage.text, release.language) for passage in passages]
    whole = " ".join(texts) if _cover(release.text, passages) else _words(release.text, release.language)
    connection.execute("INSERT INTO release_words (rowid, title, lead, text) VALUES (?, ?, ?, ?)",
                       (row, title, lead, whole))  # fmt: skip
    connection.executemany(
        "INSERT INTO words (rowid, title, lead, text, date) VALUES (?, ?, ?, ?, ?)",
        [(number, title, lead, text, date) for number, text in zip(numbers, texts, strict=True)],
    )


def drop(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Forget passages and the releases that they stand in, while the catalogue still knows them."""
    passages = listed(numbers)
    releases = f"SELECT version FROM passages WHERE number IN ({passages})"
    connection.execute(f"DELETE FROM release_words WHERE rowid IN ({releases})")
    connection.execute(f"DELETE FROM words WHERE rowid IN ({passages})")


def candidates(
    connection: sqlite3.Connection, question: str, language: str | None, *, where: Filter, limit: int
) -> list[tuple[int, float]]:
    """Numbers of the passages that share words with the question, with their scores (0 or more), best first."""
    return scored(connection, expression(connection, question, language), where=where, limit=limit).ranked


def expression(connection: sqlite3.Connection, question: str, language: str | None) -> str:
    """An FTS5 MATCH string for a question; empty where it holds no word.

    A word that no text holds is looked for under those that are spelt nearly like it.
    """
    words = query_words(question, language)
    near = meant(connection, words)
    return any_of([form for forms in words for form in (*forms, *near.get(forms[0], ()))])


def scored(
    connection: sqlite3.Connection, match: str, *, where: Filter, limit: int, also: Sequence[int] = ()
) -> Scored:
    """The `limit` passages that fit an FTS5 expression best among those let through, and the scores of others.

    A score is the mean of the passage's BM25 and its release's: what the passage leaves unsaid, its neighbours say.
    An empty expression finds nothing.
    """
    if not match:
        return Scored([], {})
    clause, values = filter_clause(where)
    allowed = f"SELECT p.number FROM versions v JOIN passages p ON p.version = v.number WHERE v.current AND {clause}"
    # One run of the expression serves both halves: it takes most of a search's time.
    query = (
        f"WITH matching AS MATERIALIZED (SELECT rowid AS number, -bm25(words, {_WEIGHTS}) AS score FROM words "
        "WHERE words MATCH ?) "
        f"SELECT * FROM (SELECT number, score, 1 FROM matching {f'WHERE number IN ({allowed})' if where else ''} "
        "ORDER BY score DESC, number LIMIT ?) UNION ALL "
        f"SELECT number, score, 0 FROM matching WHERE number IN ({listed(also)})"
    )
    rows = connection.execute(query, (match, *(values if where else ()), limit * _DEEPER)).fetchall()
    totals = _with_releases(connection, match, {number: score for number, score, _ in rows})
    best = sorted({number for number, _, ranks in rows if ranks}, key=lambda number: (-totals[number], number))[:limit]
    return Scored([(number, totals[number]) for number in best], {n: totals[n] for n in also if n in totals})


def _with_releases(connection: sqlite3.Connection, match: str, found: dict[int, float]) -> dict[int, float]:
    versions = dict(connection.execute(f"SELECT number, version FROM passages WHERE number IN ({listed(found)})"))
    # The plus keeps FTS5 from running the whole expression once for each number: 28 ms instead of 158 at 18,500.
    query = (
        f"SELECT rowid, -bm25(release_words, {_RELEASE_WEIGHTS}) FROM release_words "
        f"WHERE release_words MATCH ? AND +rowid IN ({listed(set(versions.values()))})"
    )
    whole = dict(connection.execute(query, (match,)))
    return {n: (max(score, 0.0) + max(whole.get(versions[n], 0.0), 0.0)) / 2 for n, score in found.items()}


def _words(text: str, language: str | None) -> str:
    return " ".join(index_words(text, language))


def _cover(text: str, passages: Sequence[Passage]) -> bool:
    """Whether the passages hold all of a text, each part once, so that their words are its words."""
    reached = 0
    for passage in passages:
        if passage.start < reached or text[reached : passage.start].strip():
            return False
        reached = passage.end
    return not text[reached:].strip()


def _spoken(published: datetime | None) -> str:
    """A date as people would type it, in both languages."""
    if published is None:
        return ""
    return f"{published:%Y-%m-%d} {published.day} {' '.join(_MONTHS[published.month - 1])} {published.year}"
