"""What a release is about, by the built-in models; what it names in passing it is not about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.answering.reader import OnnxReader, Reading
from bot.answering.topics import MEASURES, ReadRelease, TopicMatcher, measured
from vectorstore.types import StoredRelease

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.reader import Context

MATCHER = TopicMatcher(OnnxReader(longest=10.0))

TUNNEL = """The governments of Norway and Denmark signed the treaty on the Skagerrak tunnel in Oslo on Tuesday. \
The tunnel will be 112 kilometres long and open in 2041.

Norway pays two thirds of the cost. The Norwegian transport minister, Kari Nordahl, called it "the end of the ferry".

Guests from Sweden, Iceland and Finland attended the ceremony. The catering was Italian."""


def a_release(title: str, text: str, language: str = "en") -> StoredRelease:
    """A release as it is stored."""
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    return StoredRelease(
        id="a", version=1, title=title, lead=None, text=text, language=language, publisher=None, published=moment,
        updated=None, url=None, source="a", pair=None, content_hash="", first_seen=moment,
    )  # fmt: skip


def about(release: StoredRelease, *topics: str, matcher: TopicMatcher = MATCHER) -> list[str]:
    return [one.topic for one in matcher.about(release, matcher.prepared(topics))]


TREATY = a_release("Norway and Denmark sign treaty on Skagerrak tunnel", TUNNEL)


def test_a_release_is_about_what_its_title_and_beginning_tell_of() -> None:
    """In either language, whatever capitals and accents; not about who came as a guest."""
    wanted = ["Norway", "norvège", "Danemark", "Skagerrak tunnel", "tunnel"]

    assert about(TREATY, *wanted, "Iceland", "Finlande", "Suède", "Italy", "pensions", "cyberdéfense") == wanted


def test_the_sentence_that_shows_it_is_the_first_that_holds_the_topic() -> None:
    """Quoted from the text, where it has one."""
    [match] = MATCHER.about(TREATY, MATCHER.prepared(["Norvège"]))

    assert TREATY.text[match.start : match.end] == (
        "The governments of Norway and Denmark signed the treaty on the Skagerrak tunnel in Oslo on Tuesday."
    )
    assert 0.5 < match.likelihood <= 1.0


def test_words_that_look_alike_in_two_languages_are_two_words() -> None:
    """HIV is not « hiver », « thé » is not "the", and a car is not « car »."""
    winter = a_release("L’hiver approche : la neige tombera tôt", "L’hiver sera froid, car la neige tombera tôt.", "fr")

    assert about(winter, "hiver", "HIV", "thé", "car sales", "the") == ["hiver"]


@pytest.mark.parametrize(("title", "text"), [("Norway", "Norway"), ("", "…"), ("Norway", "\n\n")])
def test_whatever_a_release_holds(title: str, text: str) -> None:
    """Nothing fails, and no sentence is made up."""
    release = a_release(title, text)

    for match in MATCHER.about(release, MATCHER.prepared(["Norway", "…", "-", "x" * 500])):
        assert release.text[match.start : match.end] in release.text


def test_thousands_of_topics_are_measured_at_once() -> None:
    """A row for each, the same as alone; the reader is asked about few of them."""
    asked: list[str] = []

    class CountingReader:
        def read(
            self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
        ) -> tuple[Reading | None, ...]:
            del earlier
            asked.append(question)
            return tuple(Reading(0, 1, 0.5) for _ in contexts)

        def compare(
            self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
        ) -> tuple[tuple[Reading, ...], ...]:
            raise NotImplementedError

        def supports(self, sentence: str, quote: Context) -> float:
            raise NotImplementedError

    matcher = TopicMatcher(CountingReader())
    topics = matcher.prepared(["Norway", *(f"subject {number} of committee {number % 7}" for number in range(2_000))])
    values = measured(topics, ReadRelease(TREATY, topics.model)).values
    alone = matcher.prepared(["Norway"])

    assert values.shape == (2_001, len(MEASURES))
    assert values[0] == pytest.approx(measured(alone, ReadRelease(TREATY, alone.model)).values[0], abs=1e-4)
    matcher.about(TREATY, topics)
    assert len(asked) < 50


def test_topics_that_are_the_same_are_one() -> None:
    """And no topics are none."""
    assert MATCHER.prepared(["Norway", " Norway", "Norway\n"]).topics == ("Norway",)
    assert about(TREATY) == []
