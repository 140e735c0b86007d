"""The application: pages and API behind one guard, and one sentence for whatever fails."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.errors import BotError
from bot.web.api import ENDPOINTS
from bot.web.guard import Guard, is_program
from bot.web.openapi import described
from bot.web.page import PageView
from bot.web.pages import ROUTES, sign_in_form
from bot.web.parameters import ParameterError
from bot.web.requests import JSON, excused
from bot.web.services import WebServices
from ingest.errors import IngestError
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Scope

    from bot.web.services import Site
    from bot.wiring import Built

_OTHER_THREADS = 8  # for what is not answering: search, releases, status
_STATIC = Path(__file__).with_name("static")


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
    description = described(ENDPOINTS, guarded=site.token is not None)

    async def describe(request: Request) -> Response:
        address = site.address_for(request.headers.get("host", ""))
        return JSON(description | {"servers": [{"url": address}]})

    app = Starlette(
        routes=[
            *(Route(one.path, one.handler, methods=list(one.methods)) for one in ENDPOINTS),
            *ROUTES,
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

    def sign_in(request: Request) -> Response:
        request.scope["app"] = app
        return sign_in_form(request)

    return Guard(app, site, sign_in)


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
    headers = dict(headers) | ({"Retry-After": "30"} if excuse.status == 503 else {})
    if is_program(request.url.path):
        return JSON({"error": excuse.sentence, "parameter": excuse.parameter}, excuse.status, headers)
    page = PageView.of(request)
    response = page.problem(excuse.status, page.excuse(excuse))
    response.headers.update(headers)
    return response
