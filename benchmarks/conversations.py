"""Follow-ups made to stand alone, and what is then answered, beside the bare turn and the last two turns together.

    python -m benchmarks.conversations --samples samples

`conversations.jsonl` is played on `samples/` through the whole chain; the rules were mended on it. No rule was mended
on `conversations_held.jsonl`, which is on other subjects: it has no releases, and only the questions that come out are
looked at. A turn stands alone where its question holds and lacks what it should.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answer import Answer, Refusal, Searched
from bot.answerer import Ask
from bot.cite import holds
from bot.conversation import Conversation
from bot.follow_up import follow
from bot.wiring import opened
from ingest.release import Source
from vectorstore.language import detect_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answerer import Answerer

_HERE = Path(__file__).parent


@dataclass(slots=True)
class Score:
    """What came right, by way of asking; each list holds a truth for every turn that was measured."""

    kinds: list[bool] = field(default_factory=list)
    alone: list[bool] = field(default_factory=list)
    right: dict[str, list[bool]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def see(self, turn: dict[str, Any], kind: str, question: str) -> None:
        """Compare what a turn became with what it should be."""
        self.kinds.append(kind == turn["kind"])
        held = all(holds(one, question) for one in turn.get("holds", ()))
        alone = held and not any(holds(one, question) for one in turn.get("lacks", ()))
        if "holds" in turn or "lacks" in turn:
            self.alone.append(alone)
        if not (self.kinds[-1] and alone):
            self.missed.append(f"{turn['q']} ({turn['kind']}) -> {kind}: {question}")


def conversations(name: str) -> list[list[dict[str, Any]]]:
    """The turns of each conversation of a file beside this one."""
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["turns"] for line in lines]


def played(answerer: Answerer) -> Score:
    """Every conversation on the samples, each turn also asked bare, and behind the question before it."""
    score = Score(right={"follow-ups": [], "the bare turn": [], "the last question and the turn": []})
    for turns in conversations("conversations.jsonl"):
        conversation, before = Conversation(), ""
        for turn in turns:
            followed = follow(turn["q"], conversation, detect_language(turn["q"]))
            score.see(turn, followed.kind.value, followed.question)
            answer = answerer.invoke(Ask(turn["q"], conversation=conversation))
            conversation = conversation.after(turn["q"], answer)
            ways = {"follow-ups": answer}
            if "contains" in turn or "answerable" in turn:
                ways["the bare turn"] = answerer.invoke(turn["q"])
                ways["the last question and the turn"] = answerer.invoke(f"{before} {turn['q']}".strip())
                for way, told in ways.items():
                    score.right[way].append(_is_right(turn, told))
            before = turn["q"]
    return score


def held() -> Score:
    """The held set: no answers, each is taken to have been refused."""
    score = Score()
    for turns in conversations("conversations_held.jsonl"):
        conversation = Conversation()
        for turn in turns:
            followed = follow(turn["q"], conversation, detect_language(turn["q"]))
            score.see(turn, followed.kind.value, followed.question)
            conversation = conversation.after(turn["q"], _nothing(turn["q"], followed.question))
    return score


def _is_right(turn: dict[str, Any], answer: Answer) -> bool:
    if turn.get("answerable") is False:
        return not answer.answered
    return answer.answered and holds(turn["contains"], answer.text)


def _nothing(question: str, alone: str) -> Answer:
    from datetime import UTC, datetime

    language = detect_language(question) or "en"
    refusal = Refusal("nothing", Searched(0))
    return Answer(question, alone, "", language, (), refusal, 0.0, "none", datetime.now(UTC), {})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conversations", description="Measure follow-ups.")
    parser.add_argument("--samples", type=Path, default=_HERE.parent / "samples", help="folder with the releases")
    parser.add_argument("--missed", action="store_true", help="print each turn that came out wrong")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home, opened(Path(home)) as built:
        pipeline = built.new_pipeline()
        pipeline.run(Source(str(options.samples)))
        pipeline.close()
        ours = played(built.answerer)
    theirs = held()
    print("| set | turns | kind right | stands alone |\n|---|---|---|---|")
    for name, score in (("samples", ours), ("held, other subjects", theirs)):
        print(f"| {name} | {len(score.kinds)} | {_share(score.kinds)} | {_share(score.alone)} |")
    print("\n| way of asking | turns with a known answer | answered right |\n|---|---|---|")
    for way, right in ours.right.items():
        print(f"| {way} | {len(right)} | {_share(right)} |")
    if options.missed:
        print("\n".join(["", *ours.missed, "", *theirs.missed]), file=sys.stderr)
    return 0


def _share(truths: Sequence[bool]) -> str:
    return f"{statistics.fmean(truths):.2f} ({Counter(truths)[True]} of {len(truths)})"


if __name__ == "__main__":
    sys.exit(main())
