"""Sentences beside quotes that bear them out or do not: what the reader's third head learns from.

Written claims come with the releases that were written for this project. The others are made: a translation bears a
sentence out, and so does the sentence shortened; it does not once a figure, a unit, a date, a name, a "not" or an
antonym was changed (`twists.toml`). A sentence and its twist are made of the same pair, so that likeness tells nothing.
"""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets.files import json_lines, write_json_lines
from datasets.parallel import translations
from datasets.releases import written, written_by_the_data
from datasets.splits import written_chooses
from training.data import SEED
from training.reader.examples import WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PAIRS = {"hansard": 7_000, "debian": 5_000, "cds": 1_500, "tat": 3_000, "laws": 2_500}
"""Pairs of sentences that claims are made of, by the part of the parallel text."""

_NUMBER = re.compile(r"\d+(?:[.,  ]\d+)*")
_NAME = re.compile(r"(?<=\w )[A-ZÉÈÎ][\w’-]+(?: [A-Z][\w’-]+)*")
_ASIDE = re.compile(r" \([^()]{3,80}\)|, [^,.;]{8,80}(?=[.;]$)")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, the quote that should bear it out, and whether it does."""

    kind: str
    sentence: str
    quote: str
    supported: bool
    title: str = ""
    published: str | None = None


@cache
def habits() -> dict[str, Any]:
    """The tables of `twists.toml`."""
    return tomllib.loads((Path(__file__).parent / "twists.toml").read_text("utf-8"))


def twisted(sentence: str, language: str, chance: random.Random) -> tuple[str, str] | None:
    """The kind of a twist and the sentence that it makes; None where none of them fits."""
    for kind in chance.sample(sorted(_TWISTS), len(_TWISTS)):
        made = _TWISTS[kind](sentence, language, chance)
        if made and made != sentence:
            return kind, made
    return None


def _number(sentence: str, _: str, chance: random.Random) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    if len(found) > 1 and chance.random() < 0.4:
        first, second = sorted(chance.sample(found, 2), key=lambda one: one.start())
        if first.group() != second.group():
            between = sentence[first.end() : second.start()]
            return sentence[: first.start()] + second.group() + between + first.group() + sentence[second.end() :]
    number = chance.choice(found)
    digits = [at for at, character in enumerate(number.group()) if character.isdigit()]
    at = number.start() + chance.choice(digits)
    other = chance.choice([digit for digit in "123456789" if digit != sentence[at]])
    return sentence[:at] + other + sentence[at + 1 :]


def _table(name: str) -> Callable[[str, str, random.Random], str | None]:
    def twist(sentence: str, language: str, chance: random.Random) -> str | None:
        pairs = habits()[language][name]
        ways = [(a, b) for a, b in pairs] + ([(b, a) for a, b in pairs] if name != "modal" else [])
        fitting = [(a, b) for a, b in ways if _place(sentence, a)]
        if not fitting:
            return None
        word, other = chance.choice(fitting)
        return _replaced(sentence, word, other)

    return twist


def _listed(name: str) -> Callable[[str, str, random.Random], str | None]:
    def twist(sentence: str, language: str, chance: random.Random) -> str | None:
        names = habits()[language][name]
        standing = [one for one in names if _place(sentence, one)]
        if not standing:
            return None
        word = chance.choice(standing)
        return _replaced(sentence, word, chance.choice([one for one in names if one != word]))

    return twist


def _name(sentence: str, _: str, chance: random.Random) -> str | None:
    """Two names of the sentence change places."""
    found = list(_NAME.finditer(sentence))
    if len({one.group() for one in found}) < 2:
        return None
    first, second = sorted(chance.sample(found, 2), key=lambda one: one.start())
    if first.group() == second.group():
        return None
    between = sentence[first.end() : second.start()]
    return sentence[: first.start()] + second.group() + between + first.group() + sentence[second.end() :]


def _negation(sentence: str, language: str, chance: random.Random) -> str | None:
    """A "not" put in, or taken out."""
    if language == "en":
        if " not " in sentence:
            return sentence.replace(" not ", " ", 1)
        verbs = [verb for verb in habits()["en"]["negated"] if f" {verb} " in sentence]
        return sentence.replace(f" {(verb := chance.choice(verbs))} ", f" {verb} not ", 1) if verbs else None
    denied = re.search(r"\b(?:ne |n[’'])([\w’-]+) pas\b", sentence)
    if denied:
        return sentence[: denied.start()] + denied.group(1) + sentence[denied.end() :]
    verbs = [verb for verb in habits()["fr"]["negated"] if f" {verb} " in sentence]
    if not verbs:
        return None
    verb = chance.choice(verbs)
    mark = "n’" if verb[0] in "aeéo" else "ne "
    return sentence.replace(f" {verb} ", f" {mark}{verb} pas ", 1)


_TWISTS: dict[str, Callable[[str, str, random.Random], str | None]] = {
    "number": _number,
    "antonym": _table("antonyms"),
    "unit": _table("units"),
    "modality": _table("modal"),
    "month": _listed("months"),
    "weekday": _listed("weekdays"),
    "name": _name,
    "negation": _negation,
}


def _place(sentence: str, word: str) -> re.Match[str] | None:
    before, after = (r"\b" if word[0].isalnum() else ""), (r"\b" if word[-1].isalnum() else "")
    return re.search(f"{before}{re.escape(word)}{after}", sentence)


def _replaced(sentence: str, word: str, other: str) -> str:
    found = _place(sentence, word)
    return sentence if found is None else sentence[: found.start()] + other + sentence[found.end() :]


def made(english: str, french: str, chance: random.Random) -> Iterator[Claim]:
    """Claims made of a sentence in both languages: as many that are borne out as are not."""
    texts = {"en": english, "fr": french}
    for language, quoted in (("en", "fr"), ("fr", "en"), *(((same := chance.choice(["en", "fr"])), same),)):
        sentence, quote = texts[language], texts[quoted]
        shorter = _ASIDE.sub("", sentence)
        yield Claim("translated" if language != quoted else "shortened", shorter, quote, supported=True)
        twist = twisted(sentence, language, chance)
        if twist:
            yield Claim(twist[0], twist[1], quote, supported=False)


def written_files() -> list[Path]:
    """The files of releases with claims beside those of the shared data."""
    return [*sorted(WRITTEN.glob("claims-*.jsonl.gz")), *sorted(WRITTEN.glob("releases-*.jsonl.gz"))]


def claims_of(data: Path) -> tuple[list[Claim], list[Claim]]:
    """Claims that train, and the written ones that choose between models."""
    chance = random.Random(SEED)
    train: list[Claim] = []
    kept: list[Claim] = []
    paths = [written_by_the_data(data), *written_files()]
    for number, release in enumerate(one for path in paths for one in written(path)):
        (kept if written_chooses(number) else train).extend(
            Claim(one.kind, one.sentence, one.quote, one.supported, release.title, release.date[:10])
            for one in release.claims
        )
    wanted = dict(PAIRS)
    for pair in translations(data):
        if wanted.get(pair.part, 0) > 0 and 40 < len(pair.english) < 280 and len(pair.french) < 320:
            wanted[pair.part] -= 1
            train += made(pair.english, pair.french, chance)
    chance.shuffle(train)
    return train, kept


def write_claims(claims: Iterable[Claim], path: Path) -> None:
    """One claim a line."""
    write_json_lines(path, map(asdict, claims))


def read_claims(path: Path) -> list[Claim]:
    """What `write_claims` wrote."""
    return [Claim(**row) for row in json_lines(path)]
