"""Timelines on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from bot import payloads
from bot.answering.citations import page_label, quotation_marks
from bot.cli.rendering.releases import day, described
from bot.cli.rendering.stream import on_stderr, on_stdout, print_hung, print_json
from bot.language.prompt_injection import headline

if TYPE_CHECKING:
    from rich.console import Console

    from bot.answering.timeline import Timeline, TimelineEntry

_DAY = len("2024-10-17  ")


def print_timeline(timeline: Timeline, *, as_json: bool) -> None:
    """The releases about a topic, oldest first, each with its sentence, and how its figure has changed."""
    if as_json:
        print_json(payloads.timeline_payload(timeline))
        return
    out = on_stdout()
    print_hung(out, timeline.head)
    if timeline.more:
        print_hung(out, timeline.more, style="dim")
        on_stderr().print("show them with --until, or more at once with -n", highlight=False)
    for entry in timeline.entries:
        out.print()
        _print_entry(out, entry)


def _print_entry(out: Console, entry: TimelineEntry) -> None:
    citation, release = entry.citation, entry.release
    opens, closes = quotation_marks(citation.quote, release.language)
    speaker = f" — {citation.speaker}" if citation.speaker else ""
    lead = Text(day(release.published).ljust(_DAY), style="bold cyan")
    print_hung(out, Text(headline(release.title), style="bold"), _DAY, lead=lead)
    print_hung(out, f"{opens}{citation.quote}{closes}{speaker}", _DAY)
    if entry.change:
        print_hung(out, entry.change.text, _DAY, style="bold yellow")
    for note in entry.notes:
        print_hung(out, note.text, _DAY, style="red")
    known = (described(release, address=citation.link is None), page_label(citation))
    print_hung(out, " · ".join(filter(None, known)), _DAY, style="dim")
    if citation.link:
        print_hung(out, citation.link, _DAY, style="dim")
