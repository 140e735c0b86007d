"""The processes that read pages, shared by all the tests of one process."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ingest.parse.workers import Bounds, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from ingest.errors import IngestError
    from ingest.parse.workers import Call

_started = functools.cache(Workers)


class SharedWorkers:
    """Stands in for `Workers`: those with the same bounds are the same processes, which outlive it."""

    def __init__(self, bounds: Bounds | None = None, *, at_once: int | None = None) -> None:
        self._workers = _started(bounds or Bounds(), at_once=at_once)
        self.at_once = self._workers.at_once

    def call(self, location: str, function: Callable[..., object], *arguments: object) -> object:
        """What a function returns."""
        return self._workers.call(location, function, *arguments)

    def start(self, function: Callable[..., object], calls: Sequence[Call]) -> Future[list[object | IngestError]]:
        """Begin several calls."""
        return self._workers.start(function, calls)

    def close(self) -> None:
        """Leave the processes to the next test."""
