"""What is seen where: guilds, channels, threads, persons, and what was said before a scope was narrowed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.pipeline import Ask
from bot.discord.scopes import Place, Scopes
from bot.errors import LedgerError
from bot.settings import ScopeSettings
from bot.state.ledger import ChannelSources
from tests.bot.discord.conftest import EVERYWHERE, running
from tests.bot.discord.newsroom import bring, subscribe, tomorrow
from tests.bot.discord.two_newsrooms import (
    FEED,
    HUSH,
    NOON,
    OPEN_QUESTION,
    SECRET_QUESTION,
    answers,
    furnish,
    leaks,
    scope,
    set_discord,
    shown,
    thread_below,
)
from tests.fakes import a_release, keep
from vectorstore.types import Visit

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord


@pytest.fixture
def home(discord: Discord, built: Built) -> dict[str, Any]:
    """The guild that sees one newsroom only; the others see both."""
    furnish(built)
    guild = next(iter(discord.world.guilds.values()))
    set_discord(built, scopes=(scope(guild=guild),))
    return guild


@pytest.fixture
def marie(discord: Discord) -> Member:
    return discord.member("Marie", permissions=("manage_guild",))


@pytest.mark.usefixtures("home", "relay")
async def test_other_guilds_and_persons_see_everything(discord: Discord, marie: Member) -> None:
    """As ever, where no scope is given and nothing is said of it."""
    await marie.asks(marie.direct, "/ask", question=SECRET_QUESTION)

    assert "7 March 2031" in marie.sees(marie.direct)[-1]["content"]
    assert "2031" not in shown(marie, discord.channel("general"))


@pytest.mark.usefixtures("home", "relay")
async def test_a_guild_is_answered_from_its_own_sources(discord: Discord, marie: Member) -> None:
    """And refused as if there were no other."""
    general = discord.channel("general")

    await marie.asks(general, "/ask", question=OPEN_QUESTION)
    await marie.asks(general, "/ask", question=SECRET_QUESTION)

    answer, refusal = (one["content"] for one in marie.sees(general))
    assert "7 March 2024" in answer
    assert "3 releases searched" in refusal
    assert leaks(shown(marie, general)) == []


@pytest.mark.usefixtures("home")
async def test_a_thread_has_the_scope_of_its_channel(discord: Discord, built: Built, marie: Member) -> None:
    """Or of its category's, and whether it is known to the bot or not."""
    general = discord.channel("general")
    general["parent_id"] = "4712"
    set_discord(built, scopes=(scope(channel={"id": "4712"}),))
    async with running(discord, built) as relay:
        await marie.writes(general, SECRET_QUESTION, mentions=True)
        thread = await thread_below(discord, general)
        await answers(discord, thread)
        relay.get_guild(int(general["guild_id"]))._threads.clear()  # type: ignore[union-attr]
        await marie.writes(thread, SECRET_QUESTION, mentions=True)
        said = await answers(discord, thread, 2)

    assert "3 releases searched" in said[0]["content"]
    assert "3 releases searched" in said[1]["content"]
    assert leaks(shown(marie, thread)) == []


async def test_a_place_of_several_scopes_sees_what_all_of_them_hold(
    discord: Discord, built: Built, marie: Member
) -> None:
    """A channel cannot be given what its guild has not; a person's scope holds in direct messages."""
    furnish(built)
    guild, general = next(iter(discord.world.guilds.values())), discord.channel("general")
    both = ("NATO feed", "Hush feed")
    set_discord(
        built,
        scopes=(
            scope(guild=guild),
            scope(channel=general, sources=both, publishers=("Hush Ministry",)),
            scope(person=marie, sources=("Hush feed",)),
        ),
    )
    async with running(discord, built):
        await marie.asks(general, "/ask", question=SECRET_QUESTION)
        await marie.asks(marie.direct, "/ask", question=SECRET_QUESTION)
        await marie.asks(marie.direct, "/ask", question=OPEN_QUESTION)

    assert leaks(shown(marie, general)) == []
    secret, refused = (one["content"] for one in marie.sees(marie.direct))
    assert "7 March 2031" in secret
    assert "1 release searched" in refused


