"""What is asked of a language model, and what comes back: the seam between writing an answer and any provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.answer import Usage

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of what a model reads."""

    role: Role
    text: str


class Reply(Protocol):
    """One reply. It is asked for when the iterating begins, and can be iterated once."""

    def __iter__(self) -> Iterator[str]:
        """Pieces of the text as they come. Raises ModelError; what came before has been used and counts."""
        ...

    @property
    def usage(self) -> Usage:
        """What was asked and said so far; whole once the reply has ended."""
        ...


class Model(Protocol):
    """A language model that writes plain text."""

    @property
    def name(self) -> str:
        """Provider and model, as in `openai:gpt-5-mini`."""
        ...

    @property
    def structured(self) -> bool:
        """Whether it can be held to a JSON schema, as far as is known."""
        ...

    def ask(
        self, messages: Sequence[Message], *, seconds: float | None = None, schema: Mapping[str, Any] | None = None
    ) -> Reply:
        """The reply to `messages`; `seconds` is what is left for this answer, None what the settings say.

        It is held to a JSON `schema` where the model is `structured`.
        """
        ...
