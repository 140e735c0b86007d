"""Topics, quiet hours and roles, as people set them by commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.state.ledger import Quiet
from tests.bot.discord.conftest import running
from tests.bot.discord.newsroom import iceland, portugal, setting, shown, told

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.server import Discord


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
