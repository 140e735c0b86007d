"""The examples of docs/python.md do what they say."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import inspect
import io
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from communique import opened

ROOT = Path(__file__).parents[2]
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
EXAMPLES = EXAMPLE.findall((ROOT / "docs/python.md").read_text("utf-8"))


@pytest.fixture
def _in_a_home_with_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    shutil.copytree(ROOT / "samples", "samples")
    assert CliRunner().invoke(app, ["--home", "home", "ingest", "samples"]).exit_code == 0


async def run(example: str, names: dict[str, Any]) -> str:
    """What an example prints; it may await, and shares its names with those before it."""
    code = compile(example, "docs/python.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        done = eval(code, names)
        if inspect.isawaitable(done):
            await done
    return printed.getvalue()


@pytest.mark.usefixtures("_in_a_home_with_samples")
async def test_the_examples_print_what_stands_below_them() -> None:
    """In one home, one after the other; what needs a package that is not installed is passed over."""
    names: dict[str, Any] = {}
    with opened(Path("home")) as press:
        for example, expected in EXAMPLES:
            if "langchain_chroma" in example and not importlib.util.find_spec("langchain_chroma"):
                continue
            names["press"] = press
            printed = await run(example, names)
            assert printed
            assert not expected or printed == expected
