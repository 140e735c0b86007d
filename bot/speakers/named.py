"""People whom a text names together with what they are: "the Secretary General, Mark Rutte"."""

from __future__ import annotations

from bot.speakers.mentions import Kind, mentions, name_of
from bot.speakers.words import read


def named_with_office(text: str) -> tuple[str, ...]:
    """Each such mention as the text spells it, once, in its order; a name or an office alone is none."""
    words = read(text, 0, len(text))
    found = [one for one in mentions(words) if one.kind is Kind.PERSON and one.has_office and name_of(words, one)]
    return tuple(dict.fromkeys(text[words[one.first].start : words[one.last - 1].end] for one in found))
