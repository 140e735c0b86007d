"""Full text on PostgreSQL: passages by the words they share with a question, scored by BM25 as SQLite's FTS5 does.

PostgreSQL's own ranking knows neither how rare a word is nor how long a text. So a `tsvector` is no more here than a
set of words with their counts: a word has as many positions as twice its weighted count, for a word of the lead or the
date counts half. `ts_rank` of one word over n positions is (1 + 1/4 + … + 1/n²) · 6/π², from which n is read back
without unpacking the vector: 1 - ts_rank is 6/π² / (n + 1/2), nearly. How many texts hold a word stands in `terms`, how
many there are and how long they are in `totals`; each is kept in step by the transaction that changes a text.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vectorstore.catalogue.releases import listed
from vectorstore.retrieval.full_text import DEEPER, Scored, with_releases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from vectorstore.catalogue import Connection, Engine
    from vectorstore.catalogue.passages import Allowed
    from vectorstore.retrieval.full_text import IndexedFields

_WHOLE, _HALF = 2, 1  # positions for a word of title and text, and of lead and date
MOST_POSITIONS = 255  # positions that a word of a vector may have
_LONGEST = 500  # characters of a word; a vector takes 2,046 bytes, and nobody types more
_LARGEST = 900_000  # bytes of a vector; it takes 1,048,575

_LOOKS = 24_000  # words times passages to be scored; half a microsecond each. Of more, the rarer words choose
RANK_SCALE = 6 / math.pi**2  # see above
_K1, _B = 1.2, 0.75  # as in FTS5

_Kind = Literal["passages", "releases"]
_TABLES: dict[_Kind, str] = {"passages": "words", "releases": "release_words"}


@dataclass(frozen=True, slots=True)
class _Words:
    """A text as it is indexed: positions by word, and how many words it has in all."""

    counts: Counter[str]
    length: int

    @classmethod
    def of(cls, whole: Iterable[str], half: Iterable[str]) -> _Words:
        """The words of title and text, which count whole, and of lead and date, which count half."""
        counts: Counter[str] = Counter()
        length = 0
        for weight, texts in ((_WHOLE, whole), (_HALF, half)):
            for text in texts:
                words = text.split(" ") if text else []
                length += len(words)
                for word in words:
                    counts[word[:_LONGEST]] += weight
        return cls(counts, length)

    def vector(self) -> str:
        """The text as PostgreSQL reads a `tsvector`."""
        letters = sum(len(word.encode()) + 8 for word in self.counts)
        fitting = (most for most in (MOST_POSITIONS, 63, 7) if letters + 2 * self._places(most) < _LARGEST)
        most = next(fitting, 1)
        return " ".join(f"'{word}':{positions(min(count, most))}" for word, count in self.counts.items())

    def _places(self, most: int) -> int:
        return sum(min(count, most) for count in self.counts.values())


@dataclass(frozen=True, slots=True)
class _Sought:
    """The words of a question that some text of one kind holds, with their weights, and how long a text is."""

    kind: _Kind
    weights: dict[str, float]
    average: float


def add(connection: Connection, engine: Engine, releases: Sequence[IndexedFields]) -> None:
    """Index releases under the numbers of their versions, and their passages with title, lead and date at hand."""
    wholes = [(one.row, _Words.of((one.fields.title, one.fields.whole), (one.fields.lead,))) for one in releases]
    parts = [
        (number, _Words.of((one.fields.title, text), (one.fields.lead, one.fields.date)))
        for one in releases
        for number, text in zip(one.numbers, one.fields.texts, strict=True)
    ]
    _insert(connection, engine, "releases", wholes)
    _insert(connection, engine, "passages", parts)
    held = Counter(word for _, part in parts for word in part.counts)
    held_whole = Counter(word for _, whole in wholes for word in whole.counts)
    words = sorted(held.keys() | held_whole.keys())
    connection.execute(
        "INSERT INTO terms SELECT * FROM unnest(CAST(? AS text[]), CAST(? AS int[]), CAST(? AS int[])) "
        "ON CONFLICT (form) DO UPDATE SET passages = terms.passages + excluded.passages, "
        "releases = terms.releases + excluded.releases",
        (words, [held[word] for word in words], [held_whole[word] for word in words]),
    )


def drop(connection: Connection, numbers: Sequence[int]) -> None:
    """Forget passages and the releases that they stand in, while the catalogue still knows them."""
    chosen: dict[_Kind, str] = {
        "passages": f"number IN ({listed(numbers)})",
        "releases": f"number IN (SELECT version FROM passages WHERE number IN ({listed(numbers)}))",
    }
    for kind, condition in chosen.items():
        table = _TABLES[kind]
        rows = connection.execute(
            f"UPDATE terms t SET {kind} = t.{kind} - gone.texts FROM (SELECT u.lexeme, count(*) AS texts "
            f"FROM {table} w, unnest(w.terms) u WHERE w.{condition} GROUP BY u.lexeme) gone "
            "WHERE t.form = gone.lexeme RETURNING t.form, t.passages + t.releases"
        )
        unused = [form for form, texts in rows if texts <= 0]
        connection.execute("DELETE FROM terms WHERE form = ANY(?)", (unused,))
        connection.execute(
            "UPDATE totals SET texts = texts - gone.held, length = length - gone.long FROM "
            f"(SELECT count(*) AS held, coalesce(sum(length), 0) AS long FROM {table} WHERE {condition}) gone "
            "WHERE name = ?",
            (kind,),
        )
    for kind, condition in chosen.items():
        connection.execute(f"DELETE FROM {_TABLES[kind]} WHERE {condition}")


def clear(connection: Connection) -> None:
    """Forget all there is."""
    for table in (*_TABLES.values(), "terms"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("UPDATE totals SET texts = 0, length = 0")


def scored(
    connection: Connection,
    forms: Sequence[str],
    *,
    limit: int,
    allowed: Allowed | None = None,
    also: Sequence[int] = (),
) -> Scored:
    """The `limit` passages that fit the forms best, among those allowed (None: all), and the scores of others.

    See `LexicalSearch.scored` for what a score is.
    """
    counts = _counts(connection, forms)
    passages, releases = _sought(connection, counts)
    if not passages.weights:
        return Scored([], {}, {})
    wanted = limit * DEEPER
    held = {form: held for form, (held, _) in counts.items() if held}
    among = None if allowed is None else allowed.numbers.tolist()
    chosen = _rarer(held, wanted)
    ranked = _matching(connection, passages, chosen, among, limit=wanted)
    if len(ranked) < wanted and len(chosen) < len(held):  # the rarer words do not bring enough
        ranked = _matching(connection, passages, list(held), among, limit=wanted)
    found = ranked | _scores_of(connection, passages, also)
    versions = dict(connection.execute(f"SELECT number, version FROM passages WHERE number IN ({listed(found)})"))
    whole = _scores_of(connection, releases, set(versions.values()))
    return with_releases(found, versions, whole, ranked=ranked, limit=limit, also=also)


def holders(connection: Connection, words: Sequence[Sequence[str]]) -> set[int]:
    """The rows of the versions that hold each of the words in one of its forms."""
    sought = " & ".join(f"({' | '.join(_quoted(form) for form in forms)})" for forms in words)
    query = "SELECT number FROM release_words WHERE terms @@ CAST(? AS tsquery)"
    return {number for (number,) in connection.execute(query, (sought,))}


def _quoted(form: str) -> str:
    return f"'{form[:_LONGEST]}'"


def _insert(connection: Connection, engine: Engine, kind: _Kind, rows: Sequence[tuple[int, _Words]]) -> None:
    vectors = ((number, words.vector(), words.length) for number, words in rows)
    engine.insert(connection, _TABLES[kind], ("number", "terms", "length"), vectors)
    connection.execute(
        "UPDATE totals SET texts = texts + ?, length = length + ? WHERE name = ?",
        (len(rows), sum(words.length for _, words in rows), kind),
    )


@functools.cache
def positions(count: int) -> str:
    """What stands in a tsvector for a word that comes so many times."""
    return ",".join(f"{place}A" for place in range(1, count + 1))


def _counts(connection: Connection, forms: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many passages and releases hold each of the forms that any holds."""
    query = "SELECT form, passages, releases FROM terms WHERE form = ANY(?)"
    found = {form: (passages, releases) for form, passages, releases in connection.execute(query, (list(forms),))}
    return {form: found[form] for form in dict.fromkeys(forms) if form in found}


