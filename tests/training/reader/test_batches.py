from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from bot.answering.reader import Encoder, open_tokenizer
from tests.training.reader.tiny_tokenizer import write_tokenizer
from training.reader.claims import Claim
from training.reader.examples import Group, Passage

if TYPE_CHECKING:
    from pathlib import Path

batching = pytest.importorskip("training.reader.batches", reason="torch is not installed", exc_type=ImportError)

ANSWER = Passage("Ferries", "Norvale runs eleven ferries. " + "The harbour holds forty boats. " * 6, None, 13, 19)
OTHERS = (Passage("Ferries", "The harbour was built in 1912."), Passage("Trains", "Norvale runs trains."))


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return Encoder(open_tokenizer(write_tokenizer(tmp_path / "tokenizer.json")))


def group(number: int = 0) -> Group:
    return Group("piaf", "a", f"how many ferries {number}?", "howmany", (ANSWER,), OTHERS)


def test_the_subwords_of_an_answer_are_the_target(encoder: Encoder) -> None:
    """And a passage that does not answer points to the first subword, which stands for none."""
    first, *others = batching.inputs_of(group(), encoder, random.Random(1))
    spans = first.encoded.spans

    assert (
        ANSWER.text[spans[first.start - first.encoded.first][0] : spans[first.end - first.encoded.first][1]].strip()
        == "eleven"
    )
    assert [(one.start, one.end, one.answers) for one in others] == [(0, 0, 0)] * len(others)


def test_a_passage_less_its_sentence_no_longer_answers() -> None:
    """It is as near as a passage can be; where the answer stands there once more, there is none."""
    left = batching.less_sentence(ANSWER)

    assert left is not None
    assert "eleven" not in left.text
    assert batching.less_sentence(Passage("", ANSWER.text + "There are eleven.", None, 13, 19)) is None


def test_the_same_pass_gives_the_same_batches(encoder: Encoder) -> None:
    """A run that goes on finds its place; another pass has another order."""
    groups, claims = [group(number) for number in range(40)], [Claim("true", "Eleven.", "Norvale runs eleven.", True)]

    def ids(number: int) -> list[list[list[int]]]:
        made = batching.batches(groups, claims, encoder, number=number, shares=batching.Shares(2_000))
        return [one.ids.tolist() for one in made]

    assert ids(0) == ids(0) != ids(1)
    assert len(ids(0)) > 1
