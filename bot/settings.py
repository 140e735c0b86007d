"""Every setting, from `communique.toml` and the environment. The only file that reads either."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as EnvironmentValueError

from bot.errors import SettingsError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FILE_NAME = "communique.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EmbedderSettings(_Section):
    """Which model turns texts into vectors. After a change run `communique rebuild`."""

    model: str = Field(
        "communique-fr-en-1",
        description="The bilingual model that comes with Communiqué, a sentence-transformers model's name on the hub, "
        "or a folder that holds one.",
    )
    languages: tuple[str, ...] | None = Field(
        None,
        description="ISO 639-1 codes of the languages that the model is good at; elsewhere words count for more. "
        "Left out: what is known of the model, else all.",
    )
    batch_size: int = Field(8, ge=1, description="Texts that the model reads at once.")


class SearchSettings(_Section):
    """How passages are found."""

    late_interaction: bool = Field(
        True, description="Whether the first passages are compared with the question word by word and put in order."
    )
    passages: int = Field(10, ge=1, le=200, description="Passages that an answer is looked for in.")
    per_release: int = Field(3, ge=1, description="Passages of one release among them at the most.")


class SourceSettings(_Section):
    """A newsroom to ingest when `communique ingest` is given no source."""

    location: str = Field(description="A file, or a folder that is read with all below it.")
    name: str | None = Field(None, description="What you call it.")
    publisher: str | None = Field(None, description="Taken for releases that do not say who published them.")
    language: str | None = Field(None, description="Taken for releases that do not say their language.")
    fields: dict[str, str] = Field(
        default_factory=dict, description='Names of JSONL fields where they differ, as in `body = "text"`.'
    )


class IngestSettings(_Section):
    """How releases are cut."""

    passage_size: int = Field(600, ge=100, le=4000, description="Characters that a passage should have.")


class Settings(BaseSettings):
    """All settings. Options on the command line win over the environment, which wins over the file."""

    model_config = SettingsConfigDict(env_prefix="COMMUNIQUE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = Field(description="The folder with the store. Left out: the platform's folder for user data.")
    embedder: EmbedderSettings = EmbedderSettings()  # type: ignore[call-arg]
    search: SearchSettings = SearchSettings()  # type: ignore[call-arg]
    ingest: IngestSettings = IngestSettings()  # type: ignore[call-arg]
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


def load_settings(home: Path | None = None) -> Settings:
    """Read the settings: `communique.toml` of the current folder, else of the home; then the environment.

    `home` is what the command line says, and wins. Raises SettingsError where the file cannot be read, or names
    something unknown or impossible.
    """
    chosen = home or (Path(os.environ["COMMUNIQUE_HOME"]) if os.environ.get("COMMUNIQUE_HOME") else None)
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
    return settings.model_copy(update={"home": (chosen or settings.home).expanduser()})


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsError(file, f"cannot be read ({exc})") from exc


def _told(exc: ValidationError) -> str:
    """Every mistake on its own, named as it stands in the file, or in the environment where it comes from there."""
    return "; ".join(f"{_named(error['loc'])}: {_mistake(error)}" for error in exc.errors())


def _named(place: tuple[int | str, ...]) -> str:
    variable = "COMMUNIQUE_" + "__".join(str(part).upper() for part in place)
    return variable if variable in os.environ else ".".join(map(str, place))


def _mistake(error: ErrorDetails) -> str:
    return "no such setting" if error["type"] == "extra_forbidden" else error["msg"].lower()
