"""A process of its own that migrates a store and kills itself at a chosen moment."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vectorstore.migrate import StoreMigration

if TYPE_CHECKING:
    from pathlib import Path

    from vectorstore.catalogue import PostgresAddress
    from vectorstore.indexes import ChromaAddress


@dataclass(frozen=True, slots=True)
class Moment:
    """The call number `nth` of a function of a module, or of a class in one; before it or `after`."""

    module: str
    name: str
    nth: int = 1
    after: bool = False

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.name} {self.nth}"

    def lie_in_wait(self) -> None:
        """Put a function in place of that one which kills this process when the moment has come."""
        *path, last = self.name.split(".")
        owner: Any = importlib.import_module(self.module)
        for name in path:
            owner = getattr(owner, name)
        real, calls = getattr(owner, last), []

        def deadly(*values: object, **named: object) -> object:
            calls.append(None)
            if len(calls) == self.nth and not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            outcome = real(*values, **named)
            if len(calls) == self.nth:
                os.kill(os.getpid(), signal.SIGKILL)
            return outcome

        setattr(owner, last, deadly)


def migrate(home: Path, catalogue: PostgresAddress, chroma: ChromaAddress, back: bool, moment: Moment) -> None:
    """Migrate two releases at a time until the moment comes."""
    moment.lie_in_wait()
    StoreMigration(home, catalogue=catalogue, chroma=chroma, back=back, batch=2).run()


def die_migrating(
    home: Path, catalogue: PostgresAddress, chroma: ChromaAddress, moment: Moment, *, back: bool = False
) -> None:
    """Have a process migrate, and be killed at the moment."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.vectorstore.migrating_process", "chromadb"])
    process = context.Process(target=migrate, args=(home, catalogue, chroma, back, moment), daemon=True)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL, f"{moment}: ended with {process.exitcode}"
