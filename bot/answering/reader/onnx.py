"""The reader that runs on onnxruntime: no torch, no network.

Its folder holds `model.onnx`, `tokenizer.json` and `reader.json`; `python -m training.reader.export` writes one of what
this project trained, `training.reader.adopt` one of a question-answering model of transformers.
"""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.answering.reader.encoding import Encoder, Marks, Reading, best_span, open_tokenizer, probability, trimmed
from bot.errors import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

    from bot.answering.reader.encoding import Context, Encoded

BUILT_IN = Path(__file__).parent / "model"
"""The reader that the project trained; its card says from what."""

_AT_ONCE = 2  # inputs of a batch: more would let one processor wait for the other at the end
_FIRST = 4  # passages that are read before it is asked whether the rest is needed
_CERTAIN = 0.97  # probability at which it is not
_LOADING = threading.Lock()

CLAIMS = Path(__file__).parent / "claims"
"""What judges claims from what a layer of the built-in reader gives; another model does it by a head of its own."""

TURN_LAYERS = (6, 10)
"""Layers of the built-in model, counted from 1, whose view of a turn tells its kind."""

_BRANCH_LAYER = 6


@dataclass(frozen=True, slots=True)
class _Logits:
    """What the model gives for one input: a row for starts and for ends, and a number."""

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    answers: float


class OnnxReader:
    """Reads with the model in a folder, the built-in one where none is named; it is loaded at the first question.

    It reads passages until it has computed for `longest` seconds on all processors or one answers with certainty. All
    questions of a process share one thread for each processor: when several are asked at once, their threads do not
    fight each other, and each takes longer, but reads as much and answers the same.
    """

    def __init__(self, folder: Path | None = None, *, longest: float = 0.6) -> None:
        self._folder = folder or BUILT_IN
        self._longest = longest

    def read(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[Reading | None, ...]:
        """The readings of the first contexts, in their order; None for those that time did not allow."""
        model = self._model
        left = self._longest * _processors()
        encoded = model.encoder.questions(question, contexts, earlier=earlier)
        readings: list[Reading | None] = [None] * len(contexts)
        at = 0
        while at < len(encoded) and (at == 0 or left > 0):
            wave = range(at, min(at + max(_FIRST, _AT_ONCE * _processors()), len(encoded)))
            for number, logits, took in self._run(model, encoded, wave):
                readings[number] = model.reading(contexts[number], encoded[number], logits)
                left -= took
            if any(one and one.answers >= _CERTAIN for one in readings):
                break
            at = wave.stop
        return tuple(readings)

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
            return _load(self._folder)

    def _run(
        self, model: _Model, encoded: Sequence[Encoded], numbers: Iterable[int]
    ) -> Iterable[tuple[int, _Logits, float]]:
        """The numbered inputs, those of like length together, each with its logits and its seconds of computing."""
        order = sorted(numbers, key=lambda number: len(encoded[number].ids))
        batches = [order[at : at + _AT_ONCE] for at in range(0, len(order), _AT_ONCE)]
        for batch, (logits, took) in zip(
            batches, _threads().map(lambda batch: model.run([encoded[one] for one in batch]), batches), strict=True
        ):
            yield from ((number, one, took / len(batch)) for number, one in zip(batch, logits, strict=True))


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
            (states,) = self.session.run([f"layer_{_BRANCH_LAYER}"], given)
            outputs = _load_branch().run(["supports"], {"states": states, "mask": given["mask"]})
        return float(outputs[0][0])

    def run(self, inputs: Sequence[Encoded]) -> tuple[list[_Logits], float]:
        """The logits of one batch, and the seconds that its thread computed."""
        began = time.thread_time()
        pad = self.encoder.marks.pad
        ids = np.full((len(inputs), max(len(one.ids) for one in inputs)), pad, dtype=np.int64)
        for row, one in enumerate(inputs):
            ids[row, : len(one.ids)] = one.ids
        rows: list[Any] = self.session.run(
            ["start", "end", "answers"], {"ids": ids, "mask": (ids != pad).astype(np.int64)}
        )
        logits = [_Logits(start, end, float(answers)) for start, end, answers in zip(*rows, strict=True)]
        return logits, time.thread_time() - began

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
        session = _session(folder / "model.onnx")
    except Exception as exc:  # onnxruntime and tokenizers raise errors of many kinds
        raise ReaderError(folder, exc) from exc
    if (len(answers), len(supports)) != (3, 2):
        raise ReaderError(folder, "reader.json: `answers` holds three numbers, `supports` two")
    return _Model(folder, session, encoder, answers, supports)  # type: ignore[arg-type]


@cache
def _load_branch() -> InferenceSession:
    """What judges claims over the built-in model, loaded at the first one."""
    try:
        return _session(CLAIMS / "model.onnx")
    except Exception as exc:  # as above
        raise ReaderError(CLAIMS, exc) from exc


def _session(path: Path) -> InferenceSession:
    from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the threads are ours
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    return InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_processors(), thread_name_prefix="reader")


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
