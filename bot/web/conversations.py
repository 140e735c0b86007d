"""What was said on the pages and over the API, as long as this process runs: nothing is written down."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.answering.types import Conversation, Turn

if TYPE_CHECKING:
    from bot.answering.types import Answer
    from vectorstore.store import PassageStore

_KEPT = 256  # exchanges; each holds the releases that it quotes
_SHOWN = 20  # turns of one exchange


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one person asked and was answered: `shown` are its turns, `conversation` those that a question leans on.

    `begun` is how many turns came before those that are shown.
    """

    shown: tuple[Turn, ...] = ()
    conversation: Conversation = field(default_factory=Conversation)
    begun: int = 0

    @property
    def count(self) -> int:
        """How many turns there were."""
        return self.begun + len(self.shown)

    def after(self, question: str, answer: Answer) -> Exchange:
        """The exchange with one more turn."""
        turns = (*self.shown, Turn(question, answer))
        begun = self.begun + max(0, len(turns) - _SHOWN)
        return Exchange(turns[-_SHOWN:], self.conversation.after(question, answer), begun)


class WebConversations:
    """The last exchanges, each under an id that nobody can guess; every turn makes a new one, as browsers go back."""

    def __init__(self, store: PassageStore) -> None:
        self._store = store
        self._exchanges: OrderedDict[str, Exchange] = OrderedDict()

    def keep(self, exchange: Exchange) -> str:
        """The id under which the exchange goes on; the one that was not asked for the longest is forgotten."""
        identity = secrets.token_urlsafe(12)
        self._exchanges[identity] = exchange
        if len(self._exchanges) > _KEPT:
            self._exchanges.popitem(last=False)
        return identity

    def get(self, identity: str) -> Exchange | None:
        """An exchange, or None where it is forgotten; without turns that name a release which was removed since."""
        found = self._exchanges.get(identity)
        if found is None:
            return None
        self._exchanges.move_to_end(identity)
        kept = Exchange(begun=found.begun)
        for turn in found.shown:
            if self._is_stored(turn.answer):
                kept = kept.after(turn.question, turn.answer)
        return kept

    def _is_stored(self, answer: Answer) -> bool:
        listed = (*(answer.refusal.nearest if answer.refusal else ()), *(answer.reply.releases if answer.reply else ()))
        named = {(one.id, one.version) for one in (*(cited.release for cited in answer.citations), *listed)}
        return all(self._store.get(*release) for release in named)
