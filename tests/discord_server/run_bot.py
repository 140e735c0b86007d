"""Runs the command line against the Discord whose addresses FAKE_API and FAKE_GATEWAY hold."""

from __future__ import annotations

import os
import sys

from bot.cli import app
from tests.discord_server.pointing import pointed_at

if __name__ == "__main__":
    with pointed_at(os.environ["FAKE_API"], os.environ["FAKE_GATEWAY"]):
        app(sys.argv[1:])
