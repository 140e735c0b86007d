"""Members and what they do: ask, write, reply, press, fill in a form."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.discord_server import objects
from tests.discord_server.world import Interaction, flagged

if TYPE_CHECKING:
    from tests.discord_server.objects import Object
    from tests.discord_server.server import Discord

_OPTION_TYPES = {str: 3, int: 4, bool: 5}
_PATIENCE = 45.0  # seconds that a member waits for something to be seen


class Member:
    """A person in some guilds, and in a direct message with the bot.

    Who `brings_the_bot` has installed it for themselves, and uses it where no guild has taken it in.
    """

    def __init__(self, discord: Discord, name: str, locale: str, granted: str) -> None:
        self.name = name
        self.locale = locale
        self.user = objects.user(name)
        self._discord = discord
        self._granted = granted
        self.brings_the_bot = False
        self.roles: list[str] = []

    async def asks(self, where: Object, command: str, /, *, wait: bool = True, **options: Any) -> Interaction:
        """A slash command: `await marie.asks(channel, "/ask", question="…")`."""
        made = self._discord.command(command.removeprefix("/").split(" ")[0])
        given = [_option(key, value) for key, value in options.items()]
        for part in reversed(command.split(" ")[1:]):
            given = [{"name": part, "type": 1, "options": given}]
        named = [one for one in options.values() if isinstance(one, dict)]
        resolved = {
            "channels": {one["id"]: self._resolved(one) for one in named if "type" in one},
            "roles": {one["id"]: one for one in named if "mentionable" in one},
        }
        data = {"id": made["id"], "name": made["name"], "type": 1, "options": given, "resolved": resolved}
        return await self._send(where, 2, data, wait=wait)

    async def types(self, where: Object, command: str, option: str, so_far: str) -> list[str]:
        """What is proposed while an option is typed."""
        name, *parts = command.removeprefix("/").split(" ")
        made = self._discord.command(name)
        given: list[Object] = [{"name": option, "type": 3, "value": so_far, "focused": True}]
        for part in reversed(parts):
            given = [{"name": part, "type": 1, "options": given}]
        shown = await self._send(where, 4, {"id": made["id"], "name": made["name"], "type": 1, "options": given})
        return [one["name"] for one in shown.choices or []]

    async def right_clicks(self, message: Object, command: str) -> Interaction:
        """A command on a message."""
        made = self._discord.command(command)
        where = self._discord.world.channels[message["channel_id"]]
        data = {
            "id": made["id"], "name": made["name"], "type": 3, "target_id": message["id"],
            "resolved": {"messages": {message["id"]: message}},
        }  # fmt: skip
        return await self._send(where, 2, data)

    async def presses(self, message: Object, label: str, *, wait: bool = True) -> Interaction:
        """A button, by its label, its emoji or its id."""
        for one in _inside(message["components"]):
            emoji = (one.get("emoji") or {}).get("name")
            if one["type"] == 2 and label in {one.get("label"), emoji, one.get("custom_id")}:
                where = self._discord.world.channels[message["channel_id"]]
                data = {"custom_id": one["custom_id"], "component_type": 2, "id": one["id"]}
                return await self._send(where, 3, data, wait=wait, message=message)
        raise AssertionError(f"{self.name} sees no button {label!r} under: {message['content'][:80]}")

    async def submits(
        self, where: Object, form: Object, filled: dict[str, str], *, message: Object | None = None
    ) -> Interaction:
        """A form that was opened, with these values by the ids of its fields; `message` bears the button for it."""
        rows = []
        for row in form["components"]:
            inner = row.get("component") or row["components"][0]
            value = filled.get(inner["custom_id"], inner.get("value") or "")
            payload: Object = {"type": inner["type"], "custom_id": inner["custom_id"], "id": inner.get("id", 1)}
            payload |= {"values": [value] if value else []} if inner["type"] == 3 else {"value": value}
            rows.append(
                {
                    "type": row["type"],
                    "id": 1,
                    **({"component": payload} if "component" in row else {"components": [payload]}),
                }
            )
        return await self._send(where, 5, {"custom_id": form["custom_id"], "components": rows}, message=message)

    async def writes(self, where: Object, text: str, *, mentions: bool = False) -> Object:
        """A message, with a mention of the bot or without."""
        bot = self._discord.world.bot
        said = objects.message(where, self.user, {"content": f"<@{bot['id']}> {text}" if mentions else text})
        if mentions:
            said["mentions"] = [bot]
        return self._say(where, said)

    async def replies(self, message: Object, text: str) -> Object:
        """A reply that pings whom it answers."""
        where = self._discord.world.channels[message["channel_id"]]
        said = objects.message(where, self.user, {"content": text}) | {
            "type": 19,
            "mentions": [message["author"]],
            "message_reference": {"message_id": message["id"], "channel_id": where["id"]},
            "referenced_message": message,
        }
        if "guild_id" in where:
            said["message_reference"]["guild_id"] = where["guild_id"]
        return self._say(where, said)

    def may_not(self, *names: str) -> None:
        """This member lacks these permissions from now on."""
        self._granted = str(int(self._granted) & ~int(objects.permissions(*names)))

    def sees(self, where: Object) -> list[Object]:
        """The messages of a channel that this member sees, private answers included, oldest first."""
        world = self._discord.world
        private = [one for user, one in world.ephemeral if user == self.user["id"] and one["channel_id"] == where["id"]]
        return sorted([*world.messages.get(where["id"], []), *private], key=lambda one: int(one["id"]))

    @property
    def direct(self) -> Object:
        """The direct channel with the bot."""
        return self._discord.direct_channel(self.user["id"])

    def _resolved(self, channel: Object) -> Object:
        payload = {key: channel[key] for key in ("id", "type", "name", "parent_id", "guild_id")}
        return payload | {"permissions": self._granted, "app_permissions": self._discord.world.app_permissions(channel)}

    def _owners(self, where: Object) -> Object:
        """Who has taken the bot in: the guild, or this member, who brings it along."""
        return {"1": self.user["id"]} if self.brings_the_bot else {"0": where.get("guild_id", "0")}

    def _say(self, where: Object, said: Object) -> Object:
        if "guild_id" in where:
            said["member"] = {key: value for key, value in objects.member(self.user).items() if key != "user"}
        self._discord.world.messages.setdefault(where["id"], []).append(said)
        self._discord.world.announce("MESSAGE_CREATE", said)
        return said

    async def _send(
        self, where: Object, kind: int, data: Object, *, wait: bool = True, message: Object | None = None
    ) -> Interaction:
        world = self._discord.world
        payload: Object = {
            "id": objects.new_id(), "application_id": world.bot["id"], "type": kind, "token": f"t{objects.new_id()}",
            "version": 1, "data": data, "channel_id": where["id"], "channel": where, "locale": self.locale,
            "app_permissions": world.app_permissions(where), "entitlements": [], "attachment_size_limit": 10_485_760,
            "authorizing_integration_owners": self._owners(where),
            "context": 0 if "guild_id" in where else 2 if self.brings_the_bot else 1,
        }  # fmt: skip
        if "guild_id" in where:
            guild = world.guilds[where["guild_id"]]
            payload |= {"guild_id": guild["id"], "guild_locale": guild["preferred_locale"]}
            payload["member"] = objects.member(self.user, granted=self._granted) | {"roles": self.roles}
        else:
            payload["user"] = self.user
        if message is not None:
            payload["message"] = message
        interaction = Interaction(payload, world.clock, where["id"], self.user["id"])
        interaction.expired = self._discord.tokens_expire
        world.interactions[interaction.token] = interaction
        world.announce("INTERACTION_CREATE", payload)
        if wait:
            await self._discord.until(lambda: interaction.finished, _PATIENCE)
        return interaction


def is_private(message: Object) -> bool:
    """Whether only one person sees a message."""
    return flagged(message, objects.EPHEMERAL)


def _option(name: str, value: Any) -> Object:
    """An option of a command; a channel or a role is named by its id."""
    if isinstance(value, dict):
        return {"name": name, "type": 8 if "mentionable" in value else 7, "value": value["id"]}
    return {"name": name, "type": _OPTION_TYPES[type(value)], "value": value}


def labels(message: Object) -> list[str]:
    """What the buttons under a message show."""
    return [one.get("label") or one["emoji"]["name"] for one in _inside(message["components"]) if one["type"] == 2]


def _inside(components: list[Object]) -> list[Object]:
    return [one for row in components for one in (row, *_inside(row.get("components") or []))]


async def moment(seconds: float = 0.05) -> None:
    """Lets others go on."""
    await asyncio.sleep(seconds)
