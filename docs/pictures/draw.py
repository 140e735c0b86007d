"""Draws the pictures of docs/discord.md from what the bot really posts, on the Discord of the tests.

    python -m docs.pictures.draw

Needs a Chromium on the path (Debian's `chromium` and `fonts-noto-color-emoji`). Nobody's server is asked for anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import frontmatter
from jinja2 import Environment, FileSystemLoader

from bot.discord.client import Relay
from bot.operations.ingestion import ingest_sources
from bot.settings import load_settings
from bot.wiring import Built
from docs.pictures.markdown import as_html
from ingest.sources import Limits
from ingest.types import Source
from tests.discord_server.people import is_private, labels
from tests.discord_server.pointing import pointed_at
from tests.discord_server.server import Discord
from tests.fakes import a_release, keep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.discord_server.people import Member

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WIDTH = 660
_HEIGHT = re.compile(r'data-height="(\d+)"')


async def draw(folder: Path) -> None:
    """Play the scenes, and write a picture of each."""
    settings = load_settings(folder / "home")
    keeping = settings.questions.model_copy(update={"keep": True})
    with contextlib.closing(Built(settings.model_copy(update={"questions": keeping}))) as built:
        ingest_sources(built, [Source(str(_with_addresses(folder, ROOT / "samples")))], limits=Limits())
        async with Discord() as discord:
            discord.guild("Watchers", "questions", "questions-fr", "timelines", "newsroom", "digests")
            async with _running(discord, built) as relay:
                await _answer(discord)
                await _refusal(discord)
                await _thread(discord)
                await _timeline(discord)
                await _announcements(discord, relay)
                await _digest(discord, relay)
                await _followed(discord, relay)


def _with_addresses(folder: Path, samples: Path) -> Path:
    """The samples in a file of JSON lines, each with an address as on a newsroom's web site."""
    lines = []
    for path in sorted(samples.glob("20*.md")):
        details, body = frontmatter.parse(path.read_text("utf-8"))
        lines.append(json.dumps(details | {"body": body, "url": f"https://newsroom.example/{path.stem}"}, default=str))
    file = folder / "samples.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    return file


async def _answer(discord: Discord) -> None:
    anna, channel = discord.member("Anna"), discord.channel("questions")
    await anna.asks(channel, "/ask", question="When did Sweden join NATO?")
    _picture("answer", discord, anna, channel, used="Anna used /ask")
    shown = discord.messages(channel)[-1]
    await anna.presses(shown, "Show passages")
    _picture("passages", discord, anna, channel, used="Anna pressed Show passages", last=1)


async def _refusal(discord: Discord) -> None:
    luc, channel = discord.member("Luc", locale="fr"), discord.channel("questions-fr")
    await luc.asks(channel, "/ask", question="Qui a inventé le téléphone ?", private=True)
    _picture("refusal", discord, luc, channel, used="Luc a utilisé /demander", language="fr")


async def _thread(discord: Discord) -> None:
    anna, channel = discord.member("Anna"), discord.channel("questions")
    await anna.writes(channel, "When did Sweden join NATO?", mentions=True)
    thread = await _eventually(discord, lambda: discord.world.channels[discord.messages(channel)[-1]["thread"]["id"]])
    first = await _eventually(discord, lambda: discord.messages(thread)[0])
    await asyncio.sleep(2.1)  # one question of one person every two seconds
    await anna.replies(first, "And Finland?")
    await _eventually(discord, lambda: discord.messages(thread)[2])
    _picture("thread", discord, anna, thread)


async def _announcements(discord: Discord, relay: Relay) -> None:
    anna, channel = discord.member("Anna", permissions=("manage_guild",)), discord.channel("newsroom")
    await anna.asks(channel, "/config announce", channel=channel)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for day in ("Monday", "Tuesday"):
        text = f"The exhibition on the history of the samples opens on {day}. Entry is free."
        release = a_release(
            "exhibition", text, title="An exhibition opens", publisher="Communiqué samples", published=tomorrow
        )
        keep(relay.services.built.store, release, relay.services.built.embedder)
        await relay.announcer.look()
    _picture("announcements", discord, anna, channel, last=2)


