"""What an installation from the wheel holds."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
PACKAGES = ("communique", "bot", "ingest", "vectorstore")


def test_the_wheel_holds_the_packages_with_their_data() -> None:
    """Every model, table and marker of types; nothing of tests, training or benchmarks."""
    held = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}

    lying = (path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file())
    assert held == {str(path.relative_to(ROOT)) for path in lying if "__pycache__" not in path.parts}
    assert {f"{name}/py.typed" for name in PACKAGES} <= held


def test_a_plain_installation_asks_for_no_deep_learning_framework() -> None:
    """Models other than the built-in one, and each adapter that not everybody needs, are extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    plain = " ".join(project["dependencies"])
    assert not any(name in plain for name in ("torch", "sentence-transformers", "transformers", "ray", "psycopg"))
    assert "sentence-transformers" in project["optional-dependencies"]
