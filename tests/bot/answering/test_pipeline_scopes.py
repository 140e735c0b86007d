"""Within a scope nothing tells of releases outside it: no answer, refusal, note, count, reply or conversation."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from benchmarks.words_reader import WordsReader
from bot.answering.codec import answer_payload, is_within, known_within
from bot.answering.pipeline import Answerer, Ask
from bot.answering.retriever import PassageRetriever
from bot.answering.types import Conversation
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore
from vectorstore.types import Correction, Filter, Scope, Twin, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.answering.types import Answer

FEED = "https://nato.test/feed"
OPEN = Filter(scopes=(Scope(sources=(FEED,)),))
SECRETS = ("whisper", "murmure", "hush", "1999", "2031", "5 releases", "4 releases", "5 communiqués")
DAY = datetime(2024, 5, 6, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PassageStore]:
    """Two releases of a feed; three of a ministry, of which one is a twin and one a correction of the first."""
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as made:
        for identity, text, language, publisher, published in (
            ("ferry", "The ferry to Oslo sails on 3 May 2024, said Ann Lee.", "en", "NATO", DAY),
            ("bridge", "The bridge of Riga was opened by ministers on Monday.", "en", "NATO", DAY),
            (
                "ferry.fr",
                "Le ferry pour Oslo part le 3 mai 2024, en un murmure.",
                "fr",
                "Hush",
                datetime(1999, 1, 2, tzinfo=UTC),
            ),
            (
                "corrected",
                "The ferry to Oslo sails in a whisper on 4 May 2024.",
                "en",
                "Hush",
                datetime(2031, 1, 2, tzinfo=UTC),
            ),
            (
                "whisper",
                "Ministers of whispers met in Oslo on 3 May 2024.",
                "en",
                "Hush",
                datetime(2031, 1, 3, tzinfo=UTC),
            ),
        ):
            title = f"Hush {identity}" if publisher == "Hush" else f"The {identity}"
            release = a_release(
                identity, text, title=title, language=language, publisher=publisher, published=published
            )
            address = f"https://nato.test/{identity}"
            keep(made, replace(release, source=address, url=address), embedder)
            source = FEED if publisher == "NATO" else "https://hush.test/feed"
            made.records.note_visits([Visit(address, source, DAY, release_id=identity)])
        twins, corrections = [Twin("ferry", "ferry.fr", "pair", 1.0)], [Correction("corrected", "ferry")]
        made.records.relate(twins, corrections, of=["ferry", "ferry.fr"], up_to=made.records.last_event())
        yield made


@pytest.fixture
def answerer(store: PassageStore) -> Answerer:
    return Answerer(PassageRetriever(store=store, embedder=WordEmbedder()), reader=WordsReader())


def told(answer: Answer) -> str:
    """Everything that is said, shown or kept of an answer, but the question."""
    payload = answer_payload(answer)
    for one in ("question", "standalone_question", "as_of", "timings_ms"):
        del payload[one]
    return json.dumps(payload, ensure_ascii=False).casefold()


@pytest.mark.parametrize(
    "asked",
    [
        Ask("When does the ferry to Oslo sail?"),
        Ask("Quand le ferry pour Oslo part-il ?"),
        Ask("What did ministers of whispers do in Oslo?"),
        Ask("Who met in Oslo?", Filter(publishers=("Hush",))),
        Ask("Who met in Oslo?", Filter(publishers=("Hus",))),
        Ask("Qui se rencontre à Oslo ?", Filter(languages=("fr",))),
        Ask("Who met in Oslo?", Filter(since=datetime(2025, 1, 1, tzinfo=UTC))),
        Ask("Who met in Oslo?", Filter(until=datetime(2020, 1, 1, tzinfo=UTC))),
        Ask("Who met in Oslo in 2031?"),
        Ask("How many releases mention Oslo?"),
        Ask("How many releases are there?"),
        Ask("List the oldest releases"),
        Ask("List all releases about whispers"),
        Ask("What is new?"),
        Ask("What is the latest on the ferry to Oslo?"),
        Ask("When does the ferry to Oslo sail today?"),
        Ask("Hello"),
        Ask("Which sources do you read?"),
        Ask("How up to date are you?"),
        Ask("Who are you?"),
    ],
    ids=lambda ask: f"{ask.question} {'bounded' if ask.where else ''}",
)
def test_nothing_outside_a_scope_is_told(answerer: Answerer, asked: Ask) -> None:
    """Whatever is asked, but for what the person has typed themselves."""
    answer = answerer.invoke(replace(asked, where=asked.where.within(OPEN.scopes)))

    typed = f"{asked.question} {asked.where.publishers}".casefold()
    assert not [secret for secret in SECRETS if secret in told(answer) and secret not in typed]


def test_without_the_scope_it_is_told(answerer: Answerer) -> None:
    """So the test above can fail."""
    asked = (
        Ask("When does the ferry to Oslo sail?"),
        Ask("Quand le ferry pour Oslo part-il ?"),
        Ask("Who met in Oslo?", Filter(publishers=("Hus",))),
        Ask("Who met in Oslo?", Filter(until=datetime(1990, 1, 1, tzinfo=UTC))),
        Ask("How many releases are there?"),
        Ask("Which sources do you read?"),
    )
    all_told = " ".join(told(answerer.invoke(one)) for one in asked)

    assert {secret for secret in SECRETS if secret in all_told} >= {"whisper", "murmure", "hush", "1999", "5 releases"}


def test_what_lies_within_is_answered_as_ever(answerer: Answerer) -> None:
    """Also by a twin's release whose own twin is outside; counts are those of the scope."""
    english = answerer.invoke(Ask("When does the ferry to Oslo sail?", OPEN))
    french = answerer.invoke(Ask("Quand le ferry pour Oslo part-il ?", OPEN))
    refused = answerer.invoke(Ask("Who invented the telephone?", OPEN))

    assert [one.release.id for one in english.citations] == ["ferry"]
    assert {one.release.id for one in french.citations} <= {"ferry"}
    assert refused.refusal is not None
    assert refused.refusal.reason.startswith("2 releases searched")


