"""Whose turn it is to ask a host: never two requests too close, none while it wants to be left alone."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from ingest.errors import UnavailableError

if TYPE_CHECKING:
    from ingest.fetch.place import Place
    from ingest.fetch.stopwatch import Stopwatch


class Pace:
    """Shared by all threads; a pause that is longer than `at_most` seconds is not waited out."""

    def __init__(self, stopwatch: Stopwatch, at_most: float) -> None:
        self._stopwatch = stopwatch
        self._at_most = at_most
        self._lock = threading.Lock()
        self._next: dict[str, float] = defaultdict(float)  # host -> when the next request may start
        self._paused: dict[str, float] = defaultdict(float)  # host -> when its pause ends

    def turn(self, place: Place, delay: float) -> None:
        """Return when the place's host may be asked, `delay` seconds after the last request to it began.

        Raises UnavailableError where the host wants a longer pause than is waited out, EndedError where all is to stop.
        """
        while True:
            now = time.monotonic()
            with self._lock:
                pause = self._paused[place.host] - now
                start = max(now, self._next[place.host], self._paused[place.host])
                if pause <= self._at_most:
                    self._next[place.host] = start + delay
            if pause > self._at_most:
                cause = f"its host asks for a pause of {pause:.0f} seconds more; try again later"
                raise UnavailableError(place.address, place.tell(cause), retry_after=pause)
            self._stopwatch.wait(start - now)
            with self._lock:
                if self._paused[place.host] <= time.monotonic():  # no pause began while this turn was waited for
                    return

    def pause(self, place: Place, seconds: float) -> None:
        """Let nobody ask the place's host for so long, as its Retry-After wants it."""
        with self._lock:
            self._paused[place.host] = max(self._paused[place.host], time.monotonic() + seconds)
