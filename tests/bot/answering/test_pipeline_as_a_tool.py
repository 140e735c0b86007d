"""The answerer in an agent's hands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage

from benchmarks.words_reader import WordsReader
from bot.answering.codec import answer_payload
from bot.answering.pipeline import Answerer, QuestionFields
from bot.answering.retriever import PassageRetriever
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUESTION = "Who chaired the meeting in Geneva?"
TEXT = """\
Ann Lee chaired the meeting in Geneva. [1]

[1] Geneva meets · City of Geneva · 2024-05-06
“Ann Lee chaired the meeting in Geneva.”"""


@pytest.fixture
def answerer(tmp_path: Path) -> Iterator[Answerer]:
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        release = a_release(
            "geneva",
            "The council met on Monday.",
            "Ann Lee chaired the meeting in Geneva.",
            title="Geneva meets",
            publisher="City of Geneva",
            published=datetime(2024, 5, 6, tzinfo=UTC),
        )
        keep(store, release, embedder)
        yield Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())


async def test_a_string_goes_in_and_quotes_come_out(answerer: Answerer) -> None:
    """Its name and description are for a model to read, unless others are given."""
    tool = answerer.as_tool()
    mine = answerer.as_tool(name="press", description="Asks the press office.")

    assert tool.invoke(QUESTION) == TEXT
    assert await tool.ainvoke({"question": QUESTION}) == TEXT
    assert (tool.name, list(tool.args)) == ("ask_press_releases", ["question"])
    assert "press releases" in tool.description
    assert (mine.name, mine.description) == ("press", "Asks the press office.")


def test_what_an_application_shows_lies_beside_the_text(answerer: Answerer) -> None:
    """A model's call is replied to with a message whose artifact is the answer in JSON."""
    call = {"type": "tool_call", "name": "ask_press_releases", "args": {"question": QUESTION}, "id": "1"}

    message = answerer.as_tool().invoke(call)

    assert message.content == TEXT
    assert message.artifact["citations"][0]["release"]["id"] == "geneva"


def test_a_refusal_names_the_nearest_releases(answerer: Answerer) -> None:
    """So that an agent can ask otherwise."""
    text = answerer.as_tool().invoke("What is the price of oil?")

    assert text.startswith("1 release searched: no sentence")
    assert text.endswith("\n\n- Geneva meets · City of Geneva · 2024-05-06")


def test_an_agent_may_be_let_bound_the_search(answerer: Answerer) -> None:
    """With the fields of a question as the tool's arguments."""
    tool = answerer.as_tool(QuestionFields)

    assert tool.invoke({"question": QUESTION, "until": "2024-05-06"}) == TEXT
    assert tool.invoke({"question": QUESTION, "until": "2024-05-05"}).startswith(
        "No release published up to 5 May 2024"
    )


class Caller(GenericFakeChatModel):
    """A model that calls the tool once and repeats what it said."""

    def bind_tools(self, *_: Any, **__: Any) -> Caller:
        return self


def test_an_agent_calls_it(answerer: Answerer) -> None:
    """LangChain's own agent hands the model the quotes."""
    call = {"type": "tool_call", "name": "press", "args": {"question": QUESTION}, "id": "1"}
    model = Caller(messages=iter([AIMessage("", tool_calls=[call]), AIMessage("Ann Lee did.")]))

    state = create_agent(model, [answerer.as_tool(name="press")]).invoke({"messages": [("user", QUESTION)]})

    (message,) = (one for one in state["messages"] if isinstance(one, ToolMessage))
    assert message.content == TEXT
    assert answerer.invoke(state["messages"]).text.startswith("Ann Lee")


def test_a_blank_question_is_told_to_the_agent(answerer: Answerer) -> None:
    """Its run goes on."""
    call = {"type": "tool_call", "name": "press", "args": {"question": "  "}, "id": "1"}
    model = Caller(messages=iter([AIMessage("", tool_calls=[call]), AIMessage("I asked nothing.")]))

    state = create_agent(model, [answerer.as_tool(name="press")]).invoke({"messages": [("user", QUESTION)]})

    (message,) = (one for one in state["messages"] if isinstance(one, ToolMessage))
    assert (message.status, "question" in message.text) == ("error", True)


def test_the_output_schema_is_that_of_the_json(answerer: Answerer) -> None:
    """Answers and refusals pass it, and the input's names what can be asked with."""
    schema = answerer.get_output_jsonschema()

    for question in (QUESTION, "What is the price of oil?", "Thanks"):
        jsonschema.validate(answer_payload(answerer.invoke(question)), schema)
    assert {"question", "since", "until"} <= set(
        answerer.get_input_jsonschema()["$defs"]["QuestionFields"]["properties"]
    )
    assert "AskedInput" in answerer.get_graph().draw_mermaid()


def test_messages_are_leant_on(answerer: Answerer) -> None:
    """A follow-up in a conversation is searched with the question before it."""
    said = [("user", QUESTION), ("assistant", "Ann Lee did."), ("user", "And in Bern?")]

    assert answerer.invoke({"messages": said}).standalone_question == f"{QUESTION} → And in Bern?"


def test_the_retrievers_own_filter_bounds_the_questions(answerer: Answerer, tmp_path: Path) -> None:
    """Unless a question brings another."""
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        retriever = PassageRetriever(store=store, embedder=embedder, filter={"languages": ["fr"]})
        bounded = Answerer(retriever, reader=WordsReader())

        assert not bounded.invoke(QUESTION).answered
        assert bounded.invoke({"question": QUESTION, "languages": ["en"]}).answered
