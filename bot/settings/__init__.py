"""Every setting, read from `communique.toml` and the environment, and what is wrong with it, each fault by itself.

The only package that reads either.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import platformdirs
from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as EnvironmentValueError

from bot.errors import SettingsError
from bot.settings.edges import (
    EVERYTHING,
    DiscordSettings,
    FetchSettings,
    IngestSettings,
    McpSettings,
    MetricsSettings,
    ScopeSettings,
    SourceSettings,
    WatchSettings,
    WebSettings,
)
from bot.settings.sections import (
    AnswersSettings,
    EmbedderSettings,
    ModelSettings,
    PathSetting,
    QuestionsSettings,
    ReaderSettings,
    SearchSettings,
    StoreSettings,
    nearest,
    read_place,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

__all__ = [
    "EVERYTHING",
    "FILE_NAME",
    "AnswersSettings",
    "DiscordSettings",
    "EmbedderSettings",
    "FetchSettings",
    "Given",
    "IngestSettings",
    "McpSettings",
    "MetricsSettings",
    "ModelSettings",
    "QuestionsSettings",
    "ReaderSettings",
    "ScopeSettings",
    "SearchSettings",
    "SettingFault",
    "Settings",
    "SourceSettings",
    "StoreSettings",
    "WatchSettings",
    "WebSettings",
    "load_settings",
    "read_given",
]

log = logging.getLogger(__name__)

FILE_NAME = "communique.toml"
PREFIX = "COMMUNIQUE_"
_QUOTED = re.compile(r"'([^']*)'")
_OF_SEVERAL = re.compile(r"\A(?P<name>[a-z_.]+)\.(?P<number>\d+)\.(?P<wrong>[^.]+)")


class Settings(BaseSettings):
    """All settings. Options on the command line win over the environment, which wins over the file.

    A variable that is empty says nothing: it is how a compose file or a unit passes on what nobody has set.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        validate_default=False,  # each section was checked as it was made
    )

    home: PathSetting = Field(
        description="The folder with the store. If unset: the platform's folder for user data.", examples=["~/press"]
    )
    embedder: EmbedderSettings = EmbedderSettings()  # type: ignore[call-arg]
    store: StoreSettings = StoreSettings()  # type: ignore[call-arg]
    search: SearchSettings = SearchSettings()  # type: ignore[call-arg]
    answers: AnswersSettings = AnswersSettings()  # type: ignore[call-arg]
    reader: ReaderSettings = ReaderSettings()  # type: ignore[call-arg]
    model: ModelSettings = ModelSettings()  # type: ignore[call-arg]
    questions: QuestionsSettings = QuestionsSettings()  # type: ignore[call-arg]
    discord: DiscordSettings = DiscordSettings()  # type: ignore[call-arg]
    web: WebSettings = WebSettings()  # type: ignore[call-arg]
    ingest: IngestSettings = IngestSettings()  # type: ignore[call-arg]
    fetch: FetchSettings = FetchSettings()  # type: ignore[call-arg]
    watch: WatchSettings = WatchSettings()  # type: ignore[call-arg]
    mcp: McpSettings = McpSettings()  # type: ignore[call-arg]
    metrics: MetricsSettings = MetricsSettings()  # type: ignore[call-arg]
    sources: tuple[SourceSettings, ...] = Field((), description="Newsrooms to ingest.")

    @model_validator(mode="after")
    def _has_the_sources_of_its_scopes(self) -> Self:
        """A slip in a name would hide releases without a word: only what looks like a path or an address may be new."""
        known = {name.casefold(): name for one in self.sources for name in (one.location, one.name) if name}
        for name in (name for scope in self.discord.scopes for name in scope.sources or ()):
            if name != EVERYTHING and name.casefold() not in known and "/" not in name:
                meant = nearest(name.casefold(), known)
                hint = f"; the nearest is {known[meant]}" if meant else "; name it in [[sources]], or its publishers"
                raise ValueError(f"discord.scopes: no source is called {name!r}{hint}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over what `load_settings` read from the file."""
        return env_settings, init_settings


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


@dataclass(frozen=True, slots=True)
class Given:
    """What the file, the environment and the command line say, before it is checked.

    `file` is None where there is none; `home` and `model` are the command line's, `default` the home if nobody names
    one. `in_environment` holds what the environment says, in the shape of the file.
    """

    file: Path | None
    in_file: dict[str, Any]
    in_environment: dict[str, Any]
    default: Path
    home: Path | None = None
    model: str | None = None
    unknown: tuple[SettingFault, ...] = ()

    def faults(self) -> tuple[SettingFault, ...]:
        """Everything that is wrong with it: variables that name no setting, settings unknown or impossible."""
        try:
            self._settings()
        except ValidationError as exc:
            return (*self.unknown, *faults_of(exc, Settings))
        return self.unknown

    def checked(self) -> Settings:
        """The settings. Raises SettingsError where it names something unknown or impossible."""
        try:
            settings = self._settings()
        except ValidationError as exc:
            faults = faults_of(exc, Settings)
            in_file = any(not fault.name.upper().startswith(PREFIX) for fault in faults)
            origin = self.file if self.file and in_file else "environment"
            raise SettingsError(origin, "; ".join(map(str, faults))) from exc
        if self.model is None:
            return settings
        named = settings.model.model_copy(update={"name": None if self.model == "none" else self.model})
        return settings.model_copy(update={"model": named})

    def _settings(self) -> Settings:
        values = {"home": self.default} | self.in_file | ({"home": self.home} if self.home else {})
        settings = Settings(**values)  # the environment comes in here
        return settings.model_copy(update={"home": self.home or settings.home})


def load_settings(home: Path | None = None, *, model: str | None = None) -> Settings:
    """Read the settings: `communique.toml` of the current folder, else of the home; then the environment.

    `home` and `model` are what the command line says, and win; a `model` of `none` is none. Raises SettingsError where
    the file cannot be read, or names something unknown or impossible. A variable that resembles one of ours, and is
    none, is only warned of: an orchestrator may have set it.
    """
    given = read_given(home, model=model)
    settings = given.checked()
    for fault in given.unknown:
        if fault.nearest:
            _warn(str(fault))
    return settings


def read_given(home: Path | None = None, *, model: str | None = None) -> Given:
    """What is said, and where. Raises SettingsError where the file or the environment cannot be read."""
    origin, named = ("--home", home) if home else ("COMMUNIQUE_HOME", os.environ.get("COMMUNIQUE_HOME"))
    try:
        chosen = read_place(Path(named)) if named else None
    except ValueError as exc:
        raise SettingsError(origin, str(exc)) from exc
    default = Path(platformdirs.user_data_dir("communique", appauthor=False))
    here = Path(FILE_NAME)
    file = here if here.is_file() else (chosen or default) / FILE_NAME
    found = file.is_file()
    return Given(
        file=file if found else None,
        in_file=_read(file) if found else {},
        in_environment=_in_environment(),
        default=default,
        home=chosen if home else None,
        model=model,
        unknown=tuple(unknown_variables(os.environ, PREFIX, Settings)),
    )


@functools.cache
def _warn(fault: str) -> None:
    """Once: a process may load the settings again and again."""
    log.warning("settings: %s", fault)


def _in_environment() -> dict[str, Any]:
    try:
        return EnvSettingsSource(Settings)()
    except EnvironmentValueError as exc:  # a list or a section that is not written as JSON
        raise SettingsError("environment", f"{str(exc).lower()}: {exc.__cause__}") from exc
    except RecursionError as exc:
        raise SettingsError("environment", f"a list or a section is nested too deeply ({exc})") from exc


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as exc:  # ValueError: no UTF-8, no TOML, thousands of digits
        raise SettingsError(file, f"cannot be read ({exc})") from exc


def faults_of(exc: ValidationError, settings: type[BaseModel]) -> list[SettingFault]:
    """Every mistake on its own, named as it stands in the file, or in the environment where it comes from there."""
    return [_fault(error, settings) for error in exc.errors()]


def unknown_variables(environment: Mapping[str, str], prefix: str, settings: type[BaseModel]) -> Iterator[SettingFault]:
    """Variables that begin as ours do, and name neither a setting nor a section.

    A variable that names a section and no setting of it is not among them: validation finds it.
    """
    for variable in environment:
        name = variable.upper()
        if not name.startswith(prefix):
            continue
        section = name.removeprefix(prefix).split("__")[0]
        if section.lower() not in settings.model_fields:
            known = (one.upper().replace(".", "__") for one in names(settings))
            found = nearest(name.removeprefix(prefix), known)
            yield SettingFault(variable, "no such setting", f"{prefix}{found}" if found else None)


def names(settings: type[BaseModel]) -> Iterator[str]:
    """Every setting by its dotted name, and every section."""
    for name, info in settings.model_fields.items():
        yield name
        section = info.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from (f"{name}.{inner}" for inner in section.model_fields)


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
        found = nearest(str(error["input"]).lower(), values)
        return SettingFault(name, error["msg"].lower(), f'"{found}"' if found else None)
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
