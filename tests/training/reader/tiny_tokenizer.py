"""A Unigram tokenizer of single characters and a few words, with the marks of the reader's base."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

if TYPE_CHECKING:
    from pathlib import Path

WORDS = ("▁ferries", "▁Norvale", "▁eleven", "▁the", "▁runs")


def write_tokenizer(path: Path) -> Path:
    """Write it as a `tokenizer.json`."""
    letters = [(letter, -5.0) for letter in string.ascii_letters + string.digits + ".,?<>/s▁éœ"]
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((word, -1.0) for word in WORDS)]
    tokenizer = Tokenizer(models.Unigram([*vocabulary, *dict(letters).items()], unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.save(str(path))
    return path
