"""Digests, asked for and sent through the wire."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from bot.discord.delivery import Delivery, mark_of
from bot.discord.digests import DigestSender, contents_of, pages_of
from bot.state.following import Digest
from bot.state.ledger import Quiet
from tests.bot.discord.conftest import EVERYWHERE, running
from tests.bot.discord.newsroom import bring, known, tomorrow
from tests.discord_server.people import is_private
from tests.fakes import a_release, keep
from vectorstore.types import Correction, Filter, Twin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord

pytestmark = EVERYWHERE

DUE = datetime(2026, 11, 30, 7, tzinfo=UTC)
LATER = DUE + timedelta(minutes=1)


def subscribe(built: Built, recipient: dict[str, Any], **chosen: Any) -> Digest:
    """A digest that is due, of what comes in from now on."""
    first: dict[str, Any] = {
        "recipient": int(recipient["id"]), "guild": None, "locale": "en", "every": "daily", "hour": 7, "zone": "UTC",
        "publishers": (), "languages": (), "topics": (), "due": DUE, "up_to": built.store.records.last_event(),
    }  # fmt: skip
    return built.ledger.digests.set(Digest(**first | chosen))


def relate(built: Built, twins: Sequence[Twin] = (), corrections: Sequence[Correction] = ()) -> None:
    """What ingestion finds out about releases that belong together."""
    ids = {identity for twin in twins for identity in (twin.first, twin.second)}
    built.store.records.relate(twins, corrections, of=ids, up_to=built.store.records.last_event())


def in_channel(channel: dict[str, Any]) -> dict[str, Any]:
    return {"guild": int(channel["guild_id"])}


def contents(discord: Discord, channel: dict[str, Any]) -> list[str]:
    return [one["content"] for one in discord.messages(channel)]


def links(discord: Discord, channel: dict[str, Any]) -> list[str]:
    """The lines that name releases."""
    lines = "\n".join(contents(discord, channel)).splitlines()
    return [line.removeprefix("- ").split(" · ")[0] for line in lines if line.startswith("- ")]


def manager(discord: Discord) -> Member:
    return discord.member("Marie", permissions=("manage_guild",))


async def test_what_is_new_comes_by_publisher_with_its_lead(discord: Discord, relay: Relay, built: Built) -> None:
    """Once, when it is due; corrections and withdrawals apart; nobody is mentioned."""
    general = discord.channel("general")
    bring(built, "tunnel", day=-3)
    subscribe(built, general, **in_channel(general))
    bring(built, "bridge", day=1, text="The bridge is long, @everyone.")
    bring(built, "museum", publisher="Culture", url="https://example.org/museum")
    bring(built, "harbour", day=2)
    bring(built, "tunnel", day=-3, text="The tunnel opens on Tuesday.")
    bring(built, "sorry", day=3)
    bring(built, "gone")
    built.store.records.withdraw("gone", "gone")
    built.store.records.withdraw("finland", "gone")
    relate(built, corrections=[Correction("sorry", "bridge")])

    await relay.digests.look(DUE - timedelta(seconds=1))
    assert discord.messages(general) == []
    await relay.digests.look(LATER)
    await relay.digests.look(LATER)

    (told,) = contents(discord, general)
    head, nato, culture, corrections, withdrawn = told.split("\n\n")
    assert head == "🗞️ **What is new today: 6**"
    assert [line.split(" · ")[0] for line in nato.splitlines()] == [
        "**NATO**",
        "- The harbour",
        "  The harbour was opened by ministers.",
        "- The bridge",
        "  The bridge is long, @\u200beveryone.",
    ]
    assert culture.splitlines()[:2][0] == "**Culture**"
    assert "[The museum](<https://example.org/museum>) · <t:" in culture
    assert corrections.splitlines()[0] == "✏️ **Corrected or updated**"
    assert [line.split(" · ")[0::2] for line in corrections.splitlines()[1:]] == [
        ["- The sorry", "corrects The bridge"],
        ["- The tunnel", "updated"],
    ]
    assert withdrawn.splitlines()[0] == "🚫 **Withdrawn by their newsrooms**"
    assert withdrawn.splitlines()[1:] == ["- Finland joins NATO"]
    assert discord.refused == []


async def test_nothing_comes_where_nothing_is_new(discord: Discord, relay: Relay, built: Built) -> None:
    """And what comes in afterwards is in the next."""
    general = discord.channel("general")
    subscribe(built, general, **in_channel(general))

    await relay.digests.look(LATER)
    bring(built, "bridge")
    await relay.digests.look(LATER + timedelta(hours=23))
    assert discord.messages(general) == []
    await relay.digests.look(LATER + timedelta(hours=24))

    assert links(discord, general) == ["The bridge"]


async def test_one_that_was_missed_comes_once(discord: Discord, relay: Relay, built: Built) -> None:
    """After days without the bot."""
    paul = discord.member("Paul")
    subscribe(built, paul.user)
    bring(built, "bridge")

    for hours in (75, 76, 77):
        await relay.digests.look(DUE + timedelta(hours=hours))

    assert links(discord, paul.direct) == ["The bridge"]
    kept = built.ledger.digests.get(int(paul.user["id"]))
    assert kept is not None
    assert kept.due == DUE + timedelta(days=4)


async def test_quiet_hours_put_it_off(discord: Discord, relay: Relay, built: Built) -> None:
    """Of a person and of a guild, until they are over."""
    paul, general = discord.member("Paul"), discord.channel("general")
    subscribe(built, paul.user)
    subscribe(built, general, **in_channel(general))
    for owner in (paul.user["id"], general["guild_id"]):
        built.ledger.quiet.set(int(owner), Quiet(6 * 60, 8 * 60, "UTC"))
    bring(built, "bridge")

    await relay.digests.look(LATER)
    assert discord.messages(paul.direct) == discord.messages(general) == []
    await relay.digests.look(DUE + timedelta(hours=1))

    assert links(discord, paul.direct) == links(discord, general) == ["The bridge"]


async def test_two_processes_send_one(discord: Discord, relay: Relay, built: Built) -> None:
    """At the same moment, in several messages, to several people."""
    people = [discord.member(name) for name in ("Marie", "Paul")]
    for one in people:
        subscribe(built, one.user)
    for number in range(20):
        bring(built, f"bridge {number}", text=f"Bridge {number} was opened by ministers. {'It is long. ' * 20}")

    async with running(discord, built) as other:
        senders = [
            DigestSender(one, built, Delivery(one, built.ledger, per_minute=6_000), one.services.scopes)
            for one in (relay, other)
        ]
        for _ in range(3):
            await asyncio.gather(*(sender.look(LATER) for sender in senders))

    for one in people:
        pages = contents(discord, one.direct)
        assert len(pages) > 1
        assert max(map(len, pages)) <= 2_000
        assert sorted(links(discord, one.direct)) == sorted(f"The bridge {number}" for number in range(20))
    assert discord.refused == []


async def test_what_was_sent_before_a_crash_is_not_sent_again(discord: Discord, relay: Relay, built: Built) -> None:
    """Nor is what came in since part of it, which is in the next."""
    general = discord.channel("general")
    digest = subscribe(built, general, **in_channel(general))
    bring(built, "bridge")
    built.ledger.digests.begin(digest, built.store.records.last_event())
    begun = replace(digest, through=built.store.records.last_event())
    (page,) = pages_of(contents_of(begun, Filter(), built.store, built.topics), begun, Filter(), built.store)
    key = f"digest:{DUE:%Y-%m-%dT%H:%MZ}:0"
    built.ledger.deliveries.begin(digest.recipient, key, mark_of(page.content))
    channel = relay.get_channel(digest.recipient)
    await channel.send(page.content)  # type: ignore[union-attr]  # and killed before that was written down
    bring(built, "harbour")

    await relay.digests.look(LATER)

    assert links(discord, general) == ["The bridge"]
    await relay.digests.look(LATER + timedelta(days=1))
    assert links(discord, general) == ["The bridge", "The harbour"]


async def test_a_release_in_two_languages_comes_once(discord: Discord, relay: Relay, built: Built) -> None:
    """In the reader's language, if it is there; and not again when the other version comes later."""
    marie, general = discord.member("Marie"), discord.channel("general")
    subscribe(built, marie.user, locale="fr")
    subscribe(built, general, **in_channel(general))
    for name, language in (("bridge", "en"), ("pont", "fr"), ("harbour", "en")):
        bring(built, name, language=language)
    twins = [Twin("bridge", "pont", "pair", 1.0), Twin("harbour", "port", "pair", 1.0)]
    relate(built, twins[:1])

    await relay.digests.look(LATER)
    assert sorted(links(discord, marie.direct)) == ["The harbour", "The pont"]
    assert sorted(links(discord, general)) == ["The bridge", "The harbour"]

    bring(built, "port", language="fr")
    relate(built, twins)
    await relay.digests.look(LATER + timedelta(days=1))
    assert len(links(discord, marie.direct)) == len(links(discord, general)) == 2


