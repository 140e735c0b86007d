"""Fit the classifier of turns, and print how well it tells turns of conversations that were kept out.

    python -m training.turns.train --data ../shared/data

It learns from phrases by intent (`bot/answering/data/phrases.toml`), turns that were written for it (`written/`), the
shared turns and conversations, CANARD's follow-ups, questions on releases, and bare topics: names of the
gazetteer, words of titles and what people follow. Turns of which only the kind is known get
the intent that the phrases suggest. Logistic regression with an L2 penalty; the weights of the sources follow what
people type in a conversation: follow-ups and questions far more often than anything else.
"""

from __future__ import annotations

import random
import re
import sys
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.answering.reader import OnnxReader
from bot.answering.turns import (
    HASHED,
    PHRASES,
    SHAPES,
    WEIGHTS,
    ClassifierWeights,
    TurnKind,
    features,
    known_phrases,
    save,
)
from datasets import conversations, releases
from datasets.command import parser_of, reads_shared_data
from datasets.files import shared_file
from vectorstore.text import rows
from vectorstore.text.words import is_stop_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from datasets.conversations import Conversation

WRITTEN = Path(__file__).parent / "written"
FOLLOWED = Path(__file__).parents[1] / "topics" / "written" / "topics.tsv"
_SEED = 1
_FOLDS = 5
_QUESTIONS = 3_000  # on releases
_TOPICS = 3_000  # a third of them names, a third what people follow
_WORDS = 3_000  # by which words are compared
_SPELT = 0.3  # of the topics, as they are written; the others in small letters
_RUN = re.compile(r"[^\W\d_]{4,}(?: (?:d[eu]s? |of )?[^\W\d_]{4,}){0,1}")  # one or two words that say something
_PENALTY = 4.0  # sklearn's C
_DENSE = 0.1  # of a standard deviation of the encoder's numbers


@dataclass(frozen=True, slots=True)
class Example:
    """A turn after the question before it, what it is, where it comes from, and which fold it is kept out in."""

    text: str
    before: str
    kind: str
    source: str
    fold: int
    intent: str = ""

    @property
    def weight(self) -> float:
        """What it counts."""
        inside = {"phrase": 0.15, "turns": 0.3, "topic": 0.15}.get(self.source, 1.0) if self.before else 1.0
        return inside * {"canard": 0.3, "question": 0.5, "topic": 0.5, "conversation": 4.0, "written": 2.0}.get(
            self.source, 1.0
        )


def examples(data: Path) -> list[Example]:
    """Everything to learn from."""
    talks = list(conversations.written(conversations.written_by_the_data(data)))
    openings = [one.turns[0].alone for one in talks if one.turns]
    found = [*_of_conversations(talks), *_of_canard(data), *_written()]
    chance = random.Random(_SEED)
    found += [
        Example(text, before, guess.kind.value, "phrase", _fold(text), guess.intent)
        for text, guess in known_phrases(PHRASES).items()
        for before in ("", chance.choice(openings))
    ]
    found += [
        Example(turn.text, before, turn.kind, "turns", _fold(turn.text))
        for turn in conversations.short_turns(shared_file(data, "qa/turns-written.jsonl.gz"))
        for before in ("", chance.choice(openings))[turn.kind == "leaning" :]
    ]
    written = list(releases.written(releases.written_by_the_data(data)))
    questions = [question.question for release in written for question in release.questions]
    found += [
        Example(text, chance.choice((chance.choice(openings), "")), "new", "question", _fold(text))
        for text in chance.sample(questions, _QUESTIONS)
    ]
    found += _of_topics([release.title for release in written], openings, chance)
    return found


def _of_topics(titles: Sequence[str], openings: Sequence[str], chance: random.Random) -> Iterator[Example]:
    """What somebody types who takes the bot for a search engine: "ukraine", « dépenses de défense »."""
    tables = (row for table in ("countries", "places", "organisations") for row in rows(table))
    names = [name for row in tables for column, values in row.items() if column != "code" for name in values]
    runs = [run for title in titles for run in _RUN.findall(title) if not is_stop_word(run.split()[0].casefold(), None)]
    lines = (line.split("\t")[1:3] for line in FOLLOWED.read_text("utf-8").splitlines())
    followed = sorted({topic for topics in lines for column in topics for topic in column.split("|") if topic})
    third = _TOPICS // 3
    for topic in [*chance.sample(names, third), *chance.sample(runs, third), *chance.choices(followed, k=third)]:
        text = topic if chance.random() < _SPELT else topic.lower()
        yield Example(text, "", "new", "topic", _fold(text))
        yield Example(text, chance.choice(openings), "leaning", "topic", _fold(text))


def _of_conversations(talks: Sequence[Conversation]) -> Iterator[Example]:
    for number, talk in enumerate(talks):
        before = ""
        for turn in talk.turns:
            yield Example(turn.text, before, turn.kind, "conversation", number % _FOLDS)
            before = turn.alone or before


