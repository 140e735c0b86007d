"""Sources on a terminal: a list with how each fares."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.text import Text

from bot import payloads
from bot.console.stream import on_stderr, on_stdout, one_line, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sources import SourceState
    from vectorstore.visits import SourceHealth


def print_sources(states: Sequence[SourceState], *, as_json: bool) -> None:
    """Each source with where it is from, what is stored of it and how its last run went."""
    if as_json:
        print_json([payloads.source_payload(state) for state in states])
        return
    for state in states:
        on_stdout().print(Text(one_line(state.name or state.location), style="bold"), soft_wrap=True)
        if state.name:
            on_stdout().print(Text(f"   {one_line(state.location)}", style="dim"), soft_wrap=True)
        origin = "of the settings" if state.in_settings else "named by hand"
        on_stdout().print(Text(f"   {state.standing} · {origin} · {state.releases} releases", style="dim"))
        on_stdout().print(Text(f"   {one_line(fared(state))}"), soft_wrap=True)
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
