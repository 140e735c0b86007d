"""Releases on a terminal: lists, one with its text, versions, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from bot import payloads
from bot.console.stream import on_stderr, on_stdout, one_line, print_json
from bot.instructions import headline
from bot.redaction import shareable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from vectorstore.differences import Difference
    from vectorstore.events import Event
    from vectorstore.passage import StoredRelease
    from vectorstore.relations import Relations
    from vectorstore.takedowns import Takedown
    from vectorstore.visits import Doubted


def print_releases(releases: Sequence[StoredRelease], total: int, *, as_json: bool) -> None:
    """A list of releases, newest first."""
    if as_json:
        print_json([payloads.release_payload(release) for release in releases])
        return
    out = on_stdout()
    for release in releases:
        out.print(Text(headline(release.title), style="bold"))
        out.print(Text(f"   {described(release)}", style="dim"))
        out.print(Text(f"   {release.id}", style="dim"))
    if total > len(releases):
        on_stderr().print(f"{total - len(releases)} more; print them with -n {total}", highlight=False)
    if not total:
        on_stderr().print("no release", highlight=False)


def print_release(release: StoredRelease, relations: Relations, *, as_json: bool) -> None:
    """One release with its text, and the releases that it belongs together with."""
    if as_json:
        print_json(payloads.shown_payload(release, relations))
        return
    out = on_stdout()
    out.print(Text(headline(release.title), style="bold"))
    out.print(Text(f"{described(release)} · version {release.version}", style="dim"))
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
        print_json([payloads.version_payload(one, what) for one, what in zip(versions, changes, strict=True)])
        return
    out = on_stdout()
    for version, what in zip(versions, changes, strict=True):
        seen = f"{version.first_seen:%Y-%m-%d %H:%M} UTC"
        out.print(Text(f"{version.version}. seen first {seen} · {headline(version.title)}", style="bold"))
        out.print(Text(f"   {described(version)} · {len(version.text)} characters", style="dim"))
        for change in what:
            for mark, text, style in (("-", change.before, "red"), ("+", change.after, "green")):
                if text:
                    out.print(Text(f"   {mark} {text}", style=style))


def print_takedowns(takedowns: Sequence[Takedown], *, as_json: bool) -> None:
    """What was taken down, the latest first."""
    if as_json:
        print_json([payloads.takedown_payload(takedown) for takedown in takedowns])
        return
    for takedown in takedowns:
        allowed = f", allowed again {takedown.allowed:%Y-%m-%d %H:%M} UTC" if takedown.allowed else ""
        on_stdout().print(Text(one_line(takedown.release_id), style="bold"), soft_wrap=True)
        on_stdout().print(Text(f"   removed {takedown.moment:%Y-%m-%d %H:%M} UTC{allowed}", style="dim"))
    if not takedowns:
        on_stderr().print("nothing was taken down", highlight=False)


def print_doubted(pages: Sequence[Doubted], *, as_json: bool) -> None:
    """The pages that are kept aside, with what speaks against them and how they begin."""
    if as_json:
        print_json([payloads.doubted_payload(page) for page in pages])
        return
    for page in pages:
        on_stdout().print(Text(one_line(page.address), style="bold"), soft_wrap=True)
        on_stdout().print(Text(f"   {one_line(page.cause)}", style="dim"))
        on_stdout().print(
            Text(f"   since {page.since:%Y-%m-%d %H:%M} UTC: {one_line(f'{page.title}: {page.text[:200]}')}")
        )
    if not pages:
        on_stderr().print("no page is doubted", highlight=False)


def print_events(events: Sequence[Event], *, as_json: bool) -> None:
    """What happened to releases, oldest first."""
    if as_json:
        print_json([payloads.event_payload(event) for event in events])
        return
    for event in events:
        on_stdout().print(
            Text(f"{event.number}  {event.moment:%Y-%m-%d %H:%M} UTC  {event.kind:9}  {event.release_id}"),
            soft_wrap=True,
        )


def described(release: StoredRelease) -> str:
    """Publisher, dates and language of a release, where known."""
    updated = f"updated {release.updated:%Y-%m-%d %H:%M} UTC" if release.updated else None
    withdrawn = f"withdrawn, as seen on {release.withdrawn:%Y-%m-%d}" if release.withdrawn else None
    parts = (release.publisher, day(release.published), updated, withdrawn, release.language, shareable(release.url))
    return one_line(" · ".join(part for part in parts if part))


def day(moment: datetime | None) -> str:
    """A date, or that there is none."""
    return f"{moment:%Y-%m-%d}" if moment else "undated"
