"""What goes wrong is told in one sentence, and everything is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bot.discord.conftest import crowded, said_by_bot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from bot.discord.client import Relay
    from tests.discord_server.server import Discord

QUESTION = "When did Sweden join NATO?"


async def test_questions_and_feedback_are_counted(
    discord: Discord, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    """By how they ended; the log says it too, without the question."""
    caplog.set_level("INFO")
    marie, general = discord.member("Marie"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION)
    await marie.asks(general, "/ask", question="Who invented the telephone?")
    (answer, _) = await said_by_bot(discord, general, 2)
    await marie.presses(answer, "👍")
    async with crowded(relay):
        await marie.asks(general, "/ask", question=QUESTION)

    def count(name: str, **labels: str) -> float | None:
        return relay.services.built.metrics.registry.get_sample_value(name, labels)

    assert count("communique_questions_total", outcome="answered") == 1
    assert count("communique_questions_total", outcome="refused") == 1
    assert count("communique_questions_total", outcome="busy") == 1
    assert count("communique_feedback_total", verdict="good") == 1
    assert count("communique_answer_seconds_count", stage="total") == 2
    assert count("communique_questions_waiting") == 0
    assert "question answered" in caplog.text
    assert "Sweden" not in caplog.text


async def test_an_unforeseen_failure_is_one_sentence_with_a_reference(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The person sees no traceback; the log has it under the reference."""

    async def broken(*_: object) -> AsyncIterator[None]:
        raise RuntimeError("the disk is gone")
        yield

    monkeypatch.setattr(relay.services.built.answerer, "astream", broken)
    general = discord.channel("general")

    await discord.member("Marie").asks(general, "/ask", question=QUESTION)

    shown = discord.messages(general)[-1]["content"]
    reference = shown.split("**")[1]
    assert "not your fault" in shown
    assert reference in caplog.text
    assert "the disk is gone" in caplog.text
    assert "disk" not in shown
