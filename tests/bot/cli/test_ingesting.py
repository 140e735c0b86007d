"""`communique ingest` from files: what is done twice, what fails, what is left out, and what Ctrl-C leaves."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli, Model

REPORT = [
    "new", "changed", "unchanged", "withdrawn", "failed", "doubted", "warnings", "duplicates", "left_out", "passages",
    "twins", "requests", "not_modified", "seconds", "sources",
]  # fmt: skip


def test_the_report_is_that_of_the_contract(cli: Cli) -> None:
    """`--json` prints the documented keys in their order, and nothing else stands on stdout."""
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")

    report = cli.json("ingest", "releases")

    assert list(report) == REPORT
    assert (report["new"], report["passages"], report["failed"], report["withdrawn"]) == (1, 1, [], 0)


def test_a_second_run_embeds_nothing(cli: Cli, model: type[Model]) -> None:
    """Unchanged files cost no embedding."""
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")
    cli.run("ingest", "releases")
    embedded = model.passages

    report = cli.json("ingest", "releases")

    assert embedded == 1
    assert model.passages == embedded
    assert (report["new"], report["changed"], report["unchanged"], report["passages"]) == (0, 0, 1, 0)


def test_a_changed_file_replaces_its_passages(cli: Cli) -> None:
    """The new text is found, the old one is not, and both versions stand in the history."""
    path = cli.write("one.md", "A meeting", "Ministers met in Brussels.")
    cli.run("ingest", "releases")
    cli.write("one.md", "A meeting", "Ministers met in Lisbon.")

    report = cli.json("ingest", "releases")

    hits = cli.json("search", "ministers Brussels Lisbon")
    assert (report["new"], report["changed"]) == (0, 1)
    assert [hit["text"] for hit in hits] == ["Ministers met in Lisbon."]
    assert len(cli.json("releases", "history", path.resolve())) == 2


def test_a_file_that_is_gone_changes_nothing(cli: Cli) -> None:
    """A release is never removed because a folder no longer holds it."""
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")
    cli.write("two.md", "A visit", "The President came to Rome.").touch()
    cli.run("ingest", "releases")
    (cli.folder / "releases" / "two.md").unlink()

    report = cli.json("ingest", "releases")

    assert (report["unchanged"], report["withdrawn"], report["failed"]) == (1, 0, [])
    assert cli.json("status")["releases"] == 2


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("empty.md", b"", "empty"),
        ("blank.txt", b" \n\n", "empty"),
        ("junk.txt", bytes(range(256)) * 40, "binary"),
        ("broken.pdf", b"%PDF-1.7\n" + b"\x00garbage" * 30, "PDF"),
        ("not.pdf", b"plain words", "not a PDF"),
        ("cut.jsonl.gz", gzip.compress(b'{"title": "a", "body": "b"}\n' * 500, mtime=0)[:40], "cannot be read"),
        ("not.jsonl.gz", b"plain words", "cannot be read"),
    ],
)
def test_a_file_that_fails_is_reported_and_the_others_go_on(cli: Cli, name: str, content: bytes, cause: str) -> None:
    """Exit code 1, the path and the cause in the report, and the good file stored."""
    cli.write("z-good.md", "A meeting", "Ministers met in Brussels.")
    (cli.folder / "releases" / name).write_bytes(content)

    result = cli.run("ingest", "releases", "--json")

    assert result.exit_code == 1
    assert f"releases/{name}" in result.stdout
    assert cause in result.stdout
    assert cli.json("status")["releases"] == 1


def test_failures_are_named_on_stderr(cli: Cli) -> None:
    """Without `--json` the counts are the result, and each failure is one unbroken line beside them."""
    name = f"{'long-' * 30}name [x].md"
    cli.write("good.md", "A meeting", "Ministers met in Brussels.")
    (cli.folder / "releases" / name).write_text("")

    result = cli.run("ingest", "releases")

    assert result.stdout.startswith("1 new, 0 changed, 0 unchanged, 1 failed; wrote 1 passage in ")
    assert result.stdout.count("\n") == 1
    assert result.stderr.startswith(f"failed: releases/{name}: ")


def test_a_broken_line_is_reported_with_its_number(cli: Cli) -> None:
    """The rest of a JSONL file goes on."""
    good = {"title": "A meeting", "body": "Ministers met."}
    cli.write_lines("some.jsonl", good, "{broken", {"title": "A visit", "body": "The President came."}, "[1]")

    report = cli.json("ingest", "releases")

    assert report["new"] == 2
    assert [failure["source"] for failure in report["failed"]] == ["releases/some.jsonl:2", "releases/some.jsonl:4"]


@pytest.mark.parametrize("path", ["nowhere", "nowhere/at/all.md", f"{'long' * 100}.md", "https://example.org/feed"])
def test_a_path_that_does_not_exist_is_a_failure_of_its_own(cli: Cli, path: str) -> None:
    """A mistyped path is told, and the other sources are ingested."""
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")

    result = cli.run("ingest", path, "releases", "--json")

    assert result.exit_code == 1
    assert f'"source": "{path}"' in result.stdout
    assert cli.json("status")["releases"] == 1


def test_a_folder_with_nothing_to_read_is_a_failure(cli: Cli) -> None:
    """The formats that would have been read are named."""
    (cli.folder / "releases").mkdir()
    (cli.folder / "releases" / "picture.png").write_bytes(b"png")

    report = cli.json("ingest", "releases")

    assert report["new"] == 0
    assert ".jsonl" in report["failed"][0]["error"]


def test_nothing_to_ingest_says_how_to_name_it(cli: Cli) -> None:
    """Without a source on the command line or in the settings there is one sentence that helps."""
    result = cli.run("ingest")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "communique ingest samples" in result.stderr
    assert "[[sources]]" in result.stderr


def test_the_sources_of_the_settings_are_ingested(cli: Cli) -> None:
    """Without a source on the command line, with what the settings know of each."""
    cli.write_lines("some.jsonl", {"id": "1", "title": "Eine Sitzung", "content": "Sie trafen sich.", "lang": ""})
    (cli.folder / "communique.toml").write_text(
        '[[sources]]\nlocation = "releases"\npublisher = "Rat"\nlanguage = "de"\nfields = {body = "content"}\n'
    )

    report = cli.json("ingest")

    assert report["new"] == 1
    (release,) = cli.json("releases", "list")
    assert (release["publisher"], release["language"]) == ("Rat", "de")


def test_a_dry_run_writes_nothing_and_says_what_would_be_new(cli: Cli, model: type[Model]) -> None:
    """Nothing is embedded or stored, not even the time of an ingestion."""
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")

    report = cli.json("ingest", "releases", "--dry-run")

    status = cli.json("status")
    assert (report["new"], report["passages"], model.passages) == (1, 1, 0)
    assert (status["releases"], status["last_ingest"]) == (0, None)
    assert "would write 1 passage" in cli.run("ingest", "releases", "--dry-run").stdout


def test_a_limit_says_what_it_left_out(cli: Cli) -> None:
    """The first releases are stored, the others counted."""
    cli.write_lines("some.jsonl", *({"id": str(number), "title": "T", "body": "B."} for number in range(5)))

    report = cli.json("ingest", "releases", "--limit", "2")

    assert report["new"] == 2
    assert report["warnings"] == ["left out: 3 releases, by --limit"]
    assert "left out: 3 releases" in cli.run("ingest", "releases", "--limit", "2").stderr


def test_a_first_day_leaves_out_what_is_older(cli: Cli) -> None:
    """Releases of that day and undated ones stay in."""
    dated = [
        {"id": day or "undated", "title": "T", "body": "B.", "date": day} for day in ("2024-01-01", "2024-02-01", "")
    ]
    cli.write_lines("some.jsonl", *dated)

    report = cli.json("ingest", "releases", "--since", "1er février 2024")

    assert (report["new"], report["warnings"]) == (2, ["left out: 1 release, by --since"])
    assert {release["id"] for release in cli.json("releases", "list")} == {"2024-02-01", "undated"}


def test_options_fill_in_what_a_release_does_not_say(cli: Cli) -> None:
    """Publisher and language are taken where there is none, and fields under other names are found."""
    cli.write_lines(
        "some.jsonl",
        {"id": "1", "title": "T", "content": "One two.", "publisher": "Own", "lang": "it"},
        {"id": "2", "title": "T", "content": "One two."},
    )

    cli.run("ingest", "releases", "--publisher", "NATO", "--language", "FR-ch", "--field", "body=content")

    told = {one["id"]: (one["publisher"], one["language"]) for one in cli.json("releases", "list")}
    assert told == {"1": ("Own", "it"), "2": ("NATO", "fr")}
    assert cli.json("releases", "show", "2")["text"] == "One two."


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--since", "yesterday", "is not a date"),
        ("--language", "klingon tongue", "is not a language code"),
        ("--field", "content", "body=content"),
        ("--field", "body=", "body=content"),
        ("--limit", "0", "--limit"),
    ],
)
def test_an_impossible_option_is_misuse(cli: Cli, option: str, value: str, told: str) -> None:
    """Exit code 2, and the option is named with what it should be."""
    result = cli.run("ingest", ".", option, value)

    assert (result.exit_code, result.stdout) == (2, "")
    assert option in result.stderr
    assert told in result.stderr


def test_two_releases_of_one_id_are_told_apart_by_a_failure(cli: Cli) -> None:
    """The first stands; the second is reported with both places, also across sources."""
    first = cli.write_lines("first.jsonl", {"id": "same", "title": "First", "body": "One."})
    second = cli.write_lines("second.jsonl", {"id": "same", "title": "Second", "body": "Two."})

    report = cli.json("ingest", first, second)

    assert report["new"] == 1
    assert report["failed"][0]["source"] == f"{second}:1"
    assert f"has the same id as {first}:1" in report["failed"][0]["error"]
    assert cli.json("releases", "show", "same")["title"] == "First"


def test_a_file_named_twice_is_no_duplicate(cli: Cli) -> None:
    """By its folder and by itself, relative and absolute: it is one release."""
    path = cli.write("one.md", "A meeting", "Ministers met in Brussels.")

    report = cli.json("ingest", "releases", path, "releases/one.md")

    assert (report["new"], report["unchanged"], report["failed"]) == (1, 2, [])


def test_interrupted_it_says_what_was_done_and_goes_on_next_time(cli: Cli, model: type[Model]) -> None:
    """Ctrl-C in the middle: the acknowledged releases stand, and the next run does the rest only."""
    cli.write_lines("some.jsonl", *({"id": str(number), "title": "T", "body": f"B {number}."} for number in range(500)))
    model.interrupt_at = 400

    stopped = cli.run("ingest", "releases")

    model.interrupt_at = None
    status = cli.json("status")
    report = cli.json("ingest", "releases")
    assert (stopped.exit_code, stopped.stdout.split(",")[0]) == (130, "256 new")
    assert "stopped; what was written is kept" in stopped.stderr
    assert status["releases"] == 256
    assert (report["new"], report["unchanged"], model.passages) == (244, 256, 500)
    assert cli.json("status")["consistent"]


def test_interrupted_it_prints_json_all_the_same(cli: Cli, model: type[Model]) -> None:
    """A program that reads stdout gets its report, and people are told on stderr."""
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")
    model.interrupt_at = 0

    result = cli.run("ingest", "releases", "--json")

    assert result.exit_code == 130
    assert '"new": 0' in result.stdout
    assert "stopped" in result.stderr


def test_a_home_that_cannot_be_used_is_told(cli: Cli) -> None:
    """A file in the place of the home folder is one sentence, no traceback."""
    (cli.folder / "home").write_text("in the way")

    result = cli.run("ingest", "releases")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "name a folder" in result.stderr
