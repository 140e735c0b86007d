"""Reporting verbs in French and English, and where a group of words holds one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bot.language.attribution.lexicon import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.language.attribution.words import Word

_REGULAR = """
    add stress explain comment warn recall remark reiterat not stat announc declar emphasis emphasiz
    conclud welcom continu
    observ respond argu insist claim confirm underlin underscor highlight affirm assert tweet acknowledg
    agre ask urg pledg
    promis predict reveal shar enthus exclaim suggest reflect describ call hail prais caution jok quip express elaborat
    reaffirm maintain contend opin recount echo counter mus hop summaris summariz advis stipulat post report question
    shout quip cheer declar answer interject lament complain concur critici conced interven propos detail detaill outlin
"""
_IRREGULAR = """
    say says said saying tell tells told telling write writes wrote writing admit admits admitted
    admitting reply replies
    replied replying clarify clarifies clarified clarifying testify testifies testified think thinks thought believe
    believes believed believing spoke speaks speaking points pointed pointing put puts went quoted quips quipped
"""
_ER = """
    declar ajout soulign precis indiqu expliqu affirm estim rappel rappell constat comment annonc insist
    assur confi relev
    not remarqu observ confirm resum martel martell regrett alert plaid lanc argument analys detaill
    temoign racont jug salu
    felicit enthousiasm inquiet reconn revel deplor denonc avanc gliss exclam interrog complet nuanc
    tranch consider pens
    esper souhait exhort remerci revendiqu lament desol etonn indign ironis plaisant signal proclam preconis recommand
    anticip conseill retorqu repliqu illustr reaffirm rassur encourag hasard not mentionn evoqu specifi
"""
_OTHER = """
    dit dire disait disent disant dits poursuit poursuivi poursuivait poursuivre poursuivant poursuivent conclut conclu
    conclure concluait concluant rejouit rejoui rejouie rejouir rejouissait rejouissant rejouissent
    reconnait reconnaissait
    reconnu soutient soutenu soutenait previent prevenu repond repondu repondait repondre ecrit ecrivait ecrire promet
    promis admet admis avertit averti garantit garanti defend rencherit rencheri applaudit applaudi reagit
    reagi reagissait
    parle parlait parlent reprend repris croit convient surencherit interjette appris
"""
_EN_ENDINGS = ("e", "es", "s", "ed", "d", "ing", "")
_FR_ENDINGS = ("e", "ee", "es", "ees", "ent", "ait", "aient", "a", "erent", "ant", "er", "era", "eait", "ea")
ENGLISH = frozenset(_IRREGULAR.split()) | {
    stem + end for stem in _REGULAR.split() for end in _EN_ENDINGS if end or stem[-1] != "t"
}
FRENCH = frozenset(_OTHER.split()) | {stem + end for stem in _ER.split() for end in _FR_ENDINGS}
ALL = ENGLISH | FRENCH
# What they report may be a thing by its name: « a lancé le programme « … » », "announced the “…” award".
WEAK = frozenset(
    stem + end
    for stem in [
        "lanc",
        "annonc",
        "present",
        "propos",
        "reveal",
        "announc",
        "shar",
        "post",
        "answer",
        "welcom",
        "salu",
        "evoqu",
        "detail",
        "outlin",
        "report",
        "recommand",
        "detaill",
        "not",
        "signal",
        "declar",
        "recall",
        "rappel",
        "rappell",
        "mention",
        "nomme",
        "critiqu",
        "dedi",
        "lanc",
    ]
    for end in (*_EN_ENDINGS, *_FR_ENDINGS)
) - {"declared", "declare"} | {"soutient", "soutenu", "promis", "promises"}
_FAIRE = frozenset(["fait", "faisait", "ferait"])
_FAIRE_WHAT = frozenset(["valoir", "savoir", "remarquer", "observer", "part"])
_LEADS = frozenset(["tient", "tenu", "tenait", "tenant", "voulu", "souhaite", "veut", "tenus", "tenue"])
AUXILIARIES = frozenset(
    ["a", "ont", "avait", "avaient", "aurait", "est", "etait", "sera", "aura", "has", "had", "have", "will", "was"]
)
_CLITICS = frozenset(["s'", "se", "l'", "lui", "nous", "y", "en", "leur", "m'", "me", "vous"])
FILLERS = frozenset(
    folded(
        """
        pour sa part à son tour de côté quant lui elle par ailleurs en outre ainsi notamment également
        aussi encore ensuite
        alors enfin toutefois d' autre plus propos sujet ce cet cette occasion déjà bien d'ailleurs ailleurs même hier
        lundi mardi mercredi jeudi vendredi samedi dimanche matin soir aujourd'hui
        also then later further today recently yesterday earlier then again went on to monday tuesday wednesday thursday
        friday saturday sunday as reportedly himself herself now however in turn
        """
    ).split()
)
_PREPOSITIONS = frozenset(("pour", "par", "de", "a", "en", "d'", "to", "on", "in", "as"))
_PHRASES = tuple(
    tuple(phrase.split())
    for phrase in [
        "par exemple",
        "par ailleurs",
        "pour sa part",
        "de son cote",
        "a son tour",
        "en outre",
        "a ce propos",
        "a ce sujet",
        "a cet egard",
        "a cette occasion",
        "en substance",
        "en conclusion",
        "pour conclure",
        "d' ailleurs",
        "on monday",
        "on tuesday",
        "on wednesday",
        "on thursday",
        "on friday",
        "on saturday",
        "on sunday",
        "in a statement",
        "quant a lui",
        "quant a elle",
    ]
)
_INVERTED = re.compile(r"\A(.+?)-(?:t-)?(il|elle|ils|elles|on|je)$")
_ING = re.compile(r"(?:ing|ant)$")


class Verb(NamedTuple):
    """The words[first:last] of a verb group; `pronoun` where it holds its subject: « a-t-il ajouté »."""

    first: int
    last: int
    pronoun: str
    is_participle: bool


def known(language: str | None) -> frozenset[str]:
    """The folded forms of the language's reporting verbs; of both languages where it is neither."""
    return {"en": ENGLISH, "fr": FRENCH}.get(language or "", ALL)


