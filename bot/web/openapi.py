"""The description of the API in OpenAPI 3.1, made of the same table and records as the API itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from bot.answering.codec import Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from pydantic import BaseModel
    from starlette.requests import Request
    from starlette.responses import Response

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


def described(endpoints: Sequence[Endpoint], *, guarded: bool) -> dict[str, Any]:
    """The description of these endpoints, without their address; `guarded` is whether a token is asked for."""
    schemas = _schemas(endpoints)
    description: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Communiqué",
            "version": version("communique"),
            "description": "Answers questions about press releases, with passages quoted word for word.",
        },
        "paths": {endpoint.path: _path(endpoint, guarded=guarded) for endpoint in endpoints},
        "components": {"schemas": schemas},
    }
    if guarded:
        description["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        description["security"] = [{"token": []}]
    return description


def _schemas(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    answers = [(f"answer {number}", "serialization", TypeAdapter(one.answer)) for number, one in enumerate(endpoints)]
    _, of_answers = TypeAdapter.json_schemas(answers, ref_template=_REFERENCE)  # type: ignore[arg-type]
    posted = [(one.parameters, "validation") for one in endpoints if one.posts]
    _, of_bodies = models_json_schema([*posted, (ErrorRecord, "serialization")], ref_template=_REFERENCE)  # type: ignore[list-item]
    return {**of_answers["$defs"], **of_bodies["$defs"]}


def _path(endpoint: Endpoint, *, guarded: bool) -> dict[str, Any]:
    operations = {method.lower(): _operation(endpoint, method, guarded=guarded) for method in endpoint.methods}
    names = re.findall(r"\{(\w+)\}", endpoint.path)
    if not names:
        return operations
    text = {"type": "string"}
    named = [{"name": name, "in": "path", "required": True, "schema": text} for name in names]
    return {"parameters": named, **operations}


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
        answer["headers"] = {"Communique-Conversation": text}
    return answer
