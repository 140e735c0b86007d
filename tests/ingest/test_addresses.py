from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.addresses import joined, without_user

PIECES = st.sampled_from(
    ["http://", "https:", "//", "/", "@", ":", "[", "]", "?", "#", "\\", " ", "name", "secret", "%"]
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
        ("socks5://name:secret@proxy.test:1080", "socks5://proxy.test:1080"),
        ("/data//a@b.txt", "/data//a@b.txt"),
        ("mailto:press@ministry.fr", "mailto:press@ministry.fr"),
    ],
)
def test_a_user_and_a_password_are_not_shown(text: str, shown: str) -> None:
    """Of an address, or of one in a sentence; an at sign elsewhere is none of theirs."""
    assert without_user(text) == shown


@given(TEXTS, TEXTS)
def test_no_link_names_a_user_and_none_is_an_error(base: str, link: str) -> None:
    """Links and bases come from strangers."""
    whole = joined(base, link)

    assert without_user(whole) == whole
