"""Every setting, from `communique.toml` and the environment. The only package that reads either."""

from bot.settings.display import MASK, SettingInForce, in_force
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
from bot.settings.load import FILE_NAME, Given, SettingFault, Settings, load_settings, read_given
from bot.settings.sections import (
    AnswersSettings,
    EmbedderSettings,
    ModelSettings,
    QuestionsSettings,
    ReaderSettings,
    SearchSettings,
    StoreSettings,
)

__all__ = [
    "EVERYTHING",
    "FILE_NAME",
    "MASK",
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
