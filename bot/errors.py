"""What can go wrong in the bot.

    BotError
    ├── SettingsError       the settings cannot be read, or name something unknown
    ├── NoSourceError       there is nothing to ingest
    ├── QuestionError       a question cannot be asked as it is
    │   └── QuestionTooLongError    it is longer than any question
    ├── UnknownReleaseError no release is meant by what was asked for
    │   ├── AmbiguousReleaseError   several are
    │   └── UnknownVersionError     one is, and has no such version
    ├── CitationError       the last answer has no such citation
    ├── NoAnswerError       there is no last answer
    ├── NoAddressError      a release has no address that can be opened
    ├── ExportError         an export cannot be written
    ├── UnknownSourceError  no source has the name or location that was asked for
    ├── SourceInSettingsError a source in the settings cannot be forgotten
    ├── NotRemovedError     nothing with the id or address that was asked for was taken down
    ├── DiscordError        Discord refuses the bot, or cannot be reached
    ├── McpError            assistants cannot be served
    ├── WebError            the web server cannot be started as it is asked to
    ├── QueueFullError      too many questions are being answered or wait for it
    ├── LedgerError         what the bot remembers cannot be read or written: answers, announcements, what models used
    │   └── LedgerAwayError     the server that it is on cannot be reached
    ├── BackupError         a home cannot be backed up, or a backup not restored
    ├── QuestionFileError   a file of questions for `communique eval` cannot be read
    ├── ReaderError         the model that reads passages cannot be loaded
    └── ModelError          a language model gives no answer that can be shown
        ├── ModelSetupError        its package, its key or its name is missing or wrong
        ├── ModelUnavailableError  it cannot be reached, is too slow, breaks off or refuses for now
        ├── ModelReplyError        its reply holds nothing that stands in the releases
        └── CeilingError           what it may cost in a day is spent

Each text says how to fix it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class BotError(Exception):
    """Base of this package's errors."""


class SettingsError(BotError):
    """Settings cannot be read, or name something unknown or impossible."""

    def __init__(self, origin: Path | str, cause: str) -> None:
        super().__init__(f"settings: {origin}: {cause}; `communique settings example` prints them all")
        self.origin = origin


class NoSourceError(BotError):
    """Neither the command line nor the settings name a source."""

    def __init__(self) -> None:
        super().__init__(
            "ingest: no source: name files or folders, as in `communique ingest samples`, "
            "or list them as [[sources]] in communique.toml"
        )


class QuestionError(BotError):
    """A question cannot be asked as it is."""


class QuestionTooLongError(QuestionError):
    """A question has more characters than are read; `limit` is how many may be."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"question: too long ({length:,} characters, the limit is {limit:,}); shorten it")
        self.limit = limit


class DiscordError(BotError):
    """Discord refuses the bot, cannot be reached, or there is no token for it."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"discord: {cause}")


class McpError(BotError):
    """Assistants cannot be served over the Model Context Protocol."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"mcp: {cause}")


class WebError(BotError):
    """The web server cannot be started as it is asked to."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"web: {cause}")


class QueueFullError(BotError):
    """Too many questions are being answered, or wait for it."""

    def __init__(self) -> None:
        super().__init__("question: too many are being answered at the moment; ask again in a minute")


class LedgerError(BotError):
    """What the bot remembers cannot be read or written; `where` is its file, or its server without a password."""

    def __init__(self, where: Path | str, cause: str) -> None:
        super().__init__(f"ledger: {where}: {cause}")
        self.where = where
        self.cause = cause


class LedgerAwayError(LedgerError):
    """The server that holds what the bot remembers cannot be reached for now."""


