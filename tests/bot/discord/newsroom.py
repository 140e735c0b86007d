"""Releases that come in, and the channels that they are announced in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.state.deliveries import Subscription
from tests.fakes import a_release, keep

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord

HARBOURS = ("Oslo", "Gdynia", "Cádiz", "Bremen", "Riga", "Tallinn", "Malmö", "Porto", "Nantes", "Bari")
ICELAND = "Iceland opened a museum in its harbour. The government of Iceland paid for it. Icelandic ministers came."
PORTUGAL = "Portugal closed three ports for the winter. Portuguese fishermen protested. Portugal will pay them."


def tomorrow() -> datetime:
    """When news is of: later than what was read before, even where midnight comes between; no reader takes later."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=30, microsecond=0) + timedelta(days=1)


def subscribe(relay: Relay, channel: dict[str, Any], **chosen: Any) -> None:
    first = {
        "publishers": (),
        "languages": (),
        "locale": "en",
        "up_to": relay.services.built.store.records.last_event(),
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
        published=tomorrow() + timedelta(days=day),
    )
    keep(built.store, replace(release, url=url), built.embedder)


def known(built: Built) -> int:
    """How many rows the ledger has of people and channels that something was sent to."""
    queries = ("SELECT COUNT(*) FROM main.recipients", "SELECT COUNT(*) FROM main.deliveries")
    with built.ledger.database.transaction() as connection:
        return sum(connection.execute(query).fetchall()[0][0] for query in queries)


def setting(built: Built, **chosen: float) -> None:
    """The operator has set this."""
    edge = built.settings.discord.model_copy(update=chosen)
    built.settings = built.settings.model_copy(update={"discord": edge})


def iceland(built: Built, name: str = "iceland", **chosen: Any) -> None:
    """A release about Iceland comes in."""
    bring(built, name, **{"title": "Iceland opens a museum", "text": ICELAND} | chosen)


def portugal(built: Built, name: str = "portugal", **chosen: Any) -> None:
    """A release about Portugal comes in."""
    bring(built, name, **{"title": "Portugal closes three ports", "text": PORTUGAL} | chosen)


def told(discord: Discord, member: Member) -> list[str]:
    """The titles of the releases that somebody was told of, message by message."""
    mine = [one for one in discord.messages(member.direct) if one["author"]["id"] == discord.world.bot["id"]]
    return [embed["title"] for message in mine for embed in message["embeds"]]


def shown(interaction: Any) -> str:
    """The response to a command."""
    assert interaction.original is not None
    return str(interaction.original["content"])


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
