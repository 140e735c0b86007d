from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.addresses import canonical, is_web, same_site

PIECES = ["%", "%41", "%2e", "%2F", "é", "ß", "..", ".", "/", "//", "?", "&", "amp;", "=", "+", " ", "#", ":", "@", "["]
WORDS = ["a", "B", "utm_source", "ref", "rss", ";jsessionid=1", "xn--", "80", "\t", "\u202e", "\ud800", "İ"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("HTTPS://WWW.Ministry.FR:443", "https://www.ministry.fr/"),
        ("http://ministry.fr:80/a", "http://ministry.fr/a"),
        ("http://ministry.fr:8080/a", "http://ministry.fr:8080/a"),
        ("https://ministry.fr./a", "https://ministry.fr/a"),
        ("http://[::1]:80/a", "http://[::1]/a"),
        ("https://ministère.fr/", "https://xn--ministre-60a.fr/"),
        (" https://ministry.fr/a#top\n", "https://ministry.fr/a"),
        ("https://ministry.fr/a/../b/./c/..", "https://ministry.fr/b/"),
        ("https://ministry.fr/%7euser/%c3%a9t%C3%A9", "https://ministry.fr/~user/%C3%A9t%C3%A9"),
        ("https://ministry.fr/été 2024", "https://ministry.fr/%C3%A9t%C3%A9%202024"),
        ("https://ministry.fr/a;jsessionid=0F?x=1", "https://ministry.fr/a?x=1"),
        ("https://ministry.fr/a?b=1&amp;a=2", "https://ministry.fr/a?a=2&b=1"),
        ("https://ministry.fr/a?q=x+y", "https://ministry.fr/a?q=x%20y"),
    ],
)
def test_an_address_has_one_form(address: str, expected: str) -> None:
    """Host, port, fragment, dots and percent signs, each brought to one way to write it."""
    assert canonical(address) == expected


@pytest.mark.parametrize(
    "parameter",
    [
        *("utm_source=x", "UTM_Medium=x", "fbclid=1", "gclid=1", "mc_cid=1", "xtor=RSS-1"),
        *("at_medium=a", "at_campaign=b", "ref=rss", "source=rss", "from=Newsletter"),
    ],
)
def test_what_follows_the_reader_goes(parameter: str) -> None:
    """A parameter that says where the reader came from names no page."""
    assert canonical(f"https://ministry.fr/a?{parameter}") == "https://ministry.fr/a"
    assert canonical(f"https://ministry.fr/a?x=1&{parameter}&id=2") == "https://ministry.fr/a?id=2&x=1"


@pytest.mark.parametrize(
    "query", ["id=3", "selectedLocale=fr", "lang=fr", "page=2", "p=12", "ref=IP-24-1", "source=ministry", "12345", "x="]
)
def test_what_chooses_the_page_stays(query: str) -> None:
    """`?12345` and `ref=IP-24-1` are the names of releases."""
    assert canonical(f"https://ministry.fr/a?{query}") == f"https://ministry.fr/a?{query}"


def test_parameters_of_one_name_keep_their_order() -> None:
    """Sorted by name only: the second of two values may overrule the first."""
    assert canonical("https://ministry.fr/?x=2&a=1&x=1") == "https://ministry.fr/?a=1&x=2&x=1"


def test_with_and_without_a_slash_are_two_pages() -> None:
    """A server may well give two; one request too many is better than a page lost."""
    assert canonical("https://ministry.fr/a/") != canonical("https://ministry.fr/a")


@pytest.mark.parametrize(
    "address", ["mailto:press@ministry.fr", "http://x:port/", "http://[::1", "/a/../b", "", "http:"]
)
def test_what_is_no_web_address_stays_as_it_is(address: str) -> None:
    """Nothing is made up, and nothing raised."""
    assert canonical(address) == address
    assert not is_web(address)


@given(st.lists(st.sampled_from(PIECES + WORDS)).map("".join), st.lists(st.sampled_from(PIECES + WORDS)).map("".join))
def test_the_form_of_a_form_is_itself(host: str, rest: str) -> None:
    """Whatever stands in it, an address is brought to its form in one step."""
    once = canonical(f"https://a{host}/{rest}")

    assert canonical(once) == once


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    """Addresses come from strangers."""
    once = canonical(f"http://{text}")

    assert canonical(once) == once
    assert canonical(text) == canonical(canonical(text))


def test_one_site_with_and_without_www() -> None:
    """Another host is another site, and what has no host is of none."""
    assert same_site("http://www.Ministry.fr/a", "https://ministry.fr:443/b")
    assert not same_site("https://ministry.fr/", "https://press.ministry.fr/")
    assert not same_site("mailto:a@b.fr", "mailto:a@b.fr")


@pytest.mark.parametrize("user", ["name", "name:secret", ":secret", "a@b:c", "%40:%2F"])
def test_no_form_of_an_address_names_a_user(user: str) -> None:
    """`press.gov@evil.test` is no address of press.gov, and a password is nobody else's business."""
    assert canonical(f"https://{user}@ministry.fr:443/a@b") == "https://ministry.fr/a@b"


def test_an_address_that_no_server_takes_is_none() -> None:
    """Eight thousand characters are enough."""
    assert is_web(f"https://ministry.fr/{'a' * 7_000}")
    assert not is_web(f"https://ministry.fr/{'a' * 9_000}")
    assert canonical(f"https://{'é' * 10_000}.fr/")
