"""What an assistant gets from the tools, through the SDK's own client; and who may reach the server over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from bot.answering.codec import answer_payload
from bot.cli import app
from bot.errors import McpError
from bot.operations.names import release_named
from bot.payloads import FullReleaseRecord
from bot.settings import McpSettings
from bot.wiring import opened
from tests.optional import needs
from vectorstore.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from httpx2 import AsyncClient
    from mcp.server.lowlevel import Server

    from bot.wiring import Built

ROOT = Path(__file__).parents[2]
QUESTION = "When did Sweden join NATO?"

TOKEN = SecretStr("a-word-long-enough")
QUOTE = "Sweden became a member of NATO on 7 March 2024."
RELEASES = (
    {
        "id": "sweden.en",
        "url": "https://example.org/sweden",
        "title": "Sweden joins",
        "body": f"{QUOTE} Its flag was raised in Brussels.",
        "date": "2024-03-07",
        "language": "en",
        "publisher": "NATO",
    },
    {
        "id": "finlande.fr",
        "url": "https://example.org/finlande",
        "title": "La Finlande devient membre",
        "body": "La Finlande est devenue membre de l'OTAN le 4 avril 2023.",
        "date": "2023-04-04",
        "language": "fr",
        "publisher": "OTAN",
    },
    {"id": "undated.en", "title": "A visit", "body": "Ministers visited a school in Riga.", "language": "en"},
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a store that holds the releases."""
    needs("mcp")
    folder = tmp_path_factory.mktemp("assistants")
    (folder / "three.jsonl").write_text("\n".join(map(json.dumps, RELEASES)), encoding="utf-8")
    words = ["--home", str(folder / "home"), "ingest", str(folder / "three.jsonl")]
    assert CliRunner().invoke(app, words).exit_code == 0
    return folder / "home"


@pytest.fixture(scope="module")
def built(home: Path) -> Iterator[Built]:
    """The parts over that home."""
    with opened(home) as built:
        yield built


@pytest.fixture
def server(built: Built) -> Server:
    """What an assistant speaks with, in memory."""
    from bot.mcp import new_server

    return new_server(built)


async def call(server: Server, tool: str, **arguments: Any) -> tuple[Any, str]:
    """The structured content, which fits the tool's schema, and the text of a call that succeeds."""
    from mcp import Client

    from bot.mcp import described_tools

    async with Client(server) as client:
        result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    [schema] = [one.output_schema for one in described_tools() if one.name == tool]
    jsonschema.validate(result.structured_content, schema)
    return result.structured_content, result.content[0].text


async def failure(server: Server, tool: str, **arguments: Any) -> str:
    """The text of a call that fails."""
    from mcp import Client

    async with Client(server) as client:
        result = await client.call_tool(tool, arguments)
    assert result.is_error
    return result.content[0].text


async def test_an_assistant_asks_and_gets_a_verbatim_quote(server: Server, built: Built) -> None:
    """The structured content is what `--json` prints, the text has the quote and a link to it."""
    answer, text = await call(server, "ask", question=QUESTION)

    [citation] = answer["citations"]
    release = release_named(built.store, citation["release"]["id"])
    assert citation["quote"] == QUOTE == release.text[citation["start"] : citation["end"]]
    assert f"“{QUOTE}”\nhttps://example.org/sweden#:~:text=" in text
    expected = answer_payload(built.answerer.invoke(QUESTION))
    assert {**answer, "as_of": 0, "timings_ms": 0} == {**expected, "as_of": 0, "timings_ms": 0}


