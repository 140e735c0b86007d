"""What goes to stderr: lines for people, or JSON for machines."""

from __future__ import annotations

import enum
import json
import logging
import sys
from typing import Any

from bot.redaction import redacted, redacted_values

_NAME = "communique"  # of our handler
_OURS = ("bot", "ingest", "vectorstore")
_CHATTY = (
    "chromadb",
    "discord",
    "httpx",
    "httpcore",
    "httpx2",
    "httpcore2",
    "urllib3",
    "transformers",
    "sentence_transformers",
    "filelock",
    "trafilatura",
    "htmldate",
    "uvicorn",
)


class LogFormat(enum.Enum):
    """How a line of the log is written."""

    TEXT = "text"
    JSON = "json"


def set_up_logs(form: LogFormat, *, verbose: bool) -> None:
    """Warnings for people, everything of ours for machines; `verbose` shows either of them more of our own.

    Of libraries both see warnings. May be called again, as options come in.
    """
    handler = next((one for one in logging.getLogger().handlers if one.get_name() == _NAME), None)
    if handler is None:
        handler = logging.StreamHandler(sys.stderr)
        handler.set_name(_NAME)
        logging.basicConfig(level=logging.WARNING, handlers=[handler])
    handler.setFormatter(formatter_of(form))
    quiet = logging.WARNING if form is LogFormat.TEXT else logging.INFO
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.DEBUG if verbose else quiet)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)


class _Lines(logging.Formatter):
    """Lines for people: a message is one line, and nothing in it or in a traceback is a secret or moves the cursor."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """See `logging.Formatter`."""
        return " ".join(super().formatMessage(record).splitlines())

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        from bot.language.prompt_injection import plain

        return redacted(plain(super().format(record)))


def formatter_of(form: LogFormat) -> logging.Formatter:
    """What writes a record in a form; nothing that it writes is a secret."""
    if form is LogFormat.TEXT:
        return _Lines("%(levelname)s %(name)s: %(message)s")
    from pythonjsonlogger.json import JsonFormatter

    class Objects(JsonFormatter):
        """The same for machines."""

        def serialize_log_record(self, log_data: dict[str, Any]) -> str:
            """See `JsonFormatter`. Values are redacted, not the JSON, whose quotation marks hide a secret's end."""
            from bot.cli.rendering.stream import escaped

            values = json.loads(super().serialize_log_record(log_data))  # with objects as texts
            return escaped(json.dumps(redacted_values(values), ensure_ascii=False))

    return Objects(
        "%(asctime)s %(levelname)s %(name)s %(message)s",
        rename_fields={"asctime": "moment", "levelname": "level", "name": "logger"},
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        json_ensure_ascii=False,
    )
