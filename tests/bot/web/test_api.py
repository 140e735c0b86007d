"""The HTTP API: what it answers, what it refuses, and that it is what its description says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from typer.testing import CliRunner

from bot.cli import app
from bot.errors import ReaderError
from bot.settings import load_settings
from bot.web.services import Site
from bot.wiring import Built
from tests.bot.web.conftest import ADDRESS, asked
from tests.chat_server.fixture import chat_server
from tests.chat_server.script import Script
from tests.fakes import a_release, keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from bot.answering.types import Answer
    from tests.chat_server.script import Request
    from tests.chat_server.server import ChatServer
    from tests.web_server import WebServer

__all__ = ["chat_server"]

pytestmark = pytest.mark.embedded

SWEDEN = {"question": "When did Sweden join NATO?"}
GETS = (
    ("/api/ask", {**SWEDEN, "as_of": "2024-06-01"}, ("ask", SWEDEN["question"], "--as-of", "2024-06-01")),
    ("/api/search", {"query": "flag", "limit": 3}, ("search", "flag", "-k", "3")),
    ("/api/timeline", {"topic": "Sweden joins NATO", "limit": 3}, ("timeline", "Sweden joins NATO", "-n", "3")),
    ("/api/search", {"query": "flag", "language": "fr-CH"}, ("search", "flag", "--language", "fr-CH")),
    ("/api/releases", {"until": "2024-03-07"}, ("releases", "list", "--until", "2024-03-07")),
    ("/api/releases/sweden.en", {}, ("releases", "show", "sweden.en")),
    ("/api/releases/harbour%2F2024.md", {}, ("releases", "show", "harbour/2024.md")),
    ("/api/releases/finland", {"version": 1}, ("releases", "show", "finland", "--version", "1")),
    ("/api/releases/finland/history", {}, ("releases", "history", "finland")),
    ("/api/status", {}, ("status",)),
)  # fmt: skip


@pytest.mark.parametrize(("path", "query", "words"), GETS, ids=lambda given: "")
async def test_the_api_answers_what_the_command_line_prints(
    client: httpx.AsyncClient, built: Built, path: str, query: dict[str, Any], words: tuple[str, ...]
) -> None:
    """The same JSON, but for the times that it took and the folders of this machine; links lead to the server."""
    printed = CliRunner().invoke(app, ["--home", str(built.settings.home), *words, "--json"])

    answered = await client.get(path, params=query)

    assert answered.status_code == 200
    assert _comparable(answered.json()) == _comparable(json.loads(printed.stdout))


def _comparable(payload: Any) -> Any:
    if isinstance(payload, list):
        return [_comparable(one) for one in payload]
    if isinstance(payload, dict) and "source" in payload:
        return payload | {"source": payload["source"].rpartition("/")[2]}
    if isinstance(payload, dict) and "catalogue" in payload:
        return {name: value for name, value in payload.items() if name not in {"home", "catalogue"}}
    if isinstance(payload, dict) and "citations" in payload:
        citations = [one | {"link": None} for one in payload["citations"]]
        return payload | {"timings_ms": sorted(payload["timings_ms"]), "citations": citations}
    if isinstance(payload, dict) and "entries" in payload:
        entries = [one | {"citation": one["citation"] | {"link": None}} for one in payload["entries"]]
        return payload | {"milliseconds": 0, "entries": entries}
    return payload


async def test_no_response_says_where_things_lie_on_the_machine(client: httpx.AsyncClient, built: Built) -> None:
    """Neither the home, nor the folder of a file that was read, as far as anybody but the operator may know."""
    path = str(built.settings.home.parent / "harbour" / "b.md")
    keep(built.store, replace(a_release("b", "The bridge opens at ten."), source=path), built.embedder)
    try:
        told = [(await client.get(f"/api/{one}")).text for one in ("status", "releases/b", "releases/b/history")]
    finally:
        built.store.remove("b", allow_again=True)

    assert not [one for one in told if str(built.settings.home.parent) in one]
    assert json.loads(told[1])["source"] == "b.md"


async def test_a_publisher_is_meant_in_any_capitals(client: httpx.AsyncClient) -> None:
    """As on the command line; also where an answer is looked for."""
    listed = (await client.get("/api/releases", params={"publisher": "nato"})).json()
    found = (await client.get("/api/search", params={"query": "flag", "publisher": "nato"})).json()
    answered = (await client.get("/api/ask", params={**SWEDEN, "publisher": "Nato"})).json()

    assert listed
    assert found
    assert answered["answered"]


async def test_one_name_needs_no_list(client: httpx.AsyncClient) -> None:
    """Of a language, of a publisher, in JSON."""
    given = {"question": "Quand la Suède a-t-elle rejoint l’OTAN ?", "language": "fr", "publisher": "NATO"}
    answered = (await client.post("/api/ask", json=given)).json()

    assert {one["release"]["language"] for one in answered["citations"]} == {"fr"}


async def test_links_lead_where_the_server_was_asked(built: Built) -> None:
    """Under its name or number in the network, unless the settings say where people reach it."""
    site = Site("http://127.0.0.1:8000", None, "0.0.0.0", is_fixed=False)
    async with asked(built, site) as client:
        elsewhere = {"host": "192.168.1.7:8000"}
        answered = (await client.post("/api/ask", json=SWEDEN, headers=elsewhere)).json()
        description = (await client.get("/openapi.json", headers=elsewhere)).json()

    assert answered["citations"][0]["link"].startswith("http://192.168.1.7:8000/releases/sweden.en")
    assert description["servers"] == [{"url": "http://192.168.1.7:8000"}]


async def test_a_citation_without_an_address_leads_to_the_server(client: httpx.AsyncClient) -> None:
    """To the release in its version, at the quote; one with an address leads there."""
    sweden = (await client.post("/api/ask", json=SWEDEN)).json()["citations"][0]
    finland = (await client.post("/api/ask", json={"question": "When did Finland join NATO?"})).json()["citations"][0]

    place = f"version=1&start={sweden['start']}&end={sweden['end']}#quote"
    assert sweden["link"] == f"{ADDRESS}/releases/sweden.en?{place}"
    assert finland["link"].startswith("https://example.org/finland#:~:text=")


@pytest.mark.parametrize(
    ("path", "query", "parameter", "told"),
    [
        ("/api/ask", {}, "question", "question: missing; it is a question, in French or English"),
        ("/api/ask", {"question": "\t "}, "question", "question: missing"),
        ("/api/ask", {"question": "é" * 10_001}, "question", "at most 10000 characters"),
        ("/api/ask", {**SWEDEN, "since": "soon"}, "since", "'soon' is not a date; write it as 2024-10-17"),
        (
            "/api/search",
            {"query": "flag", "since": "2024-10-17", "until": "2024-10-16"},
            "until",
            "is before since; swap",
        ),
        ("/api/ask", {**SWEDEN, "language": "Klingonese"}, "language", "is not a language code; write it as fr or en"),
        ("/api/ask", {**SWEDEN, "passages": 0}, "passages", "number of passages to look for the answer in"),
        ("/api/ask", {**SWEDEN, "colour": "red"}, "colour", "there is no such parameter, only language, publisher"),
        ("/api/status", {"colour": "red"}, "colour", "there is no such parameter, nor any other here"),
        ("/api/ask", [("question", "a"), ("question", "b")], "question", "is given twice; give it once"),
        ("/api/ask", {**SWEDEN, "conversation": "x"}, "conversation", "no longer known; leave it out"),
        ("/api/timeline", {"topic": " x", "limit": 0}, "limit", "limit: input should be greater than or equal to 1"),
        ("/api/search", {}, "query", "query: missing; it is words or a question"),
        ("/api/releases", {"limit": "9" * 30}, "limit", "releases to give"),
        ("/api/releases/sweden.en", {"version": "x"}, "version", "a version; by default the current one"),
    ],
)
async def test_a_bad_parameter_is_named_with_how_to_mend_it(
    client: httpx.AsyncClient, path: str, query: Any, parameter: str, told: str
) -> None:
    """In JSON, with status 400."""
    answered = await client.get(path, params=query)

    assert answered.status_code == 400
    assert answered.json()["parameter"] == parameter
    assert told in answered.json()["error"]


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        (b"{", "application/json", "is neither JSON nor a form"),
        (b"[1]", "application/json", 'send an object such as {"question"'),
        (b"question=x", "text/plain", "is neither JSON nor a form"),
        (b'{"question": 3}', "application/json", "question: input should be a valid string"),
        (
            b'{"question": "Who?", "until": 20241017}',
            "application/json",
            "until: 20241017 is not a date; write it as text",
        ),
        (b'{"question": "%s"}' % (b"x" * 70_000), "application/json", "has more than 65,536 bytes"),
        (b"[" * 50_000, "application/json", "is neither JSON nor a form"),
        (b'{"question": "Who?", "publisher": ["\\ud800"]}', "application/json", "is neither JSON nor a form"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    client: httpx.AsyncClient, body: bytes, kind: str, told: str
) -> None:
    """Whatever it is."""
    answered = await client.post("/api/ask", content=body, headers={"content-type": kind})

    assert answered.status_code == 400
    assert told in answered.json()["error"]


async def test_a_period_may_be_one_day(client: httpx.AsyncClient) -> None:
    """The last day of a period counts in whole."""
    answered = await client.get("/api/releases", params={"since": "2024-03-07", "until": "2024-03-07"})

    assert answered.json()


async def test_an_unknown_release_or_address_is_not_found(client: httpx.AsyncClient) -> None:
    """As JSON under /api, which names the release."""
    release, address = await client.get("/api/releases/nothing"), await client.get("/api/nothing")

    assert (release.status_code, address.status_code) == (404, 404)
    assert "release: nothing: not stored" in release.json()["error"]
    assert address.headers["content-type"] == "application/json"


async def test_a_follow_up_leans_on_the_conversation_that_it_names(client: httpx.AsyncClient) -> None:
    """The id comes in a header, so that the answer itself is as `--json` prints it."""
    first = await client.post("/api/ask", json=SWEDEN)
    conversation = first.headers["communique-conversation"]

    second = await client.get("/api/ask", params={"question": "And Finland?", "conversation": conversation})

    assert second.json()["standalone_question"] == "When did Sweden join NATO? → And Finland?"
    assert second.json()["citations"][0]["release"]["id"] == "finland"


async def test_a_conversation_forgets_what_was_taken_down(built: Built) -> None:
    """An answer that quotes a removed release is shown to nobody again, nor leant on."""
    keep(built.store, a_release("ferry", "The ferry sails at noon on Sundays."), built.embedder)
    async with asked(built) as client:
        first = await client.get("/api/ask", params={"question": "When does the ferry sail?"})
        page = f"/conversations/{first.headers['communique-conversation']}"
        before = await client.get(page)
        built.store.remove("ferry", allow_again=True)

        after = await client.get(page)

    assert "/releases/ferry?" in before.text
    assert "ferry" not in after.text


async def test_a_new_release_is_found_without_a_restart(client: httpx.AsyncClient, built: Built) -> None:
    """The store is the one that others write to."""
    keep(built.store, a_release("tram", "The tram depot closed in 1962."), built.embedder)
    try:
        latest = (await client.get("/api/releases")).json()
        answered = (await client.get("/api/ask", params={"question": "When did the tram depot close?"})).json()
    finally:
        built.store.remove("tram", allow_again=True)

    assert "tram" in [release["id"] for release in latest]
    assert "1962" in answered["answer"]


async def test_what_is_new_has_the_newest_releases_and_the_last_changes(client: httpx.AsyncClient) -> None:
    """Each change with its release; what the filter leaves out is in neither."""
    latest = (await client.get("/api/latest")).json()
    french = (await client.get("/api/latest", params={"language": "fr"})).json()

    assert ("changed", "finland") in [
        (one["kind"], one["release"]["id"]) for one in latest["changes"] if one["release"]
    ]
    assert [one["id"] for one in french["releases"]] == ["sweden.fr"]
    assert french["changes"] == []


def _events(text: str) -> list[tuple[str, Any, str | None]]:
    parts = [dict(line.split(": ", 1) for line in part.split("\n")) for part in text.strip().split("\n\n")]
    return [(part["event"], json.loads(part["data"]), part.get("id")) for part in parts]


async def test_an_answer_grows_by_server_sent_events(
    client: httpx.AsyncClient, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First what there is, then the whole, whose id is the conversation's."""
    whole = await asyncio.to_thread(built.answerer.invoke, SWEDEN["question"])
    _answer_with(monkeypatch, built, replace(whole, text="Sweden joined", finished=False), whole)

    events = _events((await client.post("/api/ask/stream", json=SWEDEN)).text)

    assert [name for name, _, _ in events] == ["growing", "answer"]
    assert events[0][1]["answer"] == "Sweden joined"
    assert events[1][1]["answered"]
    monkeypatch.undo()
    again = {"question": "And Finland?", "conversation": events[1][2]}
    assert "Finland" in _events((await client.get("/api/ask/stream", params=again)).text)[-1][1]["answer"]


