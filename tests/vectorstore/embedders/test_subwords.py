from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from model2vec import StaticModel
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from tests.optional import needs
from vectorstore.embedders.subwords import FOLDER, MODEL_NAME, SubwordModel, built_in, load
from vectorstore.errors import EmbedderError

if TYPE_CHECKING:
    from pathlib import Path

    from tokenizers import Encoding

TEXTS = [
    "Le ministre de la Défense s’est rendu à Kyïv le 17 octobre 2024.",
    "The harbour's reopening, long delayed, cost $20.9bn (or 40 %)!",
    "L’œuvre de l'Indo-Pacifique — « déjà » vue…",
    "NATO, F-35, COVID-19, 1 000 000,50",
    "Zelensky met 習近平 in ᚠᚢᚦ yesterday",
    "harbour " * 700,
]


@pytest.fixture(scope="module")
def model() -> SubwordModel:
    return built_in()


def copied(folder: Path) -> Path:
    """The model's folder, to be broken."""
    return shutil.copytree(FOLDER, folder / "model")


def test_vectors_are_those_of_model2vec(model: SubwordModel) -> None:
    """Anybody may open the folder with model2vec and get the store's vectors."""
    theirs = StaticModel.from_pretrained(FOLDER).encode(TEXTS, max_length=None)

    assert model.embed(TEXTS) == pytest.approx(theirs, abs=1e-5)


def test_vectors_are_those_of_sentence_transformers(model: SubwordModel) -> None:
    """The folder is a sentence-transformers model too."""
    needs("sentence_transformers")
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)

    assert model.embed(TEXTS) == pytest.approx(theirs.encode(TEXTS, show_progress_bar=False), abs=1e-5)


def test_the_folder_is_small() -> None:
    """It travels in the repository and in the package."""
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= 25_000_000
    assert (FOLDER / "README.md").is_file()


def test_it_is_loaded_once() -> None:
    """Whoever asks gets the same model, under the name that stores remember."""
    assert built_in() is built_in()
    assert built_in().name == MODEL_NAME


def test_numbers_are_whole_and_in_order(model: SubwordModel) -> None:
    """Sixteen bits hold each, a long text is not cut, and the order of the texts stays."""
    numbers = model.numbers(TEXTS)

    assert [len(one) for one in numbers] == [len(model.numbers([text])[0]) for text in TEXTS]
    assert all(one.dtype == np.uint16 for one in numbers)
    assert len(numbers[-1]) >= 700
    assert (model.numbers([]), len(model.numbers([""])[0])) == ([], 0)


@pytest.mark.parametrize("text", [*TEXTS[:4], "E\u0301te\u0301 : ﬁn 𝐍𝐀𝐓𝐎"])
def test_places_point_at_the_original_text(model: SubwordModel, text: str) -> None:
    """In order every letter and digit lies in one subword's place, and no space or sign does."""
    numbers, places = model.places(text)
    covered = {at for start, end in places for at in range(start, end)}

    assert numbers.tolist() == model.numbers([text])[0].tolist()
    assert [place for place in places if place[0] >= place[1]] == []
    assert places == sorted(places)
    assert {at for at, letter in enumerate(text) if letter.isalnum()} <= covered
    assert [text[at] for at in sorted(covered) if text[at] in " ’'«»,.!?():…—-"] == []


def test_places_cut_out_a_word(model: SubwordModel) -> None:
    """Accents, ligatures and curly quotes before a word don't shift it."""
    text = "L’œuvre, déjà : le sommet"
    _, places = model.places(text)

    assert min(start for start, end in places if end > text.index("sommet")) == text.index("sommet")
    assert places[-1][1] == len(text)


class CountingTokenizer:
    """A tokenizer that remembers what it cut."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.cut: list[list[str]] = []

    def no_truncation(self) -> None:
        self._tokenizer.no_truncation()

    def encode_batch_fast(self, texts: list[str], **options: bool) -> list[Encoding]:
        self.cut.append(texts)
        return self._tokenizer.encode_batch_fast(texts, **options)


def test_what_was_just_cut_is_not_cut_again() -> None:
    """Passages are embedded as a batch, and kept release by release; others are cut as ever."""
    tokenizer = CountingTokenizer(Tokenizer.from_file(str(FOLDER / "tokenizer.json")))
    model = SubwordModel("counting", tokenizer, load_file(FOLDER / "model.safetensors"))  # type: ignore[arg-type]

    first = model.numbers(["one harbour", "two harbours", "three"])
    again = model.numbers(["two harbours"])
    assert model.numbers([]) == []
    assert model.numbers(["three", "four"])[0].tolist() == first[2].tolist()

    assert again[0].tolist() == first[1].tolist()
    assert tokenizer.cut == [["one harbour", "two harbours", "three"], ["three", "four"]]


def test_directions_are_of_length_one(model: SubwordModel) -> None:
    """All but that of the unknown subword, which is like nothing."""
    known, unknown = model.numbers(["sommet", "ᚠᚢᚦ"])

    assert np.linalg.norm(model.directions(known), axis=1) == pytest.approx(np.ones(len(known)), abs=1e-5)
    assert not model.directions(unknown).any()
    assert model.directions(known).shape == (len(known), model.dimension)


def test_cosines_are_the_products_of_directions(model: SubwordModel) -> None:
    """However many subwords are compared at once; the unknown one is like nothing."""
    asked, unknown = model.numbers(["le sommet de Madrid", "ᚠᚢᚦ"])
    numbers = np.concatenate([np.arange(1_000, 1_700, dtype=np.uint16), unknown])

    found = model.cosines(numbers, model.directions(asked))

    assert found == pytest.approx(model.directions(numbers) @ model.directions(asked).T, abs=1e-6)
    assert not found[700:].any()
    assert model.cosines(numbers[:0], model.directions(asked)).shape == (0, len(asked))


@pytest.mark.parametrize(("common", "name"), [("the", "Stoltenberg"), ("de", "Zelensky"), ("minister", "Zelensky")])
def test_a_name_is_rarer_than_a_common_word(model: SubwordModel, common: str, name: str) -> None:
    """So that it weighs more in a comparison."""
    often, seldom = (model.rarity[numbers] for numbers in model.numbers([common, name]))

    assert 0 <= often.max() < seldom.max()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """The error names the folder and says how to mend it; nothing is looked for on the hub."""
    with pytest.raises(EmbedderError, match=r"model: .*nowhere: cannot be loaded .*; install communique again"):
        load(tmp_path / "nowhere")
    with pytest.raises(EmbedderError, match="cannot be loaded"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, b"", b"not what it should be"], ids=["missing", "empty", "garbled"])
def test_a_broken_file_is_told(tmp_path: Path, name: str, content: bytes | None) -> None:
    """Whichever file is damaged, the error is one sentence with the way out."""
    folder = copied(tmp_path)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    with pytest.raises(EmbedderError, match=r"model: cannot be loaded .*; install communique again"):
        load(folder)


def test_a_model_without_rarity_is_told(tmp_path: Path) -> None:
    """Any other model2vec model lacks what comparisons weigh by."""
    folder = copied(tmp_path)
    tensors = load_file(folder / "model.safetensors")
    save_file({name: tensor for name, tensor in tensors.items() if name != "rarity"}, folder / "model.safetensors")

    with pytest.raises(EmbedderError, match=r"cannot be loaded .*rarity"):
        load(folder)
