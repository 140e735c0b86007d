"""`communique releases`, `status` and `rebuild`."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli, Model


def test_releases_are_listed_newest_first(stocked: Cli) -> None:
    """`-n` cuts the list, and says how many more there are."""
    listed = stocked.run("releases", "list", "-n", "1")

    assert [release["id"] for release in stocked.json("releases", "list")] == ["aid.en", "aide.fr"]
    assert listed.stdout.startswith("Aid [bold] for Ukraine\n")
    assert "1 more; print them with -n 2" in listed.stderr


@pytest.mark.parametrize("name", ["aid.en", "https://example.org/aid"])
def test_a_release_is_shown_by_id_or_address(stocked: Cli, name: str) -> None:
    """Both name the same release; its text and where it came from are printed."""
    shown = stocked.json("releases", "show", name)

    assert (shown["id"], shown["version"], shown["source"]) == ("aid.en", 1, "releases/two.jsonl:1")
    assert shown["text"].startswith("Allies gave")
    assert "Allies gave" in stocked.run("releases", "show", name).stdout


@pytest.mark.parametrize("command", [["show"], ["history"], ["remove", "--yes"]])
def test_an_unknown_release_says_where_ids_are_listed(stocked: Cli, command: list[str]) -> None:
    """Exit code 1 and one sentence."""
    result = stocked.run("releases", *command, "nothing.en")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "release: nothing.en: not stored" in result.stderr
    assert "communique releases list" in result.stderr


def test_a_version_that_there_is_not_names_those_that_there_are(stocked: Cli) -> None:
    """One, or from the first to the last."""
    first = stocked.run("releases", "show", "aid.en", "--version", "7")
    stocked.write_lines("two.jsonl", {"id": "aid.en", "title": "Corrected", "body": "Allies gave more."})
    stocked.run("ingest", "releases")
    second = stocked.run("releases", "show", "aid.en", "--version", "7")

    assert (first.exit_code, first.stderr) == (
        1, "communique: release: aid.en: has no version 7; there is version 1\n",
    )  # fmt: skip
    assert "has no version 7; there are versions 1 to 2" in second.stderr


@pytest.mark.parametrize(
    "name", ["avions", "UNE AIDE", "aide.", "example.org/aid", "www.example.org/aid/", "http://example.org/aid"]
)
def test_a_release_is_shown_by_a_part_of_its_title_or_its_address_in_short(stocked: Cli, name: str) -> None:
    """In any capitals; of an address scheme, `www.` and the slash at its end may differ."""
    found = stocked.run("releases", "show", name)

    if name == "avions":  # a word of the text is no name
        assert (found.exit_code, "not stored" in found.stderr) == (1, True)
    else:
        assert found.stdout.splitlines()[0] == (
            "Aid [bold] for Ukraine" if "example" in name else "Une aide pour Chypre"
        )


def test_a_part_that_several_releases_have_lists_them(stocked: Cli) -> None:
    """By their ids; none is removed by a part of its title."""
    shown = stocked.run("releases", "show", "aid")
    removed = stocked.run("releases", "remove", "une aide", "--yes")

    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "release: aid: several have that; name one by its id: aid.en, aide.fr" in shown.stderr
    assert (removed.exit_code, "did you mean aide.fr?" in removed.stderr) == (1, True)
    assert len(stocked.json("releases", "list")) == 2


def test_history_keeps_every_version(stocked: Cli) -> None:
    """Oldest first, each with its text."""
    stocked.write_lines("two.jsonl", {"id": "aid.en", "title": "Corrected", "body": "Allies gave more."})
    stocked.run("ingest", "releases")

    versions = stocked.json("releases", "history", "aid.en")

    assert [version["version"] for version in versions] == [1, 2]
    assert versions[1]["text"] == "Allies gave more."
    assert stocked.json("releases", "show", "aid.en", "--version", "1")["title"] == "Aid [bold] for Ukraine"
    assert stocked.run("releases", "history", "aid.en").stdout.count("seen first") == 2


def test_a_removed_release_is_found_no_more(stocked: Cli) -> None:
    """`--yes` asks nothing."""
    result = stocked.run("releases", "remove", "aid.en", "--yes")

    assert result.exit_code == 0
    assert [release["id"] for release in stocked.json("releases", "list")] == ["aide.fr"]
    assert stocked.json("search", "Ukraine", "--language", "en") == []
    assert stocked.json("status")["consistent"]


def test_a_removed_release_stays_away_until_it_is_allowed(stocked: Cli) -> None:
    """The run counts it, the list names it with its time, and once it is allowed it comes back and is no news."""
    stocked.run("releases", "remove", "aid.en", "--yes")

    again = stocked.run("ingest", "releases")
    [listed] = stocked.json("releases", "removed")
    allowed = stocked.run("releases", "allow", "aid.en")
    back = stocked.json("ingest", "releases")

    assert "left out: 1 release that was taken down" in again.stderr
    assert (listed["id"], listed["allowed_again"], "removed" in listed) == ("aid.en", None, True)
    assert "aid.en\n   removed 2" in stocked.run("releases", "removed").stdout
    assert "allowed again: aid.en" in allowed.stderr
    assert (back["new"], back["left_out"]["taken_down"]) == (1, 0)
    assert [event["kind"] for event in stocked.json("releases", "events")][-2:] == ["removed", "restored"]


def test_a_release_that_is_removed_for_a_while_comes_back(stocked: Cli) -> None:
    """`--allow-again` keeps nothing away, and there is nothing to allow then."""
    removed = stocked.run("releases", "remove", "aid.en", "--yes", "--allow-again")
    refused = stocked.run("releases", "allow", "aid.en")

    assert "it may come in again" in removed.stderr
    assert (refused.exit_code, "release: aid.en: was not taken down" in refused.stderr) == (1, True)
    assert stocked.json("ingest", "releases")["new"] == 1


def test_nothing_is_doubted_and_nothing_taken_down_at_first(stocked: Cli) -> None:
    """Both lists say so on stderr, and are empty on stdout."""
    for command in ("doubted", "removed"):
        result = stocked.run("releases", command)
        assert (result.exit_code, result.stdout, stocked.json("releases", command)) == (0, "", [])
        assert "nothing was taken down" in result.stderr or "no page is doubted" in result.stderr


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_a_declined_removal_removes_nothing(stocked: Cli, typed: str) -> None:
    """No, nothing at all, and the end of the input all mean no."""
    result = stocked.run("releases", "remove", "aid.en", typed=typed)

    assert result.exit_code == 1
    assert "Remove “Aid [bold] for Ukraine”" in result.stderr
    assert len(stocked.json("releases", "list")) == 2


def test_a_confirmed_removal_removes(stocked: Cli) -> None:
    """A yes at the prompt does what `--yes` does."""
    assert stocked.run("releases", "remove", "aid.en", typed="y\n").exit_code == 0
    assert len(stocked.json("releases", "list")) == 1


@pytest.mark.embedded
def test_status_is_that_of_the_contract(stocked: Cli) -> None:
    """The documented keys in their order, and the halves of the store agree."""
    status = stocked.json("status")

    assert list(status) == [
        "releases", "passages", "by_language", "newest", "last_ingest", "embedder", "consistent", "home",
        "catalogue", "sources",
    ]  # fmt: skip
    assert status["catalogue"] == str(stocked.folder / "home" / "catalogue.sqlite3")
    assert status["embedder"] == {"name": "communique-fr-en-1", "dimension": 64}
    assert (status["releases"], status["passages"], status["consistent"]) == (2, 2, True)
    assert (status["by_language"], status["newest"]) == ({"en": 1, "fr": 1}, "2024-10-17T00:00:00+00:00")


def test_status_of_an_empty_home_is_whole(cli: Cli) -> None:
    """Nothing stored is not a failure."""
    result = cli.run("status")

    assert result.exit_code == 0
    assert "nothing embedded yet" in result.stdout
    assert "newest release     none\n" in result.stdout
    assert cli.json("status")["consistent"]


def test_status_prints_a_long_home_in_one_piece(stocked: Cli) -> None:
    """Off a terminal no path is broken over lines."""
    assert f"{stocked.folder / 'home'}\n" in stocked.run("status").stdout


@pytest.mark.embedded
def test_a_lost_index_is_told_and_repaired(stocked: Cli) -> None:
    """`status` says that vectors are missing, `--repair` brings them back without the model."""
    shutil.rmtree(stocked.folder / "home" / "chroma")

    told = stocked.run("status").stdout

    assert "communique status --repair" in told
    assert "repaired" in stocked.run("status", "--repair").stderr
    assert stocked.json("status")["consistent"]
    assert "nothing to repair" in stocked.run("status", "--repair").stderr


def test_another_model_is_refused_until_the_rebuild(
    stocked: Cli, model: type[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal names the command that mends it; afterwards the store answers with the new model."""
    monkeypatch.setenv("COMMUNIQUE_EMBEDDER__MODEL", "another")
    refused = stocked.run("search", "Ukraine")

    rebuilt = stocked.json("rebuild")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "communique rebuild" in refused.stderr
    assert rebuilt == {"passages": 2, "model": "another"}
    assert stocked.json("status")["embedder"]["name"] == "another"
    assert stocked.json("search", "Ukraine")[0]["release"]["id"] == "aid.en"


