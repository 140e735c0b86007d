"""An evening: 500 people follow 2,000 topics, 60 releases come in, and one of two bots is killed in the middle."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bot.state.following import Follow, topic_key
from tests.bot.discord.newsroom import bring
from tests.discord_server.process import bot_process
from tests.discord_server.server import Discord
from vectorstore.text import rows

if TYPE_CHECKING:
    from pathlib import Path

    from bot.wiring import Built
    from tests.discord_server.people import Member

pytestmark = [pytest.mark.long, pytest.mark.timeout(1_800)]

PEOPLE, TOPICS, RELEASES = 500, 2_000, 60
PATIENCE = 900.0  # seconds: a machine may be busy with other things
# Names that are words too, or parts of other names here.
_AMBIGUOUS = {
    "Chad",
    "Georgia",
    "Guinea",
    "Jordan",
    "Jersey",
    "Niger",
    "Congo",
    "Dominica",
    "Ireland",
    "Samoa",
    "Turkey",
}


def names() -> dict[str, int]:
    """2,000 names of the tables, in both languages, each with the number of its row; those of countries first."""
    found: dict[str, tuple[str, int]] = {}
    number = 0
    for table in ("countries", "places", "organisations"):
        for row in rows(table):
            for name in (*row["english"], *row["french"]):
                if 3 < len(name) <= 100 and name[:1].isupper():
                    found.setdefault(topic_key(name), (name, number))
            number += 1
    return dict(list(found.values())[:TOPICS])


def countries() -> list[tuple[str, int]]:
    """Sixty countries, of one word and not like another word, with the numbers of their rows."""
    found = [
        (row["english"][0], number)
        for number, row in enumerate(rows("countries"))
        if row["english"][0].isalpha() and row["english"][0] not in _AMBIGUOUS and len(row["english"][0]) > 4
    ]
    return random.Random(3).sample(found, RELEASES)


def release_of(built: Built, country: str, number: int) -> None:
    """A release about one country, which names it in its title and in each sentence."""
    text = (
        f"{country} has opened a harbour for ferries. The government of {country} paid half of the cost.\n\n"
        f"Ferries will run to the islands of {country} from Monday on. {country} expects 4,000 passengers a day."
    )
    bring(built, f"r{number}", title=f"{country} opens a harbour for ferries", text=text, day=number)


def follows(people: list[Member], topics: list[str], since: int) -> list[Follow]:
    """Each topic by one of the people, four of them each."""
    chance = random.Random(5)
    shuffled = chance.sample(topics, len(topics))
    return [
        Follow(int(people[place % len(people)].user["id"]), topic, since=since) for place, topic in enumerate(shuffled)
    ]


def told(discord: Discord, member: Member) -> list[str]:
    """The countries that somebody was told of, as often as they were."""
    messages = [one for one in discord.messages(member.direct) if one["author"]["id"] == discord.world.bot["id"]]
    return [embed["title"].removesuffix(" opens a harbour for ferries") for one in messages for embed in one["embeds"]]


async def test_who_should_be_told_is_told_once_and_nobody_else(built: Built, tmp_path: Path) -> None:
    """Whichever process does it, with `kill -9` in the middle; nothing goes over Discord's limits."""
    number_of, chosen = names(), countries()
    assert len(number_of) == TOPICS
    async with Discord() as discord:
        discord.guild("Watchers", "general")
        people = [discord.member(f"Member {number}") for number in range(PEOPLE)]
        for one in follows(people, list(number_of), built.store.records.last_event()):
            assert built.ledger.following.follow(one, locale="en", most=10)
        wanted: Counter[tuple[int, str]] = Counter()
        for member in people:
            mine = {number_of[follow.topic] for follow in built.ledger.following.of(int(member.user["id"]))}
            wanted.update((int(member.user["id"]), country) for country, number in chosen if number in mine)

        def so_far() -> Counter[tuple[int, str]]:
            return Counter((int(one.user["id"]), country) for one in people for country in told(discord, one))

        settings = {"COMMUNIQUE_DISCORD__ANNOUNCE_EVERY": "1", "COMMUNIQUE_DISCORD__DIRECT_PER_MINUTE": "6000"}
        home = tmp_path / "home"
        async with bot_process(discord, home, **settings) as killed:
            for number, (country, _) in enumerate(chosen[:40]):
                release_of(built, country, number)
            await discord.until(lambda: so_far().total() >= 20, PATIENCE)
            await killed.end(signal.SIGKILL)
        before = so_far()
        async with bot_process(discord, home, **settings) as one, bot_process(discord, home, **settings) as other:
            for number, (country, _) in enumerate(chosen[40:], 40):
                release_of(built, country, number)
            await discord.until(lambda: so_far().total() >= wanted.total(), PATIENCE)
            await asyncio.sleep(3)  # longer than a look
            assert [await bot.end(signal.SIGTERM) for bot in (one, other)] == [0, 0]

        assert 20 <= before.total() < wanted.total()
        assert so_far() - wanted == Counter(), "somebody was told twice, or of what is not theirs"
        assert wanted - so_far() == Counter(), "somebody was not told"
        assert discord.refused == []
        assert "Traceback" not in one.errors + other.errors
    took = matching(built, list(number_of))
    sent = sum(len(discord.messages(member.direct)) for member in people)
    print(  # noqa: T201 - `pytest -s` shows it
        f"{wanted.total()} releases told in {sent} messages; matching {TOPICS} topics with {RELEASES} releases took"
        f" {took:.1f} s of a processor"
    )


def matching(built: Built, topics: list[str]) -> float:
    """Seconds of a processor that it takes to match all releases with all topics."""
    began = time.process_time()
    prepared = built.topics.prepared(topics)
    for release in built.store.records.releases():
        built.topics.about(release, prepared)
    return time.process_time() - began
