"""The model that reads a question beside a passage: where the answer stands, and whether the passage answers at all.

It runs on onnxruntime: no torch, no network. Its folder holds `model.onnx`, `tokenizer.json` and `reader.json`;
`python -m training.reader.export` writes one of what this project trained, `training.reader.adopt` one of a
question-answering model of transformers. An `Encoder` makes of question and passage the numbers that the model reads:

    <s> question </s></s> title </s> passage </s>

An earlier turn of the conversation stands before the question, `</s>` between them. Where all is too long, the earlier
turn, the question and the title lose their ends first, and then the passage. Marks of the model that stand in a text
(`</s>`) are text like any other. A model that was taught elsewhere has marks of its own, and reads the title as the
beginning of the passage.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from bot.errors import ReaderError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

BUILT_IN = Path(__file__).parent / "models/reader"
"""The reader that the project trained; its card says from what."""

_FIRST = 4  # passages that are read before it is asked whether the rest is needed
_CERTAIN = 0.9  # probability at which it is not: of 700 questions none was then answered otherwise
_LOADING = threading.Lock()
_PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_THREADS = ThreadPoolExecutor(_PROCESSORS, thread_name_prefix="reader")  # each starts when it is first needed

CLAIMS = Path(__file__).parent / "models/claims"
"""What judges claims from what a layer of the built-in reader gives; another model does it by a head of its own."""

TURN_LAYERS = (6, 10)
"""Layers of the built-in model, counted from 1, whose view of a turn tells its kind."""

BRANCH_LAYER = 6
"""The layer of the built-in model, counted from 1, over which `CLAIMS` has layers of its own."""


@dataclass(frozen=True, slots=True)
class _Logits:
    """What the model gives for one input: a row for starts and for ends, and a number."""

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    answers: float


@dataclass(frozen=True, slots=True)
class OnnxReader:
    """Reads with the model in a folder, the built-in one where none is named; it is loaded at the first question.

    It reads passages until it has computed for `longest` seconds on all processors or one answers with certainty. All
    questions of a process share one thread for each processor: when several are asked at once, their threads do not
    fight each other, and each takes longer, but reads as much and answers the same.
    """

    folder: Path | None = None
    longest: float = field(default=0.6, kw_only=True)

    def read(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[Reading | None, ...]:
        """The readings of the first contexts, in their order; None for those that time did not allow."""
        model = self._model
        left = self.longest * _PROCESSORS
        encoded = model.encoder.questions(question, contexts, earlier=earlier)
        readings: list[Reading | None] = [None] * len(contexts)
        at = 0
        while at < len(encoded) and (at == 0 or left > 0):
            wave = range(at, min(at + max(_FIRST, 2 * _PROCESSORS), len(encoded)))
            for number, (logits, took) in zip(wave, _THREADS.map(model.run, encoded[at : wave.stop]), strict=True):
                readings[number] = model.reading(contexts[number], encoded[number], logits)
                left -= took
            if any(one and one.answers >= _CERTAIN for one in readings):
                break
            at = wave.stop
        return tuple(readings)

    def compare(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[tuple[Reading, ...], ...]:
        """For each context a reading of each of its quotable parts, which are read together, whatever time it takes."""
        model = self._model
        encoded = model.encoder.questions(question, contexts, earlier=earlier)
        return tuple(
            tuple(model.reading(replace(context, quotable=(part,)), one, logits) for part in context.quotable or ())
            for context, one, (logits, _) in zip(contexts, encoded, _THREADS.map(model.run, encoded), strict=True)
        )

    def supports(self, sentence: str, quote: Context) -> float:
        """How likely a quote bears a sentence out, in [0, 1]."""
        model = self._model
        weight, bias = model.supports
        return probability(weight * model.judge(model.encoder.claim(sentence, quote)) + bias)

    def turn(self, turn: str, before: str) -> NDArray[np.float32]:
        """A turn as `TURN_LAYERS` see it beside the question before (empty: none), shape (2 * width,).

        It is the mean of its subwords. Only the built-in model has these layers as outputs.
        """
        (seen,) = self._seen([self._model.encoder.turn(turn, before)], TURN_LAYERS)
        return np.asarray(seen, dtype=np.float32)

    def words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Words as the first of `TURN_LAYERS` sees each by itself, shape (words, width)."""
        return self._seen([self._model.encoder.turn(word, "") for word in words], TURN_LAYERS[:1])

    def _seen(self, inputs: Sequence[tuple[list[int], int]], layers: Sequence[int]) -> NDArray[np.float32]:
        """The means of the first subwords of each input, as many as stand beside it, in each of the layers."""
        pad = self._model.encoder.marks.pad
        ids = np.full((len(inputs), max(len(one) for one, _ in inputs)), pad, dtype=np.int64)
        for row, (one, _) in enumerate(inputs):
            ids[row, : len(one)] = one
        names = [f"layer_{number}" for number in layers]
        seen: list[Any] = self._model.session.run(names, {"ids": ids, "mask": (ids != pad).astype(np.int64)})
        rows = [
            np.concatenate([layer[row, 1 : 1 + count].mean(axis=0) for layer in seen])
            for row, (_, count) in enumerate(inputs)
        ]
        return np.array(rows, dtype=np.float32)

    @property
    def _model(self) -> _Model:
        with _LOADING:
            return _load(self.folder or BUILT_IN)


