"""What the ledger keeps, listed and written to files: `communique questions`, `feedback` and `export`.

Questions are those that could not be answered, with what answers them by now; feedback is what people thought of
answers on Discord. `export` writes answers as documents, and the store's releases too.
"""

from __future__ import annotations

import enum
import errno
import os
import sys
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from bot.cli.options import AsJson, Languages, Publishers, Since, Until, read_filter, read_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.documents import DocumentFormat
    from bot.operations.questions import QuestionGroup
    from bot.state.questions import KeptAnswer
    from bot.wiring import Built
    from vectorstore.types import Filter

questions = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="List, export and forget questions that could not be answered."
)

_WEEK = timedelta(days=7)


class _Standing(enum.Enum):
    """Whether a release that came later answers a question."""

    OPEN = "open"
    ANSWERED = "answered"


TableFile = Annotated[Path, typer.Argument(metavar="FILE", help="A new file that ends with .jsonl or .csv.")]
AskedSince = Annotated[str | None, typer.Option(help="Only questions asked on this day or later, as in 2026-11-24.")]
OnlyStanding = Annotated[
    _Standing | None, typer.Option("--only", help="Only those without an answer, or with one since.")
]


@questions.command("list")
def list_questions(
    ctx: typer.Context,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option("-n", min=1, help="How many groups to print.")] = 20,
    since: AskedSince = None,
    only: OnlyStanding = None,
) -> None:
    """List questions that could not be answered, those that want the same as one, the most asked first.

    They are kept if questions.keep is set, without who asked.

    Example: communique questions list --only open
    """
    from bot.cli.rendering.stored import print_groups
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        groups = _groups(built, since, only)
        print_groups(groups[:limit], len(groups), built.store, as_json=as_json, kept=built.settings.questions.keep)


@questions.command("export")
def export_questions(
    ctx: typer.Context,
    file: TableFile,
    since: AskedSince = None,
    only: OnlyStanding = None,
) -> None:
    """Write all questions to a file: JSON lines, one a group, or a table for spreadsheets, one a wording.

    Example: communique questions export questions.csv --since 2026-11-01
    """
    from bot.cli.rendering.stored import write_groups
    from bot.wiring import opened

    _must_be_new_table(file)
    with opened(ctx.obj) as built:
        groups = _groups(built, since, only)
        with _new_file(file, f"{len(groups)} written") as stream:
            write_groups(groups, built.store, stream, file.suffix.lower())


@questions.command("forget")
def forget_questions(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="Ids as `questions list` prints them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Forget every question.")] = False,
) -> None:
    """Forget questions, with who wanted to be told of an answer.

    Example: communique questions forget 3fb2a90c61d7e845
    """
    from bot.cli.rendering import counted
    from bot.wiring import opened

    if bool(ids) is everything:
        raise typer.BadParameter("name the questions by their ids, or use --all", param_hint="ID")
    with opened(ctx.obj) as built:
        kept = built.ledger.questions
        wanted = [one.id for one in kept.all()] if everything else list(dict.fromkeys(ids or ()))
        count = kept.forget(wanted)
    typer.echo(f"forgotten: {counted(count, 'question')}", err=True)
    if count < len(wanted):
        typer.echo(f"not kept: {len(wanted) - count}; `communique questions list` prints the ids", err=True)
        raise typer.Exit(1)


