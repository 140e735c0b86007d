"""Words that the store does not know, as the known words that were probably meant.

A word is looked up by its form. Where no indexed text holds it, the nearest forms are taken: those at a
Damerau-Levenshtein distance (optimal string alignment) of 1, or of 2 from eight letters on, that begin with the same
letter. Numbers, acronyms and short words are left alone: 2019 is not 2018, and "IAEA" is not "IDEA".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from vectorstore.catalogue import marks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from vectorstore.catalogue.engine import Connection

Counts: TypeAlias = "Iterable[tuple[str, int]]"
"""Terms, and how many passages hold each."""

_SHORTEST = 5  # letters of a form that may be a misspelling
_LONG = 8
_AT_MOST = 3  # forms taken for one word


def meant(
    connection: Connection,
    words: Collection[Sequence[str]],
    *,
    known: Callable[[str], bool] | None = None,
    beginning: Callable[[str], Counts] | None = None,
) -> dict[str, tuple[str, ...]]:
    """For each word of which no form is indexed the forms that were probably meant, nearest and commonest first.

    `words` are as `query_words` gives them, the forms of each; the key is a word's first form. Words that are indexed,
    or that nothing is near to, are missing. `known` tells of most forms that they are indexed, and may miss some;
    `beginning` gives all terms that begin with a letter. `vocabulary` must be readable: each term, and how many
    passages hold it.
    """
    found: dict[str, tuple[str, ...]] = {}
    doubtful = [forms for forms in words if len(forms[0]) >= _SHORTEST and forms[0].isalpha()]
    if known is not None:
        doubtful = [forms for forms in doubtful if not any(known(form) for form in forms)]
    held = _held(connection, doubtful) if doubtful else set()
    for forms in doubtful:
        form = forms[0]
        if held.isdisjoint(forms) and (near := _nearest(connection, form, beginning)):
            found[form] = near
    return found


def _held(connection: Connection, words: Collection[Sequence[str]]) -> set[str]:
    forms = [form for word in words for form in word]
    query = f"SELECT term FROM vocabulary WHERE term IN ({marks(len(forms))})"
    return {term for (term,) in connection.execute(query, forms)}


def _nearest(connection: Connection, form: str, beginning: Callable[[str], Counts] | None) -> tuple[str, ...]:
    allowed = 2 if len(form) >= _LONG else 1
    shortest, longest = len(form) - allowed, len(form) + allowed
    rows = beginning(form[0]) if beginning else _beginning(connection, form[0], shortest, longest)
    common = {term: count for term, count in rows if shortest <= len(term) <= longest and term.isalpha()}
    near = process.extract(form, list(common), scorer=OSA.distance, score_cutoff=allowed, limit=None)
    best = min((distance for _, distance, _ in near), default=0)
    closest = [term for term, distance, _ in near if distance == best]
    return tuple(sorted(closest, key=lambda term: (-common[term], term))[:_AT_MOST])


def _beginning(connection: Connection, letter: str, shortest: int, longest: int) -> Counts:
    query = "SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?"
    return connection.execute(query, (letter, chr(ord(letter) + 1), shortest, longest))
