"""Who may reach the server over HTTP."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.errors import McpError
from bot.settings import McpSettings
from tests.bot.mcp.conftest import QUOTE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpx2 import AsyncClient
    from mcp.server.lowlevel import Server

TOKEN = SecretStr("a-word-long-enough")


@contextlib.asynccontextmanager
async def client_of(server: Server, settings: McpSettings) -> AsyncIterator[AsyncClient]:
    """Somebody who speaks HTTP with the application, in memory."""
    import httpx2

    from bot.mcp.transports import new_app

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
    from bot.mcp.transports import new_app

    with pytest.raises(McpError, match=cause):
        new_app(server, settings)


@pytest.mark.parametrize("token", ["x", "a" * 15, "é" * 20])
def test_a_token_that_is_easy_to_guess_is_refused(token: str) -> None:
    """As that of the web page is."""
    with pytest.raises(ValueError, match="fewer than 16 plain characters; `openssl rand -hex 16` prints a good one"):
        McpSettings(token=SecretStr(token))


async def test_a_port_that_is_taken_is_named(server: Server) -> None:
    """With what to do."""
    from bot.mcp.transports import run_over_http

    announced: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            McpError, match=rf"mcp: http://127\.0\.0\.1:{port}/mcp: cannot listen there .*another --port"
        ):
            run_over_http(server, McpSettings(port=port), announced.append)
    assert announced == []
