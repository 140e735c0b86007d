"""What is wrong with what was set, each fault by itself, with the nearest right name or value."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_ALIKE = 0.7  # likeness in [0, 1] from which one name is taken for a slip of another
_QUOTED = re.compile(r"'([^']*)'")
_OF_SEVERAL = re.compile(r"\A(?P<name>[a-z_.]+)\.(?P<number>\d+)\.(?P<wrong>[^.]+)")


@dataclass(frozen=True, slots=True)
class SettingFault:
    """A setting that is unknown or impossible.

    `name` is the setting as it stands in the file, or its variable where it comes from the environment; `nearest` the
    name or value that was probably meant, None where nothing resembles it.
    """

    name: str
    cause: str
    nearest: str | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.cause}" + (f"; the nearest is {self.nearest}" if self.nearest else "")


def faults_of(exc: ValidationError, settings: type[BaseModel]) -> list[SettingFault]:
    """Every mistake on its own, named as it stands in the file, or in the environment where it comes from there."""
    return [_fault(error, settings) for error in exc.errors()]


def unknown_variables(environment: Mapping[str, str], prefix: str, settings: type[BaseModel]) -> Iterator[SettingFault]:
    """Variables that begin as ours do, and name neither a setting nor a section.

    A variable that names a section and no setting of it is not among them: validation finds it.
    """
    known = [name.upper().replace(".", "__") for name in names(settings)]
    for variable in environment:
        name = variable.upper()
        if not name.startswith(prefix):
            continue
        section = name.removeprefix(prefix).split("__")[0]
        if section.lower() not in settings.model_fields:
            found = nearest(name.removeprefix(prefix), known)
            yield SettingFault(variable, "no such setting", f"{prefix}{found}" if found else None)


def names(settings: type[BaseModel]) -> Iterator[str]:
    """Every setting by its dotted name, and every section."""
    for name, info in settings.model_fields.items():
        yield name
        section = info.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from (f"{name}.{inner}" for inner in section.model_fields)


def nearest(wrong: str, right: Iterable[str]) -> str | None:
    """The one of some names that another was probably meant to be, or None."""
    return next(iter(difflib.get_close_matches(wrong, right, n=1, cutoff=_ALIKE)), None)


def _fault(error: ErrorDetails, settings: type[BaseModel]) -> SettingFault:
    place = error["loc"]
    dotted = ".".join(map(str, place))
    variable = "COMMUNIQUE_" + "__".join(str(part).upper() for part in place)
    is_variable = variable in os.environ
    name = variable if is_variable else dotted
    if not place:  # what concerns several sections names its setting itself
        name, _, cause = _cause(error).partition(": ")
        return SettingFault(name, cause)
    if error["type"] == "extra_forbidden":
        found = _nearest_setting(dotted, settings)
        if found and is_variable:
            found = "COMMUNIQUE_" + found.upper().replace(".", "__")
        return SettingFault(name, "no such setting", found)
    if error["type"] == "literal_error":
        values = _QUOTED.findall(error["ctx"]["expected"])
        return SettingFault(name, error["msg"].lower(), _quoted(nearest(str(error["input"]).lower(), values)))
    return SettingFault(name, _cause(error))


def _cause(error: ErrorDetails) -> str:
    if error["type"] == "value_error":  # one of ours, which pydantic calls a value error
        return str(error["ctx"]["error"])
    return error["msg"].lower()


def _nearest_setting(dotted: str, settings: type[BaseModel]) -> str | None:
    """The setting that a name resembles; else the one that is called so in another section."""
    known = list(names(settings))
    if several := _OF_SEVERAL.fullmatch(dotted):  # sources.0.nmae
        found = nearest(several["wrong"], _fields_of_each(settings, several["name"].split(".")))
        return f"{several['name']}.{several['number']}.{found}" if found else None
    namesakes = (name for name in known if name.rpartition(".")[2] == dotted.rpartition(".")[2])
    return nearest(dotted, known) or next(namesakes, None)


def _fields_of_each(settings: type[BaseModel], place: Sequence[str]) -> Iterable[str]:
    """The settings of each of several, as of a source."""
    section: Any = settings
    for name in place:
        annotation = section.model_fields[name].annotation
        section = getattr(annotation, "__args__", (annotation,))[0]
    fields: Iterable[str] = section.model_fields
    return fields


def _quoted(value: str | None) -> str | None:
    return f'"{value}"' if value else None
