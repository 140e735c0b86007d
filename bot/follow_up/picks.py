"""One of several releases picked by its number: "the second one", « le premier communiqué », "[2]"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.follow_up.words import plain

if TYPE_CHECKING:
    from bot.follow_up.last import Last
    from vectorstore.passage import StoredRelease

_NTH = {
    "first": 1, "1st": 1, "premier": 1, "premiere": 1, "1er": 1, "1ere": 1, "one": 1, "un": 1, "former": 1,
    "second": 2, "2nd": 2, "deuxieme": 2, "seconde": 2, "2e": 2, "2eme": 2, "two": 2, "deux": 2, "latter": 2,
    "third": 3, "3rd": 3, "troisieme": 3, "3e": 3, "3eme": 3, "three": 3, "trois": 3,
    "fourth": 4, "4th": 4, "quatrieme": 4, "4e": 4, "four": 4, "quatre": 4,
    "fifth": 5, "5th": 5, "cinquieme": 5, "5e": 5, "five": 5, "cinq": 5,
    "last": -1, "dernier": -1, "derniere": -1, "other": -2, "autre": -2,
}  # fmt: skip
_COUNTS = frozenset(("one", "un", "two", "deux", "three", "trois", "four", "quatre", "five", "cinq"))
_WORDS = "|".join(sorted(_NTH.keys() - _COUNTS, key=lambda word: (-len(word), word)))
_RELEASE = (
    r"(?:releases?|press releases?|articles?|results?|sources?|citations?|quotes?|links?|communiques?|"
    r"resultats?|liens?)"
)
_NAMED = re.compile(
    rf"\b(?:the |le |la |l')(?P<nth>{_WORDS})(?: (?:one|{_RELEASE})(?!\s+(?:of|in|from|on|about|de|du|"
    rf"des|en|sur|d'))(?: (?:you (?:showed|listed|mentioned|quoted)|listed|cite|quoted))?)?"
)
_ONLY = re.compile(
    rf"\A(?:(?:and |et )?(?:(?:what|how) about|tell me (?:more )?about|show me|open|give me|more (?:on|"
    rf"about)|more details on|expand on|summarize|summarise|let's see|i(?:'d| would)? (?:want|like|mean|"
    rf"meant)|"
    rf"montre[zs]?(?:-moi)?|ouvre[zs]?|donne[zs]?(?:-moi)?|parle[zs]?(?:-moi)? d(?:e |u )|(?:et )?pour|"
    rf"resume[zs]?|qu'en est-il de|plus sur|dis-m'en plus sur|je veux|je parle d(?:e |u )))?\s*+"
    rf"(?:(?:the |le |la |l')?(?P<nth>{_WORDS})(?: (?:one|{_RELEASE}))?|(?:number |numero |no\.? ?|n° ?|"
    rf"#|\[|source |release |citation |quote |le |la )?(?P<key>[1-9])\]?|{_RELEASE} (?:number |numero "
    rf")?(?P<named>one|two|three|four|five|[1-9]|un|deux|trois|quatre|cinq)|(?:number|numero|le numero) "
    rf"(?P<word>one|two|three|four|five|un|deux|trois|quatre|cinq))(?:,? (?:please|svp|s'il (?:te|vous) "
    rf"plait))?"
)


@dataclass(frozen=True, slots=True)
class Pick:
    """The release picked; `question` asks of it by its title, `is_bare` where the person asked nothing more."""

    release: StoredRelease
    question: str
    is_bare: bool


def picked(question: str, last: Last, language: str) -> Pick | None:
    """The release that a question picks among those shown; None where it picks none, or there are too few."""
    folded = plain(question).strip(" ?!.")
    if only := _ONLY.fullmatch(folded):
        by_key = only.group("key")
        release = (
            _of_key(by_key, last)
            if by_key
            else _nth(only.group("nth") or only.group("named") or only.group("word"), last)
        )
        return Pick(release, about([release], language), is_bare=True) if release else None
    for found in _NAMED.finditer(plain(question)):
        # "the first" alone inside a sentence is an ordinary number: "one" or the noun must follow.
        if not re.search(rf" (?:one|{_RELEASE})", found.group()):
            continue
        if release := _nth(found["nth"], last):
            named = f"« {release.title} »" if language == "fr" else f"“{release.title}”"
            return Pick(release, question[: found.start()] + named + question[found.end() :], is_bare=False)
    return None


def about(releases: list[StoredRelease], language: str) -> str:
    """The question for what releases say, by their titles."""
    titles = list(dict.fromkeys(release.title for release in releases))
    if language == "fr":
        named = " et ".join(f"« {title} »" for title in titles)
        return f"Que {'disent les communiqués' if len(titles) > 1 else 'dit le communiqué'} {named} ?"
    named = " and ".join(f"“{title}”" for title in titles)
    return f"What do the releases {named} say?" if len(titles) > 1 else f"What does the release {named} say?"


def _of_key(key: str, last: Last) -> StoredRelease | None:
    """The release of the citation that was shown as [key]; after a refusal the one at that place."""
    cited = next((one.release for one in last.answer.citations if one.key == key), None)
    return cited or (_nth(key, last) if last.answer.refusal or len(last.offered) > 1 else None)


def _nth(word: str, last: Last) -> StoredRelease | None:
    offered = last.offered
    number = int(word) if word.isdigit() else _NTH[word]
    if number == -2:
        return offered[1] if len(offered) == 2 else None
    if len(offered) < 2 or not (number == -1 or 1 <= number <= len(offered)):
        return None
    return offered[-1] if number == -1 else offered[number - 1]
