"""Questions asked with their answer in the store and without it: whole article, or its paragraph alone, left out."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks.retrieval import as_corpus
from datasets.questions import Paragraph, Question, clap_nq
from vectorstore.embedders.subwords import built_in
from vectorstore.retrieval.late_interaction import LateInteraction
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from datasets.questions import Kind
    from vectorstore.embedders import Embedder

Missing = Literal["nothing", "paragraph", "article"]


@dataclass(frozen=True, slots=True)
class Round:
    """A store that lacks some paragraphs, and the questions to ask it."""

    missing: Missing
    store: PassageStore
    questions: tuple[Question, ...]


class Rounds:
    """Makes stores of a set's paragraphs, embedded once, each without a fold of its articles or paragraphs."""

    def __init__(self, paragraphs: Sequence[Paragraph], embedder: Embedder) -> None:
        self._articles = {paragraph.id: paragraph.article for paragraph in paragraphs}
        corpus = as_corpus(paragraphs)
        self._embedder = embedder
        vectors = embedder.embed_passages(corpus.texts())
        numbers: dict[str, list[int]] = {release.id: [] for release in corpus.releases}
        for number, passage in enumerate(corpus.passages):
            numbers[passage.release_id].append(number)
        self._parts = [
            (release, [corpus.passages[n] for n in numbers[release.id]], vectors[numbers[release.id]])
            for release in corpus.releases
        ]

    def store(self, home: Path, lacks: Callable[[str], bool]) -> PassageStore:
        """A store with all paragraphs but those whose id is lacking."""
        store = PassageStore(home, model=self._embedder.name, interaction=LateInteraction(built_in))
        with store.writing():
            for release, passages, vectors in self._parts:
                if not lacks(release.id):
                    store.replace(release, passages, vectors)
        return store

    def of(self, questions: Sequence[Question], home: Path, *, folds: int = 16) -> Iterator[Round]:
        """Every question with nothing missing, without its article, without its paragraph; close nothing yourself."""
        yield from self._round("nothing", questions, home / "all", lambda _: False)
        yield from self._folded("article", questions, home, (lambda paragraph: self._articles[paragraph], folds))
        yield from self._folded("paragraph", questions, home, (lambda paragraph: paragraph, 6))

    def _folded(
        self, missing: Missing, questions: Sequence[Question], home: Path, by: tuple[Callable[[str], str], int]
    ) -> Iterator[Round]:
        key, folds = by
        keys = sorted({key(question.paragraph) for question in questions})
        random.Random(5).shuffle(keys)
        fold_of = {one: number % folds for number, one in enumerate(keys)}
        for fold in range(min(folds, len(keys))):
            asked = [question for question in questions if fold_of[key(question.paragraph)] == fold]
            gone = {one for one, number in fold_of.items() if number == fold}
            yield from self._round(missing, asked, home / f"{missing}-{fold}", lambda one, g=gone: key(one) in g)  # type: ignore[misc]

    def _round(
        self, missing: Missing, questions: Sequence[Question], home: Path, lacks: Callable[[str], bool]
    ) -> Iterator[Round]:
        store = self.store(home, lacks)
        try:
            yield Round(missing, store, tuple(questions))
        finally:
            store.close()


def clapnq(data: Path) -> tuple[list[Paragraph], list[Question], list[Question]]:
    """CLAP NQ's passages, its answerable questions with their evidence, and those that their passage does not answer.

    Raises MissingDataError.
    """
    paragraphs: list[Paragraph] = []
    asked: dict[Kind, list[Question]] = {"answerable": [], "unanswerable": []}
    for kind, questions in asked.items():
        for number, one in enumerate(clap_nq(data, kind)):
            identity = f"clapnq-{kind}-{number}"
            paragraphs.append(Paragraph(identity, identity, one.title, one.text, "en"))
            questions.append(Question(identity, one.question, "en", identity, one.evidence))
    return paragraphs, asked["answerable"], asked["unanswerable"]
