"""What the last answer quoted: remembered by places, and no reason for an answer to fail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.answering.types import Refusal, Reply, Searched
from bot.state.last import Cited, LastAnswer
from tests.bot.releases import an_answer

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = an_answer(text="They met. [1]", quote="They met.")
CITED = (Cited("1", "a", 1, 0, 9),)


def test_places_are_remembered_and_no_words(tmp_path: Path) -> None:
    """The next answer takes their place, a refusal too; a courtesy does not."""
    last = LastAnswer(tmp_path / "last.json")
    assert last.citations() == ()

    last.keep(ANSWER)
    last.keep(replace(ANSWER, citations=(), reply=Reply("courtesy.thanks")))
    assert last.citations() == CITED
    assert "met" not in (tmp_path / "last.json").read_text()

    last.keep(an_answer(text="No.", refusal=Refusal("No.", Searched(1))))
    assert last.citations() == ()


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"key": "1"}]'])
def test_a_file_of_another_kind_is_none(tmp_path: Path, text: str) -> None:
    """As where there is no file."""
    (tmp_path / "last.json").write_text(text)

    assert LastAnswer(tmp_path / "last.json").citations() == ()


def test_what_cannot_be_written_is_only_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The answer stands all the same."""
    LastAnswer(tmp_path / "nowhere" / "last.json").keep(ANSWER)

    assert "cannot be written" in caplog.text
