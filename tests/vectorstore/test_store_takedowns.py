"""What is taken down leaves no trace in the files, also where whoever takes it down is killed in the middle."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import a_release, keep
from vectorstore.errors import CatalogueError
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import WordEmbedder


def written_in(home: Path) -> bytes:
    return b"".join(one.read_bytes() for one in home.rglob("*") if one.is_file()).lower()


def test_nothing_of_what_was_taken_down_can_be_read_in_the_file(tmp_path: Path, embedder: WordEmbedder) -> None:
    """Neither of the present version nor of one before, in the catalogue, in its log, or in Chroma's files."""
    with PassageStore(tmp_path, model=embedder.name) as store:
        keep(store, a_release("kept", "Something else altogether."), embedder)
        keep(store, a_release("one", "Quincunx lamentably leaked."), embedder)
        keep(store, a_release("one", "Quincunx corrected."), embedder)
        store.remove("one")
        written = written_in(tmp_path)

    assert b"something else" in written
    assert b"quincunx" not in written


@pytest.mark.parametrize(
    "step",
    ["store.publish_with", "catalogue.sqlite.SqliteFile.wipe", "indexes.chroma.ChromaFolders.clear"],
)
@pytest.mark.parametrize("text", ["Quincunx lamentably leaked.", ""])
def test_a_takedown_that_was_killed_before_its_end_leaves_nothing_either(
    tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch, step: str, text: str
) -> None:
    """The next process to open the store goes on: full text, log and indexes; for one without a passage, too."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with PassageStore(tmp_path, model=embedder.name) as store:
        keep(store, a_release("kept", "Something else altogether."), embedder)
        keep(store, replace(a_release("one", *filter(None, [text])), title="Quincunx"), embedder)
        with monkeypatch.context() as killed:
            killed.setattr(f"vectorstore.{step}", stop)
            with pytest.raises(KeyboardInterrupt):
                store.remove("one")

    with PassageStore(tmp_path, model=embedder.name) as store:
        written = written_in(tmp_path)
        assert not store.repair()
        assert store.status().consistent

    assert b"quincunx" not in written


def test_a_takedown_that_cannot_be_finished_keeps_nobody_from_reading(
    tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the full text is damaged or the disk full: whoever writes is told, until it is done."""
    full = CatalogueError(tmp_path, "cannot be used (database or disk is full)")

    def fail(*_: object) -> None:
        raise full

    with PassageStore(tmp_path, model=embedder.name) as store:
        keep(store, a_release("one", "Quincunx lamentably leaked."), embedder)
        with monkeypatch.context() as broken:
            broken.setattr("vectorstore.catalogue.sqlite.SqliteFile.wipe", fail)
            with pytest.raises(CatalogueError, match="disk is full"):
                store.remove("one")
            with PassageStore(tmp_path, model=embedder.name) as reader:
                assert reader.search("quincunx", embedder.embed_question("quincunx")) == ()
                assert str(reader.status().disagreement).startswith("a takedown is not finished")
                with pytest.raises(CatalogueError, match="disk is full"):
                    reader.repair()
        assert store.repair()
        assert store.status().consistent
        written = written_in(tmp_path)

    assert b"quincunx" not in written
