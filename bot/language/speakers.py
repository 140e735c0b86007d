"""Whose words a question asks for, and about what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.language import lexicon
from bot.language.lexicon import read_words
from bot.language.mentions import Kind, Mention, name_of, named_with_office
from bot.language.offices import is_body, is_by, is_portfolio
from bot.language.quotations import Quotation, overlapping, quotations
from vectorstore.text import table
from vectorstore.text.words import fold, fold_aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WHO, _TOPIC = r"(?P<who>.+?)", r"(?P<topic>.*)"
_OF = re.compile(r" (?:de l'|de la |du |des |de |d')(?=\w)")
_LONGEST_NAME = 12
_LONGEST_PLAIN = 5  # words of a name without an office
_LONGEST_QUESTION = 400  # characters; the forms below look for their parts again and again


def _any(listed: Iterable[str]) -> str:
    """A pattern for any of some words; « d… » takes the article along."""
    return f"(?:{'|'.join(listed)})".replace("d…", "d(?:e |u |es |')")


def _english() -> Iterator[str]:
    function = table("function_words")
    say, about, view = (
        _any(table("reporting_verbs")["asked"]["say"]),
        _any(function["about"]["en"]),
        _any(function["view"]["en"]),
    )
    asking = r"(?:(?:can|could) you (?:tell me|quote)|tell me|i want to know|do you know)?\s*"
    reacted = r"(?:react(?:ed)?|respond(?:ed)?|comment(?:ed)?|repl(?:y|ied))\b"
    was, did = r"(?:was|is|were|are|has been)", r"(?:did|does|do|has|had|have)"
    on = rf"(?: (?:on|about|regarding|concerning) {_TOPIC})?$"
    behind = rf"(?: anything| something)?(?: {about}\b)? ?{_TOPIC}"
    yield rf"{asking}what(?: else| exactly)? {did} {_WHO}(?: ever| also| exactly)? {say}\b{behind}"
    yield rf"(?:how|why) (?:did|does|do|has|have|is|was) {_WHO} {reacted}(?: (?:to|about|on))? ?{_TOPIC}"
    to = r"on|about|to|regarding|concerning|towards"
    yield rf"what {was} (?:the )?{view} (?:of|from|by) {_WHO}(?: (?:{to}) {_TOPIC})?$"
    yield rf"what {was} {_WHO}(?:'s|s') (?:\w+ )?{view}(?: (?:{to}?|of|after) {_TOPIC})?$"
    sur = _any(function["about"]["fr"])
    yield rf"(?:please )?(?:quote|cite) {_WHO}(?: (?:on|about|regarding|concerning|{sur}) ?{_TOPIC})?$"
    yield rf"(?:.{{0,30}}\b)?(?:quotes?|quotations?|statements?|words|comments?) (?:from|by|of) {_WHO}{on}"


def _french() -> Iterator[str]:
    function = table("function_words")
    dit, sur, view = (
        _any(table("reporting_verbs")["asked"]["dire"]),
        _any(function["about"]["fr"]),
        _any(function["view"]["fr"]),
    )
    on = rf"(?: {sur} ?{_TOPIC})?$"
    to = rf"(?: (?:{sur}|(?:a la|a l'|aux?|a|en)\b) ?{_TOPIC})?$"
    me = r"(?:dites?-moi |peux-tu me dire |pouvez-vous me dire )?"
    what = r"(?:qu'est-ce que |qu'est-ce qu'|ce que )"
    yield rf"{me}(?:qu'(?:est-ce qu')?|ce qu')(?:a|avait|ont|aurait) (?:bien )?{dit}e? {_WHO}{to}"
    yield rf"{me}{what}?{_WHO} (?:a|avait|ont) (?:\w+ )?{dit}(?: quoi)?{to}"
    yield rf"{what}{_WHO} {dit}{on}"
    yield rf"(?:que|comment) (?:repond(?:ait)?|reagi(?:t|ssait)) {_WHO} (?:a la |a l'|aux? |a ){_TOPIC}"
    held = r"(?:tenus?|eus?|faits?|donnes?)"
    yield rf"quels? (?:propos|mots|commentaires?|avis) {_WHO} a-t-(?:il|elle) {held}{on}"
    yield rf"(?:que|qu'en|quoi) {dit} {_WHO}{to}"
    reacted = r"(?:a-t-(?:il|elle)|ont-ils) (?:reagi|repondu|commente)"
    yield rf"comment {_WHO} {reacted}(?: {sur}| au?x?| l[ae]s?)? ?{_TOPIC}"
    yield rf"comment (?:a|ont|reagit|a donc) (?:reagi |repondu |commente ){_WHO}{to}"
    inverted = r"(?:a-t-(?:il|elle)|pense-t-(?:il|elle)|dit-(?:il|elle))"
    yield rf"(?:que |qu'en |quoi )?(?:{_WHO}) {inverted} ?(?:{dit})?{on}"
    was = r"(?:est|a ete|etait|sont|fut|ont ete)"
    yield rf"quel(?:le)?s? {was} l(?:a |e |es |'){view} (?:de |du |des |d'){_WHO}{to}"
    yield rf"(?:cite(?:z|r)?(?:[- ]moi)?) (?:les (?:mots|propos) (?:de |du |d'))?{_WHO}{on}"
    yield rf"(?:.{{0,30}}\b)?(?:citations?|declarations?|propos) (?:de |du |d'){_WHO}{on}"


_FORMS = tuple(re.compile(rf"\A(?:{form})", re.DOTALL) for form in (*_english(), *_french()))
"""How words are asked for, matched against the folded question, whose letters stand where the question's stand."""

