"""What commands print: results on stdout, as text or JSON; progress and remarks on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot import payloads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bot.answer import Answer, Citation, Refusal
    from bot.evaluate import Evaluation
    from bot.retrieve import Match
    from ingest.report import IngestReport
    from vectorstore.differences import Difference
    from vectorstore.events import Event
    from vectorstore.passage import Hit, StoredRelease
    from vectorstore.relations import Relations
    from vectorstore.store import StoreStatus
    from vectorstore.visits import SourceHealth

_ENDLESS = 100_000  # columns, more than any line has
_SHOWN_FAILURES = 20  # a terminal shows so many; `--json` has them all


class _Console(Console):
    """A console that leaves it to the edge to say what a closed pipe means; rich would end with exit code 1."""

    def on_broken_pipe(self) -> None:
        """Pass the error on."""
        raise BrokenPipeError


def print_answer(answer: Answer, *, as_json: bool) -> None:
    """An answer with its quotes, or a refusal with the nearest releases."""
    if as_json:
        _print_json(payloads.answer_payload(answer))
        return
    out = _out()
    out.print(Text(answer.text))
    if answer.refusal:
        _print_nearest(out, answer.refusal)
    for citation in answer.citations:
        out.print()
        _print_citation(out, citation)


def print_hits(hits: Sequence[Hit], matches: Sequence[Sequence[Match]], *, as_json: bool) -> None:
    """Passages, best first, with the words that the question is found in."""
    if as_json:
        _print_json([payloads.hit_payload(hit, found) for hit, found in zip(hits, matches, strict=True)])
        return
    out = _out()
    for hit, found in zip(hits, matches, strict=True):
        ranks = ", ".join(
            f"{name} {rank}" for name, rank in (("dense", hit.dense_rank), ("words", hit.lexical_rank)) if rank
        )
        out.print(Text(f"{hit.rank}. {hit.release.title}", style="bold"))
        out.print(Text(f"   {_described(hit.release)} · score {hit.score:.3f} ({ranks})", style="dim"))
        out.print(_marked(hit.passage.text, found, "   "))
    if not hits:
        _err().print("nothing found", highlight=False)


def print_releases(releases: Sequence[StoredRelease], total: int, *, as_json: bool) -> None:
    """A list of releases, newest first."""
    if as_json:
        _print_json([payloads.release_payload(release) for release in releases])
        return
    out = _out()
    for release in releases:
        out.print(Text(release.title, style="bold"))
        out.print(Text(f"   {_described(release)}", style="dim"))
        out.print(Text(f"   {release.id}", style="dim"))
    if total > len(releases):
        _err().print(f"{total - len(releases)} more; print them with -n {total}", highlight=False)
    if not total:
        _err().print("no release", highlight=False)


def print_release(release: StoredRelease, relations: Relations, *, as_json: bool) -> None:
    """One release with its text, and the releases that it belongs together with."""
    if as_json:
        _print_json(payloads.shown_payload(release, relations))
        return
    out = _out()
    out.print(Text(release.title, style="bold"))
    out.print(Text(f"{_described(release)} · version {release.version}", style="dim"))
    for twin in relations.twins:
        out.print(Text(f"also as {twin.other(release.id)} ({twin.reason}, {twin.score:.2f})", style="dim"))
    if relations.corrects:
        out.print(Text(f"corrects {relations.corrects}", style="dim"))
    for correction in relations.corrected_by:
        out.print(Text(f"corrected by {correction}", style="bold"))
    out.print()
    out.print(Text(release.text))


def print_history(versions: Sequence[StoredRelease], changes: Sequence[Sequence[Difference]], *, as_json: bool) -> None:
    """Every version of a release, oldest first, with the sentences that each changed of the one before."""
    if as_json:
        _print_json([payloads.version_payload(one, what) for one, what in zip(versions, changes, strict=True)])
        return
    out = _out()
    for version, what in zip(versions, changes, strict=True):
        seen = f"{version.first_seen:%Y-%m-%d %H:%M} UTC"
        out.print(Text(f"{version.version}. seen first {seen} · {version.title}", style="bold"))
        out.print(Text(f"   {_described(version)} · {len(version.text)} characters", style="dim"))
        for change in what:
            for mark, text, style in (("-", change.before, "red"), ("+", change.after, "green")):
                if text:
                    out.print(Text(f"   {mark} {text}", style=style))


def print_events(events: Sequence[Event], *, as_json: bool) -> None:
    """What happened to releases, oldest first."""
    if as_json:
        _print_json([payloads.event_payload(event) for event in events])
        return
    for event in events:
        _out().print(
            Text(f"{event.number}  {event.moment:%Y-%m-%d %H:%M} UTC  {event.kind:9}  {event.release_id}"),
            soft_wrap=True,
        )


def print_status(status: StoreStatus, model: str, *, as_json: bool) -> None:
    """What is stored, and whether the halves of the store agree."""
    if as_json:
        _print_json(payloads.status_payload(status))
        return
    table = Table.grid(padding=(0, 2))
    languages = ", ".join(f"{language} {count}" for language, count in status.by_language.items())
    rows = {
        "home": str(status.home),
        "releases": f"{status.releases}{f' ({languages})' if languages else ''}",
        "passages": str(status.passages),
        "newest release": _day(status.newest),
        "last ingestion": f"{status.last_ingest:%Y-%m-%d %H:%M} UTC" if status.last_ingest else "never",
        "model": f"{status.model} ({status.dimension} dimensions)"
        if status.model
        else f"{model} (nothing embedded yet)",
        "vectors": "agree with the catalogue" if status.consistent else _disagreement(status),
    }
    for name, value in rows.items():
        table.add_row(Text(name, style="dim"), Text(value))
    for health in status.sources:
        table.add_row(Text("source", style="dim"), Text(f"{health.name or health.location}: {_fared(health)}"))
    _out().print(table)


def print_report(report: IngestReport, *, as_json: bool, dry_run: bool, interrupted: bool) -> None:
    """What an ingestion did, and every failure with its cause."""
    err = _err()
    if interrupted:
        err.print("stopped; what was written is kept, and the same command goes on from here", highlight=False)
    if as_json:
        _print_json(payloads.report_payload(report))
        return
    if len(report.parts) > 1:
        _out().print(_by_source(report))
    verb = "would write" if dry_run else "wrote"
    _out().print(
        f"{report.outcome}; {verb} {report.passages} passages in {report.seconds:.1f} s{_asked(report)}",
        highlight=False,
    )
    if report.duplicates:
        err.print(f"passed over: {report.duplicates} addresses of releases that were read already", highlight=False)
    for count, option in ((report.beyond_limit, "--limit"), (report.before_since, "--since")):
        if count:
            err.print(f"left out: {count} releases, by {option}", highlight=False)
    _print_some(err, "warning", report.warnings)
    _print_some(err, "failed", [f"{failure.source}: {failure.error}" for failure in report.failed])


def print_watched(report: IngestReport, *, as_json: bool) -> None:
    """A line for one run of a watch, and its failures."""
    if as_json:
        sys.stdout.write(json.dumps(payloads.report_payload(report), ensure_ascii=not _spells_all()) + "\n")
        sys.stdout.flush()
        return
    name = next((part.source for part in report.parts), report.source)
    _out().print(Text(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC  {name}: {report.outcome}{_asked(report)}"))
    _print_some(_err(), "failed", [f"{failure.source}: {failure.error}" for failure in report.failed])


def print_warning(warning: str) -> None:
    """A remark that is no result."""
    _print_some(_err(), "warning", [warning])


def print_stopped() -> None:
    """That a watch was ended, and that nothing is lost by it."""
    _err().print("stopped; what was written is kept", highlight=False)


def print_rebuilt(count: int, model: str, *, as_json: bool) -> None:
    """What a rebuild did."""
    if as_json:
        _print_json({"passages": count, "model": model})
    else:
        _out().print(Text(f"embedded {count} passages with {model}"))


def print_nothing_stored(home: Path) -> None:
    """A hint for those who ask before there is anything to be found."""
    _err().print(Text(f"nothing is stored in {home} yet; ingest releases first: communique ingest FOLDER"))


def print_evaluation(evaluation: Evaluation, *, as_json: bool) -> None:
    """The measures of `eval`, one a row, each language beside the whole."""
    if as_json:
        _print_json(evaluation.payload())
        return
    table = Table(box=None)
    table.add_column("")
    columns = {"all": evaluation.whole, **evaluation.per_language}
    for name in columns:
        table.add_column(Text(name), justify="right")
    for measure in evaluation.whole:
        values = [figures.get(measure) for figures in columns.values()]
        table.add_row(measure, *("–" if value is None else f"{value:.4g}" for value in values))
    _out().print(table)
    if evaluation.failures:
        _err().print(f"{len(evaluation.failures)} questions failed; --json names them", highlight=False)


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
    with Progress(*columns, console=_err(), speed_estimate_period=120) as progress:
        task = progress.add_task(title, total=None, rate="")

        def show(done: int, total: int) -> None:
            speed = progress.tasks[task].speed
            progress.update(task, completed=done, total=total, rate=f"{speed:.1f}/s" if speed else "")

        yield show


def _print_citation(out: Console, citation: Citation) -> None:
    release = citation.release
    out.print(Text(f"[{citation.key}] ", style="bold") + Text(release.title))
    out.print(Text(f"    {_described(release)}", style="dim"))
    out.print(Text(f"    « {citation.quote} »"))
    if citation.link:
        out.print(Text(f"    {citation.link}"), soft_wrap=True)


def _print_nearest(out: Console, refusal: Refusal) -> None:
    for release in refusal.nearest:
        out.print(Text(f"  · {release.title} ({_described(release)})", style="dim"))


def _print_some(err: Console, kind: str, lines: Sequence[str]) -> None:
    for line in lines[:_SHOWN_FAILURES]:
        err.print(f"{kind}: {line}", highlight=False, markup=False, soft_wrap=True)
    if len(lines) > _SHOWN_FAILURES:
        err.print(f"{kind}: {len(lines) - _SHOWN_FAILURES} more; --json prints them all", highlight=False)


def _described(release: StoredRelease) -> str:
    """Publisher, dates and language of a release, where known."""
    updated = f"updated {release.updated:%Y-%m-%d %H:%M} UTC" if release.updated else None
    withdrawn = f"withdrawn, as seen on {release.withdrawn:%Y-%m-%d}" if release.withdrawn else None
    parts = (release.publisher, _day(release.published), updated, withdrawn, release.language, release.url)
    return " · ".join(part for part in parts if part)


def _by_source(report: IngestReport) -> Table:
    """A row for each source."""
    table = Table(box=None)
    names = ("new", "changed", "unchanged", "withdrawn", "failed", "requests")
    for name in ("source", *names):
        table.add_column(name, justify="left" if name == "source" else "right")
    for part in report.parts:
        counts = (part.new, part.changed, part.unchanged, part.withdrawn, len(part.failed), part.requests)
        table.add_row(Text(part.source or ""), *map(str, counts))
    return table


def _asked(report: IngestReport) -> str:
    """How often the web was asked, where it was."""
    return f"; {report.requests} requests, {report.not_modified} of them not modified" if report.requests else ""


def _fared(health: SourceHealth) -> str:
    """How a source fared, in a line."""
    watched = health.next_run is not None and health.next_run > datetime.now(UTC)  # else the watch was ended since
    following = f"; next {health.next_run:%Y-%m-%d %H:%M} UTC" if watched else ""
    if health.failures:
        worked = f"{health.last_success:%Y-%m-%d %H:%M} UTC" if health.last_success else "never"
        times = "once" if health.failures == 1 else f"{health.failures} times"
        return f"failing ({times}; last worked: {worked}): {health.error}{following}"
    return f"{health.last_run:%Y-%m-%d %H:%M} UTC: {health.outcome}{following}"


def _disagreement(status: StoreStatus) -> str:
    waiting = f"{status.backlog} passages wait; " if status.backlog else ""
    return f"do not agree with the catalogue ({waiting}run `communique status --repair`)"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "undated"


def _marked(text: str, matches: Sequence[Match], indent: str) -> Text:
    """A text with some of its words in bold, every line indented."""
    marked = Text(text)
    for match in matches:
        marked.stylize("bold", match.start, match.end)
    lines = [Text(indent).append_text(line) if line.plain else line for line in marked.split("\n", allow_blank=True)]
    return Text("\n").join(lines)


def _indented(text: str, indent: str) -> str:
    return "\n".join(f"{indent}{line}" if line else "" for line in text.split("\n"))


def _print_json(payload: object) -> None:
    sys.stdout.write(json.dumps(payload, ensure_ascii=not _spells_all(), indent=2) + "\n")


def _spells_all() -> bool:
    """Whether stdout can hold every character."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _out() -> Console:
    return _console(sys.stdout)


def _err() -> Console:
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    # What goes into a file or a pipe is not wrapped: a quote must stay as it is, and a path in one piece.
    if stream.isatty():
        return _Console(file=stream)
    return _Console(file=stream, soft_wrap=True, width=_ENDLESS)
