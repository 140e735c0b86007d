"""A question is read once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.words_reader import WordsReader
from bot.answering import analysis
from bot.answering.analysis import Ask, analyse
from bot.answering.pipeline import Answerer
from bot.answering.reader import OnnxReader
from bot.answering.retriever import PassageRetriever
from bot.answering.turns import TurnClassifier, TurnKind
from bot.answering.types import Conversation
from tests.bot.releases import an_answer
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2024, 10, 17, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def classify() -> TurnClassifier:
    return TurnClassifier(OnnxReader())


@pytest.mark.parametrize("name", ["read_times", "asked_speaker", "detect_language"])
def test_no_stage_reads_the_question_again(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Period, speaker and language are found out in the analysis, once, and handed on."""
    import bot.language.speakers
    import bot.language.time_expressions
    import vectorstore.text

    modules = {
        "read_times": bot.language.time_expressions,
        "asked_speaker": bot.language.speakers,
        "detect_language": vectorstore.text,
    }
    read, calls = getattr(analysis, name), list[str]()

    def counted(text: str, *given: Any) -> object:
        calls.append(text)
        return read(text, *given)

    monkeypatch.setattr(analysis, name, counted)
    monkeypatch.setattr(modules[name], name, counted)
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        keep(store, a_release("ferry", "The ferry to the island sails every hour in May."), embedder)
        answerer = Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())
        answerer.invoke("When does the ferry to the island sail in May?")

    assert calls == ["When does the ferry to the island sail in May?"]


@pytest.mark.parametrize(
    ("question", "published", "around"),
    [
        ("What do the releases of May 2023 say of exports?", True, False),
        ("What was published on exports since Tuesday?", True, False),
        ("How high were exports in May 2023?", False, True),
        ("Combien d’exportations en mai 2023 ?", False, True),
        ("What did the minister say this week?", True, False),
        ("Who wrote the 2022 report?", False, False),
        ("What did the minister promise last year?", False, True),
        ("Qu’a dit le ministre au trimestre précédent ?", False, True),
        ("Who led the agency two years ago?", False, True),
        ("Which releases came out last year?", True, False),
        ("What did NATO publish last year on Ukraine?", True, False),
        ("What has changed at the bank since last year?", True, False),
        ("By how much did profit rise compared with the previous year?", False, False),
    ],
)
def test_a_period_is_of_publication_only_where_the_question_says_so(
    question: str, published: bool, around: bool, classify: TurnClassifier
) -> None:
    """Elsewhere it may be one of the text, and leaves nothing out."""
    found = analyse(Ask(question, as_of=NOW), classify)

    assert (found.of_period, found.around is not None) == (published, around)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Who published the report?", TurnKind.NEW),
        ("Quelle est la source du financement ?", TurnKind.NEW),
        ("Quoi de neuf ?", TurnKind.NEW),
        ("dernières nouvelles", TurnKind.NEW),
        ("Source?", TurnKind.ABOUT_ANSWER),
        ("How many releases are there about the harbour?", TurnKind.ABOUT_ARCHIVE),
        ("combien de communiqués depuis lundi sur le port ?", TurnKind.ABOUT_ARCHIVE),
    ],
)
def test_a_first_turn_is_about_an_answer_only_where_nothing_else_is_meant(
    said: str, kind: TurnKind, classify: TurnClassifier
) -> None:
    """There is none before it."""
    assert analyse(said, classify).guess.kind is kind


def test_a_moment_without_a_zone_is_one_of_utc(classify: TurnClassifier) -> None:
    """A program may hand over what `datetime.now()` gives it, and days are reckoned from it."""
    found = analyse(Ask("What's new today?", as_of=NOW.replace(tzinfo=None)), classify)

    assert found.as_of == NOW


@pytest.mark.parametrize(("first", "only"), [("What did NATO say about Finland?", False), ("What’s new?", True)])
def test_a_period_that_leans_on_a_question_keeps_its_subject(first: str, only: bool, classify: TurnClassifier) -> None:
    """A week alone asks for news alone only where the question before it did."""
    conversation = Conversation().after(
        first, replace(an_answer(text="", quote="Finland."), question=first, standalone_question=first)
    )

    found = analyse(Ask("And last week?", as_of=NOW, conversation=conversation), classify)

    assert found.leans_on == (first,)
    assert found.of_period
    assert found.times.only_times is only


