"""Whether a question wants the latest release, and how many: « les trois derniers communiqués », "the latest on X"."""

from __future__ import annotations

import enum
import re

from bot.periods.calendar import NUMBER, NUMBERS

RELEASE = (
    r"(?:(?:press |news )?releases?|news|statements?|announcements?|updates?|press|publications?|articles?|documents?|"
    r"declarations?|communiques?(?: de presse)?|nouvelles?|actualites?|annonces?|informations?|infos?|avis|headlines?|"
    r"messages?|bulletins?|developments?|developpements?)"
)
"""A word for what newsrooms publish, folded."""

_NEW = r"(?:latest|newest|most recent|last|dernier|derniere|derniers|dernieres|plus recente?s?)"
_OLD = r"(?:oldest|earliest|first|premier|premiere|premiers|premieres|plus ancien(?:ne)?s?)"


class Order(enum.Enum):
    """Which releases are to come first."""

    LATEST = "latest"
    EARLIEST = "earliest"


def _about_releases(which: str) -> str:
    named = r"(?:[a-z'-]+ ){0,2}?"
    return (
        rf"\b(?:(?:the|les?|la|l'|ses|leurs?) )?(?:(?P<many>{NUMBER}) )?(?:plus )?{which} "
        rf"(?:(?P<count>{NUMBER}) )?{named}{RELEASE}\b"
        rf"|\b{RELEASE} (?:les? |la )(?:plus )?{which}\b"
    )


_LATEST = re.compile(
    rf"{_about_releases(_NEW)}"
    r"|\b(?:the latest|the newest|the most recent)(?= (?:on|about|from|concerning|regarding)\b| *[?.!]*$)"
    r"|\ble (?:plus recent|dernier)(?= (?:sur|concernant)\b| *[?.!]*$)|\bquoi de neuf\b|\bwhat's new\b|\bwhat is new\b"
)
_EARLIEST = re.compile(_about_releases(_OLD))


def read_order(folded: str) -> tuple[Order | None, int | None, re.Match[str] | None]:
    """The order that a folded question asks for, how many releases, and the words that say so."""
    for order, pattern in ((Order.LATEST, _LATEST), (Order.EARLIEST, _EARLIEST)):
        if found := pattern.search(folded):
            told = found.groupdict().get("many") or found.groupdict().get("count")
            return order, (NUMBERS.get(told) or int(told)) if told and told not in {"a", "an"} else None, found
    return None, None, None