async def test_who_brings_the_bot_along_brings_their_scope(discord: Discord, built: Built, marie: Member) -> None:
    """Into a guild that has not taken it in."""
    furnish(built)
    set_discord(built, scopes=(scope(person=marie),))
    marie.brings_the_bot = True
    async with running(discord, built):
        await marie.asks(discord.channel("general"), "/ask", question=SECRET_QUESTION)

    assert "3 releases searched" in marie.sees(discord.channel("general"))[-1]["content"]


async def test_a_closed_bot_shows_nothing_where_no_scope_is_given(
    discord: Discord, built: Built, marie: Member
) -> None:
    """Commands, proposals, mentions and direct messages say so in one sentence; a channel may be opened alone."""
    furnish(built)
    guild = next(iter(discord.world.guilds.values()))
    elsewhere = discord.guild("Others", "news", "opened")
    general, news, opened = map(discord.channel, ("general", "news", "opened"))
    all_of_it = scope(guild=guild, sources=("*",))
    set_discord(built, open=False, scopes=(all_of_it, scope(channel=opened)))
    async with running(discord, built):
        for command in ("/latest", "/sources", "/status"):
            await marie.asks(news, command)
        await marie.asks(news, "/ask", question=OPEN_QUESTION)
        await marie.asks(news, "/release", title="Sweden")
        await marie.asks(news, "/config announce", channel=news)
        await marie.writes(news, OPEN_QUESTION, mentions=True)
        await marie.writes(marie.direct, OPEN_QUESTION)
        (told,) = await answers(discord, marie.direct)
        await discord.until(lambda: len(marie.sees(news)) == 8, 60)
        assert await marie.types(news, "/release", "title", "") == []
        assert await marie.types(news, "/ask", "source", "") == []
        await marie.asks(general, "/ask", question=SECRET_QUESTION)
        await marie.asks(opened, "/ask", question=OPEN_QUESTION)

    closed = [one["content"] for one in marie.sees(news) if one["author"]["id"] == discord.world.bot["id"]]
    assert len(closed) == 7
    assert {one.split(":")[0] for one in [*closed, told["content"]]} == {"No source is open here"}
    assert "7 March 2031" in marie.sees(general)[-1]["content"]
    assert "7 March 2024" in marie.sees(opened)[-1]["content"]
    assert elsewhere["id"] != guild["id"]


@pytest.mark.usefixtures("home", "relay")
async def test_a_source_is_chosen_among_those_that_may_be_seen(discord: Discord, marie: Member) -> None:
    """By its publisher or by its name in the settings, in whatever capitals; another is as unknown as none at all."""
    general = discord.channel("general")

    assert await marie.types(general, "/ask", "source", "") == ["NATO", "NATO feed"]
    assert await marie.types(general, "/latest", "source", "hush") == []
    for command, options in (("/ask", {"question": OPEN_QUESTION, "private": True}), ("/latest", {})):
        for name in ("nato", "nato FEED", "Hush Ministry", "Hush feed", "Nobody"):
            await marie.asks(general, command, source=name, **options)

    by_publisher, by_source, *unknown = (one["content"] for one in marie.sees(general)[:5])
    latest = [one["content"] for one in marie.sees(general)[5:]]
    assert "7 March 2024" in by_publisher
    assert "7 March 2024" in by_source
    names = ("Hush Ministry", "Hush feed", "Nobody")
    assert [one.replace(name, "…") for one, name in zip(unknown, names, strict=True)] == [
        f"> {OPEN_QUESTION}\nNo release by … is stored; there are NATO (3)."
    ] * 3
    assert all("Sweden joins NATO" in one for one in latest[:2])
    assert set(latest[2:]) == {"No release is stored yet."}


