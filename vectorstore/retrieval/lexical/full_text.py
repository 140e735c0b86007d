"""Full text: passages by the words they share with a question, scored by BM25 in SQLite's FTS5."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vectorstore.catalogue import listed
from vectorstore.indexes.tantivy import IndexedText
from vectorstore.retrieval.lexical.engine import DEEPER, Scored, meant, with_releases
from vectorstore.text.words import any_of, query_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from vectorstore.catalogue.engine import Connection, Engine
    from vectorstore.retrieval.candidates import Allowed
    from vectorstore.retrieval.lexical.engine import Counts, IndexedFields

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


def forms(
    connection: Connection,
    question: str,
    language: str | None,
    *,
    known: Callable[[str], bool] | None = None,
    beginning: Callable[[str], Counts] | None = None,
) -> list[str]:
    """The forms of a question's words, each once; empty where it holds no word.

    A word that no text holds is looked for under those that are spelt nearly like it. `known` and `beginning` tell
    of an index what `engine.meant` takes, faster than SQLite does.
    """
    words = query_words(question, language)
    open_vocabulary(connection)
    near = meant(connection, words, known=known, beginning=beginning)
    return list(dict.fromkeys(form for forms in words for form in (*forms, *near.get(forms[0], ()))))


def open_vocabulary(connection: Connection) -> None:
    """Make `vocabulary` readable: each term of the full text, and how many passages hold it."""
    # A view of the full-text index; it lives in the connection alone and holds nothing of its own.
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, row)")


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
    whole = _of_releases(connection, match, set(versions.values()))
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
    open_vocabulary(connection)
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


def _of_releases(connection: Connection, match: str, versions: Collection[int]) -> dict[int, float]:
    # The plus keeps FTS5 from running the whole expression once for each number: 28 ms instead of 158 at 18,500.
    query = (
        f"SELECT rowid, -bm25(release_words, {_RELEASE_WEIGHTS}) FROM release_words "
        f"WHERE release_words MATCH ? AND +rowid IN ({listed(versions)})"
    )
    return dict(connection.execute(query, (match,)))
