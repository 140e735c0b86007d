"""Communiqué from Python: `opened`, `Ask`, `Filter` and `Answer`, each imported when it is first used."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.answering.analysis import Ask
    from bot.answering.types import Answer
    from bot.wiring import opened
    from vectorstore.types import Filter

__all__ = ["Answer", "Ask", "Filter", "opened"]

_MODULES = {
    "Answer": "bot.answering.types",
    "Ask": "bot.answering.analysis",
    "Filter": "vectorstore.types",
    "opened": "bot.wiring",
}
_PACKAGES = ("bot", "ingest", "vectorstore")


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]


def _import_packages() -> None:
    """Import the packages that lie beside this one, though a `bot.py` in the current folder would be found first.

    Only their names are bound; what they hold is imported when it is needed. Raises ImportError where another module
    has one of these names already.
    """
    folder = Path(__file__).parents[1]
    sys.path.insert(0, str(folder))
    try:
        for name in _PACKAGES:
            found = importlib.import_module(name).__file__
            if found is None or Path(found).parents[1] != folder:
                raise ImportError(f"{name}: {found} is imported already: import communique before it, or rename it")
    finally:
        sys.path.remove(str(folder))


_import_packages()
