"""Full text: the words of releases and passages as they are indexed, and BM25 over them in SQLite's FTS5.

`postgres_text.py` does the same on PostgreSQL, with what stands here for both.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vectorstore.catalogue.releases import listed
from vectorstore.indexes.tantivy import IndexedText
from vectorstore.text.calendar import month_names
from vectorstore.text.words import any_of, index_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from vectorstore.catalogue import Connection, Engine
    from vectorstore.catalogue.passages import Allowed
    from vectorstore.types import Passage, Release, StoredRelease

DEEPER = 4  # times as many passages are looked at before their releases' words reorder them


@dataclass(frozen=True, slots=True)
class Scored:
    """Passage numbers with their scores, 0 or more: those that the words rank first, and others asked for by number.

    `ranked` is best first. An asked-for passage that shares no word with the question is missing in `others`.
    `versions` gives the row of the version that each of these and others stands in, as far as it was looked up.
    """

    ranked: list[tuple[int, float]]
    others: dict[int, float]
    versions: dict[int, int] = field(compare=False)


def with_releases(
    found: dict[int, float],
    versions: dict[int, int],
    whole: dict[int, float],
    *,
    ranked: Collection[int],
    limit: int,
    also: Sequence[int],
) -> Scored:
    """What was found, each with its release: `versions` says in which row that stands, `whole` the scores of rows.

    A passage that stands in none is left out.
    """
    totals = {
        number: (max(score, 0.0) + max(whole.get(versions[number], 0.0), 0.0)) / 2
        for number, score in found.items()
        if number in versions
    }
    best = sorted((-totals[number], number) for number in ranked if number in totals)[:limit]
    return Scored([(number, -score) for score, number in best], {n: totals[n] for n in also if n in totals}, versions)


@dataclass(frozen=True, slots=True)
class Fields:
    """Words with spaces between; `texts` are the passages', `whole` is that of the release."""

    title: str
    lead: str
    date: str
    texts: tuple[str, ...]
    whole: str


@dataclass(frozen=True, slots=True)
class IndexedFields:
    """The words of a release under the number of its version, those of its passages under `numbers`, in order."""

    row: int
    numbers: Sequence[int]
    fields: Fields


def fields_of(release: Release | StoredRelease, passages: Sequence[Passage]) -> Fields:
    """Cut a release and its passages into the words that they are found by."""
    texts = tuple(_words(passage.text, release.language) for passage in passages)
    return Fields(
        title=_words(release.title, release.language),
        lead=_words(release.lead or "", release.language),
        date=_words(_spoken(release.published), release.language),
        texts=texts,
        whole=" ".join(texts) if _cover(release.text, passages) else _words(release.text, release.language),
    )


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
    months = " ".join(month_names(language)[published.month - 1] for language in ("en", "fr"))
    return f"{published:%Y-%m-%d} {published.day} {months} {published.year}"


# What a word weighs in title, lead, text and date. FTS5 takes them as arguments of bm25().
_WEIGHTS = "1.0, 0.5, 1.0, 0.5"
_RELEASE_WEIGHTS = "1.0, 0.5, 1.0"

_FILTERED = "v.language, v.publisher, v.release_id, CAST(strftime('%s', v.published) AS INTEGER)"

_MANY = 20_000  # passages that words stand in, counted for each word; with more of them only the rarer choose
_RARE = 10_000  # passages that the rarer words may bring