async def test_a_quote_without_an_address_leads_to_the_web_server(
    server: Server, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the terminal's does: each quote comes with a link."""
    monkeypatch.setattr(type(built), "web_address", "https://news.example.org")

    answer, text = await call(server, "ask", question="Who visited a school in Riga?")

    [citation] = answer["citations"]
    assert citation["link"].startswith("https://news.example.org/releases/undated.en?version=1&start=0")
    assert citation["link"] in text


async def test_bounds_are_meant_as_they_are_on_the_command_line(server: Server) -> None:
    """A publisher in any capitals, a language with its region, the last day that there is; one needs no list."""
    newest, _ = await call(server, "latest", publishers=["otan"], languages=["fr-FR"], until="9999-12-31")
    found, _ = await call(server, "search", query="NATO", publishers=["nato"])
    french, _ = await call(server, "latest", languages="fr", publishers="OTAN")

    assert french == newest
    assert [one["id"] for one in newest["releases"]] == ["finlande.fr"]
    assert {hit["release"]["id"] for hit in found["hits"]} == {"sweden.en"}


async def test_a_question_that_is_not_answered_is_no_error(server: Server) -> None:
    """The refusal says what was searched."""
    answer, text = await call(server, "ask", question="What is the price of oil?")

    assert (answer["answered"], answer["refusal"]["searched"]["releases"]) == (False, 3)
    assert text.startswith(answer["answer"])


async def test_the_bounds_of_a_search_hold(server: Server) -> None:
    """Of the question, of the passages, of the newest releases."""
    answer, _ = await call(server, "ask", question=QUESTION, until="2023-12-31")
    found, text = await call(server, "search", query="member of NATO", languages=["fr"])
    newest, _ = await call(server, "latest", since="2023-04-04", until="2023-04-04")

    assert answer["refusal"]["searched"]["releases"] == 1
    assert [hit["release"]["id"] for hit in found["hits"]] == ["finlande.fr"]
    assert (
        "«\u00a0La Finlande est devenue membre de l'OTAN le 4 avril 2023.\u00a0»\nhttps://example.org/finlande#:~:text="
        in text
    )
    assert [one["id"] for one in newest["releases"]] == ["finlande.fr"]


async def test_a_release_is_read_by_its_id_or_its_address(server: Server, built: Built) -> None:
    """With all that is stored of it, but for the folder that it was read from."""
    by_id, text = await call(server, "release", id="sweden.en")
    by_address, _ = await call(server, "release", id="https://example.org/sweden")

    record = FullReleaseRecord.model_validate(release_named(built.store, "sweden.en")).model_dump(mode="json")
    assert by_id == by_address == record | {"source": "three.jsonl:1"}
    assert text.endswith(f"{QUOTE} Its flag was raised in Brussels.")


async def test_a_timeline_quotes_a_sentence_of_each_release(server: Server) -> None:
    """With its link, in the text as well; a topic of blanks is one sentence."""
    found, text = await call(server, "timeline", topic="Sweden")

    [entry] = found["entries"]
    assert (entry["citation"]["quote"], entry["change"]) == (QUOTE, None)
    assert text.startswith("1 release is about “Sweden”:\n\n[1] Sweden joins · NATO · 2024-03-07\n“Sweden became")
    assert "https://example.org/sweden#:~:text=" in text
    assert "question: empty" in await failure(server, "timeline", topic=" ")


async def test_the_latest_come_first_and_can_be_about_something(server: Server) -> None:
    """Undated ones come last; how many there are in all is told."""
    newest, text = await call(server, "latest", limit=2)
    about, _ = await call(server, "latest", about="ministers")
    nothing, empty = await call(server, "latest", about="volcano")
    anything, _ = await call(server, "latest", about=" ", limit=2)

    assert anything == newest
    assert (newest["total"], [one["id"] for one in newest["releases"]]) == (3, ["sweden.en", "finlande.fr"])
    assert "- Sweden joins · NATO · 2024-03-07\n  id: sweden.en\n  https://example.org/sweden\n" in text
    assert [one["id"] for one in about["releases"]] == ["undated.en"]
    assert (nothing["total"], empty) == (0, "There is no such release.")


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("ask", {}, "ask: question: field required"),
        ("ask", {"question": QUESTION, "sinse": "2024"}, "ask: sinse: there is no such key, only since, until,"),
        ("ask", {"question": QUESTION, "since": "soon"}, "ask: since: 'soon' is not a date; write it as 2024-10-17"),
        ("latest", {"until": 20241017}, "latest: until: 20241017 is not a date; write it as 2024-10-17"),
        ("ask", {"question": QUESTION, "as_of": "1729123200"}, "ask: as_of: '1729123200' is not a date; write it as"),
        ("latest", {"since": "2024-10-17", "until": "2024-10-16"}, "latest: until: is before since; swap the two"),
        ("search", {"query": "x", "limit": 1000}, "search: limit: input should be less than or equal to 50"),
        ("release", {"id": "sweden.en", "version": 2**40}, "release: version: input should be less than or equal to"),
        ("release", {"id": "https://me:word@example.org/"}, "release: https://example.org/: not stored; "),
        ("answer", {}, "there is no tool 'answer', only ask, search, release, timeline, latest"),
    ],
)
async def test_an_error_is_one_sentence(server: Server, tool: str, arguments: dict[str, Any], sentence: str) -> None:
    """A tool's, not the protocol's, so that the model can mend its call; it holds no password."""
    said = await failure(server, tool, **arguments)

    assert said.startswith(sentence)
    assert "\n" not in said


