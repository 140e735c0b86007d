"""What is damaged in a catalogue is found, named, and told with a way out."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.status import Fault, summary
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from pathlib import Path

EMBEDDER = WordEmbedder()
PARAGRAPHS = [
    f"The harbour number {number} was opened by the minister of the sea in the presence of {number} guests from abroad."
    for number in range(12)
]


def the_store(home: Path) -> PassageStore:
    return PassageStore(home, model=EMBEDDER.name)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Releases long and short: one with two versions, one with the same words twice, one of a title alone."""
    with the_store(tmp_path) as store, store.holding():
        for number in range(12):
            moment = datetime(2024, 1, 1, 12, 30, 15, 987_654, UTC) + timedelta(days=number)
            keep(store, a_release(f"release{number}", *PARAGRAPHS[: number + 1], published=moment), EMBEDDER)
        keep(store, a_release("release7", "An altered text."), EMBEDDER)
        keep(store, a_release("twice", "The same words.", "The same words.", language=None), EMBEDDER, size=10)
        keep(store, a_release("title", title="L’été à Nîmes\u2028— « 100 € »", language="fr"), EMBEDDER)
    return tmp_path


def faults(home: Path) -> list[tuple[str | None, str]]:
    with the_store(home) as store:
        return [(fault.release, fault.cause) for fault in store.verify()]


def change(home: Path, statement: str, *values: object) -> None:
    """A change that the catalogue does not know of."""
    with contextlib.closing(sqlite3.connect(home / "catalogue.sqlite3")) as connection, connection:
        assert connection.execute(statement, values).rowcount == 1


def flip(home: Path, words: bytes, *, bit: int = 0) -> None:
    """Flip one bit in the first letter of the first place where these words stand in the file."""
    catalogue = home / "catalogue.sqlite3"
    content = bytearray(catalogue.read_bytes())
    content[content.index(words)] ^= 1 << bit
    catalogue.write_bytes(content)


def test_a_whole_catalogue_has_no_fault_and_says_when_it_was_looked_at(home: Path) -> None:
    """With versions, words that repeat, other alphabets, and times that were given to the microsecond."""
    began = datetime.now(UTC)
    with the_store(home) as store:
        assert store.status().verified is None
        assert store.verify() == ()

        status = store.status()
    assert (status.verified or began) >= began - timedelta(seconds=1)
    assert status.damage is None


@pytest.mark.embedded
@pytest.mark.parametrize("bit", [0, 7])
def test_one_bit_in_a_text_is_found(home: Path, bit: int) -> None:
    """Whether what comes out is another letter or no letter at all; only that release is named."""
    change(home, "UPDATE versions SET text = ? || substr(text, 2) WHERE release_id = 'title'", "\u00e9")
    change(home, "UPDATE versions SET text = ? || substr(text, 2) WHERE release_id = 'title'", "L")
    assert faults(home) == []
    flip(home, "L’été à Nîmes\u2028— « 100 € »".encode(), bit=bit)

    [*found] = faults(home)

    assert {release for release, _ in found} == {"title"}


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        ("UPDATE versions SET title = 'Another' WHERE release_id = 'release3'", "words that do not fit"),
        ("UPDATE versions SET text = text || '.' WHERE release_id = 'release3'", "words that do not fit"),
        ("UPDATE versions SET text = x'ff00' WHERE release_id = 'release3'", "words that do not fit"),
        ("UPDATE versions SET published = 'soon' WHERE release_id = 'release3'", "words that do not fit"),
        ("UPDATE versions SET language = 'fr' WHERE release_id = 'release3'", "words that do not fit"),
        ("UPDATE versions SET content_hash = '' WHERE release_id = 'release3'", "words that do not fit"),
        ("UPDATE passages SET start = start + 1 WHERE number = 7", "passages that do not fit"),
        ("UPDATE passages SET stop = 100000 WHERE number = 7", "passages that do not fit"),
        ("UPDATE passages SET id = 'x' WHERE number = 7", "passages that do not fit"),
        ("UPDATE vectors SET vector = x'00' WHERE passage = 7", "vectors that do not fit"),
        ("DELETE FROM vectors WHERE passage = 7", "vectors that do not fit"),
    ],
)
def test_a_row_that_is_not_as_it_was_is_found(home: Path, statement: str, cause: str) -> None:
    """The release is named, and no other."""
    with contextlib.closing(sqlite3.connect(home / "catalogue.sqlite3")) as connection:
        query = "SELECT release_id FROM versions v JOIN passages p ON p.version = v.number WHERE p.number = 7"
        [(of_passage,)] = connection.execute(query)
    change(home, statement)

    found = faults(home)

    assert {release for release, _ in found} == {of_passage if statement.endswith("7") else "release3"}
    assert any(one.startswith(cause) for _, one in found)


