"""What was said, as long as the server runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.answering.types import Answer
from bot.web.requests import FilterParameters
from bot.web.services import Exchange, WebConversations

if TYPE_CHECKING:
    from bot.wiring import Built

pytestmark = pytest.mark.embedded


@pytest.fixture
def conversations(built: Built, monkeypatch: pytest.MonkeyPatch) -> WebConversations:
    """Three exchanges are remembered at most."""
    monkeypatch.setattr("bot.web.services._KEPT", 3)
    return WebConversations(built.store)


def test_the_one_that_was_not_asked_for_the_longest_is_forgotten(conversations: WebConversations) -> None:
    """Whoever comes back keeps it."""
    first, second, _ = (conversations.keep(Exchange()) for _ in range(3))
    conversations.get(first)
    conversations.keep(Exchange())

    assert conversations.get(first) is not None
    assert conversations.get(second) is None


def test_what_went_on_is_forgotten_first(conversations: WebConversations) -> None:
    """A long conversation takes the place of no other."""
    other = conversations.keep(Exchange())
    turn = conversations.keep(Exchange())
    for _ in range(5):
        turn = conversations.keep(Exchange(), before=turn)

    assert conversations.get(other) is not None
    assert conversations.get(turn) is not None


def test_an_exchange_remembers_what_bounded_its_last_question(conversations: WebConversations) -> None:
    """The next one is bounded by the same."""
    french = FilterParameters(language=("fr",))
    answer = Answer("Who?", "Who?", "Nobody.", "en", (), None, 1.0, "message", datetime.now(UTC), {})

    identity = conversations.keep(Exchange().after("Who?", answer, french))

    kept = conversations.get(identity)
    assert kept is not None
    assert (kept.filters, kept.shown[0].question) == (french, "Who?")