_FEW = 30_000  # passages that a filter may let through and still be told to SQLite; of more, its rows are filtered here


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which passages are looked at: those allowed (None: all) and those in `also`, with numbers above `above`."""

    allowed: Allowed | None
    also: Sequence[int]
    above: int


def add(connection: Connection, engine: Engine, releases: Sequence[IndexedFields]) -> None:
    """Index releases under the numbers of their versions, and their passages with title, lead and date at hand."""
    wholes = [(one.row, one.fields.title, one.fields.lead, one.fields.whole) for one in releases]
    engine.insert(connection, "release_words", ("rowid", "title", "lead", "text"), wholes)
    passages = [
        (number, one.fields.title, one.fields.lead, text, one.fields.date)
        for one in releases
        for number, text in zip(one.numbers, one.fields.texts, strict=True)
    ]
    engine.insert(connection, "words", ("rowid", "title", "lead", "text", "date"), passages)


def drop(connection: Connection, numbers: Sequence[int]) -> None:
    """Forget passages and the releases that they stand in, while the catalogue still knows them."""
    passages = listed(numbers)
    releases = f"SELECT version FROM passages WHERE number IN ({passages})"
    connection.execute(f"DELETE FROM release_words WHERE rowid IN ({releases})")
    connection.execute(f"DELETE FROM words WHERE rowid IN ({passages})")


def clear(connection: Connection) -> None:
    """Forget all there is."""
    for table in ("words", "release_words"):
        connection.execute(f"DELETE FROM {table}")


def passages_above(connection: Connection, number: int) -> Iterator[IndexedText]:
    """Every passage that came after passage `number`, in order."""
    query = (
        f"SELECT p.id, w.rowid, w.title || ' ' || w.lead || ' ' || w.text || ' ' || w.date, {_FILTERED} FROM words w "
        "JOIN passages p ON p.number = w.rowid JOIN versions v ON v.number = p.version WHERE w.rowid > ? "
        "ORDER BY w.rowid"
    )
    return itertools.starmap(IndexedText, connection.execute(query, (number,)))


def releases_above(connection: Connection, number: int) -> Iterator[IndexedText]:
    """Every version whose passages came after passage `number`, under the id of the first of them and its own row."""
    query = (
        f"SELECT p.id, p.version, r.title || ' ' || r.lead || ' ' || r.text, {_FILTERED} "
        "FROM (SELECT min(number) AS first FROM passages WHERE number > ? GROUP BY version) "
        "JOIN passages p ON p.number = first JOIN release_words r ON r.rowid = p.version "
        "JOIN versions v ON v.number = p.version"
    )
    return itertools.starmap(IndexedText, connection.execute(query, (number,)))


def scored(
    connection: Connection,
    forms: Sequence[str],
    *,
    limit: int,
    allowed: Allowed | None = None,
    also: Sequence[int] = (),
    above: int = 0,
) -> Scored:
    """The `limit` passages that fit the forms best, among those allowed (None: all), and the scores of others.

    Only passages with numbers above `above` are looked at. See `LexicalSearch.scored` for what a score is.
    """
    if not forms:
        return Scored([], {}, {})
    match = any_of(forms)
    scope, wanted = _Scope(allowed, also, above), limit * DEEPER
    rarer = None if above else _rarer(connection, forms)
    ranked, others = _matching(connection, match, rarer, scope, limit=wanted)
    if rarer and len(ranked) < wanted:  # the rarer words do not bring enough
        ranked, others = _matching(connection, match, None, scope, limit=wanted)
    found = ranked | others
    versions = dict(connection.execute(f"SELECT number, version FROM passages WHERE number IN ({listed(found)})"))
    # The plus keeps FTS5 from running the whole expression once for each number: 28 ms instead of 158 at 18,500.
    query = (
        f"SELECT rowid, -bm25(release_words, {_RELEASE_WEIGHTS}) FROM release_words "
        f"WHERE release_words MATCH ? AND +rowid IN ({listed(set(versions.values()))})"
    )
    whole = dict(connection.execute(query, (match,)))
    return with_releases(found, versions, whole, ranked=ranked, limit=limit, also=also)


def holders(connection: Connection, words: Sequence[Sequence[str]]) -> set[int]:
    """The rows of the versions that hold each of the words in one of its forms."""
    match = " AND ".join(f"({any_of(forms)})" for forms in words)
    query = "SELECT rowid FROM release_words WHERE release_words MATCH ?"
    return {row for (row,) in connection.execute(query, (match,))}


def _matching(
    connection: Connection, match: str, rarer: str | None, scope: _Scope, *, limit: int
) -> tuple[dict[int, float], dict[int, float]]:
    """BM25 by number: of the best `limit` that are allowed and that `rarer` brings, and of those asked for besides."""
    # The plus keeps FTS5 from running the expression once for each number. What bm25() costs is its rows: 41 ms for
    # 60,000, where finding them takes 3.
    allowed = None if scope.allowed is None else scope.allowed.numbers.tolist()
    few = allowed is not None and len(allowed) <= _FEW
    conditions = [f"+rowid IN ({listed(allowed or ())})"] if few else []
    conditions += ["+rowid IN (SELECT rowid FROM words WHERE words MATCH ?)"] if rarer else []
    also = listed(scope.also)
    either = f"AND ({' AND '.join(conditions)} OR +rowid IN ({also}))" if conditions else ""
    query = (
        f"WITH matching AS MATERIALIZED (SELECT rowid AS number, -bm25(words, {_WEIGHTS}) AS score FROM words "
        f"WHERE words MATCH ? AND rowid > {scope.above:d} {either}) "
        "SELECT * FROM (SELECT number, score, 1 FROM matching ORDER BY score DESC, number LIMIT ?) UNION ALL "
        f"SELECT number, score, 0 FROM matching WHERE number IN ({also})"
    )
    kept = None if allowed is None or few else set(allowed)
    given = (match, rarer) if rarer else (match,)
    rows = connection.execute(query, (*given, limit if kept is None else -1)).fetchall()
    ranked = ((number, score) for number, score, ranks in rows if ranks and (kept is None or number in kept))
    return dict(itertools.islice(ranked, limit)), {number: score for number, score, ranks in rows if not ranks}


def _rarer(connection: Connection, forms: Sequence[str]) -> str | None:
    """A MATCH string of the rarer forms, where all of them together stand in too many passages to be scored; else None.

    A passage that holds only common words of the question comes after those that hold a rare one: of the best 50, more
    than 99 in 100 stay, of the best ten all (newswire, 190,650 passages).
    """
    counts: dict[str, int] = {}
    for word in forms:
        found = connection.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone()
        counts[word] = found[0] if found else 0
    if sum(counts.values()) <= _MANY:
        return None
    chosen: list[str] = []
    total = 0
    for word, count in sorted(counts.items(), key=lambda one: one[1]):
        total += count
        if chosen and total > _RARE:
            break
        chosen += [word] if count else []
    return any_of(chosen)
