"""What was said on the pages and over the API, as long as this process runs: nothing is written down."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.answering.types import Conversation, Turn
from bot.web.parameters import FilterParameters

if TYPE_CHECKING:
    from bot.answering.types import Answer
    from vectorstore.store import PassageStore

_KEPT = 1024  # exchanges; each holds the releases that it quotes
_SHOWN = 20  # turns of one exchange
_UNBOUNDED = FilterParameters.model_validate({})


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one person asked and was answered: `shown` are its turns, `conversation` those that a question leans on.

    `begun` is how many turns came before those that are shown; `filters` bounded the last question.
    """

    shown: tuple[Turn, ...] = ()
    conversation: Conversation = field(default_factory=Conversation)
    begun: int = 0
    filters: FilterParameters = _UNBOUNDED

    def after(self, question: str, answer: Answer, filters: FilterParameters) -> Exchange:
        """The exchange with one more turn, which the filters bounded."""
        turns = (*self.shown, Turn(question, answer))
        begun = self.begun + max(0, len(turns) - _SHOWN)
        return Exchange(turns[-_SHOWN:], self.conversation.after(question, answer), begun, filters)


class WebConversations:
    """The last exchanges, each under an id that nobody can guess; every turn makes a new one, as browsers go back.

    May be used by several threads.
    """

    def __init__(self, store: PassageStore) -> None:
        self._store = store
        self._exchanges: OrderedDict[str, Exchange] = OrderedDict()
        self._changing = threading.Lock()

    def keep(self, exchange: Exchange, before: str | None = None) -> str:
        """The id under which the exchange goes on; the one that was not asked for the longest is forgotten.

        Those go first that have gone on, as the one under the id `before` has now.
        """
        identity = secrets.token_urlsafe(12)
        with self._changing:
            self._exchanges[identity] = exchange
            if before is not None and before in self._exchanges:
                self._exchanges.move_to_end(before, last=False)
            if len(self._exchanges) > _KEPT:
                self._exchanges.popitem(last=False)
        return identity

    def get(self, identity: str) -> Exchange | None:
        """An exchange, or None where it is forgotten; without turns that name a release which was removed since."""
        with self._changing:
            found = self._exchanges.get(identity)
            if found is None:
                return None
            self._exchanges.move_to_end(identity)
        kept = Exchange(begun=found.begun, filters=found.filters)
        for turn in found.shown:
            if self._is_stored(turn.answer):
                kept = kept.after(turn.question, turn.answer, found.filters)
        return kept

    def _is_stored(self, answer: Answer) -> bool:
        listed = (*(answer.refusal.nearest if answer.refusal else ()), *(answer.reply.releases if answer.reply else ()))
        named = {(one.id, one.version) for one in (*(cited.release for cited in answer.citations), *listed)}
        return all(self._store.get(*release) for release in named)
