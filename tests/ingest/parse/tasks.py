"""What a process that reads pages may be asked in tests; some of it goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from ingest.errors import ParseError
from ingest.parse.page import parse_page


def double(number):
    return 2 * number


def apply(call):
    """Do one of several things."""
    function, argument = call
    return function(argument)


def process(_=None):
    """The number of the process that is asked, and that of whoever started it."""
    return os.getpid(), os.getppid()


def loop_in_c(_=None):
    """A loop that no handler of Python's interrupts."""
    return sum(range(10**12))


def wait(seconds):
    """Do nothing for so long, as on a machine that is busy with something else."""
    time.sleep(seconds)
    return seconds


def die(number):
    os.kill(os.getpid(), number)


def die_once(mark):
    """Die if that was not done yet; a file remembers it."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def hoard(mebibytes):
    return len(bytearray(mebibytes * 2**20))


def nest(depth):
    return nest(depth)  # with its argument: Python 3.13.0 does not count calls that leave a default to be filled in


def stumble(_=None):
    raise ZeroDivisionError("by a page")


def refuse(location):
    raise ParseError(location, "the file is empty")


def chatter(word):
    """Print as some library might, from C and from a child too."""
    sys.stdout.write(word)
    os.write(1, b"more")
    subprocess.run([sys.executable, "-c", "print(1)"], check=True)
    return word


def parse_or_do(page, ocr=False):
    """Parse a page, but do what it says if that is one of these."""
    match page.content:
        case b"die":
            die(signal.SIGSEGV)
        case b"hang":
            loop_in_c()
        case b"hoard":
            hoard(2**11)
    return parse_page(page, ocr=ocr)
