"""What the store holds on a question: the hits, and the releases' own sentences that answer it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.answering.archive import is_about, subject_of
from bot.answering.citations import quote_link
from bot.answering.evidence import Evidence, evidence_of
from bot.answering.retriever import joined_hits
from bot.answering.turns import TurnKind, asks_for_releases
from bot.answering.types import Citation
from bot.answering.windows import sentence_places
from bot.language.annotations import quotations_of
from bot.language.names import spellings
from bot.language.speakers import is_said_by, known_elsewhere
from bot.language.time_expressions import SEVERAL, Order
from vectorstore.text.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.answering.analysis import QuestionAnalysis
    from bot.answering.reader import Reader
    from bot.answering.retriever import PassageRetriever
    from bot.answering.windows import Sentence
    from bot.language.speakers import SaidBy
    from bot.language.time_expressions import Times
    from vectorstore.types import Filter, Hit, StoredRelease

OF_BEFORE = 6
"""Passages of the releases cited last that stay candidates for a follow-up."""

_WIDELY = 30  # hits among which the latest release on a subject is looked for, or somebody's words
_LOOKED_AT = 200  # releases that mention a subject, among which those about it are looked for
_AMONG = 4  # times the releases that are listed: those that have a twin in the language of the question are left out
_OF_PERIOD = 5  # passages of releases of a period that the question names that are candidates at the least


@dataclass(frozen=True, slots=True)
class Gathered:
    """Evidence with the hits and the filter that it came from.

    `said` is whose words were asked for, `unanswered` the questions of several in one that nothing answers.
    """

    evidence: Evidence
    hits: tuple[Hit, ...]
    where: Filter
    said: SaidBy | None = None
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Looks for hits and evidence; an error of the store or the embedder is passed on.

    Only what is answered with a confidence of `answered_from` or more is evidence.
    """

    retriever: PassageRetriever
    reader: Reader
    answered_from: float

    def hits(self, analysis: QuestionAnalysis) -> tuple[Hit, ...]:
        """The hits for a question in its period."""
        # « Quoi de neuf ? » names nothing to search for: the newest releases are its answer.
        if analysis.times.only_times or not analysis.question:
            return ()
        return self._find(analysis, analysis.searched, analysis.where)

    def gather(self, analysis: QuestionAnalysis, hits: tuple[Hit, ...]) -> Gathered:
        """The evidence in these hits; in those of all dates where their period holds none."""
        if analysis.parts:
            return self._of_parts(analysis, hits)
        where = analysis.where
        # What a publisher says is what its releases say.
        said = analysis.said if analysis.said and not self._publishes(analysis.said, analysis.ask.where) else None
        evidence = self._evidence(analysis, analysis.searched, hits, said)
        if analysis.of_period and not analysis.times.only_times and not evidence.citations:
            # A period that answers nothing hides what other dates hold: it is told, and the search done without it.
            wider = self._find(analysis, analysis.whole, analysis.everything)
            everywhere = self._evidence(analysis, analysis.whole, wider, said)
            if everywhere.citations:
                where = where if _all_within(where, everywhere) else analysis.everything
                return Gathered(everywhere, wider, where, said)
        return Gathered(evidence, hits, where, said)

    def _publishes(self, said: SaidBy, where: Filter) -> bool:
        """Whether it is a publisher whose words are asked for."""
        name = fold(said.speaker).casefold()
        listed = self.retriever.store.records.publishers(where.scopes_alone)
        publishers = (fold(one).casefold() for one, *_ in listed if one)
        return any(one.startswith(name) or name.startswith(one) for one in publishers)

    def _of_parts(self, whole: QuestionAnalysis, hits: tuple[Hit, ...]) -> Gathered:
        """The evidence for each question of several in one, in their order, each searched by itself."""
        parts, found = whole.parts, list[Gathered]()
        for part in parts:
            if asks_for_releases(part.question):  # it is told of the archive, not by a release
                found.append(Gathered(Evidence((), 0.0), (), part.where))
                continue
            one = self.gather(part, self.hits(part))
            if part.leans_on != whole.leans_on and not one.evidence.citations:
                alone = replace(part, leans_on=whole.leans_on)
                one = self.gather(alone, self.hits(alone))
            found.append(one)
        answered = [one for one in found if one.evidence.citations]
        if not answered:
            return found[0]
        once = {(c.release.id, c.start, c.end): c for one in answered for c in one.evidence.citations}
        numbered = tuple(replace(one, key=str(number)) for number, one in enumerate(once.values(), 1))
        evidence = replace(answered[0].evidence, citations=numbered, alternative=())
        pairs = list(zip(parts, found, strict=True))
        unanswered = tuple(part.question for part, one in pairs if not one.evidence.citations)
        within = all(one.where == part.where for part, one in pairs if one.evidence.citations)
        where = whole.where if within else whole.everything
        return replace(answered[0], evidence=evidence, hits=hits, where=where, unanswered=unanswered)

    def _find(self, analysis: QuestionAnalysis, question: str, where: Filter) -> tuple[Hit, ...]:
        """The hits for a question; of a release that has a twin in its language, the twin's."""
        return self.retriever.traced(question, lambda: self._own(analysis, question, where))

    def _own(self, analysis: QuestionAnalysis, question: str, where: Filter) -> tuple[Hit, ...]:
        hits = self._found(analysis, question, where)
        language = analysis.language
        if where.languages or not language or all(hit.release.language in {language, None} for hit in hits):
            return hits
        twins = self._twins(hits, language, analysis.archive)
        if not twins:
            return hits
        only = replace(analysis.archive, releases=tuple(twins.values()))
        passages: dict[str, list[Hit]] = defaultdict(list)
        for hit in self.retriever.find(question, where=only, limit=len(hits), language=language):
            passages[hit.release.id].append(hit)
        own: dict[str, Hit] = {}
        for hit in hits:
            twin = passages[twins[hit.release.id]] if hit.release.id in twins else [hit]
            if twin:
                one = replace(twin.pop(0), score=hit.score, rank=len(own) + 1)
                own.setdefault(one.passage.id, one)
        return tuple(own.values())

    def _twins(self, hits: Sequence[Hit], language: str, within: Filter) -> dict[str, str]:
        """The ids of twins in a language by the ids of the releases in another that were found."""
        store, found = self.retriever.store, dict[str, str]()
        for release in {hit.release.id: hit.release for hit in hits}.values():
            if release.language not in {language, None}:
                twins = [twin.other(release.id) for twin in store.records.relations(release.id).twins]
                if twins and within:
                    known = store.records.among(twins, within)
                    twins = [identity for identity in twins if identity in known]
                if own := next(
                    (one.id for one in map(store.records.get, twins) if one and one.language == language), None
                ):
                    found[release.id] = own
        return found

    def _found(self, analysis: QuestionAnalysis, question: str, where: Filter) -> tuple[Hit, ...]:
        limit, language = analysis.ask.passages, analysis.language
        if analysis.times.order or analysis.said:
            limit = max(limit or self.retriever.k, _WIDELY)
        before = analysis.releases
        if before and analysis.guess.kind is TurnKind.MORE:
            return self.retriever.find(question, where=replace(where, releases=before), limit=limit, language=language)
        found = self.retriever.find(question, where=where, limit=limit, language=language)
        if analysis.around:
            within = self.retriever.find(question, where=analysis.around, limit=_OF_PERIOD, language=language)
            found = of_period(joined_hits(found, within), analysis.around, analysis.times)
        if not before:
            return found
        kept = self.retriever.find(question, where=replace(where, releases=before), limit=OF_BEFORE, language=language)
        if analysis.reading != analysis.question:  # "And Finland?" may be told elsewhere
            return joined_hits(found, kept)
        best = max((hit.score for hit in found), default=1.0)
        known = {hit.passage.id for hit in found}
        more = tuple(replace(hit, score=min(hit.score, best)) for hit in kept if hit.passage.id not in known)
        return preferring((*found, *more), lambda release: release.id in before)

    def _evidence(
        self, analysis: QuestionAnalysis, question: str, hits: tuple[Hit, ...], said: SaidBy | None
    ) -> Evidence:
        if analysis.times.only_times and not hits:
            wanted = analysis.times.count or (1 if analysis.times.order and not analysis.of_period else SEVERAL)
            return _listed(self._newest(analysis, wanted), analysis.leave_out)
        if analysis.times.order and ((releases := self._on_subject(analysis)) or analysis.leave_out):
            return _listed(releases, analysis.leave_out)
        evidence = self._read(analysis, question, hits, said)
        if said and not said.verbatim and not evidence.citations:
            # A position may be told without a quotation.
            evidence = self._read(analysis, question, hits, None)
        if analysis.times.order is None or not evidence.citations:
            return evidence
        ordered = by_date(hits, newest=analysis.times.order is Order.LATEST)
        releases = list({hit.release.id: hit.release for hit in ordered}.values())[: analysis.times.count or 1]
        chosen = {release.id for release in releases}
        latest = self._read(analysis, question, tuple(hit for hit in hits if hit.release.id in chosen), said)
        return latest if latest.citations and len(releases) == 1 else _listed(releases)

    def _read(self, analysis: QuestionAnalysis, question: str, hits: tuple[Hit, ...], said: SaidBy | None) -> Evidence:
        # Who wants more of a release is shown what comes nearest, till nothing is left.
        more = bool(analysis.leave_out)
        return evidence_of(
            analysis.times.unbounded(analysis.reading),
            self.retriever.widened(question, hits, analysis.language),
            self.reader,
            earlier=analysis.earlier and analysis.times.unbounded(analysis.earlier),
            language=analysis.language,
            answered_from=0.0 if more else self.answered_from,
            keeps=_keeps(said, analysis.leave_out, hits) if said or more else None,
            misspelt=self.retriever.misspelt,
        )

    def _on_subject(self, analysis: QuestionAnalysis) -> list[StoredRelease]:
        """The latest or first releases that name the subject, in title or lead where some do; none where none does."""
        store, groups = self.retriever.store, subject_of(analysis).groups
        texts = [spelt for group in groups for spelt in spellings(" ".join(group))]
        found = store.mentioning(*texts, language=analysis.language, where=analysis.where, limit=_LOOKED_AT)[1]
        found = [release for release in found if release.published]
        about = [release for release in found if is_about(release, texts, analysis.language)] or found
        ordered = about if analysis.times.order is Order.LATEST else about[::-1]
        return self._page(ordered, analysis, analysis.times.count or 1)

    def _newest(self, analysis: QuestionAnalysis, wanted: int) -> list[StoredRelease]:
        """The newest releases, or the oldest where they are asked for."""
        store, where = self.retriever.store, analysis.where
        if analysis.times.order is Order.EARLIEST:
            found = [release for release in store.records.releases(where) if release.published][::-1]
        else:
            found = store.records.releases(where, _AMONG * (wanted + len(analysis.leave_out)))
        return self._page(found, analysis, wanted)

    def _page(self, found: Sequence[StoredRelease], analysis: QuestionAnalysis, wanted: int) -> list[StoredRelease]:
        """The first of some releases, or where more is wanted the next ones; more of one is more of its text.

        Of those in another language none is there whose twin in this one is there too.
        """
        language, shown = analysis.language, len(analysis.leave_out) if wanted > 1 else 0
        own = {release.id for release in found if release.language == language}
        kept: list[StoredRelease] = []
        for release in found:
            if len(kept) == shown + wanted:
                break
            foreign = language is not None and release.language not in {language, None}
            if foreign and own & {
                twin.other(release.id) for twin in self.retriever.store.records.relations(release.id).twins
            }:
                continue
            kept.append(release)
        return kept[shown:]


