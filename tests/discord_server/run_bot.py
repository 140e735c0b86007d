"""Runs the command line with its Discord at the addresses of the environment: for tests that kill the process.

    FAKE_API=http://127.0.0.1:1/api/v10 FAKE_GATEWAY=ws://127.0.0.1:1/gateway/ \\
        python -m tests.discord_server.run_bot discord run
"""

from __future__ import annotations

import os
import sys

from bot.cli import app
from tests.discord_server.pointing import pointed_at

if __name__ == "__main__":
    with pointed_at(os.environ["FAKE_API"], os.environ["FAKE_GATEWAY"]):
        app(sys.argv[1:])
