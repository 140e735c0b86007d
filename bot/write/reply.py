"""A language model's reply as claims, read while it comes: JSON lines, and whatever models make of them."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vectorstore.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

# An object or a list around the claims: {"sentences": [ … ]}. What is inside is read one by one.
_WRAPPING = re.compile(r"\{\s*[\"“']?(?:sentences|answers?|claims|response|results?)[\"”']?\s*:\s*\[", re.IGNORECASE)
_TRAILING = re.compile(r",(?=\s*[}\]])")
_SENTENCE = ("sentence", "text", "phrase", "claim", "answer")
_KEY = ("key", "id", "source", "passage")
_QUOTE = ("quote", "citation", "extract")
_IN_BRACKETS = re.compile(r"\[([a-z0-9]{3,8})\]", re.IGNORECASE)
_IN_MARKS = re.compile(r"«([^«»]+)»|“([^“”]+)”|\"([^\"]+)\"")
_LONGEST = 20_000  # characters of a reply that are read


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote as the model gives it, with the key of the passage that it says to quote."""

    key: str
    quote: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the model with its quotes; a bare `declined` says that the passages hold no answer."""

    sentence: str = ""
    quotes: tuple[Quoted, ...] = ()
    declined: bool = False


class ReplyReader:
    """Reads a reply piece by piece; `feed` gives each claim as soon as it is whole."""

    def __init__(self) -> None:
        self._text = ""
        self._read = 0
        self._any = False

    def feed(self, piece: str) -> Iterator[Claim]:
        """The claims that this piece completes."""
        self._text = (self._text + piece)[:_LONGEST]
        while (claim := self._next()) is not None:
            yield from claim

    def end(self) -> Iterator[Claim]:
        """What is left: a reply without any JSON is read as prose; half an object counts for nothing."""
        if not self._any:
            yield from _prose(self._text)

    def _next(self) -> list[Claim] | None:
        opening = self._text.find("{", self._read)
        if opening < 0:
            return None
        if wrapping := _WRAPPING.match(self._text, opening):
            self._read = wrapping.end()
            return []
        if _may_wrap(self._text[opening:]):
            return None
        closing = _end_of_object(self._text, opening)
        if closing is None:
            return None
        self._read = closing
        claims = _claims(_loaded(self._text[opening:closing]))
        self._any = self._any or bool(claims)
        return claims


def _may_wrap(beginning: str) -> bool:
    """Whether so little has come that it cannot be told yet."""
    return len(beginning) < 24 and ":" not in beginning


def _end_of_object(text: str, opening: int) -> int | None:
    """Behind the brace that closes what opens at `opening`; None where it has not come yet."""
    depth, inside, escaped = 0, False, False
    for at in range(opening, len(text)):
        letter = text[at]
        if inside:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                inside = False
        elif letter == '"':
            inside = True
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if depth == 0:
                return at + 1
    return None


def _loaded(text: str) -> Any:  # noqa: ANN401 - whatever a model writes
    """An object as the model meant it; None where that cannot be told."""
    spelt = [text, _TRAILING.sub("", text)]
    if '"' not in text:
        spelt.append(re.sub("[“”]", '"', spelt[1]))
    for one in spelt:
        try:
            return json.loads(one, strict=False)
        except ValueError:
            continue
    try:
        return ast.literal_eval(spelt[1])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _claims(loaded: Any) -> list[Claim]:  # noqa: ANN401 - whatever a model writes
    if not isinstance(loaded, dict):
        return []
    fields = {str(name).lower(): value for name, value in loaded.items()}
    if fields.get("declined") is True or str(fields.get("declined")).lower() == "true":
        return [Claim(declined=True)]
    sentence = _first(fields, _SENTENCE)
    listed = fields.get("quotes") or fields.get("citations") or [fields]
    parts = [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else [fields]
    quotes = [Quoted(_first(part, _KEY).strip("[]() "), _first(part, _QUOTE)) for part in parts]
    kept = tuple(one for one in quotes if one.key or one.quote)
    return [Claim(sentence, kept)] if sentence.strip() else []


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((value for name in names if isinstance(value := fields.get(name), str)), "")


def _prose(text: str) -> Iterator[Claim]:
    """Sentences that carry a key in brackets and words in quotation marks."""
    for start, end in sentence_spans(text, None):
        sentence = text[start:end]
        keys = _IN_BRACKETS.findall(sentence) or _IN_BRACKETS.findall(text[end : end + 12])
        marked = ["".join(found).strip() for found in _IN_MARKS.findall(sentence)]
        if keys and marked:
            yield Claim(_IN_BRACKETS.sub("", sentence).strip(), tuple(Quoted(keys[0], quote) for quote in marked))