async def test_an_answer_from_before_a_scope_was_narrowed_tells_nothing_more(
    discord: Discord, built: Built, marie: Member
) -> None:
    """Its buttons say that it cannot be shown, and of the conversation only the question is left."""
    furnish(built)
    general = discord.channel("general")
    async with running(discord, built):
        await marie.asks(general, "/ask", question=SECRET_QUESTION, private=True)
        await marie.asks(general, "/ask", question="Who invented the telephone?", source="Hus", private=True)
        await marie.asks(general, "/ask", question=OPEN_QUESTION, private=True)
        before = marie.sees(general)
    assert leaks(shown(marie, general)) != []
    set_discord(built, scopes=(scope(channel=general),))

    async with running(discord, built):
        for message in before[:1]:
            await marie.presses(message, "Show passages")
        for message in before:
            await marie.presses(message, "Post to channel")
        for message in before:
            form = (await marie.presses(message, "Follow up")).modal or {}
            await marie.submits(general, form, {"question": "Tell me more"}, message=message)

    after = [one["content"] for one in marie.sees(general)[3:]]
    assert sum("can no longer be shown here" in one for one in after) == 3
    assert leaks(shown(marie, general, 3).replace("hus ", "")) == []
    posted = await answers(discord, general)
    assert [one["embeds"][0]["title"] for one in posted] == ["[1] Sweden joins NATO"]


async def test_what_was_made_within_the_same_scope_is_shown_whole(discord: Discord, built: Built, home: Any) -> None:
    """A refusal with its counts too, also where a source was chosen besides."""
    del home
    marie, general = discord.member("Marie"), discord.channel("general")
    async with running(discord, built):
        for source in ({}, {"source": "NATO feed"}):
            await marie.asks(general, "/ask", question="Who invented the telephone?", private=True, **source)
            await marie.presses(marie.sees(general)[-1], "Post to channel")
            await answers(discord, general, 2 if source else 1)

    assert all("3 releases searched" in one["content"] for one in await answers(discord, general))


async def test_a_thread_from_before_does_not_lead_outside(discord: Discord, built: Built) -> None:
    """Nor does a reply to what was said there."""
    furnish(built)
    marie, general = discord.member("Marie"), discord.channel("general")
    async with running(discord, built):
        await marie.writes(general, SECRET_QUESTION, mentions=True)
        thread = await thread_below(discord, general)
        (first,) = await answers(discord, thread)
        assert "2031" in first["content"]
    set_discord(built, scopes=(scope(channel=general),))

    async with running(discord, built):
        for text in ("Tell me more", "What is your source?"):
            await marie.replies(first, text)
            await asyncio.sleep(0)
        await answers(discord, thread, 3)

    assert leaks(shown(marie, thread, 3)) == []


@EVERYWHERE
async def test_managers_keep_a_channel_to_sources_and_never_widen_it(
    discord: Discord, built: Built, marie: Member
) -> None:
    """Names are those that may be seen there; without any the channel has again what it is given."""
    furnish(built)
    keep(built.store, a_release("council", "The council met in Riga.", publisher="Council"), built.embedder)
    guild, general = next(iter(discord.world.guilds.values())), discord.channel("general")
    set_discord(built, scopes=(scope(guild=guild, publishers=("NATO", "Council")),))
    async with running(discord, built) as relay:
        store = relay.services.ledger.channel_sources
        assert await marie.types(general, "/config sources", "source", "") == ["Council", "NATO", "NATO feed"]
        await marie.asks(general, "/config sources", channel=general, source="nato; Hush Ministry")
        assert store.all() == {}
        await marie.asks(general, "/config sources", channel=general, source="council")
        assert store.all() == {int(general["id"]): ("Council",)}
        await marie.asks(general, "/ask", question=OPEN_QUESTION, private=True)
        await marie.asks(general, "/config sources", channel=general, source="NATO feed; Council")
        await marie.asks(general, "/config show")
        await marie.asks(general, "/config sources", channel=general)
        assert store.all() == {}

    unknown, council, refusal, both, listed, everything = (one["content"] for one in marie.sees(general))
    here = f"<#{general['id']}>"
    assert unknown == "There is no source **Hush Ministry** here: `/sources` shows which there are."
    assert council == f"In {here} only these sources are searched and shown: Council."
    assert "1 release searched" in refusal
    assert both == f"In {here} only these sources are searched and shown: NATO feed, Council."
    assert both in listed
    assert everything == f"In {here} every source is searched and shown that this server may see."
    assert leaks(shown(marie, general).replace("hush ministry", "")) == []


