"""Two bots and a watcher on three hosts, one store on servers, one Discord: an evening with accidents."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.bot.discord.newsroom import museums, question, tomorrow
from tests.chroma_server import chroma_server
from tests.discord_server.process import bot_process
from tests.discord_server.server import Discord
from tests.hosts import ABSENT, may_be_made, network
from tests.postgres_server import ABSENT as NO_POSTGRES
from tests.postgres_server import binaries, postgres_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.discord_server.people import Member
    from tests.discord_server.process import Bot
    from tests.discord_server.world import Interaction
    from tests.hosts import Host, Network
    from tests.postgres_server import Server

pytestmark = [pytest.mark.long, pytest.mark.embedded, pytest.mark.timeout(600)]

PEOPLE = 6
BRIDGES = [f"bridge {number}" for number in range(9)]
AWAY = {
    "I cannot reach the archive at the moment: try again in a few minutes.",
    "Je n’ai pas accès aux archives pour le moment : réessayez dans quelques minutes.",
}
SCHEDULE = 10.0  # seconds: a newsroom is asked no more often


@dataclass(frozen=True)
class Site:
    """Where it all stands: the hosts, the servers that they share, and the folder that the newsroom writes to."""

    network: Network
    postgres: Server
    environment: dict[str, str]
    folder: Path

    def publish(self, identity: str, language: str, text: str, published: str = "2024-05-20", title: str = "") -> None:
        head = {"id": identity, "title": title or text, "date": published, "language": language, "publisher": "NATO"}
        lines = "\n".join(f"{key}: {json.dumps(value)}" for key, value in head.items() if value)
        unfinished = self.folder / f".{identity}"
        unfinished.write_text(f"---\n{lines}\n---\n\n{text}\n", encoding="utf-8")
        unfinished.rename(self.folder / f"{identity}.md")

    def bridge(self, number: int) -> None:
        """A release that is new, after those before it."""
        published = tomorrow().replace(second=number).isoformat()
        self.publish(f"bridge-{number}", "en", f"The {BRIDGES[number]} was opened by ministers.", published)

    def told(self, sql: str) -> list[tuple[Any, ...]]:
        """What the catalogue's server says."""
        with psycopg.connect(self.environment["COMMUNIQUE_STORE__CATALOGUE"]) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    if not may_be_made():
        pytest.skip(ABSENT)
    if binaries() is None:
        pytest.skip(NO_POSTGRES)
    for name in ("chroma", "newsroom"):
        (tmp_path / name).mkdir()
    with contextlib.ExitStack() as opened:
        hosts = opened.enter_context(network(3))
        postgres = opened.enter_context(postgres_server(hosts.cidr))
        chroma = opened.enter_context(chroma_server(tmp_path / "chroma", "0.0.0.0"))
        yield Site(
            hosts,
            postgres,
            {
                "COMMUNIQUE_STORE__CATALOGUE": postgres.new_store().url.replace("127.0.0.1", hosts.gateway),
                "COMMUNIQUE_STORE__CHROMA": chroma.replace("127.0.0.1", hosts.gateway),
                "COMMUNIQUE_DISCORD__USER_PAUSE": "0",
                "COMMUNIQUE_DISCORD__GUILD_PER_MINUTE": "10000",
                "COMMUNIQUE_DISCORD__ANNOUNCE_EVERY": "1",
                "COMMUNIQUE_WATCH__SCHEDULE": f"{SCHEDULE:.0f}s",
            },
            tmp_path / "newsroom",
        )


@dataclass
class Watcher:
    """`communique watch` in a process of its own, and what it told of each run."""

    process: asyncio.subprocess.Process
    runs: list[dict[str, Any]] = field(default_factory=list)

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.runs.append(json.loads(line))

    @property
    def brought(self) -> int:
        return sum(run["new"] for run in self.runs)


