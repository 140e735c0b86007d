"""Where an errand stands: the address asked for, and those it was sent on to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urldefrag, urlsplit

from ingest.errors import FetchError


@dataclass(frozen=True, slots=True)
class Place:
    """The addresses of one errand in order, none of them twice."""

    hops: tuple[str, ...]

    @property
    def address(self) -> str:
        """What was asked for; every error is about it."""
        return self.hops[0]

    @property
    def hop(self) -> str:
        """What is asked for now."""
        return self.hops[-1]

    @property
    def host(self) -> str:
        """The host of the present hop, and its port if that is not the usual; only of an address that is checked.

        Another port is another server, and as a rule another site.
        """
        parts = urlsplit(self.hop)
        return f"{parts.hostname}:{parts.port}" if parts.port not in {None, 80, 443} else parts.hostname or ""

    def tell(self, cause: str) -> str:
        """A cause with the hop where it arose, if that is not the address asked for."""
        return cause if self.hop == self.address else f"sent on to {self.hop}: {cause}"

    def sent_on(self, target: str, *, at_most: int) -> Place:
        """The place after a redirect. Raises FetchError where redirects go in a circle, or are too many."""
        target = urldefrag(target).url
        if target in (urldefrag(hop).url for hop in self.hops):
            raise FetchError(self.address, f"its redirects go in a circle, by {target}; name the page's own address")
        if len(self.hops) > at_most:
            raise FetchError(self.address, f"sent on more than {at_most} times, last to {target}")
        return replace(self, hops=(*self.hops, target))
