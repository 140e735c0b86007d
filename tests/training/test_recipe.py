"""Options of a training run."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import pytest

from training.recipe import parsed


@dataclass(frozen=True, slots=True)
class Recipe:
    """One field of each type."""

    epochs: int = 6
    rate: float = 0.5
    mixed: bool = True
    kinds: str = "all"


def test_every_field_of_a_recipe_is_an_option() -> None:
    """Beside those that the parser has already; what is not named keeps its default."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="model")

    options, recipe = parsed(parser, Recipe, ["--name", "small", "--epochs", "2"])

    assert options.name == "small"
    assert recipe == Recipe(epochs=2)


@pytest.mark.parametrize(("word", "mixed"), [("yes", True), ("no", False)])
def test_a_truth_is_yes_or_anything_else(word: str, mixed: bool) -> None:
    """As the command line has no other words for it."""
    assert parsed(argparse.ArgumentParser(), Recipe, ["--mixed", word])[1].mixed is mixed
