"""Questions about an archive whose releases come in French and English, through the whole chain."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from benchmarks.words_reader import WordsReader
from bot.answering.analysis import Ask
from bot.answering.pipeline import Answerer
from bot.answering.retriever import PassageRetriever
from bot.answering.types import Conversation
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.answering.types import Answer

RELEASES = {
    "nato": ("en", "NATO ships sail past Sweden and Finland."),
    "otan": ("fr", "Les navires de l’OTAN passent la Suède et la Finlande."),
    "sweden": ("en", "Sweden lends a ship to the fleet of NATO."),
    "suede": ("fr", "La Suède prête un navire à la flotte de l’OTAN."),
    "norway": ("en", "Norway keeps its ships in port."),
    "allemagne": ("fr", "L’Allemagne garde ses navires au port."),
}


@contextmanager
def answering(home: Path, releases: dict[str, tuple[str, str]]) -> Iterator[Answerer]:
    """What answers from releases of one a day."""
    embedder = WordEmbedder()
    with PassageStore(home, model=embedder.name) as store:
        for day, (name, (language, text)) in enumerate(releases.items(), 1):
            published = datetime(2024, 3, day, tzinfo=UTC)
            keep(store, a_release(name, text, title=f"Ships {day}", published=published, language=language), embedder)
        yield Answerer(PassageRetriever(store=store, embedder=embedder), refusing="seldom", reader=WordsReader())


@pytest.fixture
def answerer(tmp_path: Path) -> Iterator[Answerer]:
    """Six releases."""
    with answering(tmp_path / "home", RELEASES) as answerer:
        yield answerer


def talk(answerer: Answerer, *turns: str, where: Filter | None = None) -> Answer:
    """The answer to the last turn."""
    conversation = Conversation()
    for said in turns:
        answer = answerer.invoke(Ask(said, conversation=conversation, where=where or Filter()))
        conversation = conversation.after(said, answer)
    return answer


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("How many releases mention NATO?", "4 releases mention “NATO” or “OTAN”:"),
        ("combien de communiqués mentionnent l’OTAN ?", "4 communiqués mentionnent « OTAN » ou « NATO » :"),
        ("how many releases mention germany?", "1 release mentions “Allemagne”:"),
        ("How many releases mention Norway?", "1 release mentions “Norway”:"),
        ("Which releases mention Norway or Germany?", "2 releases mention “Norway” or “Allemagne”:"),
        (
            "Which releases mention Sweden but not Finland?",
            "2 releases mention “Sweden” or “Suède” but not “Finland” or “Finlande”:",
        ),
        (
            "Quels communiqués parlent de la Suède mais pas de la Finlande ?",
            "2 communiqués mentionnent « Suède » ou « Sweden » mais pas « Finlande » ou « Finland » :",
        ),
        ("How many releases do not mention NATO?", "2 releases do not mention “NATO” or “OTAN”:"),
        ("How many releases are in French?", "3 releases in French:"),
        ("How many releases are not in English?", "3 releases in French:"),
        ("combien de communiqués avez-vous en anglais ?", "3 communiqués en anglais :"),
        ("list the releases in English about Sweden", "2 releases in English mention “Sweden”:"),
        ("list releases from 2024", "6 releases published from 1 January 2024 to 31 December 2024:"),
    ],
)
def test_a_name_is_counted_in_either_language(answerer: Answerer, said: str, text: str) -> None:
    """NATO and OTAN are one; what is told is what was looked for, as far as it found more."""
    assert talk(answerer, said).text == text


@pytest.mark.parametrize(
    ("turns", "text"),
    [
        (
            ("How many releases mention NATO?", "how many of them are in French?"),
            "2 releases in French mention “OTAN”:",
        ),
        (
            ("Quels communiqués parlent de la Suède ?", "combien en anglais ?"),
            "2 communiqués en anglais mentionnent « Sweden » :",
        ),
        (("How many releases are there?", "and in French?"), "3 releases in French:"),
        (("How many releases are there?", "in French please"), "6 communiqués :"),
        (("How many releases mention NATO?", "in french"), "2 releases in French mention “OTAN”:"),
        (
            ("How many releases mention NATO?", "in french", "more"),
            "2 releases in French mention “OTAN”; all are listed above.",
        ),
        (
            ("How many releases mention NATO?", "How many releases mention Norway in 2024?"),
            "1 release published from 1 January 2024 to 31 December 2024 mentions “Norway”:",
        ),
        (
            ("How many releases mention NATO?", "list releases from 2024"),
            "6 releases published from 1 January 2024 to 31 December 2024:",
        ),
        (
            ("Which releases mention NATO?", "and Sweden?", "which of them are from 2024?", "the oldest?"),
            "4 releases published from 1 January 2024 to 31 December 2024 mention “Sweden” or “Suède”; the first:",
        ),
        (
            (
                "quels communiqués parlent de l’OTAN ?",
                "lesquels ne parlent pas de la Finlande ?",
                "en anglais",
                "et le plus ancien ?",
            ),
            "1 des 2 communiqués en anglais qui mentionnent « OTAN » ne mentionne pas « Finland » ; le plus ancien :",
        ),
        (
            (
                "How many releases mention NATO?",
                "how many of them mention Finland?",
                "and how many don't?",
                "in french",
                "more",
            ),
            "1 of the 2 releases in French that mention “NATO” does not mention “Finlande”; all are listed above.",
        ),
        (("which releases mention NATO?", "only the french ones"), "2 releases in French mention “OTAN”:"),
        (
            ("which releases mention NATO?", "which of them don't mention Finland?"),
            "2 of the 4 releases that mention “NATO” do not mention “Finland” or “Finlande”:",
        ),
        (
            ("quels communiqués parlent de la Suède ?", "lesquels ne parlent pas de la Finlande ?"),
            "2 des 4 communiqués qui mentionnent « Suède » ne mentionnent pas « Finlande » ou « Finland » :",
        ),
        (
            ("which releases mention Norway or Sweden?", "but not Finland"),
            "3 of the 5 releases that mention “Norway” or “Sweden” do not mention “Finland” or “Finlande”:",
        ),
        (
            ("which releases mention NATO?", "how many of these don't mention Finland?", "the oldest"),
            "2 of the 4 releases that mention “NATO” do not mention “Finland” or “Finlande”; the first:",
        ),
        (
            ("How many releases mention NATO in 2023?", "and 2024?"),
            "4 releases published from 1 January 2024 to 31 December 2024 mention “NATO” or “OTAN”:",
        ),
        (
            ("which releases mention NATO?", "which of them are from 2024?"),
            "4 releases published from 1 January 2024 to 31 December 2024 mention “NATO” or “OTAN”:",
        ),
        (
            ("How many releases from 2023?", "and 2024", "how many of those mention Norway?"),
            "1 release published from 1 January 2024 to 31 December 2024 mentions “Norway”:",
        ),
        (
            ("How many releases mention NATO?", "how many of them mention Finland?", "and how many don't?"),
            "2 of the 4 releases that mention “NATO” do not mention “Finland” or “Finlande”:",
        ),
    ],
)
def test_a_language_may_be_asked_for_behind_a_list(answerer: Answerer, turns: tuple[str, ...], text: str) -> None:
    """Of what was listed; who says please wants it told in that language."""
    assert talk(answerer, *turns).text == text


def test_the_latest_release_may_be_asked_for_in_a_language(answerer: Answerer) -> None:
    """And how new it is is told of that language; what a person has chosen stays."""
    latest = talk(answerer, "what is the latest release in English?")
    chosen = talk(answerer, "what is the latest release in English?", where=Filter(languages=("fr",)))

    assert [one.release.id for one in latest.citations] == ["norway"]
    assert latest.notes[-1].text.startswith("The newest release is from 5 March 2024")
    assert [one.release.id for one in chosen.citations] == ["allemagne"]


def test_they_are_the_releases_that_were_listed(answerer: Answerer) -> None:
    """A question that names something stands alone unless it says "they"."""
    listed = "which releases mention Sweden?"

    assert talk(answerer, listed, "what do they say about NATO?").standalone_question == (
        "Sweden → what do they say about NATO?"
    )
    assert (
        talk(answerer, listed, "what does Norway keep in port?").standalone_question == "what does Norway keep in port?"
    )


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("How many releases mention France?", "1 release mentions “France”:"),
        ("how many releases mention francs?", "1 release mentions “francs”:"),
        ("combien de communiqués parlent de l'armée ?", "1 communiqué mentionne « armée » :"),
        ("How many releases about climate change?", "1 release mentions “climate change”:"),
        ("How many releases about change of climate?", "2 releases mention “change climate”:"),
        ("How many releases mention vaccine?", "2 releases mention “vaccine”:"),
        ("how many releases mention ai", "1 release mentions “ai”:"),
        ("how many releases mention the us", "1 release mentions “US”:"),
        ("How many releases mention the WHO?", "1 release mentions “WHO”:"),
        ("which releases mention vaccines and the WHO?", "1 release mentions “vaccines” and “WHO”:"),
        ("releases that don't mention vaccines in French", "1 release in French does not mention “vaccines”:"),
        ("how many releases in german", "No release in German."),
    ],
)
def test_what_is_counted_stands_in_the_text(tmp_path: Path, said: str, text: str) -> None:
    """Not what shares its stem: « France » and « francs », « armée » and "arm"; a name in capitals is no "us"."""
    releases = {
        "france": ("en", "France sends a vaccine."),
        "francs": ("en", "It costs ten francs an arm, they told us."),
        "climate": ("en", "Climate change is what the US spoke of."),
        "loose": ("en", "The climate of the talks did not change; AI was no subject."),
        "who": ("en", "The WHO sends vaccines to those who need them."),
        "armee": ("fr", "L’armée reste au port ; qui l’a dit ?"),
    }
    with answering(tmp_path / "words", releases) as answerer:
        assert talk(answerer, said).text == text


def test_of_very_many_the_index_alone_tells(answerer: Answerer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their texts are not looked at; the number is that of all, and more of them can be listed."""
    monkeypatch.setattr("bot.answering.archive._CHECKED", 2)

    assert talk(answerer, "How many releases mention NATO?").text == "4 releases mention “NATO”:"
    assert talk(answerer, "How many releases mention Norway?").text == "1 release mentions “Norway”:"
