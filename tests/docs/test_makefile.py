"""The commands that CONTRIBUTING.md names run tests that are there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("target", ["test-language", "test-services"])
def test_every_path_that_a_command_tests_is_there(target: str) -> None:
    """One that was renamed would stop pytest before the first test."""
    printed = subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    paths = {word for word in printed.split() if word.startswith("tests/")}
    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]
