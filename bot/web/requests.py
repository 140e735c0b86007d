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

from bot.errors import BotError, LedgerAwayError, QuestionError, QueueFullError, UnknownReleaseError
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


# Errors that say all there is to say, with the status that they are, and the parameter at fault.
_PLAIN: dict[type[Exception], tuple[int, str | None]] = {
    QuestionError: (400, "question"),
    UnknownReleaseError: (404, "id"),
    QueueFullError: (503, None),
}


@dataclass(frozen=True, slots=True)
class Excuse:
    """What is answered where something failed: a status, a sentence, and the parameter at fault, if one is."""

    status: int
    sentence: str
    parameter: str | None = None


def excused(error: Exception, request: Request) -> Excuse:
    """The excuse for an error; where only the operator can mend it, with a reference to the traceback in the log."""
    for kind, (status, parameter) in _PLAIN.items():
        if isinstance(error, kind):
            return Excuse(status, str(error), parameter)
    if isinstance(error, ParameterError):
        return Excuse(400, str(error), error.faults[0].parameter)
    if isinstance(error, HTTPException):
        return Excuse(error.status_code, error.detail)
    if isinstance(error, (CatalogueAwayError, LedgerAwayError)):
        log.error("%s: %s", request.url.path, error)
        return Excuse(503, "the archive cannot be reached at the moment; try again in a few minutes")
    reference = secrets.token_hex(3)
    log.error("%s: failed; reference %s", request.url.path, reference, exc_info=error)
    named = str(error) if isinstance(error, BotError) else "something went wrong, and it is not your fault"
    return Excuse(500, f"{named}; the operator finds it in the log under {reference}")
