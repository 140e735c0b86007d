"""Which addresses may be fetched from: HTTP on the open internet, and where allowed on private networks."""

from __future__ import annotations

import enum
import ipaddress
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.errors import AddressRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.fetch.place import Place

    Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
    Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Use(enum.IntEnum):
    """What an IP address is for, the worse the higher."""

    PUBLIC = 0
    PRIVATE = 1
    NEVER = 2


_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_UNICAST = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6; the rest is for special uses
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})  # RFC 5214: bits 64 to 95 before an IPv4 address


def check_address(place: Place) -> None:
    """Raise AddressRefusedError unless the present hop is an HTTP address with a host and without a password."""
    try:
        parts = urlsplit(place.hop)
        host, _ = parts.hostname, parts.port  # a port that is no number is found here
    except ValueError as exc:
        raise AddressRefusedError(place.address, place.tell(f"is no web address: {exc}")) from exc
    if parts.scheme.lower() not in {"http", "https"}:
        raise AddressRefusedError(
            place.address, place.tell("is no web address; it must begin with https:// or http://")
        )
    if not host:
        raise AddressRefusedError(place.address, place.tell("names no host; write https://host/path"))
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError(
            place.address, place.tell("holds a user name or password, which is never sent; leave it out")
        )


def check_ips(host: str, ips: Iterable[str], *, allow_private: bool) -> None:
    """Raise AddressRefusedError if only one of a host's IP addresses lies where nothing is fetched from.

    One is enough: a name with a public and a private address is how a private network is reached from outside.
    """
    for text in ips:
        use = use_of(ipaddress.ip_address(text))
        named = host if host.strip("[]") == text else f"{host} is {text}, which"
        if use is Use.NEVER:
            raise AddressRefusedError(host, f"{named} is no address of a web site; it is never asked")
        if use is Use.PRIVATE and not allow_private:
            mend = "if the source lies there on purpose, set `allow_private = true` for it, or give --allow-private"
            raise AddressRefusedError(host, f"{named} lies on this machine or in a private network; {mend}")


def use_of(ip: Ip) -> Use:
    """What an IP address is for, by a list of our own: what Python knows of them changes from version to version.

    One with others hidden in it is for the worst that any of them is for.
    """
    listed = next((use for network, use in _special() if network.version == ip.version and ip in network), None)
    if isinstance(ip, ipaddress.IPv4Address):
        return listed or Use.PUBLIC
    if listed is None:
        listed = Use.PUBLIC if ip in _UNICAST else Use.NEVER
    return max([listed, *map(use_of, _hidden(ip))])


def _hidden(ip: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 one leads to: mapped, NAT64, 6to4, ISATAP, or Teredo's server and client."""
    last = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    if ip.teredo:
        return ip.teredo
    if ip.sixtofour:
        return (ip.sixtofour,)
    if ip.ipv4_mapped or ip in _NAT64 or int(ip) >> 32 & 0xFFFF_FFFF in _ISATAP:
        return (last,)
    return ()


@cache
def _special() -> tuple[tuple[Network, Use], ...]:
    """The networks of the list, the smallest first: what is said of a part goes before what is said of the whole."""
    text = resources.files(__package__).joinpath("special_purpose.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    uses = {"never": Use.NEVER, "private": Use.PRIVATE, "embedded": Use.PUBLIC}
    special = [(ipaddress.ip_network(network), uses[use]) for network, use, _ in rows]
    return tuple(sorted(special, key=lambda row: -row[0].prefixlen))
