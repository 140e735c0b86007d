"""One part of the last question exchanged for another of its kind: country for country, year for year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.follow_up.countries import bare_name, placed_french
from bot.follow_up.fragments import preposition
from bot.follow_up.slots import TIMES, Slot, Sort, slots
from bot.follow_up.whole import ATTRIBUTE, DETERMINED, SAYS, WHOLE_PARTS, put
from bot.follow_up.words import bare, content, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOUND = re.compile(r"\b(?:since|before|after|until|depuis|avant|apres|des|jusqu'en|jusqu'a)\b")
_TIME_BEFORE = re.compile(
    r"\b(?:in|on|at|of|for|since|before|after|until|during|en|au|aux|a|de|du|depuis|avant|apres|pour|"
    r"pendant|durant|des|le|jusqu'en)(?: the)? $"
)
_OF_FORMS = r"(?:de la |de l'|du |des |de |d')"
_INVERTED = re.compile(r"(-t)?-(?:il|elle|ils|elles)\b")
_COUNTED = re.compile(
    r"\b(?:how many|how much|combien d(?:e |')|number of|nombre d(?:e |'|es )|which|what|quel(?:le)?s? "
    r")(?: ?the )? ?(?P<noun>[^\W\d_]{3,})"
)


def exchanged(question: str, fragment: str, language: str, known: Iterable[str] = (), old: str = "") -> str | None:
    """The question with the parts of the fragment in the place of parts of their kind; None where none fits.

    `old` names what is to go, where the person said so.
    """
    names = tuple(known)
    wanted = bare(question)
    if old and (place := re.search(rf"(?<!\w){re.escape(plain(old))}(?!\w)", plain(wanted))):
        return wanted[: place.start()] + fragment + wanted[place.end() :]
    for step in WHOLE_PARTS:
        if following := step(wanted, fragment, names):
            return following
    new = slots(fragment, names)
    done, rest = wanted, 0
    for slot in new:
        following = _one(done, slot, fragment, language, names)
        rest += following is None
        done = following or done
    if not new or rest == len(new):
        return _by_noun(wanted, fragment) if not new else None
    return done


def _one(question: str, new: Slot, fragment: str, language: str, known: tuple[str, ...]) -> str | None:
    old = slots(question, known)
    if new.sort in TIMES:
        return _time(question, new, fragment, old)
    if new.sort in (Sort.COUNTRY, Sort.NATIONAL):
        return _country(question, new, fragment, old, language)
    if new.sort in (Sort.ORDINAL, Sort.NUMBER):
        return _same_noun(question, new, [slot for slot in old if slot.sort is new.sort])
    return _name(question, new, fragment, [slot for slot in old if slot.sort in (Sort.NAME, Sort.COUNTRY)])


def _time(question: str, new: Slot, fragment: str, old: tuple[Slot, ...]) -> str | None:
    times = [slot for slot in old if slot.sort in TIMES]
    if not times:
        return None
    lead = _lead(fragment, new)
    same = [slot for slot in times if slot.sort is new.sort]
    if same and new.sort is not Sort.RELATIVE:
        start, text = same[-1].start, new.text
        before = _TIME_BEFORE.search(plain(question[:start]))
        if before and lead and (_BOUND.search(plain(lead)) or _BOUND.search(before.group())):
            start, text = before.start(), lead + text
        return put(question, start, same[-1].end, text)
    if new.sort is Sort.MONTH and times[-1].sort is Sort.YEAR:
        return put(question, times[-1].start, times[-1].start, f"{new.text} ")
    if new.sort is Sort.PART and times[-1].sort is Sort.YEAR:
        joint = "de" if re.search(r"tre$|moitie|re ", plain(new.text)) else "of"
        return _whole_time(question, times, f"{lead}{new.text} {joint} {times[-1].text}")
    return _whole_time(question, times, f"{lead}{new.text}")


def _whole_time(question: str, times: list[Slot], text: str) -> str:
    """All that the question says of time, with its preposition, gives way."""
    start = times[0].start
    before = _TIME_BEFORE.search(plain(question[:start]))
    if before and (preposition(text) or not re.match(r"(?:19|20)\d\d", text)):
        start = before.start()
    return put(question, start, times[-1].end, text)


def _lead(fragment: str, new: Slot) -> str:
    """The preposition and article before a part of the fragment."""
    found = re.search(r"(?:^|(?<=\s))(?:[^\W\d_]+(?:['’]|\s+))(?:(?:the|la|le|les)\s+|l['’])?$", fragment[: new.start])
    said = found.group() if found else ""
    return said if preposition(said + "x") or preposition(said + new.text) else ""


def _country(question: str, new: Slot, fragment: str, old: tuple[Slot, ...], language: str) -> str | None:
    assert new.country is not None
    lead = plain(preposition(fragment)).strip()
    places = [slot for slot in old if slot.sort is Sort.COUNTRY]
    adjectives = [slot for slot in old if slot.sort is Sort.NATIONAL]
    if new.sort is Sort.NATIONAL and adjectives:
        return put(question, adjectives[0].start, adjectives[0].end, _adjective(new, adjectives[0], language))
    if places:
        chosen = _by_preposition(question, places, lead) or places[0]
        return _place(question, chosen, new, language)
    if adjectives:
        return put(question, adjectives[0].start, adjectives[0].end, _adjective(new, adjectives[0], language))
    named = [slot for slot in old if slot.sort is Sort.NAME and _is_where(question, slot)]
    if named and lead in ("", "in", "at", "en", "au", "aux", "a", "for", "pour"):
        chosen = named[-1]
        start = len(re.sub(r"(?:in|at|à|a|au|en|À)\s+$", "", question[: chosen.start]))
        text = placed_french("en ", new.country, was=None)[1] if language == "fr" else f"in {new.country.english}"
        return put(question, start, chosen.end, text)
    return None


def _is_where(question: str, slot: Slot) -> bool:
    return bool(re.search(r"\b(?:in|at|à|a|au|en) $", question[: slot.start]))


def _place(question: str, old: Slot, new: Slot, language: str) -> str:
    assert new.country is not None
    if language == "en":
        name = new.country.english if plain(new.text).islower() else new.text
        name = (
            bare_name(new.country, "en") if name.startswith("the ") and question[: old.start].endswith("the ") else name
        )
        start = old.start
        return put(question, start, old.end, new.country.english if not question[:start].endswith("the ") else name)
    cut, text = placed_french(question[: old.start], new.country, was=old.country)
    done = put(question, old.start - cut, old.end, text)
    after = old.start - cut + len(text)
    pronoun = (
        ("ils" if new.country.plural else "il") if new.country.masculine else "elles" if new.country.plural else "elle"
    )
    found = _INVERTED.search(done, after, after + 40)
    return put(done, found.start(), found.end(), f"{found.group(1) or ''}-{pronoun}") if found else done


def _is_feminine(spelt: str, male: str, female: str) -> bool:
    return male != female and bool(re.fullmatch(rf"{plain(female)}s?", plain(spelt)))


def _adjective(new: Slot, old: Slot, language: str) -> str:
    assert new.country is not None
    if language == "en":
        return new.country.english_adjective
    male, female = new.country.french_adjectives
    form = female if old.country and _is_feminine(old.text, *old.country.french_adjectives) else male
    plural = (
        plain(old.text).endswith("s")
        and old.country is not None
        and not plain(old.country.french_adjectives[0]).endswith("s")
    )
    plural = plural or plain(old.text).endswith("es")
    return f"{form}s" if plural and not form.endswith("s") else form


def _same_noun(question: str, new: Slot, old: list[Slot]) -> str | None:
    same = [slot for slot in old if content(slot.text)[-1:] == content(new.text)[-1:]] or old
    return put(question, same[0].start, same[0].end, new.text) if same else None


def _name(question: str, new: Slot, fragment: str, old: list[Slot]) -> str | None:
    """A name for a name: at the same preposition, of the same shape, the first of all; for a country only by place."""
    lead = plain(preposition(fragment)).strip()
    names = [slot for slot in old if slot.sort is Sort.NAME]
    at = _by_preposition(question, old, lead)
    if at is None and lead in ("in", "at", "a", "au", "en"):
        at = next((slot for slot in old if _is_where(question, slot) or slot.sort is Sort.COUNTRY), None)
        if at is None:  # "and in Zurich?" after "the zoo of Basel"
            owners = [slot for slot in names if re.search(r"\b(?:of|de|du|d['’])\s?$", question[: slot.start])]
            return put(question, owners[-1].start, owners[-1].end, new.text) if owners else None
    if at is None and lead and lead not in ("for", "pour", "from", "of", "de", "d'", "du"):
        return None
    alike = [slot for slot in names if slot.text.isupper() == new.text.isupper()]
    many = [slot for slot in alike if (" " in slot.text) == (" " in new.text)]
    chosen = at or next(iter(many or alike or names), None)
    if chosen is None:
        # No name, but a place: a town is asked for in the place of a country.
        chosen = next((slot for slot in old if not lead), None)
    if chosen is None:
        return None
    start, text = chosen.start, new.text
    if lead and (joined := re.search(rf"\s{re.escape(lead)}\s*(?=\S+$)", plain(chosen.text))):
        return put(question, start + joined.end(), chosen.end, text)  # the owner alone: « PDG de Airbus »
    if at is not None and lead and fragment[: new.start].strip():
        start = _lead_start(question, chosen)
        text = fragment[: new.end]
    elif re.search(r"(?:^|\s)(?:the|le|la|les|l['’])\s?$", fragment[: new.start], re.IGNORECASE) and not lead:
        start, text = _with_article(question, chosen, fragment[: new.end])
    return put(question, start, chosen.end, text)


def _with_article(question: str, old: Slot, text: str) -> tuple[int, str]:
    """A name with its article, where the old one had an article that it takes the place of."""
    before = re.search(r"(?:\bthe |\ble |\bla |\bles |l['’])(?:(?:19|20)\d\d )?$", question[: old.start], re.IGNORECASE)
    return (before.start(), text) if before else (old.start, text)


def _lead_start(question: str, slot: Slot) -> int:
    found = re.search(r"(?:^|(?<=\s))[^\W\d_]+(?:['’]|\s+)(?:(?:the|la|le|les)\s+|l['’])?$", question[: slot.start])
    return found.start() if found and preposition(found.group() + "x") else slot.start


def _by_preposition(question: str, old: list[Slot], lead: str) -> Slot | None:
    """The part that stands after the same preposition."""
    if not lead:
        return None
    wanted = next((group for group in (("in", "at"), ("en", "au", "aux", "a")) if lead in group), (lead,))
    for slot in old:
        before = plain(question[: slot.start])
        if any(re.search(rf"\b{form} ?(?:the |la |le |les |l')?$", before) for form in wanted):
            return slot
    return None


def _by_noun(question: str, fragment: str) -> str | None:
    """A common noun for the one that is counted, or for the attribute that is asked for."""
    lead = preposition(fragment)
    folded = plain(question)
    if not SAYS.isdisjoint(plain(fragment).split()):
        return None  # a sentence is no noun
    if lead:
        alike = _OF_FORMS if re.fullmatch(_OF_FORMS, plain(lead)) else re.escape(plain(lead))
        place = re.search(
            rf"(?<!\w){alike}(?:the |les? |la |l')?[^\W\d_]+(?=$| (?:in|on|at|by|for|from|of|en|"
            rf"dans|pour|par|avec|sur|a)\b)",
            folded,
        )
        return question[: place.start()] + fragment + question[place.end() :] if place else None
    determined = DETERMINED.match(plain(fragment))
    noun = fragment[determined.end() :] if determined else fragment
    if found := ATTRIBUTE.search(folded):
        start = found.start("noun")
        if determined:
            start = re.search(r"(?:the |la |le |les |l')$", folded[:start]).start()  # type: ignore[union-attr]
            return question[:start] + fragment + question[found.end("noun") :]
        return question[:start] + noun + question[found.end("noun") :]
    if (found := _COUNTED.search(folded)) and len(noun.split()) <= 3:
        return question[: found.start("noun")] + noun + question[found.end("noun") :]
    return None
