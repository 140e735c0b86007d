"""Who is quoted: name and reporting verb in the same paragraph, or nobody."""

from __future__ import annotations

import time

import pytest

from bot.language.quotations import quotations, speaker_of
from tests.language_tables import each_row

WORDS = "we will go on until the work is done"
MOTS = "nous continuerons jusqu’à ce que le travail soit fini"


@each_row("quotations.jsonl", "paragraph", "language", "speaker")
def test_words_are_bound_to_who_says_them(paragraph: str, language: str, speaker: str | None) -> None:
    """As the release spells the name; nobody where the paragraph does not tell. The first quotation counts."""
    assert [one.speaker for one in quotations(paragraph, language)][:1] == [speaker]


@each_row("titles.jsonl", "paragraph")
def test_a_title_or_a_term_is_nobodys_words(paragraph: str) -> None:
    """Marks around a name quote nobody."""
    assert quotations(paragraph, None) == ()


def test_the_words_and_the_clause_are_where_they_are_said_to_be() -> None:
    """Offsets hold character for character, marks included."""
    text = f"Bergen, 3 May.\n\n“{WORDS},” said the mayor."

    (found,) = quotations(text, "en")

    assert text[found.start : found.end] == f"“{WORDS},”"
    assert found.reported is not None
    assert text[slice(*found.reported)] == "said the mayor"


def test_a_quotation_over_several_paragraphs_stays_with_its_speaker() -> None:
    """Each paragraph opens the marks again; the last one closes them."""
    text = f"Jane Doe said: “{WORDS}.\n\n“{WORDS} in the north.\n\n“{WORDS} in the south.”"

    assert {one.speaker for one in quotations(text, "en")} == {"Jane Doe"}


def test_a_sentence_after_the_clause_goes_on_with_its_speaker() -> None:
    """“…,” said X. “…”: both are X's."""
    text = f"“{WORDS},” said Jane Doe. “{WORDS} in the north.”"

    assert [one.speaker for one in quotations(text, "en")] == ["Jane Doe", "Jane Doe"]


def test_a_place_inside_a_quotation_has_its_speaker() -> None:
    """What is cited may be a part of what was said, or hold it."""
    text = f"“{WORDS},” said Jane Doe."

    assert speaker_of(text, 4, 20, "en") == "Jane Doe"
    assert speaker_of(text, 0, len(text), "en") == "Jane Doe"
    assert speaker_of("Nothing was said by anybody.", 0, 20, "en") is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["“" * 20_000, "a" * 20_000, "“ said he " * 2_000, "« a, a déclaré M. " * 1_200, "A " * 10_000]
)
def test_odd_text_takes_no_long_time(text: str) -> None:
    """A release cannot hold up the answer by its marks."""
    for language in ("fr", "en"):
        assert len(quotations(text, language)) < len(text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        f"“{WORDS}”, said the Minister of Transport, Anna Berg, on 4 March 2024, « {MOTS} », a dit le ministre. ",
        f"Then the Minister of Transport Anna Berg said. “{WORDS}”, he said. ",
        f"“{WORDS}” said Berg. Jane Berg met John. He said: “{WORDS}”. ",
        f"Minister Anna Berg met him, and then, he said “{WORDS}” ",
        f"Anna Berg, minister, “{WORDS}” of the day, and, added “{WORDS}” ",
        f"They met Anna Berg and said “{WORDS}” ",
        f"Of all these things “{WORDS}” ",
        f"Berg met the minister. “{WORDS}”, he said.\n\n",
    ],
)
def test_time_grows_with_the_text_and_not_with_its_square(piece: str) -> None:
    """Four times the quotations take four times as long, not sixteen, in one paragraph and in many."""

    def seconds(times: int) -> float:
        text = piece * times
        began = time.process_time()
        for at in range(times):
            speaker_of(text, at * len(piece), (at + 1) * len(piece), "en")
        return time.process_time() - began

    seconds(10)
    assert min(seconds(1_600), seconds(1_600)) < 10 * max(seconds(400), 0.1)
