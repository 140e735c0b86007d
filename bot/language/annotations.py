"""Quotations and injected orders of a release: found once, when it comes in, and kept with it.

`RULES` names the rules by which they were found. What other rules found is not used, and is found again at each
question until `communique rebuild` has looked through the store.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from bot.language.prompt_injection import instructions
from bot.language.quotations import Quotation, quotations

if TYPE_CHECKING:
    Spans = tuple[tuple[int, int], ...]

RULES = 2
"""To be raised whenever the rules of attribution or of prompt injection find something else in any text."""


class AnnotatedText(Protocol):
    """A text with what was found in it; releases fit, as they come in and as they are stored."""

    @property
    def text(self) -> str:
        """What the offsets of annotations count in."""
        ...

    @property
    def language(self) -> str | None:
        """ISO 639-1 code, or None."""
        ...

    @property
    def annotations(self) -> str | None:
        """What `annotate` gave for it, or None."""
        ...


@dataclass(frozen=True, slots=True)
class _Found:
    quotations: tuple[Quotation, ...]
    orders: Spans


def annotate(release: AnnotatedText) -> str:
    """The quotations and orders of a release as JSON, with the rules that found them."""
    said = [[one.start, one.end, one.speaker, one.reported] for one in quotations(release.text, release.language)]
    orders = instructions(release.text, release.language)
    return json.dumps({"rules": RULES, "quotations": said, "orders": orders}, ensure_ascii=False)


def quotations_of(release: AnnotatedText) -> tuple[Quotation, ...]:
    """Its quotations, in order."""
    found = _read(release.annotations) if release.annotations else None
    return found.quotations if found else quotations(release.text, release.language)


def orders_of(release: AnnotatedText) -> Spans:
    """Half-open offsets of its sentences that give orders to an assistant, in order."""
    found = _read(release.annotations) if release.annotations else None
    return found.orders if found else _orders(release.text, release.language)


@lru_cache(maxsize=512)
def _orders(text: str, language: str | None) -> Spans:
    return instructions(text, language)


@lru_cache(maxsize=512)
def _read(annotations: str) -> _Found | None:
    """What was found, or None where other rules found it."""
    found = json.loads(annotations)
    if found["rules"] != RULES:
        return None
    return _Found(
        tuple(
            Quotation(start, end, speaker, tuple(reported) if reported else None)
            for start, end, speaker, reported in found["quotations"]
        ),
        tuple((start, end) for start, end in found["orders"]),
    )
