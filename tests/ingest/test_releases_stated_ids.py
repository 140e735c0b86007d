"""Ids that files state are unique in the store: no release takes the place of another newsroom's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.follower import causes, counts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.follower import Follower

BERN = {
    "id": 1,
    "title": "Bern builds a bridge",
    "body": "The bridge over the Aare costs 4 million francs.",
    "published": "2024-05-14",
}
PARIS = {
    "id": 1,
    "title": "Paris opens a museum",
    "body": "The museum of clocks opens its doors on Friday.",
    "published": "2024-06-14",
}
HINT = "give each release an id of its own"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, so that files have relative paths, as on the command line."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, name: str, *releases: dict[str, Any]) -> None:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    if file.suffix == ".jsonl":
        file.write_text("".join(json.dumps(one) + "\n" for one in releases))
        return
    [release] = releases
    fields = "".join(f"{name}: {value}\n" for name, value in release.items() if name != "body")
    file.write_text(f"---\n{fields}---\n{release['body']}\n")


def titles(follower: Follower) -> list[str]:
    return [one.title for one in follower.store.records.releases()]


@pytest.mark.parametrize("ending", ["jsonl", "md"])
def test_another_newsroom_with_the_same_id_is_refused(follower: Follower, here: Path, ending: str) -> None:
    """What is stored stays, without a new version, and the failure says how to mend it; the next run says the same."""
    write(here, f"a/news.{ending}", BERN)
    write(here, f"b/news.{ending}", PARIS)
    first = follower.run("a")

    for _ in range(2):
        report = follower.run("b")

        [(place, cause)] = causes(report).items()
        assert (counts(first), counts(report)) == ((1, 0, 0, 0), (0, 0, 0, 1))
        assert place.startswith(f"b/news.{ending}")
        assert f"has the same id as a/news.{ending}" in cause
        assert HINT in cause
    assert titles(follower) == [BERN["title"]]
    assert len(follower.store.records.history("1")) == 1


def test_what_is_refused_does_not_keep_the_first_from_being_corrected(follower: Follower, here: Path) -> None:
    """Also where it is met before it in a round."""
    write(here, "a/news.jsonl", BERN)
    write(here, "b/news.jsonl", PARIS)
    follower.run("a")
    write(here, "a/news.jsonl", BERN | {"body": "The bridge over the Aare costs 5 million francs."})

    report = follower.run("b", "a")

    assert (counts(report), list(causes(report))) == ((0, 1, 0, 1), ["b/news.jsonl:1"])
    assert "5 million" in follower.store.records.releases()[0].text


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("b/news.jsonl", BERN | {"published": "2024-05-15"}),
        ("b/news.jsonl", BERN | {"body": "The bridge over the Aare costs 5 million francs."}),
        ("b/news.md", BERN | {"title": "Bern builds two bridges"}),
        ("a/news.jsonl", PARIS),
    ],
    ids=["moved and dated anew", "moved and corrected", "in another format", "rewritten"],
)
def test_a_release_that_was_moved_or_rewritten_is_the_same(
    follower: Follower, here: Path, name: str, release: dict[str, Any]
) -> None:
    """In another file it has most of its words; in its own it may say what it likes."""
    write(here, "a/news.jsonl", BERN)
    follower.run("a")
    (here / "a/news.jsonl").unlink()
    write(here, name, release)

    report = follower.run(str(here / name))

    assert (counts(report), causes(report)) == ((0, 1, 0, 0), {})


@pytest.mark.parametrize("ending", ["jsonl", "md"])
def test_an_address_is_that_of_one_release_in_any_file(follower: Follower, here: Path, ending: str) -> None:
    address = {"id": "https://example.org/news/1"}
    write(here, f"a/news.{ending}", BERN | address)
    write(here, f"b/news.{ending}", PARIS | address)
    follower.run("a")

    assert counts(follower.run("b")) == (0, 1, 0, 0)


@pytest.mark.parametrize("name", ["news.md", "news.jsonl"])
def test_without_an_id_a_file_is_its_own_from_wherever_it_is_named(
    follower: Follower, here: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The path that is stored is relative to another folder; what was rewritten is a change all the same."""
    stated = {key: BERN[key] for key in ("title", "published")}
    write(here, f"a/{name}", stated | {"body": BERN["body"]})
    follower.run("a")
    write(here, f"a/{name}", stated | {"body": PARIS["body"]})
    monkeypatch.chdir(here / "a")

    assert counts(follower.run(name)) == (0, 1, 0, 0)


def test_one_relative_path_in_two_folders_is_two_files(
    follower: Follower, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their publishers tell that."""
    for folder, release in (("a", BERN), ("b", PARIS)):
        write(here, f"{folder}/news.jsonl", release)
    monkeypatch.chdir(here / "a")
    follower.run("news.jsonl", publisher="Bern")
    monkeypatch.chdir(here / "b")

    report = follower.run("news.jsonl", publisher="Paris")

    assert HINT in causes(report)["news.jsonl:1"]
    assert titles(follower) == [BERN["title"]]
