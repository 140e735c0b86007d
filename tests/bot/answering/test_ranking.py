"""Sentences that are read once more, side by side."""

from __future__ import annotations

import pytest

from bot.answering.ranking import ReadWindow, compared, confidence, joined, side_by_side
from bot.answering.reader import Reading
from bot.answering.windows import windows_of
from tests.bot.hits import a_hit, a_stored_release

PARAGRAPHS = (
    "The bridge opens in May.",
    "It has two lanes.",
    "The toll is 3 francs.",
    "Ships pass below.",
    "It is red.",
)
BRIDGE = "\n\n".join(PARAGRAPHS)


def read(identity: str, text: str, **likely: float) -> list[ReadWindow]:
    """A window for the whole of a release each time, and the words that were marked in it, with their likelihoods."""
    release = a_stored_release(identity, text)
    (window,) = windows_of([a_hit(release, 1)])
    return [
        ReadWindow.of(window, Reading(text.index(words), text.index(words) + len(words), 0.5), likelihood)
        for words, likelihood in likely.items()
    ]


def test_of_the_two_best_releases_the_likeliest_sentences_are_compared_each_once_in_the_order_of_the_text() -> None:
    """Words that stand in one sentence are one candidate; a third release is not compared."""
    found = [
        *read("bridge", BRIDGE, francs=0.9, May=0.8, toll=0.7, red=0.6, lanes=0.5),
        *read("tunnel", "The tunnel is long.", long=0.4),
        *read("road", "The road is wide.", wide=0.3),
    ]

    rivals = side_by_side(found)

    assert [[one.words for one in some] for some in rivals] == [["May", "francs", "red"], ["long"]]


def test_what_is_compared_is_one_text_in_which_each_sentence_may_answer() -> None:
    """With the title and the day of its release."""
    (some,) = side_by_side(read("bridge", BRIDGE, francs=0.9, May=0.8))

    context = joined(some)

    assert context.text == "The bridge opens in May. The toll is 3 francs."
    assert [context.text[a:b] for a, b in context.quotable or ()] == [PARAGRAPHS[0], PARAGRAPHS[2]]
    assert context.title == some[0].window.release.title


def test_a_sentence_for_which_there_is_no_room_is_left_out() -> None:
    """The reader would not see its end."""
    text = f"{'Long ' * 150}day.\n\n{'Wide ' * 150}road.\n\nShort note."

    rivals = side_by_side(read("long", text, day=0.9, road=0.8, note=0.7))

    assert [[one.words for one in some] for some in rivals] == [["day", "note"]]


def test_the_sentence_that_the_reader_prefers_side_by_side_comes_first() -> None:
    """What was not compared of its release stands behind it, however likely it was by itself."""
    found = read("bridge", BRIDGE, francs=0.6, May=0.5, red=0.4, lanes=0.39)
    rivals = side_by_side(found)
    sure = {"May": 0.9, "francs": 0.2, "red": 0.1}
    readings = [[Reading(0, 1, sure[one.words]) for one in some] for some in rivals]

    again = compared(found, rivals, readings)

    assert [one.words for one in again] == ["May", "francs", "red", "lanes"]
    assert again[0].likelihood > 0.5


@pytest.mark.parametrize("likelihood", [0.05, 0.5, 0.95])
def test_a_sentence_with_no_other_beside_it_is_read_again_alone(likelihood: float) -> None:
    """It becomes likelier where the reader is sure of it then."""
    found = read("bridge", BRIDGE, francs=likelihood)
    rivals = side_by_side(found)

    (sure,), (doubted,) = (compared(found, rivals, [[Reading(0, 1, answers)]]) for answers in (0.99, 0.01))

    assert sure.likelihood > doubted.likelihood


def test_how_sure_the_best_is_goes_by_what_was_said_of_it_before_and_after() -> None:
    """Either alone can make it doubtful; another release that answers as well makes it less sure."""
    doubted, likely = (read("bridge", BRIDGE, francs=one) for one in (0.1, 0.9))
    rival = read("tunnel", "The tunnel is long.", long=0.89)

    sure = confidence(likely, likely)

    assert confidence(doubted, doubted) < confidence(likely, doubted) < sure
    assert confidence(doubted, doubted) < confidence(doubted, likely) < sure
    assert confidence([*likely, *rival], likely) < sure
    assert confidence(likely, [*likely, *rival]) < sure
