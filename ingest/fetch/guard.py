"""Which addresses may be fetched from: HTTP on the open internet, and where allowed on private networks."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.errors import AddressRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.fetch.place import Place

    Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
_UNICAST = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6; the rest is for special uses
_PRIVATE = [
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
    )
]
# Here clouds hand out keys and passwords to whoever asks from the machine itself; no release lies there.
_NEVER = [
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",
        "fe80::/10",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
    )
]


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
        ip = _unwrap(ipaddress.ip_address(text))
        named = host if host.strip("[]") == text else f"{host} is {text}, which"
        if _is_never(ip) or not (is_public(ip) or _is_private(ip)):
            raise AddressRefusedError(host, f"{named} is no address of a web site; it is never asked")
        if not allow_private and not is_public(ip):
            mend = "if the source lies there on purpose, set `allow_private = true` for it, or give --allow-private"
            raise AddressRefusedError(host, f"{named} lies on this machine or in a private network; {mend}")


def is_public(ip: Ip) -> bool:
    """Whether an IP address is of the open internet, with any address hidden in it."""
    ip = _unwrap(ip)
    if _is_never(ip) or ip.is_multicast or ip.is_reserved or not ip.is_global:
        return False
    return ip.version == 4 or ip in _UNICAST


def _is_never(ip: Ip) -> bool:
    return any(ip in network for network in _NEVER)


def _is_private(ip: Ip) -> bool:
    return any(ip in network for network in _PRIVATE)


def _unwrap(ip: Ip) -> Ip:
    """The IPv4 address that an IPv6 one leads to (mapped, 6to4, Teredo, NAT64); else the address itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
