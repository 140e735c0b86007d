"""The server of `communique serve`: pages and API behind one guard, on a socket, with an end in good order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.errors import BotError, WebError
from bot.settings.edges import is_loopback
from bot.state.home import announced
from bot.web.api import ENDPOINTS, openapi_document
from bot.web.guard import SIGN_IN, Guard
from bot.web.page import answered
from bot.web.pages import ROUTES
from bot.web.requests import JSON, ParameterError, excused
from bot.web.services import Site, WebServices
from ingest.errors import IngestError
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Scope

    from bot.wiring import Built

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what stands for all addresses, and one of them
_PATIENCE = 5  # seconds that answers under way may take once the server is being stopped

_OTHER_THREADS = 8  # for what is not answering: search, releases, status
_STATIC = Path(__file__).with_name("static")


def serve(built: Built, *, host: str | None, port: int | None, ready: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or Ctrl-C; `ready` is called with the address once they are answered.

    What is None is as the settings say. Raises WebError where it cannot listen there.
    """
    chosen = built.settings.web
    host, port = host or chosen.host, chosen.port if port is None else port
    token = chosen.read_token()
    if token is None and not is_loopback(host):
        raise WebError(
            f"host {host}: everybody who reaches this machine could ask and read; put a token into "
            "COMMUNIQUE_WEB__TOKEN (`openssl rand -hex 16` prints a good one), or leave --host and web.host out"
        )
    with contextlib.closing(_listening(host, port)) as listener:
        address = chosen.address or _address_of(listener)
        site = Site(address, token, host, is_fixed=chosen.address is not None)
        server = _Server(
            uvicorn.Config(
                application(built, site),
                log_config=None,
                access_log=False,  # addresses hold what people ask
                server_header=False,
                proxy_headers=False,
                ws="none",
                timeout_graceful_shutdown=_PATIENCE,
            ),
            lambda: ready(site.address),
        )
        with announced(built.settings.home, site.address):
            asyncio.run(_run(server, listener))


class _Server(uvicorn.Server):
    """A server that says when it answers, and leaves signals to whoever runs it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See `uvicorn.Server`."""
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """See `uvicorn.Server`, which would raise them again at the end, as failures."""
        yield


async def _run(server: _Server, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.handle_exit, number, None)
    await server.serve([listener])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises WebError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as exc:
        raise WebError(f"host {host}: unknown ({exc}); name an address of this machine, as in 127.0.0.1") from exc
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as exc:
        listener.close()
        raise WebError(_refused(host, port, exc)) from exc
    return listener


def _refused(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port}: is in use by another program; choose another one, as in --port {port + 1}, or --port 0"
    if error.errno == errno.EACCES:
        return f"port {port}: may not be listened on by this user; choose one above 1023, as in --port 8000"
    return f"{host}:{port}: cannot be listened on ({error.strerror}); name an address of this machine"


def _address_of(listener: socket.socket) -> str:
    """The address to open in a browser on this machine."""
    host, port = listener.getsockname()[:2]
    host = _EVERYWHERE.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class _Static(StaticFiles):
    """Files of ours, which browsers keep and ask about again: an upgrade shows at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """See `StaticFiles`."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def application(built: Built, site: Site) -> ASGIApp:
    """What answers the requests to one server."""
    services = WebServices(built, site)
    description = openapi_document(guarded=site.token is not None)

    async def describe(request: Request) -> Response:
        address = site.address_for(request.headers.get("host", ""))
        return JSON(description | {"servers": [{"url": address}]})

    app = Starlette(
        routes=[
            *(Route(one.path, one.handler, methods=list(one.methods)) for one in ENDPOINTS),
            *ROUTES,
            *SIGN_IN,
            Route("/openapi.json", describe),
            Mount("/static", _Static(directory=_STATIC)),
        ],
        exception_handlers=dict.fromkeys(
            (ParameterError, HTTPException, BotError, StoreError, IngestError, Exception), _failed
        ),
        lifespan=_living,
    )
    app.router.redirect_slashes = False
    app.state.services = services

    return Guard(app, site)


@contextlib.asynccontextmanager
async def _living(app: Starlette) -> AsyncIterator[None]:
    """Threads for everything but questions, which have their own, so that neither waits for the other."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_OTHER_THREADS))
    yield
    await asyncio.to_thread(app.state.services.queue.close)


async def _failed(request: Request, error: Exception) -> Response:
    """One sentence, as JSON for programs and as a page for people."""
    excuse = excused(error, request)
    headers: Mapping[str, str] = (error.headers if isinstance(error, HTTPException) else None) or {}
    return answered(request, excuse, {**headers, **({"Retry-After": "30"} if excuse.status == 503 else {})})
