"""The answerer as LangChain's tools see it: one run with its children, whichever way it is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.runnables import RunnableLambda

from bot.answering.codec import answer_payload
from bot.answering.llm import ModelPolicy
from bot.answering.llm.client import ChatModel
from bot.answering.pipeline import Answerer
from bot.answering.reader import OnnxReader
from bot.answering.retriever import PassageRetriever
from bot.answering.writer import Writer
from bot.errors import QuestionError
from tests.chat_server.fixture import chat_server
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.errors import StoreError
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from tests.chat_server.script import Request
    from tests.chat_server.server import ChatServer

__all__ = ["chat_server"]

QUESTION = "How many frigates did Norway order from Britain?"
SENTENCE = "Norway ordered five frigates from Britain."
QUOTE = "Norway has ordered five frigates from Britain"


@pytest.fixture
def retriever(tmp_path: Path) -> Iterator[PassageRetriever]:
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        keep(store, a_release("frigates", f"{QUOTE}. The first ship arrives in 2029."), embedder)
        yield PassageRetriever(store=store, embedder=embedder)


@pytest.fixture
def answerer(retriever: PassageRetriever, chat_server: ChatServer) -> Answerer:
    """One that a language model writes for, which says the one sentence."""
    chat_server.replies(_says)
    policy = ModelPolicy("openai:test", base_url=chat_server.base_url, attempts=1)
    return Answerer(retriever, writer=Writer(ChatModel(policy), OnnxReader()))


def _says(request: Request) -> str:
    key = request.messages[1][1].split("key: ")[1][:4]
    return json.dumps({"sentence": SENTENCE, "key": key, "quote": QUOTE}) + "\n"


@dataclass
class Runs:
    """What callbacks were called with, by run: its name, its parent, how it began and how it ended."""

    began: dict[UUID, tuple[str, str, UUID | None]] = field(default_factory=dict)
    details: dict[UUID, tuple[list[str], dict[str, Any]]] = field(default_factory=dict)
    ended: list[tuple[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def begin(self, event: str, name: str, **known: Any) -> None:
        self.began[known["run_id"]] = event, name, known["parent_run_id"]
        self.details[known["run_id"]] = known["tags"], known["metadata"]

    @property
    def tree(self) -> list[tuple[str, str, str | None]]:
        """Each run's event, name and its parent's name, in the order in which they began."""
        names = {identity: name for identity, (_, name, _) in self.began.items()}
        return [(event, name, names.get(parent)) for event, name, parent in self.began.values()]


class Recorder(BaseCallbackHandler):
    """Keeps what it is called with."""

    def __init__(self) -> None:
        self.runs = Runs()

    def on_chain_start(self, serialized: Any, inputs: Any, *, name: str = "", **known: Any) -> None:
        self.runs.begin("chain", name, **known)

    def on_chain_end(self, outputs: Any, **_: Any) -> None:
        self.runs.ended.append(("chain", outputs))

    def on_chain_error(self, error: BaseException, **_: Any) -> None:
        self.runs.ended.append(("chain error", error))

    def on_retriever_start(self, serialized: Any, query: str, *, name: str = "", **known: Any) -> None:
        self.runs.begin("retriever", name, **known)

    def on_retriever_end(self, documents: Any, **_: Any) -> None:
        self.runs.ended.append(("retriever", documents))

    def on_retriever_error(self, error: BaseException, **_: Any) -> None:
        self.runs.ended.append(("retriever error", error))

    def on_chat_model_start(self, serialized: Any, messages: Any, *, name: str = "", **known: Any) -> None:
        self.runs.begin("model", name, **known)

    def on_llm_new_token(self, token: str, **_: Any) -> None:
        self.runs.tokens.append(token)

    def on_llm_end(self, response: Any, **_: Any) -> None:
        self.runs.ended.append(("model", response))


async def _ainvoke(answerer: Answerer, config: Any) -> Any:
    return await answerer.ainvoke(QUESTION, config)


async def _astream(answerer: Answerer, config: Any) -> Any:
    return [answer async for answer in answerer.astream(QUESTION, config)][-1]


async def _abatch(answerer: Answerer, config: Any) -> Any:
    return (await answerer.abatch([QUESTION], config))[0]


async def _invoke(answerer: Answerer, config: Any) -> Any:
    return answerer.invoke(QUESTION, config)


async def _stream(answerer: Answerer, config: Any) -> Any:
    return list(answerer.stream(QUESTION, config))[-1]


@pytest.mark.parametrize("ask", [_invoke, _ainvoke, _stream, _astream, _abatch])
async def test_a_question_is_one_run_with_the_retriever_and_the_model_below_it(
    answerer: Answerer, ask: Callable[..., Any]
) -> None:
    """However it is asked: documents, tokens and the answer are seen where they belong, with the config's tags."""
    recorder = Recorder()
    config = {"callbacks": [recorder], "tags": ["mine"], "metadata": {"who": "me"}, "run_name": "Press office"}

    answer = await ask(answerer, config)

    model = recorder.runs.tree[-1][1]
    assert recorder.runs.tree == [
        ("chain", "Press office", None),
        ("retriever", "PassageRetriever", "Press office"),
        ("model", model, "Press office"),
    ]
    assert all("mine" in tags and known["who"] == "me" for tags, known in recorder.runs.details.values())
    assert [event for event, _ in recorder.runs.ended] == ["retriever", "model", "chain"]
    documents, reply, output = (what for _, what in recorder.runs.ended)
    assert [document.metadata["release_id"] for document in documents] == ["frigates"]
    assert QUOTE in reply.generations[0][0].text == "".join(recorder.runs.tokens)
    assert answer.text == output.text == f"{SENTENCE} [1]"


