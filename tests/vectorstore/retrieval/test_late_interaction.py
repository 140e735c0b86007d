from __future__ import annotations

from dataclasses import astuple, fields
from itertools import pairwise

import numpy as np
import pytest

from vectorstore.embedders.subwords import MODEL_NAME, built_in
from vectorstore.retrieval.late_interaction import Alignment, Comparison, LateInteraction

QUESTION = "Où se tiendra le sommet de l’Alliance ?"
FILLER = "The weather was mild and a little rain fell on the gardens during most of the long afternoon. " * 5
"""Long enough to put what stands on both sides of it into different windows, and about nothing else."""


@pytest.fixture
def interaction() -> LateInteraction:
    return LateInteraction(built_in)


def compared(interaction: LateInteraction, question: str, *texts: str, releases: list[int] | None = None) -> Comparison:
    """The question beside texts, each of a release of its own where nothing else is said."""
    return interaction.compare(question, interaction.numbers(texts), releases or list(range(len(texts))))


def best_piece(interaction: LateInteraction, question: str, text: str) -> Alignment:
    """The likest pair of pieces."""
    return max(interaction.align(question, text), key=lambda pair: pair.likeness)


@pytest.mark.parametrize("around", ["", FILLER], ids=["alone", "in the midst of other text"])
def test_a_passage_that_holds_the_question_holds_all_of_it(interaction: LateInteraction, around: str) -> None:
    """Every share is 1, whatever else the passage says."""
    comparison = compared(interaction, QUESTION, f"{around}{QUESTION} {around}")

    assert comparison.likeness == pytest.approx([1], abs=1e-5)
    assert comparison.telling == pytest.approx([1], abs=1e-5)
    assert comparison.around == pytest.approx([1], abs=1e-5)
    assert comparison.nearby == pytest.approx([1], abs=1e-5)


def test_the_order_of_the_passages_is_kept(interaction: LateInteraction) -> None:
    """The same passages in another order get the same values, each in its place."""
    texts = [QUESTION, "The weather was mild.", "Le sommet de Madrid", "", "Where will the Alliance meet?"]

    there = compared(interaction, QUESTION, *texts)
    back = compared(interaction, QUESTION, *texts[::-1])

    for values, reversed_values in zip(astuple(there), astuple(back), strict=True):
        assert values == pytest.approx(reversed_values[::-1], abs=1e-6)


def test_the_order_of_words_counts_only_where_it_should(interaction: LateInteraction) -> None:
    """A passage's words the other way round are as like, and stand as near; side by side they are other ones."""
    words = "accord pêche ministre Danemark signature quotas"

    comparison = compared(interaction, words, words, " ".join(words.split()[::-1]))

    assert comparison.likeness[1] == pytest.approx(comparison.likeness[0], abs=1e-5)
    assert comparison.nearby[1] == pytest.approx(comparison.nearby[0], abs=1e-5)
    assert comparison.side_by_side[1] < comparison.side_by_side[0]


@pytest.mark.parametrize("question", ["", "?! —"])
def test_an_empty_question_is_like_nothing(interaction: LateInteraction, question: str) -> None:
    """Zeros, one for each passage."""
    comparison = compared(interaction, question, "The harbour opened.", "")

    assert [values.tolist() for values in astuple(comparison)] == [[0, 0]] * len(fields(Comparison))
    assert interaction.align(question, "The harbour opened.") == ()


def test_an_empty_passage_is_like_nothing_and_keeps_its_place(interaction: LateInteraction) -> None:
    """At either end and in the middle, the passages beside it have what they have without it.

    `telling` alone looks at how many passages there are.
    """
    comparison = compared(interaction, QUESTION, "", QUESTION, "", "", "Le sommet", "")
    without = compared(interaction, QUESTION, QUESTION, "Le sommet")

    for field in fields(Comparison):
        values = getattr(comparison, field.name)
        assert values[[0, 2, 3, 5]].tolist() == [0, 0, 0, 0]
        if field.name != "telling":
            assert values[[1, 4]] == pytest.approx(getattr(without, field.name), abs=1e-6)
    assert interaction.align(QUESTION, "") == ()


