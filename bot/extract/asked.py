"""What a question asks for - a sum, a date, a name - and whether a sentence holds one that the question did not."""

from __future__ import annotations

import enum
import re

from bot.extract.terms import fold, surfaces

_CURRENCY = r"(?:euros?|francs?|dollars?|livres? sterling|pounds?|yens?|yuans?|roubles?|roupies?|chf|eur|usd|gbp|fr\.)"
_UNIT = r"(?:millions?|milliards?|billions?|trillions?|mio|mrd|bn|m)"
_MONTH = (
    r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january|february|march|"
    r"april|may|june|july|august|september|october|november|december)"
)
_DAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_COUNT = (
    r"(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|quarante|cinquante|soixante|cent|"
    r"cents|mille|moitie|tiers|quart|premiere?|two|three|four|five|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|"
    r"thirty|forty|fifty|sixty|hundred|thousand|half|third|quarter|dozen|douzaine|centaine|dizaine|millier)"
)


class AskedFor(enum.Enum):
    """The kind of thing that would answer a question."""

    MONEY = "money"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
    PERSON = "person"
    REASON = "reason"
    OTHER = "other"


# Matched against the folded question. The earliest match decides, for « qui » and "when" further on open a clause; at
# one place the first of these does: "combien d'euros" is a sum before it is a number.
_QUESTIONS = (
    (AskedFor.MONEY, r"quelles? sommes?|quels? (?:montants?|budgets?|prix|couts?)"),
    (AskedFor.MONEY, rf"combien (?:d'|de )?{_CURRENCY}|combien (?:a |ont |est-ce que )?(?:cela |ca )?(?:cout|rapport)"),
    (AskedFor.MONEY, rf"how much money|how many {_CURRENCY}|(?:what|which) (?:amount|sum|budget|price|cost)"),
    (AskedFor.MONEY, r"how much (?:did|does|do|will|has|have|was|is|were|are)\b"),
    (AskedFor.DATE, r"quand\b|when\b|quelles? (?:annees?|dates?|periodes?|epoques?)|depuis combien de temps"),
    (AskedFor.DATE, r"quels? (?:jours?|mois|siecles?)|(?:what|which) (?:years?|dates?|days?|months?|century|period)"),
    (AskedFor.NUMBER, r"combien\b|how (?:many|much|old|long|tall|far|big|large|high|often)"),
    (AskedFor.NUMBER, r"quels? (?:nombre|pourcentage|taux|age|chiffre)|quelle (?:part|proportion|quantite|taille)"),
    (AskedFor.NUMBER, r"quelle (?:distance|duree|superficie)|(?:what|which) (?:number|percent(?:age)?|rate|share|age)"),
    (AskedFor.PLACE, r"where\b|quelles? (?:villes?|regions?|communes?|iles?|provinces?)"),
    (AskedFor.PLACE, r"quels? (?:pays|etats?|lieux?|endroits?|continents?)"),
    (AskedFor.PLACE, r"(?:what|which) (?:city|cities|country|countries|place|state|town|region|location)"),
    (AskedFor.REASON, r"pourquoi\b|why\b|quelles? (?:\w+ )?(?:la |les )?(?:raisons?|causes?)"),
    (AskedFor.REASON, r"what (?:is|are|was|were) the (?:reasons?|causes?)"),
    (AskedFor.PERSON, r"qui\b|whom?\b|whose\b"),
    (AskedFor.OTHER, r"que\b|qu'|quoi\b|comment\b|quel(?:le)?s?\b|what\b|which\b|how\b"),
)
_PATTERNS = [(kind, re.compile(rf"\b(?:{pattern})")) for kind, pattern in _QUESTIONS]
_ANSWERS = {
    AskedFor.MONEY: rf"[€$£] ?\d|\d[\d .,]*(?:{_UNIT} (?:d'|de |of )?)?(?:[€$£]|{_CURRENCY}\b)|\d[\d .,]*{_UNIT}\b",
    AskedFor.NUMBER: rf"\d[\d .,]*|\b{_COUNT}\b",
    AskedFor.DATE: rf"\b(?:1\d|20)\d\d\b|\b{_MONTH}\b|\b{_DAY}\b|\b(?:siecle|century)\b",
    AskedFor.REASON: r"\bcar\b|parce qu|en raison d|afin d|\bpour\b|grace a|a cause d|puisqu|\bdue to\b|because|"
    r"in order to|\bsince\b|as a result|\bto\b",
}
_NAME = re.compile(
    r"(?<![.!?»] )(?<!^)(?:\b(?:M|MM|Mme|Mr|Mrs|Ms|Dr)\.? )?"  # the first word of a sentence has its capital anyway
    r"\b[A-ZÀ-Ý][\w’'-]+(?: (?:de |of |von |van )?[A-ZÀ-Ý][\w’'-]+)*"
)
_BEFORE_A_PLACE = re.compile(
    r"\b(?:à|en|aux?|dans|de|du|des|sur|vers|près d[eu]|[dl][’']|in|at|near|from|to|of)\s*(?:la |l[’']|the )?$"
)


def asked_for(question: str) -> AskedFor:
    """What kind of thing the question asks for; OTHER where its words do not tell."""
    # « où » loses its accent to folding, and would be "or"; typed without one it still opens its question.
    folded = fold(re.sub(r"\boù\b|^ou\b", "where", question.strip(), flags=re.IGNORECASE))
    matches = [(found.start(), kind) for kind, pattern in _PATTERNS if (found := pattern.search(folded))]
    return min(matches, key=lambda match: match[0], default=(0, AskedFor.OTHER))[1]


def agreement(kind: AskedFor, sentence: str, question_words: frozenset[str]) -> float:
    """How far a sentence holds what is asked for and the question did not say: 1 it does, 0 it does not."""
    if kind is AskedFor.OTHER:
        return 0.0
    if kind in (AskedFor.PERSON, AskedFor.PLACE):
        return _name_agreement(kind, sentence, question_words)
    folded = " ".join(fold(sentence).split())
    found = re.finditer(_ANSWERS[kind], folded)
    return float(any(not question_words.issuperset(surfaces(one.group())) for one in found))


def _name_agreement(kind: AskedFor, sentence: str, question_words: frozenset[str]) -> float:
    """1 for a new name of the form wanted, a half for another new name, else 0."""
    best = 0.0
    for name in _NAME.finditer(sentence):
        if question_words.issuperset(surfaces(name.group())):
            continue
        fits = " " in name.group() if kind is AskedFor.PERSON else _BEFORE_A_PLACE.search(sentence[: name.start()])
        best = max(best, 1.0 if fits else 0.5)
    return best
