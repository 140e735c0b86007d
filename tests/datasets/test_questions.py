"""Question sets as typed rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from datasets.files import MissingDataError
from datasets.questions import SETS, clap_nq, read_set
from tests.shared_data import DATA, shared

if TYPE_CHECKING:
    from pathlib import Path


def test_a_question_knows_its_paragraph_and_where_the_answer_stands(tmp_path: Path) -> None:
    """Each spelling of the answer comes once, and `start` is that of the first."""
    answers = [{"text": "Ms Roe", "answer_start": 7}, {"text": "Ms Roe", "answer_start": 7}, {"text": "Roe"}]
    paragraph = {"context": "It was Ms Roe.", "qas": [{"id": "q1", "question": "Who was it?", "answers": answers}]}
    (tmp_path / "qa").mkdir()
    article = {"title": "Old-Town_Bridge", "paragraphs": [paragraph]}
    (tmp_path / "qa" / "xquad.en.json").write_text(json.dumps({"data": [article]}))

    (bridge,), (question,) = read_set("xquad", tmp_path)

    assert (bridge.id, bridge.title, question.paragraph) == ("xquad-00000", "Old Town Bridge", "xquad-00000")
    assert (question.answers, question.start) == (("Ms Roe", "Roe"), 7)


def test_a_missing_set_is_one_line_with_what_to_do(tmp_path: Path) -> None:
    """It names the file and the option."""
    with pytest.raises(
        MissingDataError, match=r"qa/fquad-valid\.json: no such file; name the folder of the shared data"
    ):
        read_set("fquad", tmp_path)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "paragraphs", "questions"), [("fquad", 768, 3188), ("piaf", 1518, 7569), ("xquad", 240, 1190)]
)
def test_real_sets_are_read_whole(name: str, paragraphs: int, questions: int) -> None:
    """Each set has the published number of paragraphs and questions; answers stand at their places, but for a few."""
    shared(SETS[name][0])
    found, asked = read_set(name, DATA)
    texts = {paragraph.id: paragraph.body for paragraph in found}
    assert (len(found), len(asked)) == (paragraphs, questions)
    placed = sum(texts[one.paragraph].startswith(one.answers[0], one.start) for one in asked)
    assert placed / len(asked) > 0.99


@pytest.mark.data
def test_passages_of_clap_nq_that_do_not_answer_have_no_evidence() -> None:
    """Three hundred of each kind."""
    shared("qa/clapnq_dev_answerable.jsonl")
    there, missing = list(clap_nq(DATA, "answerable")), list(clap_nq(DATA, "unanswerable"))
    assert (len(there), len(missing)) == (300, 300)
    assert sum(bool(one.evidence) for one in there) > 290
    assert not any(one.evidence for one in missing)
