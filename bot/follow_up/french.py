"""French pronouns replaced: « qui l'a présidé ? » becomes « qui a présidé le sommet de Madrid ? »."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.follow_up.countries import contracted, in_french
from bot.follow_up.slots import Sort, slots
from bot.follow_up.topics import EVENTS, OFFICES, THINGS, Role, topics
from bot.follow_up.words import FRENCH_ASKING, plain

if TYPE_CHECKING:
    from bot.follow_up.antecedents import Antecedents

_NOUN = re.compile(
    r"\b(?:ce|cet|cette|ces|le meme|la meme)\s+(?!annee|mois|semaine|jour|soir|matin|qu|que|qui|sont|n'|"
    r"dernier|derniere|ete\b)(?:(?:grand|grande|nouveau|nouvelle|meme|premier|premiere|dernier|"
    r"derniere)\s+)?(?P<noun>[a-z][\w-]{2,})(?:-la|-ci)?"
)
_DEFINITE = re.compile(
    r"\b(?:le |la |l')(?P<noun>[a-z][\w-]+)(?!['\w-]|\s+(?:de|du|des|d|pour|en|au|aux|a|sur|entre|avec|"
    r"contre|que|qui)\b)"
)
_INVERTED = re.compile(
    rf"^(?P<ask>(?:{FRENCH_ASKING})?\s*+(?:(?:de |d')?[\w-]++\s++(?:(?:de |du |des |d'|a )[\w-]++\s++){{0,2}})?)"
    rf"(?P<clitic>(?:ne |n'|s'|se |l'|les |lui "
    rf"|leur |y |en )*+)(?P<verb>[a-z']++)(?:-t)?-(?P<who>il|elle|ils|elles|ce)\b"
)
_SUBJECT = re.compile(
    r"(?:(?<![\w-])|(?<=qu'))(?P<who>il|elle|ils|elles)\b(?! y a\b| faut\b| s'agit\b| est (?:vrai|"
    r"possible|prevu|question)\b)"
)
_OBJECT = re.compile(
    r"\b(?P<le>l'|la |le |les )(?=(?:a|ont|avait|avaient|aura|aurait|est|etait)\b|(?:a|ont)-t-|ai\b|"
    r"as\b)|(?<=qui )(?P<present>la |le |les |l')(?=\w+(?:e|ent|it|ait|t|nd)\b(?! (?:de|du|des|d'|"
    r"plus)\b))"
)
_LUI = re.compile(
    r"\b(?P<lui>lui|leur) (?=[a-z]+(?:-t-|-|\b))|\b(?:(?P<prep>pour|avec|contre|de|a|chez|sur|selon|"
    r"d'apres|par|vers|sans) (?P<him>lui|elle|eux|elles|celui-ci|celle-ci|ceux-ci))\b"
)
_Y = re.compile(r"(?<!il )(?<!n')\by (?!a(?:vait)?(?:-t-il)?\b(?! (?:ete|participe|assiste)))(?=\w)|\bla-bas\b")
_EN = re.compile(
    r"(?:\b|(?<=qu')|(?<=s')|(?<=m')|(?<=n'))en (?=(?:a|ont|est|sont|fait|font|parle|parlent|pense|"
    r"pensent|dit|disent|sera|etait|avait|resulte|fera)\b)"
)
_CELA = re.compile(
    r"\b(?:cela|ca|ceci|celui-ci|celle-ci|ceux-ci|celles-ci)\b|\bc'(?=est|etait|sera)|(?<=est-)ce\b(?! qu)"
)
_OWN = re.compile(r"\b(?P<own>son|sa|ses|leurs?) (?P<noun>(?:[a-z][\w'-]*))")
_THE = {"son": "le", "sa": "la", "ses": "les", "leur": "le", "leurs": "les"}


def without_pronouns(question: str, meant: Antecedents) -> str | None:
    """The question with its pronouns replaced; None where it has none, or nothing that they can stand for."""
    if found := _noun(question, meant):
        return found
    done, changed = question, False
    for step in (_inverted, _subject, _object, _indirect, _there, _of_it, _this, _own):
        if following := step(done, meant):
            done, changed = following, True
            break
    # « Quand a-t-il pris ses fonctions » has one antecedent for both.
    return done if changed else None


def leans(question: str) -> bool:
    """Whether a question holds a pronoun that points out of it."""
    folded = plain(question)
    inverted = _INVERTED.search(folded)
    return bool(inverted and not _expletive(inverted)) or any(
        pattern.search(folded) for pattern in (_SUBJECT, _OBJECT, _LUI, _Y, _EN, _CELA, _NOUN)
    )


def _expletive(found: re.Match[str]) -> bool:
    verb, asks_what = found["verb"].strip(), re.search(r"\bqu['e]", found["ask"])
    if (
        verb.endswith(("est", "s'est")) and found["who"] == "il" and asks_what
    ):  # « qu’est-il arrivé », « que s’est-il passé »
        return True
    return (
        verb in ("faut", "pleut", "s'agit", "agit") or (found["clitic"].strip() == "y" and verb in ("a", "avait"))
    ) and found["who"] == "il"


def _noun(question: str, meant: Antecedents) -> str | None:
    folded = plain(question)
    for found in _NOUN.finditer(folded):
        noun = found["noun"]
        single = noun.removesuffix("s")
        if single in OFFICES or single in ("personne", "monsieur", "responsable", "politique"):
            text = meant.find("person")
        elif single in ("pays", "ville", "region", "pay", "endroit", "lieu", "etat"):
            text = meant.find("place")
        elif single in EVENTS or single in THINGS:
            text = meant.headed(noun) or meant.proper() or meant.find("thing")
        else:
            text = meant.headed(noun)
        if text:
            return _in_place(question, found.start(), found.end(), text)
    named = any(slot.sort in (Sort.NAME, Sort.COUNTRY) for slot in slots(question))
    for found in _DEFINITE.finditer(folded):
        known = found["noun"] in EVENTS or found["noun"] in THINGS
        text = (meant.headed(found["noun"]) or meant.proper()) if known and not named else None
        if text:
            return _in_place(question, found.start(), found.end(), text)
    return None


def _in_place(question: str, start: int, end: int, text: str) -> str:
    """A name for a noun; « de » and « à » before it run into its article."""
    before = re.search(r"\b(de|à|a) $", question[:start], re.IGNORECASE)
    if before and before.group(1).lower() in ("de", "à", "a"):
        return (
            question[: before.start()]
            + contracted("de " if before.group(1).lower() == "de" else "à ", text)
            + question[end:]
        )
    return question[:start] + text + question[end:]


def _whom(who: str, meant: Antecedents) -> str | None:
    """« il » is a person before it is a thing, « ils » are several before they are one."""
    if who in ("ils", "elles", "eux", "leur", "leurs", "ceux-ci", "celles-ci", "les"):
        return meant.find("plural") or meant.find("person")
    asked = [topic.role for topic in meant.asked]
    if meant.answered or Role.PERSON in asked or not asked:
        return meant.find("person") or meant.find("thing")
    return meant.find("subject") or meant.find("person")


def _inverted(question: str, meant: Antecedents) -> str | None:
    found = _INVERTED.search(plain(question))
    if not found or _expletive(found):
        return None
    plural = found["who"] in ("ils", "elles")
    if plural and re.match(r"(?:combien d|quel(?:le)?s )", found["ask"]):
        return None
    topic_inside = any(topic.role is not Role.PLURAL for topic in topics(question[: found.start("clitic")]))
    text = (
        None
        if topic_inside
        else meant.find("thing") or meant.find("person")
        if found["who"] == "ce"
        else _whom(found["who"], meant)
    )
    if not text:
        return None
    if _answers_who(found["ask"], found["verb"], meant):
        text = meant.find("person") or text
    return _with_subject(question, found, text)


def _with_subject(question: str, found: re.Match[str], text: str) -> str:
    """The inverted question with its subject named."""
    copula = re.match(r"(?:est|sont|etait|etaient|sera|fut)$", found["verb"])
    rest = question[found.end() :]
    if copula and not rest.strip(" ?!."):
        return f"{question[: found.end('verb')]} {text}{rest}"
    at = found.start("clitic") if found["clitic"] else found.start("verb")
    head = question[:at].rstrip()
    if plain(head).endswith("qu'"):  # « Qu’ont-ils décidé » : « Qu’est-ce que les ministres ont décidé »
        return f"{head}est-ce que {text} {question[at : found.end('verb')]}{rest}"
    if not head:
        return f"{text} {question[at:]}"
    return f"{head} {text} {question[at:]}"


def _answers_who(ask: str, verb: str, meant: Antecedents) -> bool:
    """Whether only a person does it: « que dit-il », « quel âge a-t-elle »."""
    del meant
    return bool(
        re.search(r"\bage\b", ask)
        or re.fullmatch(r"dit|declare|pense|affirme|promet|annonce|explique|disait|estime", verb)
    )


def _subject(question: str, meant: Antecedents) -> str | None:
    found = _SUBJECT.search(plain(question))
    if not found or topics(question[: found.start()]):
        return None
    text = _whom(found["who"], meant)
    if text and re.match(
        r"\s+(?:a |avait |ont )?(?:dit|declare|pense|affirme|promis|annonce|ne)\b", plain(question[found.end() :])
    ):
        text = (meant.find("person") or text) if found["who"] in ("il", "elle") else text
    if not text:
        return None
    before = question[: found.start()]
    if plain(before).endswith("qu'"):
        before = before[:-1] + "e "
    return f"{before}{text}{question[found.end() :]}"


def _object(question: str, meant: Antecedents) -> str | None:
    found = _OBJECT.search(plain(question))
    if not found:
        return None
    text = meant.find("plural") if plain(found.group()).strip() == "les" else meant.find("one") or meant.find("person")
    return _appended(question, found, text) if text else None


def _appended(question: str, found: re.Match[str], text: str) -> str:
    """The pronoun gone from before its verb, what it means at the end."""
    left = question[: found.start()] + question[found.end() :]
    body = left.rstrip(" ?!.\u00a0\u202f")
    return f"{body} {text}"


def _indirect(question: str, meant: Antecedents) -> str | None:
    found = _LUI.search(plain(question))
    if not found:
        return None
    who = found["lui"] or found["him"]
    if found["prep"]:
        if (
            topics(question[: found.start()])
            and who not in ("celui-ci", "celle-ci")
            and not any(t.role in (Role.PERSON, Role.PLURAL) for t in meant.asked)
        ):
            return None
        text = _whom({"lui": "il"}.get(who, who), meant)
        preposition = question[found.start("prep") : found.end("prep")]
        joined = contracted(f"{preposition} ", text) if text else ""
        return question[: found.start()] + joined + question[found.end() :] if text else None
    text = meant.find("person") or _whom("il", meant) if who == "lui" else _whom("leur", meant)
    return _appended(question, found, contracted("à ", text)) if text else None


def _there(question: str, meant: Antecedents) -> str | None:
    found = _Y.search(plain(question))
    if not found:
        return None
    event = meant.find("event") if any(topic.role is Role.EVENT for topic in meant.asked) else None
    place = next((topic for topic in (*meant.asked, *meant.told) if topic.role is Role.PLACE), None)
    if event:
        return _appended(question, found, contracted("à ", event))
    if place:
        return _appended(question, found, in_french(place.country) if place.country else f"à {place.text}")
    thing = meant.find("event") or meant.find("thing")
    return _appended(question, found, contracted("à ", thing)) if thing else None


def _of_it(question: str, meant: Antecedents) -> str | None:
    found = _EN.search(plain(question))
    text = (meant.find("thing") or meant.find("person")) if found else None
    if not found or not text:
        return None
    if plain(question[: found.start()]).endswith("qu'"):
        question = question[: found.start() - 1] + "e " + question[found.start() :]
        found = _EN.search(plain(question)) or re.search(r"en (?=\w)", plain(question))
    return _appended(question, found, contracted("de ", text)) if found else None


def _this(question: str, meant: Antecedents) -> str | None:
    found = _CELA.search(plain(question))
    text = (meant.find("thing") or meant.find("person")) if found else None
    if not found or not text:
        return None
    if found.group() == "c'":
        return (
            f"{question[: found.start()]}{text}, {question[found.start() :]}"
            if not question[: found.start()].strip()
            else f"{text} : {question}"
        )
    if found.group() == "ce":
        return f"{text} : {question}"
    return question[: found.start()] + text + question[found.end() :]


def _own(question: str, meant: Antecedents) -> str | None:
    found = _OWN.search(plain(question))
    if not found or topics(question[: found.start()]):
        return None
    text = _whom("ils" if found["own"].startswith("leur") else "il", meant)
    if not text:
        return None
    noun = question[found.start("noun") : found.end("noun")]
    article = _THE[found["own"]]
    vowel = plain(noun)[:1] in "aeiouyh" and article != "les"
    named = f"l’{noun}" if vowel else f"{article} {noun}"
    before = re.search(r"\b(de|à|a) $", question[: found.start()])
    start = before.start() if before else found.start()
    named = contracted("de " if before.group(1) == "de" else "à ", named) if before else named
    return f"{question[:start]}{named} {contracted('de ', text)}{question[found.end() :]}"
