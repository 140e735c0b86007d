"""Conversations: the kind of each turn, what is then answered, and whether small talk is left unanswered.

    python -m benchmarks.conversations --data ../shared/data

Played on `samples/`: `conversations.jsonl`, on which this project was built. Played on 3,000 Swiss and newswire
releases: `talks.jsonl`, by somebody who saw no code, before anything was run; a turn is right where the answer quotes
the place that answers, where it refuses what the release does not hold, or where it is of the right kind and asks
nothing. `conversations_held.jsonl` has no releases, only kinds. `smalltalk.jsonl` is typed into an empty conversation.
The baseline asks each turn by itself, and behind the question before it, in the same process.

`--canard` asks follow-ups of CANARD (Elgohary et al., 2019) in a store of its answers: of those whose rewriting by a
person finds the answer among ten, how many the turn finds.
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import tables
from benchmarks.releases import Asked, fill
from benchmarks.timing import Spent
from bot.answering.citations import holds
from bot.answering.followups import joined_questions
from bot.answering.pipeline import Ask
from bot.answering.reader import OnnxReader
from bot.answering.search import OF_BEFORE
from bot.answering.turns import TurnClassifier, opening
from bot.answering.types import Conversation
from bot.wiring import opened
from datasets.command import parser_of, reads_shared_data
from datasets.conversations import canard as canard_turns
from datasets.files import json_lines
from datasets.releases import archived
from datasets.stores import filled, retriever_of
from ingest.types import Source
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.types import Filter, Release

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.answering.pipeline import Answerer
    from bot.answering.types import Answer
    from datasets.releases import Archived
    from vectorstore.types import Hit

_HERE = Path(__file__).parent
_ODD = ("lol", "test", "?", "fuck you", "merci mille fois", "🎉", "a", "goodbye " * 2_000)
WAYS = ("as a conversation", "the bare turn", "behind the question before")
"""The last two are the baseline."""
WELL = ("right", "twin", "rightly refused", "replied")
"""What may come of a turn if all is in order."""


def conversations(name: str) -> list[dict[str, Any]]:
    """The conversations of a file beside this one."""
    return list(json_lines(_HERE / name))


def played(
    answerer: Answerer, turns: Sequence[dict[str, Any]], text: str
) -> Iterator[tuple[dict[str, Any], dict[str, Answer]]]:
    """Each turn of a conversation with its answer by every way; `text` is the field that holds what is typed."""
    conversation, before = Conversation(), ""
    for turn in turns:
        said = turn[text]
        answer = answerer.invoke(Ask(said, conversation=conversation))
        conversation = conversation.after(said, answer)
        yield (
            turn,
            {
                WAYS[0]: answer,
                WAYS[1]: answerer.invoke(said),
                WAYS[2]: answerer.invoke(f"{before} {said}".strip()),
            },
        )
        before = said if turn["kind"] in {"new", "leaning", "correction"} else before


def kinds(classify: TurnClassifier, file: str, text: str) -> list[tuple[str, str, str]]:
    """What is typed, its kind and the kind that it was taken for, with the questions before as the file has them."""
    found = []
    for one in conversations(file):
        before = ""
        for turn in one["turns"]:
            head, said = opening(turn[text])
            forgets = head is not None and head.kind.value == "reset"
            guess = classify(said, "" if forgets else before).kind.value
            found.append((turn[text], turn["kind"], "reset" if forgets else guess))
            if turn["kind"] in {"new", "leaning", "correction"}:
                before = turn.get("alone") or turn[text]
    return found


def on_samples(samples: Path) -> dict[str, list[bool]]:
    """The turns on `samples/` that have a known answer, by way of asking: whether each came out right."""
    right: dict[str, list[bool]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as home, opened(Path(home), model="none") as built:
        built.new_pipeline().run(Source(str(samples)))
        for one in conversations("conversations.jsonl"):
            for turn, answers in played(built.answerer, one["turns"], "q"):
                for way, answer in answers.items() if "contains" in turn or "answerable" in turn else ():
                    right[way].append(_holds(turn, answer))
    return right


def _holds(turn: dict[str, Any], answer: Answer) -> bool:
    if turn.get("answerable") is False:
        return not answer.answered
    return answer.answered and holds(turn["contains"], answer.text)


def on_releases(data: Path, home: Path, *, every: int, show: bool) -> tuple[dict[str, Counter[str]], int]:
    """The outcomes of every so manyth of `talks.jsonl` by way of asking, and how many turns there were."""
    releases = archived(data, with_newswire=True)
    talks = conversations("talks.jsonl")
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    fill(home, releases, {turn["id"] for one in talks for turn in one["turns"] if turn["id"]})
    some = talks[::every]
    with opened(home, model="none") as built:
        for one in some:
            for turn, answers in played(built.answerer, one["turns"], "text"):
                for way, answer in answers.items():
                    outcomes[way][_outcome(turn, releases, answer)] += 1
                if show:
                    _show(turn, _outcome(turn, releases, answers[WAYS[0]]), answers[WAYS[0]])
    return outcomes, sum(len(one["turns"]) for one in some)


def _show(turn: dict[str, Any], outcome: str, answer: Answer) -> None:
    print(f"\n{outcome} [{turn['kind']}] {turn['text']}    ({answer.standalone_question})")
    print(f"    {answer.text}\n    wanted: {turn['gist']}")


def _outcome(turn: dict[str, Any], releases: Mapping[str, Archived], answer: Answer) -> str:
    if turn["answerable"] is None:
        return "replied" if answer.reply or turn["kind"] in {"more", "challenge"} else "searched in vain"
    if not turn["answerable"]:
        return "answered what is not there" if answer.answered else "rightly refused"
    if answer.reply:
        return "replied to a question"
    return Asked(turn, releases[turn["id"]], answer, ()).outcome


def smalltalk(answerer: Answerer) -> tuple[int, int, list[float]]:
    """How many turns of small talk there are, how many were answered with a quote, and the milliseconds of each."""
    said = [one["text"] for one in conversations("smalltalk.jsonl")] + list(_ODD)
    answerer.invoke("Who are you?")
    quoted, spent = 0, []
    for text in said:
        began = time.perf_counter()
        answer = answerer.invoke(text)
        spent.append((time.perf_counter() - began) * 1000)
        quoted += bool(answer.citations)
        if answer.reply is None:
            print(f"searched: {text[:60]} -> {'quoted' if answer.citations else 'refused'}", file=sys.stderr)
    return len(said), quoted, spent


def canard(data: Path, count: int) -> str:
    """A row for each way to search: the share of follow-ups whose answer is among ten passages, and those kept.

    A dialogue is a release, each of its answers a passage; a follow-up keeps six passages of the release before.
    """
    releases, asked = dialogues(data)
    chosen = random.Random(7).sample(asked, count)
    with tempfile.TemporaryDirectory() as home:
        embedder = BuiltInEmbedder()
        store = filled(releases, embedder, Path(home))
        retriever = retriever_of(store, embedder)
        found: dict[str, list[bool]] = defaultdict(list)
        for release, answer, chain, turn, rewrite in chosen:
            ways = {"rewritten by a person": rewrite, "the bare turn": turn}
            for way, question in ways.items():
                found[way].append(_is_among(answer, retriever.find(question, language="en")))
            question = f"{joined_questions(chain)} {turn}"
            hits = retriever.find(question, language="en")
            found["with what it leans on"].append(_is_among(answer, hits))
            kept = retriever.find(question, where=Filter(releases=(release,)), limit=OF_BEFORE, language="en")
            found["and with the release before"].append(_is_among(answer, [*hits, *kept]))
        store.close()
    there = [place for place, one in enumerate(found["rewritten by a person"]) if one]
    columns = ("follow-ups", "dialogues", "passage found", "of those that the rewriting finds")
    lines = [tables.head("CANARD", *columns)]
    for way, truths in found.items():
        lines.append(tables.row(way, count, len(releases), _share(truths), _share([truths[place] for place in there])))
    return "\n".join(lines)


def dialogues(data: Path) -> tuple[list[Release], list[tuple[str, str, tuple[str, ...], str, str]]]:
    """Dialogues as releases, and follow-ups: dialogue, answer, the questions before, the turn, its rewriting."""
    bodies: dict[str, list[str]] = defaultdict(list)
    asked = []
    for turn, following in itertools.pairwise(canard_turns(data)):
        before = turn.history
        if following.history[: len(before)] != before or len(following.history) != len(before) + 2:
            continue
        title, answer = ": ".join(before[:2]), following.history[-1]
        if len(answer.split()) < 4:  # CANNOTANSWER, yes
            continue
        bodies[title].append(answer)
        if len(before) > 2 and turn.question != turn.rewrite:
            asked.append((title, answer, before[2::2], turn.question, turn.rewrite))
    releases = [
        Release(id=title, title=title, body=tuple(body), source="", language="en") for title, body in bodies.items()
    ]
    return releases, asked


def _is_among(answer: str, hits: Sequence[Hit]) -> bool:
    return any(answer in hit.passage.text for hit in hits)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = parser_of("benchmarks.conversations", "Measure conversations.")
    parser.add_argument("--samples", type=Path, default=_HERE.parent / "samples", help="folder with the releases")
    parser.add_argument("--home", type=Path, help="where the store of talks is kept from one run to the next")
    parser.add_argument("--canard", type=int, default=300, help="follow-ups of CANARD")
    parser.add_argument("--every", type=int, default=1, help="play every so manyth of `talks.jsonl` alone")
    parser.add_argument("--show", action="store_true", help="print each turn with its answer")
    options = parser.parse_args(arguments)
    classify = TurnClassifier(OnnxReader())
    print(tables.head("set", "turns", "kind right"))
    for file, text in (("conversations.jsonl", "q"), ("conversations_held.jsonl", "q"), ("talks.jsonl", "text")):
        guesses = kinds(classify, file, text)
        sure = {"challenge", "about_answer"}
        right = [kind == guess or {kind, guess} == sure for _, kind, guess in guesses]
        print(tables.row(file, len(guesses), _share(right)))
        for typed, kind, guess in guesses if options.show else ():
            if kind != guess:
                print(f"    {kind} -> {guess}: {typed}", file=sys.stderr)
    print("\n" + tables.head("on `samples/`", "turns with a known answer", "right"))
    for way, truths in on_samples(options.samples).items():
        print(tables.row(way, len(truths), _share(truths)))
    with tempfile.TemporaryDirectory() as folder:
        outcomes, count = on_releases(
            options.data, options.home or Path(folder), every=options.every, show=options.show
        )
        names = sorted({name for of in outcomes.values() for name in of})
        print("\n" + tables.head("on releases, `talks.jsonl`", "turns", "in order", *names))
        for way, of in outcomes.items():
            well = tables.share(sum(of[name] for name in WELL), count)
            print(tables.row(way, count, well, *(of[name] for name in names)))
        with opened(options.home or Path(folder), model="none") as built:
            said, quoted, spent = smalltalk(built.answerer)
    print("\n" + tables.head("small talk", "turns", "answered with a quote", "ms, p50 / p95"))
    print(tables.row("`smalltalk.jsonl`", said, quoted, Spent(spent)))
    print(f"\n{canard(options.data, options.canard)}")
    return 0


def _share(truths: Sequence[bool]) -> str:
    return tables.share(sum(truths), len(truths))


if __name__ == "__main__":
    sys.exit(main())
