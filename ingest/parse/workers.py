"""Processes that read what strangers wrote, so that nothing in it can hang or end the one that asks.

Each call has limits of time, memory and recursion. One that passes a limit, or ends the process that serves it, comes
to a LimitError; the process is replaced, and what else was to be read is.

A request is a function with the arguments of one or more calls; each call is answered as soon as it is done, by a kind
and what belongs to it. A limit of time is kept by the kernel: its signal ends a loop in C as well, and the process even
if whoever started it was killed. It is one of the processor's time, for a busy machine is no fault of a page, with a
wide one by the clock beside it, for what only waits. Without a parent the next read finds the end of its input.
"""

from __future__ import annotations

import contextlib
import enum
import logging
import math
import os
import resource
import signal
import sys
import threading
import time
import traceback
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

from ingest.errors import IngestError, LimitError, ParseError, WorkerStartError
from vectorstore import processes
from vectorstore.processes import answer_stream, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_MOST = 3  # processes
_LONGEST_IDLE = 60.0  # seconds; a process takes up to a hundred MiB
_CODE = "from ingest.parse.workers import serve_input; serve_input()"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one call may take: seconds of the processor, and MiB of memory together with what the process has loaded.

    Eight seconds, so that a command over a page without an end is done in ten, unless the machine is busy.
    """

    seconds: float = 8.0
    memory: int = 1024


@dataclass(frozen=True, slots=True)
class Call:
    """Something to be read: where it is, for messages, and the arguments of the function that reads it."""

    location: str
    arguments: tuple[object, ...]


class Workers:
    """Runs functions on what strangers wrote in processes of their own, which start when they are first needed.

    Any thread may ask. `at_once` is how many processes there are at most; left out, as many as processors, up to three:
    whoever asks has less to do with a release than they. Of more, those that were not needed for a minute are ended. A
    function is one of a module's own, so that it is found there.
    """

    def __init__(self, bounds: Bounds = Bounds(), *, at_once: int | None = None) -> None:
        self._kept = min(_MOST, _processors())
        self.at_once = at_once or self._kept
        self._bounds = bounds
        self._free = threading.Semaphore(self.at_once)
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._closed = False
        self._threads = ThreadPoolExecutor(self.at_once, thread_name_prefix="parse")

    def call(
        self,
        location: str,
        function: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **_: Arguments.kwargs,
    ) -> Result:
        """What a function returns. Raises LimitError for `location`, and the IngestErrors of the function."""
        (result,) = self._run(function, [Call(location, arguments)])
        if isinstance(result, IngestError):
            raise result
        return result

    def start(self, function: Callable[..., Result], calls: Sequence[Call]) -> Future[list[Result | IngestError]]:
        """Begin several calls; in the end what came of each is there, in order."""
        return self._threads.submit(self._run, function, calls)

    def rest(self) -> None:
        """End the processes that nobody needs at the moment, and let go of their memory; the next call starts one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def close(self) -> None:
        """End all processes, and with them whatever is being read. Nothing can be asked afterwards."""
        with self._lock:
            self._closed = True
            for process in self._busy:
                process.kill()  # whoever waits for it ends it
        self._threads.shutdown(wait=False)
        self.rest()

    def _run(self, function: Callable[..., Result], calls: Sequence[Call]) -> list[Result | IngestError]:
        results: list[Result | IngestError] = []
        begun = 0  # how often the first call without a result was begun
        with self._free:
            while rest := calls[len(results) :]:
                done = len(results)
                try:
                    with self._taken() as process:
                        for kind, content in process.answers(function, [call.arguments for call in rest]):
                            results.append(self._result(calls[len(results)].location, kind, content))
                except _EndedError as ended:
                    begun = begun + 1 if len(results) == done else 1
                    # a process that is killed from outside, while idle perhaps, says nothing about the page
                    if ended.status in _TOO_LONG or begun == 2:
                        results.append(LimitError(calls[len(results)].location, self._cause(ended.status)))
                        begun = 0
        return results

    @contextlib.contextmanager
    def _taken(self) -> Iterator[_Process]:
        """A process to be used by this thread alone; kept for the next if all goes well with it."""
        with self._lock:
            if self._closed:
                raise WorkerStartError("no page is read any more")
            process = self._idle.pop() if self._idle else _Process(self._bounds)
            self._busy.add(process)
        try:
            yield process
        except BaseException as exc:
            with self._lock:
                self._busy.discard(process)
            status = process.end()
            if isinstance(exc, (EOFError, OSError)):
                raise _EndedError(status) from exc
            raise
        with self._lock:
            self._busy.discard(process)
            process.idle_since = time.monotonic()
            self._idle.append(process)
            long_ago = process.idle_since - _LONGEST_IDLE
            has_surplus = self._closed or (len(self._idle) > self._kept and self._idle[0].idle_since < long_ago)
            surplus = self._idle.pop(0) if has_surplus else None
        if surplus:
            surplus.end()

    def _result(self, location: str, kind: _Kind, content: Any) -> Any:  # noqa: ANN401 - what the function returned
        if kind in {_Kind.VALUE, _Kind.REFUSED}:
            return content
        if kind is _Kind.NESTED:
            return LimitError(location, "is nested too deeply to be read: leave it out")
        if kind is _Kind.MEMORY:
            most = self._bounds.memory
            return LimitError(location, f"needs more than {most} MiB to be read: leave it out, or raise ingest.memory")
        summary, trace = content
        log.error("%s: unexpected failure while parsing\n%s", location, trace)
        return ParseError(location, f"cannot be understood ({summary}); please report it with the file")

    def _cause(self, status: int) -> str:
        if status in _TOO_LONG:
            return f"takes longer than {self._bounds.seconds:g} s to be read: leave it out, or raise ingest.longest"
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return f"ends the process that reads it ({how}): leave it out, and please report it with the file"


