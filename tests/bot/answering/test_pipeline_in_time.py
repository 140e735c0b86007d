from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from benchmarks.words_reader import WordsReader
from bot.answering.analysis import Ask
from bot.answering.pipeline import Answerer
from bot.answering.retriever import PassageRetriever
from bot.answering.types import Conversation, NoteKind
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore
from vectorstore.types import Filter, Twin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.answering.types import Answer

NOW = datetime(2024, 10, 17, 12, tzinfo=UTC)
BRIDGES = {
    "old": (datetime(2023, 6, 5, tzinfo=UTC), "The city opened a new bridge over the river Lea in June."),
    "mid": (datetime(2024, 3, 8, tzinfo=UTC), "The city closed the bridge over the river Lea for repairs."),
    "new": (datetime(2024, 10, 2, tzinfo=UTC), "The city reopened the bridge over the river Lea to traffic."),
}


@pytest.fixture
def answerer(tmp_path: Path) -> Iterator[Answerer]:
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        for identity, (day, text) in BRIDGES.items():
            keep(store, a_release(identity, text, title=f"Bridge {identity}", published=day, language="en"), embedder)
        market = "The market hall sells fish and flowers on Saturday."
        keep(store, a_release("market", market, published=datetime(2024, 10, 9, tzinfo=UTC), language="en"), embedder)
        yield Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())


def asked(answerer: Answerer, question: str, where: Filter | None = None) -> Answer:
    return answerer.invoke(Ask(question, where=where or Filter(), as_of=NOW))


def cited(answer: Answer) -> list[str]:
    return [citation.release.id for citation in answer.citations]


def kinds(answer: Answer) -> list[NoteKind]:
    return [note.kind for note in answer.notes]


def test_releases_of_the_period_in_the_question_come_first(answerer: Answerer) -> None:
    """Three speak of the bridge; one is of March. It may be of what is told, so that nothing is left out."""
    answer = asked(answerer, "What did the city do with the bridge over the river Lea in March 2024?")

    assert cited(answer) == ["mid"]
    assert answer.notes == ()


def test_a_period_of_publication_bounds_the_search_and_is_told(answerer: Answerer) -> None:
    """It speaks of releases."""
    answer = asked(answerer, "What do the releases of March 2024 say of the bridge over the river Lea?")

    assert cited(answer) == ["mid"]
    assert answer.notes[0].text == "Releases published from 1 March 2024 to 31 March 2024."


def test_a_period_without_an_answer_is_told_and_the_rest_searched(answerer: Answerer) -> None:
    """Nothing is lost by a filter that the person may not have meant."""
    answer = asked(answerer, "Did the city reopen the bridge over the river Lea in January?")

    assert answer.answered
    assert kinds(answer) == [NoteKind.WIDENED]
    assert answer.notes[0].text.startswith("No release was published from 1 January 2024")


@pytest.mark.parametrize(
    ("question", "releases"),
    [
        ("Did the city reopen the bridge over the river Lea after 2022?", ["new"]),
        ("Did the city close the bridge over the river Lea between 2022 and 2025?", ["mid"]),
    ],
)
def test_a_release_within_bounds_need_not_name_them(answerer: Answerer, question: str, releases: list[str]) -> None:
    """Its date lies between them, and its text speaks of neither year."""
    answer = asked(answerer, question)

    assert cited(answer) == releases
    assert NoteKind.WIDENED not in kinds(answer)


def test_a_release_that_names_the_year_of_a_bound_is_still_told_to_lie_outside_it(tmp_path: Path) -> None:
    """What happened in 2023 did not happen after it."""
    embedder, text = WordEmbedder(), "In 2023 the ferry to Oslo sailed on Sunday."
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        keep(store, a_release("ferry", text, published=datetime(2023, 6, 5, tzinfo=UTC), language="en"), embedder)
        answerer = Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())
        answer = asked(answerer, "Who sailed on the ferry to Oslo after 2023?")

    assert cited(answer) == ["ferry"]
    assert NoteKind.WIDENED in kinds(answer)