def _keeps(said: SaidBy | None, leave_out: tuple[str, ...], hits: Sequence[Hit]) -> Callable[[Sentence], bool]:
    """Which sentences may answer: the words of a speaker who is asked for, and none that was shown already."""
    releases = {hit.release.id: hit.release for hit in hits}.values()
    known = known_elsewhere([(one.text, one.language) for one in releases], said.speaker) if said else ()

    def keeps(sentence: Sentence) -> bool:
        if sentence.text in leave_out:
            return False
        if said is None:
            return True
        release, start, end = sentence.release, sentence.start, sentence.end
        quoted = quotations_of(release)
        return is_said_by(release.text, start, end, release.language, said.speaker, known=known, quoted=quoted)

    return keeps


def _all_within(where: Filter, evidence: Evidence) -> bool:
    """Whether everything quoted was published in a period; then it was not widened, only read with more around it."""
    return all(where.spans(citation.release.published) for citation in (*evidence.citations, *evidence.alternative))


_NEAR = 0.7  # of the best score: a release that is hardly about the subject is not the latest on it
_UNDATED = datetime.min.replace(tzinfo=UTC)
_LEAD = 400  # characters of a text that begin it
_PREFERRED = 1.25  # times its score: a hit of the period that is asked about, or of the release before
_WORDS = 6  # of a sentence that says something


