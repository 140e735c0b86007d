"""Packages that not every installation has."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def needs(package: str) -> None:
    """The test is skipped where the package is not installed, with one reason for all that need it."""
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed here")
