"""Parts of a question exchanged whole: owners, ordinals, numbers, things, the year before. Pure."""

from __future__ import annotations

import re

from bot.follow_up.slots import Sort, slots
from bot.follow_up.topics import topics
from bot.follow_up.words import plain

ATTRIBUTE = re.compile(
    r"^(?:what|who|which|where|when|how|quel(?:le)?s?|qui|ou|quand|combien)(?:'s| is| was| are| were| "
    r"will be| est| etait| sont| etaient| sera)?\s+(?:the |la |le |les |l')(?P<noun>[\w-]+(?: "
    r"[\w-]+)?)(?= (?:of|in|for|at|on|to|de|du|des|d'\w+|pour|en|a|au)\b|$|')"
)
DETERMINED = re.compile(r"(?:the|a|an|its|their|his|her|le|la|les|l'|un|une|des|son|sa|ses|leur|leurs)\b ?")
SAYS = frozenset("you i we they he she it je tu nous vous ils elles on il elle".split())  # noqa: SIM905
_OWNER = re.compile(r"(?:the )?(?<![^\W\d_])(?P<who>[^\W\d_]++['’]s)", re.IGNORECASE)
_BEFORE = re.compile(
    r"(?:in |l'annee |en )?(?:the )?(?:(?:year|one) before|previous year|preceding year|d'avant|precedente|an dernier)"
)
_AFTER = re.compile(r"(?:in |l'annee |en )?(?:the )?(?:(?:year|one) after|following year|next year|d'apres|suivante)")
_ORDINAL = r"(?:first|second|third|fourth|last|premiere?|deuxieme|seconde?|troisieme|quatrieme|derniere?)"
_NTH = re.compile(rf"(?:in |for |at |au |a |en |pour )?(?:the |le |la )?(?P<nth>{_ORDINAL})(?: one)?")
_NTH_OF = re.compile(rf"(?P<nth>\b{_ORDINAL}) (?=[a-z])")
_NUMBERED = re.compile(r"(?:the |le |la |les )?\b(?P<number>\d+) ?(?P<noun>[a-z]{3,})")


def put(question: str, start: int, end: int, text: str) -> str:
    """The question with another text at a place."""
    return question[:start] + text + question[end:]


def _owner(question: str, fragment: str, _names: tuple[str, ...]) -> str | None:
    """Whose it is: "the women's" for "the men's"."""
    owner, place = _OWNER.fullmatch(fragment), _OWNER.search(question)
    return put(question, *place.span("who"), owner["who"]) if owner and place else None


def _nth(question: str, fragment: str, _names: tuple[str, ...]) -> str | None:
    """An ordinal for an ordinal: "in the second" after "in the first half"."""
    nth, place = _NTH.fullmatch(plain(fragment)), _NTH_OF.search(plain(question))
    return put(question, *place.span("nth"), fragment[slice(*nth.span("nth"))]) if nth and place else None


def _number(question: str, fragment: str, _names: tuple[str, ...]) -> str | None:
    """Another number of the same thing: "the 200 metres" for "the 100 metres"."""
    given = _NUMBERED.fullmatch(plain(fragment))
    for place in _NUMBERED.finditer(plain(question)) if given else ():
        if given and place["noun"] == given["noun"]:
            return put(question, *place.span("number"), given["number"])
    return None


def _thing_for_thing(question: str, fragment: str, names: tuple[str, ...]) -> str | None:
    """A thing for the one thing of the question, both with their article: "the opera house" for "the new library"."""
    given = topics(fragment)
    if not given or not DETERMINED.match(plain(fragment)) or slots(fragment, names):
        return None
    things = [topic for topic in topics(question, names) if topic.role is given[0].role]
    if len(things) != 1 or ATTRIBUTE.search(plain(question)) or SAYS.intersection(plain(fragment).split()):
        return None
    start = plain(question).find(plain(things[0].text))
    definite = DETERMINED.match(plain(things[0].text))
    return put(question, start, start + len(things[0].text), fragment) if definite and start >= 0 else None


def _next_or_before(question: str, fragment: str, _names: tuple[str, ...]) -> str | None:
    """The year of the question less or more one: "the year before", « l'année suivante »."""
    years = [slot for slot in slots(question) if slot.sort is Sort.YEAR and slot.text.isdigit()]
    step = -1 if _BEFORE.fullmatch(plain(fragment)) else 1 if _AFTER.fullmatch(plain(fragment)) else 0
    if not years or not step:
        return None
    return put(question, years[-1].start, years[-1].end, str(int(years[-1].text) + step))


WHOLE_PARTS = (_owner, _next_or_before, _nth, _number, _thing_for_thing)
"""Each takes a question, a fragment and known names, and gives the question with its part exchanged, or None."""
