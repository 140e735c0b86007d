"""Every setting, read from `communique.toml` and the environment."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as EnvironmentValueError

from bot.errors import SettingsError
from bot.settings.sections import (
    AnswersSettings,
    DiscordSettings,
    EmbedderSettings,
    FetchSettings,
    IngestSettings,
    MetricsSettings,
    ModelSettings,
    Place,
    ReaderSettings,
    SearchSettings,
    SourceSettings,
    StoreSettings,
    WatchSettings,
    read_place,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FILE_NAME = "communique.toml"


class Settings(BaseSettings):
    """All settings. Options on the command line win over the environment, which wins over the file."""

    model_config = SettingsConfigDict(env_prefix="COMMUNIQUE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Place = Field(description="The folder with the store. Left out: the platform's folder for user data.")
    embedder: EmbedderSettings = EmbedderSettings()  # type: ignore[call-arg]
    store: StoreSettings = StoreSettings()  # type: ignore[call-arg]
    search: SearchSettings = SearchSettings()  # type: ignore[call-arg]
    answers: AnswersSettings = AnswersSettings()  # type: ignore[call-arg]
    reader: ReaderSettings = ReaderSettings()  # type: ignore[call-arg]
    model: ModelSettings = ModelSettings()  # type: ignore[call-arg]
    discord: DiscordSettings = DiscordSettings()  # type: ignore[call-arg]
    ingest: IngestSettings = IngestSettings()  # type: ignore[call-arg]
    fetch: FetchSettings = FetchSettings()  # type: ignore[call-arg]
    watch: WatchSettings = WatchSettings()  # type: ignore[call-arg]
    metrics: MetricsSettings = MetricsSettings()  # type: ignore[call-arg]
    sources: tuple[SourceSettings, ...] = Field((), description="Newsrooms to ingest.")

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


def load_settings(home: Path | None = None, *, model: str | None = None) -> Settings:
    """Read the settings: `communique.toml` of the current folder, else of the home; then the environment.

    `home` and `model` are what the command line says, and win; a `model` of `none` is none. Raises SettingsError where
    the file cannot be read, or names something unknown or impossible.
    """
    chosen = _chosen(home)
    default = Path(platformdirs.user_data_dir("communique", appauthor=False))
    here = Path(FILE_NAME)
    file = here if here.is_file() else (chosen or default) / FILE_NAME
    values = _read(file) if file.is_file() else {}
    values = {"home": default} | values | ({"home": chosen} if chosen else {})
    try:
        settings = Settings(**values)
    except ValidationError as exc:
        raise SettingsError(file, _told(exc)) from exc
    except EnvironmentValueError as exc:  # a list or a section that is not written as JSON
        raise SettingsError("environment", f"{str(exc).lower()}: {exc.__cause__}") from exc
    except RecursionError as exc:
        raise SettingsError("environment", f"a list or a section is nested too deeply ({exc})") from exc
    settings = settings.model_copy(update={"home": chosen or settings.home})
    if model is None:
        return settings
    named = settings.model.model_copy(update={"name": None if model == "none" else model})
    return settings.model_copy(update={"model": named})


def _chosen(home: Path | None) -> Path | None:
    """The home that the command line names, else the environment."""
    origin, named = ("--home", home) if home else ("COMMUNIQUE_HOME", os.environ.get("COMMUNIQUE_HOME"))
    try:
        return read_place(Path(named)) if named else None
    except ValueError as exc:
        raise SettingsError(origin, str(exc)) from exc


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as exc:  # ValueError: no UTF-8, no TOML, thousands of digits
        raise SettingsError(file, f"cannot be read ({exc})") from exc


def _told(exc: ValidationError) -> str:
    """Every mistake on its own, named as it stands in the file, or in the environment where it comes from there."""
    return "; ".join(f"{_named(error['loc'])}: {_mistake(error)}" for error in exc.errors())


def _named(place: tuple[int | str, ...]) -> str:
    variable = "COMMUNIQUE_" + "__".join(str(part).upper() for part in place)
    return variable if variable in os.environ else ".".join(map(str, place))


def _mistake(error: ErrorDetails) -> str:
    if error["type"] == "value_error":  # one of ours, which pydantic calls a value error
        return str(error["ctx"]["error"])
    return "no such setting" if error["type"] == "extra_forbidden" else error["msg"].lower()