def verb_from(words: Sequence[Word], first: int, forms: frozenset[str]) -> Verb | None:
    """The verb group that begins at words[first]."""
    at, pronoun, fillers, auxiliary = first, "", 0, False
    while at < len(words) and at - first < 9:
        word = words[at].folded
        base, said_by = _uninverted(word)
        pronoun = pronoun or said_by
        if end := _core(words, at, base, forms):
            return Verb(first, end, pronoun, bool(_ING.search(base)))
        if base in AUXILIARIES and not auxiliary:
            auxiliary = True
        elif (
            (base in _CLITICS and at - first < 3)
            or base in _LEADS
            or (base == "a" and at > first and words[at - 1].folded in _LEADS)
        ):
            pass
        elif (auxiliary or base.endswith("ly")) and fillers < 6 and (base in FILLERS or base.endswith(("ment", "ly"))):
            fillers += 1
        else:
            return None
        at += 1
    return None


def verb_to(words: Sequence[Word], core: int, forms: frozenset[str], lowest: int) -> Verb | None:
    """The verb group whose main verb is words[core], with the helpers and fillers before it."""
    base, pronoun = _uninverted(words[core].folded)
    end = _core(words, core, base, forms)
    if not end or (words[core].is_cap and core > lowest):
        return None
    first = core
    while first > lowest:
        before, said_by = _uninverted(words[first - 1].folded)
        helper = before in AUXILIARIES or before in _CLITICS or before in _LEADS or before in FILLERS
        if not (helper or before.endswith(("ly", "ment"))) or before in {"elle", "lui"}:
            break
        pronoun = pronoun or said_by
        first -= 1
    # « de son côté » and the like are no part of « le ministre de … »: the group starts at its first helper only.
    return Verb(first, end, pronoun, bool(_ING.search(base)))


def _uninverted(word: str) -> tuple[str, str]:
    found = _INVERTED.match(word)
    return (found[1], found[2]) if found else (word, "")


def _core(words: Sequence[Word], at: int, base: str, forms: frozenset[str]) -> int:
    """Where the main verb at words[at] ends; 0 where there is none."""
    after = words[at + 1].folded if at + 1 < len(words) else ""
    if base in _FAIRE and after in _FAIRE_WHAT:
        return at + 2
    if base in {"put", "puts"}:
        return at + 2 if after == "it" else 0
    if base in {"points", "pointed", "pointing"}:
        return at + 2 if after == "out" else 0
    if base == "went" or base not in forms:
        return 0
    return at + 1


def past_fillers(words: Sequence[Word], at: int) -> int:
    """Past « par ailleurs », "on Monday", « jeudi »; never past the « par » of « lancé par le Centre »."""
    while at < len(words):
        following = tuple(word.folded for word in words[at : at + 3])
        length = next((len(one) for one in _PHRASES if following[: len(one)] == one), 0)
        if not length and (following[0] in FILLERS - _PREPOSITIONS or following[0].endswith(("ment", "ly"))):
            length = 0 if all(word.is_cap for word in words[at : at + 2]) else 1  # Kelly Salomon is no adverb
        if not length:
            return at
        at += length
    return at
