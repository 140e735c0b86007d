"""The words before a date that make it a bound, and those by which it names a thing: a law, a summit, a plan."""

from __future__ import annotations

import re

from bot.periods.order import RELEASE

SINCE = r"(?:since|starting|from|as of|depuis|a partir d[eu]|des) (?:the |le |la |l')?$"
AFTER = r"(?:after|apres|later than|posterieurs? a) (?:the |le |la |l')?$"
BEFORE = r"(?:before|prior to|earlier than|avant|anterieurs? a) (?:the |le |la |l')?$"
UNTIL = r"(?:until|till|up to|through|jusqu'(?:a|en|au)|jusqu' (?:a|en|au)) (?:the |le |la |l'|fin )?$"
BETWEEN = r"(?:between|entre|from|de|du|d') ?(?:the |le |la |l')?$"
JOINT = re.compile(r" (?:and|et|to|a|au|until|jusqu'(?:a|au|en)) (?:the |le |la |l')?")
IN = (
    r"(?:\b(?:in|during|throughout|en|durant|pendant|au cours d[eu]|courant|lors d[eu]|au|dans le|on|le|the|for)"
    r"|\bl'|\bd') ?(?:the |le |la |l')?$"
)
OF_RELEASES = re.compile(
    rf"\b{RELEASE}(?: publie[es]*| published| issued| dated)?(?: [a-z]+)? (?:of|from|de|du|d'|for) ?(?:the |le )?$"
)
_NAMED = re.compile(
    r"\b(?:the|of|de|du|d'|des|called|annual|operation|fiscal year|exercice|budget|agenda|horizon|plan) ?$"
)
_UNITS = re.compile(
    r" (?:soldiers|troops|people|personnes|soldats|euros?|dollars?|francs?|days|jours|years|ans|hours|heures|km|metres|"
    r"men|women|million|milliards?|employees|emplois|jobs|homes|logements|vehicles|units|%|percent|pour cent)\b"
)
_AMBIGUOUS = {
    "may",
    "march",
    "mars",
    "mar",
    "jan",
    "dec",
    "sept",
    "sep",
    "jun",
    "jul",
    "apr",
    "aug",
    "oct",
    "nov",
    "feb",
}
_DURING = re.compile(
    r"\b(?:in|during|throughout|en|durant|pendant|courant|au cours d[eu]|dans|for|pour) (?:the |l'|les )?$"
)
_FOR_A_PLAN = re.compile(r"\b(?:back|exercice|budget|plan|horizon) (?:in|for|pour|en) $")


def is_period(folded: str, start: int, end: int, fine: str) -> bool:
    """Whether a date bounds what was published, and does not name a thing; `fine` is the unit it is named by."""
    before, after, said = folded[:start], folded[end:], folded[start:end]
    if any(re.search(rf"\b{words}", before) for words in (SINCE, AFTER, BEFORE, UNTIL)):
        return not _UNITS.match(after)
    if (
        OF_RELEASES.search(before)
        or fine in {"days", "months"}
        or said.startswith("last ")
        or said.endswith(" dernier")
    ):
        return True
    if fine in {"quarter", "half"}:
        return _ends(after) or bool(re.search(r"\b(?:in|during|over|for) (?:the )?$", before))
    if fine in {"year", "decade"} or said in _AMBIGUOUS:
        return bool(_DURING.search(before)) and not (_UNITS.match(after) or _FOR_A_PLAN.search(before))
    return _is_day_or_month(before, after, said, fine)


def _is_day_or_month(before: str, after: str, said: str, fine: str) -> bool:
    if before.endswith("the ") and not _ends(after):
        return False
    if _NAMED.search(before):
        return bool(re.search(r"\b(?:au cours|lors) du $", before))
    return fine != "month" or bool(re.search(IN, before)) or bool(re.search(r"\d", said))


def _ends(after: str) -> bool:
    return not re.match(r" [a-z]", after)