def test_no_passages_give_no_values(interaction: LateInteraction) -> None:
    """Empty arrays, no error."""
    assert [values.shape for values in astuple(compared(interaction, QUESTION))] == [(0,)] * len(fields(Comparison))


def test_a_translation_is_liker_than_an_unrelated_passage(interaction: LateInteraction) -> None:
    """Without one shared word, the right passage in the other language stands out."""
    comparison = compared(
        interaction, "Qui préside la réunion des ministres ?", "The meeting of ministers is chaired by him.", FILLER
    )

    assert comparison.likeness[0] > comparison.likeness[1]
    assert comparison.telling[0] > comparison.telling[1]


def test_passages_of_one_release_hold_together_what_each_holds_in_part(interaction: LateInteraction) -> None:
    """`around` is the same for both, more than either holds; a passage of another release is on its own."""
    parts = ["Le sommet de Madrid", "Les quotas de pêche", "Le sommet de Vienne"]

    comparison = compared(interaction, "quotas de pêche au sommet de Madrid", *parts, releases=[7, 7, 3])

    assert comparison.around[0] == pytest.approx(comparison.around[1], abs=1e-6)
    assert comparison.around[0] > max(comparison.likeness[0], comparison.likeness[1])
    assert comparison.around[2] == pytest.approx(comparison.likeness[2], abs=1e-6)


def test_releases_may_come_in_any_order(interaction: LateInteraction) -> None:
    """Passages of a release need not stand beside one another, and its number may be any."""
    parts = ["Le sommet de Madrid", "Le sommet de Vienne", "Les quotas de pêche"]
    question = "quotas de pêche au sommet de Madrid"

    mixed = compared(interaction, question, *parts, releases=[10**12, 3, 10**12])
    sorted_ = compared(interaction, question, parts[1], parts[0], parts[2], releases=[1, 2, 2])

    assert mixed.around == pytest.approx(sorted_.around[[1, 0, 2]], abs=1e-6)


def test_words_that_stand_together_count_for_more(interaction: LateInteraction) -> None:
    """Of two passages of the same words, that where the question's are one phrase is ahead."""
    together, apart = f"Zelensky Madrid {FILLER}", f"Zelensky {FILLER} Madrid"

    comparison = compared(interaction, "Zelensky Madrid", together, apart)

    assert comparison.likeness[0] == pytest.approx(comparison.likeness[1], abs=1e-5)
    assert comparison.nearby[0] > comparison.nearby[1]
    assert comparison.side_by_side[0] > comparison.side_by_side[1]


def test_a_window_is_found_wherever_it_stands(interaction: LateInteraction) -> None:
    """At the start, in the midst or at the end of a passage, a phrase is as near as it is by itself."""
    texts = ["Zelensky Madrid", f"Zelensky Madrid {FILLER}", f"{FILLER} Zelensky Madrid {FILLER}",
             f"{FILLER} Zelensky Madrid"]  # fmt: skip

    comparison = compared(interaction, "Zelensky Madrid", *texts)

    assert comparison.nearby == pytest.approx(np.ones(4), abs=1e-5)
    assert comparison.side_by_side == pytest.approx(np.ones(4), abs=1e-5)


def test_windows_do_not_reach_into_the_next_passage(interaction: LateInteraction) -> None:
    """What a neighbour begins with is not near what a passage ends with."""
    comparison = compared(interaction, "Zelensky Madrid", f"{FILLER} Zelensky", f"Madrid {FILLER}")

    assert max(comparison.nearby) < 0.99
    assert max(comparison.likeness) < 0.99


def test_one_subword_has_no_neighbours(interaction: LateInteraction) -> None:
    """A question of one piece says nothing of what stands side by side."""
    question = next(word for word in ("the", "le", "a") if len(interaction.numbers([word])[0]) == 1)

    comparison = compared(interaction, question, question)

    assert comparison.side_by_side.tolist() == [0]
    assert comparison.likeness == pytest.approx([1], abs=1e-5)


