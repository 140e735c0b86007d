from __future__ import annotations

from bot.language.prompt_injection import characters
from bot.language.prompt_injection.characters import as_read, headline, unkeyed
from tests.language_tables import each_row


@each_row("plain.jsonl", "text", "plain")
def test_what_nobody_sees_is_left_out(text: str, plain: str) -> None:
    """Visible characters, line ends, tabs and the no-break spaces of French stay."""
    assert characters.plain(text) == plain


@each_row("disguises.jsonl", "text", "word")
def test_a_word_is_read_however_it_is_disguised(text: str, word: str) -> None:
    """Look-alike letters, invisible ones, full width, letters apart, letters hidden in tags."""
    assert as_read(text) == word


@each_row("keys.jsonl", "text", "shown")
def test_a_note_of_a_release_is_no_key_of_ours(text: str, shown: str) -> None:
    """However it is spelt or hidden; other words in brackets stay."""
    assert unkeyed(text) == shown


def test_a_title_does_not_begin_as_a_citation() -> None:
    """Nor does it go on in a line of its own."""
    assert headline("[2] Peace\nat last [1]") == "(2) Peace at last (1)"
    assert headline("Peace [1]") == "Peace [1]"
