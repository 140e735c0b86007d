"""English pronouns replaced: "who chaired it?" becomes "who chaired the Madrid summit?"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.follow_up.slots import Sort, slots
from bot.follow_up.topics import EVENTS, OFFICES, THINGS, Role, topics
from bot.follow_up.words import AUXILIARY, content, plain

if TYPE_CHECKING:
    from bot.follow_up.antecedents import Antecedents

_NOUN = re.compile(
    r"\b(?P<which>this|that|these|those|the same|the said)\s+(?P<noun>(?!is\b|was\b|are\b|were\b|will\b|"
    r"has\b|had\b|did\b|mean|year\b|month\b|week\b|morning\b|time\b|season\b|quarter\b|summer\b|winter\b|"
    r"spring\b|autumn\b|decade\b|century\b|afternoon\b|evening\b)[a-z][\w-]{2,}(?:\s+(?!is\b|was\b|"
    r"in\b|of\b|on\b|and\b|to\b|for\b|at\b|by\b|will\b|are\b|were\b|has\b|have\b|had\b|take\b|cost\b|"
    r"begin\b|start\b|last\b|happen\b|end\b)[a-z][\w-]{2,})?)"
)
_DEFINITE = re.compile(
    r"\bthe (?P<noun>[a-z][\w-]+)(?!\s+(?:of|in|for|on|between|with|against|from|that|which|who|"
    r"'s)\b)(?![\w'-]|\s+[A-Z])"
)
_PERSON = re.compile(r"\b(?P<he>he|she|him|himself|herself)(?P<has>'s|'d|'ll)?\b|\b(?P<his>his|her|hers)\b")
_PLURAL = re.compile(r"\b(?P<they>they|them|themselves)\b|\b(?P<their>theirs?)\b")
_THERE = re.compile(
    r"\bthere\b(?!\s+(?:is|are|was|were|be|been|has|have|will|any|a|an|some|more|other|anything|something)\b)"
)
_IT = re.compile(
    rf"\b(?P<its>its)\b|\b(?P<it>it)\b(?P<is>'s)?|\b(?P<that>that|this)\b(?=\s*(?:$|[?.!,;]|"
    rf"(?:{AUXILIARY}|happen|take|mean|work|cost|matter|affect|apply|change|concern|come|last|start|"
    rf"begin|end|help|and|or|so|in|on|at|by|for|with|really|exactly|actually|now|yet)\b))|\b(?P<one>the "
    rf"latter|the former)\b"
)
_EXPLETIVE = re.compile(
    r"\b(?:is|was|are|were|will|has|have) there\b|\bit (?:is|was) (?:true|possible|important|necessary|"
    r"raining|likely|said)\b|\bis it (?:true|possible|important|necessary|likely|said)\b|\bwhat time is "
    r"it\b|\bhow is it that\b|\b(?:when|why|where) is it that\b"
)
_SAYS = re.compile(
    r"\b(?:say|said|says|think|thinks|thought|announce|announced|claim|believe|confirm|show|state|so|report)\s+$"
)


def without_pronouns(question: str, meant: Antecedents) -> str | None:
    """The question with its pronouns replaced; None where it has none, or nothing that they can stand for."""
    folded = plain(question)
    if found := _noun(question, folded, meant):
        return found
    quiet = _EXPLETIVE.sub(lambda hidden: " " * len(hidden.group()), folded)
    done = question
    changed = False
    for step in (_person, _plural, _there, _it):
        following = step(done, plain(done) if changed else quiet, meant)
        if following:
            done, changed = following, True
    return done if changed else None


def leans(question: str) -> bool:
    """Whether a question holds a pronoun that points out of it."""
    quiet = _EXPLETIVE.sub(" ", plain(question))
    return any(pattern.search(quiet) for pattern in (_PERSON, _PLURAL, _THERE, _IT, _NOUN))


def _put(question: str, found: re.Match[str], text: str) -> str:
    if not found.start():
        text = text[:1].upper() + text[1:]
    return question[: found.start()] + text + question[found.end() :]


def _noun(question: str, folded: str, meant: Antecedents) -> str | None:
    for found in _NOUN.finditer(folded):
        if found["which"] == "that" and _SAYS.search(folded[: found.start()]) and not _is_known(found["noun"]):
            continue
        for noun in (found["noun"], found["noun"].split()[0]):
            head = noun.split()[-1]
            end = found.start("noun") + len(noun)
            text = _named(head, meant, sure=True)
            if text:
                return question[: found.start()] + text + question[end:]
    named = any(slot.sort in (Sort.NAME, Sort.COUNTRY) for slot in slots(question))
    for found in _DEFINITE.finditer(question if question != question.lower() else folded):
        if not named and (text := _named(found["noun"], meant, sure=False)):
            return question[: found.start()] + text + question[found.end() :]
    return None


def _is_known(noun: str) -> bool:
    return any(word.removesuffix("s") in listed for word in noun.split() for listed in (EVENTS, THINGS, OFFICES))


def _named(head: str, meant: Antecedents, *, sure: bool) -> str | None:
    """What a noun means; where only "the" stands before it, an office or a common noun means nothing said before."""
    single = plain(head).removesuffix("s")
    if single in EVENTS or single in THINGS:
        return meant.headed(head) or meant.proper() or (meant.find("thing") if sure else None)
    if not sure:
        return None
    if single in OFFICES or single in ("guy", "lady", "person", "official", "politician"):
        return meant.find("person")
    if single in ("country", "countrie", "nation", "place", "city", "region", "state", "town"):
        return meant.find("place")
    return meant.headed(head) or meant.find("thing")


def _precedes(question: str, end: int, roles: tuple[Role, ...]) -> bool:
    """Whether the question itself names, before a pronoun, what it may stand for."""
    return any(topic.role in roles for topic in topics(question[:end]))


def _person(question: str, folded: str, meant: Antecedents) -> str | None:
    found = _PERSON.search(folded)
    if not found or _precedes(question, found.start(), (Role.PERSON,)):
        return None
    name = meant.find("person")
    if not name:
        return None
    owns = found["his"] in ("his", "hers") or (found["his"] == "her" and content_follows(folded, found.end()))
    return _put(question, found, f"{name}{found['has'] or ''}" if found["he"] else possessive(name) if owns else name)


def content_follows(folded: str, end: int) -> bool:
    """Whether a noun comes right after, as in "her speech"."""
    after = re.match(r"\s+([\w-]+)", folded[end:])
    return bool(after and content(after.group(1)))


def possessive(name: str) -> str:
    """A name that owns something: "Mark Rutte's", "the Allies'"."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _plural(question: str, folded: str, meant: Antecedents) -> str | None:
    found = _PLURAL.search(folded)
    if not found:
        return None
    own = _precedes(question, found.start(), (Role.PLURAL, Role.THING, Role.PLACE, Role.EVENT))
    counted = re.match(r"how many \w+|which \w+s\b|what \w+s\b", folded)
    if (own or counted) and found.group() != "them":
        return None
    name = meant.find("plural") or meant.find("person")
    return _put(question, found, possessive(name) if found["their"] else name) if name else None


