from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import a_release, keep
from vectorstore.embedders import BUILT_IN, BuiltInEmbedder, SentenceTransformerEmbedder, embedder_named
from vectorstore.store import PassageStore

ROOT = Path(__file__).parents[3]
UNKNOWN = "ᚠᚢᚦᚨᚱᚲ"
"""Runes: a script that the model has no subword for."""


@pytest.fixture
def embedder() -> BuiltInEmbedder:
    return BuiltInEmbedder()


def run(code: str) -> list[str]:
    """What a fresh process printed, in words; nothing may come on stderr."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_it_says_what_it_is(embedder: BuiltInEmbedder) -> None:
    """A store remembers its name, fusion its languages, and its vectors are as long as it says."""
    assert embedder.name == BUILT_IN
    assert set(embedder.languages) == {"en", "fr"}
    assert embedder.dimension == len(embedder.embed_question("harbour"))
    assert embedder.count_overlong(["harbour " * 10_000]) == 0


def test_passages_are_rows_of_length_one(embedder: BuiltInEmbedder) -> None:
    """Vectors come as float32, one row each, so that a dot product is a cosine."""
    rows = embedder.embed_passages(["Le port a ouvert.", "The harbour opened.", "20,9 %"])

    assert (rows.shape, rows.dtype) == ((3, embedder.dimension), np.float32)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)


def test_a_question_is_embedded_as_a_passage_is(embedder: BuiltInEmbedder) -> None:
    """Shape, type and value are those of a row."""
    vector = embedder.embed_question("Le port a ouvert.")

    assert (vector.shape, vector.dtype) == ((embedder.dimension,), np.float32)
    assert vector == pytest.approx(embedder.embed_passages(["Le port a ouvert."])[0], abs=1e-6)


def test_no_passages_give_no_rows(embedder: BuiltInEmbedder) -> None:
    """An empty list is embedded to an empty matrix of the right width."""
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)
    assert embedder.count_overlong([]) == 0


def test_rows_come_in_the_order_of_the_texts(embedder: BuiltInEmbedder) -> None:
    """What is embedded together is what is embedded alone, however long each text is."""
    texts = [f"Release {number} of the ministry. " * (number * 7 % 10 + 1) for number in range(20)]

    together = embedder.embed_passages(texts)

    assert together == pytest.approx(np.stack([embedder.embed_question(text) for text in texts]), abs=1e-5)


@pytest.mark.parametrize("text", ["", "?! — …", UNKNOWN], ids=["empty", "signs", "unknown script"])
def test_a_text_without_a_known_subword_is_zeros(embedder: BuiltInEmbedder, text: str) -> None:
    """It points nowhere: no division by nothing, and the texts beside it keep their vectors."""
    rows = embedder.embed_passages([text, "The harbour opened."])

    assert not rows[0].any()
    assert np.linalg.norm(rows[1]) == pytest.approx(1, abs=1e-5)


def test_a_search_for_a_text_without_a_known_subword_does_not_fail(embedder: BuiltInEmbedder, tmp_path: Path) -> None:
    """Neither as a question nor as a passage is a vector of zeros an error, and words find it all the same."""
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        keep(store, a_release("runes", UNKNOWN, title=UNKNOWN), embedder)
        keep(store, a_release("harbour", "The harbour opened."), embedder)

        hits = store.search(UNKNOWN, embedder.embed_question(UNKNOWN))

        assert hits[0].release.id == "runes"
        assert store.search("?!", embedder.embed_question("?!")) is not None
        assert store.status().consistent


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("Le ministre de la défense a signé un accord.", "The defence minister signed an agreement."),
        ("Le sommet se tiendra en juillet.", "The summit will be held in July."),
        ("L’Union européenne sanctionne la Russie.", "The European Union imposes sanctions on Russia."),
    ],
)
def test_a_translation_is_nearer_than_an_unrelated_sentence(
    embedder: BuiltInEmbedder, french: str, english: str
) -> None:
    """The two languages share one space, in both directions."""
    translated = float(embedder.embed_question(french) @ embedder.embed_question(english))

    assert translated > float(embedder.embed_question(french) @ embedder.embed_question("A recipe for apple pie."))
    assert translated > float(embedder.embed_question(english) @ embedder.embed_question("Une recette de tarte."))


def test_accents_and_capitals_change_nothing(embedder: BuiltInEmbedder) -> None:
    """What people type in haste has the vector of what was printed with care."""
    printed = embedder.embed_question("Réunion extraordinaire à l’Élysée : où en est l’œuvre ?")

    assert printed == pytest.approx(
        embedder.embed_question("reunion extraordinaire a l'elysee : ou en est l'oeuvre"), abs=1e-6
    )
    assert printed == pytest.approx(
        embedder.embed_question("RÉUNION EXTRAORDINAIRE À L'ÉLYSÉE: OÙ EN EST L'ŒUVRE?"), abs=1e-6
    )


def test_a_typo_stays_near(embedder: BuiltInEmbedder) -> None:
    """One wrong letter moves a sentence less than another subject does."""
    meant = embedder.embed_question("Le Parlement européen a adopté le budget agricole.")

    typed = embedder.embed_question("Le Parlemant européen a adopté le budjet agricole.")

    assert float(meant @ typed) > float(meant @ embedder.embed_question("Le sommet de l’OTAN se tient à Madrid."))


def test_eight_threads_embed_at_once(embedder: BuiltInEmbedder) -> None:
    """One model serves them all, texts long and short, and each gets what it would have got alone."""
    texts = ["The harbour opened. " * (1 + number * 37 % 50) + f"Ship {number}." for number in range(64)]
    alone, start = embedder.embed_passages(texts), threading.Barrier(8)

    def embed(first: int) -> list[np.ndarray]:
        start.wait()
        return [embedder.embed_question(text) for text in texts[first::8]]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embed, range(8)))

    for first, rows in enumerate(together):
        assert np.stack(rows) == pytest.approx(alone[first::8], abs=1e-5)


def test_to_embed_needs_no_torch() -> None:
    """A fresh process embeds with none of the heavy libraries, and says nothing on stderr."""
    heavy = ("torch", "transformers", "sentence_transformers")

    printed = run(
        "import sys; from vectorstore.embedders import BuiltInEmbedder as E; row = E().embed_question('harbour');"
        f"print(len(row) > 0, *(name in sys.modules for name in {heavy!r}))"
    )

    assert printed == ["True", "False", "False", "False"]


def test_to_name_it_loads_nothing() -> None:
    """Name and languages are known before the first text is: the command line starts at once."""
    light = ("model2vec", "tokenizers", "safetensors", "torch")

    printed = run(
        "import sys; from vectorstore.embedders import BUILT_IN, embedder_named; e = embedder_named(BUILT_IN);"
        f"print(e.name, len(e.languages), *(name in sys.modules for name in {light!r}))"
    )

    assert printed == [BUILT_IN, "2", "False", "False", "False", "False"]


def test_eight_threads_load_the_model_once() -> None:
    """In a fresh process all threads that ask first at the same time share one model."""
    printed = run(
        "from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "from vectorstore.embedders.subwords import built_in\n"
        "with Pool(8) as pool: print(len({id(model) for model in pool.map(lambda _: built_in(), range(8))}))"
    )

    assert printed == ["1"]


def test_a_name_picks_the_embedder() -> None:
    """The built-in one by its own name; any other is sentence-transformers' and keeps what it was told."""
    other = embedder_named("somebody/some-model", languages=("fr",), batch_size=3)

    assert isinstance(embedder_named(BUILT_IN, languages=("en",), batch_size=3), BuiltInEmbedder)
    assert isinstance(other, SentenceTransformerEmbedder)
    assert (other.name, other.languages) == ("somebody/some-model", ("fr",))
