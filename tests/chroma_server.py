"""A Chroma server on the loopback, as an operator starts one."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def start(folder: Path, port: int, host: str = "127.0.0.1") -> subprocess.Popen[bytes]:
    """`chroma run`, answering when this returns."""
    words = [Path(sys.executable).with_name("chroma"), "run", "--path", folder, "--host", host, "--port", port]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([str(word) for word in words], stdout=log, stderr=log)
    until = time.monotonic() + 120  # on a busy machine
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=5).is_success:
                return process
        time.sleep(0.05)
    stop(process)
    raise RuntimeError(f"the Chroma server did not start: {(folder / 'log').read_text()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End it at once, as a lost machine does."""
    process.kill()
    process.wait(10)


@contextlib.contextmanager
def chroma_server(folder: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """The address on the loopback of a server that keeps its data in `folder`; `host` is where it listens."""
    port = free_port()
    process = start(folder, port, host)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)
