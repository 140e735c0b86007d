"""Where a web server is reached: known while it runs, and never after."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from bot.state.web_address import announced, running_address

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FIRST, SECOND = "http://127.0.0.1:8000", "http://127.0.0.1:8001"


def test_an_address_is_known_while_its_server_runs(tmp_path: Path) -> None:
    """To any number of readers; before and after there is none, and nothing is left behind."""
    before = running_address(tmp_path)
    with announced(tmp_path, FIRST):
        during = [running_address(tmp_path) for _ in range(3)]

    assert (before, during, running_address(tmp_path)) == (None, [FIRST] * 3, None)
    assert list(tmp_path.iterdir()) == []


def test_of_two_servers_the_later_one_is_found(tmp_path: Path) -> None:
    """Whichever ends first, the note of the other is left alone."""
    with announced(tmp_path, FIRST), announced(tmp_path, SECOND):
        both = running_address(tmp_path)

    assert both == SECOND
    with announced(tmp_path, FIRST):
        assert running_address(tmp_path) == FIRST


def test_a_note_that_nobody_holds_is_not_believed(tmp_path: Path) -> None:
    """As after a loss of power."""
    (tmp_path / "web.address").write_text(FIRST)

    assert running_address(tmp_path) is None


def test_a_note_is_for_its_owner_alone(tmp_path: Path) -> None:
    """As all else in a home."""
    with announced(tmp_path, FIRST):
        assert stat.S_IMODE((tmp_path / "web.address").stat().st_mode) == 0o600


def test_a_home_that_cannot_be_written_to_is_no_reason_to_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The server runs, and citations do not lead to it."""
    with announced(tmp_path / "nowhere", FIRST):
        assert running_address(tmp_path / "nowhere") is None

    assert "citations will not lead to this server" in caplog.text
