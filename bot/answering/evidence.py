"""What the hits hold on a question: the sentence around the words that the reader marked, as a checked citation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answer import Citation
from bot.answering.disagreement import disagreement
from bot.answering.ranking import confidence, ranked
from bot.answering.sentences import leans_back, with_list
from bot.answering.windows import windows_of
from bot.cite import text_fragment_link
from bot.instructions import unkeyed
from bot.speakers import speaker_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.answering.ranking import Found
    from bot.answering.reader import Reader
    from bot.answering.sentences import Sentence
    from vectorstore.passage import Hit, StoredRelease

ANSWERED_FROM: Mapping[str, float] = {"seldom": 0.15, "balanced": 0.2, "often": 0.45}
"""Confidence from which there is an answer, by how often the bot is to refuse (`answers.refusing`)."""

_AT_MOST = 3  # sentences of one answer


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the hits hold on a question.

    `citations` are the sentences that answer it, in the order to show them; none where nothing fits. `confidence` is
    how likely the first of them answers, in [0, 1]; without citations it lies below the bound. `nearest` are the two
    releases that came closest, `differing` two that contradict each other, the newer first; `found` is all that was
    read, likeliest first.
    """

    citations: tuple[Citation, ...]
    confidence: float
    nearest: tuple[StoredRelease, ...] = ()
    differing: tuple[StoredRelease, StoredRelease] | None = None
    found: tuple[Found, ...] = ()

    @property
    def text(self) -> str:
        """The sentences on one line, each followed by its key: `M. Rutte a déclaré … [1]`.

        Notes of the releases' own stand in parentheses there; the citations have them as they are.
        """
        shown = (f"{unkeyed(citation.quote).replace(chr(10), ' ')} [{citation.key}]" for citation in self.citations)
        return " ".join(shown)


def evidence_of(  # noqa: PLR0913 - what is asked, where, and what may answer
    question: str,
    hits: Sequence[Hit],
    reader: Reader,
    *,
    earlier: str | None = None,
    language: str | None,
    answered_from: float,
    keeps: Callable[[Sentence], bool] | None = None,
) -> Evidence:
    """The sentence of the hits that answers a question, or none where nothing does; of two that differ both.

    `earlier` is what was asked before, where the question leans on it. Of a release that was found in several
    languages, the one in the question's `language` is quoted. Only sentences that `keeps` lets through may answer, and
    only with a confidence of `answered_from` or more. Raises ReaderError where the reader cannot be loaded.
    """
    windows = windows_of(prefer_language(hits, language), keeps)
    readings = reader.read(question, [window.context for window in windows], earlier=earlier)
    found = ranked(question, windows, readings, earlier=earlier)
    nearest = tuple({hit.release.id: hit.release for hit in hits}.values())[:2]
    if not found:
        return Evidence((), 0.0, nearest)
    sure = confidence(found)
    if sure < answered_from:
        return Evidence((), sure, nearest, found=tuple(found))
    differ = disagreement(f"{earlier or ''} {question}".strip(), found)
    both = (differ[0].window.release, differ[1].window.release) if differ else None
    citations = [one for each in differ or found[:1] for one in cited(each)]
    numbered = tuple(replace(one, key=str(number)) for number, one in enumerate(citations, 1))
    return Evidence(numbered, sure, nearest, both, tuple(found))


def prefer_language(hits: Sequence[Hit], language: str | None) -> tuple[Hit, ...]:
    """The hits without those of a release that was found in the question's language too; that one takes their place."""
    twins = {hit.release.pair for hit in hits if hit.release.pair and hit.release.language == language}
    first: dict[str, tuple[int, float]] = {}
    kept: list[tuple[int, Hit]] = []
    for place, hit in enumerate(hits):
        pair = hit.release.pair or ""
        if pair in twins:
            before, best = first.setdefault(pair, (place, hit.score))
            if hit.release.language == language:
                kept.append((before, replace(hit, score=max(hit.score, best))))
        else:
            kept.append((place, hit))
    return tuple(hit for _, hit in sorted(kept, key=lambda one: one[0]))


def cited(found: Found) -> tuple[Citation, ...]:
    """The sentences around what answers, each as a citation; the one before where the first only says "he"."""
    release, places = found.window.release, found.window.around(found.start, found.end)[:_AT_MOST]
    if places and len(places) < _AT_MOST and leans_back(release.text[slice(*places[0])]):
        before = [(a, b) for a, b in found.window.sentences if b <= places[0][0]][-1:]
        places = [*(one for one in before if "\n" not in release.text[one[1] : places[0][0]]), *places]
    if places:
        places[-1] = places[-1][0], with_list(release.text, *places[-1])
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