async def test_the_sentences_of_a_language_model_arrive_one_by_one(
    built: Built, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the chain as it is; each stage holds the one before, and every quote is checked."""
    monkeypatch.setenv("COMMUNIQUE_MODEL__BASE_URL", chat_server.base_url)
    quotes = ("Sweden joined NATO on 7 March 2024", "Its flag was raised in Brussels")
    chat_server.plays(Script(written=lambda request: "".join(_line(request, quote) for quote in quotes), delay=0.02))
    with contextlib.closing(Built(load_settings(built.settings.home, model="openai:test"))) as modelled:
        async with asked(modelled) as client:
            events = _events((await client.get("/api/ask/stream", params=SWEDEN)).text)

    texts = list(dict.fromkeys(answer["answer"] for _, answer, _ in events))
    assert texts == [f"{quotes[0]}. [1]", f"{quotes[0]}. [1] {quotes[1]}. [2]"]
    assert [name for name, _, _ in events][-2:] == ["growing", "answer"]
    assert events[-1][1]["model"] == "openai:test"


def _line(request: Request, quote: str) -> str:
    """A line of a language model's reply: a quote as a sentence, with the key of the passage that it stands in."""
    block = next(block for block in request.messages[1][1].split("key: ")[1:] if quote in block)
    return json.dumps({"sentence": f"{quote}.", "key": block[:4], "quote": quote}) + "\n"


async def test_what_fails_at_the_operators_is_told_to_him_alone(
    client: httpx.AsyncClient, built: Built, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """His sentence names files; whoever asks gets a reference to it."""

    def fail(_: object) -> Iterator[Answer]:
        raise ReaderError(Path("/srv/reader"), "by a test")
        yield

    monkeypatch.setattr(type(built.answerer), "stream", lambda self, ask: fail(ask))

    answered = await client.post("/api/ask", json=SWEDEN)

    assert answered.status_code == 500
    assert "/srv" not in answered.text
    assert answered.json()["error"].split()[-1] in caplog.text
    assert "/srv/reader" in caplog.text


async def test_what_fails_while_an_answer_grows_is_an_event(
    client: httpx.AsyncClient, built: Built, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The response has begun, so it cannot be a status; the traceback is in the log under the reference."""

    def fail(_: object) -> Iterator[Answer]:
        raise ZeroDivisionError("by a test")
        yield

    monkeypatch.setattr(type(built.answerer), "stream", lambda self, ask: fail(ask))

    [(name, error, _)] = _events((await client.post("/api/ask/stream", json=SWEDEN)).text)

    assert name == "error"
    assert error["error"].split()[-1] in caplog.text
    assert "by a test" not in error["error"]


def _answer_with(monkeypatch: pytest.MonkeyPatch, built: Built, *answers: Answer) -> list[Answer]:
    """Have every question answered with these, one after the other; gives those that were, as far as it has come."""
    written: list[Answer] = []

    def stream(_: object) -> Iterator[Answer]:
        for answer in answers:
            time.sleep(0.02)
            written.append(answer)
            yield answer

    monkeypatch.setattr(type(built.answerer), "stream", lambda self, ask: stream(ask))
    return written


@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream"])
def test_who_goes_away_stops_the_work(
    server: WebServer, built: Built, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Nothing more is written for a client that has hung up."""
    whole = built.answerer.invoke(SWEDEN["question"])
    written = _answer_with(monkeypatch, built, *[replace(whole, finished=False)] * 3_000, whole)
    with socket.create_connection(("127.0.0.1", server.port)) as caller:
        caller.sendall(f"GET {path}?question=x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        while len(written) < 3:
            time.sleep(0.01)

    time.sleep(0.5)
    count = len(written)
    time.sleep(0.3)

    assert len(written) == count < 3_000


async def test_too_many_questions_at_once_are_turned_away(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a status and a header that say when to come again; the others are answered, and searches at any time."""
    whole = await asyncio.to_thread(built.answerer.invoke, SWEDEN["question"])
    open_door = threading.Event()

    def stream(_: object) -> Iterator[Answer]:
        open_door.wait(30)
        yield whole

    monkeypatch.setattr(type(built.answerer), "stream", lambda self, ask: stream(ask))
    limits = built.settings.web
    async with asked(built) as client:
        tasks = [
            asyncio.create_task(client.post("/api/ask", json=SWEDEN)) for _ in range(limits.at_once + limits.waiting)
        ]
        await asyncio.sleep(0.2)

        refused = await client.post("/api/ask", json=SWEDEN)
        searched = await client.get("/api/search", params={"query": "flag"})
        open_door.set()
        answered = {(await task).status_code for task in tasks}

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    assert "ask again in a minute" in refused.json()["error"]
    assert built.metrics.registry.get_sample_value("communique_questions_total", {"outcome": "busy"}) == 1
    assert (searched.status_code, answered) == (200, {200})


async def test_who_hangs_up_takes_his_place_till_his_work_ends(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise questions that nobody waits for would run side by side without a limit."""
    whole = await asyncio.to_thread(built.answerer.invoke, SWEDEN["question"])
    open_door, started, begun = threading.Event(), threading.Semaphore(0), []

    def stream(_: object) -> Iterator[Answer]:
        begun.append(whole)
        started.release()
        open_door.wait(30)
        yield whole

    monkeypatch.setattr(type(built.answerer), "stream", lambda self, ask: stream(ask))
    at_once = built.settings.web.at_once
    async with asked(built) as client:
        for number in range(at_once + 3):
            task = asyncio.create_task(client.post("/api/ask", json=SWEDEN))
            if number < at_once:
                await asyncio.to_thread(started.acquire, timeout=30)
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.wait([task])
        await asyncio.sleep(0.1)  # till the last has left the queue
        beside = len(begun)
        open_door.set()
        answered = await client.post("/api/ask", json=SWEDEN)

    assert beside == at_once
    assert answered.status_code == 200
    assert len(begun) == at_once + 1


async def test_the_description_is_valid_and_true(client: httpx.AsyncClient) -> None:
    """It is OpenAPI; each route that it names exists; each answer has the shape that it says."""
    description = (await client.get("/openapi.json")).json()
    validate(description)
    examples = {path: query for path, query, _ in GETS} | {"/api/latest": {}, "/api/ask/stream": SWEDEN}
    for path, operations in description["paths"].items():
        address = path.replace("{id}", "finland")
        answered = await client.get(address, params=examples.get(address, examples.get(path, {})))
        kind, content = next(iter(operations["get"]["responses"]["200"]["content"].items()))

        assert (answered.status_code, answered.headers["content-type"].split(";")[0]) == (200, kind), path
        if kind == "application/json":
            schema = content["schema"] | {"components": description["components"]}
            Draft202012Validator(schema).validate(answered.json())
        refused = await client.get(address, params={"colour": "red"})
        error = operations["get"]["responses"]["400"]["content"]["application/json"]["schema"]
        Draft202012Validator(error | {"components": description["components"]}).validate(refused.json())
        assert refused.status_code == 400


async def test_the_description_names_what_can_be_posted(client: httpx.AsyncClient) -> None:
    """With every parameter that a query may have."""
    description = (await client.get("/openapi.json")).json()

    body = description["components"]["schemas"]["AskParameters"]
    query = {one["name"] for one in description["paths"]["/api/ask"]["get"]["parameters"]}

    assert query == set(body["properties"])
    assert body["required"] == ["question"]
