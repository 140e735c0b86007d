"""`/timeline` through the wire: by date, within Discord's limits, and harmless whatever a release says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.timeline import Timeline, TimelineChange, TimelineEntry
from bot.answering.types import Citation, Searched
from bot.answering.wording import corrected
from bot.discord.rendering import ENTRIES, LIMIT, timeline_pages
from bot.language.figure_changes import figure_change
from tests.bot.discord.conftest import said_by_bot
from tests.bot.releases import stored
from tests.discord_server.people import is_private
from tests.fakes import a_release, keep

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.server import Discord

MOMENT = datetime(2024, 3, 7, tzinfo=UTC)
DAY = f"<t:{int(MOMENT.replace(hour=12).timestamp())}:D>"
HOSTILE = "@everyone <@&1> [click](javascript:alert(1)) **bold** https://a.example/x\n> quote\n# head"


def an_entry(text: str, *, key: str = "1", **more: Any) -> TimelineEntry:
    """A release of which all is quoted."""
    release = stored(f"r{key}", text, title=more.pop("title", "A release"), published=MOMENT)
    return TimelineEntry(Citation(key, text, 0, len(text), release, f"https://example.org/r{key}"), **more)


def a_timeline(*entries: TimelineEntry, rest: int = 0, topic: str = "NATO") -> Timeline:
    return Timeline(topic, "en", entries, rest, True, Searched(9), 1.0)


@pytest.fixture
def dated(built: Built) -> Built:
    """A home with three releases about a fleet, one of another publisher."""
    for number, (publisher, ships) in enumerate((("NATO", "20"), ("Navy", "21"), ("NATO", "25")), 1):
        text = f"The Baltic fleet has {ships} ships. It sails."
        moment = datetime(2024, 3, number, tzinfo=UTC)
        title = f"The Baltic fleet has {ships} ships"
        keep(
            built.store,
            a_release(f"fleet{number}", text, title=title, publisher=publisher, published=moment),
            built.embedder,
        )
    return built


async def test_releases_about_a_topic_are_shown_by_date(discord: Discord, dated: Built, relay: Relay) -> None:
    """With their sentences, and how the figure changed; for everybody, with nothing that unfolds or pings."""
    del dated, relay
    marie, general = discord.member("Marie"), discord.channel("general")

    await marie.asks(general, "/timeline", topic="Baltic fleet")

    (shown,) = await said_by_bot(discord, general)
    content = shown["content"]
    assert content.startswith("**3 releases are about “Baltic fleet”:**")
    days = [content.index(f"<t:{int(datetime(2024, 3, day, 12, tzinfo=UTC).timestamp())}:D>") for day in (1, 2, 3)]
    assert days == sorted(days)
    assert "> “The Baltic fleet has 20 ships.”" in content
    assert "**20 → 21 (+5\u00a0%)**" in content
    assert "**21 → 25 (+19\u00a0%)**" in content
    assert not is_private(shown)
    assert discord.refused == []


async def test_it_is_bounded_as_a_question_is(discord: Discord, dated: Built, relay: Relay) -> None:
    """By publisher and period, in the person's language, for them alone; a date that is none is told."""
    del dated, relay
    marie, paul = discord.member("Marie", locale="fr"), discord.member("Paul")
    general = discord.channel("general")

    await marie.asks(general, "/timeline", topic="Baltic fleet", since="2024-03-02", source="NATO", private=True)
    await marie.asks(general, "/timeline", topic="Baltic fleet", until="bientôt", private=True)
    proposed = await paul.types(general, "/timeline", "source", "nav")

    one, wrong = marie.sees(general)
    assert one["content"].startswith("**1 communiqué porte sur « Baltic fleet » :**")
    assert "25 ships" in one["content"]
    assert "bientôt" in wrong["content"]
    assert all(map(is_private, (one, wrong)))
    assert paul.sees(general) == []
    assert proposed == ["Navy"]


async def test_a_topic_of_blanks_is_none(discord: Discord, relay: Relay) -> None:
    """In one sentence."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")

    await marie.asks(general, "/timeline", topic="   ", private=True)

    assert marie.sees(general)[-1]["content"] == "There is no text in that message."


def test_what_a_release_says_is_harmless() -> None:
    """In its sentence, its title, a correction, and in the topic."""
    entry = an_entry(HOSTILE, title=HOSTILE)
    entry = replace(entry, notes=(corrected(entry.release, entry.release, UTC, "en"),))

    (page,) = timeline_pages(a_timeline(entry, topic=HOSTILE))

    assert "@everyone" not in page.content.replace("@\u200beveryone", "")
    assert "](javascript" not in page.content
    assert "**bold**" not in page.content
    assert page.content.count("\n> ") == 1
    assert "\n# " not in page.content


def test_an_entry_stays_in_one_message() -> None:
    """As many messages as it takes, none too long; what is left out is counted above."""
    entries = [an_entry("The fleet sails on. " * 40, key=str(key), title="T" * 500) for key in range(ENTRIES)]

    pages = timeline_pages(a_timeline(*entries, rest=7))

    assert len(pages) > 1
    assert all(len(page.content) <= LIMIT for page in pages)
    assert "-# … and 7 earlier." in pages[0].content
    assert all(page.content.count(DAY) == page.content.count("\n> “") for page in pages)
    assert sum(page.content.count(DAY) for page in pages) == ENTRIES


def test_a_difference_stands_below_its_sentence() -> None:
    """In bold; a page of a PDF and a speaker are named."""
    change = figure_change("It has 32 members.", "It has 31 members.", "en")
    assert change is not None
    entry = an_entry("It has 31 members.", change=TimelineChange("1", "32", "31", change, "32 → 31 (−3.1 %)"))
    citation = replace(entry.citation, speaker="A. B.", release=replace(entry.release, pages=(0,)))

    (page,) = timeline_pages(a_timeline(replace(entry, citation=citation)))

    assert page.content.splitlines()[1:] == [
        f"{DAY} · [A release](<https://example.org/r1>) · NATO · p. 1",
        "> “It has 31 members.” — A. B.",
        "**32 → 31 (−3.1 %)**",
    ]
