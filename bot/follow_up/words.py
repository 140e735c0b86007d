"""Words of French and English that tell how a question is built."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = {"’": "'", "‘": "'", "‑": "-", "‐": "-", "\u00a0": " ", "\u202f": " "}
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")

_FUNCTION = (
    "a about after again all also am an and any are as at be because been before being between both but by can "
    "could did do does during each either else ever few for from further had has have having he her here him his "
    "how however i if in into is it its itself just long many may me might more most much must my no nor not now "
    "of off on once only or other our out over per same shall she should since so some such than that the their "
    "them then there these they this those through to too under until up upon us very was we were what when where "
    "whether which while who whom whose why will with within without would you your according exactly whats s t d "
    "ll re ve m please au aux avec avez avoir avons ce ceci cela celle celles celui ces cet cette ceux chez "
    "combien comme comment c dans de depuis des dont du durant elle elles en encore entre es est et etaient etait "
    "ete etes etre eu eux fait faut fut furent il ils j je jusqu l la laquelle le lequel les lesquelles lesquels "
    "leur leurs lors lui ma mais me meme memes mes moi mon n ne ni nos notre nous on ont ou par parce pas pendant "
    "peu peut plus pour pourquoi puis qu quand que quel quelle quelles quels qui quoi sa sans se selon sera "
    "serait seront ses si soit son sont sous sur t ta te tes toi ton tous tout toute toutes tres tu un une va "
    "vers vont vos votre vous y auquel duquel desquels ca avait avaient aura auront ai as ont peuvent pourrait "
    "doit doivent est-ce aussi alors ensuite donc selon exactement"
)
FUNCTION = frozenset(_FUNCTION.split())
"""Folded words that name nothing."""

AUXILIARY = (
    r"(?:did|does|do|was|were|is|are|will|would|has|have|had|can|could|should|may|might|must|shall|am|"
    r"didn't|doesn't|don't|wasn't|weren't|isn't|aren't|won't|hasn't|haven't)"
)
_ADJECTIVE = r"(?:long|big|large|old|far|high|tall|often|fast|soon|strong|deep|wide|heavy|expensive|important|well)"
_BEFORE = (
    r"(?:(?:in|on|at|by|for|from|to|with|of|since|until|under|during|about|against) |"
    r"(?:a|de|d'|en|dans|pour|par|avec|depuis|sur|sous|chez|contre|pendant|vers|jusqu'a) ?)"
)
ENGLISH_ASKING = (
    rf"(?:{_BEFORE})?(?:how (?:much|many|come|{_ADJECTIVE})|how|why|when|where|who|whom|whose|what|which)\b"
)
FRENCH_ASKING = (
    rf"(?:{_BEFORE})?(?:qu'est-ce qu(?:e |'|i )|est-ce qu(?:e |')|pourquoi|quand|combien|comment|ou|qui|que|quoi|"
    r"quel(?:le)?s?|lequel|laquelle|lesquel(?:le)?s|qu')(?:\b|(?<=[' ]))"
)
_FRENCH_SURE = re.compile(
    r"\b(?:le|la|les|des|du|une|est|et|qui|que|quoi|quel(?:le)?s?|quand|combien|pourquoi|comment|pour|dans|avec|sur|"
    r"au|aux|ete|ont|ce|cette|il|elle|ils|elles|oui|non|merci|je|tu|vous|nous|en|sont|etait|ca|cela|plus|c'est|pas)\b"
)
_ENGLISH_SURE = re.compile(
    r"\b(?:the|is|was|were|are|and|who|what|which|when|where|why|how|did|does|of|in|for|with|about|he|"
    r"she|they|it|his|"
    r"her|their|its|that|this|there|to|at|from|by|have|has|will|yes|no|thanks|tell|more|same|i|you|not)\b"
)


def plain(text: str) -> str:
    """The text without accents and case, character for character, with straight apostrophes and plain spaces."""
    return "".join(_SIGNS.get(sign) or unicodedata.normalize("NFD", sign)[0].lower()[:1] or sign for sign in text)


def content(text: str) -> list[str]:
    """The folded words of a text that name something, in its order."""
    return [word for word in _WORD.findall(plain(text)) if word not in FUNCTION]


def language_of(text: str) -> str | None:
    """The language that small words tell, or None where they tell none: a name alone belongs to both."""
    folded = plain(text)
    french, english = len(_FRENCH_SURE.findall(folded)), len(_ENGLISH_SURE.findall(folded))
    accents = len(re.findall(r"[àâçéèêëîïôûùœ]|\b[ldjnsc]['’]", text.lower()))
    french += 1 if accents else 0
    return None if french == english else "fr" if french > english else "en"


def bare(question: str) -> str:
    """A question without the mark at its end."""
    return " ".join(question.split()).rstrip(" ?!.…,;:")


def asked(text: str, language: str) -> str:
    """The text as a question: a capital at its head, the mark at its end as its language spaces it."""
    tidy = bare(re.sub(r"(?<!\s)\s++([,.])", r"\1", text))
    return f"{tidy[:1].upper()}{tidy[1:]}{' ?' if language == 'fr' else '?'}"
