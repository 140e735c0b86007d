"""The example file: made of the settings, complete, and without effect as it is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.settings import Settings, SourceSettings
from bot.settings.display import example

EXAMPLE = Path(__file__).parents[3] / "communique.toml.example"
SECTIONS = {
    name: info.annotation
    for name, info in Settings.model_fields.items()
    if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
}


def taken_off() -> dict[str, object]:
    """The example with the # taken off its settings."""
    return tomllib.loads(re.sub(r"(?m)^# (?=\w+ = |\[)", "", example()))


def test_the_file_in_the_repository_is_what_the_command_prints() -> None:
    """After a change: `communique settings example > communique.toml.example`."""
    assert EXAMPLE.read_text(encoding="utf-8") == example()


def test_as_it_is_it_changes_nothing() -> None:
    """Everything in it is commented out but the names of sections."""
    assert tomllib.loads(example()) == {name: {} for name in SECTIONS}


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_every_setting_of_a_section_is_shown_with_a_value_that_may_stand_there(name: str) -> None:
    """Its default, where it has one."""
    shown = taken_off()[name]

    assert isinstance(shown, dict)
    assert list(shown) == list(SECTIONS[name].model_fields)
    section = SECTIONS[name].model_validate(shown)
    for setting, info in SECTIONS[name].model_fields.items():
        if info.get_default(call_default_factory=True) not in (None, {}, ()):
            assert getattr(section, setting) == info.default


def test_a_newsroom_is_shown_with_every_setting() -> None:
    """At the end, as one of several tables."""
    [source] = taken_off()["sources"]  # type: ignore[misc]

    assert list(source) == list(SourceSettings.model_fields)
    assert SourceSettings.model_validate(source).fields == {"body": "content"}


def test_no_line_is_longer_than_the_code_may_be() -> None:
    """It is read in terminals and editors."""
    assert max(map(len, example().splitlines())) <= 120