@pytest.mark.embedded
def test_an_old_version_is_looked_at_as_well(home: Path) -> None:
    """Its text is read by `releases history`; it has no passages any more."""
    change(home, "UPDATE versions SET text = 'x' WHERE release_id = 'release7' AND version = 1")

    assert faults(home) == [("release7", "words that do not fit their content hash")]


@pytest.mark.embedded
def test_a_row_that_is_gone_is_found_by_those_that_refer_to_it(home: Path) -> None:
    """SQLite's own check of references."""
    change(home, "DELETE FROM versions WHERE release_id = 'title'")

    assert any(release is None and "refers to no row of versions" in cause for release, cause in faults(home))


@pytest.mark.embedded
def test_a_page_that_is_overwritten_is_found(home: Path) -> None:
    """The database says so itself, and the releases that stood there are named."""
    catalogue = home / "catalogue.sqlite3"
    content = bytearray(catalogue.read_bytes())
    at = content.index(b"The harbour number 9") // 4096 * 4096
    content[at : at + 4096] = b"\xa5" * 4096
    catalogue.write_bytes(content)

    found = faults(home)

    assert any(release is None for release, _ in found)
    assert any(release for release, _ in found)


@pytest.mark.embedded
@pytest.mark.parametrize("table", ["words_content", "release_words_content"])
def test_words_that_would_be_found_no_more_are_found(home: Path, table: str) -> None:
    """The full text has pages of its own; no release is to blame."""
    with contextlib.closing(sqlite3.connect(home / "catalogue.sqlite3")) as connection, connection:
        connection.execute(f"UPDATE {table} SET c2 = replace(c2, 'guest', 'gaest')")

    [(release, cause)] = faults(home)

    assert (release, cause.startswith(f"the full text in {table.removesuffix('_content')} is not")) == (None, True)


@pytest.mark.embedded
def test_damage_is_remembered(home: Path) -> None:
    """For `status`, which does not look for itself."""
    change(home, "UPDATE versions SET title = 'Another' WHERE release_id = 'release3'")
    faults(home)

    with the_store(home) as store:
        assert "(release3)" in (store.status().damage or "")


def test_it_can_be_ended_between_two_steps(home: Path) -> None:
    """A watch that is stopped does not wait for it; nothing is noted then."""

    def end() -> None:
        raise KeyboardInterrupt

    with the_store(home) as store:
        with pytest.raises(KeyboardInterrupt):
            store.verify(end)
        assert store.status().verified is None


def test_a_sentence_names_what_is_damaged_and_the_way_out() -> None:
    """Five releases at the most, and no advice to take releases out where the file itself is damaged."""
    releases = [Fault(f"r{number}", "words that do not fit their content hash") for number in range(7)]

    told = summary(releases)

    assert "words that do not fit their content hash in 7 releases (r0, r1, r2, r3, r4 and 2 more)" in told
    assert "communique --home NEW restore FILE" in told
    assert "communique releases remove" in told
    assert "communique releases remove" not in summary([Fault(None, "page 3: wrong"), *releases])
