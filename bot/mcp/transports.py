"""How assistants reach the server: over stdin and stdout of a process that they start, or over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ipaddress
import os
import signal
import socket
import sys
import threading
from io import FileIO
from typing import TYPE_CHECKING, Any, TextIO

import anyio
import uvicorn
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from bot.errors import McpError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.lowlevel import Server
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

    from bot.settings import McpSettings

PATH = "/mcp"
_LEAVES = 3  # seconds that answers under way have when the server is stopped
_EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 - recognised, to be refused without a name


def run_over_stdio(server: Server[Any]) -> None:
    """Serve until the assistant closes stdin, or SIGTERM or Ctrl-C. Nothing but the protocol goes to stdout."""
    asyncio.run(_serve_stdio(server))


async def _serve_stdio(server: Server[Any]) -> None:
    loop, (outlet, inlet) = asyncio.get_running_loop(), _piped(sys.stdin.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, inlet.close)
    async with stdio_server(stdin=anyio.wrap_file(outlet)) as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def _piped(source: int) -> tuple[TextIO, FileIO]:
    """What comes from a descriptor, and what to close so that it ends at once.

    The transport's own reader waits for the assistant's next line whatever signal has come.
    """
    read, write = os.pipe()
    outlet, inlet = os.fdopen(read, encoding="utf-8", errors="replace"), FileIO(write, "w")

    def pump() -> None:
        with contextlib.suppress(OSError, ValueError), inlet:  # it was closed meanwhile
            while piece := os.read(source, 65_536):
                while piece:
                    piece = piece[inlet.write(piece) :]

    threading.Thread(target=pump, name="stdin", daemon=True).start()
    return outlet, inlet


def run_over_http(server: Server[Any], settings: McpSettings, announce: Callable[[str], None]) -> None:
    """Serve at `settings.address` until SIGTERM or Ctrl-C. Raises McpError where that cannot be.

    `announce` is called with the address once somebody can be served there.
    """
    config = uvicorn.Config(
        new_app(server, settings), log_config=None, access_log=False, timeout_graceful_shutdown=_LEAVES
    )
    with _listen(settings) as listening:
        announce(settings.address)
        asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def new_app(server: Server[Any], settings: McpSettings) -> ASGIApp:
    """The server as a web application, which answers to its own names alone, and to the token where there is one.

    A page in a browser that has its own name resolve to this machine is refused by the Host header that it sends.
    Raises McpError where others may reach it and no token is set.
    """
    _must_be_safe(settings)
    hosts = [f"{name}{port}" for name in _names(settings) for port in ("", ":*")]
    app: Starlette = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(
            allowed_hosts=hosts,
            allowed_origins=[f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts],
        ),
    )
    token = _token(settings)
    return _Guarded(app, token) if token else app


class _Guarded:
    """Lets in who brings the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scheme, _, brought = Headers(scope=scope).get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(brought.strip().encode(), self._token):
                refusal = PlainTextResponse("a token is needed", 401, {"WWW-Authenticate": "Bearer"})
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _must_be_safe(settings: McpSettings) -> None:
    if _is_loopback(settings.host):
        return
    if not _token(settings):
        raise McpError(
            f"{settings.host}: others could reach it there; set a token as COMMUNIQUE_MCP__TOKEN, or let it listen on "
            "127.0.0.1"
        )
    if settings.host in _EVERYWHERE and not settings.names:
        raise McpError(f"{settings.host or 'every address'}: name the hosts by which it is reached, as mcp.names")


def _token(settings: McpSettings) -> str:
    """The token without the space around it; empty where there is none, which must not pass for one."""
    return settings.token.get_secret_value().strip() if settings.token else ""


def _names(settings: McpSettings) -> list[str]:
    own = [] if settings.host in _EVERYWHERE else [_bracketed(settings.host)]
    return [*dict.fromkeys(["127.0.0.1", "localhost", "[::1]", *own, *settings.names])]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(settings: McpSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as exc:
        cause = exc.strerror or str(exc)
        raise McpError(f"{settings.address}: cannot listen there ({cause}); choose another --port or --host") from exc