class BackupError(BotError):
    """A home cannot be backed up, or a backup cannot be restored; `path` is what stands in the way."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"backup: {path}: {cause}")
        self.path = path


class QuestionFileError(BotError):
    """A file of questions cannot be read; `line` counts from 1, or is None where the file itself is at fault."""

    def __init__(self, file: Path, line: int | None, cause: str) -> None:
        super().__init__(f"questions: {file}{f':{line}' if line else ''}: {cause}")
        self.file = file
        self.line = line


class UnknownReleaseError(BotError):
    """No release is stored under an id or address, or with this in its title; `near` are ids like it."""

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        super().__init__(f"release: {name}: not stored; {meant}`communique releases list` prints the ids")
        self.name = name


class AmbiguousReleaseError(UnknownReleaseError):
    """Several releases have this in their title or id; `fitting` are ids."""

    def __init__(self, name: str, fitting: Sequence[str], *, more: bool) -> None:
        shown = ", ".join([*fitting, *(["…"] if more else [])])
        BotError.__init__(self, f"release: {name}: several have that; name one by its id: {shown}")
        self.name = name


class UnknownVersionError(UnknownReleaseError):
    """A release has no such version; `known` are those that it has."""

    def __init__(self, name: str, version: int, known: Sequence[int]) -> None:
        there_are = f"there are versions {known[0]} to {known[-1]}" if len(known) > 1 else "there is version 1"
        BotError.__init__(self, f"release: {name}: has no version {version}; {there_are}")
        self.name = name


class CitationError(BotError):
    """The last answer has no citation with a key; `keys` are those that it has."""

    def __init__(self, key: str, keys: Sequence[str]) -> None:
        known = f"has {', '.join(keys)}" if keys else "has none"
        super().__init__(f"citation: {key}: the last answer {known}; name one of its citations, or a release's id")
        self.key = key


class NoAnswerError(BotError):
    """There is no last answer, or a release that it quotes was removed."""

    def __init__(self) -> None:
        super().__init__(
            'answer: none is remembered; ask first, for example: communique ask "Who chaired the meeting?"'
        )


class NoAddressError(BotError):
    """A release has no address that can be opened."""

    def __init__(self, release_id: str) -> None:
        super().__init__(
            f"release: {release_id}: has no web address; `communique releases show {release_id}` prints it"
        )
        self.release_id = release_id


class ExportError(BotError):
    """An export cannot be written."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"export: {path}: {cause}")
        self.path = path


class UnknownSourceError(BotError):
    """No source has a name or location; `near` are names like it."""

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        super().__init__(f"source: {name}: unknown; {meant}`communique sources list` prints those that are known")
        self.name = name


class SourceInSettingsError(BotError):
    """A source in the settings is to be forgotten, which the next run would undo."""

    def __init__(self, name: str) -> None:
        super().__init__(f"source: {name}: is listed in communique.toml; remove it there, or pause it")
        self.name = name


class NotRemovedError(BotError):
    """Nothing with an id or address was taken down, or it may come in again already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"release: {name}: was not taken down; `communique releases removed` prints what was")
        self.name = name


class ReaderError(BotError):
    """The model that reads passages cannot be loaded."""

    def __init__(self, folder: Path, cause: Exception | str) -> None:
        super().__init__(
            f"reader: {folder}: cannot be read ({cause}); it needs model.onnx, tokenizer.json and reader.json, as "
            "`python -m training.reader.export` writes them: set reader.model to such a folder, or remove the setting"
        )


class ModelError(BotError):
    """A language model gives no answer that can be shown; `model` is its name."""

    def __init__(self, model: str, cause: str) -> None:
        super().__init__(f"language model: {model}: {cause}")
        self.model = model


class ModelSetupError(ModelError):
    """Its package, its key or its name is missing or wrong: only the operator can fix that."""


class ModelUnavailableError(ModelError):
    """It cannot be reached, is too slow, breaks off, or refuses for now."""


class ModelReplyError(ModelError):
    """Its reply, and that to the one repair, holds nothing that stands in the releases."""


class CeilingError(ModelError):
    """What it may cost in a day is spent."""
