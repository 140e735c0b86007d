"""Every setting, from `communique.toml` and the environment. The only package that reads either."""

from bot.settings.faults import Fault
from bot.settings.load import FILE_NAME, Given, Settings, load_settings, read_given
from bot.settings.origins import MASK, SettingInForce, in_force
from bot.settings.sections import (
    AnswersSettings,
    DiscordSettings,
    EmbedderSettings,
    FetchSettings,
    IngestSettings,
    McpSettings,
    MetricsSettings,
    ModelSettings,
    ReaderSettings,
    SearchSettings,
    SourceSettings,
    StoreSettings,
    WatchSettings,
    WebSettings,
)

__all__ = [
    "FILE_NAME",
    "MASK",
    "AnswersSettings",
    "DiscordSettings",
    "EmbedderSettings",
    "Fault",
    "FetchSettings",
    "Given",
    "IngestSettings",
    "McpSettings",
    "MetricsSettings",
    "ModelSettings",
    "ReaderSettings",
    "SearchSettings",
    "SettingInForce",
    "Settings",
    "SourceSettings",
    "StoreSettings",
    "WatchSettings",
    "WebSettings",
    "in_force",
    "load_settings",
    "read_given",
]
