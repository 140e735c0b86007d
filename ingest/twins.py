"""Finds the language versions of one release. Pure: nothing here reads a store, a disk or a network.

`find_twins` is the way in; `affected` and `stretches` say which releases must be seen after a change. First comes what
is stated (`join_stated`): a key, links between versions, addresses or file names that differ by a language mark alone,
`/en/news/1` and `/fr/news/1`. Then what nobody states (`twins_by_content`) is told by contents: meaning of passages and
titles, numbers, names, days between. Such a pair counts when each is the other's best within the window, clearly better
than any other, and alike enough. Only releases within the window of either are compared, so a join depends on nothing
further off than two windows.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np

from vectorstore.types import Twin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from vectorstore.types import Reason

    Vectors = NDArray[np.float32] | NDArray[np.float16]

_Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, eq=False)
class TwinCandidate:
    """One release, as far as it helps to tell its other versions.

    `passages` are the vectors of its passages as stored, shape (passages, dimension), of unit length; `headline` is
    the vector of its title alone, shape (dimension,), from the same model's `embed_passages`. Where either is None,
    the release is joined only by what is stated, never by its content. `text` is the release's text without its title.
    """

    id: str
    language: str | None
    title: str
    text: str
    published: datetime | None = None
    publisher: str | None = None
    url: str | None = None
    pair: str | None = None
    translations: tuple[str, ...] = ()
    headline: Vectors | None = None
    passages: Vectors | None = None


_Edge = tuple[TwinCandidate, TwinCandidate]

STRETCH = timedelta(days=30)
"""How long a time is joined by content at once: 190,650 passages of newswire have vectors of 200 MB."""


def find_twins(releases: Sequence[TwinCandidate], *, languages: Sequence[str] = ("en", "fr")) -> list[Twin]:
    """The language versions of one release, two by two, in the order of their ids.

    Depends on the set of releases alone, not on their order. A release has at most one twin in each other language.
    What is stated joins any languages; contents are compared only between `languages`, those that the model reads.
    """
    by_id = {release.id: release for release in releases}
    joined = join_stated([by_id[name] for name in sorted(by_id)])
    return sorted([*joined.twins, *twins_by_content(by_id.values(), joined, languages)])


def affected(dates: Iterable[datetime]) -> list[_Span]:
    """The times between which joins by content can come, go or change, both ends inclusive, in order, apart.

    `dates` are those of the releases that are new, changed or gone, as they were and as they are, and of every release
    whose stated joins are not what they were: a new page may take another's twin from it, or make a link ambiguous,
    and whoever is left alone is compared by content again. A release competes with others for every release within the
    window of it, and each of these has twins within the window of itself: two windows.
    """
    spans: list[_Span] = []
    for date in sorted(dates):
        begin, end = _moved(date, -2 * WINDOW), _moved(date, 2 * WINDOW)
        if spans and begin <= spans[-1][1]:
            begin, _ = spans.pop()
        spans.append((begin, end))
    return spans


def stretches(dates: Iterable[datetime]) -> Iterator[tuple[_Span, _Span]]:
    """The `affected` times in pieces of at most `STRETCH`, in order, and with each the times that it needs.

    Those are two windows more: what the affected releases could be joined with, and what competes for that. Over the
    releases of these times `twins_by_content` gives for every release of the piece what it would give over all; for
    others its joins may be wrong and are to be passed over. So no more vectors are in memory than one piece needs.
    """
    for first, last in affected(dates):
        begins = [first]
        while begins[-1] < last:
            begins.append(min(_moved(begins[-1], STRETCH), last))
        for begin, end in pairwise(begins):
            yield (begin, end), (_moved(begin, -2 * WINDOW), _moved(end, 2 * WINDOW))


def _moved(date: datetime, by: timedelta) -> datetime:
    """A date so much later; the calendar's first or last moment where it would lie beyond that."""
    try:
        return date + by
    except OverflowError:
        zone = date.tzinfo
        return datetime.max.replace(tzinfo=zone) if by.days > 0 else datetime.min.replace(tzinfo=zone)


