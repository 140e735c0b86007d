"""Step 6: how much each sign of a passage counts, learned from questions whose passage is known.

    python -m training.ranking --out build/training --data ../shared/data

prints the weights for `vectorstore/retrieval/search.py`, the data they come from, and how they do on questions left
out. The questions: PIAF's fitting quarter (French), titles of newswire releases kept out (English, over their bodies),
and kept-out sentences over their translations. All their passages stand in one store, so that every question has
passages of both languages before it, as in a newsroom of two languages. A conditional logit per language relation
(McFadden, 1974): the probability that a candidate is the one is softmax(Σ weight · sign) over the candidates of its
question.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from datasets.command import parser_of, reads_shared_data
from datasets.questions import read_set
from datasets.splits import fits, newswire_by_age
from datasets.stores import filled
from training.data import read_pairs
from vectorstore.catalogue import Catalogue
from vectorstore.catalogue.sqlite import SqliteFile
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.embedders.subwords import built_in
from vectorstore.indexes import ChromaFolders
from vectorstore.indexes.tantivy import InvertedIndexes
from vectorstore.retrieval import full_text
from vectorstore.retrieval.dense import ExactIndex, Nearest
from vectorstore.retrieval.late_interaction import LateInteraction
from vectorstore.retrieval.lexical import LexicalSearch
from vectorstore.retrieval.search import RERANKED, Reranker, RerankingWeights, Search, signs
from vectorstore.text import detect_language
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_TITLES = 900  # newswire releases whose titles are asked
_SENTENCES = 1_500  # kept-out pairs: one side stands in the store, the other is asked
# On the squares of the weights. Harder on those across languages: their questions are sentences over their
# translations, word for word in order, as titles and questions over passages are not.
_PENALTIES = (1e-4, 1e-3)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its language, and the id of the release that answers it."""

    kind: str
    text: str
    language: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Example:
    """Signs of a question's candidates, shape (candidates, signs), which are in its language, and which are right."""

    kind: str
    known: NDArray[np.float64]
    same: NDArray[np.bool_]
    right: NDArray[np.bool_]
    releases: NDArray[np.int64]


def collect(out: Path, data: Path) -> tuple[list[Release], list[Asked]]:
    """Releases to search and questions to ask."""
    releases: list[Release] = []
    asked: list[Asked] = []
    paragraphs, questions = read_set("piaf", data)
    fitting = [paragraph for paragraph in paragraphs if fits(paragraph.article)]
    names = {paragraph.id: f"piaf-{number}" for number, paragraph in enumerate(fitting)}
    releases += [_release(names[one.id], one.article, one.body, "fr") for one in fitting]
    asked += [Asked("piaf", one.question, "fr", names[one.paragraph]) for one in questions if one.paragraph in names]
    _, newest = newswire_by_age(data)
    for one in newest[:_TITLES]:
        releases.append(_release(one.id, "", one.text, "en"))
        asked.append(Asked("title", one.title, "en", one.id))
    pairs = [p for p in read_pairs(out / "kept-out.tsv.gz") if p.kind == "bitext" and 60 < len(p.left) < 400]
    for number, pair in enumerate(pairs[:_SENTENCES]):
        stored, other, code = (pair.right, pair.left, "fr") if number % 2 else (pair.left, pair.right, "en")
        releases.append(_release(f"across-{number}", "", stored, code))
        asked.append(Asked("across", other, "en" if code == "fr" else "fr", f"across-{number}"))
    return releases, asked


