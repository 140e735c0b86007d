from __future__ import annotations

import ipaddress

import pytest

from ingest.errors import AddressRefusedError
from ingest.fetch.network import Use, check_address, check_ips, special_networks, use_of
from ingest.fetch.response import RedirectChain


def words(listed: str) -> list[str]:
    return listed.split()


PRIVATE = words("""127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 ::1/128 fc00::/7""")
NEVER = words("""
    0.0.0.0/8 0.0.0.0/32 169.254.0.0/16 192.0.0.0/24 192.0.0.0/29 192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32
    192.0.0.171/32 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.88.99.2/32 192.175.48.0/24
    198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32
    ::/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32
    2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:1ff:ffff::/48 2001:db8::/32 2620:4f:8000::/48 3fff::/20
    5f00::/16 fe80::/10 fec0::/10 ff00::/8 ::/97 ::ffff:0:0:0/96 3ffe::/16 4000::/3 6000::/3 8000::/3 fe00::/9
    100.100.100.200/32 168.63.129.16/32 fd00:ec2::254/128 fd20:ce::254/128
    ::ffff:169.254.169.254/128 ::ffff:192.0.0.0/120 64:ff9b::169.254.169.254/128 64:ff9b::c000:0/120
    2002:a9fe:a9fe::/48 2001:0:a9fe:a9fe::/64 2001:0:4136:e378:8000:63bf:5601:5601/128 2600::5efe:169.254.169.254/128
    4000::5efe:8.8.8.8/128
""")
HIDDEN = words("""
    ::ffff:10.0.0.0/104 ::ffff:127.0.0.1/128 64:ff9b::10.0.0.1/128 2002:a00:1::/48 2002:c0a8::/32
    2001:0:a00:1:0:0:aaaa:aaaa/128
    2001:0:4136:e378:8000:63bf:f5ff:fffe/128 2600::5efe:10.0.0.1/128 2600::200:5efe:10.0.0.1/128 fd00::5efe:8.8.8.8/128
""")
PUBLIC = words("""
    93.184.216.34 1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
    172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.0 192.88.100.0 192.167.0.1 192.169.0.1
    198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2001:200::1 2001:4860::1 2620:4f:7fff:: 3fff:1000::1
    ::ffff:93.184.216.34 64:ff9b::93.184.216.34 2002:5db8:d822::1 2600::5efe:8.8.8.8
""")


def ends(network: str) -> list[str]:
    """The first and the last address of a network."""
    whole = ipaddress.ip_network(network)
    return [str(whole[0]), str(whole[-1])]


@pytest.mark.parametrize("ip", PUBLIC)
def test_the_open_internet_is_public(ip: str) -> None:
    """In IPv4, in IPv6, one within the other, and right beside what is not."""
    assert use_of(ipaddress.ip_address(ip)) is Use.PUBLIC
    check_ips("newsroom.test", [ip], allow_private=False)


@pytest.mark.parametrize("network", [*PRIVATE, *HIDDEN])
def test_private_networks_are_entered_only_where_allowed(network: str) -> None:
    """The error says how; an address hidden in another is found."""
    for ip in ends(network):
        check_ips("newsroom.test", [ip], allow_private=True)

        with pytest.raises(AddressRefusedError, match="set `allow_private = true` for it"):
            check_ips("newsroom.test", [ip], allow_private=False)


@pytest.mark.parametrize("allow_private", [True, False])
@pytest.mark.parametrize("network", [*NEVER, "fe80::1%eth0"])
def test_some_addresses_are_never_asked(network: str, allow_private: bool) -> None:
    """Where clouds hand out their keys, and where no web site can be: every row of IANA's registries."""
    for ip in ends(network) if "/" in network else [network]:
        with pytest.raises(AddressRefusedError, match="it is never asked"):
            check_ips("newsroom.test", [ip], allow_private=allow_private)


def test_the_list_says_of_every_network_what_it_is_for() -> None:
    """Each row is used, and none of it depends on what Python knows."""
    assert {str(network) for network, use in special_networks() if use is Use.NEVER} - set(NEVER) == {
        "2001::/23",
        "::/96",
    }
    assert {str(network) for network, use in special_networks() if use is Use.PRIVATE} == set(PRIVATE)


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
        check_address(RedirectChain((address,)))
