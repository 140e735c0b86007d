"""Which releases belong together, found out at the end of a run: twins in two languages, corrections."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from ingest.twins import WINDOW, TwinCandidate, affected, join_stated, stretches, twins_by_content
from vectorstore.types import Correction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.embedders import Embedder
    from vectorstore.store import PassageStore
    from vectorstore.types import Outline, Twin

    Spans = Sequence[tuple[datetime, datetime]]

_MARK = r"""(?: corrections? | corrected | correcting\ and\ replacing | errat(?:um|a) | corrigend(?:um|a) | update[d]?
  | rectificati(?:f|on)s? | rectifié | corrigé | mis(?:es?)?\ [àa]\ jour | version\ corrigée | corrected\ version )
  (?:\ \(?[0-9]{1,2}\)?)?"""
_PRESS_RELEASE = r"(?:press\ release|communiqué(?:\ de\ presse)?)"
_OF = rf"(?: \ (?:to|of|du|de|au)(?:\ (?:the|la|le))?(?:\ {_PRESS_RELEASE})? )?"
_BEFORE = re.compile(
    rf"^\W*+(?:{_PRESS_RELEASE}\ )?{_MARK}{_OF}\s*+[\])*]*+\s*+[:–—-]++\s*+(?P<title>\S.*)", re.IGNORECASE | re.VERBOSE
)
_QUOTED = re.compile(rf"^\W*+{_MARK}{_OF}\s*+[\"«“](?P<title>.+)", re.IGNORECASE | re.VERBOSE)
_WIRE = re.compile(r"^\W*+correcting and replacing\s++(?P<title>\w.+)", re.IGNORECASE)
_BRACKETED = re.compile(
    rf"^\W*+(?:(?<=[\[(*])|(?<=[\[(*]\s)){_MARK}\s*+[\])*]++\s*+(?P<title>[^\s\])*].*)", re.IGNORECASE | re.VERBOSE
)
_BEHIND = re.compile(
    rf"^(?P<title>.+?)(?<!\s)\s*+(?:(?<![\[(*])[\[(*]++\s*+{_MARK}\s*+[\])*]++|[–—-]\s++{_MARK})\W*+$",
    re.IGNORECASE | re.VERBOSE,
)
_QUOTES = "\"'«»“”‘’ \u00a0\u202f"

_ALIKE = 88.0
"""Of 100: titles that a headline writer took over may differ in a word or a full stop, not in what they say."""

_COMPARED = 1_000  # characters of a title: comparing takes their square

WITHIN = timedelta(days=365)
"""How long after a release it may be corrected."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def corrected_title(title: str) -> str | None:
    """The title of the release that this one says it corrects, or None where it says nothing of the kind."""
    for pattern in (_BEFORE, _QUOTED, _WIRE, _BRACKETED, _BEHIND):
        if found := pattern.match(title[:_COMPARED]):
            return found["title"].strip(_QUOTES) or None
    return None


def find_corrections(releases: Iterable[Outline]) -> list[Correction]:
    """Which releases correct which: the latest one before with the title that they name, of the same newsroom.

    Depends on the set of releases alone.
    """
    titled: dict[str | None, list[_Titled]] = defaultdict(list)
    for release in sorted(releases, key=lambda one: one.id):
        titled[release.language].append(_Titled(release, _key(release.title), corrected_title(release.title)))
    found: list[Correction] = []
    for of_language in titled.values():
        undated = [one for one in of_language if one.release.published is None]
        dated = sorted((one for one in of_language if one.release.published is not None), key=_moment)
        for correction in (one for one in of_language if one.corrects):
            possible = dated
            if correction.release.published is not None:
                first = bisect_left(dated, correction.release.published - WITHIN, key=_moment)
                possible = dated[first : bisect_right(dated, correction.release.published, key=_moment)]
            original = _original(correction, [*undated, *possible])
            found += [Correction(correction.release.id, original.id)] if original else []
    return sorted(found, key=lambda one: one.release_id)


@dataclass(frozen=True, slots=True)
class _Titled:
    """A release, the words of its title, and the title of the one that it says it corrects."""

    release: Outline
    key: str
    corrects: str | None


def _moment(one: _Titled) -> datetime:
    return one.release.published or _EARLIEST


def _original(correction: _Titled, releases: Iterable[_Titled]) -> Outline | None:
    """Of releases, none of them too old or too late, the one that is corrected."""
    possible = [one for one in releases if one is not correction and _can_be_corrected(one, correction)]
    wanted = _key(correction.corrects or "")
    matches = process.extract(wanted, [one.key for one in possible], scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None)
    best = max((score for _, score, _ in matches), default=0.0)
    dated = [possible[place].release for _, score, place in matches if score == best]
    return max(
        dated, key=lambda one: ((one.published is not None and one.published.timestamp()) or 0.0, one.id), default=None
    )


