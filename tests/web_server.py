"""The web server in a thread of this process, and the browser of this machine, for tests and for pictures."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn

from bot.web.server import application
from bot.web.services import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.wiring import Built

_LONGEST = 60.0  # seconds till a server answers, on a busy machine


class WebServer(uvicorn.Server):
    """A server on a port of its own; `address` is where."""

    def __init__(self, built: Built) -> None:
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        quiet: dict[str, Any] = {"log_config": None, "log_level": "error", "ws": "none", "timeout_graceful_shutdown": 2}
        super().__init__(uvicorn.Config(application(built, Site(self.address)), port=self.port, **quiet))
        self.begun = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See `uvicorn.Server`."""
        await super().startup(sockets)
        self.begun.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """See `uvicorn.Server`; signals are for the main thread."""
        yield


@contextlib.contextmanager
def running(built: Built) -> Iterator[WebServer]:
    """A server that answers while the context lasts."""
    server = WebServer(built)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        assert server.begun.wait(_LONGEST)
        yield server
    finally:
        server.should_exit = True
        thread.join()


def chromium() -> str | None:
    """The Chromium on the path, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