class _EndedError(Exception):
    """A process has ended before it answered."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Process:
    """One process and the pipes to it; ended with this object at the latest."""

    def __init__(self, bounds: Bounds) -> None:
        # each thread of a numerical library would have memory of its own
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        limits = str(bounds.seconds), str(bounds.memory)
        try:
            self._process = processes.start(_CODE, *limits, packages="ingest, vectorstore", environment=one_thread)
        except OSError as exc:
            raise WorkerStartError(str(exc)) from exc
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self._is_ready = False
        self.idle_since = 0.0
        self._finalizer = weakref.finalize(self, processes.end, self._process)

    def answers(
        self, function: Callable[..., object], calls: list[tuple[object, ...]]
    ) -> Iterator[tuple[_Kind, object]]:
        """The answer to each call. Raises EOFError or OSError where the process has ended.

        Raises WorkerStartError where it does not even start.
        """
        if not self._is_ready:
            self._await_start()
        write_frame(self._requests, (function, calls))
        for _ in calls:
            yield read_frame(self._answers)

    def kill(self) -> None:
        """Let it end, from any thread."""
        self._process.kill()

    def end(self) -> int:
        """End it and put its pipes away; returns the status with which it ended, of itself where it did."""
        self._finalizer()
        return self._process.wait()

    def _await_start(self) -> None:
        try:
            read_frame(self._answers)
        except EOFError as exc:
            if (status := self.end()) <= 0:  # it was killed
                raise
            raise WorkerStartError(f"exit status {status}; its own words stand above") from exc
        self._is_ready = True


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# --- the process itself

_NICE = 5  # what is read ahead may wait for whoever keeps it, and for the index, of which one core is the measure
_BY_CLOCK = 6  # seconds for each of the processor's: more processes than cores, a slow disk, tesseract beside it

_TOO_LONG = frozenset({-signal.SIGPROF, -signal.SIGALRM})
"""The exit statuses of a process that a limit of time has ended."""


class _Kind(enum.Enum):
    """What an answer holds."""

    READY = "nothing; the process has started"
    VALUE = "what the function returned"
    REFUSED = "the IngestError that it raised"
    NESTED = "nothing; its recursion was too deep"
    MEMORY = "nothing; there was not enough memory, and the process ends"
    STUMBLED = "an error in one line and its traceback: it is a fault of ours or of a library"


def _serve(requests: IO[bytes], answers: IO[bytes], seconds: float) -> None:
    """Answer requests until there are no more; `seconds` are those that a call may take."""
    write_frame(answers, (_Kind.READY, None))
    while True:
        function, calls = read_frame(requests)
        for arguments in calls:
            _limit_time(seconds)
            kind, content = _call(function, arguments)
            write_frame(answers, (kind, content))
            if kind is _Kind.MEMORY:  # what is left of it may be in pieces
                return
        _limit_time(0)


def _limit_time(seconds: float) -> None:
    """Let a call take so much of the processor's time; 0 is no limit."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, _BY_CLOCK * seconds)


def seconds_left() -> float:
    """What is left of the time that a call may take; infinite where it has no limit, as outside of these processes."""
    left = (signal.getitimer(which)[0] or math.inf for which in (signal.ITIMER_PROF, signal.ITIMER_REAL))
    return min(left)


def _call(function: Callable[..., object], arguments: tuple[object, ...]) -> tuple[_Kind, object]:
    try:
        return _Kind.VALUE, function(*arguments)
    except IngestError as exc:
        return _Kind.REFUSED, exc
    except RecursionError:
        return _Kind.NESTED, None
    except MemoryError:
        return _Kind.MEMORY, None
    except (Exception, SystemExit) as exc:  # noqa: BLE001 - parsers meet files that no library foresaw
        return _Kind.STUMBLED, (f"{type(exc).__name__}: {exc}", traceback.format_exc())


def _limit_memory(mebibytes: int) -> None:
    """Let no more memory be had, as far as the system keeps such a limit (macOS does not)."""
    size = mebibytes * 2**20
    with contextlib.suppress(ValueError, OSError, OverflowError):  # a lower limit is set already, or it is none
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file of a page that kills would fill the disk


def serve_input() -> None:
    """Serve on standard input and output; the arguments are seconds, MiB, and the folder of our packages."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it
    for ends in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(ends, signal.SIG_DFL)
    _limit_memory(int(sys.argv[2]))
    os.nice(_NICE)
    logging.getLogger().addHandler(logging.NullHandler())
    with contextlib.suppress(EOFError, BrokenPipeError):
        _serve(sys.stdin.buffer, answer_stream(), float(sys.argv[1]))
    os._exit(0)  # nothing is left to be put away, and a deep structure takes long to be freed
