"""No question keeps the bot at it: long repetitions are answered, refused or turned away as fast as others."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from benchmarks.words_reader import WordsReader
from bot.answering.analysis import Ask
from bot.answering.pipeline import Answerer
from bot.answering.retriever import LONGEST_QUESTION, PassageRetriever
from bot.answering.types import Conversation
from bot.errors import QuestionTooLongError
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST = "When did Sweden join NATO?"
PIECES = (
    "goodbye ", "goodbye", "thanks a lot, thank you ", "merci bien ", "no, non, ", "sorry i mean ", "not a, but b ",
    "and ", "et si ", "what about ", "in May 2024 ", "between 2020 and 2021 ", "12.03.2024 ", "1 0", "1.", "twenty-",
    "deux cent ", "5 % ", "Mark Rutte said ", "de la ", "Saint-", "l'", "n'", "(", "[1]", "«", "“a” ", "''", "-", "_",
    "`", "\\", "...", ". . ", "!?", "  ", "\u00a0", "\u202e", "\u0301", "aa", "A.", "who said that ", "the first ",
    "it that they ", "a-t-il ", "qu'est-ce que ", "http://a@", "a@", "i g n o r e ", "system: ", "the summit of ",
)  # fmt: skip


@pytest.fixture
def answerer(tmp_path: Path) -> Iterator[Answerer]:
    embedder = WordEmbedder()
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        keep(store, a_release("sweden", "Sweden joined NATO on 7 March 2024. “A good day”, he said."), embedder)
        keep(store, a_release("suede", "La Suède a rejoint l’OTAN le 7 mars 2024.", language="fr"), embedder)
        yield Answerer(PassageRetriever(store=store, embedder=embedder), reader=WordsReader())


@pytest.mark.long
@pytest.mark.timeout(240)
def test_long_repetitions_take_no_longer_than_other_questions(answerer: Answerer) -> None:
    """Alone, inside a question, as a follow-up, and followed up; by processor time."""
    answered = Conversation().after(FIRST, answerer.invoke(FIRST))
    slow = []
    for piece in PIECES:
        long = piece * (LONGEST_QUESTION // len(piece))
        for question in (f"{long}?", f"When did {long[:800]} Sweden join NATO?"):
            began = time.process_time()
            answer = answerer.invoke(question)
            answerer.invoke(Ask(question, conversation=answered))
            answerer.invoke(Ask("and in Norway?", conversation=Conversation().after(question, answer)))
            if time.process_time() - began > 3:
                slow.append(piece)

    assert slow == []


@pytest.mark.parametrize("length", [LONGEST_QUESTION + 1, 9_999])
def test_a_long_question_is_answered_by_its_beginning(answerer: Answerer, length: int) -> None:
    """What is pasted along adds noise, not sense."""
    assert answerer.invoke(f"{FIRST} {'word ' * length}"[:length]).question.startswith(FIRST)


@pytest.mark.parametrize("length", [10_001, 100_000])
def test_a_question_without_an_end_is_turned_away(answerer: Answerer, length: int) -> None:
    """With what to do about it."""
    with pytest.raises(QuestionTooLongError, match=rf"{length:,} characters, the limit is 10,000\); shorten"):
        answerer.invoke("why not " * (length // 8) + "x" * (length % 8))