def test_a_bound_of_the_question_before_is_not_wanted_either(answerer: Answerer) -> None:
    """A follow-up is read beside it."""
    first = "Did the city close the bridge over the river Lea after 2022?"
    conversation = Conversation().after(first, asked(answerer, first))

    answer = answerer.invoke(Ask("And did it reopen to traffic?", as_of=NOW, conversation=conversation))

    assert cited(answer) == ["new"]


def test_a_period_of_the_options_is_never_left(answerer: Answerer) -> None:
    """What the person set by hand holds."""
    where = Filter(until=datetime(2023, 1, 1, tzinfo=UTC))

    answer = asked(answerer, "Did the city reopen the bridge over the river Lea in 2024?", where)

    assert not answer.answered
    assert answer.refusal is not None
    assert answer.refusal.searched.until == where.until


def test_the_latest_on_a_subject_is_that_of_the_newest_release_on_it(answerer: Answerer) -> None:
    """The market's is newer, and not about the bridge."""
    answer = asked(answerer, "What is the latest news on the bridge over the river Lea?")

    assert cited(answer) == ["new"]
    assert NoteKind.FRESHNESS in kinds(answer)


@pytest.mark.parametrize(
    ("question", "releases"),
    [
        ("What is the latest release?", ["market"]),
        ("Show me the last 2 releases", ["market", "new"]),
        ("What was the first release?", ["old"]),
        ("What's new since October?", ["market", "new"]),
    ],
)
def test_news_alone_is_a_list_of_releases(answerer: Answerer, question: str, releases: list[str]) -> None:
    """Nothing is searched for: their dates decide."""
    assert cited(asked(answerer, question)) == releases


@pytest.mark.parametrize(
    ("question", "releases"),
    [
        ("Quel est le dernier communiqué ?", ["market"]),
        ("Quoi de neuf depuis octobre ?", ["market", "new"]),
        ("communiqués de mars 2024", ["mid"]),
        ("Quel est le dernier communiqué sur la Lea ?", ["new"]),
    ],
)
def test_news_in_another_language_is_listed_too(answerer: Answerer, question: str, releases: list[str]) -> None:
    """There is none in French, and the newest release is the newest in any language."""
    assert cited(asked(answerer, question)) == releases


@pytest.mark.parametrize(
    ("question", "releases"),
    [
        ("Quoi de neuf en mai ?", ["other", "fr", "unknown"]),
        ("What's new in May?", ["other", "en", "unknown"]),
        ("Quel est le dernier communiqué sur Lyon ?", ["fr"]),
    ],
)
def test_of_twins_that_of_the_question_is_listed(question: str, releases: list[str], tmp_path: Path) -> None:
    """Once, and releases that have no twin beside it, be their language known or not."""
    embedder = WordEmbedder()
    lyon = (
        ("unknown", None, "The toll on the motorway."),
        ("fr", "fr", "Lyon ouvre son musée aux enfants du pays."),
        ("en", "en", "Lyon opens its museum to the children."),
        ("other", "en", "Paris closes an old bridge."),
    )
    with PassageStore(tmp_path / "twins", model=embedder.name) as store:
        for day, (identity, language, text) in enumerate(lyon, 1):
            moment = datetime(2024, 5, day, tzinfo=UTC)
            keep(store, a_release(identity, text, title=text, published=moment, language=language), embedder)
        store.records.relate([Twin("en", "fr", "content", 0.9)], [], of=("en", "fr"), up_to=store.records.last_event())
        answerer = Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())

        assert cited(asked(answerer, question)) == releases


def test_a_period_of_a_follow_up_keeps_the_subject(answerer: Answerer) -> None:
    """A month alone, asked after the bridge, lists nothing of the market."""
    first = "What did the city do with the bridge over the river Lea?"
    conversation = Conversation().after(first, asked(answerer, first))

    answer = answerer.invoke(Ask("And this month?", as_of=NOW, conversation=conversation))

    assert cited(answer) == ["new"]


