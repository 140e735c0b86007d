"""Releases that come in, and the channels that they are announced in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.state import Subscription
from tests.fakes import a_release, keep

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.server import Discord

HARBOURS = ("Oslo", "Gdynia", "Cádiz", "Bremen", "Riga", "Tallinn", "Malmö", "Porto", "Nantes", "Bari")
TOMORROW = datetime.now(UTC) + timedelta(days=1)


def subscribe(relay: Relay, channel: dict[str, Any], **chosen: Any) -> None:
    first = {
        "publishers": (),
        "languages": (),
        "locale": "en",
        "up_to": relay.services.built.store.last_event(),
    } | chosen
    relay.services.ledger.announcements.subscribe(
        Subscription(channel=int(channel["id"]), guild=int(channel["guild_id"]), **first)
    )


def bring(
    built: Built,
    name: str,
    *,
    day: int = 0,
    language: str = "en",
    publisher: str = "NATO",
    text: str = "",
    title: str = "",
    url: str | None = None,
) -> None:
    """A release comes in that is published `day` days after tomorrow."""
    body = text or f"The {name} was opened by ministers."
    release = a_release(
        name,
        body,
        title=title or f"The {name}",
        language=language,
        publisher=publisher,
        published=TOMORROW + timedelta(days=day),
    )
    keep(built.store, replace(release, url=url), built.embedder)


def titles(discord: Discord, channel: dict[str, Any]) -> list[str]:
    return [one["content"].splitlines()[0].split(" · ")[1] for one in discord.messages(channel)]


def question(number: int, *, french: bool) -> tuple[str, str]:
    """A question about one of the harbours, and what its answer says."""
    harbour, day = HARBOURS[number % 10], number % 10 + 1
    if french:
        return f"Quand le port de {harbour} a-t-il ouvert un musée ?", f"{day} mai 2024**"
    return f"When did the harbour of {harbour} open a museum?", f"{day} May 2024**"


def museums() -> list[tuple[str, str, str]]:
    """Twenty releases that differ in a name and a day: id, language, text."""
    return [
        (f"{harbour}.{language}", language, text)
        for number, harbour in enumerate(HARBOURS)
        for language, text in (
            ("en", f"The harbour of {harbour} opened a museum on {number + 1} May 2024."),
            ("fr", f"Le port de {harbour} a ouvert un musée le {number + 1} mai 2024."),
        )
    ]
