"""Dates in the lines around a headline that say more than a date: "Posted on 14 May 2024 by the press office"."""

from __future__ import annotations

import re

from ingest.dates import DateLine, dates_within

# Characters, and words beside the date where none of them tells what the date is. A longer line is a text.
_LONGEST = 120
_MOST_WORDS = 6
_UPDATED = re.compile(r"\b(?:updat|modifi|actualis|revised|révis|version|mise? à jour)", re.IGNORECASE)
# Words before a date that is not the page's own: deadlines, meetings, periods, laws, checks.
_OTHER = re.compile(
    r"\b(?:until|till|by|before|since|between|deadline|embargo\w*|starting|effective|when|events?|meetings?|conference|next"
    r"|valid|expir\w+|checked|review\w*|accounts|quarter|ended|ending|as (?:at|of)"
    r"|(?:regulation|directive|decree|act|law) of"
    r"|closing|clos\w* on|applications?|registration|starts?|begins?|opens?|opening"
    r"|jusqu\w*|avant|d’ici|depuis|entre|date limite|à partir|à compter|dès|quand|événements?|réunions?|conférence"
    r"|prochaine?s?|valable|vérifiée?|réexam\w+|comptes|trimestre|clos|arrêtée?|loi|décret|règlement|clôture"
    r"|candidatures?|inscriptions?|échéances?|ouverture)\b|[©]",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"\b(?:publish|publication|publié|post(?:ed|é)\b|mise? en ligne|paru|diffus|issued|released?\b|communiqué"
    r"|press|news\b|added|ajouté|online|statement|déclaration|announcement|regulated|réglementée|n°|no\. ?\d)",
    re.IGNORECASE,
)


def near_dates(line: str, *, month_first: bool = False) -> DateLine | None:
    """What a line beside the headline says of publication and update; None for a sentence and for other dates.

    Unlike `ingest.dates.find_dates` it takes lines with words that it does not know, so it is to be asked only there.
    """
    if len(line) > _LONGEST or line.endswith((".", "!", "?")):
        return None
    found: dict[str, list[DateLine]] = {"published": [], "updated": []}
    for before, moment, behind in dates_within(line, month_first=month_first):
        words = before + behind
        if _UPDATED.search(before):
            found["updated"].append(DateLine(updated=moment))
        elif _OTHER.search(before):
            continue
        elif _PUBLISHED.search(words) or len(words.split()) <= _MOST_WORDS:
            found["published"].append(DateLine(published=moment))
    if any(len(lines) > 1 for lines in found.values()) or not any(found.values()):
        return None
    published, updated = (next(iter(lines), DateLine()) for lines in found.values())
    return DateLine(published.published, updated.updated)


def is_of_something_else(words: str) -> bool:
    """Whether the words before a date tell that it is a deadline, a meeting or the like."""
    return bool(_OTHER.search(words)) and not _UPDATED.search(words)
