"""The log as machines read it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_RUN = "from bot.cli import app; app()"


def test_for_machines_every_line_is_json(tmp_path: Path) -> None:
    """With its moment, level and logger; results on stdout stay as they are."""
    folder = tmp_path / "releases"
    folder.mkdir()
    (folder / "a.txt").write_text("A harbour opens\n\nThe harbour of Oslo opened on 3 May 2024.\n")
    command = [
        sys.executable,
        "-c",
        _RUN,
        "--home",
        str(tmp_path / "home"),
        "--log",
        "json",
        "-v",
        "ingest",
        str(folder),
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)

    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert lines
    assert all({"moment", "level", "logger", "message"} <= set(line) for line in lines)
    assert "1 new" in done.stdout