def by_date(hits: Sequence[Hit], *, newest: bool = True) -> tuple[Hit, ...]:
    """The hits near the best by their releases' dates, newest or oldest first, undated ones last, with new ranks."""
    if not hits:
        return ()
    near = [hit for hit in hits if hit.score >= _NEAR * hits[0].score]
    dated = sorted((hit for hit in near if hit.release.published), key=_date, reverse=newest)
    ordered = [*dated, *(hit for hit in near if not hit.release.published)]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(ordered, 1))


def of_period(hits: Sequence[Hit], where: Filter, times: Times) -> tuple[Hit, ...]:
    """The hits, those preferred whose releases name a period in title or lead, or were published in it.

    Who names the year after which something is asked for does not speak of the years after it.
    """
    text = times.period.text if times.period and times.period.named else ""
    named = [word for word in fold(text).casefold().split() if not is_stop_word(word, None)]

    def is_of_period(release: StoredRelease) -> bool:
        if where.spans(release.published):
            return True
        said = fold(f"{release.title} {release.lead or release.text[:_LEAD]}").casefold()
        held = {word.strip(".,;:()") for word in said.split()}
        return bool(named) and held.issuperset(named)

    return preferring(hits, is_of_period)


def preferring(hits: Sequence[Hit], chosen: Callable[[StoredRelease], bool]) -> tuple[Hit, ...]:
    """The hits in the order of their scores, those of chosen releases counting a quarter more, with new ranks."""
    scored = [replace(hit, score=hit.score * (_PREFERRED if chosen(hit.release) else 1.0)) for hit in hits]
    ordered = sorted(scored, key=lambda hit: -hit.score)
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(ordered, 1))


