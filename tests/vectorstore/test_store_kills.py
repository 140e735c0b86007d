"""Writers are killed for real; what they had acknowledged is there afterwards."""

from __future__ import annotations

import random
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder, a_release, keep
from tests.vectorstore.writing_process import drain, start_writing, text_of
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from pathlib import Path

    from vectorstore.indexes import ChromaAddress

ROUNDS, FEW = 20, 2


def newest_write(indexes: Path) -> int:
    """When an HNSW file under the folder was written last, in nanoseconds."""
    try:
        return max((path.stat().st_mtime_ns for path in indexes.glob("*/*/*.bin")), default=0)
    except FileNotFoundError:  # a folder was cleared away while we looked
        return 0


def kill_while_chroma_writes(process: object, indexes: Path, chance: random.Random) -> None:
    """Wait for the next write of an HNSW file, then kill within 12 ms of it."""
    before, patience = (
        newest_write(indexes),
        time.monotonic() + 20,
    )  # should it write no more, it is killed all the same
    while newest_write(indexes) == before and time.monotonic() < patience:
        time.sleep(0.0003)
    time.sleep(chance.uniform(0, 0.012))
    process.kill()


def kill_at_random(process: object, indexes: Path, chance: random.Random) -> None:
    time.sleep(chance.uniform(0.05, 0.6))
    process.kill()


def terminate_at_random(process: object, indexes: Path, chance: random.Random) -> None:
    time.sleep(chance.uniform(0.05, 0.6))
    process.terminate()


def not_found(
    home: Path, numbers: list[int], exact_up_to: int = 20_000, chroma: ChromaAddress | None = None
) -> list[int]:
    """The numbers whose release a new reader does not find, by its vector alone or by its words alone."""
    embedder = WordEmbedder()
    missing = []
    with PassageStore(home, model=embedder.name, exact_up_to=exact_up_to, chroma=chroma) as store:
        for number in numbers:
            by_vector = store.search("", embedder.embed_question(text_of(number)), limit=1)
            by_words = store.search(f"subject{number}", embedder.embed_question("nothing"), limit=1)
            if {hit.release.id for hit in by_vector + by_words} != {f"release-{number}"}:
                missing.append(number)
    return missing


@pytest.mark.timeout(900)
@pytest.mark.parametrize("rounds", [FEW, pytest.param(ROUNDS, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("batch", "kill"),
    [(3, kill_while_chroma_writes), (40, kill_at_random), (40, terminate_at_random)],
    ids=["SIGKILL within 12 ms of an index write", "SIGKILL at random", "SIGTERM at random"],
)
def test_killed_writers_lose_nothing_that_was_acknowledged(
    tmp_path: Path, batch: int, kill: object, rounds: int
) -> None:
    """Several writers in turn on one store; after each death the next process finds every acknowledged release."""
    chance, acknowledged, signals = random.Random(17), [], set()

    for turn in range(rounds):
        process, arriving = start_writing(tmp_path, None, first=1 + 1000 * turn, batch=batch)
        fresh = [arriving.recv()]
        kill(process, tmp_path / "chroma", chance)
        process.join()
        signals.add(-process.exitcode)
        fresh += drain(arriving)
        older = chance.sample(acknowledged, min(20, len(acknowledged)))
        assert not_found(tmp_path, fresh + older, exact_up_to=0) == []
        acknowledged += fresh

    assert signals <= {signal.SIGKILL, signal.SIGTERM}
    assert not_found(tmp_path, acknowledged) == not_found(tmp_path, acknowledged, exact_up_to=0) == []
    with PassageStore(tmp_path, model="words") as store:
        store.repair()
        assert store.status().consistent
        assert store.status().releases >= len(acknowledged) > rounds


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kill", [kill_at_random, terminate_at_random])
def test_killed_writers_on_a_server_lose_nothing_either(tmp_path: Path, server: ChromaAddress, kill: object) -> None:
    """Their collection is brought up to date in place: what one left in the middle, the next takes up."""
    chance, acknowledged = random.Random(18), []

    for turn in range(10):
        process, arriving = start_writing(tmp_path, server, first=1 + 1000 * turn, batch=40)
        fresh = [arriving.recv()]
        kill(process, tmp_path, chance)
        process.join()
        fresh += drain(arriving)
        older = chance.sample(acknowledged, min(20, len(acknowledged)))
        assert not_found(tmp_path, fresh + older, exact_up_to=0, chroma=server) == []
        acknowledged += fresh

    with PassageStore(tmp_path, model="words", chroma=server) as store:
        store.repair()
        assert store.status().consistent
        assert store.status().releases >= len(acknowledged) > 10


def damage_links(index: Path) -> None:
    next(index.glob("*/link_lists.bin")).write_bytes(b"\xff" * 3)


def damage_header(index: Path) -> None:
    header = next(index.glob("*/header.bin"))
    header.write_bytes(b"\xff" * header.stat().st_size)


def damage_vectors(index: Path) -> None:
    vectors = next(index.glob("*/data_level0.bin"))
    vectors.write_bytes(vectors.read_bytes()[:-100])


def lose_everything(index: Path) -> None:
    for path in sorted(index.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    index.rmdir()


@pytest.mark.parametrize("damage", [damage_links, damage_header, damage_vectors, lose_everything])
def test_a_damaged_index_is_not_opened_and_search_goes_on(tmp_path: Path, damage: object) -> None:
    """Opening torn HNSW files can crash the interpreter: the store sees it first, answers exactly, and mends it."""
    embedder = WordEmbedder()
    with PassageStore(tmp_path, model=embedder.name) as store:
        for number in range(30):
            keep(store, a_release(f"release-{number}", text_of(number)), embedder)
    damage(max((tmp_path / "chroma").iterdir(), key=lambda folder: folder.stat().st_mtime_ns))

    with PassageStore(tmp_path, model=embedder.name) as store:
        assert not store.status().consistent
        assert store.search("", embedder.embed_question(text_of(7)))[0].release.id == "release-7"
        assert store.repair()
        assert store.status().consistent
        assert store.search("", embedder.embed_question(text_of(8)))[0].dense_rank == 1


def test_an_unfinished_index_folder_is_left_alone_and_cleared(tmp_path: Path) -> None:
    """What a killed writer left in the middle of a build is never opened, and the next writer clears it away."""
    embedder = WordEmbedder()
    with PassageStore(tmp_path, model=embedder.name) as store:
        keep(store, a_release("one", text_of(1)), embedder)
        torn = tmp_path / "chroma" / "torn"
        (torn / "segment").mkdir(parents=True)
        (torn / "segment" / "link_lists.bin").write_bytes(b"\xff" * 64)

        assert store.search("", embedder.embed_question(text_of(1)))[0].release.id == "one"
        keep(store, a_release("two", text_of(2)), embedder)
        assert not torn.exists()
