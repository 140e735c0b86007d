"""Releases that come in, and the channels that they are announced in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.discord.ledger import Subscription
from tests.fakes import a_release, keep

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.server import Discord

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def subscribe(relay: Relay, channel: dict[str, Any], **chosen: Any) -> None:
    first = {"publishers": (), "languages": (), "locale": "en", "up_to": relay.built.store.last_event()} | chosen
    relay.ledger.subscribe(Subscription(channel=int(channel["id"]), guild=int(channel["guild_id"]), **first))


def bring(
    built: Built, name: str, *, day: int = 0, language: str = "en", publisher: str = "NATO", text: str = ""
) -> None:
    """A release comes in that is published `day` days after tomorrow."""
    body = text or f"The {name} was opened by ministers."
    release = a_release(
        name,
        body,
        title=f"The {name}",
        language=language,
        publisher=publisher,
        published=TOMORROW + timedelta(days=day),
    )
    keep(built.store, release, built.embedder)


def titles(discord: Discord, channel: dict[str, Any]) -> list[str]:
    return [one["content"].splitlines()[0].split(" · ")[1] for one in discord.messages(channel)]
