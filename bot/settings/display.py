"""The settings as they are shown: each with its value and where that comes from, without a secret, and as an example.

The example file says of every setting what it is for, and its default or an example of a value, commented out.
"""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, SecretStr

from bot.redaction import redacted
from bot.settings import FILE_NAME, PREFIX, Settings
from bot.settings.edges import written_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from bot.settings import Given

_Origin = Literal["option", "environment", "file", "default"]
MASK = "********"


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """A setting by its dotted name, and its value as JSON holds it, or MASK for a secret.

    `where` names the option, the variable or the file that the value comes from; None for a default.
    """

    name: str
    value: Any
    origin: _Origin
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


def _origin(place: tuple[str, ...], given: Given) -> tuple[_Origin, str | None]:
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


_WIDTH = 120
_HEAD = (
    f"Every setting with its default, or with an example where it has none. Copy this file to {FILE_NAME}, in the "
    "folder where you run `communique` or in the home folder, and remove the # from the lines that you change.",
    f"Environment variables override this file: {PREFIX}HOME, {PREFIX}EMBEDDER__MODEL, and so on. An option on the "
    "command line overrides both.",
)


def example() -> str:
    """The example as TOML, made of the settings' own descriptions; as it is, it changes nothing."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from _comment("\n\n".join(_HEAD))
    tables: list[tuple[str, type[BaseModel]]] = []
    for name, info in Settings.model_fields.items():
        if (model := _model_in(info)) is None:
            yield from ("", *_setting(name, info))
        else:
            tables.append((f"[{name}]" if model is info.annotation else f"# [[{name}]]", model))
    for header, model in tables:
        yield from _table(header, model)


def _table(header: str, model: type[BaseModel]) -> Iterator[str]:
    """A section, with those of which it holds several at its end."""
    yield from ("", header, *_comment(model.__doc__ or ""))
    inside = {name: inner for name, info in model.model_fields.items() if (inner := _model_in(info))}
    for name, info in model.model_fields.items():
        if name not in inside:
            yield from ("", *_setting(name, info))
    for name, inner in inside.items():
        yield from _table(f"# [[{header.strip('# []')}.{name}]]", inner)


def _model_in(info: FieldInfo) -> type[BaseModel] | None:
    """The section that a field holds, or of which it holds several; None where it is a setting."""
    first, *_ = getattr(info.annotation, "__args__", ()) or (info.annotation,)
    return first if isinstance(first, type) and issubclass(first, BaseModel) else None


def _setting(name: str, info: FieldInfo) -> Iterator[str]:
    yield from _comment(info.description or "")
    default = info.get_default(call_default_factory=True)
    has_default = not info.is_required() and default not in (None, {}, ())
    shown = default if has_default else (info.examples or [""])[0]
    yield f"# {name} = {_toml(shown)}"


def _comment(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield "#"
        yield from textwrap.wrap(
            paragraph,
            _WIDTH,
            initial_indent="# ",
            subsequent_indent="# ",
            break_on_hyphens=False,
            break_long_words=False,
        )


def _toml(value: Any) -> str:  # noqa: ANN401 - whatever a setting may be
    """A value as TOML has it."""
    if isinstance(value, timedelta):
        return _toml(written_duration(value))
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(str(value) if isinstance(value, PurePath) else value, ensure_ascii=False)
