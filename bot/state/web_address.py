"""Where the web server of a home is reached, as a note in the home that is good only while that server runs."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from typing import TYPE_CHECKING

from vectorstore.home import PRIVATE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

_NAME = "web.address"


@contextlib.contextmanager
def announced(home: Path, address: str) -> Iterator[None]:
    """Let others find this process's web server at `address` while the context lasts.

    The note is locked and whole before it has its name, so that nobody can read it without meeting the lock; the
    system lets go of that when the process ends, however it ends. Of two servers the one that started last is found.
    """
    note, draft = home / _NAME, home / f"{_NAME}.{os.getpid()}"
    with contextlib.ExitStack() as undo:
        try:
            descriptor = os.open(draft, os.O_CREAT | os.O_RDWR | os.O_TRUNC, PRIVATE_FILE)
            undo.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(descriptor, address.encode())
            draft.replace(note)
            undo.callback(_withdraw, note, descriptor)
        except OSError as exc:
            log.warning("%s: cannot be written (%s); citations will not lead to this server", note, exc.strerror)
        yield


def running_address(home: Path) -> str | None:
    """Where the web server of this home is reached, or None where none is running."""
    try:
        descriptor = os.open(home / _NAME, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # its writer is alive
        return os.read(descriptor, 4096).decode()
    finally:
        os.close(descriptor)
    return None


def _withdraw(note: Path, descriptor: int) -> None:
    """Remove the note, unless another server has written its own since."""
    with contextlib.suppress(OSError):
        if os.path.samestat(os.fstat(descriptor), note.stat()):
            note.unlink()
