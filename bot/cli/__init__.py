"""The command `communique`."""

from bot.cli.app import app

__all__ = ["app"]
