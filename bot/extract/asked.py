"""What a question asks for - a sum, a date, a name - and whether a sentence holds one that the question did not."""

from __future__ import annotations

import enum
import re

from bot.extract import quantities
from bot.extract.terms import fold, surfaces


class AskedFor(enum.Enum):
    """The kind of thing that would answer a question."""

    MONEY = "money"
    SHARE = "share"
    DURATION = "duration"
    DISTANCE = "distance"
    MEASURE = "measure"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    PLACE = "place"
    PERSON = "person"
    REASON = "reason"
    OTHER = "other"


QUANTITIES = frozenset(
    {
        AskedFor.MONEY,
        AskedFor.SHARE,
        AskedFor.DURATION,
        AskedFor.DISTANCE,
        AskedFor.MEASURE,
        AskedFor.NUMBER,
        AskedFor.AMOUNT,
    }
)
_OF_MONEY = r"(?:d'|de )?(?:euros?|francs?|dollars?|livres|pounds|chf|eur|usd)\b"
_WHICH = r"(?:what|which)(?: is| was| are| were)?(?: the| its| their)?"
_QUEL = r"quel(?:le)?s?(?: est| etait| sera| sont)?(?: la| le| les| l')?"

# Matched against the folded question. The earliest match decides, for « qui » and "when" further on open a clause; at
# one place the first of these does: "combien d'euros" is a sum before it is a number.
_QUESTIONS = (
    (AskedFor.MONEY, rf"{_QUEL} ?(?:sommes?|montants?|budgets?|prix|couts?|salaires?)"),
    (AskedFor.MONEY, rf"combien {_OF_MONEY}|combien (?:d'argent|\S+ ){{0,4}}(?:cela |ca )?(?:cout|rapport)"),
    (AskedFor.MONEY, rf"how much money|how many {_OF_MONEY}|{_WHICH} (?:amount|sum|budget|price|cost|salary)"),
    (AskedFor.MONEY, r"how much (?:did|does|do|will|would|has|have) (?:\S+ ){1,5}?(?:cost|pay|paid|spend|spent)\b"),
    (AskedFor.AMOUNT, r"how much\b|de combien (?!de |d')"),
    (AskedFor.DATE, r"quand\b|when\b|quelles? (?:annees?|dates?|periodes?|epoques?)"),
    (AskedFor.DATE, r"quels? (?:jours?|mois|siecles?)|(?:what|which) (?:years?|dates?|days?|months?|century|period)"),
    (AskedFor.SHARE, rf"{_QUEL} ?(?:parts?|proportions?|pourcentages?|taux|fractions?)|combien de pour ?cent"),
    (AskedFor.SHARE, rf"{_WHICH} (?:shares?|proportion|percent(?:age)?|rate|fraction)|how many per ?cent"),
    (
        AskedFor.DURATION,
        rf"(?:pendant |depuis |en )?combien d(?:e |')(?:temps|annees|ans|mois|jours)|{_QUEL} ?(?:duree|age)",
    ),
    (
        AskedFor.DURATION,
        r"how (?:old|many (?:years|months|weeks|days|hours))|how long (?:did|does|will|has|have|had|ago)",
    ),
    (AskedFor.DISTANCE, rf"{_QUEL} ?(?:distance|longueur|hauteur|superficie|largeur|profondeur)|how (?:far|tall|high)"),
    (AskedFor.DISTANCE, rf"{_WHICH} (?:distance|length|height|width|depth)"),
    (AskedFor.MEASURE, r"how long"),
    (AskedFor.NUMBER, r"combien\b|how (?:many|big|large|often)"),
    (
        AskedFor.NUMBER,
        rf"{_QUEL} ?(?:nombre|chiffre|quantite|taille|effectifs?|population)|{_WHICH} (?:number|figure|population)",
    ),
    (AskedFor.PLACE, r"where\b|quelles? (?:villes?|regions?|communes?|iles?|provinces?)"),
    (AskedFor.PLACE, r"quels? (?:pays|etats?|lieux?|endroits?|continents?|ports?)"),
    (AskedFor.PLACE, r"(?:what|which) (?:city|cities|country|countries|place|state|town|region|location|port)"),
    (AskedFor.REASON, r"pourquoi\b|why\b|quelles? (?:\w+ )?(?:la |les )?(?:raisons?|causes?)"),
    (AskedFor.REASON, r"what (?:is|are|was|were) the (?:reasons?|causes?)"),
    (AskedFor.PERSON, r"qui\b|whom?\b|whose\b|comment s'appelle|quels? (?:est|sont) les? noms?|what is the name"),
    (AskedFor.OTHER, r"que\b|qu'|quoi\b|comment\b|quel(?:le)?s?\b|what\b|which\b|how\b"),
)
_PATTERNS = [(kind, re.compile(rf"\b(?:{pattern})")) for kind, pattern in _QUESTIONS]
_ANSWERS = {
    AskedFor.MONEY: re.compile(quantities.MONEY),
    AskedFor.SHARE: re.compile(quantities.SHARE),
    AskedFor.DURATION: re.compile(quantities.DURATION),
    AskedFor.DISTANCE: re.compile(quantities.DISTANCE),
    AskedFor.MEASURE: re.compile(quantities.MEASURE),
    AskedFor.AMOUNT: re.compile(rf"{quantities.NUMBER}|{quantities.SHARE}"),
    AskedFor.DATE: re.compile(quantities.DATE),
    AskedFor.REASON: re.compile(quantities.REASON),
}
_COUNTED = re.compile(
    r"(?:combien d(?:e |'|es )|how many |nombre (?:total )?d(?:e |'|es )|number of )(?:the |les )?(\w+)"
)
# Words for one thing: who asks for soldiers is answered by troops. Kept to what is counted in any field.
_ALIKE = tuple(
    frozenset(group.split())
    for group in (
        "personne personnes gens hommes femmes soldat soldats militaire militaires troupes effectifs participants "
        "employes collaborateurs agents membres habitants people person persons soldiers troops personnel staff "
        "employees workers participants members men women inhabitants",
        "pays etats nations allies membres countries states nations allies members",
        "entreprises societes firmes compagnies companies firms businesses",
        "vehicules voitures vehicles cars",
        "avions appareils aircraft planes jets",
        "navires bateaux batiments ships vessels boats",
    )
)
_ALIKE_COUNTS = 0.85
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


