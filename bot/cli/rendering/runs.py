"""Ingestions, rebuilds and the state of the store on a terminal."""

from __future__ import annotations

import contextlib
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot.cli.rendering.releases import fared
from bot.cli.rendering.stream import counted, day, on_stderr, on_stdout, one_line, print_hung, print_json, print_some
from bot.payloads import status_payload
from bot.payloads.operations import backup_payload, moved_payload, report_payload, verified_payload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.operations.backup import Backup
    from bot.operations.sources import SourceState
    from ingest.report import IngestReport
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
    if as_json:
        checks = verified_payload(status) if checked else {}
        print_json(status_payload(status, sources) | checks)
        return
    languages = ", ".join(f"{language} {count}" for language, count in status.by_language.items())
    rows = {
        "home": str(status.home),
        "releases": f"{status.releases}{f' ({languages})' if languages else ''}",
        "passages": str(status.passages),
        "newest release": day(status.newest),
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
        err.print("stopped; what was written is kept, and the same command continues from here", highlight=False)
    if as_json:
        print_json(report_payload(report))
        return
    if len(report.parts) > 1:
        on_stdout().print(_by_source(report))
    verb = "would write" if dry_run else "wrote"
    on_stdout().print(
        f"{report.outcome}; {verb} {counted(report.passages, 'passage')} in {report.seconds:.1f} s{_asked(report)}",
        highlight=False,
    )
    if report.twins:
        err.print(f"joined: {counted(report.twins, 'pair')} of French and English versions", highlight=False)
    if report.duplicates:
        addresses = counted(report.duplicates, "address of a release", "addresses of releases")
        err.print(f"skipped: {addresses} already read", highlight=False)
    for count, option in ((report.beyond_limit, "--limit"), (report.before_since, "--since")):
        if count:
            err.print(f"left out: {counted(count, 'release')}, by {option}", highlight=False)
    if report.taken_down:
        removed = counted(report.taken_down, "release that was", "releases that were")
        err.print(f"left out: {removed} taken down", highlight=False)
    print_some(err, "warning", report.warnings)
    print_some(err, "doubted", [f"{page.source}: {page.error}" for page in report.doubted])
    print_some(err, "failed", [f"{failure.source}: {failure.error}" for failure in report.failed])


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
    on_stderr().print("stopped; what was written is kept", highlight=False)


def print_rebuilt(count: int, model: str, *, as_json: bool) -> None:
    """What a rebuild did."""
    if as_json:
        print_json({"passages": count, "model": model})
    else:
        on_stdout().print(Text(f"embedded {counted(count, 'passage')} with {model}"))


def print_backup(backup: Backup, done: str, *, as_json: bool) -> None:
    """What a backup holds, `written` or `restored`."""
    if as_json:
        print_json(backup_payload(backup))
        return
    for name, size in backup.parts.items():
        _print_row(name, f"{size / 1e6:,.1f} MB")
    on_stdout().print(Text(f"{done}: as of {backup.moment:%Y-%m-%d %H:%M} UTC"))


def print_moved(moved: Sequence[Moved], *, back: bool, as_json: bool) -> None:
    """What a migration copied, counted at both ends, and what the operator does next."""
    if as_json:
        print_json(moved_payload(moved))
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
