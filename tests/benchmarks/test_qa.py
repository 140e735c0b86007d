from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.qa import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one article of two paragraphs under the name of the smallest set."""
    qas = [
        {"id": "q1", "question": "Who opened it?", "answers": [{"text": "Ms Roe"}, {"text": "Ms Roe"}, {"text": "Roe"}]}
    ]
    paragraphs = [{"context": "Ms Roe opened the bridge.", "qas": qas}, {"context": "It is 90 m long.", "qas": []}]
    article = {"title": "Old-Town_Bridge", "paragraphs": paragraphs}
    (tmp_path / "qa").mkdir()
    (tmp_path / "qa" / "xquad.en.json").write_text(json.dumps({"data": [article]}))
    return tmp_path


def lines(path: Path) -> list[dict[str, object]]:
    """The objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_paragraph_becomes_a_release(data: Path, tmp_path: Path) -> None:
    """Releases carry an id, the article's title as words, the paragraph and the language."""
    assert main(["xquad", "--data", str(data), "--out", str(tmp_path / "new" / "out")]) == 0
    first, second = lines(tmp_path / "new" / "out" / "releases.jsonl")
    assert first == {
        "id": "xquad-00000",
        "title": "Old Town Bridge",
        "body": "Ms Roe opened the bridge.",
        "language": "en",
    }
    assert second["id"] == "xquad-00001"


def test_question_names_the_paragraph_it_was_written_for(data: Path, tmp_path: Path) -> None:
    """A question knows its release and each spelling of its answer once."""
    main(["xquad", "--data", str(data), "--out", str(tmp_path)])
    (question,) = lines(tmp_path / "questions.jsonl")
    assert question["relevant"] == ["xquad-00000"]
    assert question["passage_contains"] == ["Ms Roe", "Roe"]
    assert question["answerable"] is True
    assert question["language"] == "en"


def test_a_missing_set_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the file the exit code is 1, and nothing is written."""
    assert main(["fquad", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "qa/fquad-valid.json: no such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
