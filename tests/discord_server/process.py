"""The bot in a process of its own, as an operator runs it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from tests.discord_server.server import Discord

_STARTING = 180.0  # seconds; a machine may be busy with other things


class Bot:
    """`communique discord run` on the store in a home."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.errors = ""

    async def end(self, how: signal.Signals) -> int:
        """Send a signal, and wait until it is gone; returns the exit code, and keeps what stood on stderr."""
        self._process.send_signal(how)
        _, stderr = await asyncio.wait_for(self._process.communicate(), _STARTING)
        self.errors = stderr.decode()
        assert self._process.returncode is not None
        return self._process.returncode

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None


@contextlib.asynccontextmanager
async def bot_process(
    discord: Discord, home: Path, *, on: Sequence[str] = (), **environment: str
) -> AsyncIterator[Bot]:
    """The bot, logged in; killed at the end where it still runs. `on` is what runs a command on another host."""
    process = await asyncio.create_subprocess_exec(
        *on, sys.executable, "-m", "tests.discord_server.run_bot", "discord", "run",
        env={
            **os.environ, "FAKE_API": discord.api_url, "FAKE_GATEWAY": discord.gateway_url,
            "COMMUNIQUE_DISCORD__TOKEN": discord.token, "COMMUNIQUE_HOME": str(home),
            "PYTHONPATH": os.pathsep.join(sys.path), **environment,
        },
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    known = discord.gateway.identified
    try:
        await discord.until(
            lambda: discord.gateway.identified == known + discord.shards or process.returncode is not None, _STARTING
        )
        yield Bot(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
