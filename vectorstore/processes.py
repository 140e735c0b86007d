"""Processes and threads of our own beside whoever asks: how they are started, spoken with and ended.

A thread that hangs keeps no process alive. Frames are eight bytes of length, then a pickle, on standard input and
output.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LENGTH = struct.Struct("!Q")
# -P, and our folder first for our own packages: a file where somebody happens to work must not stand in for a module
_START = "import sys; sys.path.insert(0, sys.argv.pop()); import {}; del sys.path[0]; "
_OURS = str(Path(__file__).parents[1])


def start(
    code: str, *arguments: str, packages: str, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Run code in an interpreter like this one, with pipes for its input and output. Raises OSError.

    `packages` are those of ours that it needs, with commas.
    """
    paths = os.pathsep.join(str(Path(folder).absolute()) for folder in sys.path)
    return subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-P", "-c", _START.format(packages) + code, *arguments, _OURS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
        process_group=0,  # Ctrl-C is for this process
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it and put its pipes away."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):  # what was not sent cannot be sent any more
            pipe.close()  # type: ignore[union-attr]


def answer_stream() -> IO[bytes]:
    """Where a process that was started writes its frames; what libraries print goes to standard error from now on."""
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return stream


def write_frame(stream: IO[bytes], content: object) -> None:
    """Send a frame."""
    pickled = pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(pickled)) + pickled)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Any:  # noqa: ANN401 - whatever was sent
    """The next frame's content. Raises EOFError where the other side is gone, in the middle of a frame too."""
    head = stream.read(_LENGTH.size)
    if len(head) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        pickled = stream.read(length)
        if len(pickled) == length:
            return pickle.loads(pickled)  # noqa: S301 - from a process of our own
    raise EOFError


_Given = ParamSpec("_Given")
_Outcome = TypeVar("_Outcome")


class Daemons:
    """So many threads that work off what is submitted, in order.

    Python waits for those of a ThreadPoolExecutor before it ends, even for one that asks a dead name server.
    """

    def __init__(self, count: int, name: str) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._count = count
        for number in range(count):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def submit(self, work: Callable[_Given, _Outcome], *given: _Given.args, **named: _Given.kwargs) -> Future[_Outcome]:
        """What will come of a call."""
        future: Future[_Outcome] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work(*given, **named))
                except BaseException as exc:  # noqa: BLE001 - whoever asks for the result gets it
                    future.set_exception(exc)

        self._waiting.put(run)
        return future

    def close(self) -> None:
        """Let the threads end once nothing waits any more; they are not waited for."""
        for _ in range(self._count):
            self._waiting.put(None)

    def _work(self) -> None:
        while (run := self._waiting.get()) is not None:
            run()
