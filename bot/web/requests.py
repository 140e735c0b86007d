"""What handlers share: JSON and events out, work that ends when its client leaves, and the excuse for a failure."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from bot.errors import LedgerAwayError, QuestionError, QueueFullError, UnknownReleaseError
from bot.web.parameters import ParameterError
from vectorstore.errors import CatalogueAwayError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.requests import Request

log = logging.getLogger(__name__)

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
        parameter = error.faults[0].parameter
        return Excuse(400, str(error), _KINDS.get(parameter, "parameter"), parameter)
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
