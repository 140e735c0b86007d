"""The log as machines read it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bot.cli.edge import LogFormat, formatter_of

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = ('{"password": "hunter2222"}', 'password="hunter2222"', "password=hunter2222 \u202e \x1b[2J")

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


@pytest.mark.parametrize("form", LogFormat)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_logged_in_either_form(form: LogFormat, secret: str) -> None:
    """Neither in a message nor in a traceback or beside them; and a line for machines stays JSON."""
    told = {"msg": "failed: %s", "args": (secret,), "exc_text": f"ValueError: {secret}", "password": "hunter2222"}
    record = logging.makeLogRecord(told)

    line = formatter_of(form).format(record)

    assert "hunter2222" not in line
    assert "\x1b" not in line
    if form is LogFormat.JSON:
        assert json.loads(line)["message"].startswith("failed: ")
