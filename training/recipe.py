"""How a training run is asked for: its folders, and a recipe whose every field is an option."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

R = TypeVar("R")


def parsed(
    parser: argparse.ArgumentParser, recipe: type[R], arguments: Sequence[str] | None
) -> tuple[argparse.Namespace, R]:
    """The options of a parser, and a recipe of the others; for a truth, `yes` is true and all else false."""
    names = [field.name for field in fields(recipe)]  # type: ignore[arg-type]
    for field in fields(recipe):  # type: ignore[arg-type]
        kind: Any = type(field.default)
        parser.add_argument(
            f"--{field.name}", default=field.default, type=(lambda text: text == "yes") if kind is bool else kind
        )
    options = parser.parse_args(arguments)
    return options, recipe(**{name: getattr(options, name) for name in names})
