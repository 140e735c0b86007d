from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.answering.reader import Context, OnnxReader
from bot.errors import ReaderError
from tests.bot.answering.tiny_reader import write_reader

if TYPE_CHECKING:
    from pathlib import Path

HOW_MANY = "how many ferries?"
ELEVEN = Context("Ferries", "Norvale runs eleven ferries.")
NONE = Context("Ferries", "Norvale runs the ferries.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_reader(tmp_path / "reader")


def test_the_words_that_answer_are_marked_and_what_does_not_answer_is_doubted(folder: Path) -> None:
    """Whatever order the passages are read in, the readings come in theirs."""
    first, second = OnnxReader(folder).read(HOW_MANY, [NONE, ELEVEN])

    assert first
    assert second
    assert ELEVEN.text[second.start : second.end] == "eleven"
    assert first.answers < 0.1
    assert second.answers > 0.9


def test_only_what_may_be_quoted_answers(folder: Path) -> None:
    """A span lies in one of these parts, or there is none."""
    text = "The eleven ferries. The others run."
    quotable = Context("Ferries", text, None, ((20, len(text)),))
    nothing = Context("Ferries", text, None, ())

    elsewhere, none = OnnxReader(folder).read(HOW_MANY, [quotable, nothing])

    assert elsewhere
    assert elsewhere.start >= 20
    assert none
    assert (none.start, none.end, none.answers) == (0, 0, 0.0)


def test_parts_of_one_text_are_compared(tmp_path: Path) -> None:
    """Each gets a reading of its own, in their order, and those of the next text follow."""
    text = "The others run. Norvale runs eleven ferries."
    both = Context("Ferries", text, None, ((0, 15), (16, len(text))))

    reader = OnnxReader(write_reader(tmp_path / "reader", lead=1.0))

    (other, eleven), (alone,) = reader.compare(HOW_MANY, [both, replace(both, quotable=((0, 15),))])

    assert text[eleven.start : eleven.end] == "eleven"
    assert other.end <= 15
    assert eleven.answers > other.answers == alone.answers


def test_passages_for_which_there_is_no_time_are_not_read(folder: Path) -> None:
    """The first few always are."""
    readings = OnnxReader(folder, longest=0.0).read(HOW_MANY, [NONE] * 20)

    assert all(readings[:4])
    assert readings[-1] is None


def test_where_the_first_passages_answer_with_certainty_the_rest_is_not_read(tmp_path: Path) -> None:
    """It could not change the answer."""
    certain = OnnxReader(write_reader(tmp_path / "certain", sure=9.0), longest=60)

    assert certain.read(HOW_MANY, [ELEVEN, *[NONE] * 19])[-1] is None
    assert certain.read(HOW_MANY, [*[NONE] * 19, ELEVEN])[-1]


def test_many_questions_at_once_get_what_each_gets_alone(folder: Path) -> None:
    """One model, loaded once, read by any number of threads."""
    reader = OnnxReader(folder, longest=60)
    asked = [[ELEVEN, NONE], [NONE, ELEVEN], [NONE, NONE], [ELEVEN]] * 8
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda contexts: reader.read(HOW_MANY, contexts), asked))

    assert found == [OnnxReader(folder).read(HOW_MANY, contexts) for contexts in asked[:4]] * 8


def test_a_quote_bears_a_sentence_out_or_does_not(folder: Path) -> None:
    """By the model's other head."""
    reader = OnnxReader(folder)

    assert reader.supports("There are the ferries.", ELEVEN) > 0.9
    assert reader.supports("There are the ferries.", NONE) < 0.1


@pytest.mark.parametrize("lost", ["model.onnx", "tokenizer.json", "reader.json"])
def test_a_folder_that_is_no_reader_says_how_to_mend_it(folder: Path, lost: str) -> None:
    """At the first question, not when it is named."""
    (folder / lost).write_text("{}")
    reader = OnnxReader(folder)

    with pytest.raises(ReaderError, match=r"reader: .*reader: cannot be read .*: set reader\.model to such a folder"):
        reader.read(HOW_MANY, [ELEVEN])
