"""Whether a quote bears a sentence out: its names stand there, and it is about the same thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.figures import find_figures
from vectorstore.words import fold, index_words, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.retrieve import Interaction
    from bot.write.check import Place

_NAME = re.compile(r"(?<![\w’'])[^\W\d_a-zà-ÿ][\w’'-]*")
_AROUND = 400  # characters on each side of a quote in which a name that it leaves out may stand
_SAME_NAME = 0.5  # cosine; « Finlande » and "Finland" have .86, "Denmark" and "Sweden" .15
_ABOUT = 0.12  # share of a sentence that its quote holds; unrelated ones share .05, free paraphrases .2
# Names that differ between languages or from text to text, and that no likeness of letters or use tells.
_ALSO = tuple(
    frozenset(group.split())
    for group in (
        "nato otan alliance atlantic atlantique",
        "eu ue union european europeen europeenne",
        "un onu united nations unies",
        "usa us eu united states etats-unis etats unis american americain americaine",
        "uk united kingdom royaume-uni royaume uni british britannique",
    )
)


def lacks_names(
    sentence: str, question: str, places: Sequence[Place], compares: Interaction | None, language: str | None
) -> bool:
    """Whether a sentence names what stands neither in its quotes, nor around them, nor in the question."""
    names = _names(sentence, places, language)
    if not names:
        return False
    context = [question, *(text for place in places for text in _around(place))]
    known = set().union(*(_forms(text, language) for text in context))
    known |= set().union(*(_forms(text, place.release.language) for place in places for text in _around(place)))
    left = [name for name in names if not _known(name, known, language)]
    if not left:
        return False
    return compares is None or not all(_has_alike(name, sentence, context, compares) for name in left)


def supports(sentence: str, places: Sequence[Place], compares: Interaction | None, language: str | None) -> bool:
    """Whether a quote is about what a sentence says; across languages only `compares` can tell."""
    quotes = [place.quote for place in places]
    if compares is not None:
        return float(compares.likeness(sentence, quotes).max()) >= _ABOUT
    if any(place.release.language != language for place in places):
        return True
    wanted = _forms(sentence, language)
    return any(not wanted.isdisjoint(_forms(quote, language)) for quote in quotes)


def _names(sentence: str, places: Sequence[Place], language: str | None) -> list[str]:
    """Its capitalised words; the first one not where the release has it in lower case: then it only opens."""
    dates = [(one.start, one.end) for one in find_figures(sentence, language)]
    found = []
    for match in _NAME.finditer(sentence):
        word = match.group().strip("’'-").removesuffix("'s").removesuffix("’s")
        if is_stop_word(word, language) or any(start <= match.start() < end for start, end in dates):
            continue
        opens = not any(map(str.isalnum, sentence[: match.start()]))
        if not (opens and any(_has_in_lower_case(word, place) for place in places)):
            found.append(word)
    return found


def _has_in_lower_case(word: str, place: Place) -> bool:
    stem = re.escape(word.lower().removesuffix("s"))
    return word[1:].islower() and bool(re.search(rf"\b{stem}s?\b", place.release.text))


def _around(place: Place) -> Iterable[str]:
    release = place.release
    yield release.text[max(0, place.start - _AROUND) : place.end + _AROUND]
    yield f"{release.title} {release.publisher or ''} {release.lead or ''}"


def _known(name: str, known: set[str], language: str | None) -> bool:
    folded = fold(name).casefold()
    forms = _forms(name, language) | {folded}
    return not known.isdisjoint(forms.union(*(group for group in _ALSO if folded in group)))


def _has_alike(name: str, sentence: str, context: Sequence[str], compares: Interaction) -> bool:
    start = sentence.find(name)
    for text in context:
        pieces = compares.align(sentence, text)
        inside = [one.likeness for one in pieces if start <= one.question[0] and one.question[1] <= start + len(name)]
        if inside and min(inside) >= _SAME_NAME:
            return True
    return False


def _forms(text: str, language: str | None) -> set[str]:
    return {*index_words(text, language), *(fold(word).casefold() for word in re.findall(r"\w+", text))}
