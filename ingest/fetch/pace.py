"""Whose turn it is to ask a host: never two requests too close, none while it wants to be left alone."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ingest.errors import HostPausedError

if TYPE_CHECKING:
    from ingest.fetch.place import Place
    from ingest.fetch.stopwatch import Stopwatch

_MOST_HOSTS = 1_000  # remembered before those are forgotten that may be asked at once


class Pace:
    """Shared by all fetchers of a process and their threads: the distance is kept between any two requests to a host.

    A wait hangs on the stopwatch of whoever waits; who stops waiting has taken nobody's turn.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}  # host -> when the next request may start
        self._paused: dict[str, float] = {}  # host -> when its pause ends

    def turn(self, place: Place, delay: float, stopwatch: Stopwatch, *, at_most: float) -> None:
        """Return when the place's host may be asked, `delay` seconds after the last request to it began.

        Raises HostPausedError where the host wants a longer pause than `at_most` seconds, EndedError where all is to
        stop.
        """
        while True:
            with self._lock:
                now = time.monotonic()
                pause = self._paused.get(place.host, now) - now
                wait = max(0.0, pause, self._next.get(place.host, now) - now)
                if not wait:
                    self._forget(now)
                    self._next[place.host] = now + delay
                    return
            if pause > at_most:
                cause = f"its host asks for a pause of {pause:.0f} seconds more; it is left alone for now"
                raise HostPausedError(place.address, place.tell(cause), retry_after=pause)
            stopwatch.wait(wait)

    def pause(self, place: Place, seconds: float) -> None:
        """Let nobody ask the place's host for so long, as its Retry-After wants it."""
        with self._lock:
            end = time.monotonic() + seconds
            self._paused[place.host] = max(self._paused.get(place.host, end), end)

    def _forget(self, now: float) -> None:
        for moments in (self._next, self._paused):
            if len(moments) > _MOST_HOSTS:
                for host in [host for host, moment in moments.items() if moment <= now]:
                    del moments[host]
