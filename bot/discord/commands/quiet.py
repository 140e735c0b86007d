"""Quiet hours as people write them: times of day, and a time zone."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from bot.discord.following_wording import following_wording
from bot.discord.rendering import harmless
from bot.state import Quiet

if TYPE_CHECKING:
    from bot.discord.services import Services

_TIME = re.compile(r"(\d{1,2})(?:\s*[:h.]\s*(\d{2})?)?", re.IGNORECASE)
_GIVEN = 50  # characters of what was given that are said again


def set_quiet_hours(
    services: Services, owner: int, given: tuple[str | None, str | None, str | None], locale: str
) -> str:
    """Set the quiet hours of a guild or a person, or end them where nothing is given; the sentence that says so.

    `given` are beginning, end and zone. Without a zone, the one from before is kept, or else that of the answers.
    """
    said = following_wording(locale)
    begins, ends, zone = given
    if begins is None and ends is None:
        services.ledger.quiet.forget(owner)
        return said.quiet_off
    before = services.ledger.quiet.of(owner)
    zone = zone or (before.zone if before else services.built.settings.answers.time_zone)
    if (known := zone_meant(zone)) is None:
        return said.no_zone.format(given=harmless(zone[:_GIVEN]))
    minutes = [minute_of_day(one) if one else None for one in (begins, ends)]
    for one, minute in zip((begins, ends), minutes, strict=True):
        if one and minute is None:
            return said.no_time.format(given=harmless(one[:_GIVEN]))
    first, last = minutes
    if first is None or last is None or first == last:
        return said.quiet_half
    quiet = Quiet(first, last, known)
    services.ledger.quiet.set(owner, quiet)
    return said.quiet.format(begins=quiet.at(first), ends=quiet.at(last), zone=known)


def minute_of_day(text: str) -> int | None:
    """Minutes after midnight, of "22:30", « 22 h 30 » or "7"; None where it is no time of day. 24 is midnight."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        return None
    return (hours * 60 + minutes) % (24 * 60)


def zone_meant(text: str) -> str | None:
    """The name of a time zone, whatever its capitals; a city alone is enough. None where there is none."""
    name = text.strip().replace(" ", "_").casefold()
    return _zones().get(name)


@cache
def _zones() -> dict[str, str]:
    """Zones by their names, and by their cities, folded; a full name goes first."""
    zones = sorted(available_timezones())
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in zones if zone.startswith(_AREAS)}
    return cities | {zone.casefold(): zone for zone in zones}


_AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
