"""The commands, named in French and English: for everybody, and `/config` and `/ingest` for who manages a guild."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.discord.commands.asking import asking_commands
from bot.discord.commands.browsing import browsing_commands
from bot.discord.commands.managing import managing_commands
from bot.discord.localisation import CommandTranslator

if TYPE_CHECKING:
    from discord import app_commands

    from bot.discord.services import Services


async def add_commands(tree: app_commands.CommandTree[Any], services: Services) -> None:
    """Add the commands to the tree of a client."""
    await tree.set_translator(CommandTranslator())
    for part in (asking_commands, browsing_commands, managing_commands):
        for command in part(services):
            tree.add_command(command)
