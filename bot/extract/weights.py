"""How much each word of a question counts: names and figures most, words of asking least."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from bot.extract.terms import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.extract.terms import Term

_LIGHT_FRENCH = """
    montant montants somme sommes nombre nombres part parts pays annee annees an ans date dates jour jours mois total
    type types sorte nom noms temps lieu endroit ville raison raisons cause role partie fois moyens minimum maximum
    etre avoir doit doivent devra peut peuvent veut veulent va vont faire fait font fera ferait dire dit disent donner
    donne mettre met prendre pris aller venir vient viennent arrive appelle appeler appelee appele trouve trouver
    situe situee existe compte comptent encore aussi deja recemment actuellement actuel actuelle selon quelqu chose
    choses savoir sait connait est-ce s'agit agit cree passe passer reste tenir tenu tenue lieu permet permettre
    dispose disposer utilise utiliser employe employes sert servir concerne prevu prevue
"""
_LIGHT_ENGLISH = """
    amount amounts sum sums number numbers share country countries year years date dates day days month months total
    kind kinds type types sort name names time times place city reason reasons cause role part parts
    say says said tell told give gives gave given make makes made get gets got go goes went gone come comes came take
    takes took taken happen happened happens call called long much many last supposed still also already ever current
    currently recently according thing things know known want wants need needs use used uses let put set find located
    exist exists going doing play plays work works become became
"""
_LIGHT = frozenset(f"{_LIGHT_FRENCH} {_LIGHT_ENGLISH}".split())
_LIGHT_COUNTS = 0.3
_NAME_COUNTS = 1.6
_UNSEEN_COUNTS = 0.6  # in small corpora a word is missing as often because people put it otherwise

_WORD = re.compile(r"[^\W_]+")
_AFTER_AN_ARTICLE = re.compile(
    r"(?:\b(?:les?|la|des?|du|aux?|une?|ce|cette|ces|sa|son|ses|leurs?|the|an?|of|its|his|her|their)\s+|\b[ld][’'])"
    r"([^\W_]+)",
    re.IGNORECASE,
)


def is_light(term: Term) -> bool:
    """Whether a word only asks: « montant », "number", "say"."""
    return term.surface in _LIGHT


def weigh(asked: Sequence[Term], held: Counter[Term], texts: int, names: frozenset[Term]) -> Mapping[Term, float]:
    """The weight of each word of a question; they sum to 1.

    `held` says how many of the `texts` hold it: what all of them hold tells nothing apart. What none holds is taken for
    rare, but of less weight than what can be found, unless it is among the `names`.
    """
    raw = {}
    for term in asked:
        weight = math.log(1 + texts / (held[term] + 1))
        if term in names:
            weight *= _NAME_COUNTS
        elif is_light(term):
            weight *= _LIGHT_COUNTS
        elif not held[term]:
            weight *= _UNSEEN_COUNTS
        raw[term] = weight
    total = sum(raw.values())
    return {term: weight / total for term, weight in raw.items()}


def weighty(question: str, asked: Sequence[Term], names: frozenset[Term]) -> tuple[Term, ...]:
    """Those words of a question whose absence tells something: names, figures, and what follows an article."""
    nouns = set(_AFTER_AN_ARTICLE.findall(question))
    return tuple(term for term in asked if term in names or (term.word in nouns and not is_light(term)))


def names_among(question: str, asked: Sequence[Term], texts: Iterable[str]) -> frozenset[Term]:
    """The words of a question that are names or figures.

    They are known by how they are written there or, as people type in lower case, in the texts.
    """
    capitals: Counter[str] = Counter()
    small: Counter[str] = Counter()
    wanted = {term.surface for term in asked}
    for text in texts:
        for place, word in enumerate(_WORD.findall(text)):
            if (surface := fold(word)) in wanted:
                if word[0].isupper():
                    capitals[surface] += 1 if place else 0
                else:
                    small[surface] += 1
    first = (_WORD.findall(question) or [""])[0]
    return frozenset(
        term
        for term in asked
        if any(map(str.isdigit, term.word))
        or (len(term.word) > 1 and term.word.isupper() and not question.isupper())
        or capitals[term.surface] > 2 * small[term.surface]
        or (term.word[0].isupper() and term.word != first and not small[term.surface])
    )