_NAMES = {
    "english": "en", "anglais": "en", "eng": "en",
    "french": "fr", "francais": "fr", "fra": "fr", "fre": "fr",
    "german": "de", "deutsch": "de", "italian": "it", "italiano": "it", "spanish": "es", "espanol": "es",
}  # fmt: skip
# Only the usual languages of newsrooms: every other pair of letters in an address is more likely to mean another thing.
_CODES = "ar|bg|cs|da|de|el|en|es|et|fi|fr|ga|hr|hu|it|ja|ko|lt|lv|mt|nl|no|pl|pt|ro|ru|sk|sl|sq|sr|sv|tr|uk|zh"
_CODE = rf"(?:{_CODES})(?:[-_][a-z]{{2}})?|{'|'.join(_NAMES)}"
_WHOLE = re.compile(_CODE, re.IGNORECASE)
_AT_END = re.compile(rf"[._#-]({_CODE})(?=(?:\.[a-z]{{2,5}}|\.jsonl?\.gz)?$)", re.IGNORECASE)
_PARAMETERS = frozenset({"lang", "language", "langue", "locale", "selectedlocale", "hl", "l", "lng", "set_language"})


def same_address(address: str) -> str:
    """The form in which two spellings of one address are equal: no scheme, `www.`, fragment or slash at the end."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def without_language(address: str) -> tuple[str, frozenset[str]]:
    """An address, a path or an id without its language marks, and the languages that they named.

    Marks are a sub-domain, a part of the path, the end of its last part, and a parameter such as `lang`.
    """
    found: set[str] = set()
    is_web = address.lower().startswith(("http://", "https://"))
    parts = urlsplit(address) if is_web else None
    host, path, query = (parts.netloc.lower(), parts.path, parts.query) if parts else ("", address, "")
    labels = host.removeprefix("www.").split(".")
    if len(labels) > 2 and _WHOLE.fullmatch(labels[0]):
        found.add(_language(labels.pop(0)))
    steps = [step for step in path.split("/") if step]
    found.update(_language(step) for step in steps if _WHOLE.fullmatch(step))
    steps = [step for step in steps if not _WHOLE.fullmatch(step)]
    if steps and (mark := _AT_END.search(steps[-1])):
        found.add(_language(mark[1]))
        steps[-1] = steps[-1][: mark.start()] + steps[-1][mark.end() :]
    kept: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.lower() in _PARAMETERS and _WHOLE.fullmatch(value):
            found.add(_language(value))
        else:
            kept.append((name, value))
    return f"{'.'.join(labels)}/{'/'.join(steps)}?{urlencode(sorted(kept))}", frozenset(found)


def _language(mark: str) -> str:
    mark = mark.lower()
    return _NAMES.get(mark, mark[:2])


# Of one release, by links or addresses: more are a menu or a mistake, and joining them takes their square.
_VERSIONS = 100


class Joined:
    """Which releases have a twin in which languages."""

    def __init__(self) -> None:
        self.twins: list[Twin] = []
        self._taken: set[tuple[str, str]] = set()

    def is_free(self, release: TwinCandidate, language: str | None) -> bool:
        """Whether the release has no twin in a language yet."""
        return (release.id, language) not in self._taken

    def add(self, edges: Iterable[_Edge], reason: Reason, score: float = 1.0) -> None:
        """Join what can be joined one to one; where two claim the same release, neither gets it."""
        known = {(one.id, other.id): (one, other) for one, other in map(_in_order, edges) if self._fits(one, other)}
        claims: dict[tuple[str, str | None], int] = defaultdict(int)
        for one, other in known.values():
            claims[one.id, other.language] += 1
            claims[other.id, one.language] += 1
        for one, other in known.values():
            if claims[one.id, other.language] == 1 == claims[other.id, one.language]:
                self.join(one, other, reason, score)

    def join(self, one: TwinCandidate, other: TwinCandidate, reason: Reason, score: float) -> None:
        """Join two releases of different languages that are both free."""
        one, other = _in_order((one, other))
        self.twins.append(Twin(one.id, other.id, reason, score))
        self._taken |= {(one.id, other.language or ""), (other.id, one.language or "")}

    def _fits(self, one: TwinCandidate, other: TwinCandidate) -> bool:
        if not one.language or not other.language or one.language == other.language:
            return False
        return self.is_free(one, other.language) and self.is_free(other, one.language)


def join_stated(releases: Sequence[TwinCandidate]) -> Joined:
    """Everything that is stated, the surest first: what a key says is not undone by an address."""
    joined = Joined()
    joined.add(_by_pair(releases), "pair")
    joined.add(_by_link(releases), "hreflang")
    joined.add(_by_address(releases), "address")
    return joined


def _by_pair(releases: Sequence[TwinCandidate]) -> Iterator[_Edge]:
    groups: dict[str, list[TwinCandidate]] = defaultdict(list)
    for release in releases:
        if release.pair:
            groups[release.pair].append(release)
    for group in groups.values():
        many = Counter(release.language for release in group)  # two of a language claim what the others are to have
        yield from combinations([release for release in group if many[release.language] == 1], 2)


def _by_link(releases: Sequence[TwinCandidate]) -> Iterator[_Edge]:
    """A page and those it names; those named by one page are each other's versions, too."""
    at: dict[str, list[TwinCandidate]] = defaultdict(list)
    for release in releases:
        if release.url:
            at[same_address(release.url)].append(release)
    for release in releases:
        named = [found for address in set(map(same_address, release.translations)) for found in at.get(address, ())]
        if len(named) > _VERSIONS:
            continue
        yield from combinations([release, *(one for one in named if one.id != release.id)], 2)


