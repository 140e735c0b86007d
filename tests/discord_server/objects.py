"""Discord's objects as it sends them: users, guilds, channels, messages, interactions."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime
from typing import Any

EPOCH = 1_420_070_400_000  # milliseconds; the first of January 2015, where Discord's ids begin
TEXT, DM, ANNOUNCEMENT, PUBLIC_THREAD = 0, 1, 5, 11
EPHEMERAL, LOADING, CROSSPOSTED = 1 << 6, 1 << 7, 1 << 0
BIT = {
    "create_instant_invite": 0, "manage_guild": 5, "view_channel": 10, "send_messages": 11, "manage_messages": 13,
    "embed_links": 14, "read_message_history": 16, "mention_everyone": 17, "use_application_commands": 31,
    "manage_threads": 34, "create_public_threads": 35, "send_messages_in_threads": 38, "use_external_apps": 50,
}  # fmt: skip

_counter = itertools.count(1)

Object = dict[str, Any]


def new_id() -> str:
    """A snowflake of this moment."""
    return str((int(time.time() * 1000) - EPOCH) << 22 | next(_counter) & 0x3FFFFF)


def now() -> str:
    """This moment as Discord writes it."""
    return datetime.now(UTC).isoformat()


def permissions(*names: str) -> str:
    """A set of permissions as Discord writes it."""
    return str(sum(1 << BIT[name] for name in names))


def user(name: str, *, bot: bool = False) -> Object:
    """A user or the bot."""
    return {
        "id": new_id(), "username": name.lower().replace(" ", "_"), "global_name": name, "discriminator": "0",
        "avatar": None, "bot": bot,
    }  # fmt: skip


def member(of: Object, *, granted: str = "0") -> Object:
    """A user as a member of a guild."""
    return {
        "user": of, "nick": None, "roles": [], "joined_at": now(), "deaf": False, "mute": False, "flags": 0,
        "avatar": None, "permissions": granted,
    }  # fmt: skip


def channel(name: str, kind: int = TEXT, *, guild: str | None = None, parent: str | None = None) -> Object:
    """A channel or a thread."""
    made: Object = {"id": new_id(), "type": kind, "name": name, "last_message_id": None}
    if guild:
        made |= {"guild_id": guild, "position": 0, "permission_overwrites": [], "nsfw": False, "topic": None}
        made |= {"parent_id": parent, "rate_limit_per_user": 0}
    return made


def thread(name: str, parent: Object, owner: str, archive: int) -> Object:
    """A public thread below a channel."""
    return channel(name, PUBLIC_THREAD, guild=parent["guild_id"], parent=parent["id"]) | {
        "owner_id": owner, "message_count": 0, "member_count": 1, "total_message_sent": 0,
        "thread_metadata": {
            "archived": False, "auto_archive_duration": archive, "archive_timestamp": now(), "locked": False,
            "create_timestamp": now(),
        },
    }  # fmt: skip


def guild(name: str, owner: str, locale: str) -> Object:
    """A guild without channels and members."""
    made = new_id()
    everyone = {
        "id": made, "name": "@everyone", "color": 0, "colors": {"primary_color": 0}, "hoist": False, "position": 0,
        "permissions": permissions(*BIT), "managed": False, "mentionable": False, "flags": 0,
    }  # fmt: skip
    return {
        "id": made, "name": name, "owner_id": owner, "preferred_locale": locale, "icon": None, "splash": None,
        "discovery_splash": None, "afk_channel_id": None, "afk_timeout": 300, "verification_level": 0,
        "default_message_notifications": 0, "explicit_content_filter": 0, "roles": [everyone], "emojis": [],
        "features": [], "mfa_level": 0, "application_id": None, "system_channel_id": None, "system_channel_flags": 0,
        "rules_channel_id": None, "vanity_url_code": None, "description": None, "banner": None, "premium_tier": 0,
        "public_updates_channel_id": None, "nsfw_level": 0, "stickers": [], "premium_progress_bar_enabled": False,
        "joined_at": now(), "large": False, "unavailable": False, "member_count": 0, "voice_states": [], "members": [],
        "channels": [], "threads": [], "presences": [], "stage_instances": [], "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }  # fmt: skip


def role(name: str, *, mentionable: bool) -> Object:
    """A role of a guild that grants nothing."""
    return {
        "id": new_id(), "name": name, "color": 0, "colors": {"primary_color": 0}, "hoist": False, "position": 1,
        "permissions": "0", "managed": False, "mentionable": mentionable, "flags": 0,
    }  # fmt: skip


def message(where: Object, author: Object, body: Object) -> Object:
    """A message from what was sent."""
    made = {
        "id": new_id(), "channel_id": where["id"], "author": author, "content": body.get("content") or "",
        "timestamp": now(), "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [],
        "mention_roles": [], "attachments": body.get("attachments") or [], "embeds": body.get("embeds") or [],
        "pinned": False, "type": 0,
        "components": with_ids(body.get("components") or []), "flags": body.get("flags") or 0,
        "nonce": body.get("nonce"),
    }  # fmt: skip
    if "guild_id" in where:
        made["guild_id"] = where["guild_id"]
    return made


def attachment(text: str) -> Object:
    """What Discord adds to a file that was sent; `text` is what stands in it, for tests to read."""
    address = f"https://cdn.discordapp.com/ephemeral-attachments/{(identity := new_id())}"
    return {"id": identity, "size": len(text.encode()), "url": address, "proxy_url": address, "text": text}


def with_ids(components: list[Object]) -> list[Object]:
    """Components as Discord gives them back: each with a number."""
    return [
        {"id": number, **one, **({"components": with_ids(one["components"])} if "components" in one else {})}
        for number, one in enumerate(components, 1)
    ]
