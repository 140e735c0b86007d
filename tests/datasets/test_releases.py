"""Releases as typed rows, and stores made of some of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from datasets.files import NEWSWIRE, write_json_lines
from datasets.releases import (
    STORED,
    NewswireRelease,
    SwissRelease,
    archived,
    newswire,
    pair_of,
    sampled,
    write_releases,
)
from datasets.splits import newswire_by_age

if TYPE_CHECKING:
    from pathlib import Path


def release(number: int, language: str = "fr") -> SwissRelease:
    pair = str(number)
    return SwissRelease(f"{pair}#{language}", pair, "BAG", "news", "2020-01-01", "Title", "Lead", "Body", "", language)


def wire(number: int, **fields: str) -> dict[str, str | None]:
    row = {"id": str(number), "wire": "w", "lang": "en", "title": f"Title {number}", "date": f"2024-01-{number + 1:02}"}
    return {**row, "url": None, "text": "text " * 50, **fields}


def test_a_sample_holds_what_is_asked_about_in_every_version() -> None:
    """Beside it others by chance, the same in each run."""
    releases = {one.id: one for number in range(STORED) for one in (release(number), release(number, "en"))}

    chosen = sampled(releases, {"7#fr"})

    assert [one.id for one in chosen[:2]] == ["7#fr", "7#en"]
    assert len({one.id for one in chosen}) == STORED
    assert chosen == sampled(releases, {"7#fr"})


def test_releases_are_written_as_ingestion_reads_them(tmp_path: Path) -> None:
    """One object a line, without fields that say nothing."""
    write_releases(tmp_path / "releases.jsonl", [release(1)])

    row = json.loads((tmp_path / "releases.jsonl").read_text(encoding="utf-8"))
    assert (row["id"], row["lead"]) == ("1#fr", "Lead")
    assert "title_lang" not in row


def test_the_newest_newswire_releases_are_kept_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each title one, the last that the file has; what is hardly a text is left out."""
    monkeypatch.setattr("datasets.splits.NEWSWIRE_KEPT_OUT", 2)
    (tmp_path / "releases").mkdir()
    rows = [*map(wire, range(5)), wire(5, title="Title 0"), wire(6, text="short")]
    write_json_lines(tmp_path / NEWSWIRE, rows)

    old, new = newswire_by_age(tmp_path)

    assert ([one.id for one in old], [one.id for one in new]) == (["1", "2", "3"], ["4", "5"])
    assert all(isinstance(one, NewswireRelease) for one in newswire(tmp_path))


def test_versions_of_a_release_share_a_part_of_their_ids() -> None:
    """What stands before the language."""
    assert pair_of("123#fr") == pair_of("123#en") == "123"


def test_archived_releases_are_asked_for_by_a_folder_that_holds_them(tmp_path: Path) -> None:
    """One line says which file is absent."""
    with pytest.raises(FileNotFoundError, match=r"swiss_2018-2022\.fr\.jsonl\.gz: no such file"):
        archived(tmp_path)
