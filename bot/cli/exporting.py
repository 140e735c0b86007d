"""`communique export`: answers and releases as documents."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Languages, Publishers, Since, Until, read_filter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.cli.rendering.releases import DocumentFormat
    from bot.state.answers import KeptAnswer
    from bot.wiring import Built
    from vectorstore.types import Filter

app = typer.Typer(
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


@app.command()
def answer(
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
    from bot.cli.rendering.releases import answer_document
    from bot.errors import NoAnswerError
    from bot.wiring import opened

    chosen = _format(form, None if file and file.is_dir() else file)
    with opened(ctx.obj) as built:
        kept = built.last_answer.answer(built.store)
        if kept is None:
            raise NoAnswerError
        _write(answer_document(kept, chosen, built.zone), _named_after(kept.record.question, file, chosen))


@app.command()
def answers(
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
    from bot.cli.rendering.releases import answers_document
    from bot.wiring import opened

    chosen = _format(form, file)
    with opened(ctx.obj) as built:
        where = read_filter(built, languages, publishers, since, until)
        _write(answers_document(_kept(built, where), chosen), file)


@app.command()
def releases(
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
    from bot.cli.rendering.releases import releases_document
    from bot.wiring import opened

    chosen = _format(form, file)
    with opened(ctx.obj) as built:
        where = read_filter(built, languages, publishers, since, until)
        _write(releases_document(built.store.each(where), chosen), file)


def _kept(built: Built, where: Filter) -> Iterator[KeptAnswer]:
    for kept in built.ledger.answers.each(since=where.since, until=where.until):
        quoted = {citation.release.publisher for citation in kept.record.citations}
        if where.languages and kept.record.language not in where.languages:
            continue
        if not where.publishers or quoted.intersection(where.publishers):
            yield kept


def _named_after(question: str, file: Path | None, form: DocumentFormat) -> Path | None:
    """A file within a folder, named after a question; anything else as it is."""
    from bot.markdown import file_name

    if file is None or not file.is_dir():
        return file
    return file / Path(file_name(question)).with_suffix(_SUFFIX_OF[form.value])


def _format(named: str | None, file: Path | None) -> DocumentFormat:
    from bot.cli.rendering.releases import DocumentFormat

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
    from bot.cli.rendering import one_line
    from bot.errors import ExportError

    try:
        with file.open("x", encoding="utf-8") as written:
            try:
                written.writelines(pieces)
                written.flush()
            except BaseException:
                with suppress(OSError):
                    file.unlink()
                raise
    except FileExistsError as exc:
        raise typer.BadParameter(f"{file} already exists; name another file", param_hint="FILE") from exc
    except OSError as exc:
        raise ExportError(file, f"cannot be written ({exc.strerror or exc})") from exc
    typer.echo(one_line(f"{file}: written"), err=True)
