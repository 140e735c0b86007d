"""Topics that people follow, through the wire: who should be told is told once, and nobody else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.state.following import Follow
from bot.state.ledger import Quiet
from tests.bot.discord.conftest import EVERYWHERE, running
from tests.bot.discord.newsroom import (
    ICELAND,
    PORTUGAL,
    bring,
    iceland,
    portugal,
    setting,
    shown,
    subscribe,
    titles,
    told,
)

if TYPE_CHECKING:
    import pytest

    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord


def follow(built: Built, member: Member, *topics: str, **bounds: Any) -> None:
    for topic in topics:
        wanted = Follow(int(member.user["id"]), topic, since=built.store.records.last_event(), **bounds)
        assert built.ledger.following.follow(wanted, locale=member.locale, most=100)


@EVERYWHERE
async def test_who_follows_a_topic_is_told_once_and_nobody_else(discord: Discord, relay: Relay) -> None:
    """In either language, with the sentence that shows it, however often it is looked."""
    built = relay.services.built
    anna, bert, carl = (
        discord.member(name, locale=locale) for name, locale in (("A", "en-US"), ("B", "fr"), ("C", "fr"))
    )
    follow(built, anna, "Iceland")
    follow(built, bert, "Islande", "Portugal")
    follow(built, carl, "Norvège")
    iceland(built, url="https://example.org/iceland")

    for _ in range(3):
        await relay.follower.look()

    assert (told(discord, anna), told(discord, bert), told(discord, carl)) == (["Iceland opens a museum"],) * 2 + ([],)
    [english], [french] = discord.messages(anna.direct), discord.messages(bert.direct)
    assert english["content"].splitlines() == [
        "📰 **A release about what you follow**",
        "- [Iceland opens a museum](<https://example.org/iceland>) · about **Iceland**",
        "-# `/following` lists your topics, `/unfollow` stops one.",
    ]
    assert french["content"].splitlines()[1].endswith(" · sur **Islande**")
    assert english["embeds"][0]["description"].startswith("> Iceland opened a museum in its harbour.\nNATO · <t:")
    assert english["embeds"][0]["url"].startswith("https://example.org/iceland#:~:text=")
    assert discord.refused == []


async def test_what_is_new_at_a_look_comes_in_one_message(discord: Discord, relay: Relay) -> None:
    """Each release once, with all the topics that it is about."""
    built, anna = relay.services.built, discord.member("Anna")
    follow(built, anna, "Iceland", "museum", "Portugal")
    iceland(built)
    portugal(built)
    bring(built, "tunnel")

    await relay.follower.look()

    [message] = discord.messages(anna.direct)
    assert message["content"].startswith("📰 **2 releases about what you follow**\n")
    assert sorted(told(discord, anna)) == ["Iceland opens a museum", "Portugal closes three ports"]
    assert "**Iceland**, **museum**" in message["content"]


async def test_many_releases_come_in_messages_within_the_limits(discord: Discord, relay: Relay) -> None:
    """Nothing is lost or told twice; long titles and addresses break nothing."""
    built, anna = relay.services.built, discord.member("Anna")
    follow(built, anna, "Iceland")
    for number in range(19):
        iceland(
            built,
            f"r{number}",
            title=f"Iceland {number} " + "and its *museum* " * 15,
            url=f"https://e.org/{number}?{'x' * 400}",
        )

    await relay.follower.look()

    assert sorted(int(title.split()[1]) for title in told(discord, anna)) == list(range(19))
    assert len(discord.messages(anna.direct)) == 3
    assert discord.refused == []


async def test_a_release_that_says_everyone_pings_nobody(discord: Discord, relay: Relay) -> None:
    """Nor does a topic."""
    built, anna = relay.services.built, discord.member("Anna")
    follow(built, anna, "Iceland @everyone <@&1>", "Iceland")
    iceland(built, title="Iceland @everyone [click](javascript:alert)", text=f"@everyone **{ICELAND}**")

    await relay.follower.look()

    [message] = discord.messages(anna.direct)
    [body] = [body for method, path, body in discord.requests if method == "POST" and path.endswith("/messages")]
    assert body["allowed_mentions"] == {"parse": []}
    assert "@everyone" not in message["content"]
    assert "](javascript" not in message["content"]


async def test_only_what_they_asked_for(discord: Discord, relay: Relay) -> None:
    """Neither another source nor another language."""
    built, anna = relay.services.built, discord.member("Anna")
    follow(built, anna, "Iceland", publishers=("Council",), languages=("en",))
    iceland(built, "other source")
    iceland(built, "other language", publisher="Council", language="fr", title="Islande")
    iceland(built, "both", publisher="Council", title="Iceland at the Council")

    await relay.follower.look()

    assert told(discord, anna) == ["Iceland at the Council"]


async def test_an_update_is_no_second_message(discord: Discord, relay: Relay) -> None:
    """But one that makes a release be about a topic is the first; a release that is taken down is never told of."""
    built, anna = relay.services.built, discord.member("Anna")
    follow(built, anna, "Iceland")
    iceland(built)
    bring(built, "ports", title="Ports", text=PORTUGAL)
    await relay.follower.look()
    iceland(built, text=ICELAND + " It is open on Mondays.")
    iceland(built, "ports", title="Iceland opens a second museum")
    await relay.follower.look()
    iceland(built, "third", title="Iceland opens a third museum")
    await asyncio.to_thread(relay.follower.match_all)
    built.take_down("third")
    await relay.follower.look()

    assert told(discord, anna) == ["Iceland opens a museum", "Iceland opens a second museum"]


async def test_who_takes_no_messages_is_not_hammered(discord: Discord, relay: Relay) -> None:
    """It is told in `/following`, tried again after a day, and comes once it can; the others are served."""
    built = relay.services.built
    anna, bert = discord.member("Anna"), discord.member("Bert")
    follow(built, anna, "Iceland")
    follow(built, bert, "Iceland")
    discord.forbids(anna.direct, "send_messages")
    iceland(built)
    for _ in range(3):
        await relay.follower.look()

    assert told(discord, bert) == ["Iceland opens a museum"]
    posts = [path for method, path, _ in discord.requests if method == "POST" and path.endswith("/messages")]
    assert posts.count(f"/channels/{anna.direct['id']}/messages") == 1
    lines = shown(await anna.asks(discord.channel("general"), "/following")).splitlines()
    assert lines[2].startswith("⚠️ I haven’t been able to message you since <t:")
    assert lines[3] == "⏳ 1 more are waiting to be sent to you."

    discord.world.lacks.clear()
    await relay.follower.look()
    assert told(discord, anna) == []
    built.ledger.deliveries.try_again(int(anna.user["id"]))
    await relay.follower.look()
    assert told(discord, anna) == ["Iceland opens a museum"]
    assert "⚠️" not in shown(await anna.asks(discord.channel("general"), "/following"))


async def test_who_cannot_be_reached_for_a_month_or_is_gone_is_forgotten(discord: Discord, relay: Relay) -> None:
    """With all that was known of them."""
    built = relay.services.built
    anna, bert = discord.member("Anna"), discord.member("Bert")
    follow(built, anna, "Iceland")
    follow(built, bert, "Portugal")
    discord.forbids(anna.direct, "send_messages")
    iceland(built)
    await relay.follower.look()
    before = (datetime.now(UTC) - timedelta(days=31)).isoformat(timespec="microseconds")
    with built.ledger.database.transaction() as connection:
        connection.execute("UPDATE main.recipients SET retry_at = 0, troubled_since = ?", (before,))
    discord.fails("POST /users/@me/channels", status=404, code=10013)
    portugal(built)
    await relay.follower.look()

    with built.ledger.database.transaction() as connection:
        for table in ("follows", "followers", "matches", "recipients", "deliveries"):
            assert connection.execute(f"SELECT * FROM main.{table}").fetchall() == [], table


async def test_discord_that_wants_it_slower_is_obeyed(discord: Discord, relay: Relay) -> None:
    """For a while nobody is written to; then everybody is."""
    built = relay.services.built
    people = [discord.member(f"M{number}") for number in range(7)]
    for member in people:
        follow(built, member, "Iceland")
    discord.fails("POST /users/@me/channels", status=400, code=40003, times=7)
    iceland(built)
    await relay.follower.look()
    asked = len(discord.requests)
    await relay.follower.look()
    assert len(discord.requests) == asked

    discord.recovers()
    built.ledger.deliveries.pause(0.0)
    await relay.follower.look()

    assert [told(discord, member) for member in people] == [["Iceland opens a museum"]] * 7


async def test_direct_messages_go_out_at_a_pace(discord: Discord, built: Built) -> None:
    """That all processes keep together."""
    setting(built, direct_per_minute=300)
    async with running(discord, built) as one, running(discord, built) as other:
        people = [discord.member(f"M{number}") for number in range(6)]
        for member in people:
            follow(built, member, "Iceland")
        iceland(built)
        began = asyncio.get_running_loop().time()
        await asyncio.gather(one.follower.look(), other.follower.look())
        await one.follower.look()
        took = asyncio.get_running_loop().time() - began

    assert [told(discord, member) for member in people] == [["Iceland opens a museum"]] * 6
    assert took >= 5 * 0.2


@EVERYWHERE
async def test_a_message_that_was_cut_off_is_neither_lost_nor_repeated(discord: Discord, built: Built) -> None:
    """Killed after Discord had it and before it was written down, or before Discord had it; more has come since."""
    anna, bert = discord.member("Anna"), discord.member("Bert")
    async with running(discord, built) as relay:
        follow(built, anna, "Iceland")
        follow(built, bert, "Iceland")
        iceland(built)
        marks = []
        begin = built.ledger.deliveries.begin
        relay.services.ledger.deliveries.begin = lambda *given: (marks.append(given), begin(*given))[1]  # type: ignore[method-assign]
        await relay.follower.look()
        relay.services.ledger.deliveries.begin = begin  # type: ignore[method-assign]
    with built.ledger.database.transaction() as connection:  # as it stands on disk after `kill -9` in the middle
        for person, key, mark in marks:
            connection.execute(
                "UPDATE main.deliveries SET message = NULL, mark = ? WHERE recipient = ? AND key = ?",
                (mark, person, key),
            )
        connection.execute("UPDATE main.matches SET told = FALSE")
        connection.execute("UPDATE main.recipients SET holder = 'killed', held_until = 0")
    discord.messages(bert.direct).clear()
    iceland(built, title="Iceland opens a *large* museum")
    iceland(built, "second", title="Iceland opens a second museum")

    async with running(discord, built) as relay:
        await relay.follower.look()

    assert told(discord, anna) == ["Iceland opens a museum", "Iceland opens a second museum"]
    assert [title.replace("\\", "") for title in told(discord, bert)] == [
        "Iceland opens a *large* museum",
        "Iceland opens a second museum",
    ]


@EVERYWHERE
async def test_two_processes_tell_once(discord: Discord, built: Built) -> None:
    """They share the matching and the telling."""
    people = [discord.member(f"M{number}") for number in range(8)]
    async with running(discord, built) as one, running(discord, built) as other:
        for member in people:
            follow(built, member, "Iceland", "Portugal")
        for number in range(3):
            iceland(built, f"i{number}", title=f"Iceland opens museum {number}")
        portugal(built)
        await asyncio.gather(*(relay.follower.look() for relay in (one, other, one, other)))
        await one.follower.look()

    wanted = [*(f"Iceland opens museum {number}" for number in range(3)), "Portugal closes three ports"]
    assert [sorted(told(discord, member)) for member in people] == [wanted] * 8


async def test_who_begins_to_follow_while_a_release_is_matched_is_told_as_well(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what came in after they began."""
    built = relay.services.built
    anna, bert = discord.member("Anna"), discord.member("Bert")
    follow(built, anna, "Iceland")
    since = built.store.records.last_event()
    iceland(built)
    about = built.topics.about
    began: list[bool] = []

    def meanwhile(*given: Any) -> Any:
        if not began:
            late = Follow(int(bert.user["id"]), "Islande", since=since)
            began.append(built.ledger.following.follow(late, locale="fr", most=9))
        return about(*given)

    monkeypatch.setattr(built.topics, "about", meanwhile)
    await relay.follower.look()

    assert told(discord, anna) == told(discord, bert) == ["Iceland opens a museum"]


