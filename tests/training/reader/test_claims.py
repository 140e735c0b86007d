from __future__ import annotations

import random

import pytest

from training.reader.claims import habits, made, twisted

SENTENCES = {
    "en": "The council will open 12 schools and 3 baths in May, said Ada Holm of Norvale Rail (the operator).",
    "fr": "Le conseil va ouvrir 12 écoles et 3 piscines en mai, a dit Ada Holm de Norvale Rail (l’exploitant).",
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_twist_changes_what_a_sentence_says(language: str) -> None:
    """Every kind that fits comes up, and none leaves the sentence as it was."""
    chance = random.Random(1)
    twists = [twisted(SENTENCES[language], language, chance) for _ in range(200)]

    assert None not in twists
    assert {kind for kind, _ in filter(None, twists)} >= {"number", "month", "modality"}
    assert SENTENCES[language] not in {sentence for _, sentence in filter(None, twists)}


def test_as_many_claims_are_borne_out_as_are_not() -> None:
    """Each twist stands beside its own true sentence, in both languages."""
    claims = list(made(SENTENCES["en"], SENTENCES["fr"], random.Random(2)))

    assert sum(claim.supported for claim in claims) == sum(not claim.supported for claim in claims) == 3


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("table", ["antonyms", "units", "modal"])
def test_no_pair_of_a_table_says_the_same_twice(language: str, table: str) -> None:
    """A word is never its own opposite."""
    pairs = [tuple(pair) for pair in habits()[language][table]]

    assert all(a != b for a, b in pairs)
    assert len(set(pairs)) == len(pairs)
