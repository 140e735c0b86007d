"""What the store holds on a question: the hits, and the releases' own sentences that answer it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.evidence import evidence_of
from bot.answering.newest import by_date, listed
from bot.follow_up import Kind
from bot.periods import Order
from bot.retrieve import joined
from bot.speakers import asked_speaker, is_said_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.answering.evidence import Evidence
    from bot.answering.reader import Reader
    from bot.answering.sentences import Sentence
    from bot.retrieve import PassageRetriever
    from bot.speakers import SaidBy
    from bot.understand import Understood
    from vectorstore.passage import Filter, Hit, StoredRelease

_WIDELY = 30  # hits among which the latest release on a subject is looked for, or somebody's words
_LISTED = 3  # releases, for « quoi de neuf »
_OF_BEFORE = 6  # passages of the releases cited last that stay candidates


@dataclass(frozen=True, slots=True)
class Gathered:
    """Evidence with the hits and the filter that it came from; `said` is whose words were asked for."""

    evidence: Evidence
    hits: tuple[Hit, ...]
    where: Filter
    said: SaidBy | None = None


class Gatherer:
    """Looks for hits and evidence; an error of the store or the embedder is passed on."""

    def __init__(self, retriever: PassageRetriever, reader: Reader, *, answered_from: float) -> None:
        self._retriever = retriever
        self._reader = reader
        self._answered_from = answered_from

    def hits(self, understood: Understood) -> tuple[Hit, ...]:
        """The hits for a question in its period."""
        # « Quoi de neuf ? » names nothing to search for: the newest releases are its answer.
        if understood.times.only_times or not understood.question:
            return ()
        return self._find(understood, understood.searched, understood.where)

    def gather(self, understood: Understood, hits: tuple[Hit, ...]) -> Gathered:
        """The evidence in these hits; in those of all dates where their period holds none."""
        said = asked_speaker(understood.question)
        where = understood.where
        evidence = self._evidence(understood, understood.searched, hits, said)
        if understood.of_period and not understood.times.only_times and not evidence.citations:
            # A period that answers nothing hides what other dates hold: it is told, and the search done without it.
            wider = self._find(understood, understood.question, understood.ask.where)
            everywhere = self._evidence(understood, understood.question, wider, said)
            if everywhere.citations:
                where = where if _all_within(where, everywhere) else understood.ask.where
                return Gathered(everywhere, wider, where, said)
        return Gathered(evidence, hits, where, said)

    def _find(self, understood: Understood, question: str, where: Filter) -> tuple[Hit, ...]:
        limit, language = understood.ask.passages, understood.language
        if understood.times.order or asked_speaker(understood.question):
            limit = max(limit or self._retriever.limit, _WIDELY)
        before = understood.followed.releases
        if before and understood.followed.kind in (Kind.MORE, Kind.YES):
            return self._retriever.find(question, where=replace(where, releases=before), limit=limit, language=language)
        found = self._retriever.find(question, where=where, limit=limit, language=language)
        if not before:
            return found
        kept = self._retriever.find(
            question, where=replace(where, releases=before), limit=_OF_BEFORE, language=language
        )
        return joined(found, kept)

    def _evidence(self, understood: Understood, question: str, hits: tuple[Hit, ...], said: SaidBy | None) -> Evidence:
        if understood.times.only_times and not hits:
            wanted = understood.times.count or (1 if understood.times.order and not understood.of_period else _LISTED)
            where = understood.where
            if understood.language and not where.languages:
                where = replace(where, languages=(understood.language,))
            return listed(self._newest(where, wanted, oldest=understood.times.order is Order.EARLIEST))
        evidence = self._read(understood, question, hits, said)
        if said and not said.verbatim and not evidence.citations:
            # A position may be told without a quotation.
            evidence = self._read(understood, question, hits, None)
        if understood.times.order is None or not evidence.citations:
            return evidence
        ordered = by_date(hits, newest=understood.times.order is Order.LATEST)
        releases = list({hit.release.id: hit.release for hit in ordered}.values())[: understood.times.count or 1]
        chosen = {release.id for release in releases}
        latest = self._read(understood, question, tuple(hit for hit in hits if hit.release.id in chosen), said)
        return latest if latest.citations and len(releases) == 1 else listed(releases)

    def _read(self, understood: Understood, question: str, hits: tuple[Hit, ...], said: SaidBy | None) -> Evidence:
        # Who wants more of a release is shown what comes nearest, till nothing is left.
        more = bool(understood.followed.leave_out)
        return evidence_of(
            understood.question,
            self._retriever.widened(question, hits, understood.language),
            self._reader,
            language=understood.language,
            answered_from=0.0 if more else self._answered_from,
            keeps=_keeps(said, understood.followed.leave_out),
        )

    def _newest(self, where: Filter, wanted: int, *, oldest: bool) -> list[StoredRelease]:
        store = self._retriever.store
        if not oldest:
            return store.releases(where, wanted)
        dated = [release for release in store.releases(where) if release.published]
        return dated[::-1][:wanted]


def _keeps(said: SaidBy | None, leave_out: tuple[str, ...]) -> Callable[[Sentence], bool] | None:
    """Which sentences may answer: the words of a speaker who is asked for, and none that was shown already."""
    if said is None and not leave_out:
        return None

    def keeps(sentence: Sentence) -> bool:
        if sentence.text in leave_out:
            return False
        release = sentence.release
        return said is None or is_said_by(release.text, sentence.start, sentence.end, release.language, said.speaker)

    return keeps


def _all_within(where: Filter, evidence: Evidence) -> bool:
    """Whether everything quoted was published in a period; then it was not widened, only read with more around it."""
    dates = [citation.release.published for citation in evidence.citations]
    since, until = where.since, where.until
    return all(one and (since is None or one >= since) and (until is None or one < until) for one in dates)