async def test_asynchronous_callbacks_see_the_same(answerer: Answerer) -> None:
    """Those of a web service are awaited, the children's too."""
    events: list[str] = []

    class Later(AsyncCallbackHandler):
        async def on_chain_start(self, *_: Any, **__: Any) -> None:
            events.append("chain")

        async def on_retriever_end(self, *_: Any, **__: Any) -> None:
            events.append("retriever")

        async def on_chat_model_start(self, *_: Any, **__: Any) -> None:
            events.append("model")

    assert [answer async for answer in answerer.astream(QUESTION, {"callbacks": [Later()]})]
    assert events == ["chain", "retriever", "model"]


async def test_events_tell_the_answer_as_it_grows(answerer: Answerer) -> None:
    """`astream_events` brings documents, the model's pieces and the answers, in that order."""
    events = [event async for event in answerer.astream_events(QUESTION, version="v2")]

    names = list(dict.fromkeys(event["event"] for event in events))
    assert names[:4] == ["on_chain_start", "on_retriever_start", "on_retriever_end", "on_chat_model_start"]
    assert {"on_chat_model_stream", "on_chat_model_end", "on_chain_stream"} <= set(names)
    assert events[-1]["event"] == "on_chain_end"
    assert events[-1]["data"]["output"].text == f"{SENTENCE} [1]"
    assert events[0]["data"]["input"] == QUESTION


@pytest.mark.parametrize("ask", [_invoke, _ainvoke, _stream, _astream])
async def test_an_error_ends_the_run(retriever: PassageRetriever, ask: Callable[..., Any]) -> None:
    """The search that fails and the whole are both seen to fail, and nothing else is left open."""
    recorder = Recorder()

    class Broken:
        def search(self, *_: object, **__: object) -> None:
            raise StoreError("catalogue: disk image is malformed")

    answerer = Answerer(PassageRetriever(store=Broken(), embedder=retriever.embedder))
    with pytest.raises(StoreError, match="malformed"):
        await ask(answerer, {"callbacks": [recorder]})

    assert [event for event, _ in recorder.runs.ended] == ["retriever error", "chain error"]
    assert recorder.runs.tree[0] == ("chain", "Answerer", None)


def test_a_question_that_cannot_be_asked_ends_the_run_too(retriever: PassageRetriever) -> None:
    """Even before anything is searched."""
    recorder = Recorder()

    with pytest.raises(QuestionError, match="empty"):
        list(Answerer(retriever).stream(" ", {"callbacks": [recorder]}))

    assert [event for event, _ in recorder.runs.ended] == ["chain error"]


def test_it_stands_in_a_chain_like_any_runnable(retriever: PassageRetriever) -> None:
    """Its runs are then below the chain's; batches return what fails, if asked to."""
    recorder = Recorder()
    chain = RunnableLambda(str.strip) | Answerer(retriever) | answer_payload

    payload = chain.invoke(f" {QUESTION} ", {"callbacks": [recorder]})
    first, second = Answerer(retriever).batch([QUESTION, ""], return_exceptions=True)

    assert QUOTE in payload["answer"] == first.text
    assert isinstance(second, QuestionError)
    assert ("chain", "Answerer", "RunnableSequence") in recorder.runs.tree
    assert ("retriever", "PassageRetriever", "Answerer") in recorder.runs.tree
