from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.fakes import a_release, keep

if TYPE_CHECKING:
    from tests.fakes import WordEmbedder
    from vectorstore.store import PassageStore
    from vectorstore.types import Hit

NATO = "L’OTAN réaffirme son soutien à l’Ukraine. Les Alliés élus se réunissent à Évreux."
DEFENSE = "The Defense Ministry organizes a labor training program in the center of Kyiv in 2019."


@pytest.fixture
def store(by_each_engine: PassageStore) -> PassageStore:
    """Looked through in SQLite, in tantivy and in PostgreSQL."""
    return by_each_engine


@pytest.fixture
def stocked(store: PassageStore, embedder: WordEmbedder) -> PassageStore:
    """A French and an English release, and others about something else."""
    idea = "An idea about harbours. A harbour on the Seine, and the sardine."
    with store.writing():  # one index for all four
        keep(store, a_release("nato", NATO, title="Soutien", language="fr"), embedder)
        keep(store, a_release("defense", DEFENSE, title="Training"), embedder)
        keep(store, a_release("idea", idea, title="I"), embedder)
        keep(store, a_release("recette", "Une recette de tarte aux pommes.", title="Tarte", language="fr"), embedder)
    return store


def corrected(store: PassageStore, question: str, language: str | None = "en") -> dict[str, tuple[str, ...]]:
    return store.misspelt(question, language)


def by_words(store: PassageStore, question: str, language: str | None) -> Hit:
    """The first hit where the vector says nothing."""
    return store.search(question, np.zeros(64, dtype=np.float32), language=language)[0]


@pytest.mark.parametrize(
    ("typed", "language", "form"),
    [
        ("ukrane", "fr", "ukrain"),
        ("Ukriane", "fr", "ukrain"),
        ("soutein", "fr", "soutien"),
        ("harbuor", "en", "harbor"),
        ("minstry", "en", "ministri"),
    ],
    ids=["left out", "swapped", "swapped at the end", "British", "stemmed"],
)
def test_a_misspelt_word_is_known_again(stocked: PassageStore, typed: str, language: str, form: str) -> None:
    """A letter left out, or two that changed places, lead to the form that is indexed."""
    assert form in next(iter(corrected(stocked, typed, language).values()))


@pytest.mark.parametrize("question", ["Ukraine", "harbour harbours", "ministry", "Zelensky ukraine"])
def test_a_known_word_is_left_alone(stocked: PassageStore, question: str) -> None:
    """What some text holds is meant as it stands, however near another word is."""
    assert "ukrain" not in corrected(stocked, question)
    assert "harbor" not in corrected(stocked, question)
    assert "ministri" not in corrected(stocked, question)


@pytest.mark.parametrize("question", ["2018", "20,8", "F34", "IAEA", "OTA", "ide", "the", "?!", ""])
def test_numbers_and_short_words_are_left_alone(stocked: PassageStore, question: str) -> None:
    """2018 is not 2019, and the IAEA is not an idea."""
    assert corrected(stocked, question) == {}


@pytest.mark.parametrize("question", ["xylophone", "kraine", "submarine", "日本語の文章"])
def test_where_nothing_is_near_nothing_is_taken(stocked: PassageStore, question: str) -> None:
    """A word that no text holds, and that begins or goes on otherwise, stays not found."""
    assert corrected(stocked, question) == {}


def test_two_letters_may_be_wrong_only_in_a_long_word(store: PassageStore, embedder: WordEmbedder) -> None:
    """A form of eight letters may differ by two, a shorter one by one."""
    keep(store, a_release("one", "Stoltenberg, Berlin"), embedder)

    assert corrected(store, "Stoltenburk") == {"stoltenburk": ("stoltenberg",)}
    assert corrected(store, "Barlen") == {}


def test_the_nearest_and_commonest_come_first(store: PassageStore, embedder: WordEmbedder) -> None:
    """At the same distance the form that more texts hold leads, and three are enough."""
    for number, words in enumerate(["Marlon Marlan", "Marlon Marlun", "Marlyn Marlan Marlon"]):
        keep(store, a_release(f"r{number}", words), embedder)

    assert corrected(store, "Marlin") == {"marlin": ("marlon", "marlan", "marlun")}


def test_an_empty_store_means_nothing(store: PassageStore) -> None:
    """Without a text there is nothing to be near to."""
    assert corrected(store, "harbour") == {}


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("otan soutien ukrane", "fr"),
        ("OTAN SOUTIEN UKRAINE", "fr"),
        ("OTAN SOUTEIN UKRANE", None),
        ("allies elus reunissent evreux", "fr"),
        ("ALLIES ELUS EVREUX", None),
        ("soutein", "fr"),
        ("ukrane", "en"),
    ],
)
def test_a_release_is_found_however_it_is_typed(stocked: PassageStore, question: str, language: str | None) -> None:
    """Typos, missing accents and capitals lead the words to the release that was meant."""
    hit = by_words(stocked, question, language)

    assert (hit.release.id, hit.lexical_rank) == ("nato", 1)


@pytest.mark.parametrize("language", ["en", None])
@pytest.mark.parametrize(
    "question",
    ["defense labor program center", "defence labour programme centre", "DEFENCE MINISTRY", "organised", "defanse"],
)
def test_either_spelling_finds_the_same_release(stocked: PassageStore, question: str, language: str | None) -> None:
    """British or American, as asked or as written."""
    hit = by_words(stocked, question, language)

    assert (hit.release.id, hit.lexical_rank) == ("defense", 1)


def test_a_transcript_in_british_english_is_found_by_americans(store: PassageStore, embedder: WordEmbedder) -> None:
    """The other way round: what is indexed may be British as well."""
    keep(store, a_release("ships", "Ships came from Norway."), embedder)
    keep(store, a_release("british", "The defence organisation honoured its neighbours."), embedder)

    assert [by_words(store, word, "en").release.id for word in ("defense", "organization", "honor", "neighbor")] == [
        "british"
    ] * 4
