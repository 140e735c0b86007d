"""The things that answer "how much", "how long" and "when": sums, shares, durations, distances, dates, counts."""

from __future__ import annotations

import re

_CURRENCY = r"(?:euros?|francs?|dollars?|livres? sterling|pounds?|yens?|yuans?|roubles?|roupies?|chf|eur|usd|gbp|fr\.)"
_SCALE = r"(?:millions?|milliards?|billions?|trillions?|mio|mrd|bn|m)"
_MONTH = (
    r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january|february|march|"
    r"april|may|june|july|august|september|october|november|december)"
)
_DAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_SPELT = (
    r"(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|"
    r"cinquante|soixante|cents?|mille|milliers?|centaines?|dizaines?|douzaines?|two|three|four|five|seven|eight|nine|"
    r"ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundreds?|thousands?|dozens?|\d++(?:th|e)|(?:deux|trois|quatr|cinqu|six|sept|huit|neuv|dix|onz|"
    r"douz|vingt)ieme|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|twelfth)"
)
_FRACTION = r"(?:moitie|tiers|quarts?|half|halves|thirds?|quarters?)"
# No repetition without a bound or an end: what is tried from every place of a text must not reach to its end from each.
_FIGURE = r"(?<!\d)(?<!\d[ .,'])\d++(?:[ .,']\d++)*+"
_NUMBER = rf"(?:{_FIGURE}(?: {_SCALE}\b)?|\b{_SPELT}(?:[- ]{_SPELT}|[- ]et[- ]une?){{0,9}}\b)"
_TIME = (
    r"(?:ans?|annees?|mois|semaines?|jours?|heures?|minutes?|siecles?|decennies?|years?|months?|weeks?|days?|hours?)"
)
_LENGTH = r"(?:kilometres?|metres?|km2?|m2|hectares?|kilometers?|meters?|miles?|feet|foot|acres?|cm|centimetres?)"
_UNITS = rf"(?:{_TIME}|(?:decade|centur(?:y|ie))s?|{_LENGTH}|tonnes?|tons?|litres?|kilos?|kg|degres?|degrees?)"

MONEY = rf"[€$£] ?\d|{_CURRENCY} \d|{_NUMBER} ?(?:d'|de |of )?(?:[€$£]|{_CURRENCY}(?!\w))"
SHARE = rf"{_NUMBER} ?(?:%|pour ?cent\b|per ?cent\b|points? de pourcentage)|\b(?:deux |trois |two |three |un |one |a )?"
SHARE += rf"{_FRACTION}\b"
DATE = rf"\b(?:1\d|20)\d\d\b|\b{_MONTH}\b|\b{_DAY}\b|\b(?:siecle|century)\b"
DURATION = (
    rf"{_NUMBER}[ -](?:{_TIME}|(?:decade|centur(?:y|ie))s?)\b|\b(?:an?|one|une?) (?:annee|an|year|month|mois|decade)\b"
)
DURATION += r"|\b(?:from|between|de|entre) (?:1\d|20)\d\d (?:to|and|a|et) (?:1\d|20)\d\d\b"
DISTANCE = rf"{_NUMBER}[ -](?:{_LENGTH})(?!\w)"
MEASURE = rf"{DURATION}|{DISTANCE}"
NUMBER = _NUMBER
REASON = (
    r"\bcar\b|parce qu|en raison d|afin d|\bpour\b|grace a|a cause d|puisqu|\bdue to\b|because|"
    r"in order to|\bsince\b|as a result|\bto\b"
)

_OTHER_FIGURES = re.compile(
    rf"{MONEY}|{SHARE}|\b\d{{1,2}}(?:er|st|nd|rd|th)?\b(?: of)? {_MONTH}(?: \d{{4}})?|"
    rf"{_MONTH} \d{{1,2}}\b(?:,? \d{{4}})?|\b(?:1[5-9]|20)\d\d\b(?! \w+s\b)"
)
_WORD = re.compile(r"[^\W_]+")


def counts(folded: str) -> list[tuple[str, str]]:
    """Each count in a folded text that is no sum, share or date, with the four words after it."""
    rest = _OTHER_FIGURES.sub(" ; ", folded)
    return [
        (found.group(), " ".join(_WORD.findall(rest[found.end() : found.end() + 60].split(";")[0])[:4]))
        for found in re.finditer(NUMBER, rest)
        if not re.match(rf" ?(?:{_TIME})\b", rest[found.end() :])
    ]
