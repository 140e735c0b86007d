from __future__ import annotations

import pytest

from vectorstore.text.sentences import Difference, differences

THREE = "Allies met in Brussels. They gave 20.9 billion euros. The next meeting is in June."


def test_a_text_does_not_differ_from_itself() -> None:
    """Nor where spaces and line ends only were moved."""
    assert differences(THREE, THREE, "en") == []
    assert differences(THREE, THREE.replace("euros. ", "euros.\n\n"), "en") == []


@pytest.mark.parametrize(
    ("after", "change"),
    [
        (THREE.replace("20.9", "21.4"), Difference("They gave 20.9 billion euros.", "They gave 21.4 billion euros.")),
        (THREE.replace(" They gave 20.9 billion euros.", ""), Difference("They gave 20.9 billion euros.", "")),
        (f"{THREE} Mr. Smith was absent.", Difference("", "Mr. Smith was absent.")),
        (f"Corrected. {THREE}", Difference("", "Corrected.")),
    ],
    ids=["replaced", "removed", "added", "put before"],
)
def test_a_sentence_is_told_as_a_whole(after: str, change: Difference) -> None:
    """What was replaced, taken out or added; what stayed is not told."""
    assert differences(THREE, after, "en") == [change]


def test_french_sentences_are_told_as_wholes() -> None:
    """Abbreviations, decimal commas and guillemets end no sentence."""
    before = "M. Dupont a parlé à Nicosie. « L'aide est de 20,9 millions. »"
    after = before.replace("20,9", "21,4")

    assert differences(before, after, "fr") == [
        Difference("« L'aide est de 20,9 millions. »", "« L'aide est de 21,4 millions. »")
    ]


def test_changes_are_told_in_the_order_of_the_text() -> None:
    """Several in one text, each on its own."""
    after = "Allies met in Paris. They gave 20.9 billion euros. The next meeting is in July."

    assert [change.after for change in differences(THREE, after, "en")] == [
        "Allies met in Paris.",
        "The next meeting is in July.",
    ]


@pytest.mark.parametrize(("before", "after"), [("", THREE), (THREE, "")])
def test_a_text_may_be_empty(before: str, after: str) -> None:
    """Then all of the other one was added or taken out."""
    assert differences(before, after, None) == [Difference(before, after)]
