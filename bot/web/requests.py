"""What can be asked for over HTTP, and what handlers share to answer it.

Parameters are read from an address, a form or JSON: the filters of the command line. Out go JSON and events; work ends
when its client leaves, and a failure has an excuse.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_origin
from urllib.parse import parse_qsl, unquote

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from bot.answering.analysis import Ask
from bot.answering.retriever import several
from bot.errors import LedgerAwayError, QuestionError, QueueFullError, UnknownReleaseError
from bot.operations.names import filter_of, language_of, moment_of
from vectorstore.errors import CatalogueAwayError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

    from pydantic_core import ErrorDetails
    from starlette.requests import Request

    from bot.answering.types import Conversation
    from vectorstore.types import Filter

log = logging.getLogger(__name__)

_Model = TypeVar("_Model", bound=BaseModel)
_LARGEST = 65_536  # bytes of a body: a question has 10,000 characters at the most

Language = Annotated[str, AfterValidator(language_of)]


def _moment(given: object, info: ValidationInfo) -> datetime:
    """What is given as text, as a moment in the zone of the context; a number would pass for seconds since 1970."""
    if not isinstance(given, str):
        raise ValueError(f'{given!r} is not a date; write it as text, as in "2024-10-17"')
    return moment_of(given, (info.context or {}).get("zone", UTC))


Day = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "examples": ["2024-10-17"]}),
]


@dataclass(frozen=True, slots=True)
class ParameterFault:
    """What is wrong with a parameter, and how to mend it; `kind` as in an `Excuse`, if it is not the parameter's."""

    parameter: str
    text: str
    kind: str | None = None


class ParameterError(Exception):
    """Parameters cannot be read; `faults` has each of them, `question` what was asked, for the form."""

    def __init__(self, *faults: ParameterFault, question: object = "") -> None:
        super().__init__("; ".join(f"{fault.parameter}: {fault.text}" for fault in faults))
        self.faults = faults
        self.question = str(question)


class Parameters(BaseModel):
    """What a request may say, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FilterParameters(Parameters):
    """Which releases are looked at."""

    language: Annotated[tuple[Language, ...], BeforeValidator(several)] = Field(
        (), description="only releases in this language, as in fr; repeatable"
    )
    publisher: Annotated[tuple[str, ...], BeforeValidator(several)] = Field(
        (), description="only releases of this publisher; repeatable"
    )
    since: Day | None = Field(None, description="only releases published on this day or later, as in 2024-10-17")
    until: Day | None = Field(None, description="only releases published on this day or earlier")

    @field_validator("until")
    @classmethod
    def _ends_after_it_begins(cls, until: datetime | None, info: ValidationInfo) -> datetime | None:
        where = filter_of((), (), since=info.data.get("since"), until=until)
        if where.since and where.until and where.until <= where.since:
            raise PydanticCustomError("period", "is before since; swap the two")
        return until

    @property
    def where(self) -> Filter:
        """As a filter."""
        return filter_of(self.language, self.publisher, since=self.since, until=self.until)


class AskParameters(FilterParameters):
    """A question with what bounds its answer."""

    question: str = Field(max_length=10_000, description="a question, in French or English")
    passages: int | None = Field(None, ge=1, le=200, description="number of passages to look for the answer in")
    as_of: Day | None = Field(None, description="answer as if it were this day: nothing published later")
    conversation: str | None = Field(
        None, description="what was said before: the id that came with the answer before, in Communique-Conversation"
    )

    def ask(self, conversation: Conversation) -> Ask:
        """As the chain takes it."""
        return Ask(self.question, where=self.where, as_of=self.as_of, passages=self.passages, conversation=conversation)


class SearchParameters(FilterParameters):
    """Words to search for."""

    query: str = Field(max_length=10_000, description="words or a question")
    limit: int = Field(10, ge=1, le=1000, description="passages to give")


class TimelineParameters(FilterParameters):
    """A topic, and how much of its timeline is given."""

    topic: str = Field(max_length=10_000, description="what releases are about, in a few words")
    limit: int = Field(20, ge=1, le=100, description="releases to give, the newest")


class ListParameters(FilterParameters):
    """Which releases are listed."""

    limit: int = Field(50, ge=1, le=1000, description="releases to give")


class ReleaseParameters(Parameters):
    """Which version of a release."""

    version: int | None = Field(None, ge=1, le=2**31, description="a version; by default the current one")


async def read_parameters(model: type[_Model], request: Request) -> _Model:
    """The parameters of a request: of its address, and of its body where it has one. Raises ParameterError."""
    return _checked(model, await _given(model, request), request)


async def read_known(model: type[_Model], request: Request) -> _Model:
    """The same without names that the model lacks: to a page's address others add theirs, such as `utm_source`."""
    given = await _given(model, request)
    return _checked(model, {name: value for name, value in given.items() if name in model.model_fields}, request)


async def _given(model: type[BaseModel], request: Request) -> dict[str, Any]:
    given = _gathered(request.query_params.multi_items(), model)
    if request.method == "POST":
        given |= await _of_body(request, model)
    return given


def _checked(model: type[_Model], given: dict[str, Any], request: Request) -> _Model:
    try:
        return model.model_validate(given, context={"zone": request.app.state.services.zone})
    except ValidationError as exc:
        faults = [_fault(error, model) for error in exc.errors(include_url=False)]
        raise ParameterError(*faults, question=given.get("question", "")) from exc


