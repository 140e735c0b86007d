from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from langchain_tests.integration_tests import RetrieversIntegrationTests

from bot.answering.retriever import LONGEST_QUESTION, PassageRetriever, searchable
from bot.errors import QuestionError
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.embedders.subwords import built_in
from vectorstore.retrieval.late_interaction import LateInteraction
from vectorstore.store import PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[dict[str, Any]]:
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store, store.writing():
        for town in ("Geneva", "Bern", "Basel", "Zurich"):
            keep(store, a_release(town, f"The council of {town} met on Monday.", title=f"{town} meets"), embedder)
        yield {"store": store, "embedder": embedder}


@pytest.fixture
def retriever(parts: dict[str, Any]) -> PassageRetriever:
    return PassageRetriever(**parts)


class TestAsALangChainRetriever(RetrieversIntegrationTests):
    """LangChain's own suite for retrievers."""

    @pytest.fixture(autouse=True)
    def _with_parts(self, parts: dict[str, Any]) -> None:
        self._parts = parts

    @property
    def retriever_constructor(self) -> type[PassageRetriever]:
        return PassageRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return self._parts

    @property
    def retriever_query_example(self) -> str:
        return "Which council met?"

    @property
    def num_results_arg_name(self) -> str:
        return "k"


def test_the_passage_that_shares_words_with_the_question_comes_first(retriever: PassageRetriever) -> None:
    """Hits are typed, ranked from 1, and the best one is about what was asked."""
    hits = retriever.find("When did the council of Basel meet?")

    assert hits[0].release.id == "Basel"
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def test_a_document_carries_its_passage_and_its_place(retriever: PassageRetriever) -> None:
    """What LangChain's tools get names the passage, its release, its offsets and why it is there."""
    hit = retriever.find("Basel", limit=1)[0]

    (document,) = retriever.invoke("Basel", k=1)

    assert (document.id, document.page_content) == (hit.passage.id, hit.passage.text)
    assert document.metadata["release_id"] == "Basel"
    assert document.metadata["title"] == "Basel meets"
    assert document.metadata["published"] is None
    assert (document.metadata["start"], document.metadata["end"]) == (hit.passage.start, hit.passage.end)
    assert document.metadata["page"] is None


@pytest.mark.parametrize(
    "where", [Filter(releases=("Bern",)), {"releases": ["Bern"]}, {"releases": ("Bern",), "languages": ["en"]}]
)
def test_a_filter_is_given_to_the_retriever_or_to_one_search(
    parts: dict[str, Any], retriever: PassageRetriever, where: Any
) -> None:
    """As a filter or as a dict of its fields; that of one search stands in for the retriever's own."""
    bounded = PassageRetriever(**parts, filter={"publishers": ["Nobody"]}, k=2)

    assert bounded.invoke("council") == []
    assert [one.metadata["release_id"] for one in bounded.invoke("council", filter=where)] == ["Bern"]
    assert [one.metadata["release_id"] for one in retriever.invoke("council", filter=where)] == ["Bern"]
    assert len(bounded.invoke("council", filter={})) == 2
    assert len(bounded.invoke("council", filter={}, k=3)) == 3


def test_an_unknown_field_of_a_filter_is_an_error(parts: dict[str, Any], retriever: PassageRetriever) -> None:
    """It would let everything through otherwise."""
    with pytest.raises(QuestionError, match="filter: publisher: there is no such key, only since, until, languages"):
        retriever.invoke("council", filter={"publisher": "Nobody"})
    with pytest.raises(QuestionError, match="filter: publisher: there is no such key"):
        PassageRetriever(**parts, filter={"publisher": "Nobody"})


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\u00a0"])
def test_a_blank_question_is_an_error_that_says_what_to_do(retriever: PassageRetriever, question: str) -> None:
    """Nothing was asked, so nothing is searched."""
    with pytest.raises(QuestionError, match="question: empty: write a question"):
        retriever.find(question)


def test_a_very_long_question_is_searched_with_its_beginning(
    retriever: PassageRetriever, caplog: pytest.LogCaptureFixture
) -> None:
    """5,000 characters are cut at a word; the log tells, and hits come back."""
    question = "What did the council of Basel decide? " + "blah " * 1000

    with caplog.at_level(logging.INFO, logger="bot.answering.retriever"):
        hits = retriever.find(question)

    assert hits[0].release.id == "Basel"
    assert "searching with the first 1000" in caplog.text
    assert len(searchable(question)) <= LONGEST_QUESTION


def test_one_endless_word_is_cut_too() -> None:
    """A question without any space keeps its first characters."""
    assert searchable("x" * 5000) == "x" * LONGEST_QUESTION


@pytest.mark.parametrize("question", ["le la les de ?", "Πού είναι η σύνοδος;", "???", '"OR" NEAR(*', "会議はどこ"])
def test_odd_questions_give_hits_or_nothing_but_never_fail(retriever: PassageRetriever, question: str) -> None:
    """Stop words alone, other scripts, bare signs and query syntax are questions like any other."""
    hits = retriever.find(question)

    assert len(hits) <= 4
    assert all(hit.release.text[hit.passage.start : hit.passage.end] == hit.passage.text for hit in hits)


def test_a_filter_that_lets_nothing_through_gives_no_hits(retriever: PassageRetriever) -> None:
    """The filter reaches the store."""
    assert retriever.find("council", where=Filter(publishers=("Nobody",))) == ()


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("Quand aura lieu le sommet ?", "Leaders met at the summit yesterday.", {"summit"}),
        ("Who is the minister?", "La visite du ministre à Tallinn", {"ministre"}),
        ("réunion", "… et la REUNION !", {"REUNION"}),
        ("le la les de", "le la les de", set()),
        ("Zelensky", "", set()),
    ],
)
def test_matches_are_whole_words_in_either_language(
    parts: dict[str, Any], question: str, text: str, words: set[str]
) -> None:
    """A word of the question is marked where the text says it, otherwise spelt or translated; stop words are not."""
    retriever = PassageRetriever(**parts, interaction=LateInteraction(built_in))

    matches = retriever.matches(question, text)

    assert words <= {text[match.start : match.end] for match in matches}
    assert bool(matches) == bool(words)
    assert [match.start for match in matches] == sorted(match.start for match in matches)


def test_without_late_interaction_nothing_is_matched(retriever: PassageRetriever) -> None:
    """Switched off, it marks no words, even the same ones."""
    assert retriever.matches("Basel", "Basel") == ()


def test_the_best_releases_are_read_on_and_no_hit_is_lost(retriever: PassageRetriever, parts: dict[str, Any]) -> None:
    """What matches best is seldom all that a release says; what is read first stays first."""
    towns = ("Geneva", "Bern", "Basel", "Zurich")
    for town in towns:
        paragraphs = [f"{number} {town} buses go to the lake on paragraph {number}. " * 4 for number in range(6)]
        keep(parts["store"], a_release(f"{town} buses", *paragraphs, title=f"{town} buses"), parts["embedder"])
    hits = retriever.find("Geneva buses", limit=10)

    read = retriever.widened("Geneva buses", hits, "en")

    assert read[:6] == hits[:6]
    assert {hit.passage.id for hit in hits} <= {hit.passage.id for hit in read}
    assert [hit.rank for hit in read] == list(range(1, len(read) + 1))
    assert len({hit.passage.id for hit in read}) == len(read) > len(hits)
    assert sum(hit.release.id == hits[0].release.id for hit in read) > 3
    assert retriever.widened("Geneva buses", (), "en") == ()
