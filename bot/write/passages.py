"""Hits as a language model reads them: data between marks that no release can forge, each with a key of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.instructions import KEYS, plain
from bot.write import prompts

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from vectorstore.passage import Hit, StoredRelease

_PASSAGES = 8
_CHARACTERS = 12_000
_SHORT = 500  # characters; a shorter passage is given its paragraphs whole
_LETTERS = "bcdfghjkmnpqrstvwxz"  # no vowels: a key is never a word
_DIGITS = "23456789"


@dataclass(frozen=True, slots=True)
class Source:
    """A passage under the key that the model knows it by."""

    key: str
    release: StoredRelease
    text: str


def sources_of(hits: Sequence[Hit], chance: random.Random) -> tuple[Source, ...]:
    """The best passages as far as they go into one prompt; what is short comes with the paragraphs around it."""
    found: list[Source] = []
    spans: list[tuple[str, int, int]] = []
    left = _CHARACTERS
    for hit in hits:
        start, end = _widened(hit)
        if len(found) == _PASSAGES or any(_inside((hit.release.id, start, end), span) for span in spans):
            continue
        text = _as_data(hit.release.text[start:end])
        if found and len(text) > left:
            break
        left -= len(text)
        spans.append((hit.release.id, start, end))
        found.append(Source(_new_key(chance, {one.key for one in found}), hit.release, text[:_CHARACTERS]))
    return tuple(found)


def shown(sources: Sequence[Source], mark: str) -> str:
    """The passages for the prompt."""
    return "\n\n".join(
        prompts.PASSAGE.format(
            mark=mark,
            key=source.key,
            title=" ".join(_as_data(source.release.title).split()),
            publisher=" ".join(_as_data(source.release.publisher or "not known").split()),
            published=f"{source.release.published:%Y-%m-%d}" if source.release.published else "not known",
            text=source.text,
        )
        for source in sources
    )


def new_mark(chance: random.Random) -> str:
    """What stands around passages: nobody can have put it into a release."""
    return f"#{chance.getrandbits(48):012x}#"


def _as_data(text: str) -> str:
    """A text without what nobody sees, and without what could pass for one of our keys."""
    return KEYS.sub("", plain(text))


def _widened(hit: Hit) -> tuple[int, int]:
    start, end, text = hit.passage.start, hit.passage.end, hit.release.text
    if end - start >= _SHORT:
        return start, end
    first, last = text.rfind("\n\n", 0, start), text.find("\n\n", end)
    return (first + 2 if first >= 0 else 0), (last if last >= 0 else len(text))


def _inside(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    return one[0] == other[0] and other[1] <= one[1] and one[2] <= other[2]


def _new_key(chance: random.Random, taken: set[str]) -> str:
    while True:
        letters = [chance.choice(_LETTERS) for _ in range(3)]
        key = letters[0] + chance.choice(_DIGITS) + letters[1] + letters[2]
        if key not in taken:
            return key
