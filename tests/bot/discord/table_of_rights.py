"""The table of rights in docs/discord.md, and who sits at each of its columns."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from bot.cli import app
from tests.bot.discord.conftest import running
from tests.bot.discord.two_newsrooms import FEED, HUSH, furnish, scope, set_discord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord

DOCS = Path(__file__).parents[3] / "docs" / "discord.md"
ANYBODY, DIRECT, MANAGER, OPERATOR = "anybody", "direct", "manager", "operator"
COLUMNS = ANYBODY, DIRECT, MANAGER, OPERATOR
TOLD = frozenset({"timelines", "saving", "following", "digests", "kept"})
"""The rows of what is told after a question, or without one."""


@dataclass(frozen=True, slots=True)
class Press:
    """The bot with two newsrooms, in a guild that sees one of them, with people who see one of them alone."""

    discord: Discord
    built: Built
    relay: Relay
    anybody: Member
    manager: Member
    general: Any

    @property
    def seats(self) -> dict[str, tuple[Member, Any]]:
        """Who asks, and where, by the column of the table; each sees the open newsroom and not the other."""
        return {
            ANYBODY: (self.anybody, self.general),
            DIRECT: (self.anybody, self.anybody.direct),
            MANAGER: (self.manager, self.general),
        }


@contextlib.asynccontextmanager
async def pressing(discord: Discord, built: Built) -> AsyncIterator[Press]:
    """The bot as it runs where scopes are given."""
    furnish(built)
    anybody, manager = discord.member("Paul"), discord.member("Marie", permissions=("manage_guild",))
    guild = next(iter(discord.world.guilds.values()))
    set_discord(built, scopes=(scope(guild=guild), scope(person=anybody), scope(person=manager)))
    async with running(discord, built) as relay:
        yield Press(discord, built, relay, anybody, manager, discord.channel("general"))


def operating(built: Built, folder: Path, more: str = "") -> Callable[..., str]:
    """What runs a command of the operator, on the home of the bot and with a file that has its scopes."""
    furnish(built)
    (folder / "communique.toml").write_text(
        f'[ingest]\nlongest = 120\n{more}[[discord.scopes]]\nguilds = [7]\nsources = ["NATO feed"]\n'
        f'[[sources]]\nname = "NATO feed"\nlocation = "{FEED}"\n'
        f'[[sources]]\nname = "Hush feed"\nlocation = "{HUSH}"\n'
    )

    def run(*words: str) -> str:
        outcome = CliRunner().invoke(app, ["--home", str(built.settings.home), *words])
        assert outcome.exit_code == 0, outcome.output
        return outcome.stdout

    return run


def filled_cells() -> set[tuple[str, str]]:
    """The cells of the table, by row and column; rows are named in bold, a dash stands for what there is not."""
    table = DOCS.read_text(encoding="utf-8").split("### Who may see, set and start what", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| **")]
    return {
        (re.findall(r"\*\*(\w+)\*\*", name)[0], column)
        for name, *filled in rows
        for column, cell in zip(COLUMNS, filled, strict=True)
        if cell.strip() != "–"
    }