async def _of_body(request: Request, model: type[BaseModel]) -> dict[str, Any]:
    """A JSON object, or a form as browsers send it."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise ParameterError(ParameterFault("body", f"has more than {_LARGEST:,} bytes; shorten the question"))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            return _gathered(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100), model)
        given = json.loads(body or b"{}")
        json.dumps(given, ensure_ascii=False).encode()  # half a character, as in "\ud800", is no text
    except (ValueError, RecursionError) as exc:
        raise ParameterError(ParameterFault("body", f"is neither JSON nor a form ({exc})")) from exc
    if kind != "application/json" or not isinstance(given, dict):
        wanted = 'send an object such as {"question": "…"} as application/json'
        raise ParameterError(ParameterFault("body", f"is neither a JSON object nor a form; {wanted}"))
    return given


def _gathered(pairs: Iterable[tuple[str, str]], model: type[BaseModel]) -> dict[str, Any]:
    """Pairs as a dict; what a form leaves blank is left out, and what may be repeated becomes a list."""
    gathered: dict[str, Any] = {}
    for name, value in pairs:
        field = model.model_fields.get(name)
        if not value.strip():
            continue
        if field is not None and get_origin(field.annotation) is tuple:
            gathered.setdefault(name, []).append(value)
        elif field is not None and name in gathered:
            raise ParameterError(ParameterFault(name, "is given twice; give it once"))
        else:
            gathered[name] = value
    return gathered


def _fault(error: ErrorDetails, model: type[BaseModel]) -> ParameterFault:
    name = str(error["loc"][0]) if error["loc"] else "body"
    if error["type"] == "extra_forbidden":
        known = f"only {', '.join(model.model_fields)}" if model.model_fields else "nor any other here"
        return ParameterFault(name, f"there is no such parameter, {known}")
    if error["type"] == "value_error":  # one of ours, which says how to mend it
        return ParameterFault(name, str(error["ctx"]["error"]))
    if error["type"] == "period":
        return ParameterFault(name, error["msg"], "period")
    cause = "missing" if error["type"] == "missing" else error["msg"][0].lower() + error["msg"][1:]
    field = model.model_fields.get(name)
    return ParameterFault(name, f"{cause}; it is {field.description}" if field else cause)


_T = TypeVar("_T")
_CLIENT_GONE = 499  # nginx's number for it; nobody is there to read it


class JSON(JSONResponse):
    """JSON as the command line writes it."""

    def render(self, content: object) -> bytes:
        """In UTF-8, every character as it is."""
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")


def event(name: str, data: str, identity: str = "") -> str:
    """A server-sent event; `data` is one line."""
    return f"event: {name}\n{f'id: {identity}{chr(10)}' if identity else ''}data: {data}\n\n"


def is_program(path: str) -> bool:
    """Whether an address is asked by programs, which get JSON, rather than by people."""
    return path.startswith("/api/") or path == "/openapi.json"


def named(request: Request) -> str:
    """The release that an address names."""
    return unquote(request.path_params["id"])


async def unless_gone(request: Request, work: Coroutine[object, object, _T]) -> _T:
    """What the work gives; it is cancelled where the client goes away meanwhile."""
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_departure(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise HTTPException(_CLIENT_GONE)
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


# Errors that say all there is to say, with the status that they are, their kind, and the parameter at fault.
_PLAIN: dict[type[Exception], tuple[int, str, str | None]] = {
    QuestionError: (400, "question", "question"),
    UnknownReleaseError: (404, "release", "id"),
    QueueFullError: (503, "busy", None),
}
_KINDS = {"question": "question", "language": "language", "since": "day", "until": "day", "as_of": "day"}


@dataclass(frozen=True, slots=True)
class Excuse:
    """What is answered where something failed: a status, a sentence, and the parameter at fault, if one is.

    The sentence is English, for programs; pages have one of their own in both languages for each `kind`. `reference`
    is what the log has the traceback under, if only the operator can mend it.
    """

    status: int
    sentence: str
    kind: str
    parameter: str | None = None
    reference: str | None = None


def excused(error: Exception, request: Request) -> Excuse:
    """The excuse for an error; where only the operator can mend it, with a reference to the traceback in the log."""
    for plain, (status, kind, parameter) in _PLAIN.items():
        if isinstance(error, plain):
            return Excuse(status, str(error), kind, parameter)
    if isinstance(error, ParameterError):
        fault = error.faults[0]
        kind = fault.kind or _KINDS.get(fault.parameter, "parameter")
        return Excuse(400, str(error), kind, fault.parameter)
    if isinstance(error, HTTPException):
        return Excuse(error.status_code, error.detail, "address")
    if isinstance(error, (CatalogueAwayError, LedgerAwayError)):
        log.error("%s: %s", request.url.path, error)
        return Excuse(503, "the archive cannot be reached at the moment; try again in a few minutes", "away")
    reference = secrets.token_hex(3)
    log.error("%s: failed; reference %s", request.url.path, reference, exc_info=error)
    # What the operator reads may name files and servers, so whoever asks learns no more than where it is written.
    sentence = "something went wrong, and it is not your fault; the operator finds it in the log under"
    return Excuse(500, f"{sentence} {reference}", "failed", reference=reference)
