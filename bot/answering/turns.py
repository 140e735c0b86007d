"""Which kind of turn somebody typed, and which questions it holds.

Its kind is told by a phrase that is known, or by a linear classifier over the reader's encoder.
`training/turns/train.py` fits the classifier: multinomial logistic regression over hashed words and runs of letters
and two layers of the built-in reader.
"""

from __future__ import annotations

import enum
import re
import threading
import tomllib
import zlib
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from vectorstore.text.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


class TurnKind(enum.Enum):
    """What a person does with a turn."""

    NEW = "new"
    LEANING = "leaning"
    MORE = "more"
    CHALLENGE = "challenge"
    CORRECTION = "correction"
    COURTESY = "courtesy"
    ABOUT_BOT = "about_bot"
    ABOUT_ANSWER = "about_answer"
    ABOUT_ARCHIVE = "about_archive"
    RESET = "reset"

    @property
    def leans(self) -> bool:
        """Whether it is understood beside the question before it, and searched with both."""
        return self in {TurnKind.LEANING, TurnKind.CORRECTION}

    @property
    def repeats(self) -> bool:
        """Whether the question before it is asked again."""
        return self in {TurnKind.MORE, TurnKind.CHALLENGE}

    @property
    def asks(self) -> bool:
        """Whether releases are searched for an answer; the others have replies of their own."""
        return self is TurnKind.NEW or self.leans or self.repeats


HASHED = 1 << 14
"""Numbers that words and runs of letters are hashed to (Weinberger et al., 2009)."""

_LONGEST = 300
"""Characters of a turn that tell its kind."""

_WORD = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"[^\W_]+|[?!…]")
_RUNS = range(2, 6)  # letters of a run
_HASHED_WEIGHT = 2.0  # of words, and of runs of letters, beside 0.5 of each that tells the shape of a turn


def _plain(text: str) -> str:
    """The folded words and signs of a turn, one space between them."""
    return " ".join(_SIGNS.findall(fold(text[:_LONGEST]).casefold()))


