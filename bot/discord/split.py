"""A long text in messages: cut between paragraphs, else sentences, else words; never inside a link or a quotation."""

from __future__ import annotations

import re

LIMIT = 2_000
"""Characters of a message."""

_WHOLE = re.compile(r"\[[^\[\]\n]*\]\([^()\s]*\)|<[^<>\s]*>|«[^«»]{1,1500}»|“[^“”]{1,1500}”|`[^`\n]*`|https?://\S+")
_CUTS = (re.compile(r"\n\n+"), re.compile(r"\n"), re.compile(r"(?<=[.!?…»”\]])\s+"), re.compile(r"\s+"))


def split(text: str, limit: int = LIMIT) -> list[str]:
    """The text in pieces of at most `limit` characters, none empty."""
    rest, pieces = text.strip(), []
    while len(rest) > limit:
        end, following = _cut(rest, limit)
        pieces.append(rest[:end].rstrip())
        rest = rest[following:].lstrip()
    return [piece for piece in [*pieces, rest] if piece]


def _cut(text: str, limit: int) -> tuple[int, int]:
    """Where the first piece ends and the next begins."""
    whole = [found.span() for found in _WHOLE.finditer(text, 0, limit + 1_600)]
    for pattern in _CUTS:
        places = [found.span() for found in pattern.finditer(text, 0, limit + 1)]
        for start, end in reversed(places):
            inside = any(first < start < last for first, last in whole)
            if start <= limit and start > limit // 4 and not inside:
                return start, end
    return limit, limit
