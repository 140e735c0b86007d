"""The server of `communique serve`: pages and API behind one guard, on a socket, with an end in good order.

The guard decides who is let in, before any handler is asked: the right host, no other site doing it, the token; and it
sets strict headers. People give the token on a page of its own, and are known by a cookie from then on.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import hmac
import ipaddress
import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.errors import BotError, WebError
from bot.settings.edges import is_loopback
from bot.state.home import announced
from bot.web.api import ENDPOINTS, openapi_document
from bot.web.page import PageView, answered
from bot.web.pages import ROUTES
from bot.web.requests import JSON, Excuse, ParameterError, excused, is_program
from bot.web.services import Site, WebServices
from ingest.errors import IngestError
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from pydantic import SecretStr
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


_SESSION = "communique_session"  # the cookie of those who have signed in
_MONTH = 30 * 24 * 3600  # seconds
_LARGEST = 16_384  # bytes of a form that signs in
_PATH = re.compile(r"/(?![/\\])[!-~]{0,4000}")  # of a page of ours, to go on to

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none at all, browsers would not say where a form comes from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_OPEN = ("/static/", "/sign-in")  # what a page that asks for the token needs
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::\d{1,5})?")


class Guard:
    """Stands around the application. People who have yet to give the token get the form for it."""

    def __init__(self, app: Starlette, site: Site) -> None:
        self._app = app
        self._site = site
        own = urlsplit(site.address).hostname or ""
        self._hosts = _LOOPBACK | {own, site.listens_at.casefold(), socket.gethostname().casefold()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Paths are matched as they were sent: in an id, %2F is no border between two parts.
        scope = {**scope, "path": scope["raw_path"].decode("ascii", "replace"), "app": self._app}
        answer = self._refusal(Request(scope))
        await (answer or self._app)(scope, receive, _strictly(send))

    def _refusal(self, request: Request) -> Response | None:
        if not self._is_known(request.headers.get("host", "")):
            sentence = f"host: not served under this name; open {self._site.address}, or set web.address to the name"
            return answered(request, Excuse(400, sentence, "host"))
        if self._is_of_another_site(request):
            sentence = "origin: requests that other sites make are refused; open the page itself"
            return answered(request, Excuse(403, sentence, "origin"))
        if self._site.token is None or request.url.path.startswith(_OPEN) or self._knows_token(request):
            return None
        if is_program(request.url.path):
            sentence = "token: missing or wrong; send the header `Authorization: Bearer TOKEN`"
            return JSON({"error": sentence, "parameter": None}, 401, {"WWW-Authenticate": "Bearer"})
        return _sign_in_form(request)

    def _is_known(self, host: str) -> bool:
        """Whether a host is this server's: a page that rebinds its own name to this machine comes with that name."""
        found = _HOST.fullmatch(host)
        name = found[1].strip("[]").casefold() if found else ""
        if name in self._hosts:
            return True
        return not is_loopback(self._site.listens_at) and _is_number(name)

    def _is_of_another_site(self, request: Request) -> bool:
        """Whether a page elsewhere makes this request; one that only leads here, by a link to a page, does not."""
        origin = request.headers.get("origin")
        if origin is not None and not self._is_own(origin, request.headers.get("host", "")):
            return True
        foreign = request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}
        follows_link = request.method == "GET" and request.headers.get("sec-fetch-mode") == "navigate"
        return foreign and (not follows_link or is_program(request.url.path))

    def _is_own(self, origin: str, host: str) -> bool:
        """Whether an origin is this server: the host that was asked, or what the settings say, as a proxy hides it."""
        scheme, _, authority = origin.casefold().partition("://")
        own = {_authority(scheme, host)}
        if self._site.is_fixed and urlsplit(self._site.address).scheme == scheme:
            own.add(_authority(scheme, urlsplit(self._site.address).netloc))
        return bool(authority) and _authority(scheme, authority) in own

    def _knows_token(self, request: Request) -> bool:
        assert self._site.token is not None
        token = self._site.token
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return _is_token(given.strip(), token)
        session = _session_of(token.get_secret_value())
        return hmac.compare_digest(request.cookies.get(_SESSION, "").encode(), session.encode())


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _authority(scheme: str, written: str) -> str:
    """A host with its port, without the port that the scheme has anyway."""
    return written.casefold().removesuffix({"http": ":80", "https": ":443"}.get(scheme, ""))


def _strictly(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sent


def _session_of(token: str) -> str:
    """What the cookie holds: proof that its owner knew the token, from which the token cannot be found."""
    return hmac.new(token.encode(), b"communique session", hashlib.sha256).hexdigest()


def _is_token(given: str, token: SecretStr) -> bool:
    """Whether this is the token; how long the comparison takes tells nothing."""
    return hmac.compare_digest(given.encode(), token.get_secret_value().encode())


def _sign_in_form(request: Request, *, failed_for: str | None = None) -> Response:
    """What people get who have yet to give the token: a form, at the address that they asked for.

    `failed_for` is where somebody wanted to go whose token was wrong.
    """
    can_be_opened = request.method in {"GET", "HEAD"} and request.url.path != "/sign-in"
    wanted = request.url.path if can_be_opened else "/"
    target = f"{wanted}?{request.url.query}" if request.url.query else wanted
    failed = failed_for is not None
    target = failed_for or target
    return PageView.of(request).rendered("sign_in.html", 401, target=target, failed=failed, guarded=False)


async def _sign_in(request: Request) -> Response:
    page = PageView.of(request)
    token = page.services.site.token
    if token is None:
        return RedirectResponse(page.link("/"), 303)
    if request.method == "GET":
        return _sign_in_form(request)
    form = await _typed(request)
    if not _is_token(form.get("token", "").strip(), token):
        await asyncio.sleep(1)  # whoever guesses, guesses slowly
        return _sign_in_form(request, failed_for=form.get("target", ""))
    response = RedirectResponse(_own(form.get("target", "")), 303)
    secure = page.services.site.address.startswith("https:")
    response.set_cookie(
        # By a link in a mail people come with it; what another site makes them send is refused by the guard.
        _SESSION,
        _session_of(token.get_secret_value()),
        max_age=_MONTH,
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return response


async def _typed(request: Request) -> dict[str, str]:
    """What was typed into the form; nothing where it is none of ours."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk[: _LARGEST - len(body)]
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=20))
    except ValueError:
        return {}


def _own(target: str) -> str:
    """A path of this server, with the quote that it leads to; the first page for anything else."""
    if not _PATH.fullmatch(target):
        return "/"
    return f"{target}#quote" if "start=" in urlsplit(target).query else target


async def _sign_out(request: Request) -> Response:
    response = RedirectResponse(PageView.of(request).link("/sign-in"), 303)
    response.delete_cookie(_SESSION, httponly=True, samesite="lax")
    return response


SIGN_IN = (Route("/sign-in", _sign_in, methods=["GET", "POST"]), Route("/sign-out", _sign_out, methods=["POST"]))
"""The pages on which people give the token, and take it back."""
