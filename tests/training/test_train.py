from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from model2vec import StaticModel
from tokenizers import Tokenizer

pytest.importorskip("torch", reason="torch is not installed here")

from training import tokenizer as tokenizing
from training.data import Pair, read_pairs
from training.encode import with_typos
from training.package import package, quantised, rarity
from training.train import Recipe, Trainer, run

if TYPE_CHECKING:
    from pathlib import Path

WORDS = {
    "ship": "navire", "harbour": "port", "north": "nord", "minister": "ministre", "money": "argent", "school": "ecole",
    "water": "eau", "bridge": "pont", "winter": "hiver", "doctor": "medecin", "bread": "pain", "letter": "lettre",
}  # fmt: skip
RECIPE = Recipe(size=400, dimension=16, epochs=4, batch=64, rate=0.02, scale=16.0, margin=0.1, typos=0.0)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentences of four words in a language and word by word in the other, and their tokenizer."""
    folder, chance = tmp_path_factory.mktemp("training"), random.Random(1)
    with gzip.open(folder / "pairs.tsv.gz", "wt", encoding="utf-8") as lines:
        for _ in range(1_500):
            words = chance.sample(sorted(WORDS), 4)
            lines.write(f"bitext\t{' '.join(words)}\t{' '.join(WORDS[word] for word in words)}\n")
    assert tokenizing.main(["--out", str(folder), "--size", str(RECIPE.size)]) == 0
    size = Tokenizer.from_file(str(folder / f"tokenizer-{RECIPE.size}.json")).get_vocab_size()
    assert size <= RECIPE.size
    return folder


def test_words_come_to_lie_near_their_translations(out: Path) -> None:
    """Nobody says which word is which: it is learned from whole sentences."""
    vectors = run(out, RECIPE, "whole")
    tokens = Tokenizer.from_file(str(out / f"tokenizer-{RECIPE.size}.json"))
    english = vectors[[tokens.token_to_id(word) for word in WORDS]]
    french = vectors[[tokens.token_to_id(word) for word in WORDS.values()]]

    nearest = (english @ french.T).argmax(axis=1)

    assert nearest.tolist() == list(range(len(WORDS)))


@pytest.mark.long
def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state of the last whole epoch is gone on from, with the same batches and the same pace."""
    whole = run(out, RECIPE, "undisturbed")
    epoch = Trainer.epoch

    def stop_before_the_third(trainer: Trainer) -> float:
        if trainer.done == 2:
            raise KeyboardInterrupt
        return epoch(trainer)

    monkeypatch.setattr(Trainer, "epoch", stop_before_the_third)
    with pytest.raises(KeyboardInterrupt):
        run(out, RECIPE, "stopped")
    monkeypatch.setattr(Trainer, "epoch", epoch)

    assert run(out, RECIPE, "stopped") == pytest.approx(whole, abs=1e-5)


def test_the_packed_folder_gives_the_vectors_back(out: Path, tmp_path: Path) -> None:
    """Bytes and a scale lose less than a hundredth; the card that stands there stays; rarity tells words apart."""
    tokens = Tokenizer.from_file(str(out / f"tokenizer-{RECIPE.size}.json"))
    vectors = np.random.default_rng(1).normal(size=(tokens.get_vocab_size(), 16)).astype(np.float32)
    rare = rarity(read_pairs(out / "pairs.tsv.gz"), tokens)
    (tmp_path / "README.md").write_text("---\nlanguage: [fr, en]\n---\nA card.\n", encoding="utf-8")

    package(vectors, tokens, rare, tmp_path)

    packed = StaticModel.from_pretrained(tmp_path).encode(["ship"])[0]
    wanted = vectors[tokens.token_to_id("ship")]
    assert packed @ wanted / np.linalg.norm(wanted) == pytest.approx(1, abs=1e-3)
    assert (tmp_path / "README.md").read_text(encoding="utf-8").endswith("A card.\n")


def test_quantised_rows_keep_their_direction_and_length() -> None:
    """A row of zeros stays one."""
    vectors = np.array([[0.0, 0.0, 0.0], [1.0, -2.0, 0.5], [1e-4, 2e-4, -3e-4]], dtype=np.float32)

    rows, scales = quantised(vectors)

    assert rows.dtype == np.int8
    assert rows * scales[:, None] == pytest.approx(vectors, rel=0.01, abs=1e-6)


def test_typos_change_some_words_and_no_short_ones() -> None:
    """Every word stays in its place, and numbers as they are."""
    text = "the minister of defence met 12345 soldiers in the northern harbour " * 20

    typed = with_typos(text, random.Random(1))

    pairs = list(zip(text.split(), typed.split(), strict=True))
    changed = [(before, after) for before, after in pairs if before != after]
    assert 0.03 < len(changed) / len(pairs) < 0.3
    assert all(len(before) >= 5 and before.isalpha() for before, _ in changed)


def test_pairs_are_read_as_they_were_written(out: Path) -> None:
    """Kind, left, right."""
    assert isinstance(read_pairs(out / "pairs.tsv.gz")[0], Pair)
