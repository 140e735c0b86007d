"""The pages: ask, a conversation, search, releases, one release, what is new, and status."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import Field
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.answering.citations import quote_link, web_address
from bot.answering.codec import AnswerRecord
from bot.answering.timeline import TimelineQuery
from bot.documents import answer_markdown, document_name
from bot.errors import BotError
from bot.operations.names import release_named, source_states
from bot.web.page import PageView, publishers_in
from bot.web.requests import (
    AskParameters,
    FilterParameters,
    ListParameters,
    ParameterError,
    ReleaseParameters,
    event,
    excused,
    named,
    read_known,
)
from bot.web.services import Exchange
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from bot.answering.types import Answer
    from vectorstore.types import StoredRelease

_Filtered = TypeVar("_Filtered", bound=FilterParameters)
_NEWEST = 5  # releases below the question


class HomeParameters(FilterParameters):
    """What a form is filled with."""

    question: str = ""


class ReadingParameters(ReleaseParameters):
    """Which release is read: the place that is marked, and the twin that is read beside it."""

    start: int | None = Field(None, ge=0)
    end: int | None = Field(None, ge=0)
    beside: str | None = None

    def place_in(self, text: str) -> tuple[int, int] | None:
        """The place that is marked, if it is one of this text."""
        if self.start is None or self.end is None or not self.start < self.end <= len(text):
            return None
        return self.start, self.end


class NewsParameters(FilterParameters):
    """What is listed of what is new."""

    limit: int = Field(10, ge=1, le=1000)


class TopicParameters(NewsParameters):
    """What a timeline is about; nothing before somebody has typed it."""

    topic: str = Field("", max_length=10_000)
    limit: int = Field(20, ge=1, le=100)


class WordsParameters(NewsParameters):
    """What is searched for; nothing before somebody has typed it."""

    query: str = Field("", max_length=10_000)


async def _filtered(page: PageView, model: type[_Filtered]) -> _Filtered:
    """Parameters with a filter, its publishers as the store writes them."""
    return await page.services.meant(await read_known(model, page.request))


async def _home(request: Request) -> Response:
    page = PageView.of(request)
    asked = await _filtered(page, HomeParameters)
    return page.rendered("home.html", asked=asked, newest=await _newest(page), **await _filters(page))


async def _ask(request: Request) -> Response:
    """The answer on a page of its own, which can be read again without asking again."""
    page = PageView.of(request)
    asked, services = None, page.services
    try:
        asked = await _filtered(page, AskParameters)
        exchange = await services.exchange(asked.conversation)
        answers = services.answers(asked, exchange or Exchange(), request.headers.get("host", ""))
        *_, answer = [answer async for answer in answers]
    except (ParameterError, BotError) as exc:
        excuse, typed = excused(exc, request), exc.question if isinstance(exc, ParameterError) else ""
        return page.rendered(
            "home.html",
            excuse.status,
            asked=asked or HomeParameters.model_validate({"question": typed}),
            conversation=asked.conversation if asked else "",
            problem=page.excuse(excuse),
            newest=await _newest(page),
            **await _filters(page),
        )
    identity = services.keep(asked, exchange or Exchange(), answer)
    return RedirectResponse(_address(page, identity, forgotten=exchange is None), 303)


def _address(page: PageView, identity: str, *, forgotten: bool) -> str:
    """Where a conversation is read again; what was `forgotten` before it is said there."""
    return page.link(f"/conversations/{identity}", forgotten="1" if forgotten else None)


async def _stream(request: Request) -> Response:
    """The same while it grows, as pieces of a page: `growing`, then `answer` with where the conversation stands."""
    page = PageView.of(request)
    services = page.services
    asked = await _filtered(page, AskParameters)
    known = await services.exchange(asked.conversation)
    exchange, forgotten, number = known or Exchange(), known is None, secrets.token_hex(4)

    async def events() -> AsyncIterator[str]:
        try:
            async for answer in services.answers(asked, exchange, request.headers.get("host", "")):
                kept: dict[str, str] = {}
                if answer.finished:
                    identity = services.keep(asked, exchange, answer)
                    kept = {"conversation": identity, "address": _address(page, identity, forgotten=forgotten)}
                saved = _saved_at(kept["conversation"], exchange.begun + len(exchange.shown)) if kept else None
                piece = {"html": page.piece("_answer.html", forgotten=forgotten, **_turn(answer, number, saved))} | kept
                yield event("answer" if answer.finished else "growing", json.dumps(piece))
        except Exception as exc:  # noqa: BLE001 - the response has begun: what fails now is said in it
            yield event("error", json.dumps({"text": page.excuse(excused(exc, request))}))

    return StreamingResponse(events(), media_type="text/event-stream")


async def _conversation(request: Request) -> Response:
    page = PageView.of(request)
    identity = request.path_params["id"]
    exchange = await page.services.exchange(identity)
    if exchange is None:
        return page.problem(404, page.say("conversation_forgotten"))
    numbered = enumerate(exchange.shown, exchange.begun)
    return page.rendered(
        "conversation.html",
        turns=[
            (turn.question, _turn(turn.answer, str(number), _saved_at(identity, number))) for number, turn in numbered
        ],
        conversation=identity,
        begun_again="forgotten" in request.query_params,
        asked=exchange.filters,
        **await _filters(page),
    )


async def _saved(request: Request) -> Response:
    """An answer of a conversation as a Markdown document to keep."""
    page = PageView.of(request)
    exchange = await page.services.exchange(request.path_params["id"])
    number = request.path_params["number"] - (exchange.begun if exchange else 0)
    if exchange is None or not 0 <= number < len(exchange.shown):
        return page.problem(404, page.say("conversation_forgotten"))
    turn = exchange.shown[number]
    text = answer_markdown(AnswerRecord.model_validate(turn.answer), turn.answer.as_of, zone=page.services.zone)
    named = {"Content-Disposition": f'attachment; filename="{document_name(turn.question)}"'}
    return Response(text.encode("utf-8", "replace"), headers=named, media_type="text/markdown")


def _saved_at(conversation: str, number: int) -> str:
    """Where an answer of a conversation is, as a document to keep."""
    return f"/conversations/{conversation}/{number}/answer.md"


def _turn(answer: Answer, number: str, saved: str | None) -> dict[str, Any]:
    """What the template of an answer needs; `number` tells its anchors from those of other answers."""
    return {"answer": answer, "number": number, "saved": saved}


async def _search(request: Request) -> Response:
    page = PageView.of(request)
    asked = await _filtered(page, WordsParameters)
    hits, matches = await page.services.search(asked.query, asked.where, asked.limit) if asked.query else ((), [])
    found = list(zip(hits, matches, strict=True))
    return page.rendered("search.html", asked=asked, found=found, **await _filters(page))


async def _timeline(request: Request) -> Response:
    page = PageView.of(request)
    asked, found = await _filtered(page, TopicParameters), None
    if asked.topic:
        query = TimelineQuery(asked.topic, asked.where, language=page.say.language, limit=asked.limit)
        found = await page.services.timeline(query, request.headers.get("host", ""))
    return page.rendered("timeline.html", asked=asked, found=found, **await _filters(page))


async def _releases(request: Request) -> Response:
    page = PageView.of(request)
    asked = await _filtered(page, ListParameters)
    store = page.services.store
    releases = await asyncio.to_thread(store.records.releases, asked.where, asked.limit)
    total = await asyncio.to_thread(store.records.count_releases, asked.where)
    return page.rendered("releases.html", asked=asked, releases=releases, total=total, **await _filters(page))


async def _release(request: Request) -> Response:
    page = PageView.of(request)
    asked = await read_known(ReadingParameters, request)
    return page.rendered("release.html", **await asyncio.to_thread(_shown, page, asked))


def _shown(page: PageView, asked: ReadingParameters) -> dict[str, Any]:
    """A release with its versions and those that it belongs together with."""
    services, store = page.services, page.services.store
    release = release_named(services.store, named(page.request), asked.version)
    relations = store.records.relations(release.id)
    twins = [twin for one in relations.twins if (twin := store.records.get(one.other(release.id)))]
    place = asked.place_in(release.text)
    return {
        "release": release,
        "place": place,
        "away": quote_link(release, *place) if place else web_address(release.url),
        "page_number": release.page_at(place[0]) if place else None,
        "versions": services.history(release.id)[::-1],
        "twins": twins,
        "beside": next((twin for twin in twins if twin.id == asked.beside), None),
        "corrects": store.records.get(relations.corrects) if relations.corrects else None,
        "corrected_by": [one for identity in relations.corrected_by if (one := store.records.get(identity))],
    }


async def _latest(request: Request) -> Response:
    page = PageView.of(request)
    asked = await _filtered(page, NewsParameters)
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
    return {"publishers": publishers_in(await asyncio.to_thread(page.services.store.records.publishers))}


async def _newest(page: PageView) -> list[StoredRelease]:
    """The newest releases in the language of the page, where there are any."""

    def find() -> list[StoredRelease]:
        store, own = page.services.store, Filter(languages=(page.say.language,))
        return store.records.releases(own, _NEWEST) or store.records.releases(None, _NEWEST)

    return await asyncio.to_thread(find)


ROUTES = (
    Route("/", _home),
    Route("/ask", _ask, methods=["POST"]),
    Route("/ask", _home),  # who opens the address that a form was sent to
    Route("/ask/stream", _stream, methods=["POST"]),
    Route("/conversations/{id}", _conversation),
    Route("/conversations/{id}/{number:int}/answer.md", _saved),
    Route("/search", _search),
    Route("/timeline", _timeline),
    Route("/releases", _releases),
    Route("/releases/{id}", _release),
    Route("/latest", _latest),
    Route("/status", _status),
)
