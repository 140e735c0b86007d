"""How much of the house a question walks through: what somebody has to read who follows one from terminal to answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES, FUNCTIONS = 47, 291  # that are called after the imports; 89 and 440 when they were counted first
_COUNT = """
import os, sys, threading
root, home = sys.argv[1:]
seen = set()

def is_imported(frame):
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_code.co_filename.startswith(root):
            return True
        frame = frame.f_back
    return False

def note(frame, event, _):
    code = frame.f_code
    is_ours = code.co_filename.startswith(root) and "site-packages" not in code.co_filename
    is_function = code.co_flags & 1 and "<" not in code.co_qualname.rsplit(".", 1)[-1]
    if event == "call" and is_ours and is_function and not is_imported(frame):
        seen.add((code.co_filename, code.co_qualname))

threading.setprofile(note)
sys.argv = ["communique", "--home", home, "ask", "Where did ministers meet?"]
from bot.cli import app
sys.setprofile(note)
try:
    app()
except SystemExit:
    pass
sys.setprofile(None)
print(len({file for file, _ in seen}), len(seen), file=sys.stderr)
"""


@pytest.mark.long
def test_a_question_calls_few_functions_of_few_files(tmp_path: Path) -> None:
    """Whoever adds a stage sees here what it adds to read."""
    (tmp_path / "meeting.md").write_text("# A meeting\n\nMinisters met in Brussels on Monday.\n", encoding="utf-8")
    command = [sys.executable, "-c"]
    ingest = "import sys; sys.argv[0] = 'communique'; from bot.cli import app; app()"
    home = str(tmp_path / "home")
    subprocess.run([*command, ingest, "--home", home, "ingest", str(tmp_path / "meeting.md")], cwd=ROOT, check=True)

    counted = subprocess.run([*command, _COUNT, f"{ROOT}/", home], cwd=ROOT, check=True, capture_output=True, text=True)

    assert "Ministers met in Brussels" in counted.stdout
    files, functions = map(int, counted.stderr.split()[-2:])
    assert files <= FILES
    assert functions <= FUNCTIONS
