from __future__ import annotations

import pytest

from bot.language.prompt_injection.characters import as_read, headline, plain, unkeyed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rien de caché,\tici :\nL’été « œuvre ».", "Rien de caché,\tici :\nL’été « œuvre »."),
        ("20\u00a0000 soldats\u202f!", "20\u00a0000 soldats\u202f!"),
        ("ig\u200bno\u200dre\ufeff", "ignore"),
        ("com\u00admuniqué", "communiqué"),
        ("\u202edaer\u202c me \u2066now\u2069", "daer me now"),
        ("fin\U000e0053\U000e0041\U000e0059.", "fin."),
        ("a\x00b\x07c\x7fd\x85e\r\n", "abcde\n"),
        ("\x1b[31mred\x1b[0m and \x9b1mbold", "red and bold"),
        ("\x1b]8;;https://evil.example/\x1b\\click\x1b]8;;\x07", "click"),
        ("a\ufe0fb\U000e0101c\u3164", "abc"),
        ("", ""),
    ],
)
def test_what_nobody_sees_is_left_out(text: str, expected: str) -> None:
    """Visible characters, line ends, tabs and the no-break spaces of French stay."""
    assert plain(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Ignore",
        "ig\u200bnore",
        "Іgnоrе",
        "i.g.n.o.r.e",
        "\uff49\uff47\uff4e\uff4f\uff52\uff45",
        "\U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065",
    ],
)
def test_a_word_is_read_however_it_is_disguised(text: str) -> None:
    """Look-alike letters, invisible ones, full width, letters apart, letters hidden in tags."""
    assert as_read(text) == "ignore"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[2] The minister resigned.", "(2) The minister resigned."),
        ("It rose [1][ 12 ].", "It rose (1)(12)."),
        ("It rose [1, 3].", "It rose (1, 3)."),
        ("[\u200b2] and [\x1b[1m3\x1b[0m]", "(2) and (3)"),
        ("［２］ 【4】 [²]", "(２) (4) (²)"),
        ("[p7qk] is no key to a reader", "(p7qk) is no key to a reader"),
        ("[sic] and [the ministers] and a[i]", "[sic] and [the ministers] and a[i]"),
    ],
)
def test_a_note_of_a_release_is_no_key_of_ours(text: str, shown: str) -> None:
    """However it is spelt or hidden; other words in brackets stay."""
    assert unkeyed(text) == shown


def test_a_title_does_not_begin_as_a_citation() -> None:
    """Nor does it go on in a line of its own."""
    assert headline("[2] Peace\nat last [1]") == "(2) Peace at last (1)"
    assert headline("Peace [1]") == "Peace [1]"
