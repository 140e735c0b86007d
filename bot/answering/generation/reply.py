"""A language model's reply as claims, read while it comes: JSON lines, and whatever models make of them."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vectorstore.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

# An object or a list around the claims: {"sentences": [ … ]}. What is inside is read one by one.
_MARK = r"[\"“'”]?"
_LISTS = "sentences|answers?|claims|response|results?"
_NOT_DECLINED = rf"(?:{_MARK}declined{_MARK}\s*:\s*(?:false|null)\s*,\s*)?"
_WRAPPING = re.compile(rf"\{{\s*{_NOT_DECLINED}{_MARK}(?:{_LISTS}){_MARK}\s*:\s*\[", re.IGNORECASE)
_DECLINED = re.compile(r"[\"“']declined[\"”']\s*:\s*[\"']?true", re.IGNORECASE)
_TRAILING = re.compile(r",(?=\s*[}\]])")
_SENTENCE = ("sentence", "text", "phrase", "claim", "answer")
_KEY = ("key", "id", "source", "passage")
_QUOTE = ("quote", "citation", "extract")
_IN_BRACKETS = re.compile(r"\[([a-z0-9]{3,8})\]", re.IGNORECASE)
_IN_MARKS = re.compile(r"«([^«»]+)»|“([^“”]+)”|\"([^\"]+)\"")
_LONGEST = 20_000  # characters of a reply that are read
_TELLING = 60  # characters that tell whether an object wraps others
_DEEPEST = 20  # brackets within brackets; a claim has three, and thousands end the process or its reader


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
        self._object: _Object | None = None  # the one that is being read
        self._any = False

    def feed(self, piece: str) -> Iterator[Claim]:
        """The claims that this piece completes."""
        self._text = (self._text + piece)[:_LONGEST]
        while (claim := self._next()) is not None:
            yield from claim

    def end(self) -> Iterator[Claim]:
        """What is left: a reply without any JSON is read as prose; half an object counts for nothing."""
        if not self._any and _DECLINED.search(self._text):
            yield Claim(declined=True)
        elif not self._any:
            yield from _prose(self._text)

    def _next(self) -> list[Claim] | None:
        if self._object is None:
            opening = self._text.find("{", self._read)
            if opening < 0:
                self._read = len(self._text)
                return None
            if wrapping := _WRAPPING.match(self._text, opening):
                self._read = wrapping.end()
                return []
            if _may_wrap(self._text[opening : opening + _TELLING]):
                return None
            self._object = _Object(opening)
        found = self._object
        if not found.is_whole(self._text):
            return None
        self._read, self._object = found.at, None
        claims = [] if found.deepest > _DEEPEST else _claims(_loaded(self._text[found.opening : found.at]))
        self._any = self._any or bool(claims)
        return claims


def _may_wrap(beginning: str) -> bool:
    """Whether so little has come that it cannot be told yet."""
    return len(beginning) < _TELLING and "}" not in beginning


class _Object:
    """An object that opens at a place of a text that grows; `at` is how far it was looked at, each letter once."""

    def __init__(self, opening: int) -> None:
        self.opening = self.at = opening
        self.deepest = 0
        self._depth = self._braces = 0
        self._inside = self._escaped = False

    def is_whole(self, text: str) -> bool:
        """Whether the brace that closes it has come; `at` is behind it then."""
        while self.at < len(text):
            letter = text[self.at]
            self.at += 1
            if self._escaped:
                self._escaped = False
            elif letter == "\\" and self._inside:
                self._escaped = True
            elif letter == '"':
                self._inside = not self._inside
            elif not self._inside and letter in "{}[]":
                self._opens(letter)
                if not self._braces and letter == "}":
                    return True
        return False

    def _opens(self, letter: str) -> None:
        change = 1 if letter in "{[" else -1
        self._depth += change
        self._braces += change if letter in "{}" else 0
        self.deepest = max(self.deepest, self._depth)


def _loaded(text: str) -> Any:  # noqa: ANN401 - whatever a model writes
    """An object as the model meant it; None where that cannot be told."""
    spelt = [text, _TRAILING.sub("", text)]
    if '"' not in text:
        spelt.append(re.sub("[“”]", '"', spelt[1]))
    for one in spelt:
        try:
            return json.loads(one, strict=False)
        except (ValueError, RecursionError):
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
