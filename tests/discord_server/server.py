"""A Discord on the loopback, REST and gateway in one, for a real discord.py client.

    async with Discord() as discord:
        watchers = discord.guild("NATO watchers", "general")
        marie = discord.member("Marie", locale="fr")
        asked = await marie.asks(discord.channel("general"), "/ask", question="…")

Every request body is checked as Discord checks it; what it refused with 400 stands in `refused`. Its bad days are
verbs: `rate_limits`, `fails`, `gateway.drop()`, `forbids`, `tokens_expire`, `slow`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.discord_server import objects
from tests.discord_server.gateway import Gateway
from tests.discord_server.people import Member
from tests.discord_server.rest import Rest, as_json
from tests.discord_server.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Self

    from tests.discord_server.objects import Object

TOKEN = "MTA.fake.token-of-no-bot"


class Discord:
    """The server, on a free port of an address of this machine, in the loop of the test."""

    def __init__(self, *, shards: int = 1, heartbeat: float = 41.25, host: str = "127.0.0.1") -> None:
        self._host = host
        self.token = TOKEN
        self.shards = shards
        self.slow = 0.0
        self.tokens_expire = False
        self.synced = 0
        self.refused: list[tuple[str, Object]] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.edits: list[tuple[str, float]] = []
        self.gateway = Gateway(self, interval=heartbeat)
        self.world = World(self.gateway.announce)
        self._rest = Rest(self)
        self._faults: list[tuple[str, Callable[[], web.Response | None]]] = []
        self._direct: dict[str, Object] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/gateway/", self.gateway.receive)
        app.router.add_route("*", "/api/v10/{tail:.*}", self._rest.receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api_url, self.gateway_url = f"http://{self._host}:{port}/api/v10", f"ws://{self._host}:{port}/gateway/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.drop()
        for task in self._tasks:
            task.cancel()
        await self._runner.cleanup()

    def guild(self, name: str, *channels: str, locale: str = "en-US", announcements: tuple[str, ...] = ()) -> Object:
        """A guild with text channels, and with announcement channels."""
        made = objects.guild(name, objects.new_id(), locale)
        self.world.guilds[made["id"]] = made
        for one, kind in [(one, objects.TEXT) for one in channels] + [
            (one, objects.ANNOUNCEMENT) for one in announcements
        ]:
            channel = objects.channel(one, kind, guild=made["id"])
            self.world.channels[channel["id"]] = channel
        return made

    def role(self, guild: Object, name: str, *, mentionable: bool = True) -> Object:
        """A role of a guild, for whoever logs in from then on."""
        made = objects.role(name, mentionable=mentionable)
        guild["roles"].append(made)
        return made

    def channel(self, name: str) -> Object:
        """The channel or thread of a name; the newest where there are more."""
        return [one for one in self.world.channels.values() if one.get("name") == name][-1]

    def member(self, name: str, *, locale: str = "en-US", permissions: tuple[str, ...] = ()) -> Member:
        """Somebody who is in every guild."""
        granted = objects.permissions("view_channel", "send_messages", "use_application_commands", *permissions)
        return Member(self, name, locale, granted)

    def direct_channel(self, user: str) -> Object:
        """The direct channel of the bot with a user."""
        if user not in self._direct:
            made = objects.channel("", objects.DM) | {"recipients": [objects.user("Somebody") | {"id": user}]}
            self._direct[user] = self.world.channels[made["id"]] = made
        return self._direct[user]

    def command(self, name: str) -> Object:
        """A command that was registered."""
        for one in self.world.commands:
            if one["name"] == name:
                return one
        raise AssertionError(f"no command {name!r} is registered; there are {[c['name'] for c in self.world.commands]}")

    def messages(self, channel: Object) -> list[Object]:
        """What stands in a channel for everybody, oldest first."""
        return self.world.messages.get(channel["id"], [])

    def forbids(self, channel: Object, *names: str) -> None:
        """The bot lacks these permissions there from now on."""
        self.world.lacks.setdefault(channel["id"], set()).update(names)

    def rate_limits(self, path: str, *, seconds: float = 0.2, times: int = 1) -> None:
        """The next requests whose path holds this are answered with 429."""
        body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
        headers = {"Retry-After": str(seconds), "Via": "1.1 discord"}
        self._faults += [(path, lambda: as_json(body, status=429, headers=headers))] * times

    def fails(self, path: str, *, status: int = 500, code: int = 0, times: int = 1, after: int = 0) -> None:
        """The next requests whose path holds this fail, once so many have passed."""
        self._faults += [(path, lambda: None)] * after
        self._faults += [(path, lambda: as_json({"message": "oh", "code": code}, status=status))] * times

    def recovers(self) -> None:
        """Whatever was to fail does not any more."""
        self._faults.clear()

    def next_fault(self, method: str, path: str) -> web.Response | None:
        """The fault that is due for a request."""
        for index, (part, fault) in enumerate(self._faults):
            if part in f"{method} {path}":
                del self._faults[index]
                return fault()
        return None

    def moves_on(self, minutes: float) -> None:
        """Interactions grow older by this."""
        self.world.moved += minutes * 60

    def guild_as_sent(self, guild: Object) -> Object:
        """A guild with its channels and the bot as a member."""
        inside = [one for one in self.world.channels.values() if one.get("guild_id") == guild["id"]]
        me = objects.member(self.world.bot)
        return guild | {
            "channels": [one for one in inside if one["type"] != objects.PUBLIC_THREAD],
            "threads": [one for one in inside if one["type"] == objects.PUBLIC_THREAD],
            "members": [me],
            "member_count": 2,
        }

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Something to be done beside."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def woken(self) -> None:
        """Something came in that somebody may wait for."""
        self._changed.set()

    async def until(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        """Waits until something is so; fails the test where it does not come."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} seconds for nothing; refused: {self.refused}")
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), 0.05)
