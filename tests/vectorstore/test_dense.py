from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from vectorstore.dense import DenseIndex, build, is_whole
from vectorstore.errors import IndexUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def rows(count: int, start: int = 0) -> tuple[list[str], NDArray[np.float16]]:
    """Ids and vectors of unit length, each with a direction of its own."""
    vectors = np.random.default_rng(5).normal(size=(start + count, 32))[start:]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [f"p{number}" for number in range(start, start + count)], vectors.astype(np.float16)


def ids_in(folder: Path) -> set[str]:
    index = DenseIndex(folder)
    try:
        return set(index.ids())
    finally:
        index.close()


def test_the_nearest_come_with_their_cosine(tmp_path: Path) -> None:
    """A vector finds itself first, with a cosine of one."""
    ids, vectors = rows(40)
    build(tmp_path / "index", base=None, dropped=(), added=[(ids, vectors)])

    index = DenseIndex(tmp_path / "index")
    hits = index.nearest(vectors[7].astype(np.float32), 3)
    index.close()

    assert (len(hits), hits[0][0], hits[0][1]) == (3, "p7", pytest.approx(1, abs=1e-3))
    assert hits[1][1] == pytest.approx(max(float(vectors[7] @ v) for n, v in enumerate(vectors) if n != 7), abs=1e-2)


def test_an_index_grows_from_the_one_before(tmp_path: Path) -> None:
    """The new folder has what was added and lacks what was dropped; the old one stays as it was."""
    seal = build(tmp_path / "one", base=None, dropped=(), added=[rows(20)])

    build(tmp_path / "two", base=tmp_path / "one", dropped=["p0", "p1"], added=[rows(5, start=20)])

    assert ids_in(tmp_path / "two") == {f"p{number}" for number in range(2, 25)}
    assert ids_in(tmp_path / "one") == {f"p{number}" for number in range(20)}
    assert is_whole(tmp_path / "one", seal)


def test_readers_leave_a_published_folder_whole(tmp_path: Path) -> None:
    """Opening and asking writes no HNSW file, so the seal stays good."""
    seal = build(tmp_path / "index", base=None, dropped=(), added=[rows(20)])

    assert ids_in(tmp_path / "index")

    assert is_whole(tmp_path / "index", seal)


def test_a_folder_that_changed_is_not_whole(tmp_path: Path) -> None:
    """A missing, shortened or rewritten file shows, and so does a missing folder."""
    seal = build(tmp_path / "index", base=None, dropped=(), added=[rows(20)])
    links = next((tmp_path / "index").glob("*/link_lists.bin"))
    header = next((tmp_path / "index").glob("*/header.bin"))

    header.write_bytes(header.read_bytes()[::-1])
    assert not is_whole(tmp_path / "index", seal)
    links.unlink()
    assert not is_whole(tmp_path / "index", seal)
    assert not is_whole(tmp_path / "nowhere", seal)


def test_a_folder_that_is_no_index_is_an_error(tmp_path: Path) -> None:
    """Chroma makes an empty database where there is none; that is not taken for an index."""
    with pytest.raises(IndexUnavailableError, match=r"vector index: .*empty: Chroma cannot work with it"):
        DenseIndex(tmp_path / "empty")


def test_an_index_closes_with_its_last_user(tmp_path: Path) -> None:
    """Two readers of one folder do not take it from each other, and one that is forgotten is closed."""
    build(tmp_path / "index", base=None, dropped=(), added=[rows(20)])
    one, other = DenseIndex(tmp_path / "index"), DenseIndex(tmp_path / "index")
    closing = one._closing

    del one

    assert not closing.alive
    assert len(set(other.ids())) == 20
    other.close()
    other.close()


def test_a_base_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """The caller builds afresh then."""
    with pytest.raises(IndexUnavailableError, match="Chroma cannot work with it"):
        build(tmp_path / "two", base=tmp_path / "one", dropped=(), added=[rows(5)])
