"""Keys in what providers say."""

from __future__ import annotations

import pytest

from bot.redaction import without_keys


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("Incorrect API key provided: sk-proj-abc*****Ub2.", "Incorrect API key provided: …."),
        ("bad key Zz91kLmno-ppq77Qrstu here", "bad key … here"),
        ("header Authorization: Bearer eyJhbGciOi.J9.abc is wrong", "header Authorization: Bearer … is wrong"),
        ("{'api_key': 'short'}", "{'api_key': '…'}"),
        ("POST https://me:word@host.example/v1 failed", "POST https://host.example/v1 failed"),
        ("the maximum token count is 8192, at 2026-11-24", "the maximum token count is 8192, at 2026-11-24"),
        (
            "Unsupported value: 'temperature' does not support 0.2",
            "Unsupported value: 'temperature' does not support 0.2",
        ),
        ("two\n lines", "two lines"),
    ],
)
def test_a_key_goes_and_the_reason_stays(told: str, left: str) -> None:
    """By its look or by the name before it."""
    assert without_keys(told, {}) == left


def test_the_values_of_the_environment_go_whatever_they_look_like() -> None:
    """A key may look like a plain word; other variables may be told."""
    environment = {"MY_API_KEY": "plainword", "HF_TOKEN": "", "HOME": "folder"}

    assert without_keys("plainword opens folder", environment) == "… opens folder"


def test_a_long_text_is_cut() -> None:
    """A page of HTML does not fill the log."""
    assert len(without_keys("a page " * 1000, {})) == 300