@contextlib.asynccontextmanager
async def watching(site: Site, host: Host, home: Path) -> AsyncIterator[Watcher]:
    """Ended as an operator ends it, which it takes for no failure."""
    command = "from bot.cli import app; app()"
    process = await asyncio.create_subprocess_exec(
        *host.on, sys.executable, "-c", command, "--home", str(home), "watch", "--json", str(site.folder),
        env={**os.environ, **site.environment}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    watcher = Watcher(process)
    listening = asyncio.create_task(watcher.listen())
    try:
        yield watcher
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0
    finally:
        listening.cancel()
        if process.returncode is None:
            process.kill()
            await process.wait()


@dataclass
class Asked:
    """A question by a command or in a direct message, and what its answer must say."""

    member: Member
    says: str
    interaction: Interaction | None = None
    place: int = 0  # of the bot's messages in the direct channel

    def is_right(self, discord: Discord) -> bool:
        return self.says in (self.shown(discord) or "")

    def shown(self, discord: Discord) -> str | None:
        """What stands there for good, or None as long as nothing does."""
        if self.interaction is not None:
            return str((self.interaction.original or {})["content"]) if self.interaction.finished else None
        said = replies(discord, self.member)
        return said[self.place] if len(said) > self.place and not said[self.place].endswith("…") else None


def replies(discord: Discord, member: Member) -> list[str]:
    """What the bot wrote to somebody."""
    me = discord.world.bot["id"]
    return [one["content"] for one in discord.messages(member.direct) if one["author"]["id"] == me]


async def asks(discord: Discord, member: Member, number: int) -> Asked:
    """One more question, by turns in the channel and directly."""
    french = member.locale == "fr"
    text, says = question(number, french=french)
    if number % 2:
        place = len(replies(discord, member))
        await member.writes(member.direct, text)
        return Asked(member, says, place=place)
    general = discord.channel("general")
    return Asked(member, says, await member.asks(general, "/ask", question=text, wait=False))


async def an_hour_of(discord: Discord, member: Member, until: asyncio.Event, patience: float) -> list[Asked]:
    """One question after the other, each waited for, until it is enough."""
    done: list[Asked] = []
    while not until.is_set():
        asked = await asks(discord, member, len(done) + int(member.user["id"]) % 7)
        await discord.until(lambda one=asked: one.shown(discord) is not None, patience)
        done.append(asked)
        await asyncio.sleep(0.1)
    return done


@dataclass
class Evening:
    """A newsroom whose releases are in, a channel that new ones are announced in, and people who ask."""

    site: Site
    discord: Discord
    watcher: Watcher
    homes: Path
    people: list[Member]
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def bot(self, place: int) -> contextlib.AbstractAsyncContextManager[Bot]:
        """A bot on one of the hosts, whose answers take a second longer, so that some are always under way."""
        host = self.site.network.hosts[place]
        return bot_process(self.discord, self.homes / host.name, on=host.on, **self.site.environment, FAKE_SLOW="1.0")

    def begin(self) -> asyncio.Future[list[list[Asked]]]:
        """People ask, until it is `enough`."""
        return asyncio.gather(*(an_hour_of(self.discord, one, self.enough, 90.0) for one in self.people))

    async def announced(self, count: int) -> None:
        """So many bridges were announced; the first message says that it will be so."""
        await self.discord.until(lambda: len(self.discord.messages(self.discord.channel("news"))) > count, 120)

    async def subscribe(self) -> None:
        marie = self.discord.member("Marie", permissions=("manage_guild",))
        await marie.asks(self.discord.channel("general"), "/config announce", channel=self.discord.channel("news"))

    def check(self, asked: list[Asked]) -> None:
        """No question was answered twice, by whomever, no release lost, and none announced twice."""
        by_command = [one for one in asked if one.interaction]
        assert all(one.interaction and one.interaction.followups == [] for one in by_command)
        assert sum(len(replies(self.discord, one)) for one in self.people) == len(asked) - len(by_command)
        assert {body["code"] for _, body in self.discord.refused} <= {40060}
        posted = self.discord.messages(self.discord.channel("news"))[1:]
        bridges = [one["content"].splitlines()[0].split(" · ")[1] for one in posted]
        assert bridges == [f"The {name} was opened by ministers." for name in BRIDGES]
        stored = self.site.told("SELECT count(*) FROM versions WHERE current")
        assert stored == [(len(museums()) + len(BRIDGES),)]


@pytest.fixture
async def evening(site: Site, tmp_path: Path) -> AsyncIterator[Evening]:
    for identity, language, text in museums():
        site.publish(identity, language, text, published="", title=f"A museum for {identity.partition('.')[0]}")
    async with (
        Discord(heartbeat=5.0, host=site.network.gateway) as discord,
        watching(site, site.network.hosts[2], tmp_path / "third") as watcher,
    ):
        discord.guild("Watchers", "general", "news")
        people = [discord.member(f"Member {n}", locale="fr" if n % 2 else "en-US") for n in range(PEOPLE)]
        await discord.until(lambda: watcher.brought == len(museums()), 120)
        yield Evening(site, discord, watcher, tmp_path, people)


async def test_what_a_bot_leaves_behind_that_is_killed_another_answers(evening: Evening) -> None:
    """Every question is answered once and rightly, and every release announced once, in its order."""
    site, discord = evening.site, evening.discord
    async with evening.bot(0) as lasting:
        async with evening.bot(1) as killed:
            await evening.subscribe()
            asking = evening.begin()
            for number in range(3):
                site.bridge(number)
            await evening.announced(1)
            addresses = {one for (one,) in site.told("SELECT host(client_addr) FROM pg_stat_activity")}
            assert addresses >= {host.address for host in site.network.hosts}
            await killed.end(signal.SIGKILL)
        for number in range(3, len(BRIDGES)):
            site.bridge(number)
        await evening.announced(len(BRIDGES))
        await asyncio.sleep(20.0)  # longer than a question is kept for who was killed
        evening.enough.set()
        asked = [one for hour in await asking for one in hour]
        assert await lasting.end(signal.SIGTERM) == 0

    assert [one.shown(discord) for one in asked if not one.is_right(discord)] == []
    evening.check(asked)
    assert "Traceback" not in lasting.errors
    print(f"{len(asked)} questions, a bot killed among them: all answered")  # noqa: T201 - `pytest -s` shows it


async def test_a_database_that_is_restarted_under_load_is_waited_for(evening: Evening) -> None:
    """Whoever asks meanwhile is told so in one sentence; bots and watcher go on by themselves, and nothing is lost."""
    site, discord, watcher = evening.site, evening.discord, evening.watcher
    async with evening.bot(0) as one, evening.bot(1) as two:
        await evening.subscribe()
        asking = evening.begin()
        site.bridge(0)
        await evening.announced(1)
        runs = len(watcher.runs)
        site.bridge(1)
        await asyncio.to_thread(site.postgres.stop)
        for number in range(2, 6):
            site.bridge(number)
        await discord.until(lambda: any(run["failed"] for run in watcher.runs[runs:]), 60)
        await discord.until(lambda: any(AWAY.intersection(replies(discord, one)) for one in evening.people), 60)
        await asyncio.to_thread(site.postgres.start)
        for number in range(6, len(BRIDGES)):
            site.bridge(number)
        await evening.announced(len(BRIDGES))
        evening.enough.set()
        asked = [one for hour in await asking for one in hour]
        assert [await bot.end(signal.SIGTERM) for bot in (one, two)] == [0, 0]

    excused = [question for question in asked if question.shown(discord) in AWAY]
    answered = [question for question in asked if question not in excused]
    assert [question.shown(discord) for question in answered if not question.is_right(discord)] == []
    assert excused
    assert asked[-1].is_right(discord)
    evening.check(asked)
    assert "Traceback" not in one.errors + two.errors
    print(f"{len(asked)} questions, {len(excused)} told that the database was away")  # noqa: T201
