"""The example file: every setting with what it is for, and its default or an example of a value, commented out."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from bot.settings.edges import written_duration
from bot.settings.load import FILE_NAME, PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

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