_VERBATIM = re.compile(rf"\b(?:{_any(table('reporting_verbs')['asked']['verbatim'])}|quot\w+)\b")
_NOBODY = frozenset(table("function_words")["nobody"]["words"].split())


@dataclass(frozen=True, slots=True)
class SaidBy:
    """Whose words are asked for, as the question names them.

    `verbatim` is whether nothing but their words will do, as for "say"; a position may be told in other words.
    """

    speaker: str
    verbatim: bool = True


def asked_speaker(question: str) -> SaidBy | None:
    """The person whose words a question asks for; None where it asks for nobody's.

    None for "who said …", for a document (« que dit la loi ») and for a body that its name tells (NATO, « la
    Commission »): what a body says is what its releases say, whoever speaks in them. A name that does not tell
    ("Acme") passes for a person's, and `is_by` then asks whether quotations are bound to it.
    """
    plain = " ".join(question.split()).strip(" ?!.…\u00a0")
    if len(plain) > _LONGEST_QUESTION:
        return None
    looked_up = fold_aligned(plain)
    for form in _FORMS:
        found = form.fullmatch(looked_up)
        if not found:
            continue
        who = _spelt(plain, found, "who")
        speaker = who if _spelt(plain, found, "topic") else _less_topic(who)
        if is_somebody(speaker, cased=_is_cased(plain)):
            return SaidBy(speaker, verbatim=bool(_VERBATIM.search(looked_up)))
    return None


def _spelt(plain: str, found: re.Match[str], group: str) -> str:
    start, end = found.span(group)
    return plain[start:end].strip(" ,;:") if start >= 0 else ""


def _less_topic(who: str) -> str:
    """Without « sur » the office keeps what is its own: « le ministre de la Défense de l'Ukraine »."""
    places = [found.span() for found in _OF.finditer(fold_aligned(who))]
    starts = [place[0] for place in places] + [len(who)]
    for (start, end), (_, upto) in zip(places, pairwise(starts), strict=True):
        if not _completes(who[:start], who[end:upto]):
            return who[:start]
    return who


def _completes(before: str, after: str) -> bool:
    """Whether what stands after « de » belongs to the name before it: a portfolio, a body, a particle."""
    last = fold(before).split()[-1]
    ministry = fold(before).split()
    if is_portfolio(after):
        return True
    if any(word.startswith("minist") for word in ministry):
        return "etat" in fold(after) or "charge" in last
    office = any(lexicon.is_person(word) for word in ministry)
    body = fold(after).replace("l'", "").split()[0] in lexicon.BODIES
    return office and (after[:1].isupper() or body)


def _is_cased(question: str) -> bool:
    """Whether capitals tell names: not in a question that is typed without any, or in nothing else."""
    return not question.isupper() and any(map(str.isupper, question[1:]))


def is_somebody(who: str, *, cased: bool = True) -> bool:
    """Whether words name a person, by name or by office; not a body, a document or a pronoun."""
    words = read_words(who, 0, len(who))
    plain = [word for word in words if word.is_word]
    folded = [word.folded for word in plain]
    if not plain or len(plain) > _LONGEST_NAME or any(word in _NOBODY for word in folded):
        return False
    office = any(lexicon.is_person(word) for word in folded)
    if office or folded[0] in lexicon.TITLES:
        return not _is_document_first(folded)
    thing = folded[0] in lexicon.DETERMINERS or any(word in lexicon.DOCUMENTS | lexicon.BODIES for word in folded)
    acronym = cased and all(word.text.isupper() and len(word.text) > 1 for word in plain)
    if thing or acronym or (len(plain) == 1 and is_body(who)):
        return False
    clause = any(lexicon.is_stop(word) or word[0].isdigit() for word in folded)
    small = any(not word.is_cap and word.folded not in lexicon.PARTICLES for word in plain)
    return not clause and not (cased and small) and len(plain) <= _LONGEST_PLAIN


