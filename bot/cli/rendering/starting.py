"""The start with a newsroom on a terminal: what was found, what was written, what may be asked."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.text import Text

from bot.cli.rendering.stream import counted, on_stderr, on_stdout, one_line, print_json
from bot.payloads.operations import report_payload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.operations.starting import FoundNewsroom
    from ingest.listing.newsroom import FoundList
    from ingest.report import IngestReport
    from ingest.types import Entry, Source


def print_found(found: FoundNewsroom) -> None:
    """Each list with its number and its newest titles; of files some titles."""
    for number, each in enumerate(found.newsroom.lists, 1):
        facts = [each.called, counted(each.count, "page"), ", ".join(each.languages)]
        on_stderr().print(
            Text(f"{number}. {one_line(each.address)} ({', '.join(filter(None, facts))})", style="bold"), soft_wrap=True
        )
        _print_titles(each.entries)
    _print_titles(found.entries)


def print_written(file: Path, source: Source, *, is_new: bool) -> None:
    """Which source the settings hold now."""
    location = one_line(source.location)
    said = f"wrote {location} into {file}" if is_new else f"{file}: the settings name it already: {location}"
    on_stderr().print(Text(said), soft_wrap=True)


def print_offered(questions: Sequence[str]) -> None:
    """The questions that may be asked, as commands."""
    if questions:
        on_stdout().print("Ask, for instance:")
    for number, question in enumerate(questions, 1):
        on_stdout().print(Text(f"{number}. communique ask {shlex.quote(one_line(question))}"), soft_wrap=True)


def print_start(
    found: FoundNewsroom, source: Source, file: Path, report: IngestReport, questions: Sequence[str]
) -> None:
    """All that was done, as JSON."""
    stated = {"location": source.location, "name": source.name, "links": source.links}
    lists = [_list_payload(each) for each in found.newsroom.lists]
    print_json(
        {"source": stated, "file": str(file), "lists": lists, "ingest": report_payload(report), "questions": questions}
    )


def _list_payload(found: FoundList) -> dict[str, object]:
    titles = [
        {
            "title": entry.title,
            "published": entry.published.isoformat() if entry.published else None,
            "language": entry.language,
            "url": entry.address,
        }
        for entry in found.entries
    ]
    return {
        "location": found.address,
        "kind": found.kind.name.lower(),
        "count": found.count,
        "languages": list(found.languages),
        "links": found.links,
        "titles": titles,
    }


def _print_titles(entries: Sequence[Entry]) -> None:
    for entry in entries:
        day = f"{entry.published:%Y-%m-%d}" if entry.published else "undated"
        line = f"   {day:10}  {entry.language or '':2}  {one_line(entry.title or entry.address)}"
        on_stderr().print(Text(line), soft_wrap=True)
