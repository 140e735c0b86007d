"""Step 4: what a table of vectors is worth: on what was kept out to choose by, and on the sets that only measure.

python -m training.evaluate --out build/training --name model --data ../shared/data
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from training.data import fits, read_pairs, trains

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


def neighbour_error(left: NDArray[np.float32], right: NDArray[np.float32]) -> tuple[float, float]:
    """Share of rows whose nearest row on the other side is not their own, in both directions."""
    likeness = left @ right.T
    own = np.arange(len(left))
    return float((likeness.argmax(axis=1) != own).mean()), float((likeness.argmax(axis=0) != own).mean())


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


def squad(path: Path, keep: Callable[[str], bool]) -> tuple[list[str], list[str], list[int]]:
    """Questions, paragraphs, and the number of each question's paragraph."""
    questions: list[str] = []
    paragraphs: list[str] = []
    wanted: list[int] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        if keep(article["title"]):
            for paragraph in article["paragraphs"]:
                questions += [entry["question"] for entry in paragraph["qas"]]
                wanted += [len(paragraphs)] * len(paragraph["qas"])
                paragraphs.append(f"{article['title']}\n{paragraph['context']}")
    return questions, paragraphs, wanted


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
    for name, file, keep in (
        ("piaf fitting quarter hit", "piaf-v1.1", fits),
        ("piaf test half hit", "piaf-v1.1", lambda title: not trains(title)),
        ("fquad hit", "fquad-valid", lambda _: True),
        ("xquad hit", "xquad.en", lambda _: True),
    ):
        questions, paragraphs, wanted = squad(data / f"qa/{file}.json", keep)
        figures[name] = hits(vectors.embed(questions), vectors.embed(paragraphs), range(len(paragraphs)), wanted)
    rows = [line.split("\t") for line in (data / "parallel/newstest2014.tsv").read_text("utf-8").splitlines()]
    figures["newstest2014 error"] = neighbour_error(
        vectors.embed([row[0] for row in rows]), vectors.embed([row[1] for row in rows])
    )
    figures |= swiss(vectors, data)
    return figures


def swiss(vectors: Vectors, data: Path) -> dict[str, tuple[float, float]]:
    sides = {}
    for code in ("fr", "en"):
        with gzip.open(data / f"releases/swiss_2018-2022.{code}.jsonl.gz", "rt", encoding="utf-8") as lines:
            sides[code] = {entry["pair"]: entry for entry in map(json.loads, lines)}
    both = [pair for pair in sides["en"] if pair in sides["fr"]]
    embedded = {}
    for code, side in sides.items():
        owners, texts = [], []
        for place, pair in enumerate(both):
            text = side[pair]["lead"] + "\n" + side[pair]["body"]
            for start in range(0, min(len(text), 6_000), 600):
                owners.append(place)
                texts.append(text[start : start + 600])
        embedded[code] = (vectors.embed([side[pair]["title"] for pair in both]), vectors.embed(texts), owners)
    wanted = list(range(len(both)))
    return {
        f"swiss {asked} title to {told} hit": hits(embedded[asked][0], embedded[told][1], embedded[told][2], wanted)
        for asked in ("fr", "en") for told in ("fr", "en")
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Measure a table of vectors.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="model")
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args(arguments)
    recipe = json.loads((options.out / options.name / "recipe.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(options.out / f"tokenizer-{recipe['size']}.json"))
    vectors = Vectors(tokenizer, np.load(options.out / options.name / "vectors.npy"))
    for name, (first, second) in report(vectors, options.out, options.data).items():
        print(f"{name:32} {first:.4f} {second:.4f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
