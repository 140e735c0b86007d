"""Turns that ask nothing of the releases, and questions about the archive, through the whole chain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from benchmarks.words_reader import WordsReader
from bot.answering.analysis import Ask
from bot.answering.pipeline import Answerer
from bot.answering.reader import Reading
from bot.answering.retriever import PassageRetriever
from bot.answering.types import Conversation
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore
from vectorstore.types import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.answering.reader import Context
    from bot.answering.types import Answer

HARBOURS = 14


@pytest.fixture
def answerer(tmp_path: Path) -> Iterator[Answerer]:
    """Releases on a harbour, one a month, and one on a museum."""
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        for number in range(HARBOURS):
            day = datetime(2023 + number // 12, number % 12 + 1, 3, tzinfo=UTC)
            text = f"Ferry number {number} sailed into the harbour of Runmarö."
            keep(
                store,
                a_release(f"harbour-{number}", text, title=f"Ferry {number}", published=day, language="en"),
                embedder,
            )
        museum = "“The museum of clocks opens in June,” said the Minister of Culture."
        day = datetime(2024, 5, 3, tzinfo=UTC)
        keep(store, a_release("museum", museum, title="Clocks", published=day, language="en"), embedder)
        yield Answerer(PassageRetriever(store=store, embedder=embedder), refusing="seldom", reader=WordsReader())


def replied(answerer: Answerer, said: str, conversation: Conversation | None = None) -> Answer:
    answer = answerer.invoke(Ask(said, conversation=conversation or Conversation()))
    assert answer.reply is not None
    assert not answer.answered
    assert answer.citations == ()
    assert answer.refusal is None
    return answer


@pytest.mark.parametrize(
    ("said", "kind", "text"),
    [
        ("hello", "courtesy.greeting", "Hello! Ask me about the releases; the newest is “Clocks”."),
        ("merci beaucoup", "courtesy.thanks", "Avec plaisir. D’autres questions ?"),
        ("who are you?", "about_bot.who", "I’m Communiqué, a bot that answers from 15 releases"),
        ("how up to date are you", "about_bot.freshness", "The newest release I know of is dated 3 May 2024"),
        ("fuck you", "courtesy.insult", "put the question differently"),
        ("🎉", "courtesy.presence", "I’m here."),
        ("Was hat der Minister in Runmarö gesagt?", "about_bot.foreign", "I read English and French"),
        ("Τι είπε ο υπουργός;", "about_bot.foreign", "I read English and French"),
    ],
)  # fmt: skip
def test_a_turn_that_asks_nothing_has_a_reply_of_its_own(answerer: Answerer, said: str, kind: str, text: str) -> None:
    """No search, no quote, no releases that come nearest."""
    answer = replied(answerer, said)

    assert answer.reply is not None
    assert answer.reply.kind == kind
    assert text in answer.text


def test_an_answer_can_be_asked_about(answerer: Answerer) -> None:
    """Its source, who said it, when; nothing is searched."""
    question = "When does the museum of clocks open?"
    conversation = Conversation().after(question, answerer.invoke(question))

    assert "“Clocks”" in replied(answerer, "source?", conversation).text
    assert replied(answerer, "who said that?", conversation).text == "These are the words of the Minister of Culture."
    assert "3 May 2024" in replied(answerer, "when was that published?", conversation).text


@pytest.mark.parametrize("said", ["link please", "who said that?", "tell me more", "that's wrong"])
def test_without_an_answer_there_is_nothing_to_say_about_it(answerer: Answerer, said: str) -> None:
    """And that is said."""
    assert replied(answerer, said).text == "There is no answer before this. What would you like to know?"


def test_the_archive_is_counted_and_listed(answerer: Answerer) -> None:
    """As many as fit, newest first, and the number of the rest."""
    answer = replied(answerer, "Hello! How many releases mention the harbour?")

    assert answer.reply is not None
    assert answer.text == "14 releases mention “harbour”:"
    assert replied(answerer, "How many releases quote the harbour?").text == answer.text
    assert [release.id for release in answer.reply.releases][:2] == ["harbour-13", "harbour-12"]
    assert (len(answer.reply.releases), answer.reply.rest) == (10, 4)


@pytest.mark.parametrize(
    "said",
    [
        "Which releases mention Runmarö?",
        "what press releases mention Runmarö",
        "Quels communiqués en français citent Runmarö ?",
    ],
)
def test_which_releases_mention_something_is_a_list(answerer: Answerer, said: str) -> None:
    """However the classifier of turns takes it."""
    assert replied(answerer, said).reply is not None


def test_a_period_bounds_the_list(answerer: Answerer) -> None:
    """And is said."""
    answer = replied(answerer, "list all releases of 2024 about the harbour")

    assert answer.text == "2 releases published from 1 January 2024 to 31 December 2024 mention “harbour”:"


def test_what_no_release_mentions_is_said(answerer: Answerer) -> None:
    """Rather than what comes near."""
    answer = replied(answerer, "how many releases mention vaccines?")

    assert answer.text == "No release mentions “vaccines”."
    assert answer.reply is not None
    assert answer.reply.releases == ()
    french = replied(answerer, "combien de communiqués parlent de vaccins ?")
    assert french.text == "Aucun communiqué ne mentionne « vaccins »."


@pytest.mark.parametrize(
    ("said", "text", "listed"),
    [
        ("How many releases do not mention the harbour?", "1 release does not mention “harbour”:", ["museum"]),
        (
            "Combien de communiqués ne mentionnent pas Runmarö ?",
            "1 communiqué ne mentionne pas « Runmarö » :",
            ["museum"],
        ),
        ("How many releases don't mention the museum?", "14 releases do not mention “museum”:", ["harbour-13"]),
        ("which releases mention the harbour without Runmarö?", "No release mentions “harbour” but not “Runmarö”.", []),
        ("How many releases mention Museums Without Borders?", "No release mentions “Museums Borders”.", []),
    ],
)
def test_those_that_do_not_are_counted_too(answerer: Answerer, said: str, text: str, listed: list[str]) -> None:
    """And listed; who asks for them does not want the others."""
    answer = replied(answerer, said)

    assert answer.reply is not None
    assert answer.text == text
    assert [release.id for release in answer.reply.releases[:1]] == listed


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("How many releases mention it?", "14 releases mention “Runmarö”:"),
        ("and how many mention the museum?", "1 release mentions “museum”:"),
        ("combien en parlent ?", "14 communiqués mentionnent « Runmarö » :"),
        ("How many releases are there?", "15 releases:"),
    ],
)
def test_what_is_counted_may_be_what_was_asked_about(answerer: Answerer, said: str, text: str) -> None:
    """Only where the words point back to it, and name nothing themselves."""
    question = "Which ferry sailed into the harbour of Runmarö?"
    conversation = Conversation().after(question, answerer.invoke(question))

    assert replied(answerer, said, conversation).text == text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("and the museum?", "1 release mentions “museum”:"),
        ("before 2024?", "12 releases published up to 31 December 2023 mention “harbour”:"),
        ("no, I mean the museum", "1 release mentions “museum”:"),
        ("in French please", "14 communiqués mentionnent « harbour » :"),
        ("and in 2023?", "12 releases published from 1 January 2023 to 31 December 2023 mention “harbour”:"),
    ],
)
def test_a_count_can_be_leant_on(answerer: Answerer, said: str, text: str) -> None:
    """What follows counts again."""
    question = "How many releases mention the harbour?"
    conversation = Conversation().after(question, replied(answerer, question))

    assert replied(answerer, said, conversation).text == text


def after(answerer: Answerer, *said: str) -> Conversation:
    """What was said before: each of these turns with its answer."""
    conversation = Conversation()
    for one in said:
        conversation = conversation.after(one, answerer.invoke(Ask(one, conversation=conversation)))
    return conversation


@pytest.mark.parametrize(
    ("said", "text", "first"),
    [
        ("show me more", "14 releases mention “harbour”; numbers 11 to 14:", "harbour-3"),
        ("which ones?", "14 releases mention “harbour”:", "harbour-13"),
        ("and the latest?", "14 releases mention “harbour”; the latest:", "harbour-13"),
        ("when was the first one published?", "14 releases mention “harbour”; the first:", "harbour-0"),
        ("and Runmarö?", "14 releases mention “Runmarö”:", "harbour-13"),
        ("how many of them mention 7?", "1 of the 14 releases that mention “harbour” mentions “7”:", "harbour-7"),
        ("how many of them mention Ulm?", "None of the 14 releases that mention “harbour” mentions “Ulm”.", ""),
        (
            "how many of these do not mention 7?",
            "13 of the 14 releases that mention “harbour” do not mention “7”:",
            "harbour-13",
        ),
        ("which of these mention 7?", "1 of the 14 releases that mention “harbour” mentions “7”:", "harbour-7"),
        ("are there others?", "14 releases mention “harbour”; numbers 11 to 14:", "harbour-3"),
        ("and how many don't?", "1 release does not mention “harbour”:", "museum"),
        ("list all releases", "15 releases:", "museum"),
        ("source?", "What stands before this is a list; ask about one of its releases.", ""),
    ],
)
@pytest.mark.parametrize("question", ["How many releases mention the harbour?", "list releases about the harbour"])
def test_a_list_can_be_asked_about(answerer: Answerer, question: str, said: str, text: str, first: str) -> None:
    """Its next page, one of it, how many of it, or the same of another subject; not the same list once more."""
    answer = replied(answerer, said, after(answerer, question))

    assert answer.text == text
    assert answer.reply is not None
    assert [release.id for release in answer.reply.releases][:1] == [first] * bool(first)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("et le dernier ?", "14 communiqués mentionnent « Runmarö » ; le plus récent :"),
        ("la suite", "14 communiqués mentionnent « Runmarö » ; du 11e au 14e :"),
        ("combien n'en parlent pas ?", "1 communiqué ne mentionne pas « Runmarö » :"),
        (
            "combien d'entre eux parlent du musée ?",
            "Aucun des 14 communiqués qui mentionnent « Runmarö » ne mentionne « musée ».",
        ),
    ],
)
def test_a_list_can_be_asked_about_in_french(answerer: Answerer, said: str, text: str) -> None:
    """The same in its words."""
    assert replied(answerer, said, after(answerer, "Quels communiqués parlent de Runmarö ?")).text == text


def test_a_list_ends(answerer: Answerer) -> None:
    """And what was counted of it goes on in the same frame."""
    question = "How many releases mention the harbour?"
    counted = after(answerer, question, "how many of them mention the museum?")

    told = replied(answerer, "more", after(answerer, question, "more"))
    assert told.text == "14 releases mention “harbour”; all are listed above."
    told = replied(answerer, "and Runmarö?", counted)
    assert told.text == "14 of the 14 releases that mention “harbour” mention “Runmarö”:"


def test_a_question_behind_a_list_is_read_by_itself(answerer: Answerer) -> None:
    """Beside what is listed where it names nothing; never beside the words that asked for the list."""
    asked = after(answerer, "How many releases mention Runmarö?")

    own = answerer.invoke(Ask("When does the museum of Clocks open?", conversation=asked))
    leaning = answerer.invoke(Ask("and why did it sail?", conversation=asked))
    assert own.standalone_question == "When does the museum of Clocks open?"
    assert leaning.standalone_question == "Runmarö → and why did it sail?"


def test_more_of_the_latest_are_the_next_ones(answerer: Answerer) -> None:
    """And more of a single one is more of its text, as far as there is any."""
    latest = after(answerer, "list the latest releases")
    more = answerer.invoke(Ask("more", conversation=latest))
    oldest = answerer.invoke(Ask("and the oldest?", conversation=after(answerer, "what is the latest release?")))
    single = answerer.invoke(Ask("tell me more", conversation=after(answerer, "what is the latest release?")))

    assert [one.release.id for one in latest.turns[0].answer.citations] == ["museum", "harbour-13", "harbour-12"]
    assert [one.release.id for one in more.citations] == ["harbour-11", "harbour-10", "harbour-9"]
    assert [one.release.id for one in oldest.citations] == ["harbour-0"]
    assert single.refusal is not None


def test_how_much_of_a_period_is_shown_is_said(answerer: Answerer) -> None:
    """Three of twelve would pass for all; one that is asked for is one."""
    listed = answerer.invoke("What was published in 2023?")
    first = answerer.invoke("What was the first release of 2024?")

    assert [note.text for note in listed.notes] == [
        "3 of the 12 releases published from 1 January 2023 to 31 December 2023."
    ]
    assert [one.release.id for one in first.citations] == ["harbour-12"]


def test_a_reply_knows_nothing_of_what_is_to_come(answerer: Answerer) -> None:
    """A greeting names the newest release of its day."""
    greeting = answerer.invoke(Ask("hello", as_of=datetime(2023, 2, 5, tzinfo=UTC)))

    assert greeting.text == "Hello! Ask me about the releases; the newest is “Ferry 1”."


def test_a_bare_topic_that_nothing_answers_is_found_by_who_mentions_it(tmp_path: Path) -> None:
    """A list is worth more than a refusal; who asks a question is told that none answers."""
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        keep(store, a_release("museum", "The museum of clocks opens.", title="Clocks", language="en"), embedder)
        answerer = Answerer(PassageRetriever(store=store, embedder=embedder), reader=_Silent())

        assert replied(answerer, "museum of clocks").text == "1 release mentions “museum clocks”:"
        assert answerer.invoke("museum of finance").refusal is not None
        assert answerer.invoke("Who runs the museum?").refusal is not None


class _Silent(WordsReader):
    """A reader to whom nothing answers."""

    def read(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[Reading | None, ...]:
        return tuple(Reading(0, 0, 0.0) for _ in contexts)


def test_what_a_misspelt_question_was_read_as_is_told(answerer: Answerer) -> None:
    """Whose word was another one sees that it was not."""
    answer = answerer.invoke("Which ferry number 7 sailed into the harbuor?")

    assert [one.release.id for one in answer.citations] == ["harbour-7"]
    assert [note.text for note in answer.notes] == ["↪ Which ferry number 7 sailed into the harbour?"]


def test_the_latest_on_a_subject_says_what_is_new(answerer: Answerer) -> None:
    """The newest release that names it, by its first sentence."""
    answer = answerer.invoke("What is the latest on the harbour?")

    assert [citation.release.id for citation in answer.citations] == ["harbour-13"]


def test_each_of_two_questions_is_answered(answerer: Answerer) -> None:
    """Or is said to have no answer."""
    both = answerer.invoke("When does the museum of clocks open, and which ferry number 7 sailed into the harbour?")

    assert {citation.release.id for citation in both.citations} == {"museum", "harbour-7"}


def test_each_of_two_questions_has_times_of_its_own(answerer: Answerer) -> None:
    """What is asked of the second is not looked for in the year of the first."""
    asked = "Which ferry of January 2023 sailed, and which ferry of January 2024 sailed into the harbour?"

    assert {one.release.id for one in answerer.invoke(asked).citations} == {"harbour-0", "harbour-12"}


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    """A reply that would tell what is stored tells that nothing is."""
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "empty", model=embedder.name) as store:
        answerer = Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())
        assert answerer.invoke("who are you?").text == "No release is stored yet."
        assert answerer.invoke("hello").text == "Hello! No release is stored yet."


def test_a_release_found_in_the_other_language_is_quoted_in_that_of_the_question(tmp_path: Path) -> None:
    """Where its twin is stored; what the English version alone names finds it."""
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "twins", model=embedder.name) as store:
        english = "Zorn Zorn Zorn Holding is led by Anna Meier, and dirige is not an English word."
        keep(store, a_release("en", english, title="Zorn Zorn", language="en"), embedder)
        keep(store, a_release("fr", "Anna Meier dirige cette société.", title="Société", language="fr"), embedder)
        store.records.relate([Twin("en", "fr", "content", 0.9)], [], of=("en", "fr"), up_to=store.records.last_event())
        answerer = Answerer(PassageRetriever(store=store, embedder=embedder), refusing="seldom", reader=WordsReader())

        answer = answerer.invoke("Qui dirige cette société Zorn Zorn Zorn Holding de Anna Meier ?")

    assert [citation.release.id for citation in answer.citations] == ["fr"]
