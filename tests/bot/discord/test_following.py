"""Topics that people follow, through the wire: who should be told is told once, and nobody else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.state import Follow, Quiet
from tests.bot.discord.conftest import EVERYWHERE, running
from tests.bot.discord.newsroom import bring, subscribe, titles

if TYPE_CHECKING:
    import pytest

    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord

ICELAND = "Iceland opened a museum in its harbour. The government of Iceland paid for it. Icelandic ministers came."
PORTUGAL = "Portugal closed three ports for the winter. Portuguese fishermen protested. Portugal will pay them."


def follow(built: Built, member: Member, *topics: str, **bounds: Any) -> None:
    for topic in topics:
        wanted = Follow(int(member.user["id"]), topic, since=built.store.last_event(), **bounds)
        assert built.ledger.following.follow(wanted, locale=member.locale, most=100)


def setting(built: Built, **chosen: float) -> None:
    """The operator has set this."""
    edge = built.settings.discord.model_copy(update=chosen)
    built.settings = built.settings.model_copy(update={"discord": edge})


def iceland(built: Built, name: str = "iceland", **chosen: Any) -> None:
    bring(built, name, **{"title": "Iceland opens a museum", "text": ICELAND} | chosen)


def portugal(built: Built, name: str = "portugal", **chosen: Any) -> None:
    bring(built, name, **{"title": "Portugal closes three ports", "text": PORTUGAL} | chosen)


def told(discord: Discord, member: Member) -> list[str]:
    """The titles of the releases that somebody was told of, message by message."""
    mine = [one for one in discord.messages(member.direct) if one["author"]["id"] == discord.world.bot["id"]]
    return [embed["title"] for message in mine for embed in message["embeds"]]


def shown(interaction: Any) -> str:
    assert interaction.original is not None
    return str(interaction.original["content"])


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


async def test_following_is_confirmed_with_the_newest_release(discord: Discord, relay: Relay) -> None:
    """Privately; what is stored already is not told of again."""
    built, marie = relay.services.built, discord.member("Marie", locale="fr")
    iceland(built, "old", day=-3, title="Iceland closes a museum")
    iceland(built)

    asked = await marie.asks(discord.channel("general"), "/follow", topic="Islande", source="NATO", language="en")
    await relay.follower.look()

    assert asked.original is not None
    assert asked.original["flags"] & 64
    first, second = shown(asked).splitlines()
    assert first == (
        "Vous suivez **Islande** (seulement de NATO, seulement en anglais) : je vous écris ici dès qu’un communiqué"
        " porte dessus."
    )
    assert second == "Le plus récent à ce jour : Iceland opens a museum"
    assert asked.original["embeds"][0]["description"].startswith("> Iceland opened a museum in its harbour.")
    assert told(discord, marie) == []


async def test_topics_are_listed_and_given_up(discord: Discord, relay: Relay) -> None:
    """In a direct message too; what nobody follows any more is forgotten."""
    built, marie = relay.services.built, discord.member("Marie")
    for topic in ("Iceland", "cyber *defence*"):
        await marie.asks(marie.direct, "/follow", topic=topic)
    listed = await marie.asks(marie.direct, "/following")
    assert shown(listed).splitlines() == ["You follow:", "- **cyber \\*defence\\***", "- **Iceland**"]
    assert await marie.types(marie.direct, "/unfollow", "topic", "ice") == ["Iceland"]

    assert shown(await marie.asks(marie.direct, "/unfollow", topic="ICELAND")) == "You no longer follow **ICELAND**."
    assert shown(await marie.asks(marie.direct, "/unfollow", topic="Iceland")) == "You don’t follow **Iceland**."
    iceland(built)
    await relay.follower.look()
    await marie.asks(marie.direct, "/unfollow", topic="cyber *defence*")

    assert told(discord, marie) == []
    assert shown(await marie.asks(marie.direct, "/following")) == "You don’t follow anything yet. `/follow` starts."
    with built.ledger.database.transaction() as connection:
        assert connection.execute("SELECT * FROM main.followers").fetchall() == []


async def test_topics_are_bounded_and_must_say_something(discord: Discord, built: Built) -> None:
    """The refusal says how to make room."""
    setting(built, topics_per_person=2)
    async with running(discord, built):
        marie = discord.member("Marie")
        said = [shown(await marie.asks(marie.direct, "/follow", topic=one)) for one in ("a", "b", "B", "c", "…")]

    assert said[3] == "You follow 2 topics, which is the limit. `/unfollow` stops one."
    assert said[4] == "I can’t look for “…”: write a name, or a few words."
    assert len(built.ledger.following.of(int(marie.user["id"]))) == 2


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
    await asyncio.to_thread(relay.follower._match_all)
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
    since = built.store.last_event()
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


async def test_quiet_hours_are_set_in_the_guilds_time_zone(discord: Discord, relay: Relay) -> None:
    """By who manages it; a person sets their own."""
    general = discord.channel("general")
    marie, paul = discord.member("Marie", permissions=("manage_guild",)), discord.member("Paul", locale="fr")
    told_marie = await marie.asks(general, "/config quiet", **{"from": "22:30", "until": "7", "zone": "brussels"})
    told_paul = await paul.asks(general, "/quiet", **{"from": "22 h", "until": "6 h 15", "zone": "Europe/Paris"})

    quiet = relay.services.ledger.quiet
    assert shown(told_marie).startswith("Quiet from 22:30 to 07:00 (Europe/Brussels): ")
    assert shown(told_paul).startswith("Silence de 22:00 à 06:15 (Europe/Paris) : ")
    assert quiet.of(int(general["guild_id"])) == Quiet(22 * 60 + 30, 7 * 60, "Europe/Brussels")
    assert quiet.of(int(paul.user["id"])) == Quiet(22 * 60, 6 * 60 + 15, "Europe/Paris")
    assert "Europe/Brussels" in await marie.types(general, "/config quiet", "zone", "bruss")
    assert "Quiet from 22:30" in shown(await marie.asks(general, "/config show"))
    wrong = await marie.asks(general, "/config quiet", **{"from": "late", "until": "7"})
    assert shown(wrong) == "“late” is not a time of day; write it as 22:30."
    wrong = await marie.asks(general, "/config quiet", **{"from": "22", "until": "7", "zone": "Atlantis"})
    assert shown(wrong).startswith("I don’t know the time zone “Atlantis”")
    assert shown(await marie.asks(general, "/config quiet")) == "No quiet hours: messages are sent at once."
    assert quiet.of(int(general["guild_id"])) is None


async def test_a_channel_gets_what_is_about_its_topics_and_a_role_is_mentioned(discord: Discord, built: Built) -> None:
    """With new releases alone; an update of one that was announced comes, whatever it is about by then."""
    guild = next(iter(discord.world.guilds.values()))
    role, general = discord.role(guild, "Press"), discord.channel("general")
    marie = discord.member("Marie", permissions=("manage_guild",))
    async with running(discord, built) as relay:
        asked = await marie.asks(general, "/config announce", channel=general, about="Islande; naval ships", role=role)
        assert shown(asked) == (
            f"Announced in <#{general['id']}>: all sources, all languages, about **Islande**, **naval ships**, pings"
            f" <@&{role['id']}>."
        )
        iceland(built)
        portugal(built)
        await relay.announcer.look()
        iceland(built, text="The museum was closed again.")
        await relay.announcer.look()

    _, new, changed = discord.messages(general)
    assert new["content"].splitlines() == [
        "📰 **New release** · Iceland opens a museum", "-# about **Islande**", f"<@&{role['id']}>",
    ]  # fmt: skip
    assert new["embeds"][0]["description"].startswith("> Iceland opened a museum in its harbour.")
    assert changed["content"].startswith("✏️ **Release updated**")
    posts = [body for method, path, body in discord.requests if method == "POST" and path.endswith("/messages")]
    assert [body["allowed_mentions"] for body in posts] == [
        {"parse": []}, {"parse": [], "roles": [int(role["id"])]}, {"parse": []},
    ]  # fmt: skip


async def test_only_a_role_that_may_be_mentioned_is(discord: Discord, built: Built) -> None:
    """By the person, and by the bot."""
    guild = next(iter(discord.world.guilds.values()))
    everyone, general = guild["roles"][0], discord.channel("general")
    staff = discord.role(guild, "Staff", mentionable=False)
    marie = discord.member("Marie", permissions=("manage_guild",))
    chief = discord.member("Chief", permissions=("manage_guild", "mention_everyone"))
    async with running(discord, built):
        refused = [
            shown(await member.asks(general, "/config announce", channel=general, role=role))
            for member, role in ((marie, staff), (chief, everyone))
        ]
        allowed = await chief.asks(general, "/config announce", channel=general, role=staff)

    assert refused[0].startswith("You may not mention @Staff")
    assert refused[1].startswith("You may not mention @everyone".replace("@everyone", "@everyone"))
    assert f"<@&{staff['id']}>" in shown(allowed)
    assert len(built.ledger.announcements.subscriptions()) == 1