@dataclass(frozen=True, slots=True)
class _Model:
    """A loaded model. `answers` weighs answerability and the span's lead, `supports` a claim's logit; biases last."""

    folder: Path
    session: InferenceSession
    encoder: Encoder
    answers: tuple[float, float, float]
    supports: tuple[float, float]

    def judge(self, claim: Encoded) -> float:
        """The logit of a claim."""
        ids = np.array([claim.ids], dtype=np.int64)
        given = {"ids": ids, "mask": np.ones_like(ids)}
        if self.folder != BUILT_IN:
            outputs: list[Any] = self.session.run(["supports"], given)
        else:
            (states,) = self.session.run([f"layer_{BRANCH_LAYER}"], given)
            outputs = _load_branch().run(["supports"], {"states": states, "mask": given["mask"]})
        return float(outputs[0][0])

    def run(self, given: Encoded) -> tuple[_Logits, float]:
        """The logits of one input, and the seconds that its thread computed."""
        began = time.thread_time()
        ids = np.array([given.ids], dtype=np.int64)
        rows: list[Any] = self.session.run(["start", "end", "answers"], {"ids": ids, "mask": np.ones_like(ids)})
        return _Logits(rows[0][0], rows[1][0], float(rows[2][0])), time.thread_time() - began

    def reading(self, context: Context, encoded: Encoded, logits: _Logits) -> Reading:
        """What the logits say of a passage."""
        first, last, lead = best_span(encoded, logits.start, logits.end, context.quotable)
        if first < 0:
            return Reading(0, 0, 0.0)
        start, end = trimmed(context.text, encoded.spans[first][0], encoded.spans[last][1])
        by_answers, by_lead, bias = self.answers
        return Reading(start, end, probability(by_answers * logits.answers + by_lead * lead + bias))


@cache
def _load(folder: Path) -> _Model:
    try:
        described = json.loads((folder / "reader.json").read_text("utf-8"))
        answers, supports = (tuple(map(float, described[name])) for name in ("answers", "supports"))
        marks = Marks(**described.get("marks", {}))
        encoder = Encoder(open_tokenizer(folder / "tokenizer.json"), marks=marks)
        session = open_session(folder / "model.onnx")
    except Exception as exc:  # onnxruntime and tokenizers raise errors of many kinds
        raise ReaderError(folder, exc) from exc
    if (len(answers), len(supports)) != (3, 2):
        raise ReaderError(folder, "reader.json: `answers` holds three numbers, `supports` two")
    return _Model(folder, session, encoder, answers, supports)  # type: ignore[arg-type]


@cache
def _load_branch() -> InferenceSession:
    """What judges claims over the built-in model, loaded at the first one."""
    try:
        return open_session(CLAIMS / "model.onnx")
    except Exception as exc:  # as above
        raise ReaderError(CLAIMS, exc) from exc


def open_session(model: Path | bytes) -> InferenceSession:
    """A network, from its file or its bytes, on one thread a run."""
    from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the threads are ours
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    # Where a sum and its normalisation are one step, that step takes eight times as long as both.
    slow = ["SkipLayerNormFusion"]
    given = model if isinstance(model, bytes) else str(model)
    return InferenceSession(given, options, providers=["CPUExecutionProvider"], disabled_optimizers=slow)


START, PAD, END, UNKNOWN = 0, 1, 2, 3
"""The marks of the project's own reader."""

LONGEST = 384
"""Subwords of one input: a passage of 600 characters has some 180, with its title and question 240."""

_QUESTION, _EARLIER, _TITLE, _BEFORE = 64, 48, 40, 60
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})


@dataclass(frozen=True, slots=True)
class Context:
    """What stands beside a question: a passage under its release's title and date.

    `quotable` are the parts `text[start:end]` that an answer may lie in; all of it where it is None. `before` stands
    before the text in its release: of a quote, it says what a pronoun stands for.
    """

    title: str
    text: str
    published: date | None = None
    quotable: tuple[tuple[int, int], ...] | None = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a passage says to a question: `text[start:end]` are the words that answer best.

    `answers` is how likely they do, in [0, 1]; `start` and `end` are equal where nothing in the passage may answer.
    """

    start: int
    end: int
    answers: float


class Reader(Protocol):
    """Reads questions beside passages; any thread may use it."""

    def read(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[Reading | None, ...]:
        """A reading for each context, in their order, best contexts first; None for those that time did not allow.

        `earlier` is the question before, in a conversation. Raises ReaderError where the model cannot be loaded.
        """
        ...

    def compare(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[tuple[Reading, ...], ...]:
        """For each context a reading of each of its quotable parts, which were read together."""
        ...

    def supports(self, sentence: str, quote: Context) -> float:
        """How likely a quote bears a sentence out, in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """One input. `spans[i]` are the characters of the passage's `i`-th subword, which is number `first + i`."""

    ids: list[int]
    first: int
    spans: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Marks:
    """Numbers of a model's own subwords, how many `end` stand between question and passage, and whether titles do."""

    start: int = START
    pad: int = PAD
    end: int = END
    unknown: int = UNKNOWN
    between: int = 2
    titled: bool = True


