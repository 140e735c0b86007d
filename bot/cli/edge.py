"""Where every command ends: one sentence on stderr for whatever failed, and an exit code; and how stderr is written.

0    all went well, or nobody reads on (`| head`)
1    something failed
2    misused
130  stopped by Ctrl-C      143  stopped by SIGTERM
"""

from __future__ import annotations

import contextlib
import enum
import io
import json
import logging
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperGroup

from bot.redaction import redacted, redacted_values

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

_STOPPED = "stopped; the store is whole, and the same command may be run again"


class Terminated(KeyboardInterrupt):
    """SIGTERM: the command ends in good order, as with Ctrl-C, and takes no more input."""


class Edge(TyperGroup):
    """Turns every failure into one sentence on stderr and an exit code; the traceback goes to the log."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - typer brings its own copy of click
        """Run the program. What it prints may end nowhere: a closed pipe, a closed or full stdout."""
        _open_closed_streams()
        kwargs["prog_name"] = kwargs.get("prog_name") or "communique"
        try:
            return super().main(*args, **kwargs)
        except OSError as exc:
            if not _is_lost(sys.stdout):
                raise
            typer.echo(f"communique: stdout: cannot be written ({exc.strerror or exc})", err=True)
            sys.exit(1)

    def make_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        """Read the arguments. What is said of a wrong one holds it without what a terminal would obey."""
        with _told_safely():
            return super().make_context(*args, **kwargs)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as above
        """Find the command. A question in its place is a question."""
        if len(args[0].split()) > 1:
            ctx.fail(f'No such command {args[0]!r}. To ask it, write: communique ask "{args[0]}"')
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as above
        """Run a command."""
        from typer.exceptions import Abort, Exit, TyperException

        from bot.errors import BotError
        from ingest.errors import IngestError
        from vectorstore.errors import StoreError

        try:
            with _told_safely():
                outcome = super().invoke(ctx)
            sys.stdout.flush()  # a pipe that was closed is noticed here, not while Python shuts down
            return outcome
        except (BotError, IngestError, StoreError) as exc:
            log.debug("failed", exc_info=True)
            _fail(str(exc))
        except KeyboardInterrupt as exc:
            _fail(_STOPPED, code=exit_code(exc))
        except BrokenPipeError:  # `communique search … | head`: nobody reads on, and that is no failure
            _discard(sys.stdout)
            raise Exit(0) from None
        except (TyperException, Exit, Abort):
            raise
        except Exception as exc:
            if isinstance(exc, OSError) and _is_lost(sys.stdout):
                _fail(f"stdout: cannot be written ({exc.strerror or exc})")
            log.exception("unexpected failure")
            _fail(f"unexpected failure: {type(exc).__name__}: {exc}; please report it with the lines above")


def exit_code(stopped: KeyboardInterrupt) -> int:
    """What a program ends with that was stopped so: 128 and the number of the signal, as shells count."""
    return 143 if isinstance(stopped, Terminated) else 130


def _fail(sentence: str, *, code: int = 1) -> NoReturn:
    from bot.cli.rendering import one_line

    typer.echo(f"communique: {one_line(sentence)}", err=True)
    raise typer.Exit(code) from None


@contextlib.contextmanager
def _told_safely() -> Iterator[None]:
    """Misuse is reported with the argument that was wrong: without control characters, and without a password."""
    from typer.exceptions import TyperException

    try:
        yield
    except TyperException as exc:
        from bot.cli.rendering import one_line

        ctx = getattr(exc, "ctx", None)
        if ctx is not None and exc.message == ctx.get_help():  # a group without a command: its help, in many lines
            raise
        for field in ("message", "param_hint", "option_name"):
            if isinstance(text := getattr(exc, field, None), str):
                setattr(exc, field, one_line(text))
        raise


def _open_closed_streams() -> None:
    """Put something in the place of a standard stream that was closed, before a database gets its number.

    An answer that nobody can read is a failure: what is printed on a closed stdout cannot be written there either.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            flags = os.O_WRONLY if name == "stderr" else os.O_RDONLY
            with contextlib.suppress(OSError):
                descriptor = os.open(os.devnull, flags)
                if descriptor != number:
                    os.dup2(descriptor, number)
                    os.close(descriptor)
                setattr(sys, name, io.open(number, mode, encoding="utf-8", closefd=False))  # noqa: UP020, SIM115


def _is_lost(stream: Any) -> bool:  # noqa: ANN401 - whatever stands for stdout
    """Whether nothing more can be written to a stream; what waits to be written is let go of then."""
    try:
        stream.write("\n")
        stream.flush()
    except (OSError, ValueError):
        _discard(stream)
        return True
    return False


def _discard(stream: Any) -> None:  # noqa: ANN401 - as above
    """Let a stream lead nowhere, so that Python has nothing to complain of when it shuts down."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


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

    Of libraries both see what they log as a warning; what Python itself warns of, `verbose` shows. May be called again,
    as options come in.
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
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.WARNING if verbose else logging.ERROR)


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
            from bot.language.prompt_injection import printable

            values = json.loads(super().serialize_log_record(log_data))  # with objects as texts
            return printable(json.dumps(redacted_values(values), ensure_ascii=False))

    return Objects(
        "%(asctime)s %(levelname)s %(name)s %(message)s",
        rename_fields={"asctime": "moment", "levelname": "level", "name": "logger"},
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        json_ensure_ascii=False,
    )
