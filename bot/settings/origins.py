"""Every setting with its value and where that comes from, fit to be shown: without a secret."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, SecretStr

from bot.redaction import redacted
from bot.settings.edges import written_duration
from bot.settings.load import PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings.load import Given

Origin = Literal["option", "environment", "file", "default"]
MASK = "********"


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """A setting by its dotted name, and its value as JSON holds it, or MASK for a secret.

    `where` names the option, the variable or the file that the value comes from; None for a default.
    """

    name: str
    value: Any
    origin: Origin
    where: str | None = None

    def payload(self) -> dict[str, Any]:
        """What `--json` prints."""
        return asdict(self)


def in_force(given: Given) -> tuple[SettingInForce, ...]:
    """Every setting, in the order of the example. Raises SettingsError where one is impossible."""
    settings = given.checked()
    return tuple(
        SettingInForce(".".join(place), _shown(place, settings), *_origin(place, given)) for place in _places(settings)
    )


def _places(settings: Settings) -> Iterator[tuple[str, ...]]:
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from ((name, inner) for inner in type(value).model_fields)
        else:
            yield (name,)


def _shown(place: tuple[str, ...], settings: Settings) -> Any:  # noqa: ANN401 - whatever a setting may be
    value: Any = settings
    for name in place:
        value = getattr(value, name)
    if place == ("store", "catalogue") and settings.store.database:
        return str(settings.store.database)
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, timedelta):
        return written_duration(value)
    section: BaseModel = getattr(settings, place[0]) if len(place) > 1 else settings
    return _without_secrets(section.model_dump(mode="json", include={place[-1]})[place[-1]])


def _without_secrets(value: Any) -> Any:  # noqa: ANN401 - as JSON
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {key: MASK if _names_a_secret(key, inner) else _without_secrets(inner) for key, inner in value.items()}
    return [_without_secrets(inner) for inner in value] if isinstance(value, list) else value


def _names_a_secret(key: str, value: Any) -> bool:  # noqa: ANN401 - as JSON
    """Whether a value in `model.options` is a secret by its name, as in `{ api_key = "…" }`."""
    written = f"{key}={value}"
    return isinstance(value, str) and redacted(written) != written


def _origin(place: tuple[str, ...], given: Given) -> tuple[Origin, str | None]:
    options = {("home",): given.home and "--home", ("model", "name"): given.model and "--model"}
    if option := options.get(place):
        return "option", option
    if _holds(given.in_environment, place):
        return "environment", _variable(place)
    if _holds(given.in_file, place):
        return "file", str(given.file)
    return "default", None


def _holds(values: dict[str, Any], place: tuple[str, ...]) -> bool:
    for name in place:
        if not isinstance(values, dict) or name not in values:
            return False
        values = values[name]
    return True


def _variable(place: tuple[str, ...]) -> str:
    """The variable that sets it: its own, or that of its section, or one for a part of it."""
    named = {name.upper(): name for name in os.environ}
    own, section = (PREFIX + "__".join(place)).upper(), (PREFIX + place[0]).upper()
    part = next((variable for name, variable in named.items() if name.startswith(f"{own}__")), section)
    return named.get(own) or named.get(section) or part