def test_a_scope_of_the_retriever_holds_whatever_the_question_brings(store: PassageStore) -> None:
    """So that whoever builds a page or a tool sets it once."""
    retriever = PassageRetriever(store=store, embedder=WordEmbedder(), filter=OPEN)
    bounded = Answerer(retriever, reader=WordsReader())

    answer = bounded.invoke(Ask("What did ministers of whispers do in Oslo?", Filter(publishers=("Hush",))))

    assert answer.refusal is not None
    assert answer.refusal.searched.releases == 0
    assert not retriever.find("whispers", where=Filter(releases=("whisper",)))


@pytest.mark.parametrize("question", ["Tell me more", "Who said that?", "What is your source?", "And why?", "Really?"])
def test_a_conversation_from_before_the_scope_leaks_nothing(answerer: Answerer, question: str) -> None:
    """Of an answer that told of what lies outside, the question is all that is left."""
    before = answerer.invoke("What did ministers of whispers do in Oslo?")
    assert any(one.release.publisher == "Hush" for one in before.citations)
    conversation = Conversation().after(before.question, before)

    answer = answerer.invoke(Ask(question, OPEN, conversation=conversation))

    assert not [secret for secret in SECRETS if secret in told(answer).replace("ministers of whispers", "")]


def test_answers_within_the_scope_stay_what_they_are(answerer: Answerer, store: PassageStore) -> None:
    """In a conversation of both, and where there is no scope."""
    inside = answerer.invoke(Ask("When does the ferry to Oslo sail?", OPEN))
    outside = answerer.invoke("What did ministers of whispers do in Oslo?")
    conversation = Conversation().after(inside.question, inside).after(outside.question, outside)

    first, second = known_within(conversation, OPEN, store).turns

    assert first.answer is inside
    assert (second.question, second.answer.text, second.answer.citations) == (outside.question, "", ())
    assert known_within(conversation, Filter(), store) is conversation
    assert is_within(["whisper"], Filter(), store)
    assert not is_within(["ferry", "whisper"], OPEN, store)