def _of_canard(data: Path) -> Iterator[Example]:
    for turn in conversations.canard(data):
        history, text = turn.history, turn.question
        if len(history) > 2:  # the first two are the article and its section
            kind = "new" if text.strip().lower() == turn.rewrite.strip().lower() else "leaning"
            yield Example(text, history[-2], kind, "canard", _fold(history[0] + history[1]))


def _written() -> Iterator[Example]:
    for path in sorted(WRITTEN.glob("*.jsonl")):
        for turn in conversations.short_turns(path):
            yield Example(turn.text, turn.before, turn.kind, "written", _fold(turn.before or turn.text))


def _fold(text: str) -> int:
    return zlib.crc32(text.encode()) % _FOLDS


def sparse_of(some: Sequence[Example]) -> csr_matrix:
    """Hashed features and shapes, shape (examples, HASHED + SHAPES)."""
    entries = [
        (row, place, value) for row, one in enumerate(some) for place, value in features(one.text, one.before).items()
    ]
    numbers, places, values = zip(*entries, strict=True)
    return csr_matrix((values, (numbers, places)), shape=(len(some), HASHED + SHAPES))


def with_intents(some: Sequence[Example], sparse: csr_matrix) -> list[str]:
    """The label of each example: its kind, and its intent where the kind has some."""
    labels = [f"{one.kind} {one.intent}".strip() for one in some]
    for kind in TurnKind:
        mine = [place for place, one in enumerate(some) if one.kind == kind.value]
        known = [place for place in mine if some[place].intent]
        if len({some[place].intent for place in known}) > 1:
            model = LogisticRegression(C=_PENALTY, max_iter=200).fit(sparse[known], [labels[place] for place in known])
            unknown = [place for place in mine if not some[place].intent]
            for place, label in zip(unknown, model.predict(sparse[unknown]), strict=True):
                labels[place] = str(label)
        elif known:
            for place in mine:
                labels[place] = labels[known[0]]
    return labels


def fitted(joined: csr_matrix, labels: Sequence[str], weights: NDArray[np.float64]) -> LogisticRegression:
    """The regression."""
    return LogisticRegression(C=_PENALTY, max_iter=150).fit(joined, labels, sample_weight=weights)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print what one fold kept out says, and write the weights that all examples give."""
    parser = parser_of("training.turns.train", "Fit the classifier of turns.")
    parser.add_argument("--wrong", action="store_true", help="print the turns that came out wrong")
    options = parser.parse_args(arguments)
    some = examples(options.data)
    print(Counter((one.source, one.kind) for one in some))
    sparse, reader = sparse_of(some), OnnxReader()
    seen = np.stack([reader.turn(one.text, one.before) for one in some])
    mean, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-6
    joined = hstack([sparse, csr_matrix((seen - mean) / spread * _DENSE)]).tocsr()
    labels, weights = with_intents(some, sparse), np.array([one.weight for one in some])
    kept_out = np.array([one.fold == 0 for one in some])
    model = fitted(joined[~kept_out], [label for label, out in zip(labels, kept_out, strict=True) if not out],
                   weights[~kept_out])  # fmt: skip
    report(some, kept_out, [str(one) for one in model.predict(joined[kept_out])], wrong=options.wrong)
    model = fitted(joined, labels, weights)
    pairs = [str(label).partition(" ") for label in model.classes_]
    dense = model.coef_[:, HASHED + SHAPES :] / spread * _DENSE
    save(
        WEIGHTS,
        ClassifierWeights(
            labels=tuple((TurnKind(kind), intent) for kind, _, intent in pairs),
            sparse=model.coef_[:, : HASHED + SHAPES].astype(np.float32),
            dense=dense.astype(np.float32),
            bias=(model.intercept_ - dense @ mean).astype(np.float32),
            words=words_of(some, reader),
        ),
    )
    print(f"{WEIGHTS}: {WEIGHTS.stat().st_size / 1e3:.0f} kB, {len(labels)} examples, {len(pairs)} labels")
    return 0


def words_of(some: Sequence[Example], reader: OnnxReader) -> NDArray[np.float32]:
    """The mean and the spread of what the encoder makes of the words that turns hold most often."""
    words = Counter(word for one in some for word in one.text.split() if word.isalpha())
    rows = np.concatenate([reader.words([word]) for word, _ in words.most_common(_WORDS)])
    return np.stack([rows.mean(axis=0), rows.std(axis=0) + 1e-6]).astype(np.float32)


def report(some: Sequence[Example], kept_out: NDArray[np.bool_], predicted: Sequence[str], *, wrong: bool) -> None:
    """Print the share of kinds that came out right, by source."""
    tried = [one for one, out in zip(some, kept_out, strict=True) if out]
    guesses = [(one, label.split()[0]) for one, label in zip(tried, predicted, strict=True)]
    for source in sorted({one.source for one in tried}):
        right = [one.kind == kind for one, kind in guesses if one.source == source]
        print(f"{source}: {np.mean(right):.3f} of {len(right)}")
    for one, kind in guesses if wrong else ():
        if one.kind != kind and one.source in {"conversation", "written"}:
            print(f"    {one.kind} -> {kind}: {one.text}   [{one.before}]")


if __name__ == "__main__":
    sys.exit(main())
