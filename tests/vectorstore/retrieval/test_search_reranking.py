from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.catalogue.passages import Origin
from vectorstore.embedders.subwords import built_in
from vectorstore.retrieval.late_interaction import LateInteraction
from vectorstore.retrieval.search import RERANKED, Candidate, Reranker
from vectorstore.types import embedded_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vectorstore.store import PassageStore

QUESTION = "Où se tiendra le sommet des dirigeants ?"
RIGHT = "The summit of the leaders will be held there."
WRONG = "A mild afternoon in the gardens of the museum."


@pytest.fixture
def interaction() -> LateInteraction:
    return LateInteraction(built_in)


@pytest.fixture
def looking(
    tmp_path: Path, interaction: LateInteraction, opened: Callable[..., PassageStore]
) -> Iterator[PassageStore]:
    """A store that searches with late interaction."""
    with opened(tmp_path / "looking", model="words", interaction=interaction) as store:
        yield store


def found(store: PassageStore, embedder: WordEmbedder, vector_of: str) -> list[tuple[str, float]]:
    """Releases and scores for the question, with the vector of another text: one that the model takes it for."""
    hits = store.search(QUESTION, embedder.embed_question(vector_of), language="fr")
    return [(hit.release.id, round(hit.score, 5)) for hit in hits]


def kept(store: PassageStore) -> dict[int, list[int]]:
    """The subwords in the catalogue, by passage."""
    rows = store.backends.catalogue.connection.execute("SELECT passage, numbers FROM subwords ORDER BY passage")
    return {number: np.frombuffer(raw, dtype=np.uint16).tolist() for number, raw in rows}


def test_what_holds_the_question_overtakes_what_the_vector_prefers(
    store: PassageStore, looking: PassageStore, embedder: WordEmbedder
) -> None:
    """Without a shared word, and with a vector that points elsewhere, the translation still comes first."""
    for some in (store, looking):
        keep(some, a_release("right", RIGHT), embedder)
        keep(some, a_release("wrong", WRONG), embedder)

    assert found(store, embedder, WRONG)[0][0] == "wrong"
    assert found(looking, embedder, WRONG)[0][0] == "right"


def test_scores_fall_and_stay_between_0_and_1(looking: PassageStore, embedder: WordEmbedder) -> None:
    """Hits are in the order of their scores, and of several that are alike the older one comes first."""
    with looking.writing():
        for number in range(6):
            keep(looking, a_release(f"r{number}", WRONG if number % 2 else RIGHT), embedder)

    hits = found(looking, embedder, QUESTION)

    assert [name for name, _ in hits] == ["r0", "r2", "r4", "r1", "r3", "r5"]
    assert 1 >= hits[0][1] >= hits[2][1] > hits[3][1] >= hits[5][1] >= 0


def test_a_candidate_too_far_down_stays_below(
    looking: PassageStore, embedder: WordEmbedder, interaction: LateInteraction
) -> None:
    """Only the first are looked at; the others keep their order and score no more than the last of those."""
    with looking.writing():
        for number in range(RERANKED + 5):
            keep(looking, a_release(f"r{number}", RIGHT if number >= RERANKED else WRONG), embedder)
    reranker = Reranker(looking.backends.catalogue, interaction, model_languages=None)
    count = RERANKED + 5
    ranked = [((count - n) / count, Candidate(n + 1, 0.5, 0.0, n + 1, None)) for n in range(count)]

    ordered = reranker.reorder(QUESTION, "fr", ranked, {n: Origin(n, "fr") for n in range(1, count + 1)})

    scores = [score for score, _ in ordered]
    assert [candidate.key for _, candidate in ordered[RERANKED:]] == list(range(RERANKED + 1, count + 1))
    assert {candidate.key for _, candidate in ordered} == set(range(1, count + 1))
    assert scores == sorted(scores, reverse=True)