async def _timeline(discord: Discord) -> None:
    anna, channel = discord.member("Anna"), discord.channel("timelines")
    await anna.asks(channel, "/timeline", topic="Sweden joins NATO")
    _picture("timeline", discord, anna, channel, used="Anna used /timeline")


async def _digest(discord: Discord, relay: Relay) -> None:
    anna, channel = discord.member("Anna", permissions=("manage_guild",)), discord.channel("digests")
    await anna.asks(channel, "/config digest", channel=channel, every="daily")
    for name, title, text in (
        ("ferry", "A ferry for the islands", "A second ferry will serve the islands from June. It carries 300 people."),
        ("bridge", "The bridge reopens", "The bridge over the strait reopens on Friday. Repairs took two years."),
    ):
        _bring(relay, name, title, text)
    await relay.digests.look(datetime.now(UTC) + timedelta(days=2))
    _picture("digest", discord, anna, channel, last=1)


async def _followed(discord: Discord, relay: Relay) -> None:
    anna = discord.member("Anna")
    await anna.asks(anna.direct, "/follow", topic="Iceland")
    text = "Iceland opened a museum in its harbour. The government of Iceland paid for it. Icelandic ministers came."
    _bring(relay, "iceland", "Iceland opens a museum in its harbour", text)
    await relay.follower.look()
    _picture("followed", discord, anna, anna.direct, used="Anna used /follow")


def _bring(relay: Relay, name: str, title: str, text: str) -> None:
    """A release comes in, published tomorrow: what a newsroom had before it was read is no news."""
    tomorrow, built = datetime.now(UTC) + timedelta(days=1), relay.services.built
    url = f"https://newsroom.example/{name}"
    release = a_release(name, text, title=title, publisher="Communiqué samples", published=tomorrow)
    keep(built.store, replace(release, url=url), built.embedder)


async def _eventually(discord: Discord, found: Any) -> Any:
    def is_there() -> bool:
        with contextlib.suppress(LookupError):
            return bool(found())
        return False

    await discord.until(is_there)
    return found()


def _picture(
    name: str,
    discord: Discord,
    who: Member,
    channel: dict[str, Any],
    *,
    used: str = "",
    language: str = "en",
    last: int = 0,
) -> None:
    """What somebody sees in a channel, as a PNG."""
    names = {key: one.get("name") or "" for key, one in discord.world.channels.items()}
    names |= {discord.world.bot["id"]: "Communiqué", who.user["id"]: who.name}
    messages = [_message(one, language, names) for one in who.sees(channel)[-last:]]
    if used:
        messages[0]["used"] = used
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True)
    page = environment.get_template("channel.html").render(
        title=channel.get("name") or "Communiqué", is_thread=channel["type"] == 11, language=language, messages=messages
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        height = _HEIGHT.search(_chromium("--dump-dom", file.as_uri()).decode())
        assert height, "the page says how high it is"
        target = HERE / f"{name}.png"
        _chromium(f"--screenshot={target}", f"--window-size={WIDTH},{height[1]}", file.as_uri())
    print(f"{target.relative_to(ROOT)}: {WIDTH} by {height[1]}")


def _message(told: dict[str, Any], language: str, names: dict[str, str]) -> dict[str, Any]:
    def shown(text: str | None) -> str:
        return as_html(text or "", language=language, names=names)

    embeds = [one | {"description": shown(one.get("description"))} for one in told["embeds"]]
    return {
        "name": told["author"]["global_name"], "bot": told["author"]["bot"], "private": is_private(told),
        "time": "10:42", "content": shown(told["content"]), "embeds": embeds, "buttons": labels(told), "used": "",
    }  # fmt: skip


def _chromium(*options: str) -> bytes:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        sys.exit("no Chromium on the path; on Debian: apt install chromium")
    fixed = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDTH},2000")
    return subprocess.run([program, *fixed, *options], check=True, capture_output=True).stdout


@contextlib.asynccontextmanager
async def _running(discord: Discord, built: Built) -> AsyncIterator[Relay]:
    with pointed_at(discord.api_url, discord.gateway_url):
        async with Relay(built, sync=True) as relay:
            relay._connection.guild_ready_timeout = 0.1
            working = asyncio.create_task(relay.start(discord.token))
            await discord.until(relay.is_ready)
            yield relay
            await relay.stop()
            await working


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(draw(Path(made)))
