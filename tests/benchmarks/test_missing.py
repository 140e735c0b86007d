from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.missing import Rounds
from benchmarks.refusals import refused
from datasets.questions import Paragraph, Question
from tests.fakes import WordEmbedder

if TYPE_CHECKING:
    from pathlib import Path

PARAGRAPHS = [
    Paragraph(f"{article}{number}", article, article, f"Text {number} on {article}.", "en")
    for article in ("bears", "ships")
    for number in range(3)
]
QUESTIONS = [Question(one.id, f"What is {one.id}?", "en", one.id, ("Text",)) for one in PARAGRAPHS]


def test_each_question_is_asked_with_and_without_its_answer(tmp_path: Path) -> None:
    """Its whole article, or its paragraph alone, is missing from the store it is asked in."""
    asked: dict[str, set[str]] = {"nothing": set(), "article": set(), "paragraph": set()}
    for one in Rounds(PARAGRAPHS, WordEmbedder()).of(QUESTIONS, tmp_path):
        for question in one.questions:
            kept = [p.id for p in PARAGRAPHS if one.store.records.get(p.id) and p.article == question.paragraph[:5]]
            assert len(kept) == {"nothing": 3, "article": 0}.get(one.missing, len(kept))
            assert (question.paragraph in kept) == (one.missing == "nothing")
            asked[one.missing].add(question.id)

    assert all(questions == {question.id for question in QUESTIONS} for questions in asked.values())


def test_the_bound_that_answers_four_in_five_refuses_what_lies_below_it() -> None:
    """The curve is read at a share of answered questions."""
    seen = {"there": [0.1, 0.5, 0.6, 0.7, 0.8], "article": [0.0, 0.05, 0.55, 0.2]}

    assert refused(seen, "article", 0.8) == 0.75