async def test_a_store_that_was_made_anew_is_followed_from_there_on(discord: Discord, relay: Relay) -> None:
    """Its events count from 1 again."""
    built, anna = relay.services.built, discord.member("Anna")
    built.ledger.following.follow(Follow(int(anna.user["id"]), "Iceland", since=1_000), locale="en", most=9)
    await relay.follower.look()
    iceland(built)
    await relay.follower.look()

    assert told(discord, anna) == ["Iceland opens a museum"]


def around_now(*, zone: str = "UTC") -> Quiet:
    """Quiet hours that have begun and have not ended."""
    now = datetime.now(UTC)
    minute = now.hour * 60 + now.minute
    return Quiet((minute - 60) % 1440, (minute + 60) % 1440, zone)


async def test_in_quiet_hours_nobody_is_written_to(discord: Discord, relay: Relay) -> None:
    """A person's hold back their messages, a guild's its announcements; afterwards all comes, oldest first."""
    built, anna, general = relay.services.built, discord.member("Anna"), discord.channel("general")
    follow(built, anna, "Iceland")
    subscribe(relay, general)
    for owner in (int(anna.user["id"]), int(general["guild_id"])):
        built.ledger.quiet.set(owner, around_now())
    iceland(built, "second", day=1, title="Iceland opens a second museum")
    iceland(built)
    for looking in (relay.follower, relay.announcer):
        await looking.look()
    assert told(discord, anna) == titles(discord, general) == []

    for owner in (int(anna.user["id"]), int(general["guild_id"])):
        built.ledger.quiet.forget(owner)
    for looking in (relay.follower, relay.announcer):
        await looking.look()

    assert titles(discord, general) == ["Iceland opens a museum", "Iceland opens a second museum"]
    assert sorted(told(discord, anna)) == ["Iceland opens a museum", "Iceland opens a second museum"]