async def test_a_digest_keeps_to_its_sources_languages_and_topics(discord: Discord, relay: Relay, built: Built) -> None:
    """A topic as those who follow it mean it."""
    marie, paul = discord.member("Marie"), discord.member("Paul")
    subscribe(built, marie.user, publishers=("NATO",), languages=("fr",), locale="fr")
    subscribe(built, paul.user, topics=("nuclear reactors", "baleines"))
    bring(built, "pont", language="fr")
    bring(built, "bridge")
    bring(built, "musée", language="fr", publisher="Conseil")
    bring(built, "power", title="Nuclear reactor switched off", text="A nuclear reactor was switched off today.")

    await relay.digests.look(LATER)

    assert links(discord, marie.direct) == ["The pont"]
    assert contents(discord, marie.direct)[0].startswith("🗞️ **Nouveautés du jour : 1**")
    assert links(discord, paul.direct) == ["Nuclear reactor switched off"]


async def test_who_ends_a_digest_is_forgotten(discord: Discord, relay: Relay, built: Built) -> None:
    """With what was sent, and what was amiss: a digest that is asked for again begins anew."""
    marie, general = discord.member("Marie"), discord.channel("general")
    subscribe(built, marie.user)
    bring(built, "bridge")
    discord.fails(f"/channels/{marie.direct['id']}/messages", status=403)
    await relay.digests.look(LATER)
    assert built.ledger.deliveries.trouble(int(marie.user["id"])) is not None

    await marie.asks(general, "/digest", every="off")

    assert built.ledger.deliveries.trouble(int(marie.user["id"])) is None
    assert known(built) == 0


