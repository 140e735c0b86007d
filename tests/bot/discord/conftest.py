"""The bot on a Discord of the loopback, over a store of three releases."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from bot.discord.client import Relay
from bot.wiring import Built
from tests.discord_server.pointing import pointed_at
from tests.discord_server.server import Discord
from tests.fakes import a_release, keep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.answering.types import Answer

EVERYWHERE = pytest.mark.parametrize("built", ["in folders", "on servers"], indirect=True)
"""Tests that run over a home, and over PostgreSQL and a Chroma server, each with a schema of its own."""

RELEASES = {
    "sweden": ("Sweden joins NATO", "en", "Sweden joined NATO on 7 March 2024. Its flag was raised in Brussels."),
    "finland": ("Finland joins NATO", "en", "Finland joined NATO on 4 April 2023. Its flag was raised in Brussels."),
    "hostile": (
        "@everyone [click](javascript:alert)",
        "en",
        "The harbour *museum* opens at nine, @everyone and <@&1> may [come](javascript:alert(1)) with **friends**.",
    ),
}


@pytest.fixture
def built(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Built]:
    from bot.settings import load_settings

    if getattr(request, "param", "in folders") == "on servers":
        monkeypatch.setenv("COMMUNIQUE_STORE__CATALOGUE", request.getfixturevalue("postgres").new_store().url)
        monkeypatch.setenv("COMMUNIQUE_STORE__CHROMA", request.getfixturevalue("server").url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMMUNIQUE_DISCORD__USER_PAUSE", "0")
    monkeypatch.setenv("COMMUNIQUE_DISCORD__DIRECT_PER_MINUTE", "60000")
    with contextlib.closing(Built(load_settings(tmp_path / "home"))) as made:
        with made.store.writing():  # one index for all three
            for identity, (title, language, text) in RELEASES.items():
                release = a_release(identity, text, title=title, language=language, publisher="NATO")
                keep(made.store, release, made.embedder)
        yield made


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as made:
        made.guild("Watchers", "general")
        yield made


@contextlib.asynccontextmanager
async def running(discord: Discord, built: Built) -> AsyncIterator[Relay]:
    """The bot, logged in and ready, with its commands registered; stopped at the end as by SIGTERM."""
    with pointed_at(discord.api_url, discord.gateway_url):
        async with Relay(built, sync=True) as made:
            made._connection.guild_ready_timeout = 0.1  # seconds that discord.py waits for further guilds
            working = asyncio.create_task(made.start(discord.token))
            await discord.until(lambda: made.is_ready() or working.done())
            if working.done():
                working.result()  # raises what it failed with
            try:
                yield made
            finally:
                await made.stop(patience=0)
                with contextlib.suppress(Exception):
                    await working


@pytest.fixture
async def relay(discord: Discord, built: Built) -> AsyncIterator[Relay]:
    async with running(discord, built) as made:
        yield made


def answers_with(relay: Relay, monkeypatch: pytest.MonkeyPatch, *answers: Answer, pause: float = 0.0) -> None:
    """Every question is answered with these, one after the other; only the last is finished."""

    async def stream(_: object) -> AsyncIterator[Answer]:
        for answer in answers:
            await asyncio.sleep(pause)
            yield replace(answer, finished=answer is answers[-1])

    monkeypatch.setattr(relay.services.built.answerer, "astream", stream)


def growing(whole: Answer) -> list[Answer]:
    """An answer word by word, then whole."""
    words = whole.text.split()
    return [replace(whole, text=" ".join(words[:count])) for count in range(1, len(words))] + [whole]


@contextlib.asynccontextmanager
async def crowded(relay: Relay) -> AsyncIterator[None]:
    """As many questions as are taken are being answered, or wait for it, as long as this lasts."""
    limits, over = relay.services.built.settings.discord, asyncio.Event()

    async def ask() -> None:
        async with relay.services.admission.slot():
            await over.wait()

    asking = [asyncio.create_task(ask()) for _ in range(limits.at_once + limits.waiting)]
    await asyncio.sleep(0)  # each has been taken
    try:
        yield
    finally:
        over.set()
        await asyncio.gather(*asking)


def are_a_second_apart(discord: Discord) -> bool:
    """Whether no edit came sooner than a second after the one before, as near as clocks tell."""
    moments = [moment for _, moment in discord.edits]
    return all(later - earlier >= 0.95 for earlier, later in pairwise(moments))


async def said_by_bot(discord: Discord, channel: dict[str, Any], count: int = 1) -> list[dict[str, Any]]:
    """The bot's messages in a channel, once there are so many."""

    def found() -> list[dict[str, Any]]:
        return [one for one in discord.messages(channel) if one["author"]["id"] == discord.world.bot["id"]]

    await discord.until(lambda: len(found()) >= count)
    return found()