def _listed(releases: Sequence[StoredRelease], leave_out: Sequence[str] = ()) -> Evidence:
    """The openings of releases as evidence, in their order: what is new is what they say first.

    What follows on quotes that are left out.
    """
    found = (_opening(release, "", leave_out) for release in releases)
    citations = tuple(replace(one, key=str(key)) for key, one in enumerate(filter(None, found), 1))
    return Evidence(citations, 1.0 if citations else 0.0)


def _opening(release: StoredRelease, key: str, leave_out: Sequence[str] = ()) -> Citation | None:
    """The first sentence of a release that says something, as a citation; None where nothing is left of its text."""
    places = [one for one in sentence_places(release) if release.text[slice(*one)] not in leave_out]
    if not places:
        return None
    start, end = next((one for one in places if _says_something(release.text[slice(*one)])), places[0])
    return Citation(key, release.text[start:end], start, end, release, quote_link(release, start, end))


def _says_something(sentence: str) -> bool:
    """Whether it is no dateline, caption or heading: those are short, or end without a full stop."""
    return len(sentence.split()) >= _WORDS and sentence.rstrip("\"'”’»)] \u00a0\u202f")[-1:] in {".", "!", "?", "…"}


def _date(hit: Hit) -> datetime:
    return hit.release.published or _UNDATED