@pytest.mark.parametrize(
    ("question", "releases"),
    [
        ("What is the latest release?", ["mid"]),
        ("What do the releases of 2024 say of the bridge over the river Lea?", ["mid"]),
        ("Did the city reopen the bridge over the river Lea to traffic?", ["mid"]),
        ("What's new in the last two weeks?", ["mid"]),
    ],
)
def test_what_was_published_later_does_not_answer_on_an_earlier_day(
    answerer: Answerer, question: str, releases: list[str]
) -> None:
    """That day itself counts to its end."""
    answer = answerer.invoke(Ask(question, as_of=datetime(2024, 3, 8, tzinfo=UTC)))

    assert cited(answer)[:1] == releases
    assert "new" not in cited(answer)
    assert not any("October" in note.text for note in answer.notes)


def test_a_question_that_awaits_an_answer_is_answered_by_what_came_later(answerer: Answerer) -> None:
    """Only what it says of time counts from its day."""
    ask = Ask("Did the city reopen the bridge over the river Lea to traffic?", as_of=datetime(2024, 3, 8, tzinfo=UTC))

    assert cited(answerer.invoke(replace(ask, awaits=True))) == ["new"]


@pytest.mark.parametrize(
    ("as_of", "until"),
    [
        (datetime(2024, 3, 8, tzinfo=UTC), datetime(2024, 3, 9, tzinfo=UTC)),
        (datetime(2024, 3, 8, 12, tzinfo=UTC), datetime(2024, 3, 8, 12, 0, 1, tzinfo=UTC)),
        (datetime(2024, 5, 8, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)),
        (datetime.max.replace(tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)),
    ],
)
def test_the_earlier_of_two_bounds_holds(as_of: datetime, until: datetime) -> None:
    """That of the filter and that of the moment."""
    where = Filter(until=datetime(2024, 4, 1, tzinfo=UTC))

    assert Ask("What?", where=where, as_of=as_of).known(where).until == until


def test_no_news_is_a_refusal_that_says_how_fresh_the_store_is(answerer: Answerer) -> None:
    """Two weeks without a release."""
    answer = answerer.invoke(Ask("What's new this week?", as_of=datetime(2024, 10, 30, tzinfo=UTC)))

    assert not answer.answered
    assert answer.notes[-1].text == "The newest release is from 9 October 2024, more than a week ago."


@pytest.mark.parametrize(
    ("published", "updated", "is_told"),
    [(NOW, None, False), (NOW, NOW, False), (NOW, NOW.replace(hour=18), True), (None, NOW, True)],
)
def test_a_release_that_was_changed_since_it_came_out_is_told_to_be_so(
    tmp_path: Path, published: datetime | None, updated: datetime | None, is_told: bool
) -> None:
    """An update of the moment it came out is none."""
    embedder, text = WordEmbedder(), "The ferry to Oslo sails on Sunday."
    release = replace(a_release("ferry", text, published=published, language="en"), updated=updated)
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        keep(store, release, embedder)
        answerer = Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())
        answer = answerer.invoke("When does the ferry to Oslo sail?")

    assert cited(answer) == ["ferry"]
    assert (NoteKind.UPDATED in kinds(answer)) is is_told


def test_a_second_version_is_told_by_when_it_came_in(tmp_path: Path) -> None:
    """Whatever the newsroom says of it."""
    embedder = WordEmbedder()
    first = a_release("ferry", "The ferry to Oslo sails on Sunday.", published=NOW, language="en")
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        keep(store, first, embedder)
        keep(store, replace(first, body=("The ferry to Oslo sails on Monday.",)), embedder)
        answerer = Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())
        answer = asked(answerer, "When does the ferry to Oslo sail?")

    assert cited(answer) == ["ferry"]
    assert kinds(answer) == [NoteKind.UPDATED]