async def test_a_bare_day_is_that_day_west_of_greenwich_too(discord: Discord, relay: Relay, built: Built) -> None:
    """Newsrooms that give no time of day are dated at noon."""
    general = discord.channel("general")
    subscribe(built, general, **in_channel(general))
    midnight = datetime.combine(tomorrow(), time(), UTC)
    keep(built.store, a_release("bridge", "It is long.", publisher="NATO", published=midnight), built.embedder)

    await relay.digests.look(LATER)

    assert f"<t:{int((midnight + timedelta(hours=12)).timestamp())}:d>" in contents(discord, general)[0]


async def test_a_flood_is_cut(discord: Discord, relay: Relay, built: Built) -> None:
    """With how many more there are, and where."""
    general = discord.channel("general")
    subscribe(built, general, every="weekly", **in_channel(general))
    for number in range(30):
        bring(built, f"bridge {number}")

    await relay.digests.look(LATER)

    assert contents(discord, general)[0].startswith("🗞️ **What was new this week: 30**")
    assert len(links(discord, general)) == 25
    assert contents(discord, general)[-1].endswith("-# … and 5 more: `/latest`")
    assert discord.refused == []


async def test_a_person_asks_for_a_digest(discord: Discord, relay: Relay, built: Built) -> None:
    """In private; it is shown, changed and ended."""
    marie, general = discord.member("Marie", locale="fr"), discord.channel("general")

    async def says(**options: Any) -> str:
        return str(((await marie.asks(general, "/digest", **options)).original or {})["content"])

    assert (await says()).startswith("Vous ne recevez pas de résumé")
    told = await says(every="weekly", at=18, zone="europe/paris", source="NATO; Conseil", topics="Finlande; @everyone")
    assert told.startswith("Vous recevez un résumé chaque lundi à 18 h (Europe/Paris), le prochain <t:")
    assert "NATO, Conseil, toutes les langues, sur Finlande, @\u200beveryone." in told
    kept = built.ledger.digests.get(int(marie.user["id"]))
    assert kept is not None
    assert (kept.every, kept.hour, kept.zone, kept.guild, kept.locale) == ("weekly", 18, "Europe/Paris", None, "fr")
    assert kept.due > datetime.now(UTC)
    assert "chaque jour à 18 h (Europe/Paris)" in await says(every="daily")
    assert "« Mars/Olympus » n’est pas un fuseau" in await says(every="daily", zone="Mars/Olympus")
    assert "5 sujets au plus" in await says(every="daily", topics="a; b; c; d; e; f")
    assert "de 100 caractères" in await says(every="daily", topics="a" * 101)
    assert await says(every="off") == "Plus aucun résumé ne sera envoyé."
    assert await says(every="off") == "Aucun résumé n’était envoyé."
    assert built.ledger.digests.get(int(marie.user["id"])) is None
    assert is_private(marie.sees(general)[-1])
    assert "Europe/Brussels" in await marie.types(general, "/digest", "zone", "brussels")
    del relay
    assert discord.refused == []


async def test_a_manager_sets_the_digest_of_a_channel(discord: Discord, relay: Relay, built: Built) -> None:
    """Shown with the settings; ended with the guild, or by hand."""
    marie, general = manager(discord), discord.channel("general")

    set_ = (await marie.asks(general, "/config digest", channel=general, every="daily", at=6)).original or {}
    assert set_["content"].startswith(f"Digest in <#{general['id']}> every day at 06:00 (UTC), next <t:")
    assert contents(discord, general) == ["Digests of new releases will be posted here."]
    shown = (await marie.asks(general, "/config show")).original or {}
    assert set_["content"] in shown["content"]
    paul = discord.member("Paul")
    refused = (await paul.asks(general, "/config digest", channel=general, every="off")).original or {}
    assert "Manage Server" in str(refused) or built.ledger.digests.of_guild(int(general["guild_id"]))
    off = (await marie.asks(general, "/config digest", channel=general, every="off")).original or {}
    assert off["content"] == "No digest comes any more."
    assert built.ledger.digests.of_guild(int(general["guild_id"])) == []
    discord.forbids(general, "send_messages")
    hindered = (await marie.asks(general, "/config digest", channel=general, every="daily")).original or {}
    assert "Send Messages" in hindered["content"]
    del relay
    assert discord.refused == []
