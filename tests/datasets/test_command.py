"""How commands end if the shared data is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasets.command import parser_of, reads_shared_data
from datasets.files import shared_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Look for a file."""
    options = parser_of("some.module", "Look for a file.").parse_args(arguments)
    shared_file(options.data, "qa/set.json")
    return 0


def test_a_missing_file_ends_a_command_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 1, and the line names the option."""
    assert main(["--data", str(tmp_path)]) == 1

    line = f"{tmp_path / 'qa/set.json'}: no such file; name the folder of the shared data with --data\n"
    assert capsys.readouterr() == ("", line)


def test_a_command_that_finds_its_file_ends_well(tmp_path: Path) -> None:
    """Its own exit code stands."""
    (tmp_path / "qa").mkdir()
    (tmp_path / "qa/set.json").touch()

    assert main(["--data", str(tmp_path)]) == 0