def counted(question: str) -> tuple[str, frozenset[str]]:
    """The folded name of what a question counts, "soldiers" of "how many soldiers", and words for the like of it."""
    found = _COUNTED.search(fold(question))
    if not found:
        return "", frozenset()
    noun = found.group(1)
    return noun, frozenset({noun.removesuffix("s")}).union(*(group for group in _ALIKE if noun in group))


def agreement(
    kind: AskedFor,
    sentence: str,
    question_words: frozenset[str],
    things: tuple[str, frozenset[str]] = ("", frozenset()),
) -> float:
    """How far a sentence holds what is asked for and the question did not say: 1 it does, 0 it does not.

    A count of something like the `things` asked for is worth a little less, of anything else a half.
    """
    if kind is AskedFor.OTHER:
        return 0.0
    if kind in (AskedFor.PERSON, AskedFor.PLACE):
        return _name_agreement(kind, sentence, question_words)
    folded = " ".join(fold(sentence).split())
    if kind is AskedFor.NUMBER:
        return _count_agreement(folded, question_words, things)
    found = _ANSWERS[kind].finditer(folded)
    return float(any(not question_words.issuperset(surfaces(one.group())) for one in found))


def phrases(kind: AskedFor, sentence: str) -> list[tuple[str, str]]:
    """The sums, shares, dates or counts of a sentence, folded, each with the words after it where they are counted."""
    folded = " ".join(fold(sentence).split())
    if kind is AskedFor.NUMBER:
        return quantities.counts(folded)
    return [(one.group(), "") for one in _ANSWERS[kind].finditer(folded)]


def _count_agreement(folded: str, question_words: frozenset[str], things: tuple[str, frozenset[str]]) -> float:
    best = 0.0
    for number, after in quantities.counts(folded):
        if question_words.issuperset(surfaces(number)):
            continue
        noun, alike = things
        words = after.split()
        fits = 1.0 if not noun or noun in words else _ALIKE_COUNTS if not alike.isdisjoint(words) else 0.5
        best = max(best, fits)
    return best


def _name_agreement(kind: AskedFor, sentence: str, question_words: frozenset[str]) -> float:
    """1 for a new name of the form wanted, a half for another new name, else 0."""
    best = 0.0
    for name in _NAME.finditer(sentence):
        if question_words.issuperset(surfaces(name.group())):
            continue
        fits = " " in name.group() if kind is AskedFor.PERSON else _BEFORE_A_PLACE.search(sentence[: name.start()])
        best = max(best, 1.0 if fits else 0.5)
    return best
