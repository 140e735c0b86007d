"""The fake itself, with a small discord.py client: it takes what Discord takes and refuses what Discord refuses."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import discord
import pytest
from discord import app_commands

from tests.discord_server.people import is_private, moment
from tests.discord_server.pointing import pointed_at
from tests.discord_server.server import Discord
from tests.shared_data import shared

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Client(discord.AutoShardedClient):
    """Answers /say with what it is given, after a while; keeps the messages that it saw."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default())
        self.tree = app_commands.CommandTree(self)
        self.seen: list[discord.Message] = []
        self.errors: list[BaseException] = []
        self.pause = 0.0
        self.private = False

        @self.tree.command(name="say", description="Say it")
        async def say(interaction: discord.Interaction, what: str) -> None:
            await asyncio.sleep(self.pause)
            await interaction.response.defer(thinking=True, ephemeral=self.private)
            await interaction.edit_original_response(content=what)

        @self.tree.error
        async def failed(interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
            del interaction
            self.errors.append(error.__cause__ or error)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        self.seen.append(message)


@contextlib.asynccontextmanager
async def running(server: Discord) -> AsyncIterator[Client]:
    client = Client()
    client._connection.guild_ready_timeout = 0.1  # seconds that discord.py waits for further guilds
    with pointed_at(server.api_url, server.gateway_url):
        async with client:
            task = asyncio.create_task(client.start(server.token))
            await server.until(lambda: client.is_ready() or task.done())
            if task.done():
                task.result()  # raises what it failed with
            yield client
            await client.close()
            with contextlib.suppress(Exception):
                await task


@pytest.fixture
async def server() -> AsyncIterator[Discord]:
    async with Discord(heartbeat=5) as made:
        made.guild("Watchers", "general")
        yield made


async def test_a_command_is_registered_asked_deferred_and_answered(server: Discord) -> None:
    """As a member sees it: the answer, for everybody."""
    async with running(server):
        asked = await server.member("Marie").asks(server.channel("general"), "/say", what="Bonjour")

        assert asked.acknowledged_after is not None
        assert [one["content"] for one in server.messages(server.channel("general"))] == ["Bonjour"]
        assert server.refused == []


async def test_a_private_answer_is_seen_by_one(server: Discord) -> None:
    """What was deferred as private stays so."""
    marie, paul, general = server.member("Marie"), server.member("Paul"), server.channel("general")
    async with running(server) as client:
        client.private = True
        await marie.asks(general, "/say", what="Bonjour")

    assert [(one["content"], is_private(one)) for one in marie.sees(general)] == [("Bonjour", True)]
    assert paul.sees(general) == []


async def test_a_late_first_response_is_refused(server: Discord) -> None:
    """After three seconds the interaction is unknown."""
    async with running(server) as client:
        client.pause = 3.2
        await server.member("Marie").asks(server.channel("general"), "/say", what="Bonjour", wait=False)
        await server.until(lambda: bool(client.errors))

        assert getattr(client.errors[0], "code", None) == 10062


@pytest.mark.parametrize(("length", "refused"), [(2_000, 0), (2_001, 1)])
async def test_too_long_a_message_is_refused(server: Discord, length: int, refused: int) -> None:
    """As Discord does, with 50035."""
    async with running(server) as client:
        await server.member("Marie").asks(server.channel("general"), "/say", what="x" * length, wait=False)
        general = server.channel("general")
        await server.until(lambda: bool(client.errors) or any(one["content"] for one in server.messages(general)))

        assert len(server.refused) == refused
        assert [getattr(error, "code", None) for error in client.errors] == [50035] * refused


@pytest.mark.data
async def test_an_unknown_field_is_refused(server: Discord) -> None:
    """Discord's description would let it through."""
    shared("discord-openapi.json")
    async with running(server) as client:
        route = discord.http.Route(
            "POST", "/channels/{channel_id}/messages", channel_id=server.channel("general")["id"]
        )

        with pytest.raises(discord.HTTPException, match="Invalid Form Body"):
            await client.http.request(route, json={"content": "x", "colour": "red"})


async def test_a_rate_limit_is_waited_for(server: Discord) -> None:
    """discord.py asks again when it is told to."""
    server.rate_limits("/messages/@original", seconds=0.3)
    async with running(server):
        asked = await server.member("Marie").asks(server.channel("general"), "/say", what="Bonjour")

        assert asked.original is not None
        assert asked.original["content"] == "Bonjour"


async def test_content_is_hidden_from_a_bot_that_is_not_meant(server: Discord) -> None:
    """Without the privileged intent: only mentions, replies to it, and direct messages."""
    marie, general = server.member("Marie"), server.channel("general")
    async with running(server) as client:
        await marie.writes(general, "secret")
        await marie.writes(general, "hello", mentions=True)
        await marie.writes(marie.direct, "psst")
        await server.until(lambda: len(client.seen) == 3)

        texts = [message.content for message in client.seen]
        assert texts[0] == ""
        assert texts[1].endswith("hello")
        assert texts[2] == "psst"


@pytest.mark.parametrize("trouble", ["drop", "ask_to_reconnect"])
async def test_a_client_that_comes_back_misses_nothing(server: Discord, trouble: str) -> None:
    """What happened meanwhile is sent again."""
    marie, general = server.member("Marie"), server.channel("general")
    async with running(server) as client:
        await getattr(server.gateway, trouble)()
        await marie.writes(general, "while away", mentions=True)
        await server.until(lambda: server.gateway.resumed == 1 and bool(client.seen), 20)

        assert [message.content.split("> ")[-1] for message in client.seen] == ["while away"]
        assert server.gateway.identified == 1


async def test_a_wrong_token_does_not_log_in(server: Discord) -> None:
    """REST says so before the gateway is asked."""
    with pointed_at(server.api_url, server.gateway_url):
        async with Client() as client:
            with pytest.raises(discord.LoginFailure):
                await client.start("wrong")


async def test_history_threads_and_nonces(server: Discord) -> None:
    """A thread is opened from a message, written to and read back; one nonce is one message."""
    general = server.channel("general")
    async with running(server) as client:
        channel = client.get_channel(int(general["id"]))
        assert isinstance(channel, discord.TextChannel)
        said = await channel.send("A question", nonce="n1")
        thread = await said.create_thread(name="Talk", auto_archive_duration=1440)
        for number in range(3):
            await thread.send(f"{number}")

        assert [message.content async for message in thread.history(limit=2)] == ["2", "1"]
        assert [message.content async for message in thread.history(limit=5, oldest_first=True)][:2] == ["0", "1"]


@pytest.mark.parametrize("name", ["send_messages", "view_channel"])
async def test_what_the_bot_may_not_do_is_forbidden(server: Discord, name: str) -> None:
    """With the code that Discord gives."""
    general = server.channel("general")
    server.forbids(general, name)
    async with running(server) as client:
        channel = client.get_partial_messageable(int(general["id"]))

        with pytest.raises(discord.Forbidden) as error:
            await channel.send("hello")

        assert error.value.code == (50001 if name == "view_channel" else 50013)


async def test_nobody_replies_without_the_history(server: Discord) -> None:
    """Though they may write."""
    general = server.channel("general")
    server.forbids(general, "read_message_history")
    async with running(server) as client:
        said = await client.get_partial_messageable(int(general["id"])).send("hello")

        with pytest.raises(discord.Forbidden) as error:
            await said.reply("hello to you")

        assert error.value.code == 160002


async def test_two_shards_share_the_guilds() -> None:
    """Each gets those whose ids fall to it."""
    async with Discord(shards=2) as server:
        for number in range(4):
            server.guild(f"Guild {number}", f"room-{number}")
            await moment(0.002)
        async with running(server) as client:
            assert len(client.guilds) == 4
            assert server.gateway.identified == 2
