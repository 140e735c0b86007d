from __future__ import annotations

import pytest

from vectorstore.text.words import american, index_words


@pytest.mark.parametrize(
    ("british", "expected"),
    [
        ("defence", "defense"),
        ("offences", "offenses"),
        ("licence", "license"),
        ("programme", "program"),
        ("programmes", "programs"),
        ("centre", "center"),
        ("kilometres", "kilometers"),
        ("theatre", "theater"),
        ("grey", "gray"),
        ("manoeuvres", "maneuvers"),
        ("instalment", "installment"),
        ("cheques", "checks"),
        ("tonnes", "tons"),
        ("labour", "labor"),
        ("neighbouring", "neighboring"),
        ("neighbourhoods", "neighborhoods"),
        ("honourable", "honorable"),
        ("dishonour", "dishonor"),
        ("armoured", "armored"),
        ("organisation", "organization"),
        ("organisational", "organizational"),
        ("mobilised", "mobilized"),
        ("recognising", "recognizing"),
        ("modernises", "modernizes"),
        ("analyse", "analyze"),
        ("paralysed", "paralyzed"),
        ("travelled", "traveled"),
        ("signalling", "signaling"),
        ("counsellors", "counselors"),
        ("labelled", "labeled"),
    ],
)
def test_british_word_is_spelt_as_in_america(british: str, expected: str) -> None:
    """Single words, their plurals and whole families of endings; what is American stays as it is."""
    assert american(british) == expected
    assert american(expected) == expected


@pytest.mark.parametrize(
    "word",
    ["hour", "four", "tour", "tournament", "journey", "court", "pour", "this", "his", "is", "rise", "wise", "basis",
     "crisis", "analysis", "island", "finish", "list", "total", "totally", "fuel", "called", "press", "process",
     "discuss", "f35", "2019", "", "nato"],
)  # fmt: skip
def test_other_words_are_left_alone(word: str) -> None:
    """Words that only look British keep their letters."""
    assert american(word) == word


@pytest.mark.parametrize(
    ("asked", "written"),
    [("revised", "revision"), ("supervised", "supervision"), ("precise", "precision"), ("televised", "television")],
)
def test_words_of_one_family_stay_together(asked: str, written: str) -> None:
    """A verb in -vise is no British one in -ise: its noun shares its stem and must go on doing so."""
    assert index_words(asked, "en") == index_words(written, "en")