def _is_document_first(folded: list[str]) -> bool:
    """Whether a document or body comes before the office: « le rapport du ministre » is a report."""
    for word, following in zip(folded, [*folded[1:], ""], strict=True):
        if lexicon.is_person(word):
            return False
        if (word in lexicon.DOCUMENTS or word in lexicon.BODIES) and following in lexicon.OF:
            return True
    return False


_ANYTHING = " “so many words stand here in all.”"


_UNQUOTED = r"[^“”«»\"]{3,}$"
_VERBS = _any(table("reporting_verbs")["reported"]["verbs"])
_ACCORDING = r"^(?:According to|In the (?:words|view) of|Selon|D['’]après)\b[^“”«»\",]{2,80}(?P<after>,)"
_SAID = rf"\b(?P<joint>that|que|qu['’])\s?{_UNQUOTED}|\b(?P<verb>{_VERBS})\s{_UNQUOTED}"
_REPORTED = re.compile(rf"{_SAID}|{_ACCORDING}\s{_UNQUOTED}", re.IGNORECASE)
"""What is reported, as far as the end of its sentence; it becomes a quotation, so that one reading finds both."""


def is_said_by(  # noqa: PLR0913 - a place in a text, whose it may be, and what is known already
    text: str,
    start: int,
    end: int,
    language: str | None,
    wanted: str,
    *,
    known: Sequence[str] = (),
    quoted: Sequence[Quotation] | None = None,
) -> bool:
    """Whether text[start:end] holds words, quoted or reported, that the text binds to this speaker.

    Who is "Mark Rutte" in one paragraph may be "the Secretary General" by another one of the same text, or as other
    texts know them (`known_elsewhere`). `quoted` are the text's quotations, if they are known.
    """
    named = {one.speaker for one in overlapping(text, start, end, language, quoted) if one.speaker}
    if not named and (reported := reported_speaker(text[start:end], language)):
        named = {reported}
    if any(is_by(one, wanted) for one in named):
        return True
    forms = (*_known_as(text, language, wanted), *known) if named else ()
    return any(is_by(full, one) for full in forms for one in named)


def known_elsewhere(texts: Iterable[tuple[str, str | None]], wanted: str) -> tuple[str, ...]:
    """In which forms texts, each with its language, introduce whoever is asked for; none where they are several people.

    "The finance minister" is the one person whom the texts call that, by name.
    """
    forms = {full for text, language in texts for full in _known_as(text, language, wanted)}
    surnames = {full: _surname(full) for full in forms}
    named = tuple(sorted(full for full in forms if surnames[full]))
    return named if len({surnames[full] for full in named}) == 1 else ()


def _surname(full: str) -> str:
    words = read_words(full, 0, len(full))
    name = name_of(words, Mention(0, len(words), Kind.PERSON, has_office=True))
    return name[-1] if name else ""


def is_unbound(
    text: str, start: int, end: int, language: str | None, quoted: Sequence[Quotation] | None = None
) -> bool:
    """Whether text[start:end] holds somebody's words, and the text binds no speaker to them."""
    found = overlapping(text, start, end, language, quoted)
    return bool(found) and all(one.speaker is None for one in found)


def reported_speaker(sentence: str, language: str | None) -> str | None:
    """Whom a sentence gives words to, quoted or reported: "Mark Rutte" in "Mark Rutte said that Allies agreed".

    None where it gives them to nobody, or to a body or a document.
    """
    readings = [sentence]
    if reported := _REPORTED.search(sentence):
        end = max(reported.end("joint"), reported.end("after"), reported.end("verb"))
        readings.append(sentence[:end] + _ANYTHING)
    speakers = (one.speaker for text in readings for one in quotations(text, language) if one.speaker)
    found = next(speakers, None)
    return found if found and is_somebody(found) else None


@lru_cache(maxsize=512)
def _known_as(text: str, language: str | None, wanted: str) -> tuple[str, ...]:
    """In which forms a text introduces whoever is asked for."""
    return tuple(full for full in _introduced(text, language) if is_by(full, wanted))


@lru_cache(maxsize=512)
def _introduced(text: str, language: str | None) -> tuple[str, ...]:
    """Whoever a text names with their office, in a quotation's clause or elsewhere."""
    speakers = (one.speaker for one in quotations(text, language) if one.speaker)
    return tuple(dict.fromkeys([*speakers, *named_with_office(text)]))
