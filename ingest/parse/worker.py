"""The process that reads what strangers wrote, within limits; `ingest.parse.workers` starts it and speaks with it.

A request is a function with the arguments of one or more calls; each call is answered as soon as it is done, by a kind
and what belongs to it.

A limit of time is kept by the kernel: its signal ends a loop in C as well, and the process even if whoever started it
was killed. It is one of the processor's time, for a busy machine is no fault of a page, with a wide one by the clock
beside it, for what only waits. Without a parent the next read finds the end of its input.
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
import traceback
from typing import IO, TYPE_CHECKING

from ingest.errors import IngestError
from vectorstore.processes import answer_stream, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable

_NICE = 5  # what is read ahead may wait for whoever keeps it, and for the index, of which one core is the measure
_BY_CLOCK = 6  # seconds for each of the processor's: more processes than cores, a slow disk, tesseract beside it

TOO_LONG = frozenset({-signal.SIGPROF, -signal.SIGALRM})
"""The exit statuses of a process that a limit of time has ended."""


class FrameKind(enum.Enum):
    """What an answer holds."""

    READY = "nothing; the process has started"
    VALUE = "what the function returned"
    REFUSED = "the IngestError that it raised"
    NESTED = "nothing; its recursion was too deep"
    MEMORY = "nothing; there was not enough memory, and the process ends"
    STUMBLED = "an error in one line and its traceback: it is a fault of ours or of a library"


def serve(requests: IO[bytes], answers: IO[bytes], seconds: float) -> None:
    """Answer requests until there are no more; `seconds` are those that a call may take."""
    write_frame(answers, (FrameKind.READY, None))
    while True:
        function, calls = read_frame(requests)
        for arguments in calls:
            _limit_time(seconds)
            kind, content = _call(function, arguments)
            write_frame(answers, (kind, content))
            if kind is FrameKind.MEMORY:  # what is left of it may be in pieces
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


def _call(function: Callable[..., object], arguments: tuple[object, ...]) -> tuple[FrameKind, object]:
    try:
        return FrameKind.VALUE, function(*arguments)
    except IngestError as exc:
        return FrameKind.REFUSED, exc
    except RecursionError:
        return FrameKind.NESTED, None
    except MemoryError:
        return FrameKind.MEMORY, None
    except (Exception, SystemExit) as exc:  # noqa: BLE001 - parsers meet files that no library foresaw
        return FrameKind.STUMBLED, (f"{type(exc).__name__}: {exc}", traceback.format_exc())


def _limit_memory(mebibytes: int) -> None:
    """Let no more memory be had, as far as the system keeps such a limit (macOS does not)."""
    size = mebibytes * 2**20
    with contextlib.suppress(ValueError, OSError, OverflowError):  # a lower limit is set already, or it is none
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file of a page that kills would fill the disk


def main() -> None:
    """Serve on standard input and output; the arguments are seconds, MiB, and the folder of our packages."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it
    for ends in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(ends, signal.SIG_DFL)
    _limit_memory(int(sys.argv[2]))
    os.nice(_NICE)
    logging.getLogger().addHandler(logging.NullHandler())
    with contextlib.suppress(EOFError, BrokenPipeError):
        serve(sys.stdin.buffer, answer_stream(), float(sys.argv[1]))
    os._exit(0)  # nothing is left to be put away, and a deep structure takes long to be freed


if __name__ == "__main__":
    main()
