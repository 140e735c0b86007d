"""Step 8: when to refuse, learned from questions asked with their answer in the store and without it.

    python -m training.refusing --data ../shared/data

writes `bot/extract/trust.json`. The questions: PIAF's training half (French), each asked with everything in the store,
without its paragraph and without its whole article, in the whole corpus and in stores of a few paragraphs, as a young
newsroom has them; and half of CLAP NQ (English), the unanswerable ones with passages that come near. What is learned
is whether the hits hold the answer, as for questions of which three in five have one.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.missing import Rounds, clapnq, fitted_half
from benchmarks.qa import read_set
from bot.extract.score import score
from bot.extract.sentences import sentences_of
from bot.extract.trust import Traits, traits
from bot.retrieve import PassageRetriever
from training.data import SEED, trains
from vectorstore.embedder import BuiltInEmbedder
from vectorstore.interaction import LateInteraction
from vectorstore.language import detect_language
from vectorstore.subwords import built_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.missing import Round
    from benchmarks.qa import Paragraph, Question
    from vectorstore.embedder import Embedder

OUT = Path(__file__).parents[1] / "bot/extract/trust.json"
_FRENCH = 1_400  # of PIAF's questions in the whole corpus
_FEW = 12  # paragraphs of a small store
_SMALL = 60  # small stores
_OF_CLAPNQ = 4.0  # its questions are few, and the hardest
_ANSWERABLE = 3.0  # each one's weight, of which there is one for two that are not


@dataclass(frozen=True, slots=True)
class Examples:
    """What the searches saw, whether their hits held the answer, and how much each example counts."""

    rows: list[tuple[float, ...]]
    held: list[bool]
    weights: list[float]

    def see(self, one: Round, answerable: set[str], embedder: Embedder, weight: float) -> None:
        """Ask a round's questions."""
        interaction = LateInteraction(built_in)
        retriever = PassageRetriever(store=one.store, embedder=embedder, interaction=interaction)
        for question in one.questions:
            language = detect_language(question.question)
            hits = retriever.find(question.question, language=language)
            scored = score(question.question, sentences_of(hits), language, interaction)
            if scored:
                self.rows.append(astuple(traits(question.question, hits, scored, language, compares=interaction)))
                found = any(hit.release.id == question.paragraph for hit in hits)
                self.held.append(found and question.id in answerable)
                self.weights.append(weight)


def piaf(data: Path) -> tuple[list[Paragraph], list[Question]]:
    """All paragraphs, and the questions on those articles that may train."""
    paragraphs, questions = read_set("piaf", data)
    known = {paragraph.id for paragraph in paragraphs if trains(paragraph.article)}
    return paragraphs, [question for question in questions if question.paragraph in known]


def small_sets(
    paragraphs: Sequence[Paragraph], questions: Sequence[Question]
) -> Iterator[tuple[list[Paragraph], list[Question]]]:
    """Some paragraphs with a few of their questions, as a young newsroom has them."""
    chance = random.Random(SEED)
    known = sorted({question.paragraph for question in questions})
    by_id = {paragraph.id: paragraph for paragraph in paragraphs}
    for _ in range(_SMALL):
        some = chance.sample(known, chance.randint(2, 2 * _FEW))
        asked = [question for question in questions if question.paragraph in some]
        yield [by_id[one] for one in some], chance.sample(asked, min(len(asked), 12))


def examples(data: Path, home: Path) -> Examples:
    """Every question of the fitting sets, with its answer in the store and without."""
    embedder, seen = BuiltInEmbedder(), Examples([], [], [])
    paragraphs, questions = piaf(data)
    everyone = {question.id for question in questions}
    for one in Rounds(paragraphs, embedder).of(random.Random(SEED).sample(questions, _FRENCH), home / "piaf", folds=8):
        seen.see(one, everyone, embedder, 1.0)
    for number, (some, asked) in enumerate(small_sets(paragraphs, questions)):
        for one in Rounds(some, embedder).of(asked, home / f"small-{number}", folds=3):
            seen.see(one, everyone, embedder, 1.0)
    passages, answerable, unanswerable = clapnq(data)
    fitted = fitted_half(answerable) + fitted_half(unanswerable)
    for one in Rounds(passages, embedder).of(fitted, home / "clapnq", folds=8):
        if one.missing != "article":  # each passage is an article of its own
            seen.see(one, {question.id for question in answerable}, embedder, _OF_CLAPNQ)
    return seen


def fit(seen: Examples) -> dict[str, object]:
    """Bias, and for each trait its mean, its deviation and its weight."""
    rows, held = np.array(seen.rows), np.array(seen.held)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    weights = np.array(seen.weights) * np.where(held, _ANSWERABLE, 1.0)
    model = LogisticRegression(C=0.1, max_iter=3_000).fit((rows - mean) / deviation, held, sample_weight=weights)
    told = {
        field.name: [round(float(value), 4) for value in row]
        for field, row in zip(fields(Traits), zip(mean, deviation, model.coef_[0], strict=True), strict=True)
    }
    return {"embedder": BuiltInEmbedder().name, "bias": round(float(model.intercept_[0]), 4), "traits": told}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the weights."""
    parser = argparse.ArgumentParser(prog="python -m training.refusing", description="Fit when to refuse.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home:
        seen = examples(options.data, Path(home))
    OUT.write_text(json.dumps(fit(seen), indent=1) + "\n", encoding="utf-8")
    print(f"{len(seen.rows)} examples, {sum(seen.held)} with the answer among the hits: {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
