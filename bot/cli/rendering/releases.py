"""Releases on a terminal, with their versions, events and sources."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.text import Text

from bot import payloads
from bot.cli.rendering import counted, described, on_stderr, on_stdout, one_line, print_hung, print_json
from bot.language.prompt_injection import headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.operations.sources import SourceState
    from vectorstore.text.sentences import Difference
    from vectorstore.types import Doubted, Event, Relations, SourceHealth, StoredRelease, Takedown


def print_releases(releases: Sequence[StoredRelease], total: int, *, as_json: bool) -> None:
    """A list of releases, newest first."""
    if as_json:
        print_json([payloads.release_payload(release) for release in releases])
        return
    out = on_stdout()
    for release in releases:
        print_hung(out, headline(release.title), style="bold")
        print_hung(out, described(release, address=release.url != release.id), 3, style="dim")
        print_hung(out, release.id, 3, style="dim")
    if total > len(releases):
        on_stderr().print(f"{total - len(releases)} more; print them with -n {total}", highlight=False)


def print_release(release: StoredRelease, relations: Relations, *, as_json: bool) -> None:
    """One release with its text, and the releases that it belongs together with."""
    if as_json:
        print_json(payloads.shown_payload(release, relations))
        return
    out = on_stdout()
    print_hung(out, headline(release.title), style="bold")
    print_hung(out, f"{described(release)} · version {release.version}", style="dim")
    for twin in relations.twins:
        print_hung(out, f"also as {twin.other(release.id)} ({twin.reason}, {twin.score:.2f})", style="dim")
    if relations.corrects:
        print_hung(out, f"corrects {relations.corrects}", style="dim")
    for correction in relations.corrected_by:
        print_hung(out, f"corrected by {correction}", style="bold")
    out.print()
    print_hung(out, release.text)


def print_history(versions: Sequence[StoredRelease], changes: Sequence[Sequence[Difference]], *, as_json: bool) -> None:
    """Every version of a release, oldest first, with the sentences that each changed of the one before."""
    if as_json:
        print_json([payloads.version_payload(one, what) for one, what in zip(versions, changes, strict=True)])
        return
    out = on_stdout()
    for version, what in zip(versions, changes, strict=True):
        seen = f"{version.first_seen:%Y-%m-%d %H:%M} UTC"
        print_hung(out, f"seen first {seen} · {headline(version.title)}", 3, lead=f"{version.version}. ", style="bold")
        print_hung(out, f"{described(version)} · {counted(len(version.text), 'character')}", 3, style="dim")
        for change in what:
            for mark, text, style in (("-", change.before, "red"), ("+", change.after, "green")):
                if text:
                    print_hung(out, text, 5, lead=f"   {mark} ", style=style)


def print_takedowns(takedowns: Sequence[Takedown], *, as_json: bool) -> None:
    """What was taken down, the latest first."""
    if as_json:
        print_json([_takedown_payload(takedown) for takedown in takedowns])
        return
    for takedown in takedowns:
        allowed = f", allowed again {takedown.allowed:%Y-%m-%d %H:%M} UTC" if takedown.allowed else ""
        on_stdout().print(Text(one_line(takedown.release_id), style="bold"), soft_wrap=True)
        on_stdout().print(Text(f"   removed {takedown.moment:%Y-%m-%d %H:%M} UTC{allowed}", style="dim"))
    if not takedowns:
        on_stderr().print("nothing was taken down", highlight=False)


def _takedown_payload(takedown: Takedown) -> dict[str, Any]:
    """What was taken down, without a word of it."""
    return {
        "id": takedown.release_id,
        "removed": takedown.moment.isoformat(),
        "allowed_again": takedown.allowed.isoformat() if takedown.allowed else None,
        "addresses": list(takedown.addresses),
    }


def print_doubted(pages: Sequence[Doubted], *, as_json: bool) -> None:
    """The pages that are kept aside, with what speaks against them and how they begin."""
    if as_json:
        print_json([_doubted_payload(page) for page in pages])
        return
    for page in pages:
        on_stdout().print(Text(one_line(page.address), style="bold"), soft_wrap=True)
        print_hung(on_stdout(), one_line(page.cause), 3, style="dim")
        begins = one_line(f"{page.title}: {page.text[:200]}")
        print_hung(on_stdout(), f"since {page.since:%Y-%m-%d %H:%M} UTC: {begins}", 3)
    if not pages:
        on_stderr().print("no page is doubted", highlight=False)


def _doubted_payload(page: Doubted) -> dict[str, Any]:
    """A page that is kept aside."""
    return {
        "address": page.address,
        "release_id": page.release_id,
        "cause": page.cause,
        "since": page.since.isoformat(),
        "seen": page.seen.isoformat(),
        "title": page.title,
        "text": page.text,
    }


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


def print_sources(states: Sequence[SourceState], *, as_json: bool) -> None:
    """Each source with where it is from, what is stored of it and how its last run went."""
    if as_json:
        print_json([payloads.source_payload(state) for state in states])
        return
    for state in states:
        on_stdout().print(Text(one_line(state.name or state.location), style="bold"), soft_wrap=True)
        if state.name:
            on_stdout().print(Text(f"   {one_line(state.location)}", style="dim"), soft_wrap=True)
        origin = "from the settings" if state.in_settings else "named by hand"
        stored = counted(state.releases, "release")
        print_hung(on_stdout(), f"{state.standing} · {origin} · {stored}", 3, style="dim")
        print_hung(on_stdout(), one_line(fared(state)), 3)
    if not states:
        on_stderr().print("no source; name one as [[sources]] in communique.toml", highlight=False)


def fared(state: SourceState) -> str:
    """How a source fared, in a line."""
    told = _health(state.health) if state.health else "never read"
    return f"paused since {state.paused:%Y-%m-%d %H:%M} UTC; {told}" if state.paused else told


def _health(health: SourceHealth) -> str:
    watched = health.next_run is not None and health.next_run > datetime.now(UTC)  # else the watch was ended since
    following = f"; next {health.next_run:%Y-%m-%d %H:%M} UTC" if watched else ""
    if health.failures:
        worked = f"{health.last_success:%Y-%m-%d %H:%M} UTC" if health.last_success else "never"
        times = "once" if health.failures == 1 else f"{health.failures} times"
        return f"failing ({times}; last worked: {worked}): {health.error}{following}"
    return f"{health.last_run:%Y-%m-%d %H:%M} UTC: {health.outcome}{following}"
