"""What a chat server does with one request, and what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came; header names in lower case, `body` all that was sent."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model"))

    @property
    def messages(self) -> tuple[tuple[str, str], ...]:
        """Roles and texts."""
        return tuple((one["role"], _text(one["content"])) for one in self.body.get("messages", ()))

    @property
    def streamed(self) -> bool:
        """Whether the reply is wanted in pieces."""
        return bool(self.body.get("stream"))

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON schema that the reply is to keep to."""
        told = (self.body.get("response_format") or {}).get("json_schema") or {}
        return told.get("schema")  # type: ignore[no-any-return]

    @property
    def wants_usage(self) -> bool:
        """Whether a stream is to tell its tokens."""
        return bool((self.body.get("stream_options") or {}).get("include_usage"))


Written = Callable[[Request], str]


@dataclass(frozen=True, slots=True)
class Script:
    """One answer. `status` not 200 is a failure; `breaks_after` pieces the connection ends; `hangs` says nothing.

    `written_in_pieces` gives pieces as they are written, each with the reason for the end where it is the last.
    `delay` are seconds before each piece. `tokens` is whether the reply tells its tokens; `whole` answers even to who
    wants pieces in one. `ending` is the reason that it gives for its end, `thought` how many tokens it thought before.
    `forever` is used for all requests from here on.
    """

    pieces: tuple[str, ...] = ()
    written: Written | None = None
    written_in_pieces: Callable[[Request], Iterator[tuple[str, str]]] | None = None
    delay: float = 0
    tokens: bool = True
    whole: bool = False
    status: int = 200
    error: str = "this failure was asked for"
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks_after: int | None = None
    hangs_after: int | None = None
    ending: str = "stop"
    thought: int = 0
    forever: bool = False

    def text(self, request: Request) -> tuple[str, ...]:
        """The pieces of the reply to a request."""
        return cut(self.written(request)) if self.written else self.pieces


def cut(text: str) -> tuple[str, ...]:
    """A text in pieces of a word each, as models send them."""
    words = text.split(" ")
    return tuple(f" {word}" if place else word for place, word in enumerate(words)) if text else ()


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(block.get("text", "") for block in content or ())
