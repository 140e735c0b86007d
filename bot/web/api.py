"""The HTTP API: what the command line prints with `--json`, asked for over HTTP, and its description in OpenAPI 3.1.

Both are made of one table, `ENDPOINTS`, and of the same records.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema
from starlette.responses import Response, StreamingResponse

from bot.answering.codec import AnswerRecord, Record, ReleaseRecord, answer_payload
from bot.answering.timeline import TimelineQuery
from bot.errors import QuestionError
from bot.operations.names import release_named, source_states
from bot.payloads import (
    EventRecord,
    HitRecord,
    PublicStatusRecord,
    ShownReleaseRecord,
    TimelineRecord,
    VersionRecord,
    event_payload,
    hit_payload,
    public_status_payload,
    release_payload,
    shown_payload,
    timeline_payload,
    version_payload,
)
from bot.redaction import file_name
from bot.web.requests import (
    JSON,
    AskParameters,
    FilterParameters,
    ListParameters,
    ParameterError,
    ParameterFault,
    Parameters,
    ReleaseParameters,
    SearchParameters,
    TimelineParameters,
    event,
    excused,
    named,
    read_parameters,
    unless_gone,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from pydantic import BaseModel
    from starlette.requests import Request

    from bot.answering.types import Answer
    from bot.web.services import Exchange, WebServices

CONVERSATION = "Communique-Conversation"
"""The header that holds the id under which a conversation goes on."""

_Filtered = TypeVar("_Filtered", bound=FilterParameters)
_FORGOTTEN = "is no longer known; leave it out to begin a new one"
_REFERENCE = "#/components/schemas/{model}"
_JSON = "application/json"


class ErrorRecord(Record):
    """What went wrong and how to mend it; `parameter` is the one at fault, if one is."""

    error: str
    parameter: str | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address of the API: who answers there, what it takes, and what it gives."""

    path: str
    handler: Callable[[Request], Awaitable[Response]]
    summary: str
    parameters: type[BaseModel]
    answer: Any
    posts: bool = False
    streams: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it is asked with."""
        return ("GET", "POST") if self.posts else ("GET",)


class ChangeOfReleaseRecord(EventRecord):
    """What happened to a release, and the release as it is now; null where it was removed."""

    release: ReleaseRecord | None


class LatestRecord(Record):
    """The newest releases, and what happened to those that had come in before, latest first."""

    releases: tuple[ReleaseRecord, ...]
    changes: tuple[ChangeOfReleaseRecord, ...]


async def _ask(request: Request) -> Response:
    services: WebServices = request.app.state.services
    asked, exchange = await _asked(request)

    async def work() -> Answer:
        *_, answer = [answer async for answer in services.answers(asked, exchange, _host(request))]
        return answer

    answer = await unless_gone(request, work())
    identity = services.keep(asked, exchange, answer)
    return JSON(answer_payload(answer), headers={CONVERSATION: identity})


async def _stream(request: Request) -> Response:
    """The answer as server-sent events: `growing` with what there is, then `answer` with the whole, or `error`."""
    services: WebServices = request.app.state.services
    asked, exchange = await _asked(request)

    async def events() -> AsyncIterator[str]:
        try:
            async for answer in services.answers(asked, exchange, _host(request)):
                if not answer.finished:
                    yield event("growing", _line(answer_payload(answer)))
                else:
                    identity = services.keep(asked, exchange, answer)
                    yield event("answer", _line(answer_payload(answer)), identity)
        except Exception as exc:  # noqa: BLE001 - the response has begun: what fails now is said in it
            excuse = excused(exc, request)
            yield event("error", _line({"error": excuse.sentence, "parameter": excuse.parameter}))

    return StreamingResponse(events(), media_type="text/event-stream")


async def _asked(request: Request) -> tuple[AskParameters, Exchange]:
    asked = await _filtered(AskParameters, request)
    exchange = await request.app.state.services.exchange(asked.conversation)
    if exchange is None:
        raise ParameterError(ParameterFault("conversation", _FORGOTTEN))
    return asked, exchange


async def _filtered(model: type[_Filtered], request: Request) -> _Filtered:
    """Parameters with a filter, its publishers as the store writes them."""
    services: WebServices = request.app.state.services
    return await services.meant(await read_parameters(model, request))


async def _search(request: Request) -> Response:
    asked = await _filtered(SearchParameters, request)
    try:
        hits, matches = await request.app.state.services.search(asked.query, asked.where, asked.limit)
    except QuestionError as exc:
        raise ParameterError(ParameterFault("query", str(exc))) from exc
    return JSON([hit_payload(hit, found) for hit, found in zip(hits, matches, strict=True)])


async def _timeline(request: Request) -> Response:
    asked = await _filtered(TimelineParameters, request)
    services: WebServices = request.app.state.services
    query = TimelineQuery(asked.topic, asked.where, limit=asked.limit)
    try:
        found = await unless_gone(request, services.timeline(query, _host(request)))
    except QuestionError as exc:
        raise ParameterError(ParameterFault("topic", str(exc))) from exc
    return JSON(timeline_payload(found))


async def _releases(request: Request) -> Response:
    asked = await _filtered(ListParameters, request)
    releases = await asyncio.to_thread(request.app.state.services.store.records.releases, asked.where, asked.limit)
    return JSON([release_payload(release) for release in releases])


async def _release(request: Request) -> Response:
    services: WebServices = request.app.state.services
    asked = await read_parameters(ReleaseParameters, request)

    def find() -> dict[str, Any]:
        release = release_named(services.store, named(request), asked.version)
        return _public(shown_payload(release, services.store.records.relations(release.id)))

    return JSON(await asyncio.to_thread(find))


async def _history(request: Request) -> Response:
    await read_parameters(Parameters, request)
    versions = await asyncio.to_thread(request.app.state.services.history, named(request))
    return JSON([_public(version_payload(one, changes)) for one, changes in versions])


async def _latest(request: Request) -> Response:
    asked = await _filtered(ListParameters, request)
    latest = await asyncio.to_thread(request.app.state.services.latest, asked.where, asked.limit)
    changes = [
        event_payload(happened) | {"release": release_payload(release) if release else None}
        for happened, release in latest.changes
    ]
    return JSON({"releases": [release_payload(release) for release in latest.releases], "changes": changes})


async def _status(request: Request) -> Response:
    services: WebServices = request.app.state.services
    await read_parameters(Parameters, request)

    def look() -> dict[str, Any]:
        states = source_states(services.store, services.built.settings.sources)
        return public_status_payload(services.store.status(), states)

    return JSON(await asyncio.to_thread(look))


def _public(payload: dict[str, Any]) -> dict[str, Any]:
    """A release without the folder that it was read from."""
    return payload | {"source": file_name(payload["source"])}


def _host(request: Request) -> str:
    return request.headers.get("host", "")


def _line(payload: dict[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False)


ENDPOINTS = (
    Endpoint("/api/ask", _ask, "Answer a question with quotes.", AskParameters, AnswerRecord, posts=True),
    Endpoint(
        "/api/ask/stream",
        _stream,
        "The same as server-sent events: `growing` with the answer so far, then `answer` with the whole, whose event "
        "id is the conversation's; or `error`.",
        AskParameters,
        AnswerRecord,
        posts=True,
        streams=True,
    ),
    Endpoint("/api/search", _search, "The passages that match best, best first.", SearchParameters, list[HitRecord]),
    Endpoint(
        "/api/timeline",
        _timeline,
        "The releases about a topic by date, each with one sentence, and how figures differ.",
        TimelineParameters,
        TimelineRecord,
    ),
    Endpoint("/api/releases", _releases, "Releases, newest first.", ListParameters, list[ReleaseRecord]),
    Endpoint("/api/releases/{id}", _release, "A release with its text.", ReleaseParameters, ShownReleaseRecord),
    Endpoint(
        "/api/releases/{id}/history",
        _history,
        "Every version of a release, oldest first, with what each changed.",
        Parameters,
        list[VersionRecord],
    ),
    Endpoint("/api/latest", _latest, "What is new, and what has changed.", ListParameters, LatestRecord),
    Endpoint("/api/status", _status, "What is stored, and how sources fare.", Parameters, PublicStatusRecord),
)


def openapi_document(*, guarded: bool) -> dict[str, Any]:
    """The description of the API, without its address; `guarded` is whether a token is asked for."""
    description: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Communiqué",
            "version": version("communique"),
            "description": "Answers questions about press releases, with passages quoted word for word.",
        },
        "paths": {endpoint.path: _path(endpoint, guarded=guarded) for endpoint in ENDPOINTS},
        "components": {"schemas": _schemas()},
    }
    if guarded:
        description["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        description["security"] = [{"token": []}]
    return description


def _schemas() -> dict[str, Any]:
    answers = [(f"answer {number}", "serialization", TypeAdapter(one.answer)) for number, one in enumerate(ENDPOINTS)]
    _, of_answers = TypeAdapter.json_schemas(answers, ref_template=_REFERENCE)  # type: ignore[arg-type]
    posted = [(one.parameters, "validation") for one in ENDPOINTS if one.posts]
    _, of_bodies = models_json_schema([*posted, (ErrorRecord, "serialization")], ref_template=_REFERENCE)  # type: ignore[list-item]
    return {**of_answers["$defs"], **of_bodies["$defs"]}


def _path(endpoint: Endpoint, *, guarded: bool) -> dict[str, Any]:
    operations = {method.lower(): _operation(endpoint, method, guarded=guarded) for method in endpoint.methods}
    names = re.findall(r"\{(\w+)\}", endpoint.path)
    if not names:
        return operations
    text = {"type": "string"}
    parameters = [{"name": name, "in": "path", "required": True, "schema": text} for name in names]
    return {"parameters": parameters, **operations}


def _operation(endpoint: Endpoint, method: str, *, guarded: bool) -> dict[str, Any]:
    parts = re.sub(r"[^a-z]+", "_", endpoint.path.removeprefix("/api/").replace("{id}", "one")).strip("_")
    operation: dict[str, Any] = {
        "operationId": f"{parts}_by_post" if method == "POST" else parts,
        "summary": endpoint.summary,
        "responses": _responses(endpoint, guarded=guarded),
    }
    if method == "POST":
        body = {"$ref": _REFERENCE.format(model=endpoint.parameters.__name__)}
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": body}}}
    else:
        operation["parameters"] = list(_parameters(endpoint.parameters))
    return operation


def _parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field.get("description", ""),
            "schema": {key: value for key, value in field.items() if key not in {"description", "title"}},
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _responses(endpoint: Endpoint, *, guarded: bool) -> dict[str, Any]:
    error = {"content": {_JSON: {"schema": {"$ref": _REFERENCE.format(model=ErrorRecord.__name__)}}}}
    responses = {
        "200": _answer(endpoint),
        "400": {"description": "A parameter cannot be read.", **error},
        "500": {"description": "Something went wrong.", **error},
        "503": {"description": "Too many questions, or the archive cannot be reached.", **error},
    }
    if "{id}" in endpoint.path:
        responses["404"] = {"description": "No such release.", **error}
    if guarded:
        responses["401"] = {"description": "The token is missing or wrong.", **error}
    return dict(sorted(responses.items()))


def _answer(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.streams:
        return {"description": endpoint.summary, "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    schema = TypeAdapter(endpoint.answer).json_schema(mode="serialization", ref_template=_REFERENCE)
    schema = {key: value for key, value in schema.items() if key != "$defs"}
    if "properties" in schema:
        schema = {"$ref": _REFERENCE.format(model=endpoint.answer.__name__)}
    answer: dict[str, Any] = {"description": "As `--json` prints it.", "content": {_JSON: {"schema": schema}}}
    if endpoint.posts:
        text = {"description": "The id under which the conversation goes on.", "schema": {"type": "string"}}
        answer["headers"] = {CONVERSATION: text}
    return answer