def _by_address(releases: Sequence[TwinCandidate]) -> Iterator[_Edge]:
    """Equal but for the mark. One of the two may stand unmarked, as a site's first language often does."""
    groups: dict[str, list[tuple[TwinCandidate, bool]]] = defaultdict(list)
    for release in releases:
        for place in {release.id, release.url or release.id}:
            bare, marks = without_language(place)
            if marks <= {release.language}:
                groups[bare].append((release, bool(marks)))
    for group in groups.values():
        if len(group) > _VERSIONS:
            continue
        for (one, one_marked), (other, other_marked) in combinations(group, 2):
            if one_marked or other_marked:
                yield one, other


def _in_order(edge: _Edge) -> _Edge:
    one, other = edge
    return (one, other) if one.id < other.id else (other, one)


# 1,000 and 1 000 and 1'000; 20.9 and 20,9: the marks differ by language and country, the digits do not.
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:[ \u00a0\u202f'’,.]\d{3})+(?!\d)|\d+(?:[.,]\d+)*")
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ]\w{2,}")
_WEIGHTS = (0.25, 0.5, 1.0)  # of numbers of one, two, and more digits
_STEM = 5  # letters: Geneva and Genève, Winterthur and Winterthour, Ukraine in both


def facts_of(release: TwinCandidate) -> dict[str, float]:
    """The numbers and names of a release, publisher among them, each with its weight.

    A longer number says more: one digit is as often written as a word. The day, month and year of the release say
    nothing, for everything published on that day has them.
    """
    words = f"{release.publisher or ''}\n{release.title}\n{release.text}"
    facts = {_fold(name)[:_STEM]: 0.5 for name in _NAME.findall(words)}
    figures = (re.sub(r"\D", "", found) for found in _NUMBER.findall(words))
    facts |= {digits: _WEIGHTS[min(len(digits), len(_WEIGHTS)) - 1] for digits in figures}
    if release.published:
        own = release.published
        for part in (own.day, own.month, own.year):
            facts.pop(str(part), None)
    return facts


def shared(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How much of the lesser one's facts the other has, in [0, 1]; one half where there is little to compare.

    Of the lesser, because a version may be a summary of the other.
    """
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    common = sum(weight for fact, weight in few.items() if fact in many)
    return (common + 1) / (min(sum(few.values()), sum(many.values())) + 2)


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


WINDOW = timedelta(days=3)
"""How far apart two versions may be published: a translation is there within days, or over a weekend."""

_ALIKE = 0.5
"""The least likeness of a pair: between the samples' translations, 0.71 to 0.84, and their other pairs, below 0.35."""

AHEAD = 0.04
"""By how much a pair must be better than the next best of either side."""

_PASSAGES, _TITLE, _FACTS = 0.4, 0.3, 0.3  # three opinions of about the same weight; the longest text weighs most
_PER_DAY = 0.02  # half the lead needed: of two alike the one of the same day wins, but only with something else
_STEEPNESS = 12.0  # likeness 0.5 is a score of 0.5, 0.7 of 0.92
_ROWS = 64  # releases compared at once; bounds the memory on days with thousands
_FLOOR = (_ALIKE - AHEAD - _FACTS) / (_PASSAGES + _TITLE)  # below it no facts can make a pair matter


@dataclass(frozen=True, slots=True)
class _Side:
    """Releases of one language in the order of their dates; `begins` are the rows at which their passages begin."""

    releases: list[TwinCandidate]
    times: NDArray[np.float64]
    titles: NDArray[np.float32]
    passages: NDArray[np.float32]
    begins: NDArray[np.intp]

    def rows(self, first: int, last: int) -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.float32]]:
        """The passages of some releases, where each release's begin among them, and how many each has."""
        begins = self.begins[first : last + 1]
        counts: NDArray[np.float32] = np.diff(begins).astype(np.float32)
        return self.passages[begins[0] : begins[-1]], begins[:-1] - begins[0], counts


