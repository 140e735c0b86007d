"""A reader that runs on onnxruntime: no torch, no network.

Its folder holds `model.onnx`, `tokenizer.json` and `reader.json`; `python -m training.reader.export` writes one.
"""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.answering.reader.encoding import PAD, Encoder, open_tokenizer
from bot.answering.reader.reading import Reading, probability
from bot.answering.reader.span import best_span
from bot.errors import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

    from bot.answering.reader.encoding import Context, Encoded

_AT_ONCE = 2  # inputs of a batch: more would let one processor wait for the other at the end
_FIRST = 4  # passages that are read before it is asked whether the rest is needed
_CERTAIN = 0.97  # probability at which it is not


@dataclass(frozen=True, slots=True)
class _Logits:
    """What the model gives for one input: a row for starts and for ends, and two numbers."""

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    answers: float
    supports: float


class OnnxReader:
    """Reads with the model in a folder, which is loaded at the first question.

    It reads passages until `longest` seconds have passed or one answers with certainty. All questions of a process
    share one thread for each processor: when several are asked at once, their threads do not fight each other.
    """

    def __init__(self, folder: Path, *, longest: float = 0.6) -> None:
        self._folder = folder
        self._longest = longest
        self._loading = threading.Lock()
        self._pace = 0.0  # seconds that a batch took at last

    def read(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[Reading | None, ...]:
        """The readings of the first contexts, in their order; None for those that time did not allow."""
        model = self._model
        until = time.monotonic() + self._longest
        encoded = model.encoder.questions(question, contexts, earlier=earlier)
        readings: list[Reading | None] = [None] * len(contexts)
        at = 0
        while at < len(encoded) and (at == 0 or time.monotonic() + self._pace < until):
            wave = range(at, min(at + max(_FIRST, _AT_ONCE * _processors()), len(encoded)))
            for number, logits in self._run(model, encoded, wave):
                readings[number] = model.reading(contexts[number], encoded[number], logits)
            if any(one and one.answers >= _CERTAIN for one in readings):
                break
            at = wave.stop
        return tuple(readings)

    def supports(self, sentence: str, quote: Context) -> float:
        """How likely a quote bears a sentence out, in [0, 1]."""
        model = self._model
        [(_, logits)] = self._run(model, [model.encoder.claim(sentence, quote)], [0])
        weight, bias = model.supports
        return probability(weight * logits.supports + bias)

    @property
    def _model(self) -> _Model:
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> _Model:
        return _load(self._folder)

    def _run(self, model: _Model, encoded: Sequence[Encoded], numbers: Iterable[int]) -> Iterable[tuple[int, _Logits]]:
        """The numbered inputs, those of like length together, each with its logits."""
        order = sorted(numbers, key=lambda number: len(encoded[number].ids))
        batches = [order[at : at + _AT_ONCE] for at in range(0, len(order), _AT_ONCE)]
        for batch, (logits, took) in zip(
            batches, _threads().map(lambda batch: model.run([encoded[one] for one in batch]), batches), strict=True
        ):
            self._pace = took
            yield from zip(batch, logits, strict=True)


@dataclass(frozen=True, slots=True)
class _Model:
    """A loaded model. `answers` weighs answerability and the span's lead, `supports` a claim's logit; biases last."""

    session: InferenceSession
    encoder: Encoder
    answers: tuple[float, float, float]
    supports: tuple[float, float]

    def run(self, inputs: Sequence[Encoded]) -> tuple[list[_Logits], float]:
        """The logits of one batch, and the seconds that it took."""
        began = time.monotonic()
        ids = np.full((len(inputs), max(len(one.ids) for one in inputs)), PAD, dtype=np.int64)
        for row, one in enumerate(inputs):
            ids[row, : len(one.ids)] = one.ids
        rows: list[Any] = self.session.run(
            ["start", "end", "answers", "supports"], {"ids": ids, "mask": (ids != PAD).astype(np.int64)}
        )
        logits = [
            _Logits(start, end, float(answers), float(supports))
            for start, end, answers, supports in zip(*rows, strict=True)
        ]
        return logits, time.monotonic() - began

    def reading(self, context: Context, encoded: Encoded, logits: _Logits) -> Reading:
        """What the logits say of a passage."""
        first, last, lead = best_span(encoded, logits.start, logits.end, context.quotable)
        if first < 0:
            return Reading(0, 0, 0.0)
        start, end = encoded.spans[first][0], encoded.spans[last][1]
        start += len(context.text[start:end]) - len(context.text[start:end].lstrip())
        by_answers, by_lead, bias = self.answers
        return Reading(start, end, probability(by_answers * logits.answers + by_lead * lead + bias))


def _load(folder: Path) -> _Model:
    from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the threads are ours
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    try:
        described = json.loads((folder / "reader.json").read_text("utf-8"))
        answers, supports = (tuple(map(float, described[name])) for name in ("answers", "supports"))
        encoder = Encoder(open_tokenizer(folder / "tokenizer.json"))
        session = InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    except Exception as exc:  # onnxruntime and tokenizers raise errors of many kinds
        raise ReaderError(folder, exc) from exc
    if (len(answers), len(supports)) != (3, 2):
        raise ReaderError(folder, "reader.json: `answers` holds three numbers, `supports` two")
    return _Model(session, encoder, answers, supports)  # type: ignore[arg-type]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_processors(), thread_name_prefix="reader")


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
