"""Step 7: how much each sign of a sentence counts, learned from questions whose answer is marked.

    python -m training.answering --data ../shared/data

prints the weights for `bot/extract/score.py`. The questions: PIAF's training half (French) and half of CLAP NQ's
answerable ones (English), each searched for in one store; PIAF's articles are cut into releases of four paragraphs.
Which sentence answers is learned by a conditional logit over the sentences of a question's hits; how far the best one
is to be trusted by logistic regression, each question asked twice, as it is and without the release that answers it:
what is learned is whether the hits hold an answer at all.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

from bot.cite import holds
from bot.extract.score import Signs, score
from bot.extract.sentences import sentences_of
from bot.retrieve import PassageRetriever
from ingest.release import Release
from ingest.split import split_release
from training.data import SEED, trains
from vectorstore.embedder import BuiltInEmbedder
from vectorstore.interaction import LateInteraction
from vectorstore.language import detect_language
from vectorstore.passage import embedded_text
from vectorstore.store import PassageStore
from vectorstore.subwords import built_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vectorstore.passage import Hit

_FRENCH = 1_200  # of PIAF's questions
_PENALTY = 1e-3
_BY_HAND = {"unmet": -3.0}  # too few of these questions ask for quantities of one kind in texts that hold others
_NOT_FOR_TRUST = ("agrees", "early", "near_best", "long", "about")  # the first hit is the first however badly it fits


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the release that answers it, and the strings of which a right sentence holds one."""

    text: str
    release: str
    answers: tuple[str, ...]


def piaf(path: Path) -> tuple[list[Release], list[Asked]]:
    """Releases of four paragraphs, and a sample of the questions on them."""
    releases: list[Release] = []
    asked: list[Asked] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        if not trains(article["title"]):
            continue
        for paragraphs in _fours(article["paragraphs"]):
            body = tuple(paragraph["context"] for paragraph in paragraphs)
            release = Release(
                id=f"piaf-{len(releases)}", title=article["title"], body=body, source="piaf", language="fr"
            )
            releases.append(release)
            asked += [
                Asked(entry["question"], release.id, tuple(answer["text"] for answer in entry["answers"]))
                for paragraph in paragraphs
                for entry in paragraph["qas"]
            ]
    return releases, random.Random(SEED).sample(asked, min(_FRENCH, len(asked)))


def clapnq(path: Path) -> tuple[list[Release], list[Asked]]:
    """Half of the answerable questions with their passages; every evidence sentence answers."""
    releases: list[Release] = []
    asked: list[Asked] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        entry = json.loads(line)
        passage = entry["passages"][0]
        release = Release(
            id=f"clapnq-{number}", title=passage["title"], body=(passage["text"],), source="clapnq", language="en"
        )
        releases.append(release)
        evidence = tuple(text for output in entry["output"] for text in output.get("selected_sentences", ()))
        if number % 2 == 0 and evidence:
            asked.append(Asked(entry["input"], release.id, evidence))
    return releases, asked


@dataclass(frozen=True, slots=True)
class Example:
    """Signs of the sentences of a question's hits, shape (sentences, signs), and which of them answer it."""

    signs: NDArray[np.float64]
    right: NDArray[np.bool_]


def examples(releases: Sequence[Release], asked: Sequence[Asked], home: Path) -> tuple[list[Example], list[Example]]:
    """Each question with the sentences of its hits, and again without those of the release that answers it."""
    embedder, interaction = BuiltInEmbedder(), LateInteraction(built_in)
    with PassageStore(home, model=embedder.name, interaction=interaction) as store:
        with store.writing():
            for release in releases:
                passages = split_release(release)
                texts = [embedded_text(release.title, passage.text) for passage in passages]
                store.replace(release, passages, embedder.embed_passages(texts))
        retriever = PassageRetriever(store=store, embedder=embedder, interaction=interaction)
        found, without = [], []
        for question in asked:
            hits = retriever.find(question.text, limit=13)
            others = [hit for hit in hits if hit.release.id != question.release]
            if others:
                found.append(_example(question, hits[:10], interaction))
                without.append(_example(question, others[:10], interaction))
    return found, without


def _example(question: Asked, hits: Sequence[Hit], interaction: LateInteraction) -> Example:
    sentences = sentences_of(hits)
    scored = score(question.text, sentences, detect_language(question.text), interaction)
    right = [
        one.sentence.release.id == question.release
        and any(holds(text, one.sentence.text) or holds(one.sentence.text, text) for text in question.answers)
        for one in scored
    ]
    signs = np.array([astuple(one.signs) for one in scored], dtype=np.float64).reshape(len(scored), len(fields(Signs)))
    return Example(signs, np.array(right, dtype=bool))


