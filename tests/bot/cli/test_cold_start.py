from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.long
def test_a_first_question_imports_no_heavy_library(tmp_path: Path) -> None:
    """With default settings neither torch nor Chroma is needed to answer from a small store."""
    told = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from bot.cli import app\n"
        "result = CliRunner().invoke(app, sys.argv[1:])\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'chromadb'} & set(sys.modules)\n"
        "print(result.output, sorted(heavy))\n"
    )
    home = ["--home", str(tmp_path / "home")]
    subprocess.run(
        [sys.executable, "-c", "from bot.cli import app; app()", *home, "ingest", "samples"],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip

    run = subprocess.run(
        [sys.executable, "-c", told, *home, "ask", "When did Sweden join NATO?"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert "Sweden became a member of NATO on 7 March 2024." in run.stdout
    assert run.stdout.rstrip().endswith("[]")
