"""`communique init`: from an empty folder to an answer."""

from __future__ import annotations

import json
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.operations.starting import settings_file
from tests.newsroom.site import Newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bot.cli.conftest import Cli, Model

FERRY = ("Ferry line from Nice to Bastia opens in May", "The ferry line from Nice to Bastia opens on 3 May.",
         "A crossing costs 40 euros for an adult.")  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Iterator[Newsroom]:
    with Newsroom(releases=6) as newsroom:
        newsroom.publish(*FERRY)
        yield newsroom


@pytest.fixture(autouse=True)
def unhurried(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt at a time, without a pause; and a page may take its time on a busy machine."""
    monkeypatch.setenv("COMMUNIQUE_INGEST__LONGEST", "120")
    monkeypatch.setenv("COMMUNIQUE_FETCH__DELAY", "0")
    monkeypatch.setenv("COMMUNIQUE_FETCH__ATTEMPTS", "1")


def settings_of(cli: Cli) -> dict[str, object]:
    return tomllib.loads((cli.folder / "communique.toml").read_text(encoding="utf-8"))


def test_from_an_empty_folder_to_a_right_answer(cli: Cli, site: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    """Two commands; the address is that of the front page, without a scheme, which is not served over https."""
    begun = time.monotonic()
    named = f"{site.address.removeprefix('http://')}/en"

    start = cli.run("init", named, "--yes", "--allow-private", "--limit", "4")
    answer = cli.run("ask", "How much does a crossing from Nice to Bastia cost?")

    with capsys.disabled():
        sys.stdout.write(f"\ninit {named} --yes; ask …: {time.monotonic() - begun:.1f} s\n")
    assert (start.exit_code, answer.exit_code) == (0, 0)
    assert FERRY[0] in start.stderr
    assert [line[:3] for line in start.stdout.splitlines() if line[:1].isdigit()][-3:] == ["1. ", "2. ", "3. "]
    assert "A crossing costs 40 euros" in answer.stdout
    assert settings_of(cli)["sources"] == [{"location": site.feed, "allow_private": True}]


def test_settings_keep_what_they_say(cli: Cli, site: Newsroom) -> None:
    """The source is added behind comments and all, once; without a terminal only where `--yes` says so."""
    file = cli.folder / "communique.toml"
    file.write_text("# mine\n[fetch]\ncontact = 'a@example.org'  # me\n", encoding="utf-8")
    options = ("init", site.feed, "--allow-private", "--limit", "1", "--name", "Joint “Newsroom”")

    refused = cli.run(*options)
    before = file.read_text(encoding="utf-8")
    added = cli.run(*options, "--yes")
    after = file.read_text(encoding="utf-8")
    again = cli.run(*options, "--yes")

    assert (refused.exit_code, added.exit_code, again.exit_code) == (2, 0, 0)
    assert "give --yes" in refused.stderr
    assert before == "# mine\n[fetch]\ncontact = 'a@example.org'  # me\n"
    assert after.startswith(before)
    assert settings_of(cli)["sources"][0]["name"] == "Joint “Newsroom”"
    assert file.read_text(encoding="utf-8") == after
    assert "the settings name it already" in again.stderr


def test_a_source_goes_into_the_file_that_is_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the platform's home, whatever home it names: a new one here would hide it. Else into a new one here."""
    usual, elsewhere = tmp_path / "usual", tmp_path / "elsewhere"
    for folder in (usual, elsewhere):
        folder.mkdir()
        (folder / "communique.toml").write_text(f"home = {str(elsewhere)!r}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMMUNIQUE_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(usual))

    assert settings_file(None) == usual / "communique.toml"
    assert settings_file(tmp_path / "new") == Path("communique.toml")


def test_a_start_that_fails_says_what_happened_in_json_too(cli: Cli) -> None:
    """The lists that were found, the file that was written, and what failed; there is nothing to ask."""
    page = cli.folder / "broken"
    page.mkdir()
    (page / "good.txt").write_text("A harbour opens\n\nThe harbour opened on 3 May 2024.\n")
    (page / "broken.docx").write_text("no archive")

    result = cli.run("init", page, "--yes", "--json")

    assert result.exit_code == 1
    started = json.loads(result.stdout)
    assert (len(started["ingest"]["failed"]), started["questions"]) == (1, [])


def test_settings_that_take_no_further_source_stay_as_they_are(cli: Cli, site: Newsroom) -> None:
    """The lines to write in by hand are in the message."""
    file = cli.folder / "communique.toml"
    file.write_text("sources = []\n", encoding="utf-8")

    result = cli.run("init", site.feed, "--allow-private", "--yes")

    assert result.exit_code == 1
    assert "cannot take one more source" in result.stderr
    assert f'location = "{site.feed}"' in result.stderr
    assert file.read_text(encoding="utf-8") == "sources = []\n"


@pytest.mark.parametrize(("words", "option"), [((), "as in `communique init"), (("/en",), "give --pick N, or --yes")])
def test_what_nobody_can_be_asked_is_misuse(cli: Cli, site: Newsroom, words: tuple[str, ...], option: str) -> None:
    """It names the option; nothing is written."""
    result = cli.run("init", *(site.address + path for path in words), "--allow-private")

    assert result.exit_code == 2
    assert option in " ".join(result.stderr.split())
    assert not (cli.folder / "communique.toml").exists()


def test_who_sits_at_a_terminal_is_asked(cli: Cli, site: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the address, for one of the lists, and whether a question is to be answered."""
    monkeypatch.setattr("bot.cli.ingesting.at_a_terminal", lambda: True)

    result = cli.run("init", "--allow-private", "--limit", "1", typed=f"{site.address}/en\n2\n\n")

    assert result.exit_code == 0
    assert settings_of(cli)["sources"] == [{"location": site.sitemap, "allow_private": True}]


def test_a_number_that_no_list_has_is_misuse(cli: Cli, site: Newsroom) -> None:
    """It says which there are."""
    result = cli.run("init", f"{site.address}/en", "--allow-private", "--pick", "9")

    assert result.exit_code == 2
    assert "give a number from 1 to 2" in " ".join(result.stderr.split())


def test_a_folder_is_a_newsroom_too(cli: Cli) -> None:
    """As JSON: what was written, read and offered."""
    cli.write("a.md", FERRY[0], *FERRY[1:])

    done = cli.json("init", "releases")

    assert (done["source"]["location"], done["ingest"]["new"], done["lists"]) == ("releases", 1, [])
    assert settings_of(cli)["sources"] == [{"location": "releases"}]


@pytest.mark.parametrize(
    ("path", "cause"), [("/nothing", "no such page (404)"), ("/en/about?q=1", "no feed, sitemap or page of links")]
)
def test_where_nothing_is_found_one_line_says_so(cli: Cli, path: str, cause: str) -> None:
    """With what was asked; nothing is written."""
    with Newsroom(releases=1) as bare:
        for list_ in ("/feed.xml", "/sitemap.xml", "/robots.txt", "/atom.xml", "/feed.json", "/en/news"):
            bare.breaks(list_, times=None, status=404)

        result = cli.run("init", f"{bare.address}{path}", "--allow-private")

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert cause in result.stderr
    assert not (cli.folder / "communique.toml").exists()


def test_a_private_address_is_refused_unless_allowed(cli: Cli, site: Newsroom) -> None:
    """Nothing is asked of it."""
    site.forget_requests()

    result = cli.run("init", site.feed, "--yes")

    assert result.exit_code == 1
    assert site.requests == ()


def test_an_interrupted_start_leaves_nothing_half_written(cli: Cli, site: Newsroom, model: type[Model]) -> None:
    """The settings are whole, and `ingest` goes on."""
    model.interrupt_at = 0
    stopped = cli.run("init", site.feed, "--allow-private")
    model.interrupt_at = None

    assert stopped.exit_code == 130
    assert sorted(path.name for path in cli.folder.iterdir()) == ["communique.toml", "home"]
    assert cli.json("ingest", "--limit", "2")["new"] == 2


def test_a_front_page_is_not_ingested_but_its_lists_are_named(cli: Cli, site: Newsroom) -> None:
    """With the commands that read them."""
    result = cli.run("ingest", f"{site.address}/en", "--allow-private")

    assert result.exit_code == 1
    assert f"`communique ingest {site.feed}`" in result.stderr
    assert cli.json("status")["releases"] == 0