def _there(question: str, folded: str, meant: Antecedents) -> str | None:
    found = _THERE.search(folded)
    if not found:
        return None
    event, place = meant.find("event"), meant.find("place")
    asked = [topic.role for topic in meant.asked]
    if event and (Role.EVENT in asked or not place):
        return _put(question, found, f"at {event}")
    if place and re.search(r"\b(?:from|to|near|around) $", folded[: found.start()]):
        return _put(question, found, place)
    if place:
        goes = re.search(
            r"\b(?:go|went|gone|travel|travell?ed|fly|flew|get|move|moved|return|returned|arrive)\s+$",
            folded[: found.start()],
        )
        return _put(question, found, f"{'to' if goes else 'in'} {place}")
    thing = meant.find("thing")
    return _put(question, found, f"at {thing}") if thing else None


def _it(question: str, folded: str, meant: Antecedents) -> str | None:
    found = _IT.search(folded)
    if not found:
        return None
    after, before = folded[found.end() :], folded[: found.start()]
    own = _precedes(question, found.start(), (Role.THING, Role.EVENT, Role.PLACE))
    if own and (
        found["its"] or (found["it"] and re.match(rf"\s+(?:{AUXILIARY}|want|need|hope|plan|intend|expect)", after))
    ):
        return None
    acts = (
        found["it"]
        and re.search(r"\b(?:did|does|do|has|have|had|will|would|can|could|may)\s+$", before)
        and after.strip(" ?.!")
    )
    text = meant.find("subject" if acts or found["its"] else "thing") or meant.find("person")
    if not text:
        return None
    written = possessive(text) if found["its"] else f"{text}{' is' if found['is'] else ''}"
    return _put(question, found, written)
