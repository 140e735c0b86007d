"""How politely and how patiently pages are fetched."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

PRODUCT = "Communique"  # the token that a site's robots.txt names us by


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Limits of one run; seconds and bytes.

    `contact` is an address or a mailbox that a site's keepers can turn to. `at_once` requests run side by side, and
    `delay` lies between the starts of two to one host, or what robots.txt asks for, but never more than
    `longest_delay`. `timeout` is for a connection, and for each silence in an answer; `longest` for a page, over all
    its redirects and attempts, less the waits between them. `largest` holds for a page as sent and as unpacked.
    `backoff` is the first wait before another attempt; waits longer than `wait_at_most` are not waited out. `cookies`
    sends those back that a host sets before it shows its pages. A host that refuses for now and does not say for how
    long is left alone for `pause`, twice as long each further time, up to `wait_at_most`; one that fails, or refuses,
    `failures` times in a row is not asked again for `left_alone`.
    """

    contact: str | None = None
    at_once: int = 4
    delay: float = 0.25
    longest_delay: float = 5
    timeout: float = 20
    longest: float = 120
    attempts: int = 3
    largest: int = 20 * 2**20
    redirects: int = 5
    backoff: float = 1
    wait_at_most: float = 60
    cookies: bool = False
    pause: float = 30
    failures: int = 8
    left_alone: float = 600

    def __post_init__(self) -> None:
        if self.contact and not (self.contact.isascii() and self.contact.isprintable()):
            raise ValueError(f"contact: {self.contact!r}: holds what no HTTP header may; write it in plain ASCII")

    @property
    def time_limits(self) -> dict[str, dict[str, float | None]]:
        """The limits of one exchange, as httpcore takes them."""
        return {"timeout": {"connect": self.timeout, "read": self.timeout, "write": self.timeout, "pool": None}}

    @property
    def user_agent(self) -> str:
        """Who asks, as every request says: product, version, what for, and the contact."""
        about = f"press release reader; +{self.contact}" if self.contact else "press release reader"
        return f"{PRODUCT}/{_version()} ({about})"


def _version() -> str:
    try:
        return version("communique")
    except PackageNotFoundError:  # run from a checkout that nobody installed
        return "0"
