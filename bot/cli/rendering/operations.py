"""What operations did and found, on a terminal and as JSON: a start with a newsroom, ingestions, rebuilds, backups.

Also the state of the store, the settings, and that of all parts: what is wrong, and what mends it.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot.cli.rendering import counted, on_stderr, on_stdout, one_line, print_hung, print_json, print_some
from bot.redaction import redacted
from vectorstore.types import dated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bot.operations.backup import Backup
    from bot.operations.health import Diagnosis
    from bot.operations.names import SourceState
    from bot.operations.starting import FoundNewsroom
    from bot.settings import SettingFault
    from bot.settings.display import SettingInForce
    from ingest.listing.newsroom import FoundList
    from ingest.report import IngestReport
    from ingest.types import Entry, Source
    from vectorstore.migrate import Moved
    from vectorstore.store import StoreStatus

_ROW = 19  # columns, more than the longest name of a row or a database has
_COUNTED = ("releases", "versions", "passages", "vectors", "answers", "feedback", "subscriptions", "announced")
_GOES_ON = {
    "resumed": "continued where the last migration was stopped",
    "afresh": "copied everything again, since the source had changed after the last migration was stopped",
}
_KEEP = (
    "keep store.catalogue and store.chroma in the settings, then start `communique watch` and `communique discord run` "
    "again; "
    "the home is unchanged, a backup until you remove catalogue.sqlite3, chroma, words and the other .sqlite3 files"
)
_TAKE_AWAY = (
    "remove store.catalogue and store.chroma from the settings before anything is ingested; "
    "the store on the servers is unchanged, until you drop it"
)


def print_status(
    status: StoreStatus, sources: Sequence[SourceState], model: str, *, as_json: bool, checked: bool = False
) -> None:
    """What is stored, whether its halves agree, how its sources fare; in JSON what a check found, if one was made."""
    # Imported here: it takes 0.1 s, and `settings show` and `doctor` do without.
    from bot.cli.rendering.stored import fared
    from bot.payloads import status_payload

    if as_json:
        verified = status.verified.isoformat() if status.verified else None
        checks = {"verified": verified, "damage": status.damage} if checked else {}
        print_json(status_payload(status, sources) | checks)
        return
    languages = ", ".join(f"{language} {count}" for language, count in status.by_language.items())
    rows = {
        "home": str(status.home),
        "releases": f"{status.releases}{f' ({languages})' if languages else ''}",
        "passages": str(status.passages),
        "newest release": dated(status.newest) if status.releases else "none",
        "last ingestion": f"{status.last_ingest:%Y-%m-%d %H:%M} UTC" if status.last_ingest else "never",
        "model": f"{status.model} ({status.dimension} dimensions)"
        if status.model
        else f"{model} (nothing embedded yet)",
        "vectors": _agreement(status),
        "catalogue": status.catalogue,
        "vector index": status.indexes,
        "verified": _verified(status),
    }
    for name, value in rows.items():
        _print_row(name, value)
    for state in sources:
        _print_row("source", f"{state.name or state.location}: {fared(state)}")


def print_report(report: IngestReport, *, as_json: bool, dry_run: bool, interrupted: bool) -> None:
    """What an ingestion did, and every failure with its cause."""
    err = on_stderr()
    if interrupted:
        err.print("stopped; what was written is kept, and the same command continues from here")
    if as_json:
        print_json(report_payload(report))
        return
    if len(report.parts) > 1:
        on_stdout().print(_by_source(report))
    verb = "would write" if dry_run else "wrote"
    on_stdout().print(
        f"{report.outcome}; {verb} {counted(report.passages, 'passage')} in {report.seconds:.1f} s{_asked(report)}",
    )
    if report.twins:
        err.print(f"joined: {counted(report.twins, 'pair')} of French and English versions")
    if report.duplicates:
        addresses = counted(report.duplicates, "address of a release", "addresses of releases")
        err.print(f"skipped: {addresses} already read")
    for count, option in ((report.beyond_limit, "--limit"), (report.before_since, "--since")):
        if count:
            err.print(f"left out: {counted(count, 'release')}, by {option}")
    if report.taken_down:
        removed = counted(report.taken_down, "release that was", "releases that were")
        err.print(f"left out: {removed} taken down")
    print_some(err, "warning", report.warnings)
    print_some(err, "doubted", [f"{page.source}: {page.error}" for page in report.doubted])
    print_some(err, "failed", [f"{failure.source}: {failure.error}" for failure in report.failed])


def report_payload(report: IngestReport) -> dict[str, Any]:
    """What an ingestion did, altogether and of each source."""
    sources = [
        {"source": redacted(part.source) if part.source else part.source} | _counts(part) for part in report.parts
    ]
    return _counts(report) | {"sources": sources}


def _counts(report: IngestReport) -> dict[str, Any]:
    left_out = ((report.beyond_limit, "--limit"), (report.before_since, "--since"))
    told = [f"left out: {count} release{'' if count == 1 else 's'}, by {option}" for count, option in left_out if count]
    return {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "withdrawn": report.withdrawn,
        "failed": [{"source": redacted(one.source), "error": redacted(one.error)} for one in report.failed],
        "doubted": [{"source": redacted(one.source), "error": redacted(one.error)} for one in report.doubted],
        "warnings": [*map(redacted, report.warnings), *told],
        "duplicates": report.duplicates,
        "left_out": {
            "limit": report.beyond_limit,
            "since": report.before_since,
            "taken_down": report.taken_down,
        },
        "passages": report.passages,
        "twins": report.twins,
        "requests": report.requests,
        "not_modified": report.not_modified,
        "seconds": round(report.seconds, 3),
    }


def print_watched(report: IngestReport, *, as_json: bool) -> None:
    """A line for one run of a watch, its warnings and its failures."""
    if as_json:
        print_json(report_payload(report), on_a_line=True)
        return
    name = next((part.source for part in report.parts), report.source)
    on_stdout().print(
        Text(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC  {one_line(name or '')}: {report.outcome}{_asked(report)}")
    )
    print_some(on_stderr(), "warning", report.warnings)
    print_some(on_stderr(), "doubted", [f"{page.source}: {page.error}" for page in report.doubted])
    print_some(on_stderr(), "failed", [f"{failure.source}: {failure.error}" for failure in report.failed])


def print_warning(warning: str) -> None:
    """A remark that is no result."""
    print_some(on_stderr(), "warning", [warning])


def print_stopped() -> None:
    """That a watch was ended, and that nothing is lost by it."""
    on_stderr().print("stopped; what was written is kept")


def print_rebuilt(count: int, model: str, *, as_json: bool) -> None:
    """What a rebuild did."""
    if as_json:
        print_json({"passages": count, "model": model})
    else:
        on_stdout().print(Text(f"embedded {counted(count, 'passage')} with {model}"))


def print_backup(backup: Backup, done: str, *, as_json: bool) -> None:
    """What a backup holds, `written` or `restored`."""
    if as_json:
        print_json(_backup_payload(backup))
        return
    for name, size in backup.parts.items():
        _print_row(name, f"{size / 1e6:,.1f} MB")
    on_stdout().print(Text(f"{done}: as of {backup.moment:%Y-%m-%d %H:%M} UTC"))


def _backup_payload(backup: Backup) -> dict[str, Any]:
    """What a backup holds."""
    return {"moment": backup.moment.isoformat(timespec="seconds"), "parts": backup.parts}


def print_moved(moved: Sequence[Moved], *, back: bool, as_json: bool) -> None:
    """What a migration copied, counted at both ends, and what the operator does next."""
    if as_json:
        print_json(_moved_payload(moved))
        return
    for one in moved:
        if not any(count.source for count in one.counts):  # a home without a bot has no record
            continue
        table = Table(box=None)
        for name in (one.part, "source", "target"):
            table.add_column(name, justify="left" if name == one.part else "right")
        for count in one.counts:
            if count.name in _COUNTED:
                table.add_row(count.name, str(count.source), str(count.target))
        on_stdout().print(table)
        on_stdout().print(Text(f"moved: from {one.source} to {one.target}"))
        if one.begun in _GOES_ON:
            on_stderr().print(Text(_GOES_ON[one.begun]))
    on_stderr().print(Text(f"next: {_TAKE_AWAY if back else _KEEP}"))


def _moved_payload(moved: Sequence[Moved]) -> dict[str, Any]:
    """What a migration copied, part by part, with the counts at both ends."""
    return {
        "parts": [
            {
                "part": one.part,
                "source": redacted(one.source),
                "target": redacted(one.target),
                "begun": one.begun,
                "counts": {count.name: {"source": count.source, "target": count.target} for count in one.counts},
            }
            for one in moved
        ]
    }


@contextlib.contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar with rate and time left on stderr; none where that is no terminal, or `quiet` is set."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=on_stderr(), speed_estimate_period=120) as progress:
        task = progress.add_task(title, total=None, rate="")

        def show(done: int, total: int) -> None:
            speed = progress.tasks[task].speed
            progress.update(task, completed=done, total=total, rate=f"{speed:.1f}/s" if speed else "")

        yield show


def _print_row(name: str, value: str) -> None:
    print_hung(on_stdout(), one_line(value), _ROW, lead=Text(name.ljust(_ROW), style="dim"))


def _by_source(report: IngestReport) -> Table:
    """A row for each source."""
    table = Table(box=None)
    names = ("new", "changed", "unchanged", "withdrawn", "failed", "requests")
    for name in ("source", *names):
        table.add_column(name, justify="left" if name == "source" else "right")
    for part in report.parts:
        counts = (part.new, part.changed, part.unchanged, part.withdrawn, len(part.failed), part.requests)
        table.add_row(Text(one_line(part.source or "")), *map(str, counts))
    return table


def _asked(report: IngestReport) -> str:
    """How often the web was asked, if it was."""
    if not report.requests:
        return ""
    return f"; {counted(report.requests, 'request')}, {report.not_modified} not modified"


def _verified(status: StoreStatus) -> str:
    if status.verified is None:
        return "never; run `communique status --check`"
    outcome = "damaged; run `communique status --check`" if status.damage else "whole"
    return f"{status.verified:%Y-%m-%d %H:%M} UTC: {outcome}"


def _agreement(status: StoreStatus) -> str:
    if status.consistent:
        return "agree with the catalogue"
    return f"do not agree with the catalogue ({status.disagreement}; run `communique status --repair`)"


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


def print_settings(settings: Sequence[SettingInForce], file: Path | None, *, as_json: bool) -> None:
    """Each setting a row; those that differ from the default stand out."""
    if as_json:
        print_json({"file": str(file) if file else None, "settings": [one.payload() for one in settings]})
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for one in settings:
        value = "" if one.value is None else json.dumps(one.value, ensure_ascii=False)
        style = "dim" if one.origin == "default" else "bold"
        table.add_row(
            Text(one.name, style=style), Text(value, overflow="fold"), Text(one.where or one.origin, style="dim")
        )
    on_stdout().print(table)
    _print_file(file)


def print_faults(faults: Sequence[SettingFault], file: Path | None, *, as_json: bool) -> None:
    """What is wrong, a line each; one line where nothing is."""
    if as_json:
        named = [{"name": fault.name, "cause": fault.cause, "nearest": fault.nearest} for fault in faults]
        print_json({"file": str(file) if file else None, "faults": named})
        return
    for fault in faults:
        on_stdout().print(Text(one_line(str(fault))))
    _print_file(file)
    on_stderr().print(Text(counted(len(faults), "fault") if faults else "no fault"))


_COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def print_diagnoses(diagnoses: Iterator[Diagnosis], *, as_json: bool) -> bool:
    """Each part a line, as soon as it was looked at; whether none failed."""
    seen = []
    for diagnosis in diagnoses:
        seen.append(diagnosis)
        finding = diagnosis.finding
        if not as_json:
            said = f"{finding.said}; {finding.mend}" if finding.mend else finding.said
            state = Text(f"{finding.state:<5}", style=_COLOURS[finding.state])
            on_stdout().print(state + Text(f" {diagnosis.name}: {one_line(said).removeprefix(f'{diagnosis.name}: ')}"))
    healthy = all(one.finding.state != "fail" for one in seen)
    if as_json:
        print_json({"healthy": healthy, "checks": [one.payload() for one in seen]})
    return healthy


def _print_file(file: Path | None) -> None:
    read = (
        f"read {file} and the environment"
        if file
        else "read the environment; there is no communique.toml, neither here nor in the home"
    )
    on_stderr().print(Text(one_line(read), style="dim"))
