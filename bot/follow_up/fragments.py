"""Whether a question stands alone, and what is left of one that does not: "Japan" of "and what about Japan?"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.follow_up.slots import slots
from bot.follow_up.words import AUXILIARY, ENGLISH_ASKING, FRENCH_ASKING, bare, content, plain

_FRAME = re.compile(
    r"\A(?>(?:and|et si|et|but|mais|also|aussi|ou|or|then|alors|sinon|puis|now|what if|so)\b,? )*"
    r"(?:(?:what|how) about|what of|(?:the )?same(?: (?:question|thing|one))?(?: but)?(?: (?:for|with|"
    r"about))|(?:the )?same (?=in |on |at |during )|likewise(?: for)?|ditto(?: for)?|"
    r"as for|(?:and )?regarding|concerning|with regard to|(?:et )?(?:qu'en est-il|qu'en est il|quid)(?: "
    r"(?=d[eu]\b|d'|des\b|en\b|au\b))?|(?:la )?(?:meme (?:question|chose)|pareil|idem|de meme)(?: "
    r"mais)?(?: (?=pour|avec|en|au|aux|a|dans|sur)\b)?|"
    r"(?:et )?(?:concernant|quant (?:a|aux?)|s'agissant d(?:e|u|es))|comment (?:ca|cela) se passe|can "
    r"you (?:do|say) the same for)\b,? ?"
)
_CONNECTED = re.compile(r"\A(?:(?:and|et|but|mais|also|or|then|puis|sinon)\b,? ?)+(?!\w*ait)")
_OF = re.compile(r"(?:(?:de la|du|des|de) |de l'|d')")
_PREPOSITION = re.compile(
    r"(?:in|on|at|by|for|from|to|with|of|since|before|after|until|during|about|against|under|over|"
    r"between|among|without|"
    r"en|dans|pour|par|avec|depuis|sur|chez|contre|pendant|durant|avant|apres|vers|entre|sans|au|aux|a|"
    r"du|des|de|d'|jusqu'(?:a|en))\b ?"
)
_COPULA = re.compile(r"(?:is|are|was|were|est|sont|etait|etaient|fut|what's|whats)\b")
_COUNTING = re.compile(r"\b(?:how many|how much|which|what|combien(?: de| d')?|quel(?:le)?s?)\b")
_ASKING = re.compile(rf"(?:{ENGLISH_ASKING}|{FRENCH_ASKING})")
_OPENING = re.compile(
    rf"(?:{ENGLISH_ASKING}|{FRENCH_ASKING}|{AUXILIARY} |tell |give |show |list |explain |describe |name |"
    rf"quote |find |summar|"
    r"dis |dis-|dites|donne|montre|liste|explique|decri|cite|nomme|resume|parle|a-t-|ont-|est-ce|y "
    r"a-t-il|est-il|sont-|peux-tu|"
    r"pouvez-vous|i |je |i'd |is there|are there|can you|could you|please |do you|je voudrais|j'aimerais|il y a)"
)
_VERB = re.compile(rf"\b(?:{AUXILIARY}|est|sont|ete|etait|etaient|sera|seront|a|ont|avait|avaient|va|vont|c'est)\b")


@dataclass(frozen=True, slots=True)
class Fragment:
    """What is left of a question without its frame; `is_framed` where "and", "what about" or the like opened it.

    `asks` is whether a question word opens the rest, `is_whole` whether the rest names by itself what it is about.
    """

    text: str
    is_framed: bool
    is_connected: bool
    asks: bool
    is_whole: bool


def fragment_of(question: str) -> Fragment:
    """The question taken apart."""
    wanted = bare(question)
    folded = plain(wanted)
    framed = _FRAME.match(folded)
    connected = _CONNECTED.match(folded)
    found = framed or connected
    text = wanted[found.end() :].strip(" ,") if found else wanted
    if framed and (of := _OF.match(plain(text))) and re.search(r"qu'en est|quid|s'agissant", framed.group()):
        text = _without_of(text, of)
    asks = bool(_ASKING.match(plain(text)))
    return Fragment(text, bool(found), bool(connected and not framed), asks, not framed and _is_whole(text, asks=asks))


def _without_of(text: str, of: re.Match[str]) -> str:
    """« du Japon » as « le Japon »."""
    article = {"du ": "le ", "des ": "les ", "de la ": "la ", "de l'": "l'"}.get(of.group(), "")
    return article + text[of.end() :]


def preposition(text: str) -> str:
    """The preposition that a fragment begins with, as written, or an empty string."""
    found = _PREPOSITION.match(plain(text))
    return text[: found.end()] if found and found.end() < len(text) else ""


def _is_whole(text: str, *, asks: bool) -> bool:
    folded = plain(text)
    words = content(text)
    if not words:
        return False
    if not _OPENING.match(folded):
        # Words typed for a search, or a sentence: neither leans on anything. A short noun does.
        return (
            len(words) >= 4
            or (len(words) >= 2 and bool(_VERB.search(folded)))
            or bool(re.search(rf"{_ASKING.pattern}", folded[1:]) and len(words) >= 2)
        )
    if not asks:
        return len(words) >= 2 or not re.match(rf"{AUXILIARY} ", folded)
    return _asks_of_something(text, folded, words)


def _asks_of_something(text: str, folded: str, words: list[str]) -> bool:
    """Whether a question with its question word names a thing: "Who won?" and "How many ships?" do not."""
    opening = _ASKING.match(folded)
    rest = folded[opening.end() :].strip() if opening else folded
    if slots(text) and _VERB.search(rest):
        return True
    if _COPULA.match(rest):
        return True
    if _COUNTING.match(folded):
        return len(words) >= 3 or (len(words) == 2 and bool(slots(text)))
    return len(words) >= 2
