"""Step 4: what a table of vectors is worth: on what was kept out to choose by, and on the sets that only measure.

python -m training.evaluate --out build/training --name model --data ../shared/data
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from datasets.command import parser_of, reads_shared_data
from datasets.parallel import neighbour_error, newstest
from datasets.questions import read_set
from datasets.releases import swiss as swiss_releases
from datasets.splits import fits, trains
from training.data import read_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


class Vectors:
    """A table of vectors with its tokenizer: texts to rows of length 1."""

    def __init__(self, tokenizer: Tokenizer, table: NDArray[np.float32]) -> None:
        self.tokenizer = tokenizer
        self.table = table

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of length 1, shape (texts, dimension)."""
        rows = np.zeros((len(texts), self.table.shape[1]), dtype=np.float32)
        for row, encoding in enumerate(self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)):
            if encoding.ids:
                rows[row] = self.table[encoding.ids].mean(axis=0)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return rows


def hits(questions: NDArray[np.float32], passages: NDArray[np.float32], owners: Sequence[int], wanted: Sequence[int],
         deepest: int = 10) -> tuple[float, float]:  # fmt: skip
    """Share of questions whose wanted owner has the nearest passage, and is among the owners of the nearest ten."""
    owner = np.asarray(owners)
    first = among = 0
    for start in range(0, len(questions), 512):
        likeness = questions[start : start + 512] @ passages.T
        for row, want in zip(np.argsort(-likeness, axis=1)[:, : deepest * 6], wanted[start : start + 512], strict=True):
            distinct = list(dict.fromkeys(owner[row].tolist()))[:deepest]
            first += distinct[0] == want
            among += want in distinct
    return first / len(questions), among / len(questions)


def squad(data: Path, name: str, keep: Callable[[str], bool]) -> tuple[list[str], list[str], list[int]]:
    """Questions, paragraphs, and the number of each question's paragraph, of the articles that are kept."""
    paragraphs, questions = read_set(name, data)
    kept = [paragraph for paragraph in paragraphs if keep(paragraph.article)]
    number = {paragraph.id: place for place, paragraph in enumerate(kept)}
    asked = [question for question in questions if question.paragraph in number]
    return (
        [question.question for question in asked],
        [f"{paragraph.article}\n{paragraph.body}" for paragraph in kept],
        [number[question.paragraph] for question in asked],
    )


def report(vectors: Vectors, out: Path, data: Path) -> dict[str, tuple[float, float]]:
    kept = read_pairs(out / "kept-out.tsv.gz")
    figures: dict[str, tuple[float, float]] = {}
    pairs = [pair for pair in kept if pair.kind == "bitext"]
    figures["kept-out bitext error"] = neighbour_error(
        vectors.embed([pair.left for pair in pairs]), vectors.embed([pair.right for pair in pairs])
    )
    wire = [pair for pair in kept if pair.kind == "title"]
    titles = list(dict.fromkeys(pair.left for pair in wire))
    number = {title: place for place, title in enumerate(titles)}
    figures["kept-out newswire title hit"] = hits(
        vectors.embed(titles), vectors.embed([pair.right for pair in wire]), [number[pair.left] for pair in wire],
        list(range(len(titles))),
    )  # fmt: skip
    for name, keep in (
        ("piaf fitting quarter", fits),
        ("piaf test half", lambda title: not trains(title)),
        ("fquad", lambda _: True),
        ("xquad", lambda _: True),
    ):
        questions, paragraphs, wanted = squad(data, name.split(" ", maxsplit=1)[0], keep)
        figures[f"{name} hit"] = hits(
            vectors.embed(questions), vectors.embed(paragraphs), range(len(paragraphs)), wanted
        )
    english, french = (vectors.embed(side) for side in zip(*newstest(data), strict=True))
    figures["newstest2014 error"] = neighbour_error(english, french)
    figures |= swiss(vectors, data)
    return figures


def swiss(vectors: Vectors, data: Path) -> dict[str, tuple[float, float]]:
    sides = {code: {release.pair: release for release in swiss_releases(data, code)} for code in ("fr", "en")}
    both = [pair for pair in sides["en"] if pair in sides["fr"]]
    embedded = {}
    for code, side in sides.items():
        owners, texts = [], []
        for place, pair in enumerate(both):
            text = side[pair].lead + "\n" + side[pair].body
            for start in range(0, min(len(text), 6_000), 600):
                owners.append(place)
                texts.append(text[start : start + 600])
        embedded[code] = (vectors.embed([side[pair].title for pair in both]), vectors.embed(texts), owners)
    wanted = list(range(len(both)))
    return {
        f"swiss {asked} title to {other} hit": hits(embedded[asked][0], embedded[other][1], embedded[other][2], wanted)
        for asked in ("fr", "en") for other in ("fr", "en")
    }  # fmt: skip


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of("training.evaluate", "Measure a table of vectors.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="model")
    options = parser.parse_args(arguments)
    recipe = json.loads((options.out / options.name / "recipe.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(options.out / f"tokenizer-{recipe['size']}.json"))
    vectors = Vectors(tokenizer, np.load(options.out / options.name / "vectors.npy"))
    for name, (first, second) in report(vectors, options.out, options.data).items():
        print(f"{name:32} {first:.4f} {second:.4f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
