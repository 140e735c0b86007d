"""What a chain, an agent or a graph may hand to the answerer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import jsonschema
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from bot.answering.analysis import Ask
from bot.answering.pipeline import AskedInput, as_ask
from bot.errors import QuestionError
from vectorstore.types import Filter

MAY = datetime(2024, 5, 1, tzinfo=UTC)
TALK = [
    SystemMessage("Be brief."),
    HumanMessage("When did Sweden join NATO?"),
    AIMessage("", tool_calls=[{"name": "ask", "args": {}, "id": "1"}]),
    ToolMessage("…", tool_call_id="1"),
    AIMessage([{"type": "text", "text": "On 7 March 2024."}]),
    HumanMessage("And Finland?"),
]


def test_a_string_and_an_ask_are_taken_as_they_are() -> None:
    """Nothing is checked here: a blank question is one for the analysis."""
    ask = Ask("Who?", passages=3)

    assert as_ask("Who?") == Ask("Who?")
    assert as_ask(ask) is ask


@pytest.mark.parametrize(
    ("until", "end"),
    [
        ("2024-05-31", datetime(2024, 6, 1, tzinfo=UTC)),
        (date(2024, 5, 31), datetime(2024, 6, 1, tzinfo=UTC)),
        ("2024-05-31T12:00:00", datetime(2024, 5, 31, 12, tzinfo=UTC)),
        (datetime(2024, 5, 31, tzinfo=UTC), datetime(2024, 5, 31, tzinfo=UTC)),
        ("9999-12-31", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_a_dict_bounds_its_question(until: object, end: datetime) -> None:
    """Moments may be text, and are in UTC where they name no zone; a day as `until` is meant to its end."""
    asked = {"question": "Who?", "since": "2024-05-01", "until": until, "languages": ["fr"], "publishers": ["City"]}

    ask = as_ask(asked | {"as_of": "2024-07-01"})

    assert ask.where == Filter(("fr",), ("City",), MAY, end)
    assert ask == Ask("Who?", where=ask.where, as_of=datetime(2024, 7, 1, tzinfo=UTC))


@pytest.mark.parametrize("written", ["fr", "FR", "fr-CH", " fr_FR "])
def test_a_language_is_known_by_its_code(written: str) -> None:
    """In capitals or with its region, as on the command line."""
    assert as_ask({"question": "Who?", "languages": [written]}).where == Filter(("fr",))


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"question": "Who?", "from": "2024"}, r"question: from: there is no such key, only since, .*, question"),
        ({"question": "Who?", "since": "May"}, r"question: since: 'May' is not a date; write it as"),
        (
            {"question": "Who?", "until": "9999-12-31T23:00:00-05:00"},
            r"question: until: it lies outside the years 1 to 9999; choose",
        ),
        (
            {"question": "Who?", "languages": ["French!"]},
            r"question: languages.0: 'French!' is not a language code; write it as fr or en",
        ),
        ({"question": 5}, r"question: question: input should be a valid string"),
        ({"since": "2024-05-01"}, r"question: question: field required"),
        ({"messages": TALK, "limit": 3}, r"question: limit: there is no such key"),
        ([AIMessage("Hello.")], r"question: messages: none of them is a person's"),
        ([], r"question: messages: none of them is a person's"),
        ([3], r"question: messages: "),
        ({"messages": "Who?"}, r"question: messages: a string: pass a list of messages"),
        ({"messages": 3}, r"question: messages: "),
    ],
)
def test_what_cannot_be_read_is_an_error_that_names_it(asked: Any, match: str) -> None:
    """Rather than a search without the bound that was meant."""
    with pytest.raises(QuestionError, match=match):
        as_ask(asked)


@pytest.mark.parametrize("asked", [TALK, {"messages": TALK}])
def test_messages_are_a_conversation(asked: Any) -> None:
    """The last human message is the question; each before it makes a turn with the reply that has a text."""
    ask = as_ask(asked)

    (turn,) = ask.conversation.turns
    assert ask.question == "And Finland?"
    assert (turn.question, turn.answer.text) == ("When did Sweden join NATO?", "On 7 March 2024.")
    assert turn.answer.standalone_question == turn.question


@pytest.mark.parametrize("message", [{"role": "user", "content": "Who?"}, {"type": "human", "content": "Who?"}])
def test_messages_may_be_bounded_and_plain(message: dict[str, str]) -> None:
    """As a web page sends them: dicts, and the bounds beside them."""
    ask = as_ask({"messages": [message], "since": "2024-05-01", "languages": ["en"]})

    assert ask == Ask("Who?", where=Filter(("en",), since=MAY))


def test_the_schema_takes_what_is_taken_and_nothing_else() -> None:
    """A form or a gateway that is made of it lets the same through."""
    schema = AskedInput.model_json_schema()

    for asked in (
        "Who?",
        {"question": "Who?", "since": "2024-05-01T00:00:00Z"},
        [{"type": "human", "content": "Who?"}],
    ):
        jsonschema.validate(asked, schema)
    for asked in (3, {"question": "Who?", "from": "2024"}, {"since": "2024-05-01T00:00:00Z"}):
        with pytest.raises(jsonschema.ValidationError, match="is not valid under any"):
            jsonschema.validate(asked, schema)
