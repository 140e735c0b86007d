"""Step 1: the model that training begins with, with the subwords that French and English use.

    python -m training.reader.base --model build/e5 --data ../shared/data --out build/reader

`--model` is a folder with `config.json`, `model.safetensors` and a Unigram `tokenizer.json`: multilingual-e5-small
(MIT, intfloat/multilingual-e5-small), or any BERT of that kind. 250,000 subwords are 96 of its 118 million weights.
Kept are all that the releases, questions and parallel sentences of training use, then the likeliest in Latin letters,
for names that none of them holds. A word whose subword went is cut into smaller ones.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import Counter
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.command import parser_of, reads_shared_data
from datasets.files import json_lines, shared_file, text_lines
from datasets.parallel import TRANSLATIONS
from datasets.releases import newswire

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PIECES = 60_000
_SPECIAL = 4  # <s>, <pad>, </s>, <unk>
_LINES = 160_000  # of each file


def texts(data: Path, out: Path) -> Iterator[str]:
    """What the subwords are counted in; the training questions three times, as they are what is read most."""
    for group in json_lines(out / "train.jsonl.gz"):
        yield from [group["question"]] * 3
        yield from (passage["text"] for passage in group["answers"])
    for line in islice(text_lines(shared_file(data, TRANSLATIONS)), _LINES):
        yield from line.split("\t")[1:]
    for release in islice(newswire(data), _LINES // 20):
        yield release.text[:3_000]


def cut_vocabulary(model: Path, out: Path, counted: Iterator[str], *, pieces: int = PIECES) -> int:
    """Write the model with fewer subwords to `out`; returns how many there are."""
    from safetensors.numpy import load_file, save_file
    from tokenizers import Tokenizer

    described = json.loads((model / "tokenizer.json").read_text("utf-8"))
    vocabulary = described["model"]["vocab"]
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    counts: Counter[int] = Counter()
    for encoded in _in_batches(tokenizer, counted):
        counts.update(encoded)
    single = {number for number, (piece, _) in enumerate(vocabulary) if len(piece.lstrip("▁")) <= 1 and counts[number]}
    ascii_ones = {number for number, (piece, _) in enumerate(vocabulary) if len(piece) <= 2 and piece.isascii()}
    kept = set(range(_SPECIAL)) | single | ascii_ones
    likely = sorted(range(len(vocabulary)), key=lambda number: -float(vocabulary[number][1]))
    latin = (number for number in likely if _is_latin(vocabulary[number][0]))
    for number in chain((number for number, _ in counts.most_common()), latin):
        if len(kept) >= pieces:
            break
        kept.add(number)
    order = sorted(kept)
    described["model"]["vocab"] = [vocabulary[number] for number in order]
    weights = load_file(model / "model.safetensors")
    name = next(one for one in weights if one.endswith("word_embeddings.weight"))
    weights[name] = np.ascontiguousarray(weights[name][order])
    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    (out / "tokenizer.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
    config = json.loads((model / "config.json").read_text("utf-8")) | {"vocab_size": len(order)}
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    return len(order)


def _is_latin(piece: str) -> bool:
    letters = piece.lstrip("▁")
    return bool(letters) and all(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)


def _in_batches(tokenizer: object, counted: Iterator[str]) -> Iterator[list[int]]:
    while batch := list(islice(counted, 2_000)):
        for encoded in tokenizer.encode_batch(batch, add_special_tokens=False):  # type: ignore[attr-defined]
            yield encoded.ids


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Write the base, unless it is there."""
    parser = parser_of("training.reader.base", "Cut the base's vocabulary.")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model to begin with")
    parser.add_argument("--out", type=Path, required=True, help="folder with the gathered questions")
    parser.add_argument("--pieces", type=int, default=PIECES, help="subwords to keep")
    options = parser.parse_args(arguments)
    base = options.out / "base"
    if (base / "tokenizer.json").is_file():
        print(f"{base} is there: nothing to do")
        return 0
    kept = cut_vocabulary(options.model, base, texts(options.data, options.out), pieces=options.pieces)
    print(f"{kept:,} subwords in {base}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