@questions.command("note")
def show_note(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Print what could not be answered in the last seven days, and what has been answered in them.

    With questions.note_channel the bot posts it once a week on Discord.

    Example: communique questions note
    """
    from bot.cli.rendering.stored import print_groups, print_note_head
    from bot.operations.questions import of_week
    from bot.wiring import opened

    with opened(ctx.obj) as built:
        groups = of_week(_groups(built, None, None), datetime.now(UTC) - _WEEK)
        if not as_json:
            print_note_head(groups)
        print_groups(groups, len(groups), built.store, as_json=as_json, kept=built.settings.questions.keep)


def _groups(built: Built, since: str | None, only: _Standing | None) -> list[QuestionGroup]:
    """The questions that are kept, in groups; those that are too old are deleted first."""
    from bot.operations.questions import grouped

    chosen = built.settings.questions
    first = read_moment("--since", since, built.zone)
    built.ledger.questions.forget_old(timedelta(days=chosen.days))
    found = grouped(built.ledger.questions.all(since=first), built.embedder, likeness=chosen.likeness)
    return [group for group in found if only is None or bool(group.answered) is (only is _Standing.ANSWERED)]


feedback = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="List and export people's feedback on answers."
)


class Verdict(enum.Enum):
    """What a person pressed."""

    GOOD = "good"
    BAD = "bad"


SaidSince = Annotated[str | None, typer.Option(help="Only feedback given on this day or later, as in 2026-11-24.")]
OnlyVerdict = Annotated[Verdict | None, typer.Option("--verdict", help="Only this verdict.")]


@feedback.command("list")
def list_feedback(
    ctx: typer.Context,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option("-n", min=1, help="How many to print.")] = 20,
    since: SaidSince = None,
    verdict: OnlyVerdict = None,
) -> None:
    """List feedback, newest first, with the question and the passages of the answer.

    Example: communique feedback list --verdict bad
    """
    from bot.cli.rendering.stored import print_feedback

    found = _said(ctx.obj, since, verdict)
    print_feedback(found[:limit], len(found), as_json=as_json)


@feedback.command("export")
def export_feedback(
    ctx: typer.Context,
    file: TableFile,
    since: SaidSince = None,
    verdict: OnlyVerdict = None,
) -> None:
    """Write all feedback to a file: JSON lines, or a table for spreadsheets.

    Example: communique feedback export feedback.csv --since 2026-11-01
    """
    from bot.cli.rendering.stored import write_feedback

    _must_be_new_table(file)
    found = _said(ctx.obj, since, verdict)
    with _new_file(file, f"{len(found)} written") as stream:
        write_feedback(found, stream, file.suffix.lower())


def _said(home: Path | None, since: str | None, verdict: Verdict | None) -> list[dict[str, Any]]:
    from bot.wiring import opened

    good = None if verdict is None else verdict is Verdict.GOOD
    with opened(home) as built:
        first = read_moment("--since", since, built.zone)
        return [one.payload() for one in built.ledger.feedback.all(since=first, good=good)]


def _must_be_new_table(file: Path) -> None:
    """Misuse unless a name is that of a new file for questions or feedback."""
    from bot.cli.rendering.stored import EXPORTS

    if file.suffix.lower() not in EXPORTS:
        raise typer.BadParameter(f"{file.name} ends with neither .jsonl nor .csv", param_hint="FILE")
    if os.path.lexists(file):
        raise typer.BadParameter(f"{file} already exists; name another file", param_hint="FILE")


export = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Write answers and releases as Markdown, HTML or JSON lines."
)

_SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".jsonl": "jsonl"}
_SUFFIX_OF = {"markdown": ".md", "html": ".html", "jsonl": ".jsonl"}

File = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="A new file; without one the document goes to stdout.")
]
Format = Annotated[
    str | None,
    typer.Option("--format", help="markdown, html or jsonl; by default the file's suffix says it, else markdown."),
]


@export.command("answer")
def export_answer(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="A new file, or a folder for one named after the question; without one it goes to stdout.",
        ),
    ] = None,
    form: Format = None,
) -> None:
    """Write the last answer of `communique ask` or `chat` on the same home, with its quotes and links.

    Example: communique export answer .
    """
    from bot.documents import answer_document
    from bot.errors import NoAnswerError
    from bot.wiring import opened

    chosen = _format(form, None if file and file.is_dir() else file)
    with opened(ctx.obj) as built:
        kept = built.last_answer.answer(built.store)
        if kept is None:
            raise NoAnswerError
        _write(answer_document(kept, chosen, built.zone), _named_after(kept.record.question, file, chosen))


@export.command("answers")
def export_answers(
    ctx: typer.Context,
    file: File = None,
    form: Format = None,
    languages: Languages = None,
    publishers: Publishers = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write the answers that are kept, with their quotes and links, oldest first.

    Answers given on Discord are kept. The bounds are those of when a question was asked, its language, and the
    publishers that are quoted.

    Example: communique export answers answers.html --since 2026-11-01
    """
    from bot.documents import answers_document
    from bot.wiring import opened

    chosen = _format(form, file)
    with opened(ctx.obj) as built:
        where = read_filter(built, languages, publishers, since, until)
        _write(answers_document(_kept(built, where), chosen), file)


@export.command("releases")
def export_releases(
    ctx: typer.Context,
    file: File = None,
    form: Format = None,
    languages: Languages = None,
    publishers: Publishers = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write the releases that are stored, with their texts and where they come from, newest first.

    Example: communique export releases --format jsonl --language fr > releases.jsonl
    """
    from bot.documents import releases_document
    from bot.wiring import opened

    chosen = _format(form, file)
    with opened(ctx.obj) as built:
        where = read_filter(built, languages, publishers, since, until)
        _write(releases_document(built.store.records.each(where), chosen), file)


def _kept(built: Built, where: Filter) -> Iterator[KeptAnswer]:
    for kept in built.ledger.answers.each(since=where.since, until=where.until):
        quoted = {citation.release.publisher for citation in kept.record.citations}
        if where.languages and kept.record.language not in where.languages:
            continue
        if not where.publishers or quoted.intersection(where.publishers):
            yield kept


def _named_after(question: str, file: Path | None, form: DocumentFormat) -> Path | None:
    """A file within a folder, named after a question; anything else as it is."""
    from bot.documents import document_name

    if file is None or not file.is_dir():
        return file
    return file / Path(document_name(question)).with_suffix(_SUFFIX_OF[form.value])


def _format(named: str | None, file: Path | None) -> DocumentFormat:
    from bot.documents import DocumentFormat

    chosen = named or (_SUFFIXES.get(file.suffix.lower()) if file else "markdown")
    try:
        return DocumentFormat(chosen)
    except ValueError:
        told = f"{named!r} is none" if named else f"{file} does not say it"
        raise typer.BadParameter(f"{told}; name markdown, html or jsonl", param_hint="--format") from None


def _write(pieces: Iterator[str], file: Path | None) -> None:
    """To stdout, or to a new file, which is removed again if it cannot be finished."""
    if file is None:
        for piece in pieces:
            sys.stdout.write(piece)
        return
    with _new_file(file, "written") as stream:
        stream.writelines(pieces)


_NO_PLACE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}  # the name is wrong, not the disk


@contextmanager
def _new_file(file: Path, done: str) -> Iterator[TextIO]:
    """A new file to write into, removed again if it cannot be finished; `done` is said where it is. Raises ExportError.

    A name under which no new file can be is misuse.
    """
    from bot.cli.rendering import one_line
    from bot.errors import ExportError

    try:
        stream = file.open("x", encoding="utf-8", newline="")
    except FileExistsError as exc:
        raise typer.BadParameter(f"{file} already exists; name another file", param_hint="FILE") from exc
    except OSError as exc:
        if exc.errno in _NO_PLACE:
            raise typer.BadParameter(f"{file} cannot be written ({exc.strerror})", param_hint="FILE") from exc
        raise ExportError(file, f"cannot be written ({exc.strerror or exc})") from exc
    try:
        with stream:
            yield stream
    except BaseException as exc:
        with suppress(OSError):
            file.unlink()
        if isinstance(exc, OSError):
            raise ExportError(file, f"cannot be written ({exc.strerror or exc})") from exc
        raise
    typer.echo(one_line(f"{file}: {done}"), err=True)
