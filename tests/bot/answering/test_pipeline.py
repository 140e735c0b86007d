from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from benchmarks.words_reader import WordsReader
from bot.answering.pipeline import Answerer, Ask
from bot.answering.retriever import PassageRetriever
from bot.errors import QuestionError
from tests.fakes import WordEmbedder, a_release, keep
from tests.shared_data import shared
from vectorstore.errors import StoreError
from vectorstore.store import PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vectorstore.types import Hit

QUESTION = "Who chaired the meeting in Geneva?"


@pytest.fixture
def answerer(tmp_path: Path) -> Iterator[Answerer]:
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        release = a_release(
            "geneva",
            "The council met in Geneva on Monday.",
            "Ann Lee chaired the meeting in Geneva. She promised 30 new buses.",
            published=datetime(2024, 5, 6, tzinfo=UTC),
        )
        keep(store, release, embedder)
        keep(store, a_release("bern", "Le marché de Berne ouvre samedi.", language="fr"), embedder)
        yield Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())


class BrokenStore:
    """A store whose search fails, as on a damaged disk."""

    def search(self, *_: object, **__: object) -> tuple[Hit, ...]:
        raise StoreError("catalogue: disk image is malformed")

    @property
    def records(self) -> BrokenStore:
        return self

    def count_releases(self, where: Filter | None = None) -> int:
        return 1


def test_a_question_is_answered_with_exact_quotes(answerer: Answerer) -> None:
    """The whole of an answer: text with keys, citations that stand in their release, language, model, times."""
    answer = answerer.invoke(QUESTION)

    assert answer.answered
    assert "Ann Lee chaired the meeting in Geneva. [1]" in answer.text
    assert all(one.release.text[one.start : one.end] == one.quote for one in answer.citations)
    assert (answer.language, answer.model, answer.standalone_question) == ("en", "extractive", QUESTION)
    assert set(answer.timings_ms) == {"understand", "retrieve", "answer", "total"}
    assert 0.4 <= answer.confidence <= 1


def test_a_question_that_the_releases_do_not_answer_is_refused(answerer: Answerer) -> None:
    """A refusal says in the question's language how much was searched, and quotes nothing."""
    answer = answerer.invoke("Quel est le prix du pétrole ?")

    assert not answer.answered
    assert answer.citations == ()
    assert answer.refusal is not None
    assert answer.text == answer.refusal.reason
    assert answer.text.startswith("2 communiqués consultés : aucune phrase")
    assert len(answer.refusal.nearest) == 2


def test_a_filter_that_empties_the_search_is_told(answerer: Answerer) -> None:
    """Nothing in the period is another answer than nothing that fits."""
    where = Filter(since=datetime(2023, 1, 1, tzinfo=UTC), until=datetime(2023, 2, 1, tzinfo=UTC))

    answer = answerer.invoke(Ask(QUESTION, where=where))

    assert answer.text == "No release published from 1 January 2023 to 31 January 2023; the oldest is of 6 May 2024."
    assert answer.refusal is not None
    assert answer.refusal.searched.releases == 0


def test_what_is_asked_for_is_kept(answerer: Answerer) -> None:
    """The moment, the language and the number of passages come from the Ask where it has them."""
    moment = datetime(2024, 10, 20, tzinfo=UTC)

    answer = answerer.invoke(Ask("Geneva buses", as_of=moment, language="fr", passages=1))

    assert answer.as_of == moment
    assert answer.language == "fr"


async def test_asynchronous_use_gives_the_same_answer(answerer: Answerer) -> None:
    """`ainvoke` and `astream` come to what `invoke` gives; a stream brings the answer in one piece."""
    expected = answerer.invoke(QUESTION)

    awaited = await answerer.ainvoke(QUESTION)
    streamed = [piece async for piece in answerer.astream(QUESTION)]

    assert awaited.citations == expected.citations
    assert [piece.text for piece in streamed] == [expected.text]


def test_a_batch_keeps_its_order(answerer: Answerer) -> None:
    """Each question gets its own answer, in its place."""
    first, second = answerer.batch([QUESTION, "Quand le marché de Berne ouvre-t-il ?"])

    assert "Ann Lee" in first.text
    assert "samedi" in second.text


@pytest.mark.parametrize("question", ["Πού είναι η σύνοδος;", "le la les de ?", "?!", "blah " * 1000])
def test_odd_questions_get_a_refusal(answerer: Answerer, question: str) -> None:
    """Another script, stop words alone, signs alone and 5,000 characters of nothing are refused, not failed on."""
    assert not answerer.invoke(question).answered


def test_a_blank_question_is_an_error(answerer: Answerer) -> None:
    """There is nothing to refuse."""
    with pytest.raises(QuestionError, match="write a question"):
        answerer.invoke("  ")


def test_a_failing_search_is_an_error_and_never_a_refusal() -> None:
    """What the store raises reaches the caller as it is."""
    answerer = Answerer(PassageRetriever(store=BrokenStore(), embedder=WordEmbedder()))

    with pytest.raises(StoreError, match="malformed"):
        answerer.invoke(QUESTION)


@pytest.fixture
def about_the_seed(tmp_path: Path) -> Iterator[Answerer]:
    seed = shared("seed/otan-2024-10-17.fr.txt")
    from ingest.parse.page import parse_page
    from ingest.types import Page, Source

    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        source = Source(str(seed.parent))
        keep(store, parse_page(Page(str(seed), seed.name, seed.read_bytes(), source)), embedder, size=600)
        yield Answerer(PassageRetriever(store=store, embedder=embedder))


@pytest.mark.data
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Combien d'euros d'aide les Alliés ont-ils fournis à l'Ukraine au premier semestre ?", "20,9\u00a0milliards"),
        ("Où se trouve le nouveau commandement de l'OTAN ?", "Wiesbaden"),
        ("Qui présidait la réunion ?", "Mark Rutte qui"),
        ("Quels pays de l'Indo-Pacifique participaient pour la première fois ?", "Japon"),
        ("Quelle somme les Alliés se sont-ils engagés à consacrer à l'Ukraine ?", "40\u00a0milliards"),
    ],
)
def test_the_seed_answers_its_questions(about_the_seed: Answerer, question: str, expected: str) -> None:
    """On one real release alone, each question brings the sentence that answers it."""
    answer = about_the_seed.invoke(question)

    assert any(" ".join(expected.split()) in " ".join(one.quote.split()) for one in answer.citations)
    assert all(one.release.text[one.start : one.end] == one.quote for one in answer.citations)