@pytest.mark.parametrize("turn", ["Et Madrid ?", "en 2022 ?", "Et Stockholm ?", "2022 ?"])
def test_a_turn_of_a_word_or_two_is_of_the_language_before(turn: str, classify: TurnClassifier) -> None:
    """Signs and figures are of none."""
    first = "Quand la Finlande a-t-elle rejoint l’OTAN ?"
    answer = replace(an_answer(text="", quote="La Finlande."), question=first, standalone_question=first, language="fr")

    found = analyse(Ask(turn, as_of=NOW, conversation=Conversation().after(first, answer)), classify)

    assert found.language == "fr"


def test_a_reset_before_a_question_forgets(classify: TurnClassifier) -> None:
    """And the question is a new one."""
    found = analyse("Forget that. Who chairs the fund?", classify)

    assert (found.guess.kind, found.question, found.forgets) == (TurnKind.NEW, "Who chairs the fund?", True)


def test_a_greeting_may_be_as_long_as_it_likes(classify: TurnClassifier) -> None:
    """It is no question that is too long."""
    assert analyse(Ask("goodbye " * 2_000, conversation=Conversation()), classify).guess.kind is TurnKind.COURTESY


def test_each_of_two_questions_has_a_speaker_of_its_own(classify: TurnClassifier) -> None:
    """Who is asked about in the first said nothing of the second."""
    found = analyse("What did Mark Rutte say about Ukraine, and how many soldiers took part in the exercise?", classify)

    first, second = found.parts
    assert first.said is not None
    assert (first.said.speaker, second.said) == ("Mark Rutte", None)


def test_a_second_question_leans_on_the_first_where_it_says_so(classify: TurnClassifier) -> None:
    """One that stands alone is read alone."""
    leaning = analyse("Who is Mark Rutte and what did he say about Ukraine?", classify).parts[1]
    alone = analyse("Quand la Finlande a-t-elle adhéré et quand la Suède a-t-elle adhéré ?", classify).parts[1]

    assert leaning.leans_on == ("Who is Mark Rutte",)
    assert alone.leans_on == ()


def test_a_period_of_the_question_lies_within_that_of_the_ask(classify: TurnClassifier) -> None:
    """What a person has chosen bounds what they ask, and does not take its place."""
    chosen = Filter(until=datetime(2024, 7, 1, tzinfo=UTC))

    found = analyse(Ask("Which releases came out in 2024?", where=chosen, as_of=NOW), classify)

    assert (found.where.since, found.where.until) == (datetime(2024, 1, 1, tzinfo=UTC), chosen.until)


def test_a_period_outside_of_what_was_chosen_holds_nothing(classify: TurnClassifier) -> None:
    """It does not run backwards."""
    found = analyse(
        Ask("Which releases came out in 2024?", where=Filter(until=datetime(2024, 1, 1, tzinfo=UTC)), as_of=NOW),
        classify,
    )

    assert (found.where.since, found.where.until) == (
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2025, 1, 1, tzinfo=UTC),
    )
    assert found.where.releases == ("",)


@pytest.mark.parametrize(
    "topic",
    [
        "ukraine",
        "mark rutte",
        "biden",
        "sommet",
        "climat",
        "defence spending",
        "nouveau commandement",
        "chine",
        "chad",
        "l’otan",
    ],
)
def test_a_bare_topic_is_a_question(topic: str, classify: TurnClassifier) -> None:
    """Who takes the bot for a search engine gets no small talk."""
    assert analyse(topic, classify).guess.kind is TurnKind.NEW


@pytest.mark.parametrize(("turn", "language"), [("and Ignazio Cassis?", "en"), ("et Viola Amherd ?", "fr")])
def test_a_name_does_not_change_the_language(turn: str, language: str, classify: TurnClassifier) -> None:
    """One small word tells it."""
    assert analyse(turn, classify).language == language