def fit_choice(known: Sequence[Example]) -> NDArray[np.float64]:
    """Weights by which the right sentence wins; the signs of `_BY_HAND` keep theirs."""
    usable = [example for example in known if example.right.any()]
    free = np.array([field.name not in _BY_HAND for field in fields(Signs)])
    fixed = np.array([_BY_HAND.get(field.name, 0.0) for field in fields(Signs)])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        full = np.where(free, weights, fixed)
        total, slope = float(_PENALTY * weights @ weights), 2 * _PENALTY * weights
        for example in usable:
            scores = example.signs @ full
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            share = float(chances[example.right].sum()) + 1e-12
            total -= float(np.log(share)) / len(usable)
            slope = slope + example.signs.T @ (chances - chances * example.right / share) / len(usable)
        return total, slope * free

    found: NDArray[np.float64] = minimize(loss, np.zeros(len(free)), jac=True, method="L-BFGS-B").x
    return np.where(free, found, fixed)


def fit_probability(
    signs: NDArray[np.float64], right: NDArray[np.bool_], allowed: NDArray[np.bool_]
) -> tuple[float, NDArray[np.float64]]:
    """Logistic regression: bias and weights, those not allowed 0."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = weights[0] + signs @ (weights[1:] * allowed)
        chances = 1 / (1 + np.exp(-scores))
        total = -np.mean(np.where(right, np.log(chances + 1e-12), np.log(1 - chances + 1e-12)))
        error = (chances - right) / len(right)
        slope = np.concatenate([[error.sum()], signs.T @ error * allowed])
        return float(total + _PENALTY * weights @ weights), slope + 2 * _PENALTY * weights

    found = minimize(loss, np.zeros(signs.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return float(found[0]), found[1:] * allowed


def best_of(known: Sequence[Example], weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The signs of each question's best sentence, and whether it answers."""
    places = [int((example.signs @ weights).argmax()) for example in known]
    signs = np.stack([example.signs[place] for example, place in zip(known, places, strict=True)])
    return signs, np.array([example.right[place] for example, place in zip(known, places, strict=True)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the weights and what they reach on questions left out."""
    parser = argparse.ArgumentParser(prog="python -m training.answering", description="Fit the weights of sentences.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data")
    options = parser.parse_args(arguments)
    french = piaf(options.data / "qa/piaf-v1.1.json")
    english = clapnq(options.data / "qa/clapnq_dev_answerable.jsonl")
    with tempfile.TemporaryDirectory() as home:
        found, without = examples(french[0] + english[0], french[1] + english[1], Path(home))
    choice = fit_choice(found[::2])
    _, right = best_of(found[1::2], choice)
    print(f"half learned, the other left out: the best sentence answers {right.mean():.3f} of {len(right)}")
    choice = fit_choice(found)
    everything = np.concatenate([example.signs for example in found])
    answers = np.concatenate([example.right for example in found])
    # The weights as they are: sentences are compared by the ratio of their likelihoods. The bias is that of a scaled
    # logistic regression, so that a likely sentence comes out at about 0.5.
    bias, scale = fit_probability((everything @ choice)[:, None], answers, np.array([True]))
    print(f"_BIAS = {bias / scale[0]:.2f}\n{_told('_WEIGHTS', choice)}")
    asked, missing = best_of(found, choice), best_of(without, choice)
    allowed = np.array([field.name not in _NOT_FOR_TRUST for field in fields(Signs)])
    held = np.array([example.right.any() for example in found] + [False] * len(without))
    bias, trust = fit_probability(np.concatenate([asked[0], missing[0]]), held, allowed)
    print(f"_TRUST_BIAS = {bias:.2f}\n{_told('_TRUST', trust)}")
    for name, (signs, _) in {"with the release": asked, "without it": missing}.items():
        sure = 1 / (1 + np.exp(-(bias + signs @ trust)))
        print(f"{name}: " + ", ".join(f"{(sure >= bound).mean():.2f} from {bound}" for bound in (0.3, 0.4, 0.5)))
    return 0


def _told(name: str, weights: NDArray[np.float64]) -> str:
    rows = "\n".join(f"    {field.name}={value:.2f}," for field, value in zip(fields(Signs), weights, strict=True))
    return f"{name} = Signs(\n{rows}\n)"


def _fours(paragraphs: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], ...]]:
    return [tuple(paragraphs[start : start + 4]) for start in range(0, len(paragraphs), 4)]


if __name__ == "__main__":
    sys.exit(main())