def test_an_interrupted_rebuild_leaves_the_old_model_answering(
    stocked: Cli, model: type[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence; with the old model nothing has changed."""
    model.interrupt_at = 0
    monkeypatch.setenv("COMMUNIQUE_EMBEDDER__MODEL", "another")

    result = stocked.run("rebuild")

    monkeypatch.delenv("COMMUNIQUE_EMBEDDER__MODEL")
    assert (result.exit_code, result.stdout) == (130, "")
    assert "stopped" in result.stderr
    assert stocked.json("search", "Ukraine")[0]["release"]["id"] == "aid.en"


def test_rebuilding_an_empty_home_is_fine(cli: Cli) -> None:
    """There is nothing to embed, and ingestion goes on afterwards."""
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")

    assert cli.json("rebuild")["passages"] == 0
    assert cli.json("ingest", "releases")["new"] == 1


def test_history_tells_the_sentences_that_changed(stocked: Cli) -> None:
    """Those that stayed are not told; the first version changed nothing."""
    body = "Allies gave 21.4 billion euros to Ukraine. The meeting took place in Brussels."
    stocked.write_lines("two.jsonl", {"id": "aid.en", "title": "Aid", "body": body, "language": "en"})
    stocked.run("ingest", "releases")

    first, second = stocked.json("releases", "history", "aid.en")
    printed = stocked.run("releases", "history", "aid.en").stdout

    before, after = (f"Allies gave {figure} billion euros to Ukraine." for figure in ("20.9", "21.4"))
    assert (first["changes"], second["changes"]) == ([], [{"before": before, "after": after}])
    assert f"   - {before}\n   + {after}\n" in printed


def test_events_are_told_from_a_number_on(stocked: Cli) -> None:
    """Oldest first, so many as are asked for; a removed release has its own."""
    stocked.run("releases", "remove", "aide.fr", "--yes")

    events = stocked.json("releases", "events")
    later = stocked.json("releases", "events", "--after", str(events[0]["number"]), "-n", "1")

    assert [event["kind"] for event in events] == ["new", "new", "removed"]
    assert later == [events[1]]
    assert stocked.run("releases", "events", "--after", "999").stdout == ""
    assert "removed    aide.fr" in stocked.run("releases", "events").stdout


def test_a_correction_is_shown_at_both_releases(stocked: Cli) -> None:
    """What it corrects, and what corrects it."""
    stocked.write_lines(
        "three.jsonl",
        {
            "id": "fix.en",
            "title": "Correction: Aid [bold] for Ukraine",
            "body": "The sum is 21.4 billion euros.",
            "date": "2024-10-18",
            "language": "en",
            "publisher": "NATO",
        },
    )
    stocked.run("ingest", "releases")

    assert stocked.json("releases", "show", "fix.en")["corrects"] == "aid.en"
    assert stocked.json("releases", "show", "aid.en")["corrected_by"] == ["fix.en"]
    assert "corrected by fix.en" in stocked.run("releases", "show", "aid.en").stdout


@pytest.mark.embedded
def test_a_home_is_backed_up_and_restored(stocked: Cli) -> None:
    """By two commands; the restored home answers, and agrees with itself."""
    file, other = stocked.folder / "backup.tar.gz", stocked.folder / "other"

    told = stocked.json("backup", file)
    assert "catalogue.sqlite3" in told["parts"]
    result = stocked.run("--home", other, "restore", file)

    assert (result.exit_code, "restored: as of" in result.stdout) == (0, True)
    assert [one["id"] for one in stocked.json("--home", other, "releases", "list")] == ["aid.en", "aide.fr"]
    assert stocked.json("--home", other, "status")["consistent"]
    assert "holds a store already" in stocked.run("--home", other, "restore", file).stderr


@pytest.mark.embedded
def test_a_backup_is_called_what_it_is_in_a_folder_that_is_made(stocked: Cli) -> None:
    """A name for something else is refused with a better one, ready to paste."""
    for name, better in (("b.zip", "b.tar.gz"), ("today", "today.tar.gz"), ("x.2026.tar", "x.2026.tar.gz")):
        refused = stocked.run("backup", name)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert f"backup: {name}: does not end with .tar.gz, which a backup is; name it {better}" in refused.stderr

    assert stocked.run("backup", "far/away/b.tgz").exit_code == 0
    assert "is a folder; name a file in it, as in far/communique.tar.gz" in stocked.run("backup", "far").stderr


def test_what_is_no_backup_is_not_restored_and_makes_no_home(stocked: Cli) -> None:
    """In one sentence that does not speak of archives; nor is a folder one."""
    for name in ("releases/two.jsonl", "releases"):
        result = stocked.run("--home", "second", "restore", name)

        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == (
            f"communique: backup: {name}: is no backup of communique; name a file that `communique backup` wrote\n"
        )
    assert not (stocked.folder / "second").exists()


@pytest.mark.embedded
def test_a_check_says_that_all_is_whole_and_status_remembers_it(stocked: Cli) -> None:
    """With a date; before the first one it says how to ask for it."""
    before = stocked.run("status").stdout

    checked = stocked.json("status", "--check")

    assert "never; run `communique status --check`" in before
    assert (checked["releases"], checked["damage"]) == (2, None)
    assert f"{checked['verified'][:10]} {checked['verified'][11:16]} UTC: whole" in stocked.run("status").stdout


@pytest.mark.embedded
def test_a_check_names_a_damaged_release_and_fails(stocked: Cli) -> None:
    """Exit code 1, what to do on stderr, the status on stdout all the same; a backup refuses."""
    with contextlib.closing(sqlite3.connect(stocked.folder / "home" / "catalogue.sqlite3")) as connection, connection:
        connection.execute("UPDATE versions SET text = replace(text, '20.9', '29.0') WHERE release_id = 'aid.en'")

    result = stocked.run("status", "--check")
    backup = stocked.run("backup", stocked.folder / "backup.tar.gz")

    assert (result.exit_code, backup.exit_code) == (1, 1)
    assert "releases" in result.stdout
    for told in (result.stderr, backup.stderr):
        assert "is damaged" in told
        assert "(aid.en)" in told
        assert "communique --home NEW restore FILE" in told
    assert "damaged; run `communique status --check`" in stocked.run("status").stdout
    assert not (stocked.folder / "backup.tar.gz").exists()


@pytest.mark.embedded
def test_nothing_that_a_command_makes_is_open_to_others(cli: Cli) -> None:
    """Whatever umask it is started with, as by a service."""
    cli.write("one.md", "A meeting", "Ministers met in Brussels.")
    before = os.umask(0)
    try:
        for words in (
            ["ingest", "releases"], ["ask", "Where did ministers meet?"], ["status", "--check"], ["rebuild"],
            ["backup", cli.folder / "backup.tar.gz"],
            ["--home", cli.folder / "other", "restore", cli.folder / "backup.tar.gz"],
        ):  # fmt: skip
            os.umask(0)
            assert cli.run(*words).exit_code == 0
    finally:
        os.umask(before)

    made = [cli.folder / "backup.tar.gz"]
    for home in (cli.folder / "home", cli.folder / "other"):
        made += [home, *home.rglob("*")]
    assert {path.name for path in made} >= {"catalogue.sqlite3", "writer.lock", "chroma", "chroma.sqlite3"}
    assert [path for path in made if path.stat().st_mode & 0o077] == []


@pytest.mark.embedded
def test_a_rebuild_looks_for_quotations_again(stocked: Cli) -> None:
    """As after an upgrade whose rules find more, or in a store of before they were kept."""
    catalogue = stocked.folder / "home" / "catalogue.sqlite3"
    with contextlib.closing(sqlite3.connect(catalogue)) as connection, connection:
        before = connection.execute("SELECT annotations FROM versions ORDER BY number").fetchall()
        connection.execute("UPDATE versions SET annotations = NULL")

    assert stocked.run("rebuild").exit_code == 0

    with contextlib.closing(sqlite3.connect(catalogue)) as connection:
        assert connection.execute("SELECT annotations FROM versions ORDER BY number").fetchall() == before
    assert all(found for (found,) in before)
