"""The commands, named in French and English: for everybody, and `/config` and `/ingest` for who manages a guild."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.discord.commands.asking import asking_commands, timeline_commands
from bot.discord.commands.browsing import browsing_commands
from bot.discord.commands.digests import digest_command
from bot.discord.commands.following import following_commands
from bot.discord.commands.managing import managing_commands
from bot.discord.localisation import CommandTranslator

if TYPE_CHECKING:
    from discord import app_commands

    from bot.discord.services import Services


async def add_commands(tree: app_commands.CommandTree[Any], services: Services) -> None:
    """Add the commands to the tree of a client."""
    await tree.set_translator(CommandTranslator())
    parts = (asking_commands, timeline_commands, browsing_commands, following_commands, managing_commands)
    for part in parts:
        for command in part(services):
            tree.add_command(command)
    tree.add_command(digest_command(services))