@pytest.mark.parametrize("question", [QUESTION, "Zelensky", "20,9 % ?", "Zelensky in ᚠᚢᚦ", "the the the the"])
def test_all_values_are_shares(interaction: LateInteraction, question: str) -> None:
    """Whatever is compared, every value lies in [0, 1] and is finite, and only rounding goes beyond."""
    texts = [QUESTION, question, question * 20, FILLER, "", "ᚠᚢᚦ", "20,9 %", "Ukraine", QUESTION.upper()]

    comparison = compared(interaction, question, *texts, releases=[1, 1, 2, 3, 3, 1, 9, 2, 4])

    for values in astuple(comparison):
        assert values.shape == (len(texts),)
        assert ((values >= 0) & (values <= 1 + 1e-5)).all()


def test_fifty_passages_at_once_are_compared_as_one_by_one(interaction: LateInteraction) -> None:
    """What stands beside a passage changes nothing for it but `telling`, where each is of a release of its own."""
    words = FILLER.split()
    texts = [" ".join(words[number : number * 3]) + f" sommet {number}" for number in range(50)]

    together = compared(interaction, QUESTION, *texts)

    alone = [compared(interaction, QUESTION, text) for text in texts]
    for name in {field.name for field in fields(Comparison)} - {"telling"}:
        expected = np.concatenate([getattr(one, name) for one in alone])
        assert getattr(together, name) == pytest.approx(expected, abs=1e-5)


def test_what_every_passage_holds_tells_nothing(interaction: LateInteraction) -> None:
    """The word that only one passage holds parts it from the others, however rare the common one is elsewhere."""
    comparison = compared(interaction, "Stoltenberg bridge", "Stoltenberg spoke.", "Stoltenberg, bridge", "Stoltenberg")

    assert comparison.telling[1] - comparison.telling[0] > comparison.likeness[1] - comparison.likeness[0]


@pytest.mark.parametrize(
    ("question", "text", "asked", "held"),
    [
        ("Quand aura lieu le sommet ?", "Leaders met at the summit yesterday.", "sommet", "summit"),
        ("Who is the minister?", "La visite du ministre à Tallinn", "minister", "ministre"),
    ],
)
def test_alignment_finds_a_word_in_the_other_language(
    interaction: LateInteraction, question: str, text: str, asked: str, held: str
) -> None:
    """The likest piece for a word stands where its translation does, in characters of the original text."""
    first = question.index(asked)
    pairs = [pair for pair in interaction.align(question, text) if first <= pair.question[0] < first + len(asked)]

    assert pairs
    assert all(text.index(held) <= pair.text[0] < text.index(held) + len(held) for pair in pairs)
    assert all(0.5 < pair.likeness <= 1 + 1e-5 for pair in pairs)


def test_alignment_goes_through_the_question_in_order(interaction: LateInteraction) -> None:
    """Each piece once, their weights a whole; the same word is as like as can be, accents and case aside."""
    pairs = interaction.align("Réunion à l’Élysée", "… et la REUNION")

    assert all(one.question[1] <= other.question[0] for one, other in pairwise(pairs))
    assert sum(pair.weight for pair in pairs) == pytest.approx(1, abs=1e-5)
    assert pairs[0].likeness == pytest.approx(1, abs=1e-5)
    assert best_piece(interaction, "Réunion", "… et la REUNION").text[0] >= len("… et la ")


def test_a_name_weighs_more_than_a_small_word(interaction: LateInteraction) -> None:
    """A passage with the name alone holds more of the question than one with all the rest but the name."""
    comparison = compared(interaction, "le président Zelensky", "Zelensky", "le")

    assert comparison.likeness[0] > comparison.likeness[1]


def test_the_model_is_loaded_when_it_is_needed() -> None:
    """To make one loads nothing; its name and dimension are the model's."""
    loads = []
    interaction = LateInteraction(lambda: loads.append(1) or built_in())

    assert loads == []
    assert interaction.model().name == MODEL_NAME
    assert loads
