"""The gateway half: one websocket for each shard, with sessions that can be resumed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMsgType, web

from tests.discord_server import objects
from tests.discord_server.world import seen_by_bot

if TYPE_CHECKING:
    from tests.discord_server.objects import Object
    from tests.discord_server.server import Discord

_PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
_BAD_TOKEN, _BAD_INTENTS = 4004, 4014


@dataclass(slots=True)
class Session:
    """What one shard was sent, so that it can be sent again."""

    identity: str
    shard: int
    of: int
    sent: list[Object] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None


class Gateway:
    """Sends events to whoever is connected; keeps them for who comes back."""

    def __init__(self, discord: Discord, *, interval: float) -> None:
        self._discord = discord
        self._interval = interval
        self.sessions: dict[str, Session] = {}
        self.beats: dict[int, list[float]] = {}
        self.resumed = 0
        self.identified = 0

    async def receive(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, until it ends."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(
            {"op": 10, "d": {"heartbeat_interval": int(self._interval * 1000)}, "s": None, "t": None}
        )
        with contextlib.suppress(ConnectionResetError):
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(socket, json.loads(message.data))
        return socket

    async def _take(self, socket: web.WebSocketResponse, payload: Object) -> None:
        if payload["op"] == 1:
            self.beats.setdefault(id(socket), []).append(time.monotonic())
            await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
        elif payload["op"] == 2:
            await self._identify(socket, payload["d"])
        elif payload["op"] == 6:
            await self._resume(socket, payload["d"])

    async def _identify(self, socket: web.WebSocketResponse, payload: Object) -> None:
        if payload["token"] != self._discord.token:
            await socket.close(code=_BAD_TOKEN, message=b"Authentication failed.")
            return
        if payload["intents"] & _PRIVILEGED:
            await socket.close(code=_BAD_INTENTS, message=b"Disallowed intent(s).")
            return
        self.identified += 1
        shard, of = payload.get("shard") or (0, 1)
        session = Session(objects.new_id(), shard, of, socket=socket)
        self.sessions[session.identity] = session
        world = self._discord.world
        mine = [one for one in world.guilds.values() if self._is_of(session, one["id"])]
        self._send(
            session,
            "READY",
            {
                "v": 10, "user": world.bot, "guilds": [{"id": one["id"], "unavailable": True} for one in mine],
                "session_id": session.identity, "resume_gateway_url": self._discord.gateway_url, "shard": [shard, of],
                "application": {"id": world.bot["id"], "flags": 0},
            },
        )  # fmt: skip
        for guild in mine:
            self._send(session, "GUILD_CREATE", self._discord.guild_as_sent(guild))

    async def _resume(self, socket: web.WebSocketResponse, payload: Object) -> None:
        session = self.sessions.get(payload["session_id"])
        if session is None:
            await socket.send_json({"op": 9, "d": False, "s": None, "t": None})
            return
        self.resumed += 1
        session.socket = socket
        missed = [one for one in session.sent if one["s"] > payload["seq"]]
        for one in missed:
            await socket.send_json(one)
        self._send(session, "RESUMED", {})

    def announce(self, name: str, event: Object) -> None:
        """An event for the shard that its guild belongs to; direct messages go to the first."""
        for session in self.sessions.values():
            guild = event.get("guild_id")
            if self._is_of(session, guild) if guild else session.shard == 0:
                if name in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
                    channel = self._discord.world.channels[event["channel_id"]]
                    event = seen_by_bot(event, self._discord.world.bot, channel)
                self._send(session, name, event)

    async def drop(self, *, code: int = WSCloseCode.GOING_AWAY) -> None:
        """Every connection ends, without a word."""
        for session in self.sessions.values():
            if session.socket is not None:
                socket, session.socket = session.socket, None
                await socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        """Discord restarts a gateway: clients come back and resume."""
        await self._broadcast(7, None)

    async def invalidate(self) -> None:
        """Sessions are forgotten: clients identify again."""
        sessions = list(self.sessions.values())
        self.sessions.clear()
        for session in sessions:
            if session.socket is not None:
                await session.socket.send_json({"op": 9, "d": False, "s": None, "t": None})

    async def _broadcast(self, op: int, what: object) -> None:
        for session in self.sessions.values():
            if session.socket is not None:
                await session.socket.send_json({"op": op, "d": what, "s": None, "t": None})

    def _send(self, session: Session, name: str, event: Object) -> None:
        payload = json.loads(json.dumps({"op": 0, "t": name, "s": len(session.sent) + 1, "d": event}))
        session.sent.append(payload)
        if session.socket is not None and not session.socket.closed:
            self._discord.spawn(self._pass_on(session.socket, payload))

    @staticmethod
    async def _pass_on(socket: web.WebSocketResponse, payload: Object) -> None:
        with contextlib.suppress(ConnectionResetError, asyncio.CancelledError):
            await socket.send_json(payload)

    @staticmethod
    def _is_of(session: Session, guild: str) -> bool:
        return (int(guild) >> 22) % session.of == session.shard