def open_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of a folder, deaf to the model's own marks in texts."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.encode_special_tokens = True
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@dataclass(frozen=True, slots=True)
class Encoder:
    """Encodes questions beside passages; each text is cut into subwords once in a call."""

    tokenizer: Tokenizer
    longest: int = field(default=LONGEST, kw_only=True)
    marks: Marks = field(default_factory=Marks, kw_only=True)

    def questions(self, question: str, contexts: Sequence[Context], *, earlier: str | None = None) -> list[Encoded]:
        """One input for each passage, in their order."""
        marks = self.marks
        before = [*self._cut(earlier, _EARLIER), *([marks.end] if earlier else [])]
        head = [marks.start, *before, *self._cut(question, _QUESTION)]
        return [self._joined(head, context) for context in contexts]

    def claim(self, sentence: str, quote: Context) -> Encoded:
        """A sentence beside the quote that should bear it out, and the end of what stands before that."""
        encoded = self._joined([self.marks.start, *self._cut(sentence, 2 * _QUESTION)], quote)
        if quote.before:
            ids = [*encoded.ids, *self._subwords(quote.before)[0][-_BEFORE:], self.marks.end][: self.longest]
            encoded = replace(encoded, ids=ids)
        return encoded

    def turn(self, turn: str, before: str) -> tuple[list[int], int]:
        """A turn beside the question before it, and of how many subwords it is; they follow the first mark."""
        marks = self.marks
        own = self._cut(turn, _QUESTION) or [marks.unknown]
        other = [*[marks.end] * marks.between, *self._cut(before, _EARLIER)] if before else []
        return [marks.start, *own, *other, marks.end], len(own)

    def _joined(self, head: list[int], context: Context) -> Encoded:
        marks = self.marks
        when = f"{context.published:%Y-%m-%d} " if context.published else ""
        title = [*self._cut(when + context.title, _TITLE), *([marks.end] if marks.titled else [])]
        before = [*head, *[marks.end] * marks.between, *title]
        ids, spans = self._subwords(context.text)
        room = self.longest - len(before) - 1
        return Encoded([*before, *ids[:room], marks.end], len(before), spans[:room])

    def _cut(self, text: str | None, most: int) -> list[int]:
        return self._subwords(text)[0][:most] if text else []

    def _subwords(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Numbers and characters of a text's subwords; marks of the model that it spells are unknown words."""
        encoded = self.tokenizer.encode(text.translate(_SPACES), add_special_tokens=False)
        own = {self.marks.start, self.marks.pad, self.marks.end}
        return [self.marks.unknown if one in own else one for one in encoded.ids], encoded.offsets


def probability(logit: float) -> float:
    """The probability of log odds."""
    return 1 / (1 + math.exp(-max(min(logit, 30.0), -30.0)))


def log_odds(likelihood: float) -> float:
    """The log odds of a probability, at most some 14 either way."""
    bounded = min(max(likelihood, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


LONGEST_SPAN = 80
"""Subwords of an answer at the most: some three long clauses."""


def best_span(
    encoded: Encoded,
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    quotable: Sequence[tuple[int, int]] | None = None,
) -> tuple[int, int, float]:
    """The first and last subword of a passage that answer best, and how far their logits exceed those of none.

    Both lie in one of the `quotable` parts of the text, anywhere where that is None. -1, -1 where no subword does.
    """
    count = len(encoded.spans)
    bounds = [(0, sys.maxsize)] if quotable is None else quotable
    numbers = (  # of the part that each subword lies in; -1 where it is none
        next((number for number, (a, b) in enumerate(bounds) if a <= first and last <= b), -1)
        for first, last in encoded.spans
    )
    parts = np.fromiter(numbers, np.int64, count)
    if not (parts >= 0).any():
        return -1, -1, 0.0
    starts, ends = start[encoded.first : encoded.first + count], end[encoded.first : encoded.first + count]
    sums = starts[:, None] + ends[None, :]
    allowed = np.triu(np.ones((count, count), dtype=bool)) & ~np.triu(np.ones((count, count), dtype=bool), LONGEST_SPAN)
    allowed &= (parts[:, None] == parts[None, :]) & (parts[:, None] >= 0)
    sums = np.where(allowed, sums, -np.inf)
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(first), int(last), float(sums[first, last] - start[0] - end[0])


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span less the spaces around it and the mark that ends its clause: "7 March 2024.", but all of "U.S."."""
    words = text[start:end].strip()
    start += len(text[start:end]) - len(text[start:end].lstrip())
    shorter = words.rstrip(",;:")
    if shorter.endswith(".") and "." not in shorter.split()[-1][:-1]:
        shorter = shorter[:-1]
    return start, start + len(shorter or words)