def _sought(connection: Connection, counts: dict[str, tuple[int, int]]) -> tuple[_Sought, _Sought]:
    """What is looked for in passages, and in whole releases."""
    totals = {name: row for name, *row in connection.execute("SELECT name, texts, length FROM totals")}
    sought = []
    for place, kind in enumerate(_TABLES):
        texts, length = totals[kind]
        weights = {form: _weight(held[place], texts) for form, held in counts.items() if held[place]}
        sought.append(_Sought(kind, weights, length / max(texts, 1)))
    return sought[0], sought[1]


def _weight(held: int, texts: int) -> float:
    """What a word weighs that so many of the texts hold, as in FTS5: never nothing."""
    return max(math.log((texts - held + 0.5) / (held + 0.5)), 1e-6)


def _rarer(held: dict[str, int], wanted: int) -> list[str]:
    """The words that choose which passages are scored: all of them, or the rarer where that would be too many.

    A passage that holds only common words of the question comes after those that hold a rare one: see `full_text`.
    """
    most = _LOOKS // len(held)
    chosen: list[str] = []
    total = 0
    for form, count in sorted(held.items(), key=lambda one: one[1]):
        if total + count > most and total >= wanted:
            break
        total += count
        chosen.append(form)
    return chosen


def _matching(
    connection: Connection, sought: _Sought, chosen: Sequence[str], among: list[int] | None, *, limit: int
) -> dict[int, float]:
    """BM25 by number of the best `limit` that are allowed and hold one of the chosen words, best first."""
    condition = "w.terms @@ CAST(? AS tsquery)"
    values: list[object] = [" | ".join(f"'{form}'" for form in chosen)]
    if among is not None:
        condition += " AND w.number = ANY(CAST(? AS bigint[]))"
        values.append(among)
    query, given = _scoring(sought, condition, values)
    return dict(connection.execute(f"{query} ORDER BY 2 DESC, 1 LIMIT ?", (*given, limit)))


