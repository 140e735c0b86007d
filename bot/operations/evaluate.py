"""Measures retrieval, answers and refusals on questions whose answers are known."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.answering.citations import holds, in_turn
from bot.answering.pipeline import Ask
from bot.answering.types import Conversation
from bot.errors import QuestionFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bot.answering.pipeline import Answerer
    from bot.answering.retriever import PassageRetriever
    from bot.answering.types import Answer
    from vectorstore.types import Hit, StoredRelease

_DEEPEST = 10  # the rank up to which hits count
SHARES = (
    "hit@1", "hit@5", "hit@10", "mrr@10",
    "answer_contains", "quotes_verbatim", "refused_when_unanswerable", "answered_when_answerable",
)  # fmt: skip
"""The measures that lie in [0, 1], of which more is better."""


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """One question and what is known of its answer; an empty tuple or None is not measured.

    `relevant` holds ids or addresses of releases that answer it, `contains` strings that the answer must hold, each of
    them, and `passage_contains` strings of which one passage must hold one; it counts where `relevant` is empty.
    `history` are questions asked before it, each with what was answered; an empty answer is whatever the bot says.
    """

    id: str
    question: str
    language: str | None = None
    as_of: datetime | None = None
    answerable: bool | None = None
    relevant: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    passage_contains: tuple[str, ...] = ()
    history: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one question; None where it was not measured.

    `rank` is that of the first right hit, counted from 1, or 0 where there is none among the first ten.
    """

    question: EvalQuestion
    milliseconds: float
    rank: int | None
    contained: bool | None
    verbatim: bool | None
    answered: bool | None

    @property
    def failed(self) -> bool:
        """Whether anything that was measured came out wrong."""
        wrong = self.answered is not None and self.question.answerable not in (None, self.answered)
        return self.rank == 0 or self.contained is False or self.verbatim is False or wrong


Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures over all questions and by language; None where nothing was measured."""

    questions: int
    whole: Figures
    per_language: dict[str, Figures] = field(default_factory=dict)
    failures: tuple[str, ...] = ()

    def lower_than(self, bounds: Mapping[str, float]) -> dict[str, float | None]:
        """The measures that are lower than they should be, or could not be taken."""
        taken = {measure: self.whole[measure] for measure in bounds}
        return {name: value for name, value in taken.items() if value is None or value < bounds[name]}

    def payload(self) -> dict[str, Any]:
        """What `eval --json` prints."""
        return {
            "questions": self.questions,
            **_nested(self.whole),
            "per_language": {language: _nested(figures) for language, figures in self.per_language.items()},
            "failures": list(self.failures),
        }


def read_questions(file: Path) -> list[EvalQuestion]:
    """The questions of a JSONL file. Raises QuestionFileError, which names the line."""
    try:
        # Not splitlines: a JSON string may hold U+2028 and its like, which would end a line there.
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except OSError as exc:
        raise QuestionFileError(file, None, f"cannot be read ({exc.strerror})") from exc
    except UnicodeDecodeError as exc:
        raise QuestionFileError(file, None, f"cannot be read ({exc})") from exc
    questions = [_read_line(file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise QuestionFileError(file, None, "holds no question; write one JSON object a line")
    return questions


def evaluate(questions: Iterable[EvalQuestion], retriever: PassageRetriever, answerer: Answerer | None) -> Evaluation:
    """Ask every question; without an answerer only retrieval is measured. The model is loaded before the clock runs."""
    questions = list(questions)
    if questions:
        retriever.find(questions[0].question)
    outcomes = [_outcome(question, retriever, answerer) for question in questions]
    languages = sorted({outcome.question.language or "und" for outcome in outcomes})
    of = {one: [o for o in outcomes if (o.question.language or "und") == one] for one in languages}
    return Evaluation(
        questions=len(outcomes),
        whole=_figures(outcomes),
        per_language={language: _figures(of[language]) for language in languages},
        failures=tuple(outcome.question.id for outcome in outcomes if outcome.failed),
    )


def _outcome(question: EvalQuestion, retriever: PassageRetriever, answerer: Answerer | None) -> _Outcome:
    conversation = _talk(question, answerer) if answerer else Conversation()
    started = time.perf_counter()
    if answerer is None:
        hits, answer = retriever.find(question.question, limit=_DEEPEST * retriever.per_release), None
        spent = time.perf_counter() - started
    else:
        answer = answerer.invoke(Ask(question.question, as_of=question.as_of, conversation=conversation))
        spent = time.perf_counter() - started
        hits = retriever.find(answer.standalone_question or question.question, limit=_DEEPEST * retriever.per_release)
    return _Outcome(
        question=question,
        milliseconds=spent * 1000,
        rank=_rank(question, hits),
        contained=_contained(question, answer),
        verbatim=_verbatim(answer) if answer is not None else None,
        answered=answer.answered if answer is not None else None,
    )


def _talk(question: EvalQuestion, answerer: Answerer) -> Conversation:
    """What was said before a question: the history is asked, and what it says was answered stands for the reply."""
    conversation = Conversation()
    for asked, told in question.history:
        answer = answerer.invoke(Ask(asked, as_of=question.as_of, conversation=conversation))
        conversation = conversation.after(asked, replace(answer, text=told) if told else answer)
    return conversation


def _rank(question: EvalQuestion, hits: Sequence[Hit]) -> int | None:
    """Releases are counted once each, however many of their passages were found; passages one by one."""
    if question.relevant:
        releases: dict[str, StoredRelease] = {}
        for hit in hits:
            releases.setdefault(hit.release.id, hit.release)
        found = [bool({one.id, one.url} & set(question.relevant)) for one in releases.values()]
    elif question.passage_contains:
        wanted = question.passage_contains
        found = [any(holds(string, hit.passage.text) for string in wanted) for hit in hits]
    else:
        return None
    return found[:_DEEPEST].index(True) + 1 if True in found[:_DEEPEST] else 0


def _contained(question: EvalQuestion, answer: Answer | None) -> bool | None:
    if answer is None or not question.contains:
        return None
    # An alternative is one guess more, and counts for nothing.
    text = answer.text if answer.main_citations == answer.citations else in_turn(answer.main_citations)
    return answer.answered and all(holds(string, text) for string in question.contains)


def _verbatim(answer: Answer) -> bool | None:
    if not answer.citations:
        return None
    return all(one.release.text[one.start : one.end] == one.quote for one in answer.citations)


def _figures(outcomes: Sequence[_Outcome]) -> Figures:
    ranks = [outcome.rank for outcome in outcomes if outcome.rank is not None]
    asked = [outcome for outcome in outcomes if outcome.answered is not None]
    times = [outcome.milliseconds for outcome in outcomes]
    return {
        **{f"hit@{k}": _share([0 < rank <= k for rank in ranks]) for k in (1, 5, 10)},
        "mrr@10": _share([1 / rank if rank else 0.0 for rank in ranks]),
        "answer_contains": _share([o.contained for o in outcomes if o.contained is not None]),
        "quotes_verbatim": _share([o.verbatim for o in outcomes if o.verbatim is not None]),
        "refused_when_unanswerable": _share([not o.answered for o in asked if o.question.answerable is False]),
        "answered_when_answerable": _share([bool(o.answered) for o in asked if o.question.answerable]),
        "latency_ms.p50": statistics.median(times) if times else None,
        "latency_ms.p95": _percentile_95(times),
    }


def _share(values: Sequence[float | bool]) -> float | None:
    return statistics.fmean(values) if values else None


def _percentile_95(times: Sequence[float]) -> float | None:
    """Between the two measured values that it lies between: never beyond the slowest."""
    if len(times) < 2:
        return times[0] if times else None
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def _nested(figures: Figures) -> dict[str, Any]:
    plain: dict[str, Any] = {name: value for name, value in figures.items() if "." not in name}
    latency = {name.split(".")[1]: value for name, value in figures.items() if name.startswith("latency_ms.")}
    return plain | {"latency_ms": latency}


def _read_line(file: Path, number: int, line: str) -> EvalQuestion:
    try:
        fields = json.loads(line)
        if not isinstance(fields, dict):
            raise TypeError("it is no JSON object")
        return _question(fields, number)
    except (ValueError, TypeError, RecursionError) as exc:
        raise QuestionFileError(file, number, f"is no question ({exc}); see `communique eval --help`") from exc


def _question(fields: dict[str, Any], number: int) -> EvalQuestion:
    """Raises ValueError and TypeError, which name the field."""
    question, as_of = fields.get("question"), fields.get("as_of")
    if not isinstance(question, str) or not question.strip():
        raise TypeError("question: a sentence is needed")
    if fields.get("answerable") not in (None, True, False):
        raise TypeError("answerable: true or false is needed")
    if not isinstance(fields.get("language"), str | None):
        raise TypeError("language: a code such as fr is needed")
    moment = datetime.fromisoformat(as_of) if as_of else None
    return EvalQuestion(
        id=str(fields.get("id", number)),
        question=question,
        language=fields.get("language"),
        as_of=moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None,
        answerable=fields.get("answerable"),
        relevant=_strings(fields, "relevant"),
        contains=_strings(fields, "contains"),
        passage_contains=_strings(fields, "passage_contains"),
        history=_history(fields),
    )


def _history(fields: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    turns = fields.get("history") or []
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise TypeError("history: a list of objects with question and answer is needed")
    said = tuple((turn.get("question"), turn.get("answer") or "") for turn in turns)
    if not all(isinstance(part, str) for turn in said for part in turn) or not all(asked.strip() for asked, _ in said):
        raise TypeError("history: each turn needs a question, and an answer in words or none")
    return said


def _strings(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    value = fields.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{name}: a list of strings is needed")
    return tuple(value)
