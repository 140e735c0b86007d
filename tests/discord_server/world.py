"""What a Discord holds: guilds, channels, messages, commands, interactions; and what it refuses."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.discord_server import objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.discord_server.objects import Object

_FIRST_RESPONSE = 3.0  # seconds
_TOKEN_LIFE = 15 * 60.0


class Refused(Exception):  # noqa: N818 - an answer, not a failure of the server
    """An error answer: its HTTP status, Discord's code and text."""

    def __init__(self, status: int, code: int, text: str, errors: list[str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.body: Object = {"code": code, "message": text}
        if errors:
            self.body["errors"] = {"body": {"_errors": [{"code": "INVALID", "message": one} for one in errors]}}


@dataclass(slots=True)
class Interaction:
    """One interaction: what was sent of it, and what came back."""

    payload: Object
    began: float
    channel: str
    user: str
    acknowledged_after: float | None = None
    kind: int | None = None
    original: Object | None = None
    followups: list[Object] = field(default_factory=list)
    choices: list[Object] | None = None
    modal: Object | None = None
    expired: bool = False

    @property
    def token(self) -> str:
        """By which it is answered."""
        return str(self.payload["token"])

    @property
    def finished(self) -> bool:
        """Whether something is there to be seen: an answer, choices, or a form."""
        loading = self.original is not None and self.original["flags"] & objects.LOADING
        return self.choices is not None or self.modal is not None or (self.kind is not None and not loading)


@dataclass(slots=True)
class World:
    """Everything by its id; `announce` sends an event to whoever may see it.

    `moved` is by how many seconds the clock was moved on, `post_slowly` how long a message that is there already waits
    to be acknowledged.
    """

    announce: Callable[[str, Object], None]
    bot: Object = field(default_factory=lambda: objects.user("Communiqué", bot=True))
    guilds: dict[str, Object] = field(default_factory=dict)
    channels: dict[str, Object] = field(default_factory=dict)
    members: dict[tuple[str, str], Object] = field(default_factory=dict)
    messages: dict[str, list[Object]] = field(default_factory=dict)
    ephemeral: list[tuple[str, Object]] = field(default_factory=list)
    commands: list[Object] = field(default_factory=list)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    lacks: dict[str, set[str]] = field(default_factory=dict)
    moved: float = 0.0
    post_slowly: float = 0.0

    @property
    def clock(self) -> float:
        """Seconds, as interactions are timed by."""
        return time.monotonic() + self.moved

    def channel(self, identity: str) -> Object:
        """A channel that the bot may see."""
        found = self.channels.get(identity)
        if found is None:
            raise Refused(404, 10003, "Unknown Channel")
        if "view_channel" in self.lacking(found):
            raise Refused(403, 50001, "Missing Access")
        return found

    def lacking(self, channel: Object) -> set[str]:
        """Permissions that the bot lacks there; a thread takes after its channel."""
        return self.lacks.get(channel["id"], set()) | self.lacks.get(channel.get("parent_id") or "", set())

    def demand(self, channel: Object, *names: str) -> None:
        """Refuses what the bot may not do; in a direct channel, what its other member does not want."""
        if self.lacking(channel) & set(names):
            if channel["type"] == objects.DM:
                raise Refused(403, 50007, "Cannot send messages to this user")
            raise Refused(403, 50013, "Missing Permissions")

    def app_permissions(self, channel: Object) -> str:
        """What the bot may do in a channel."""
        return objects.permissions(*(objects.BIT.keys() - self.lacking(channel)))

    def post(self, where: Object, author: Object, body: Object) -> Object:
        """A new message; one with a nonce that was enforced a moment ago is the same."""
        said = self.messages.setdefault(where["id"], [])
        if body.get("enforce_nonce") and body.get("nonce") is not None:
            for one in said:
                if one["nonce"] == body["nonce"] and one["author"]["id"] == author["id"]:
                    return one
        made = objects.message(where, author, body)
        if reference := body.get("message_reference"):
            made["type"], made["message_reference"] = 19, {key: str(value) for key, value in reference.items()}
            made["referenced_message"] = self.message(where["id"], str(reference["message_id"]))
        said.append(made)
        where["last_message_id"] = made["id"]
        self.announce("MESSAGE_CREATE", made)
        return made

    def message(self, channel: str, identity: str) -> Object:
        """A message that was posted."""
        for one in self.messages.get(channel, []):
            if one["id"] == identity:
                return one
        raise Refused(404, 10008, "Unknown Message")

    def edit(self, message: Object, body: Object) -> Object:
        """A message with parts exchanged."""
        for key in ("content", "embeds", "flags", "attachments"):
            if key in body:
                message[key] = body[key] or ("" if key == "content" else body[key])
        if "components" in body:
            message["components"] = objects.with_ids(body["components"] or [])
        message["edited_timestamp"] = objects.now()
        self.announce("MESSAGE_UPDATE", message)
        return message

    def respond(self, interaction: Interaction, body: Object) -> Object | None:
        """The first response to an interaction; later than three seconds it is unknown."""
        if interaction.kind is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        spent = self.clock - interaction.began
        if spent > _FIRST_RESPONSE or interaction.expired:
            raise Refused(404, 10062, "Unknown interaction")
        interaction.acknowledged_after, interaction.kind = spent, int(body["type"])
        data = body.get("data") or {}
        if interaction.kind == 8:
            interaction.choices = data.get("choices") or []
        elif interaction.kind == 9:
            interaction.modal = data
        elif interaction.kind in (4, 5):
            flags = (data.get("flags") or 0) | (objects.LOADING if interaction.kind == 5 else 0)
            interaction.original = self._said(interaction, data | {"flags": flags})
        elif interaction.kind == 7:
            interaction.original = self.edit(interaction.payload["message"], data)
        return interaction.original

    def follow_up(self, interaction: Interaction, body: Object) -> Object:
        """A message after the first response; a deferred one is filled by it."""
        original = interaction.original
        if original is not None and original["flags"] & objects.LOADING:
            return self.edit_original(interaction, body)
        made = self._said(interaction, body)
        interaction.followups.append(made)
        return made

    def edit_original(self, interaction: Interaction, body: Object) -> Object:
        """The first response with parts exchanged; whether it is private was settled when it was deferred."""
        if interaction.original is None:
            raise Refused(404, 10015, "Unknown Webhook")
        private = interaction.original["flags"] & objects.EPHEMERAL
        interaction.original["flags"] = private
        return self.edit(
            interaction.original, {**body, "flags": (body.get("flags") or 0) & ~objects.EPHEMERAL | private}
        )

    def by_token(self, token: str) -> Interaction:
        """The interaction that a webhook's token belongs to, as long as that lives."""
        found = self.interactions.get(token)
        if found is None:
            raise Refused(404, 10015, "Unknown Webhook")
        if self.clock - found.began > _TOKEN_LIFE:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return found

    def _said(self, interaction: Interaction, body: Object) -> Object:
        where = self.channels[interaction.channel]
        if (body.get("flags") or 0) & objects.EPHEMERAL:
            made = objects.message(where, self.bot, body)
            self.ephemeral.append((interaction.user, made))
            return made
        return self.post(where, self.bot, body)


def seen_by_bot(message: Object, bot: Object, channel: Object) -> Object:
    """A message as the gateway sends it to a bot without the privileged intent: mostly without its content."""
    mentioned = any(one["id"] == bot["id"] for one in message["mentions"])
    if message["author"]["id"] == bot["id"] or mentioned or channel["type"] == objects.DM:
        return message
    return {**message, "content": "", "embeds": [], "attachments": [], "components": []}


def flagged(message: Object, flag: int) -> bool:
    """Whether a message carries a flag."""
    return bool(message["flags"] & flag)
