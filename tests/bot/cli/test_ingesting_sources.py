"""`communique sources`, and what of a source is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli


@pytest.fixture
def settled(cli: Cli) -> Cli:
    """A folder `releases` that the settings name, under the name News, and one `other` that they do not."""
    (cli.folder / "other").mkdir()
    (cli.folder / "other" / "b.md").write_text("# A visit\n\nThe President came to Rome.\n", encoding="utf-8")
    cli.write("a.md", "A meeting", "Ministers met in Brussels.")
    (cli.folder / "communique.toml").write_text('[[sources]]\nname = "News"\nlocation = "releases"\n', encoding="utf-8")
    return cli


def standings(cli: Cli) -> dict[str, tuple[str, int]]:
    return {one["name"] or one["location"]: (one["standing"], one["releases"]) for one in cli.json("sources", "list")}


def test_sources_are_listed_with_how_they_fare(settled: Cli) -> None:
    """Those of the settings first, also before their first run; then those that were named by hand."""
    before = standings(settled)
    settled.run("ingest")
    settled.run("ingest", "other")

    assert before == {"News": ("never read", 0)}
    assert standings(settled) == {"News": ("working", 1), str(settled.folder / "other"): ("working", 1)}
    printed = settled.run("sources", "list").stdout
    assert "working · from the settings · 1 release" in printed
    assert "working · named by hand · 1 release" in printed


def test_without_a_source_it_is_told_where_one_is_named(cli: Cli) -> None:
    """Square brackets are printed as they are."""
    assert cli.run("sources", "list").stderr == "no source; name one as [[sources]] in communique.toml\n"


def test_a_source_is_known_by_its_name_in_any_capitals(settled: Cli) -> None:
    """By whatever takes one; what is nearly a name says which is meant."""
    assert settled.run("ingest", "NEWS").exit_code == 0
    assert settled.run("sources", "pause", "news").exit_code == 0
    assert standings(settled) == {"News": ("paused", 1)}
    slips = [settled.run(*words) for words in (("sources", "resume", "Newz"), ("watch", "--once", "Newz"))]

    for slip in slips:
        assert (slip.exit_code, slip.stdout) == (1, "")
        assert "source: Newz: unknown; did you mean News?" in slip.stderr


def test_an_address_of_a_source_may_be_written_in_short(settled: Cli) -> None:
    """Without scheme and `www.`, with or without the slash at its end."""
    file = settled.folder / "communique.toml"
    file.write_text("[[sources]]\nlocation = 'https://www.example.org/news/feed.xml'\n", encoding="utf-8")

    for name in ("example.org/news/feed.xml", "http://example.org/news/feed.xml/"):
        assert settled.run("sources", "pause", name).exit_code == 0
        assert settled.run("sources", "resume", name).exit_code == 0


def test_a_slip_of_the_hand_is_not_remembered(settled: Cli) -> None:
    """It fails, and neither the list nor the status says so for ever; a source of the settings that fails does."""
    (settled.folder / "releases" / "a.md").unlink()

    slip = settled.run("ingest", "relaeses")
    settled.run("ingest")

    assert (slip.exit_code, "no such file or folder" in slip.stderr) == (1, True)
    assert standings(settled) == {"News": ("failing", 0)}
    assert [one["name"] for one in settled.json("status")["sources"]] == ["News"]


def test_a_source_named_by_hand_that_worked_is_remembered_when_it_fails(settled: Cli) -> None:
    """Until it is forgotten; its releases stay."""
    settled.run("ingest", "other")
    (settled.folder / "other" / "b.md").unlink()
    settled.run("ingest", "other")
    failing = standings(settled)[str(settled.folder / "other")]

    forgotten = settled.run("sources", "forget", "./other/")

    assert failing == ("failing", 1)
    assert "its releases stay" in forgotten.stderr
    assert list(standings(settled)) == ["News"]
    assert settled.json("status")["releases"] == 1


@pytest.mark.parametrize("spelling", ["./other", "other/", "other/../other", "{home}/other", "link"])
def test_a_source_is_one_however_its_path_is_written(settled: Cli, spelling: str) -> None:
    """Relative, whole, with a slash at its end, or by a link."""
    (settled.folder / "link").symlink_to(settled.folder / "other")
    settled.run("ingest", "other")

    settled.run("ingest", spelling.format(home=settled.folder))

    assert list(standings(settled)) == ["News", str(settled.folder / "other")]


def test_a_paused_source_is_left_out_until_it_is_resumed(settled: Cli) -> None:
    """By `ingest` without names and by `watch`, which say so; named, it is read all the same."""
    paused = settled.run("sources", "pause", "News")
    bare = settled.run("ingest", "--json")
    watched = settled.run("watch", "--once")
    standing = standings(settled)["News"]
    named = settled.json("ingest", "News")
    again = settled.run("sources", "pause", "releases")
    resumed = [settled.run("sources", "resume", "./releases").stderr for _ in range(2)]

    assert f"paused: {settled.folder / 'releases'}" in paused.stderr
    assert ("News: paused, so not read" in bare.stderr, '"new": 0' in bare.stdout) == (True, True)
    assert "News: paused, so not read" in watched.stdout
    assert standing == ("paused", 0)
    assert named["new"] == 1
    assert "was already paused" in again.stderr
    assert ["resumed:" in resumed[0], "was not paused:" in resumed[1]] == [True, True]
    assert settled.json("ingest")["unchanged"] == 1


@pytest.mark.parametrize(
    ("command", "name", "cause"),
    [
        ("pause", "nothing", "unknown; `communique sources list` prints those that are known"),
        ("forget", "nothing", "unknown"),
        ("forget", "News", "is listed in communique.toml; remove it there, or pause it"),
    ],
)
def test_what_cannot_be_done_says_why(settled: Cli, command: str, name: str, cause: str) -> None:
    result = settled.run("sources", command, name)

    assert result.exit_code == 1
    assert f"source: {name}: {cause}" in result.stderr
