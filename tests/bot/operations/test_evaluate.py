from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.types import Answer, Citation, Refusal, Searched
from bot.errors import QuestionFileError
from bot.operations.evaluate import EvalQuestion, evaluate, read_questions
from tests.bot.releases import NOW, stored
from vectorstore.types import Hit, Passage

if TYPE_CHECKING:
    from pathlib import Path

    from bot.answering.pipeline import Ask


class Finds:
    """A retriever that finds these passages for every question: pairs of a release and a text."""

    per_release = 3

    def __init__(self, *found: tuple[str, str]) -> None:
        self.found = found

    def find(self, question: str, *, limit: int | None = None) -> tuple[Hit, ...]:
        return tuple(
            Hit(Passage(f"{rank}", name, text, 0, len(text)), stored(name, text), rank, 1 / rank, 0.5, 1.0, rank, rank)
            for rank, (name, text) in enumerate(self.found[:limit], 1)
        )


class Answers:
    """An answerer that says this to every question, with one quote; None refuses."""

    def __init__(self, text: str | None, quote: str = "Some words.") -> None:
        self.text = text
        self.quote = quote
        self.asked: list[Ask] = []

    def invoke(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        citation = Citation("1", self.quote, 0, len(self.quote), stored("a", "Some words."))
        refusal = None if self.text else Refusal("nothing", Searched(1))
        cited = (citation,) if self.text else ()
        return Answer("?", "?", self.text or "nothing", "en", cited, refusal, 0.5, "fake", NOW, {})


def measured_all(questions: list[EvalQuestion], retriever: Any, answerer: Any = None) -> dict[str, Any]:
    return evaluate(questions, retriever, answerer).payload()


def measured(question: EvalQuestion, retriever: Finds, answerer: Answers | None = None) -> dict[str, Any]:
    return measured_all([question], retriever, answerer)


ASKED = EvalQuestion("q", "Who met?")
TWELVE = Finds(*((f"r{number}", f"Text {number}.") for number in range(1, 13)))


@pytest.mark.parametrize(
    ("wanted", "figures"),
    [
        ("r1", (1, 1, 1, 1)),
        ("r5", (0, 1, 1, 1 / 5)),
        ("r10", (0, 0, 1, 1 / 10)),
        ("r11", (0, 0, 0, 0)),
        ("https://example.org/r2", (0, 1, 1, 1 / 2)),
    ],
)
def test_a_relevant_release_counts_by_its_rank(wanted: str, figures: tuple[float, ...]) -> None:
    """By id or by address; beyond the tenth it was not found."""
    told = measured(replace(ASKED, relevant=("other", wanted)), TWELVE)

    assert (told["hit@1"], told["hit@5"], told["hit@10"], told["mrr@10"]) == figures
    assert told["failures"] == ([] if figures[2] else ["q"])


def test_many_passages_of_one_release_count_once() -> None:
    """The second release found stands at rank two, however many passages the first has above it."""
    found = Finds(("a", "One."), ("a", "Two."), ("a", "Three."), ("b", "Four."))

    assert measured(replace(ASKED, relevant=("b",)), found)["mrr@10"] == 1 / 2


def test_a_passage_counts_that_holds_one_of_the_strings() -> None:
    """Compared as quotes are: no-break spaces, apostrophes and capitals make no difference."""
    found = Finds(("a", "One."), ("a", "Les Alliés ont fourni 20,9\u00a0milliards d’euros."), ("b", "Three."))

    told = measured(replace(ASKED, passage_contains=("nothing", "20,9 milliards d'Euros")), found)

    assert (told["hit@1"], told["mrr@10"]) == (0, 1 / 2)


def test_an_answer_must_hold_every_string() -> None:
    """Half of what was asked for is a failure, and so is a refusal."""
    both = replace(ASKED, contains=("Rutte", "Brussels"))

    assert measured(both, TWELVE, Answers("Mark Rutte in Brussels. [1]"))["answer_contains"] == 1
    assert measured(both, TWELVE, Answers("Mark Rutte. [1]"))["failures"] == ["q"]
    assert measured(both, TWELVE, Answers(None))["answer_contains"] == 0


def test_a_quote_that_does_not_stand_where_it_says_is_a_failure() -> None:
    """The offsets must give the quote, character for character."""
    told = measured(ASKED, TWELVE, Answers("Words. [1]", quote="Other words"))

    assert (told["quotes_verbatim"], told["failures"]) == (0, ["q"])
    assert measured(ASKED, TWELVE, Answers("Words. [1]"))["quotes_verbatim"] == 1


@pytest.mark.parametrize(
    ("answerable", "text", "measure", "share"),
    [
        (False, None, "refused_when_unanswerable", 1),
        (False, "Words.", "refused_when_unanswerable", 0),
        (True, "Words.", "answered_when_answerable", 1),
        (True, None, "answered_when_answerable", 0),
    ],
)
def test_both_errors_are_measured(answerable: bool, text: str | None, measure: str, share: float) -> None:
    """Answered what is not there, refused what is there."""
    told = measured(replace(ASKED, answerable=answerable), TWELVE, Answers(text))

    assert told[measure] == share
    assert told["failures"] == ([] if share else ["q"])


def test_what_is_not_asked_for_is_not_measured() -> None:
    """None, not zero: a question that says nothing of its answer cannot fail."""
    told = measured(ASKED, TWELVE)

    assert (told["hit@1"], told["answer_contains"], told["refused_when_unanswerable"]) == (None, None, None)
    assert told["failures"] == []


def test_the_payload_is_that_of_the_contract() -> None:
    """The documented keys, also by language; a question without one counts as undetermined."""
    told = measured_all([replace(ASKED, language="fr"), ASKED], TWELVE)

    figures = [
        "hit@1", "hit@5", "hit@10", "mrr@10", "answer_contains", "quotes_verbatim", "refused_when_unanswerable",
        "answered_when_answerable", "latency_ms",
    ]  # fmt: skip
    assert list(told) == ["questions", *figures, "per_language", "failures"]
    assert {language: list(one) for language, one in told["per_language"].items()} == {"fr": figures, "und": figures}
    assert list(told["latency_ms"]) == ["p50", "p95"]
    assert told["questions"] == 2


def test_the_slowest_question_bounds_the_percentiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made up beyond what was measured, and one question alone has percentiles too."""
    moments = iter([0.0, 0.010, 0.0, 0.020])
    monkeypatch.setattr("bot.operations.evaluate.time.perf_counter", lambda: next(moments))

    latency = measured_all([ASKED, ASKED], TWELVE)["latency_ms"]

    assert latency["p50"] == pytest.approx(15)
    assert 19 < latency["p95"] <= 20


def test_a_question_leans_on_its_history() -> None:
    """What was asked before is asked, and what the file says was answered stands for the reply."""
    answers = Answers("Twelve. [1]")

    measured(replace(ASKED, history=(("Who chaired it?", "Mr Rutte did."), ("Where?", ""))), TWELVE, answers)

    first, second, last = answers.asked
    assert not first.conversation
    assert [turn.answer.text for turn in second.conversation.turns] == ["Mr Rutte did."]
    assert [turn.answer.text for turn in last.conversation.turns] == ["Mr Rutte did.", "Twelve. [1]"]


def test_a_question_file_is_read_whole(tmp_path: Path) -> None:
    """Blank lines, a byte order mark and line separators inside strings do no harm; the number stands in for an id."""
    file = tmp_path / "questions.jsonl"
    full = {"id": 7, "question": "Qui\u2028?", "as_of": "2024-10-20T12:00+02:00", "relevant": ["a"], "history": []}
    file.write_text("\ufeff" + json.dumps(full, ensure_ascii=False) + '\n\n{"question": "Who?"}\n', encoding="utf-8")

    first, second = read_questions(file)

    assert (first.id, first.question, first.relevant) == ("7", "Qui\u2028?", ("a",))
    assert first.as_of == datetime(2024, 10, 20, 10, tzinfo=UTC)
    assert (second.id, second.answerable) == ("3", None)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("{broken", "is no question"),
        ("[1]", "no JSON object"),
        ('{"id": "a"}', "question: a sentence"),
        ('{"question": "  "}', "question: a sentence"),
        ('{"question": "?", "contains": "20,9"}', "contains: a list"),
        ('{"question": "?", "relevant": [3]}', "relevant: a list"),
        ('{"question": "?", "answerable": "yes"}', "answerable: true or false"),
        ('{"question": "?", "as_of": "soon"}', "soon"),
        ('{"question": "?", "language": ["fr"]}', "language: a code"),
        ('{"question": "?", "history": "Who?"}', "history: a list"),
        ('{"question": "?", "history": [{"answer": "x"}]}', "history: each turn"),
    ],
)
def test_a_mistake_in_a_question_names_its_line(tmp_path: Path, line: str, cause: str) -> None:
    """Before anything is asked."""
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "Who?"}\n\n' + line + "\n")

    with pytest.raises(QuestionFileError, match=rf"questions.jsonl:3: .*{cause}"):
        read_questions(file)


def test_a_file_that_is_missing_is_named_once(tmp_path: Path) -> None:
    """In words, without the number of the error."""
    with pytest.raises(QuestionFileError, match=r"none\.jsonl: cannot be read \(No such file or directory\)$"):
        read_questions(tmp_path / "none.jsonl")


@pytest.mark.parametrize(("content", "cause"), [(b"\n", "holds no question"), (b"\xff", "cannot be read")])
def test_a_file_without_questions_is_told(tmp_path: Path, content: bytes, cause: str) -> None:
    """Empty, or no text at all."""
    file = tmp_path / "questions.jsonl"
    file.write_bytes(content)

    with pytest.raises(QuestionFileError, match=cause):
        read_questions(file)