async def test_an_error_names_no_folder_of_the_server(
    server: Server, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log does; an assistant may be anywhere."""

    def fail(*_: object, **__: object) -> None:
        raise CatalogueError(Path("/srv/secret/catalogue.sqlite3"), "database disk image is malformed")

    monkeypatch.setattr(type(built.store.records), "releases", fail)

    assert await failure(server, "latest") == "catalogue: catalogue.sqlite3: database disk image is malformed"


async def test_an_unforeseen_failure_keeps_its_details_to_the_log(
    server: Server, built: Built, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The assistant learns that something went wrong, the operator what."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("in /srv/secret")

    monkeypatch.setattr(type(built.store.records), "releases", fail)

    assert (
        await failure(server, "latest") == "latest: unexpected failure (ZeroDivisionError); the server's log has more"
    )
    assert "in /srv/secret" in caplog.text


async def test_every_tool_says_what_it_does_and_that_it_only_reads(server: Server) -> None:
    """With a schema of its input, each field described, and of its output."""
    from mcp import Client

    async with Client(server) as client:
        tools = (await client.list_tools()).tools

    assert [tool.name for tool in tools] == ["ask", "search", "release", "timeline", "latest"]
    for tool in tools:
        assert tool.description
        assert tool.annotations.read_only_hint
        assert not tool.annotations.destructive_hint
        assert all(field.get("description") for field in tool.input_schema["properties"].values())
        assert tool.output_schema["type"] == "object"
    assert {"since", "until", "languages", "publishers"} < set(tools[0].input_schema["properties"])


async def test_an_assistant_starts_the_command_and_asks_over_stdio(home: Path) -> None:
    """In a process of its own; logs go to stderr, and it ends with the assistant."""
    from mcp import Client, StdioServerParameters

    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = ["-P", "-m", "communique", "--home", str(home), "--log", "json", "--verbose", "mcp"]

    async with Client(StdioServerParameters(command=sys.executable, args=command, env=environment)) as client:
        result = await client.call_tool("ask", {"question": QUESTION})

    assert result.structured_content["citations"][0]["quote"] == QUOTE


@pytest.mark.long
async def test_a_signal_ends_it_while_it_waits(home: Path) -> None:
    """Without a word, and without an exit code that would look like a failure."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "communique", "--home", str(home), "mcp",
        env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    await process.stdout.readline()

    process.send_signal(signal.SIGTERM)

    assert await asyncio.wait_for(process.communicate(), 60) == (b"", b"")
    assert process.returncode == 0


@contextlib.asynccontextmanager
async def client_of(server: Server, settings: McpSettings) -> AsyncIterator[AsyncClient]:
    """Somebody who speaks HTTP with the application, in memory."""
    import httpx2

    from bot.mcp import new_app

    app = new_app(server, settings)
    async with (
        server.session_manager.run(),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8750") as client,
    ):
        yield client


async def test_an_assistant_asks_over_http(server: Server) -> None:
    """With the SDK's client, as over stdio."""
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async with client_of(server, McpSettings()) as http:
        transport = streamable_http_client(McpSettings().address, http_client=http)
        async with Client(transport) as client:
            result = await client.call_tool("ask", {"question": "When did Sweden join NATO?"})

    assert result.structured_content["citations"][0]["quote"] == QUOTE


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        (McpSettings(), {}, 200),
        (McpSettings(), {"Host": "evil.example"}, 421),
        (McpSettings(), {"Origin": "https://evil.example"}, 403),
        (McpSettings(), {"Origin": "http://localhost:3000"}, 200),
        (McpSettings(names=("press.example",)), {"Host": "press.example:443"}, 200),
        (McpSettings(token=TOKEN), {}, 401),
        (McpSettings(token=TOKEN), {"Authorization": "Bearer another"}, 401),
        (McpSettings(token=TOKEN), {"Authorization": "Bearer a-word-long-enoughé"}, 401),
        (McpSettings(token=TOKEN), {"Authorization": "Basic a-word-long-enough"}, 401),
        (McpSettings(token=TOKEN), {"Authorization": "Bearer a-word-long-enough"}, 200),
        (McpSettings(token=TOKEN), {"Authorization": "bearer a-word-long-enough"}, 200),
    ],
)
async def test_only_those_who_may_are_let_in(
    server: Server, settings: McpSettings, headers: dict[str, str], status: int
) -> None:
    """By the name that they ask for, by the page that they come from, and by the token where there is one."""
    request = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    accepted = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    async with client_of(server, settings) as client:
        sent = {name: value.encode() for name, value in (accepted | headers).items()}
        response = await client.post("/mcp", json=request, headers=sent)

    assert response.status_code == status


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        (
            McpSettings(host="192.0.2.1"),
            r"mcp: 192\.0\.2\.1: others could reach it there; set a token as COMMUNIQUE_MCP",
        ),
        (
            McpSettings(host="0.0.0.0", token=SecretStr(" "), names=("press.example",)),
            r"mcp: 0\.0\.0\.0: others could reach it there; set a token as COMMUNIQUE_MCP",
        ),
        (McpSettings(host="0.0.0.0", token=TOKEN), r"mcp: 0\.0\.0\.0: name the hosts .*mcp\.names"),
    ],
)
async def test_an_open_door_is_refused(server: Server, settings: McpSettings, cause: str) -> None:
    """Before anything listens, with what to do."""
    from bot.mcp import new_app

    with pytest.raises(McpError, match=cause):
        new_app(server, settings)


@pytest.mark.parametrize("token", ["x", "a" * 15, "é" * 20])
def test_a_token_that_is_easy_to_guess_is_refused(token: str) -> None:
    """As that of the web page is."""
    with pytest.raises(ValueError, match="fewer than 16 plain characters; `openssl rand -hex 16` prints a good one"):
        McpSettings(token=SecretStr(token))


async def test_a_port_that_is_taken_is_named(server: Server) -> None:
    """With what to do."""
    from bot.mcp import run_over_http

    announced: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            McpError, match=rf"mcp: http://127\.0\.0\.1:{port}/mcp: cannot listen there .*another --port"
        ):
            run_over_http(server, McpSettings(port=port), announced.append)
    assert announced == []
