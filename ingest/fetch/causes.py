"""Where an errand stands: the address asked for, and those it was sent on to."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

import httpcore2

from ingest.errors import FetchError, PageMissingError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class RedirectChain:
    """The addresses of one errand in order, none of them twice unless a cookie was wanted.

    `is_permanent`: every hop so far says that the page has moved for good. `has_cookie`: one of those since an address
    was asked again gave a cookie.
    """

    hops: tuple[str, ...]
    is_permanent: bool = True
    has_cookie: bool = False

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

    def was_at(self, target: str) -> bool:
        """Whether an address was asked on the way."""
        return urldefrag(target).url in (urldefrag(hop).url for hop in self.hops)

    def sent_on(self, target: str, *, at_most: int, for_good: bool = False, again: bool = False) -> RedirectChain:
        """The place after a redirect; `again` lets it be one that was asked before.

        Raises FetchError where redirects go in a circle, or are too many.
        """
        target = urldefrag(target).url
        if self.was_at(target) and not again:
            raise FetchError(self.address, f"its redirects go in a circle, by {target}; name the page's own address")
        if len(self.hops) > at_most:
            raise FetchError(self.address, f"sent on more than {at_most} times, last to {target}")
        is_permanent, has_cookie = self.is_permanent and for_good, self.has_cookie and not again
        return replace(self, hops=(*self.hops, target), is_permanent=is_permanent, has_cookie=has_cookie)


FAULTS = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)
"""What an exchange can fail with; httpcore has no name for all of them."""

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_MEANINGS = {
    204: "the server answers with no content",
    304: "the server answers “not modified”, but no earlier version was sent",
    400: "the server does not understand the request; check the address",
    401: "the site lets in only readers with an account",
    402: "the site lets in only readers who pay",
    403: "the site refuses access; ask its operators, or leave it out",
    406: "the site has this page in no format that we read",
    407: "a proxy on the way asks for a password",
    414: "the address is too long for the server",
    429: "the server is asked too often",
    451: "the page is withheld for legal reasons",
    503: "the server is out of service for now",
}


class TransientFetchError(UnavailableError):
    """No usable answer for now, but perhaps at the next attempt, a moment later."""


def of_status(place: RedirectChain, status: int, retry_after: float | None) -> FetchError:
    """The error that a status stands for; any but 200 and redirects."""
    if status in {404, 410}:
        return PageMissingError(place.address, status)
    meaning = _MEANINGS.get(status, "the server failed" if status >= 500 else "the server's answer is unusable")
    cause = place.tell(f"{meaning} ({status})")
    if status in _PASSING:
        return TransientFetchError(place.address, cause, retry_after)
    return UnavailableError(place.address, cause, retry_after) if status >= 500 else FetchError(place.address, cause)


def of_failure(place: RedirectChain, exc: Exception, timeout: float) -> FetchError:
    """The error that a failed exchange stands for."""
    known = next(filter(None, (_of_root(place, cause) for cause in _chain(exc))), None)
    if known:
        return known
    if isinstance(exc, httpcore2.TimeoutException):
        return _passing(place, f"no answer within {timeout:g} s")
    if isinstance(exc, httpcore2.ConnectError):
        return _passing(place, f"no connection can be made: {exc}")
    if isinstance(exc, (httpcore2.NetworkError, httpcore2.RemoteProtocolError)):
        return _passing(place, f"the connection broke: {exc or type(exc).__name__}")
    return FetchError(place.address, place.tell(f"cannot be asked for: {exc}"))


def _of_root(place: RedirectChain, cause: BaseException) -> FetchError | None:
    """The error that one link in a chain of exceptions stands for, if it tells more than the last of them."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _final(place, f"its certificate cannot be trusted: {getattr(cause, 'verify_message', None) or cause}")
    if isinstance(cause, ssl.SSLError):
        return _passing(place, f"no secure connection can be made: {getattr(cause, 'reason', None) or cause}")
    if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN:
        return _passing(place, f"the name of its host cannot be looked up for now: {cause.strerror}")
    if isinstance(cause, (socket.gaierror, UnicodeError)):
        return _final(place, "there is no such host; check the address")
    return None


def _passing(place: RedirectChain, cause: str) -> TransientFetchError:
    return TransientFetchError(place.address, place.tell(cause))


def _final(place: RedirectChain, cause: str) -> UnavailableError:
    return UnavailableError(place.address, place.tell(cause))


def _chain(exc: BaseException | None) -> Iterator[BaseException]:
    """An exception and what led to it; by context too, because httpcore's pool cuts the cause off."""
    while exc:
        yield exc
        exc = exc.__cause__ or exc.__context__
