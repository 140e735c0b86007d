"""A store of two newsrooms, one of which is nobody's business in some places, and what is seen of it there."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.settings import ScopeSettings, SourceSettings
from tests.bot.discord.conftest import RELEASES
from tests.fakes import a_release, keep
from vectorstore.types import SourceHealth, Visit

if TYPE_CHECKING:
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord

FEED, HUSH = "https://nato.test/feed", "https://hush.test/feed"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OPEN_QUESTION = "When did Sweden join NATO?"
SECRET_QUESTION = "When did the ministers open the lighthouse of Tallinn?"
SECRETS = ("hush", "whisper", "2031", "4 releases", "4 en tout", "releases: 4")
"""What tells of the other newsroom: its name, its address, its releases and their days, and a count that has them."""


def furnish(built: Built) -> None:
    """Say of which newsroom the three releases are, and bring one of the other, whose feed fails."""
    text = "The ministers opened the lighthouse of Tallinn on 7 March 2031, in a whisper."
    day = datetime(2031, 3, 7, tzinfo=UTC)
    secret = a_release("whisper", text, title="Hush in Tallinn", publisher="Hush Ministry", published=day)
    url = "https://hush.test/whisper"
    keep(built.store, replace(secret, source=url, url=url), built.embedder)
    visits = [Visit(f"https://nato.test/{name}", FEED, NOON, release_id=name) for name in RELEASES]
    built.store.records.note_visits([*visits, Visit(url, HUSH, NOON, release_id="whisper")])
    built.store.records.note_health(
        SourceHealth(FEED, "NATO feed", NOON, "failed", NOON, 2, "https://nato.test/feed: away")
    )
    built.store.records.note_health(
        SourceHealth(HUSH, "Hush feed", NOON, "failed", NOON, 3, "https://hush.test/feed: whisper")
    )
    built.store.records.record_ingest(NOON)
    named = SourceSettings(name="NATO feed", location=FEED), SourceSettings(name="Hush feed", location=HUSH)
    built.settings = built.settings.model_copy(update={"sources": named})


def scope(
    *, guild: Any = None, channel: Any = None, person: Member | None = None, **held: tuple[str, ...]
) -> ScopeSettings:
    """What a guild, a channel or a person sees: the sources and publishers that are `held`."""
    return ScopeSettings(
        guilds=(int(guild["id"]),) if guild else (),
        channels=(int(channel["id"]),) if channel else (),
        persons=(int(person.user["id"]),) if person else (),
        **(held or {"sources": ("NATO feed",)}),  # type: ignore[arg-type]
    )


def set_discord(built: Built, **chosen: Any) -> None:
    """Set what the operator sets under [discord]."""
    discord = built.settings.discord.model_copy(update=chosen)
    built.settings = built.settings.model_copy(update={"discord": discord})


def shown(member: Member, where: Any, since: int = 0) -> str:
    """All that somebody sees in a place, from a message on: texts, embeds and links, as one text."""
    kept = [{key: one.get(key) for key in ("content", "embeds", "components")} for one in member.sees(where)[since:]]
    return json.dumps(kept, ensure_ascii=False).casefold()


async def answers(discord: Discord, channel: Any, count: int = 1) -> list[dict[str, Any]]:
    """The bot's messages in a channel, once there are so many, however busy the machine is."""

    def found() -> list[dict[str, Any]]:
        return [one for one in discord.messages(channel) if one["author"]["id"] == discord.world.bot["id"]]

    await discord.until(lambda: len(found()) >= count, 60)
    return found()


async def thread_below(discord: Discord, channel: Any) -> dict[str, Any]:
    """The first thread of a channel, once there is one."""

    def found() -> list[dict[str, Any]]:
        return [one for one in discord.world.channels.values() if one.get("parent_id") == channel["id"]]

    await discord.until(lambda: bool(found()), 60)
    return found()[0]


def leaks(text: str) -> list[str]:
    """The secrets that a text tells."""
    return [secret for secret in SECRETS if secret in text.casefold()]