def test_others_without_a_score_are_kept(
    looking: PassageStore, embedder: WordEmbedder, interaction: LateInteraction
) -> None:
    """A tail of zeros is divided by nothing, and no candidates are no hits."""
    with looking.writing():
        for number in range(RERANKED + 2):
            keep(looking, a_release(f"r{number}", WRONG), embedder)
    reranker = Reranker(looking.backends.catalogue, interaction, model_languages=None)
    ranked = [(0.0, Candidate(n, 0.0, 0.0, n, None)) for n in range(1, RERANKED + 3)]

    ordered = reranker.reorder(QUESTION, "fr", ranked, {n: Origin(n, "fr") for n in range(1, RERANKED + 3)})

    assert [score for score, _ in ordered[RERANKED:]] == [0, 0]
    assert reranker.reorder(QUESTION, "fr", [], {}) == []


def test_kept_subwords_are_those_cut_anew(
    looking: PassageStore, embedder: WordEmbedder, interaction: LateInteraction
) -> None:
    """Each passage is cut under its release's title, when it is stored."""
    passages = keep(looking, a_release("one", *["Le sommet de Madrid. " * 9] * 3, title="Un sommet"), embedder)
    passages += keep(looking, a_release("two", "日本 and ᚠᚢᚦ."), embedder)

    titles = {"one": "Un sommet", "two": "A release"}
    cut = interaction.numbers([embedded_text(titles[passage.release_id], passage.text) for passage in passages])

    assert len(passages) > 3
    assert list(kept(looking).values()) == [numbers.tolist() for numbers in cut]


def test_a_store_that_kept_no_subwords_is_searched_all_the_same(
    store: PassageStore,
    looking: PassageStore,
    embedder: WordEmbedder,
    interaction: LateInteraction,
    opened: Callable[..., PassageStore],
) -> None:
    """What is missing is cut at the search, to the same hits and scores; reading writes nothing."""
    for some in (store, looking):
        keep(some, a_release("right", RIGHT), embedder)
        keep(some, a_release("wrong", WRONG), embedder)

    with opened(store.home, model="words", interaction=interaction) as reader:
        assert found(reader, embedder, WRONG) == found(looking, embedder, WRONG)
        keep(reader, a_release("third", "Half of them are kept."), embedder)
        assert {name for name, _ in found(reader, embedder, WRONG)} == {"right", "wrong", "third"}

    assert list(kept(store)) == [3]


def test_a_rebuild_keeps_what_was_missing(
    store: PassageStore, embedder: WordEmbedder, interaction: LateInteraction, opened: Callable[..., PassageStore]
) -> None:
    """Afterwards every passage has its subwords, as they are cut at ingestion, and none of another model."""
    keep(store, a_release("one", RIGHT), embedder)
    keep(store, a_release("two", WRONG), embedder)
    catalogue = store.backends.catalogue
    with catalogue.transaction():
        catalogue.passages.add_subwords(
            [1], [np.array([7], dtype=np.uint16)], model=catalogue.passages.add_model("before", 3)
        )

    with opened(store.home, model="words", interaction=interaction) as writer:
        assert writer.rebuild(WordEmbedder("other")) == 2

    cut = interaction.numbers([embedded_text("A release", text) for text in (RIGHT, WRONG)])
    assert kept(store) == {1: cut[0].tolist(), 2: cut[1].tolist()}


def test_what_goes_takes_its_subwords_along(looking: PassageStore, embedder: WordEmbedder) -> None:
    """Neither a removed release nor the earlier text of one leaves any behind."""
    keep(looking, a_release("gone", RIGHT), embedder)
    keep(looking, a_release("changed", WRONG), embedder)
    keep(looking, a_release("changed", RIGHT), embedder)

    assert looking.remove("gone")

    assert list(kept(looking)) == [3]
    assert looking.status().consistent


def test_a_store_without_late_interaction_keeps_none(store: PassageStore, embedder: WordEmbedder) -> None:
    """Where it is switched off nothing is cut, neither at ingestion nor by a rebuild."""
    keep(store, a_release("one", RIGHT), embedder)
    store.rebuild(WordEmbedder("other"))

    assert kept(store) == {}
