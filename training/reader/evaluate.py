"""Step 4: how well the reader reads what it was not trained on, and what its logits are worth.

    python -m training.reader.evaluate --out build/reader --data ../shared/data

Reads `chosen-by.jsonl.gz` and a sample of FQuAD and XQuAD: whether the best of a question's passages is the one that
answers, whether its best span lies in the sentence that answers, how well answerability tells the two kinds of
questions apart (AUC), and how many of the claims are judged rightly. What turns logits into probabilities is fitted on
the questions that choose between models, and written to `calibration.json`.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.optimize import minimize

from bot.answering.reader import PAD, Encoder, best_span, open_tokenizer
from datasets.command import parser_of, reads_shared_data
from training.data import SEED
from training.halves import has_bfloat16
from training.reader.batches import of_claim
from training.reader.claims import read_claims
from training.reader.data import Near
from training.reader.examples import read_groups, squad
from training.reader.network import begun
from vectorstore.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bot.answering.reader import Encoded
    from training.reader.examples import Group
    from training.reader.network import Network

_AT_ONCE = 16
_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Read:
    """One group as it was read: per passage the logit, the span's lead, and whether the span's sentence is right."""

    group: Group
    logits: NDArray[np.float64]  # (passages, 2): answerability, lead
    right: tuple[bool, ...]


class Judge:
    """Reads groups and claims with a network."""

    def __init__(self, network: Network, encoder: Encoder) -> None:
        self._network = network.eval()
        self._encoder = encoder

    def run(self, encoded: Sequence[Encoded]) -> list[tuple[NDArray[np.float32], NDArray[np.float32], float, float]]:
        """Logits of each input, in the inputs' order."""
        found: dict[int, tuple[NDArray[np.float32], NDArray[np.float32], float, float]] = {}
        order = sorted(range(len(encoded)), key=lambda number: len(encoded[number].ids))
        for at in range(0, len(order), _AT_ONCE):
            part = order[at : at + _AT_ONCE]
            ids = torch.full((len(part), max(len(encoded[number].ids) for number in part)), PAD)
            for row, number in enumerate(part):
                ids[row, : len(encoded[number].ids)] = torch.tensor(encoded[number].ids)
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_bfloat16(_CPU)):
                outputs = [one.float().numpy() for one in self._network(ids, (ids != PAD).long())]
            for row, number in enumerate(part):
                start, end, answers, supports = (one[row] for one in outputs)
                found[number] = (start, end, float(answers), float(supports))
        return [found[number] for number in range(len(encoded))]

    def read(self, groups: Sequence[Group]) -> list[Read]:
        """Every group with all its passages, the one that answers first."""
        encoded = [
            self._encoder.questions(
                group.question, [one.context for one in (*group.answers, *group.others)], earlier=group.earlier
            )
            for group in groups
        ]
        outputs = iter(self.run([one for each in encoded for one in each]))
        return [_read(group, each, [next(outputs) for _ in each]) for group, each in zip(groups, encoded, strict=True)]


def _read(
    group: Group,
    encoded: Sequence[Encoded],
    outputs: Sequence[tuple[NDArray[np.float32], NDArray[np.float32], float, float]],
) -> Read:
    logits: list[tuple[float, float]] = []
    right: list[bool] = []
    for passage, one, (start, end, answers, _) in zip((*group.answers, *group.others), encoded, outputs, strict=True):
        first, last, lead = best_span(one, start, end)
        logits.append((answers, lead))
        place = one.spans[first][0] if first >= 0 else -1
        ends = one.spans[last][1] if first >= 0 else -1
        right.append(passage.start >= 0 and _same_sentence(passage.text, (place, ends), (passage.start, passage.end)))
    return Read(group, np.array(logits), tuple(right))


def _same_sentence(text: str, found: tuple[int, int], wanted: tuple[int, int]) -> bool:
    """Whether the sentence in the middle of what was found touches what was wanted."""
    middle = sum(found) // 2
    spans = sentence_spans(text, None)
    mine = next(((a, b) for a, b in spans if a <= middle < b), found)
    return mine[0] < wanted[1] and wanted[0] < mine[1]


def measured(data: Path, name: str, *, sample: int) -> list[Group]:
    """Questions of a set that only measures, with near passages of its other paragraphs."""
    documents = list(squad(data, name))
    near = Near([passage for document, _ in documents for passage in document.passages])
    groups = [group for _, some in documents for group in some]
    chosen = random.Random(SEED).sample(groups, min(sample, len(groups)))
    return [replace(group, others=(*group.others, *near.of(group, 8))) for group in chosen]