def features(turn: str, before: str) -> dict[int, float]:
    """The features of a turn that are not zero; `before` is the question it may lean on, empty where there is none."""
    said = _plain(turn).split()
    words = ["<", *said, ">"]
    pairs = (f"{a} {b}" for a, b in pairwise(words))
    triples = (f"{a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False))
    marked = [f" {word} " for word in said]
    letters = (
        word[at : at + length] for word in marked for length in _RUNS for at in range(max(len(word) - length + 1, 1))
    )
    found: dict[int, float] = {}
    for family in ((*said, *pairs, *triples), letters):
        seen: dict[int, float] = {}
        for feature in family:
            number = zlib.crc32(feature.encode()) % HASHED
            seen[number] = seen.get(number, 0.0) + 1.0
        length = sum(count * count for count in seen.values()) ** 0.5 or 1.0
        for number, count in seen.items():
            found[number] = found.get(number, 0.0) + _HASHED_WEIGHT * count / length
    return found | {HASHED + place: 0.5 for place, holds in enumerate(_shape(turn, before)) if holds}


SHAPES = 20
"""How many features `_shape` gives."""


def _shape(turn: str, before: str) -> tuple[bool, ...]:
    """How long a turn is, how much in it names something, and whether that was named before."""
    words = _WORD.findall(turn[:_LONGEST])
    named = [word for word in words if not is_stop_word(word.casefold(), None)]
    capitals = [word for word in words[1:] if word[:1].isupper()]
    known = {fold(word).casefold() for word in _WORD.findall(before)}
    again = [word for word in named if fold(word).casefold() in known]
    return (
        bool(before), len(words) == 0, len(words) == 1, len(words) == 2, len(words) <= 4, len(words) <= 7,
        len(words) > 10, len(named) == 0, len(named) == 1, len(named) == 2, len(named) <= 3, len(named) > 5,
        bool(capitals), len(capitals) > 1, any(word.isdigit() for word in words), bool(again),
        2 * len(again) > len(named), bool(before) and len(named) <= 2, bool(before) and not capitals,
        "?" in turn,
    )  # fmt: skip


PHRASES = Path(__file__).with_name("data") / "phrases.toml"
_LISTED = Path(__file__).with_name("data") / "asking.toml"
ASKING = {name: frozenset(words.split()) for name, words in tomllib.loads(_LISTED.read_text("utf-8")).items()}
"""Lists of folded words that tell what a turn asks."""

WEIGHTS = Path(__file__).with_name("data") / "turns.npz"

_SURE = 0.5  # probability from which a turn asks nothing of the releases; in doubt it is a question
_LOADING = threading.Lock()
_SIGN = re.compile(r"(?<![.,:;!?…—–])[.,:;!?…—–]++\s|\s-\s")
_OPENING = 80  # characters of a turn within which a courtesy before the question ends
_CLOSING = 6  # words of a courtesy behind it, with a name
_CLAUSE_ENDS = re.compile(r"[,.!\n]")


class TurnEncoder(Protocol):
    """What sees a turn beside the question before it; `bot.answering.reader.OnnxReader` with the built-in model."""

    def turn(self, turn: str, before: str) -> NDArray[np.float32]:
        """The turn as numbers, shape (numbers,)."""
        ...

    def words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Each word by itself, shape (words, width)."""
        ...


@dataclass(frozen=True, slots=True)
class Guess:
    """A kind, its intent (`thanks`, `source`; empty for what asks releases), and how likely it is, in [0, 1].

    `language` is that of a phrase that is known in one alone.
    """

    kind: TurnKind
    intent: str = ""
    likelihood: float = 1.0
    language: str | None = None


@dataclass(frozen=True, slots=True)
class TurnClassifier:
    """Tells kinds of turns; any thread may use it. Files are read at the first turn."""

    encoder: TurnEncoder

    def __call__(self, turn: str, before: str = "") -> Guess:
        """The kind of a turn; `before` is the question it may lean on, empty at the beginning of a conversation."""
        said = _plain(turn)
        if sum(map(str.isalnum, said)) < 2:  # a sign, an emoji, a letter that slipped
            return Guess(TurnKind.COURTESY, "presence")
        words = said.rstrip("?!… ").split()[: -1 if len(turn) > _LONGEST else None]  # the last one is cut off
        once = " ".join(word for word, _ in groupby(words))  # "bye bye bye"
        if known := known_phrases().get(" ".join(words)) or known_phrases().get(once):
            return known
        with _LOADING:
            weights = _weights()
        labels, likelihoods = (
            weights.labels,
            weights.likelihoods(turn, before, self.encoder.turn(turn[:_LONGEST], before)),
        )
        kinds: dict[TurnKind, float] = {}
        for (kind, _), likelihood in zip(labels, likelihoods.tolist(), strict=True):
            kinds[kind] = kinds.get(kind, 0.0) + likelihood
        if not before:  # nothing that it could lean on
            kinds[TurnKind.NEW] += kinds.pop(TurnKind.LEANING) + kinds.pop(TurnKind.CORRECTION)
        best = max(kinds, key=lambda kind: kinds[kind])
        if not best.asks and kinds[best] < _SURE:
            best = max((kind for kind in kinds if kind.asks), key=lambda kind: kinds[kind])
        of_kind = [place for place, (kind, _) in enumerate(labels) if kind is best]
        intent = labels[max(of_kind, key=lambda place: likelihoods[place])][1]
        return Guess(best, intent, kinds[best])

    def likeness(self, words: Sequence[str]) -> NDArray[np.float32]:
        """How like the first of some words is to each of the others: cosines of standard scores, shape (words - 1,)."""
        with _LOADING:
            mean, spread = _weights().words
        rows = (self.encoder.words(words) - mean) / spread
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
        alike: NDArray[np.float32] = rows[1:] @ rows[0]
        return alike


def opening(turn: str) -> tuple[Guess | None, str]:
    """What a turn opens with, where that is a courtesy or a reset, and what comes after: "thanks! And who won?".

    That is without a courtesy behind its last question mark: « Qui a gagné ? Merci d'avance. »
    """
    asked, mark, behind = turn.rpartition("?")
    if asked and len(behind.split()) <= _CLOSING:
        first, *rest = _CLAUSE_ENDS.split(behind.strip(), maxsplit=1)
        known, more = known_phrases().get(_plain(first)), "".join(rest)  # « Merci, mais en 2023 »
        is_more = any(map(str.isdigit, more)) or any(is_stop_word(word, None) for word in _plain(more).split())
        turn = asked + mark if known and known.kind is TurnKind.COURTESY and not is_more else turn
    for sign in _SIGN.finditer(turn[:_OPENING]):
        known = known_phrases().get(_plain(turn[: sign.start()]))
        if known and known.kind in {TurnKind.COURTESY, TurnKind.RESET} and len(turn[sign.end() :].split()) > 1:
            return known, turn[sign.end() :].strip()
    return None, turn


_QUESTION_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_ENDS = re.compile(r"(?<!\?)\?++\s++(?=\S)")
_FEWEST, _MOST_QUESTIONS = 3, 5  # words of a question, and questions in one


def asks_for_releases(text: str) -> bool:
    """Whether a question asks how many releases there are, « combien en parlent ? », or which "mention Finland"."""
    words = [_folded(found) for found in _QUESTION_WORD.finditer(text)]
    while words and words[0] in ASKING["joints"]:
        words.pop(0)
    if words and words[0] in ASKING["which"]:
        return not ASKING["counted"].isdisjoint(words[1:3]) and not ASKING["mentioning"].isdisjoint(words[2:6])
    asked = words[2:] if words[:2] == ["how", "many"] else words[1:] if words[:1] == ["combien"] else []
    said = [word for word in asked if word not in ASKING["helping"]]
    return not ASKING["counted"].isdisjoint(asked[:2]) or not ASKING["mentioning"].isdisjoint(said[:1])


def questions_in(text: str) -> tuple[str, ...]:
    """The questions that a text asks, in its order: one, or as many as each begin with a word that asks."""
    borders = {found.end() for found in _ENDS.finditer(text)}
    words = list(_QUESTION_WORD.finditer(text))
    for joint, following in pairwise(words):
        if _folded(joint) in ASKING["joints"] and _begins(following):
            borders.add(following.start())
    if not borders:
        return (text,)
    parts: list[str] = []
    start = 0
    for border in [*sorted(borders), len(text)]:
        part = _tidied(text[start:border])
        if len(part.split()) >= _FEWEST and any(map(_begins, _QUESTION_WORD.finditer(part))):
            parts.append(part)
            start = border
    return tuple(parts) if 1 < len(parts) <= _MOST_QUESTIONS and start == len(text) else (text,)


def _begins(word: re.Match[str]) -> bool:
    return _folded(word).split("'")[0] in ASKING["questions"]


def _folded(word: re.Match[str]) -> str:
    return fold(word.group()).casefold().replace("’", "'")


def _tidied(part: str) -> str:
    """A part without the word that joins the next one."""
    words = part.strip(" ,;").split()
    while words and fold(words[-1].strip(",")).casefold() in ASKING["joints"]:
        words.pop()
    return " ".join(words).rstrip(",;")


@dataclass(frozen=True, slots=True)
class ClassifierWeights:
    """The classifier: a row for each label over hashed features, the shape of a turn, and the encoder's numbers.

    `words` are the mean and the spread of the encoder's numbers over words, shape (2, width).
    """

    labels: tuple[tuple[TurnKind, str], ...]
    sparse: NDArray[np.float32]
    dense: NDArray[np.float32]
    bias: NDArray[np.float32]
    words: NDArray[np.float32]

    def likelihoods(self, turn: str, before: str, seen: NDArray[np.float32]) -> NDArray[np.float32]:
        """How likely each label is, shape (labels,)."""
        found = features(turn, before)
        values = np.fromiter(found.values(), np.float32, len(found))
        logits = self.sparse[:, list(found)] @ values + self.dense @ seen + self.bias
        likelihoods: NDArray[np.float32] = np.exp(logits - logits.max())
        likelihoods /= likelihoods.sum()
        return likelihoods


def save(path: Path, weights: ClassifierWeights) -> None:
    """Write a classifier; what it weighs hashed features with as bytes, a scale for each label."""
    scale = np.abs(weights.sparse).max(axis=1) / 127
    np.savez_compressed(
        path,
        labels=np.array([f"{kind.value} {intent}".strip() for kind, intent in weights.labels]),
        sparse=np.round(weights.sparse / scale[:, None]).astype(np.int8),
        scale=scale,
        dense=weights.dense.astype(np.float16),
        bias=weights.bias,
        words=weights.words,
    )


@cache
def known_phrases(path: Path = PHRASES) -> Mapping[str, Guess]:
    """Phrases, folded, with what they are."""
    found: dict[str, Guess] = {}
    for kind, intents in tomllib.loads(path.read_text("utf-8")).items():
        for intent, languages in intents.items():
            for language, phrases in languages.items():
                for said in (_plain(phrase).rstrip("?!… ") for phrase in phrases):
                    both = said in found and found[said].language != language
                    found[said] = Guess(TurnKind(kind), intent, language=None if both else language)
    return found


@cache
def _weights() -> ClassifierWeights:
    with np.load(WEIGHTS) as held:
        kinds = [label.partition(" ") for label in held["labels"].tolist()]
        sparse = held["sparse"].astype(np.float32) * held["scale"].astype(np.float32)[:, None]
        dense, bias = held["dense"].astype(np.float32), held["bias"].astype(np.float32)
        words = held["words"].astype(np.float32)
    assert sparse.shape[1] == HASHED + SHAPES
    return ClassifierWeights(tuple((TurnKind(kind), intent) for kind, _, intent in kinds), sparse, dense, bias, words)
