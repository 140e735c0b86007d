from __future__ import annotations

import json
from typing import TYPE_CHECKING

from datasets import releases
from datasets.files import NEWSWIRE, write_json_lines
from training.reader.examples import Group, Passage, conversations, document_of, read_groups, write_groups, written

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Norvale runs eleven ferries. " + "The harbour was built in 1912 and holds forty boats. " * 30


def row(**more: object) -> dict[str, object]:
    return {"id": "a", "title": "Ferries", "date": "2025-06-03", "language": "en", "text": TEXT, **more}


def write(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    return path


def test_an_answer_is_marked_in_the_passage_that_holds_it() -> None:
    """Its other passages are silent about it."""
    document = document_of("a", "Ferries", TEXT)
    start = TEXT.index("eleven")

    passage = document.answering(start, start + 6)

    assert passage is not None
    assert passage.answer == "eleven"
    assert len(document.silent("eleven")) == len(document.passages) - 1 > 0


def test_a_question_without_an_answer_has_all_passages_against_it(tmp_path: Path) -> None:
    """Near misses learn that none of a release's passages answers."""
    questions = [
        {"language": "en", "kind": "howmany", "question": "How many ferries?", "answer": "eleven", "start": 13},
        {"language": "en", "kind": "howmuch", "question": "What did a ferry cost?", "answer": "", "start": -1},
    ]
    path = write(tmp_path / "r.jsonl", row(questions=questions))
    [(document, (answered, silent))] = written(releases.written(path))

    assert [passage.answer for passage in answered.answers] == ["eleven"]
    assert (silent.answers, silent.others) == ((), document.passages)


def test_a_turn_that_leans_comes_with_the_one_before(tmp_path: Path) -> None:
    """And once more put alone; the text may stand among the releases."""
    turns = [
        {"text": "Who runs ferries?", "kind": "new", "alone": "Who runs ferries?", "answer": "Norvale"},
        {"text": "how many?", "kind": "leaning", "alone": "How many ferries does Norvale run?", "answer": "eleven"},
        {"text": "thanks", "kind": "courtesy", "alone": "", "answer": ""},
    ]
    talk = row(turns=turns) | {"text": ""}
    [(_, groups)] = conversations(write(tmp_path / "t.jsonl", talk), {"a": TEXT})

    assert [(group.earlier, group.question) for group in groups] == [
        (None, "Who runs ferries?"),
        (None, "How many ferries does Norvale run?"),
        ("Who runs ferries?", "how many?"),
    ]


def test_groups_come_back_as_they_were_written(tmp_path: Path) -> None:
    """One a line, passages and all."""
    group = Group("written", "a", "How many?", "howmany", (Passage("Ferries", TEXT, "2025-06-03", 13, 19),), (), "Who?")

    write_groups([group], tmp_path / "g.jsonl.gz")

    assert read_groups(tmp_path / "g.jsonl.gz") == [group]


def test_questions_on_newswire_releases_hold_places_in_their_texts(tmp_path: Path) -> None:
    """What stands behind the part that was read might answer; it is left out."""
    (tmp_path / "releases").mkdir()
    long = TEXT + "The end. " * 400
    wire = {"id": "w", "wire": "x", "lang": "en", "title": "Ferries", "date": "2025-06-03", "url": None, "text": long}
    write_json_lines(tmp_path / NEWSWIRE, [wire])
    asked = [["fr", "howmany", "Combien ?", 13, 19], ["en", "howmuch", "What did it cost?", -1, -1]]
    path = write(tmp_path / "newswire-x.jsonl", {"release": "w", "questions": asked})

    [release] = releases.asked_newswire(path, tmp_path)

    assert [(one.answer, one.start) for one in release.questions] == [("eleven", 13), ("", -1)]
    assert len(release.text) == releases.NEWSWIRE_READ < len(long)