def figures(reads: Sequence[Read], weights: Sequence[float]) -> dict[str, float]:
    """What the readings are worth: shares of questions, and the area under the curve of answerability."""
    scores = [one.logits @ np.array(weights[:2]) + weights[2] for one in reads if len(one.logits)]
    reads = [one for one in reads if len(one.logits)]
    answered = [(one, score) for one, score in zip(reads, scores, strict=True) if one.group.answers]
    best = [float(score.max()) for one, score in zip(reads, scores, strict=True) if not one.group.answers]
    without = [float(score[1:].max()) for one, score in answered if len(score) > 1]
    there = [float(score.max()) for _, score in answered]
    return {
        "questions": len(reads),
        "passage first": float(np.mean([score.argmax() == 0 for _, score in answered])),
        "sentence right": float(np.mean([one.right[int(score.argmax())] for one, score in answered])),
        "sentence right in its passage": float(np.mean([one.right[0] for one, _ in answered])),
        "AUC, near misses": _auc(there, best) if best else float("nan"),
        "AUC, passage missing": _auc(there, without),
    }


def _auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often something positive scores above something negative."""
    a, b = np.array(positive)[:, None], np.array(negative)[None, :]
    return float(np.mean(a > b) + 0.5 * np.mean(a == b))


def platt(features: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[float, ...]:
    """Logistic regression of `truth` on `features` (rows) and 1: the weights, the bias last (Platt, 1999)."""
    padded = np.hstack([features, np.ones((len(features), 1))])

    def loss(weights: NDArray[np.float64]) -> float:
        logits = padded @ weights
        return float(np.mean(np.logaddexp(0, logits) - truth * logits) + 1e-4 * weights[:-1] @ weights[:-1])

    return tuple(float(one) for one in minimize(loss, np.zeros(padded.shape[1])).x)


def calibrate(reads: Sequence[Read]) -> tuple[float, ...]:
    """Weights of answerability and lead, and the bias: how likely the sentence that is marked answers."""
    features = np.vstack([one.logits for one in reads if len(one.logits)])
    truth = np.array([float(right) for one in reads for right in one.right])
    return platt(features, truth)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures, and write `calibration.json`."""
    parser = parser_of("training.reader.evaluate", "Evaluate the reader.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="reader")
    parser.add_argument("--sample", type=int, default=400, help="questions of FQuAD and of XQuAD")
    parser.add_argument("--limit", type=int, default=0, help="questions that choose and calibrate, 0 for all")
    options = parser.parse_args(arguments)
    out, folder = options.out, options.out / options.name
    recipe = json.loads((folder / "recipe.json").read_text("utf-8"))
    network, tokenizer = begun(out, layers=recipe["layers"], further=recipe["further"])
    network.load_state_dict(torch.load(folder / "state.pt", weights_only=True, map_location="cpu")["network"])
    encoder = Encoder(open_tokenizer(tokenizer))
    judge = Judge(network, encoder)
    groups = read_groups(out / "chosen-by.jsonl.gz")
    random.Random(SEED).shuffle(groups)
    reads = judge.read(groups[: options.limit or None])
    answers = calibrate(reads)
    by_set: dict[str, list[Read]] = {}
    for one in reads:
        by_set.setdefault(one.group.subset, []).append(one)
    for name in ("fquad", "xquad"):
        by_set[name] = judge.read(measured(options.data, name, sample=options.sample))
    for name, some in by_set.items():
        shares = ", ".join(f"{what} {share:.3f}" for what, share in figures(some, answers).items())
        print(f"{name}: {shares}", flush=True)
    claims = read_claims(out / "claims-chosen-by.jsonl.gz")
    supports = np.array([row[3] for row in judge.run([of_claim(claim, encoder).encoded for claim in claims])])
    truth = np.array([float(claim.supported) for claim in claims])
    borne = platt(supports[:, None], truth)
    apart = _auc(supports[truth == 1].tolist(), supports[truth == 0].tolist())
    kept = float(np.mean(supports[truth == 0] < np.quantile(supports[truth == 1], 0.2)))
    print(f"claims: {len(claims)}, AUC {apart:.3f}, false ones caught with 80 % of the true kept {kept:.3f}")
    (folder / "calibration.json").write_text(json.dumps({"answers": answers, "supports": borne}) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