async def test_a_manager_keeps_no_channel_of_another_guild(discord: Discord, built: Built, marie: Member) -> None:
    """Whatever channel a command is sent with."""
    furnish(built)
    discord.guild("Others", "news")
    async with running(discord, built) as relay:
        await marie.asks(discord.channel("general"), "/config sources", channel=discord.channel("news"), source="NATO")

        assert relay.services.ledger.channel_sources.all() == {}


async def test_a_channel_stays_narrow_while_the_record_is_away(
    discord: Discord, relay: Relay, marie: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept to what it was kept to last, rather than to nothing."""
    await asyncio.to_thread(furnish, relay.services.built)
    general = discord.channel("general")
    await marie.asks(general, "/config sources", channel=general, source="NATO")
    await marie.asks(general, "/latest")

    def away(*_: object) -> None:
        raise LedgerError("ledger", "is away")

    monkeypatch.setattr(ChannelSources, "all", away)
    await marie.asks(general, "/ask", question=SECRET_QUESTION, private=True)

    assert "3 releases searched" in marie.sees(general)[-1]["content"]
    assert leaks(shown(marie, general)) == []


async def test_what_was_set_goes_with_the_channel_and_the_guild(discord: Discord, relay: Relay, marie: Member) -> None:
    """Nothing is left of it."""
    kept = relay.services.ledger.channel_sources
    await asyncio.to_thread(furnish, relay.services.built)
    general = discord.channel("general")
    await marie.asks(general, "/config sources", channel=general, source="NATO")
    assert kept.all()

    discord.world.announce("CHANNEL_DELETE", general)

    await discord.until(lambda: not kept.all())


async def test_only_what_may_be_seen_in_a_channel_is_announced(discord: Discord, built: Built) -> None:
    """Whatever sources were chosen for it; a name is a publisher's or a source's."""
    furnish(built)
    general = discord.channel("general")
    set_discord(built, scopes=(scope(channel=general),))
    async with running(discord, built) as relay:
        subscribe(relay, general, publishers=("NATO feed", "Hush Ministry"))
        for name, source in (("bridge", FEED), ("whisper tower", HUSH), ("tunnel", FEED)):
            await asyncio.to_thread(bring, built, name)
            await asyncio.to_thread(built.store.records.note_visits, [Visit(name, source, NOON, release_id=name)])

        await relay.announcer.look()

    posted = await answers(discord, general, 2)
    assert [("bridge" in one["content"], "tunnel" in one["content"]) for one in posted] == [
        (True, False),
        (False, True),
    ]
    assert "whisper" not in shown(discord.member("Marie"), general)


async def test_a_release_whose_source_is_about_to_be_written_down_is_waited_for(discord: Discord, built: Built) -> None:
    """It comes in a moment before that; nothing is left out, and nothing announced twice."""
    furnish(built)
    general = discord.channel("general")
    set_discord(built, scopes=(scope(channel=general),))
    address = "https://nato.test/ferry"
    ferry = a_release("ferry", "The ferry sails.", title="The ferry", publisher="NATO", published=tomorrow())
    async with running(discord, built) as relay:
        subscribe(relay, general)
        await asyncio.to_thread(keep, built.store, replace(ferry, source=address), built.embedder)
        await relay.announcer.look()
        assert discord.messages(general) == []

        await asyncio.to_thread(built.store.records.note_visits, [Visit(address, FEED, NOON, release_id="ferry")])
        await relay.announcer.look()
        await relay.announcer.look()

    (posted,) = await answers(discord, general)
    assert "The ferry" in posted["content"]


def test_a_question_of_a_place_carries_its_scope(built: Built) -> None:
    """So that whatever answers is bounded by it, and no option lifts it."""
    furnish(built)
    person = {"persons": (7,), "sources": ("NATO feed",)}
    set_discord(built, scopes=(ScopeSettings(**person),))  # type: ignore[arg-type]
    scopes = Scopes(built)

    where = scopes.of_place(Place(person=7))

    assert Ask("Who?", where).where.scopes == where.scopes != ()
    assert scopes.of_place(Place(guild=7)).scopes == ()
    assert built.store.records.among(["sweden", "whisper"], where) == {"sweden"}
