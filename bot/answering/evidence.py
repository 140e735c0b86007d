"""What the hits hold on a question, as a reader finds it: the sentence around the words that answer, as a citation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answer import Citation
from bot.answering.disagreement import disagreement
from bot.answering.ranking import confidence, ranked
from bot.answering.windows import windows_of
from bot.cite import text_fragment_link
from bot.extract.choose import leans_back
from bot.extract.evidence import Bounds, Evidence, prefer_language
from bot.speakers import speaker_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.answering.ranking import Found
    from bot.answering.reader import Reader
    from bot.extract.sentences import Sentence
    from vectorstore.passage import Hit

_AT_MOST = 3  # sentences of one answer


def read_evidence(
    question: str,
    hits: Sequence[Hit],
    reader: Reader,
    *,
    language: str | None,
    bounds: Bounds,
    keeps: Callable[[Sentence], bool] | None = None,
) -> Evidence:
    """The sentence of the hits that answers a question, or none where nothing does; of two that differ both.

    Of a release that was found in several languages, the one in the question's `language` is quoted. Only sentences
    that `keeps` lets through may answer. Raises ReaderError where the reader cannot be loaded.
    """
    windows = windows_of(prefer_language(hits, language), keeps)
    readings = reader.read(question, [window.context for window in windows])
    found = ranked(question, windows, readings)
    nearest = tuple({hit.release.id: hit.release for hit in hits}.values())[:2]
    if not found:
        return Evidence((), 0.0, (), nearest)
    sure = confidence(found)
    if sure < bounds.answered_from:
        return Evidence((), sure, (), nearest)
    differ = disagreement(question, found)
    both = (differ[0].window.release, differ[1].window.release) if differ else None
    citations = [one for each in differ or found[:1] for one in cited(each)]
    numbered = tuple(replace(one, key=str(number)) for number, one in enumerate(citations, 1))
    return Evidence(numbered, sure, (), nearest, both)


def cited(found: Found) -> tuple[Citation, ...]:
    """The sentences around what answers, each as a citation; the one before where the first only says "he"."""
    release, places = found.window.release, found.window.around(found.start, found.end)[:_AT_MOST]
    if places and len(places) < _AT_MOST and leans_back(release.text[slice(*places[0])]):
        before = [(a, b) for a, b in found.window.sentences if b <= places[0][0]][-1:]
        places = [*(one for one in before if "\n" not in release.text[one[1] : places[0][0]]), *places]
    return tuple(
        Citation(
            key=str(number),
            quote=release.text[start:end],
            start=start,
            end=end,
            release=release,
            link=text_fragment_link(release.url, release.text, start, end),
            speaker=speaker_of(release.text, start, end, release.language),
            answer=(max(start, found.start), min(end, found.end)) if start < found.end and end > found.start else None,
        )
        for number, (start, end) in enumerate(places, 1)
    )
