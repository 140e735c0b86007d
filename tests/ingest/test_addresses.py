from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.addresses import joined, without_user

PIECES = st.sampled_from(
    ["http://", "ftp:", "//", "/", "@", ":", "[", "]", "?", "#", "\\", " ", "\n", "name", "secret", "%"]
)
TEXTS = st.lists(PIECES | st.text(max_size=3)).map("".join)


def test_a_link_is_joined_to_its_page() -> None:
    """Without its fragment; one that cannot be read leads nowhere, from wherever."""
    assert joined("https://ministry.fr/a/", " ../b#c ") == "https://ministry.fr/b"
    assert joined("https://ministry.fr/", "http://[b") == joined("", "http://[b") == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://name:secret@ministry.fr/a@b", "https://ministry.fr/a@b"),
        ("HTTP://a@b:secret@ministry.fr", "HTTP://ministry.fr"),
        ("sent on to http://name:secret@[::broken/: no address", "sent on to http://[::broken/: no address"),
        ("https://ministry.fr?to=a@b.fr", "https://ministry.fr?to=a@b.fr"),
        ("http://name:a secret@ministry.fr/x", "http://ministry.fr/x"),
        ("http://name:a\\secret@ministry.fr/x", "http://ministry.fr/x"),
        ("ftp://name:a\nsecret@ministry.fr/", "ftp://ministry.fr/"),
        ("socks5://name:secret@proxy.test:1080", "socks5://proxy.test:1080"),
        ("/data//a@b.txt", "/data//a@b.txt"),
        ("mailto:press@ministry.fr", "mailto:press@ministry.fr"),
    ],
)
def test_a_user_and_a_password_are_not_shown(text: str, shown: str) -> None:
    """Of an address, or of one in a sentence; an at sign elsewhere is none of theirs."""
    assert without_user(text) == shown


@pytest.mark.parametrize("password", ["a secret", "a\\secret", "a\nsecret", "a\tsecret"])
@pytest.mark.parametrize("scheme", ["https://", "ftp://", "//", "ftp:/\n/"])
def test_a_password_is_taken_out_of_links(scheme: str, password: str) -> None:
    """Whatever it holds, and however the address is broken."""
    whole = joined("https://ministry.fr/", f"{scheme}name:{password}@other.fr/a")

    assert whole.endswith("://other.fr/a")


@given(TEXTS, TEXTS)
def test_no_link_names_a_user_and_none_is_an_error(base: str, link: str) -> None:
    """Links and bases come from strangers."""
    whole = joined(f"https://{base}", link)

    assert without_user(whole) == whole
    assert not whole or urlsplit(whole).username is None
