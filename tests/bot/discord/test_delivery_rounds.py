"""What the bot looks after again and again, and what it forgets."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from bot.discord.delivery import Forgetting, Rounds


class Ready:
    """A client that has logged in."""

    async def wait_until_ready(self) -> None:
        await asyncio.sleep(0)


class Counting:
    def __init__(self, *, fails: bool = False) -> None:
        self.looks, self.fails, self.thrice = 0, fails, asyncio.Event()

    async def look(self) -> None:
        self.looks += 1
        if self.looks == 3:
            self.thrice.set()
        if self.fails:
            raise ValueError


async def test_one_that_fails_keeps_no_other_from_its_rounds_and_none_goes_on_after_the_end() -> None:
    """Each is looked after again and again."""
    broken, sound = Counting(fails=True), Counting()
    client: Any = Ready()
    rounds = Rounds(client, (broken, sound), every=0.001, stopping=asyncio.Event())

    rounds.start()
    await asyncio.gather(broken.thrice.wait(), sound.thrice.wait())
    await rounds.stop()
    ended = broken.looks, sound.looks
    await asyncio.sleep(0.01)

    assert (broken.looks, sound.looks) == ended


async def test_what_is_too_old_is_forgotten_once_an_hour() -> None:
    """Answers, what people were told, deliveries, and the claims of days before."""
    forgotten: list[tuple[str, timedelta]] = []

    def part(name: str, method: str = "forget") -> SimpleNamespace:
        return SimpleNamespace(**{method: lambda age: forgotten.append((name, age))})

    ledger: Any = SimpleNamespace(
        answers=part("answers"),
        following=part("following", "forget_told"),
        deliveries=part("deliveries"),
        claims=part("claims"),
    )
    forgetting = Forgetting(ledger, days=90)

    await forgetting.look()
    await forgetting.look()

    kept = timedelta(days=90)
    assert forgotten == [("answers", kept), ("following", kept), ("deliveries", kept), ("claims", timedelta(days=1))]
