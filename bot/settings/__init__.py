"""Every setting, from `communique.toml` and the environment. The only package that reads either."""

from bot.settings.load import FILE_NAME, Settings, load_settings
from bot.settings.sections import (
    AnswersSettings,
    DiscordSettings,
    EmbedderSettings,
    FetchSettings,
    IngestSettings,
    MetricsSettings,
    ModelSettings,
    ReaderSettings,
    SearchSettings,
    SourceSettings,
    StoreSettings,
    WatchSettings,
)

__all__ = [
    "FILE_NAME",
    "AnswersSettings",
    "DiscordSettings",
    "EmbedderSettings",
    "FetchSettings",
    "IngestSettings",
    "MetricsSettings",
    "ModelSettings",
    "ReaderSettings",
    "SearchSettings",
    "Settings",
    "SourceSettings",
    "StoreSettings",
    "WatchSettings",
    "load_settings",
]