def examples(releases: Sequence[Release], asked: Sequence[Asked], home: Path) -> list[Example]:
    """Each question with the candidates that a store of all the releases finds for it."""
    embedder, interaction = BuiltInEmbedder(), LateInteraction(built_in)
    filled(releases, embedder, home).close()
    catalogue = Catalogue(SqliteFile(home / "catalogue.sqlite3"))
    reranker = Reranker(catalogue, interaction, model_languages=embedder.languages)
    number, *_ = catalogue.passages.model() or (0,)
    exact = ExactIndex(catalogue, number, embedder.dimension)
    search = Search(
        catalogue,
        Nearest(catalogue, ChromaFolders(home / "chroma"), exact, exact_up_to=1_000_000),
        LexicalSearch(catalogue, full_text, InvertedIndexes(home / "words", beyond=0)),
        model_languages=embedder.languages,
        reranker=reranker,
    )
    rows = dict(catalogue.connection.execute("SELECT release_id, number FROM versions"))
    found = []
    for question in asked:
        vector = embedder.embed_question(question.text)
        language = detect_language(question.text)
        ranked, origins = search.fused(question.text, vector, depth=50, allowed=None, language=language)
        candidates = [candidate for _, candidate in ranked[:RERANKED]]
        comparison = reranker.compare(question.text, candidates, origins)
        owners = np.array([origins[candidate.key].version for candidate in candidates])
        same = np.array([origins[candidate.key].language == language for candidate in candidates])
        right = owners == rows[question.wanted]
        found.append(Example(question.kind, signs(candidates, comparison), same, right, owners))
    search.nearest.close()
    catalogue.close()
    return found


def fit(known: Sequence[Example]) -> tuple[NDArray[np.float64], float]:
    """Weights, shape (2, signs): in the question's language, in another. And the mean negative log-likelihood."""
    usable = [example for example in known if example.right.any() and not example.right.all()]
    wide = [_apart(example) for example in usable]
    count = wide[0].shape[1]
    penalties = np.repeat(_PENALTIES, count // 2)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = float(penalties @ weights**2 * len(wide)), 2 * penalties * weights * len(wide)
        for matrix, example in zip(wide, usable, strict=True):
            scores = matrix @ weights
            all_of_them = np.exp(scores - scores.max())
            all_of_them /= all_of_them.sum()
            right = all_of_them * example.right
            share = right.sum()
            total -= float(np.log(share + 1e-12))
            slope += matrix.T @ (all_of_them - right / (share + 1e-12))
        return float(total / len(wide)), slope / len(wide)

    # Every sign speaks for a passage, so no weight is negative: a score stays a share of the best that is possible.
    found = minimize(loss, np.ones(count), jac=True, method="L-BFGS-B", bounds=[(0, None)] * count)
    return found.x.reshape(2, -1), float(found.fun)


def hits(known: Sequence[Example], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Share of questions with the right release first, and among the first ten."""
    first = among = 0
    for example in known:
        order = np.argsort(-(_apart(example) @ weights.ravel()), kind="stable")
        distinct = list(dict.fromkeys(example.releases[order].tolist()))[:10]
        right = set(example.releases[example.right].tolist())
        first += bool(distinct) and distinct[0] in right
        among += not right.isdisjoint(distinct)
    return first / len(known), among / len(known)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the weights and what they reach."""
    parser = parser_of("training.ranking", "Fit the weights of reranking.")
    parser.add_argument("--out", type=Path, required=True, help="folder that holds kept-out.tsv.gz")
    options = parser.parse_args(arguments)
    releases, asked = collect(options.out, options.data)
    with tempfile.TemporaryDirectory() as home:
        known = examples(releases, asked, Path(home))
    halves = known[::2], known[1::2]
    for name, (learned, left_out) in {"first half": halves, "second half": halves[::-1]}.items():
        weights, _ = fit(learned)
        for kind in ("piaf", "title", "across"):
            some = [example for example in left_out if example.kind == kind]
            first, among = hits(some, weights)
            print(f"{name} learned, {kind} left out: hit@1 {first:.4f} hit@10 {among:.4f}")
    weights, loss = fit(known)
    print(f"{len(known)} questions, loss {loss:.4f}")
    for name, row in zip(("SAME_LANGUAGE", "OTHER_LANGUAGE"), weights, strict=True):
        named = ", ".join(
            f"{field.name}={value:.2f}" for field, value in zip(fields(RerankingWeights), row, strict=True)
        )
        print(f"{name} = RerankingWeights({named})")
    return 0


def _apart(example: Example) -> NDArray[np.float64]:
    """Each sign twice: once for passages in the question's language, once for the others."""
    same = example.same[:, None]
    return np.concatenate([example.known * same, example.known * ~same], axis=1)


def _release(identity: str, title: str, text: str, language: str) -> Release:
    body = tuple(line for line in map(str.strip, text.split("\n")) if line)
    return Release(id=identity, title=title, body=body, source=identity, language=language)


if __name__ == "__main__":
    sys.exit(main())