def _scores_of(connection: Connection, sought: _Sought, numbers: Collection[int]) -> dict[int, float]:
    """BM25 by number of the texts asked for; those that share no word are missing."""
    if not numbers or not sought.weights:
        return {}
    query, values = _scoring(sought, "w.number = ANY(CAST(? AS bigint[]))", [list(numbers)])
    return {number: score for number, score in connection.execute(query, values) if score > 0}


def _scoring(sought: _Sought, condition: str, values: Sequence[object]) -> tuple[str, list[object]]:
    """A query of numbers and scores, and the values of its question marks."""
    places = range(len(sought.weights))
    counted = ", ".join(
        f"round({RANK_SCALE!r} / (1.0 - ts_rank(w.terms, CAST(? AS tsquery))) - 0.5) AS n{place}" for place in places
    )
    total = " + ".join(f"CAST(? AS float8) * n{place} / (n{place} + k)" for place in places)
    query = (
        f"WITH found AS MATERIALIZED (SELECT w.number, {2 * _K1!r} * ({1 - _B!r} + {_B!r} * w.length / "
        f"CAST(? AS float8)) AS k, {counted} FROM {_TABLES[sought.kind]} w WHERE {condition}) "
        f"SELECT number, ({total}) * {_K1 + 1!r} FROM found"
    )
    words = [f"'{form}'" for form in sought.weights]
    return query, [sought.average or 1.0, *words, *values, *sought.weights.values()]
