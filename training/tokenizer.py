"""Step 2: subwords of French and English, from the pairs to train on.

    python -m training.tokenizer --out build/training --size 48000

writes `tokenizer-48000.json`. Case and accents are taken off, so that « ÉLYSÉE » and « Elysee » are one word;
punctuation is dropped, so that « l'armée » holds the word « armée » wherever it stands; a number of up to four digits
stays whole where it is frequent (years are), and rare ones fall into parts that others share.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from training.data import SEED, read_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from training.data import Pair

UNKNOWN = "[UNK]"

_SHARES = {"bitext": 0.5, "title": 1.0, "inside": 0.0, "question": 1.0}  # of each kind's pairs; the rest says the same


def train(pairs: Sequence[Pair], *, size: int) -> Tokenizer:
    """A tokenizer of `size` subwords, the unknown one among them."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN, max_input_chars_per_word=60))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace("œ", "oe"),
            normalizers.Replace("æ", "ae"),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[^\p{L}\p{M}\p{N}]+"), behavior="removed")
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=[UNKNOWN], limit_alphabet=120, min_frequency=3, show_progress=False
    )
    tokenizer.train_from_iterator(_texts(pairs), trainer)
    return tokenizer


def _texts(pairs: Sequence[Pair]) -> Iterator[str]:
    chance = random.Random(SEED)
    for pair in pairs:
        if chance.random() < _SHARES[pair.kind]:
            yield pair.left
            yield pair.right


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the tokenizer, unless it is there."""
    parser = argparse.ArgumentParser(prog="python -m training.tokenizer", description="Train the tokenizer.")
    parser.add_argument("--out", type=Path, required=True, help="folder that holds pairs.tsv.gz")
    parser.add_argument("--size", type=int, default=48_000, help="how many subwords")
    options = parser.parse_args(arguments)
    path = options.out / f"tokenizer-{options.size}.json"
    if path.is_file():
        print(f"{path} is there: nothing to do; remove it to train anew")
        return 0
    train(read_pairs(options.out / "pairs.tsv.gz"), size=options.size).save(str(path))
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
