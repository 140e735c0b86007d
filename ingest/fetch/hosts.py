"""What is known of the hosts that are asked, for all fetchers of a process."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.fetch.pace import Pace
from ingest.fetch.robots import Robots


@dataclass(frozen=True, slots=True)
class Hosts:
    """Whose turn it is to ask a host, and what its robots.txt allows.

    Fetchers that share it, one for each source that is read, may run in several threads: together they are as polite
    as one, and each can be stopped by itself.
    """

    pace: Pace = field(default_factory=Pace)
    robots: Robots = field(default_factory=Robots)
    _told: dict[str, object] = field(default_factory=dict)

    def is_new(self, what: str) -> bool:
        """Whether nobody was told of this yet; for one of those who ask at the same moment."""
        mine = object()
        return self._told.setdefault(what, mine) is mine
