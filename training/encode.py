"""The pairs as subword numbers, some with typos, ready to be drawn in batches."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from tokenizers import Tokenizer

from datasets.spelling import mistyped
from training.data import SEED, read_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from training.data import Pair

KINDS = ("bitext", "title", "inside", "question")

_LONGEST = 160  # subwords of one side that training reads


class Texts:
    """Many texts as subword numbers, one after the other, with the place where each begins."""

    def __init__(self, rows: Sequence[NDArray[np.int32]]) -> None:
        self.starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        self.numbers = np.concatenate(rows) if rows else np.empty(0, dtype=np.int32)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def bag(self, which: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """Numbers and offsets of some of the texts, as EmbeddingBag takes them."""
        begins, ends = self.starts[which], np.minimum(self.starts[which + 1], self.starts[which] + _LONGEST)
        lengths = ends - begins
        offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        places = np.arange(lengths.sum()) - np.repeat(offsets - begins, lengths)
        return torch.from_numpy(self.numbers[places].astype(np.int64)), torch.from_numpy(offsets)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Both sides of every pair, and its kind as an index into `KINDS`."""

    left: Texts
    right: Texts
    kind: NDArray[np.int8]


def with_typos(text: str, chance: random.Random) -> str:
    """The text as somebody in a hurry types it: in one word of five a letter lost, doubled, changed or swapped."""
    return " ".join(
        mistyped(word, chance) if chance.random() < 0.2 and len(word) > 4 and word.isalpha() else word
        for word in text.split(" ")
    )


def encode(pairs: Sequence[Pair], tokenizer: Tokenizer, *, typos: float) -> Encoded:
    """The pairs as numbers; of a share of them the left side has typos."""
    chance = random.Random(SEED)
    left = [with_typos(pair.left, chance) if chance.random() < typos else pair.left for pair in pairs]
    kinds = np.array([KINDS.index(pair.kind) for pair in pairs], dtype=np.int8)
    return Encoded(_numbers(left, tokenizer), _numbers([pair.right for pair in pairs], tokenizer), kinds)


def _numbers(texts: Sequence[str], tokenizer: Tokenizer) -> Texts:
    rows: list[NDArray[np.int32]] = []
    for start in range(0, len(texts), 20_000):
        encodings = tokenizer.encode_batch_fast(list(texts[start : start + 20_000]), add_special_tokens=False)
        rows += [np.array(encoding.ids or [0], dtype=np.int32) for encoding in encodings]
    return Texts(rows)


def load(out: Path, *, size: int, typos: float) -> Encoded:
    """The encoded pairs, from the last run's copy where there is one."""
    path = out / f"encoded-{size}-{typos}.npz"
    if not path.is_file():
        tokenizer = Tokenizer.from_file(str(out / f"tokenizer-{size}.json"))
        encoded = encode(read_pairs(out / "pairs.tsv.gz"), tokenizer, typos=typos)
        np.savez(path, kind=encoded.kind, **{
            f"{side}_{part}": getattr(getattr(encoded, side), part)
            for side in ("left", "right") for part in ("starts", "numbers")
        })  # fmt: skip
    with np.load(path) as arrays:
        sides = []
        for side in ("left", "right"):
            texts = Texts([])
            texts.starts, texts.numbers = arrays[f"{side}_starts"], arrays[f"{side}_numbers"]
            sides.append(texts)
        return Encoded(sides[0], sides[1], arrays["kind"])
