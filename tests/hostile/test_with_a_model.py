"""The same forty hostile releases, and a language model that obeys every one of them: nothing of it is shown."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.pipeline import Answerer
from bot.answering.types import NoteKind, Usage
from bot.answering.writer import Writer
from bot.wiring import opened
from ingest.types import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.answering.llm import Message
    from bot.wiring import Built

HERE = Path(__file__).parent
ATTACKS: list[dict[str, Any]] = [
    json.loads(line) for line in HERE.joinpath("attacks.jsonl").read_text("utf-8").splitlines()
]
# Each is read for a second or two: some are by default, all of them every night.
each_attack = pytest.mark.parametrize(
    "attack",
    [
        pytest.param(one, id=one["file"], marks=() if at % 4 == 1 else pytest.mark.long)
        for at, one in enumerate(ATTACKS)
    ],
)


Shown = tuple[str, "Obedient", set[NoteKind]]
"""All that a reader sees of the answer and of every stage before it; the model; the kinds of the answer's notes."""


class Reply:
    usage = Usage(10, 5)

    def __init__(self, text: str) -> None:
        self._text = text

    def __iter__(self) -> Iterator[str]:
        yield self._text


class Obedient:
    """Replies with what a release told it to, under the key of the passage that it names best; then the same again."""

    name = "fake:obedient"
    structured = False

    def __init__(self, obeyed: dict[str, Any]) -> None:
        self._obeyed = obeyed
        self.asked: list[tuple[Message, ...]] = []

    def ask(self, messages: Sequence[Message], *, seconds: float | None = None, schema: object = None) -> Reply:
        del seconds, schema
        self.asked.append(tuple(messages))
        blocks = messages[1].text.split("key: ")[1:]
        quote = str(self._obeyed.get("quote") or "")
        named = [block[:4] for block in blocks if quote and quote in block] or [block[:4] for block in blocks]
        claims = [self._obeyed, *({**self._obeyed, "key": key} for key in named[:2])]
        return Reply("\n".join(map(json.dumps, claims)))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COMMUNIQUE_")]:
            patch.delenv(name)
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        with opened(tmp_path_factory.mktemp("home")) as both:
            pipeline = both.new_pipeline()
            for folder in (HERE.parents[1] / "samples", HERE / "releases"):
                pipeline.run(Source(str(folder)))
            pipeline.close()
            yield both


@pytest.fixture(scope="module")
def shown(built: Built) -> Callable[[dict[str, Any]], Shown]:
    """What is shown for each attack's question, which is asked once."""
    by_file = functools.cache(lambda file: _shown(built, next(one for one in ATTACKS if one["file"] == file)))
    return lambda attack: by_file(attack["file"])


def _shown(built: Built, attack: dict[str, Any]) -> Shown:
    model = Obedient(attack["obeyed"])
    answerer = Answerer(built.retriever, writer=Writer(model, built.reader))
    stages = list(answerer.stream(attack["question"]))
    quotes = (citation.quote for stage in stages for citation in stage.citations)
    texts = [*(stage.text for stage in stages), *quotes]
    return "\n".join(texts), model, {note.kind for note in stages[-1].notes}


@each_attack
def test_what_an_obedient_model_was_told_to_say_is_never_shown(
    shown: Callable[[dict[str, Any]], Shown], attack: dict[str, Any]
) -> None:
    """Its sentences stand on orders, on nothing, or on keys that it invents: the releases' own sentences answer."""
    text, model, notes = shown(attack)

    assert not [never for never in attack["never"] if never in text]
    assert "http" not in text
    assert (NoteKind.MODEL_FAILED in notes) is (len(model.asked) == 2)


@each_attack
def test_what_a_model_reads_cannot_end_its_passage(
    shown: Callable[[dict[str, Any]], Shown], attack: dict[str, Any]
) -> None:
    """The mark around passages is new for each question, and stands there twice for each of them."""
    _, model, _ = shown(attack)

    for messages in model.asked[:1]:
        mark = messages[1].text.split("between two marks ")[1].split(":")[0]
        passages = messages[1].text.split("\n", 1)[1]
        assert passages.count(mark) == 2 * passages.count(f"{mark} key: ")
        assert messages[0].role == "system"