def _can_be_corrected(one: _Titled, by: _Titled) -> bool:
    """Whether one release may be what another corrects: of the same publisher, not later, not too long ago."""
    release, correction = one.release, by.release
    if release.publisher and correction.publisher and release.publisher != correction.publisher:
        return False
    if release.published is None or correction.published is None:
        return one.corrects is None
    if release.published == correction.published and one.corrects is not None:  # or two would correct each other
        return False
    return timedelta(0) <= correction.published - release.published <= WITHIN


def _key(title: str) -> str:
    return " ".join(re.findall(r"\w+", title[:_COMPARED].casefold()))


_LANGUAGES = ("en", "fr")


def relate(store: PassageStore, embedder: Embedder) -> int:
    """Join what came or changed since this was last done; returns the number of joins that there are now for it.

    What comes out depends on what the store holds, not on the order in which it came: a run that was killed is made
    good by the next.
    """
    touched, last = store.records.unrelated()
    if not touched:
        return 0
    outlines = store.records.outlines()
    corrections = find_corrections(outlines)
    joined = join_stated([_candidate(one) for one in outlines])
    dates = _dates(store, touched, joined.twins)
    of = {one.id for one in _within(outlines, affected(dates))} | set(touched)
    read = _LANGUAGES if embedder.languages is None else [one for one in _LANGUAGES if one in embedder.languages]
    twins = {(twin.first, twin.second): twin for twin in joined.twins}
    if len(read) == len(_LANGUAGES):
        for piece, near in stretches(dates):
            inside = {one.id for one in _within(outlines, [piece])}
            found = twins_by_content(_with_content(store, embedder, _within(outlines, [near])), joined, read)
            twins |= {(twin.first, twin.second): twin for twin in found if {twin.first, twin.second} & inside}
    kept = sorted(twins.values())
    store.records.relate(kept, corrections, of=of, up_to=last)
    return sum(bool({twin.first, twin.second} & set(touched)) for twin in kept)


def _dates(store: PassageStore, touched: Collection[str], stated: Iterable[Twin]) -> set[datetime]:
    """The dates around which joins may come or go: of what was touched, as it is and was, and of its twins.

    Also of releases whose stated joins are not what they were: who is left alone is compared by content again.
    """
    joined = set(store.records.twins())
    moved = {one for twin in joined ^ set(stated) if twin.reason != "content" for one in (twin.first, twin.second)}
    concerned = moved | set(touched)
    concerned |= {twin.other(one) for twin in joined for one in (twin.first, twin.second) if one in concerned}
    return store.records.dates_of(concerned)


def _within(releases: Sequence[Outline], spans: Spans) -> list[Outline]:
    """The releases published in one of the spans, which are in order and apart."""
    begins = [begin for begin, _ in spans]
    dated = [(one, one.published, bisect_right(begins, one.published) - 1) for one in releases if one.published]
    return [one for one, published, at in dated if at >= 0 and published <= spans[at][1]]


def _with_content(store: PassageStore, embedder: Embedder, near: Sequence[Outline]) -> list[TwinCandidate]:
    """Releases with what tells their contents; those that have none in another language nearby are left out."""
    near = _meeting(near)
    vectors = store.records.vectors([one.id for one in near])
    headlines = embedder.embed_passages([one.title for one in near]) if near else ()
    texts = store.records.texts([one.id for one in near])
    return [
        _candidate(one, texts.get(one.id, ""), headline, vectors.get(one.id))
        for one, headline in zip(near, headlines, strict=True)
    ]


def _meeting(near: Sequence[Outline]) -> list[Outline]:
    """Those in one of the languages that have another in the other one within the window of twins."""
    moments = {code: sorted(_moment_of(one) for one in near if one.language == code) for code in _LANGUAGES}
    return [one for one in near if one.language in moments and _is_met(one, moments[_other(one.language)])]


def _is_met(release: Outline, moments: Sequence[float]) -> bool:
    """Whether one of the moments, which are in order, lies within the window of a release."""
    reach, own = WINDOW.total_seconds(), _moment_of(release)
    first = bisect_left(moments, own - reach)
    return first < len(moments) and moments[first] <= own + reach


def _other(language: str) -> str:
    return _LANGUAGES[1 - _LANGUAGES.index(language)]


def _moment_of(release: Outline) -> float:
    """When a dated release was published, in seconds since 1970."""
    return release.published.timestamp() if release.published else 0.0


def _candidate(
    one: Outline,
    text: str = "",
    headline: NDArray[np.float32] | None = None,
    passages: NDArray[np.float16] | None = None,
) -> TwinCandidate:
    return TwinCandidate(
        id=one.id,
        language=one.language,
        title=one.title,
        text=text,
        published=one.published,
        publisher=one.publisher,
        url=one.url,
        pair=one.pair,
        translations=one.translations,
        headline=headline,
        passages=passages,
    )
