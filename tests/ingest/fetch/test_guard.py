from __future__ import annotations

import ipaddress

import pytest

from ingest.errors import AddressRefusedError
from ingest.fetch.guard import check_address, check_ips, is_public
from ingest.fetch.place import Place

PRIVATE = ["127.0.0.1", "10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"]
NEVER = [
    "169.254.169.254",
    "100.100.100.200",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "fec0::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "2001:db8::1",
]
HIDDEN = ["64:ff9b::10.0.0.1", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "::ffff:127.0.0.1"]
PUBLIC = ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::93.184.216.34"]


@pytest.mark.parametrize("ip", PUBLIC)
def test_the_open_internet_is_public(ip: str) -> None:
    """In IPv4, in IPv6, and one within the other."""
    assert is_public(ipaddress.ip_address(ip))
    check_ips("newsroom.test", [ip], allow_private=False)


@pytest.mark.parametrize("ip", [*PRIVATE, *HIDDEN])
def test_private_networks_are_entered_only_where_allowed(ip: str) -> None:
    """The error says how; an address hidden in another is found."""
    assert not is_public(ipaddress.ip_address(ip))
    check_ips("newsroom.test", [ip], allow_private=True)

    with pytest.raises(AddressRefusedError, match="set `allow_private = true` for it"):
        check_ips("newsroom.test", [ip], allow_private=False)


@pytest.mark.parametrize("allow_private", [True, False])
@pytest.mark.parametrize("ip", NEVER)
def test_some_addresses_are_never_asked(ip: str, allow_private: bool) -> None:
    """Where clouds hand out their keys, and where no web site can be."""
    assert not is_public(ipaddress.ip_address(ip))

    with pytest.raises(AddressRefusedError, match="it is never asked"):
        check_ips("newsroom.test", [ip], allow_private=allow_private)


def test_one_private_address_among_public_ones_is_enough() -> None:
    """The connection could go to either."""
    with pytest.raises(AddressRefusedError, match=r"newsroom\.test is 10\.0\.0\.1"):
        check_ips("newsroom.test", ["93.184.216.34", "10.0.0.1"], allow_private=False)


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("ftp://newsroom.test/a", "must begin with https://"),
        ("newsroom.test/a", "must begin with https://"),
        ("https:///a", "names no host"),
        ("https://name@newsroom.test/", "holds a user name or password"),
        ("https://newsroom.test:99999/", "is no web address"),
        ("https://[::1/", "is no web address"),
    ],
)
def test_what_is_no_web_address_is_refused(address: str, cause: str) -> None:
    """Each for its own cause."""
    with pytest.raises(AddressRefusedError, match=cause):
        check_address(Place((address,)))
