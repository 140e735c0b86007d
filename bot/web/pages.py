"""The pages: ask, a conversation, search, releases, one release, what is new, status, and signing in."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import Field
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.answering.citations import quote_link, web_address
from bot.errors import BotError
from bot.operations.names import release_named
from bot.operations.sources import source_states
from bot.web import views
from bot.web.api import named
from bot.web.conversations import Exchange
from bot.web.guard import SESSION, is_token, session_of
from bot.web.page import PageView
from bot.web.parameters import (
    AskParameters,
    FilterParameters,
    ListParameters,
    ParameterError,
    ReleaseParameters,
    read,
)
from bot.web.requests import event, excused
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from bot.answering.types import Answer
    from vectorstore.types import StoredRelease

_NEWEST = 5  # releases below the question
_MONTH = 30 * 24 * 3600  # seconds
_PATH = re.compile(r"/(?![/\\])[!-~]{0,4000}")


class HomeParameters(FilterParameters):
    """What a form is filled with."""

    question: str = ""


class ReadingParameters(ReleaseParameters):
    """Which release is read: the place that is marked, and the twin that is read beside it."""

    start: int | None = Field(None, ge=0)
    end: int | None = Field(None, ge=0)
    beside: str | None = None

    @property
    def place(self) -> tuple[int, int] | None:
        """The place that is marked."""
        return (self.start, self.end) if self.start is not None and self.end is not None else None


class NewsParameters(FilterParameters):
    """What is listed of what is new."""

    limit: int = Field(10, ge=1, le=1000)


class WordsParameters(NewsParameters):
    """What is searched for; nothing before somebody has typed it."""

    query: str = Field("", max_length=10_000)


async def _home(request: Request) -> Response:
    page = PageView.of(request)
    asked = await read(HomeParameters, request, "lang")
    return page.rendered("home.html", asked=asked, newest=await _newest(page), **await _filters(page))


async def _ask(request: Request) -> Response:
    """The answer on a page of its own, which can be read again without asking again."""
    page = PageView.of(request)
    services, forgotten, typed = page.services, False, ""
    try:
        asked = await read(AskParameters, request, "lang")
        typed = asked.question
        exchange = await services.exchange(asked.conversation)
        forgotten, exchange = exchange is None, exchange or Exchange()
        *_, answer = [answer async for answer in services.answers(asked, exchange)]
    except (ParameterError, BotError) as exc:
        excuse, filters = excused(exc, request), await _filters(page)
        sentence = page.say("ask_something") if excuse.parameter == "question" else excuse.sentence
        return page.rendered(
            "home.html",
            excuse.status,
            asked=HomeParameters.model_validate({"question": typed}),
            problem=sentence,
            newest=await _newest(page),
            **filters,
        )
    identity = services.conversations.keep(exchange.after(asked.question, answer))
    query = {"forgotten": "1"} if forgotten else {}
    return RedirectResponse(page.link(f"/conversations/{identity}", **query), 303)


async def _stream(request: Request) -> Response:
    """The same while it grows, as pieces of a page: `growing`, then `answer` with where the conversation stands."""
    page = PageView.of(request)
    services = page.services
    asked = await read(AskParameters, request, "lang")
    exchange = await services.exchange(asked.conversation) or Exchange()

    async def events() -> AsyncIterator[str]:
        try:
            async for answer in services.answers(asked, exchange):
                piece: dict[str, Any] = {"html": page.piece("_answer.html", **_turn(answer, exchange.count))}
                if answer.finished:
                    identity = services.conversations.keep(exchange.after(asked.question, answer))
                    piece |= {"conversation": identity, "address": page.link(f"/conversations/{identity}")}
                yield event("answer" if answer.finished else "growing", json.dumps(piece))
        except Exception as exc:  # noqa: BLE001 - the response has begun: what fails now is said in it
            yield event("error", json.dumps({"text": excused(exc, request).sentence}))

    return StreamingResponse(events(), media_type="text/event-stream")


async def _conversation(request: Request) -> Response:
    page = PageView.of(request)
    identity = request.path_params["id"]
    exchange = await page.services.exchange(identity)
    if exchange is None:
        return page.problem(404, page.say("conversation_forgotten"))
    turns = [(turn.question, _turn(turn.answer, number)) for number, turn in enumerate(exchange.shown, exchange.begun)]
    forgotten = "forgotten" in request.query_params
    return page.rendered("conversation.html", turns=turns, conversation=identity, forgotten=forgotten)


def _turn(answer: Answer, number: int) -> dict[str, Any]:
    """What the template of an answer needs; `number` tells its anchors from those of other answers."""
    return {"answer": answer, "number": number, "views": views}


async def _search(request: Request) -> Response:
    page = PageView.of(request)
    asked = await read(WordsParameters, request, "lang")
    hits, matches = await page.services.search(asked.query, asked.where, asked.limit) if asked.query else ((), [])
    found = list(zip(hits, matches, strict=True))
    return page.rendered("search.html", asked=asked, found=found, **await _filters(page))


async def _releases(request: Request) -> Response:
    page = PageView.of(request)
    asked = await read(ListParameters, request, "lang")
    store = page.services.store
    releases = await asyncio.to_thread(store.releases, asked.where, asked.limit)
    total = await asyncio.to_thread(store.count_releases, asked.where)
    return page.rendered("releases.html", asked=asked, releases=releases, total=total, **await _filters(page))


async def _release(request: Request) -> Response:
    page = PageView.of(request)
    asked = await read(ReadingParameters, request, "lang")
    return page.rendered("release.html", asked=asked, **await asyncio.to_thread(_shown, page, asked))


def _shown(page: PageView, asked: ReadingParameters) -> dict[str, Any]:
    """A release with its versions and those that it belongs together with."""
    services, store = page.services, page.services.store
    release = release_named(services.store, named(page.request), asked.version)
    relations = store.relations(release.id)
    twins = [twin for one in relations.twins if (twin := store.get(one.other(release.id)))]
    start, end = asked.place or (0, 0)
    return {
        "release": release,
        "away": quote_link(release, start, end) if asked.place else web_address(release.url),
        "page_number": release.page_at(start) if asked.place else None,
        "versions": services.history(release.id)[::-1],
        "twins": twins,
        "beside": next((twin for twin in twins if twin.id == asked.beside), None),
        "corrects": store.get(relations.corrects) if relations.corrects else None,
        "corrected_by": [one for identity in relations.corrected_by if (one := store.get(identity))],
    }


async def _latest(request: Request) -> Response:
    page = PageView.of(request)
    asked = await read(NewsParameters, request, "lang")
    latest = await asyncio.to_thread(page.services.latest, asked.where, asked.limit)
    return page.rendered("latest.html", asked=asked, latest=latest, **await _filters(page))


async def _status(request: Request) -> Response:
    page = PageView.of(request)
    services = page.services
    status = await asyncio.to_thread(services.store.status)
    states = await asyncio.to_thread(source_states, services.store, services.built.settings.sources)
    return page.rendered("status.html", status=status, sources=states)


async def _filters(page: PageView) -> dict[str, Any]:
    """What the fields of a filter offer."""
    return {"publishers": views.publishers_in(await asyncio.to_thread(page.services.store.publishers))}


async def _newest(page: PageView) -> list[StoredRelease]:
    """The newest releases in the language of the page, where there are any."""

    def find() -> list[StoredRelease]:
        store, own = page.services.store, Filter(languages=(page.say.language,))
        return store.releases(own, _NEWEST) or store.releases(None, _NEWEST)

    return await asyncio.to_thread(find)


def sign_in_form(request: Request, *, failed: bool = False) -> Response:
    """What people get who have yet to give the token: a form, at the address that they asked for."""
    page = PageView.of(request)
    wanted = "/" if request.url.path == "/sign-in" else request.url.path
    target = f"{wanted}?{request.url.query}" if request.url.query else wanted
    return page.rendered("sign_in.html", 401, target=target, failed=failed, guarded=False)


async def _sign_in(request: Request) -> Response:
    page = PageView.of(request)
    token = page.services.site.token
    if token is None:
        return RedirectResponse(page.link("/"), 303)
    if request.method == "GET":
        return sign_in_form(request)
    form = await page.form()
    if not is_token(form.get("token", "").strip(), token):
        await asyncio.sleep(1)  # whoever guesses, guesses slowly
        return sign_in_form(request, failed=True)
    target = form.get("target", "")
    response = RedirectResponse(_own(target), 303)
    secure = page.services.site.address.startswith("https:")
    response.set_cookie(
        SESSION, session_of(token.get_secret_value()), max_age=_MONTH, httponly=True, samesite="strict", secure=secure
    )
    return response


def _own(target: str) -> str:
    """A path of this server, with the quote that it leads to; the first page for anything else."""
    if not _PATH.fullmatch(target):
        return "/"
    return f"{target}#quote" if "start=" in urlsplit(target).query else target


async def _sign_out(request: Request) -> Response:
    response = RedirectResponse(PageView.of(request).link("/sign-in"), 303)
    response.delete_cookie(SESSION, httponly=True, samesite="strict")
    return response


ROUTES = (
    Route("/", _home),
    Route("/ask", _ask, methods=["POST"]),
    Route("/ask", _home),  # who opens the address that a form was sent to
    Route("/ask/stream", _stream, methods=["POST"]),
    Route("/conversations/{id}", _conversation),
    Route("/search", _search),
    Route("/releases", _releases),
    Route("/releases/{id}", _release),
    Route("/latest", _latest),
    Route("/status", _status),
    Route("/sign-in", _sign_in, methods=["GET", "POST"]),
    Route("/sign-out", _sign_out, methods=["POST"]),
)