def twins_by_content(releases: Iterable[TwinCandidate], joined: Joined, languages: Sequence[str]) -> list[Twin]:
    """The pairs in any two of the languages that their contents tell, among those that are not `joined` already."""
    usable = [one for one in releases if one.published and one.headline is not None and _count(one)]
    found: list[Twin] = []
    for language, other in combinations(sorted(set(languages)), 2):
        left = _side([one for one in usable if one.language == language and joined.is_free(one, other)])
        right = _side([one for one in usable if one.language == other and joined.is_free(one, language)])
        if left and right:
            for row, column, likeness in _clear(_likenesses(left, right)):
                score = round(1 / (1 + math.exp(-_STEEPNESS * (likeness - _ALIKE))), 4)
                first, second = sorted((left.releases[row].id, right.releases[column].id))
                found.append(Twin(first, second, "content", score))
    return found


def _clear(likenesses: dict[tuple[int, int], float]) -> Iterator[tuple[int, int, float]]:
    """The pairs in which each is the other's best, and ahead of all others."""
    by_row: dict[int, list[float]] = defaultdict(list)
    by_column: dict[int, list[float]] = defaultdict(list)
    for (row, column), likeness in likenesses.items():
        by_row[row].append(likeness)
        by_column[column].append(likeness)
    for (row, column), likeness in sorted(likenesses.items()):
        # The pair itself is the one in each list that is as good.
        close = [other for other in (*by_row[row], *by_column[column]) if other > likeness - AHEAD]
        if likeness >= _ALIKE and len(close) == 2:
            yield row, column, likeness


def _likenesses(left: _Side, right: _Side) -> dict[tuple[int, int], float]:
    """The likeness of every pair within the window that could matter, by their places."""
    left_facts, right_facts = _Facts(left.releases), _Facts(right.releases)
    window = WINDOW.total_seconds()
    found: dict[tuple[int, int], float] = {}
    for first in range(0, len(left.releases), _ROWS):
        last = min(first + _ROWS, len(left.releases))
        begin = int(np.searchsorted(right.times, left.times[first] - window, "left"))
        end = int(np.searchsorted(right.times, left.times[last - 1] + window, "right"))
        if begin == end:
            continue
        titles = left.titles[first:last] @ right.titles[begin:end].T
        meaning = _PASSAGES * _of_passages(left.rows(first, last), right.rows(begin, end)) + _TITLE * titles
        apart = np.abs(left.times[first:last, None] - right.times[None, begin:end])
        near = (apart <= window) & (meaning >= _FLOOR * (_PASSAGES + _TITLE))
        for i, j in np.argwhere(near):
            row, column = first + int(i), begin + int(j)
            named = shared(left_facts[row], right_facts[column])
            days = float(apart[i, j]) / 86_400
            # Rounded: the last digits of a matrix product depend on what else was in the matrix.
            found[row, column] = round(float(meaning[i, j]) + _FACTS * named - _PER_DAY * days, 4)
    return found


class _Facts(dict[int, "Mapping[str, float]"]):
    """The facts of some releases by their places, found out where they are first needed: few ever come near another."""

    def __init__(self, releases: Sequence[TwinCandidate]) -> None:
        super().__init__()
        self._releases = releases

    def __missing__(self, place: int) -> Mapping[str, float]:
        self[place] = facts = facts_of(self._releases[place])
        return facts


def _of_passages(
    left: tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.float32]],
    right: tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """How well each passage is met by the other side's best one, on average and both ways, shape (left, right)."""
    (lefts, left_begins, left_counts), (rights, right_begins, right_counts) = left, right
    cosines = lefts @ rights.T
    met = np.add.reduceat(np.maximum.reduceat(cosines, right_begins, axis=1), left_begins, axis=0)
    met_back = np.add.reduceat(np.maximum.reduceat(cosines, left_begins, axis=0), right_begins, axis=1)
    return np.asarray((met / left_counts[:, None] + met_back / right_counts[None, :]) / 2, dtype=np.float32)


def _side(releases: list[TwinCandidate]) -> _Side | None:
    if not releases:
        return None
    releases = sorted(releases, key=lambda one: (_seconds(one.published), one.id))
    return _Side(
        releases=releases,
        times=np.array([_seconds(one.published) for one in releases]),
        titles=np.stack([np.asarray(one.headline, dtype=np.float32) for one in releases]),
        passages=np.concatenate([np.asarray(one.passages, dtype=np.float32) for one in releases]),
        begins=np.cumsum([0, *map(_count, releases)]),
    )


def _count(release: TwinCandidate) -> int:
    return 0 if release.passages is None else len(release.passages)


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
