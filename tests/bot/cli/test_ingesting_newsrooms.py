"""`communique ingest` with newsrooms on the web."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.wiring import opened
from tests.newsroom.site import Newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bot.cli.conftest import Cli, Model

HINT = "no contact: set fetch.contact in communique.toml"


@pytest.fixture
def site(cli: Cli) -> Iterator[Newsroom]:
    (cli.folder / "communique.toml").write_text("[fetch]\ndelay = 0\nattempts = 1\n", encoding="utf-8")
    with Newsroom(releases=6) as newsroom:
        yield newsroom


def test_a_feed_is_read_and_read_again(cli: Cli, site: Newsroom) -> None:
    """The second run asks only whether anything has changed."""
    first = cli.json("ingest", site.feed, "--allow-private")
    again = cli.json("ingest", site.feed, "--allow-private")

    assert (first["new"], first["failed"], first["not_modified"]) == (6, [], 0)
    assert (again["new"], again["unchanged"], again["passages"]) == (0, 6, 0)
    assert again["not_modified"] > 0


def test_a_correction_of_a_page_is_told_in_its_history(cli: Cli, site: Newsroom) -> None:
    """With the sentence that was changed, in print and in JSON."""
    cli.run("ingest", site.feed, "--allow-private")
    key = next(one.key for one in site.releases if not one.is_pdf and not one.is_legacy)
    site.correct(key, "The ceiling is now 40 million euros.")
    cli.run("ingest", site.feed, "--allow-private")

    url = site.release(key).url
    versions = cli.json("releases", "history", url)

    assert versions[0]["changes"] == []
    assert versions[1]["changes"][-1]["after"].endswith("The ceiling is now 40 million euros.")
    assert "   + The ceiling is now 40 million euros." in cli.run("releases", "history", url).stdout


def test_one_broken_page_of_a_feed_fails_no_run_unless_it_is_to(
    cli: Cli, site: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is reported all the same; a feed of which nothing can be read fails, and so does a page by itself."""
    broken = site.releases[0]
    site.breaks(broken.key, times=None, status=404)

    lenient = cli.run("ingest", site.feed, "--allow-private")
    alone = cli.run("ingest", broken.url, "--allow-private")
    monkeypatch.setenv("COMMUNIQUE_INGEST__STRICT", "true")
    strict = cli.run("ingest", site.feed, "--allow-private")

    assert (lenient.exit_code, alone.exit_code, strict.exit_code) == (0, 1, 1)
    assert f"failed: {broken.url}" in lenient.stderr
    assert "5 new" in lenient.stdout


def test_a_page_of_links_is_read_with_a_pattern(cli: Cli, site: Newsroom) -> None:
    """`--limit` says what it left out."""
    report = cli.json("ingest", site.listing, "--links", site.links, "--allow-private", "--limit", "2")

    assert report["new"] == 2
    assert report["left_out"]["limit"] == 1


def test_a_dry_run_of_the_web_writes_nothing(cli: Cli, site: Newsroom) -> None:
    """Not a release, and not how the source fared."""
    report = cli.json("ingest", site.feed, "--allow-private", "--dry-run")

    assert report["new"] == 6
    assert (cli.json("status")["releases"], cli.json("status")["sources"]) == (0, [])


def test_a_first_day_leaves_out_older_releases_of_the_web(cli: Cli, site: Newsroom) -> None:
    """As far as the feed or the page tells their date."""
    report = cli.json("ingest", site.feed, "--allow-private", "--since", "2099-01-01")

    assert report["new"] < 6
    assert report["left_out"]["since"] > 0


def test_every_source_has_its_row(cli: Cli, site: Newsroom) -> None:
    """A folder and an address that fails beside one that does not; exit code 1, and the rest is ingested."""
    folder = cli.write("a.md", "A title", "Some words of a text.").parent
    missing = f"{site.address}/nothing"

    result = cli.run("ingest", folder, site.feed, missing, "--allow-private")

    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0][:3] == ["source", "new", "changed"]
    assert [row[:2] for row in rows[1:4]] == [[str(folder), "1"], [site.feed, "6"], [missing, "0"]]
    assert f"failed: {missing}: the server says that there is no such page (404)" in result.stderr
    assert result.exit_code == 1


def test_a_source_of_the_settings_is_ingested_by_name(cli: Cli, site: Newsroom) -> None:
    """With what the settings say of it, and under that name in the report and in the status."""
    settings = f'[[sources]]\nname = "Newsroom"\nlocation = "{site.feed}"\nallow_private = true\n'
    (cli.folder / "communique.toml").write_text(settings, encoding="utf-8")

    report = cli.json("ingest", "Newsroom", "--limit", "1")

    assert [part["source"] for part in report["sources"]] == ["Newsroom"]
    assert cli.json("status")["sources"][0]["name"] == "Newsroom"


def test_a_private_address_is_refused(cli: Cli, site: Newsroom) -> None:
    """Unless it was allowed; the cause says how."""
    result = cli.run("ingest", site.feed)

    assert result.exit_code == 1
    assert "allow_private = true" in result.stderr
    assert site.requests == ()


def test_a_dead_port_is_told_in_the_status(cli: Cli) -> None:
    """With the number of failures one after the other, and when it last worked."""
    source = '[[sources]]\nlocation = "http://127.0.0.1:1/feed.xml"\nallow_private = true\n'
    (cli.folder / "communique.toml").write_text(f"[fetch]\nattempts = 1\n{source}", encoding="utf-8")
    for _ in range(2):
        result = cli.run("ingest")

    assert result.exit_code == 1
    assert "Connection refused" in result.stderr
    told = cli.run("status").stdout
    assert "http://127.0.0.1:1/feed.xml: failing (2 times; last worked: never)" in told
    assert cli.json("status")["sources"][0]["failures"] == 2


def test_a_wrong_pattern_is_misuse(cli: Cli) -> None:
    """Nothing is asked of anybody."""
    result = cli.run("ingest", "http://127.0.0.1:1/", "--links", "(")

    assert result.exit_code == 2
    assert "is no regular expression" in result.stderr


def test_who_gives_no_contact_is_told_so_once(cli: Cli, site: Newsroom) -> None:
    """Where the web is asked, by however many sources; a folder alone needs none."""
    folder = cli.write("a.md", "A title", "Some words of a text.").parent

    of_web = cli.run("ingest", site.feed, f"{site.address}/atom.xml", "--allow-private", "--limit", "1")

    assert of_web.stderr.count(HINT) == 1
    assert cli.json("ingest", site.feed, "--allow-private", "--limit", "1")["warnings"][-2].startswith(HINT)
    assert HINT not in cli.run("ingest", folder).stderr


def test_who_gives_a_contact_is_told_nothing(cli: Cli, site: Newsroom) -> None:
    """Every request names it."""
    settings = '[fetch]\ncontact = "press@example.org"\n'
    (cli.folder / "communique.toml").write_text(settings, encoding="utf-8")

    result = cli.run("ingest", site.feed, "--allow-private", "--limit", "1")

    assert (result.exit_code, HINT in result.stderr) == (0, False)
    assert all("press@example.org" in request.headers["user-agent"] for request in site.requests)


def test_an_interrupted_run_keeps_what_was_written(cli: Cli, site: Newsroom, model: type[Model]) -> None:
    """It exits with 1 and says so; the same command goes on from there."""
    model.interrupt_at = 1
    stopped = cli.run("ingest", site.feed, "--allow-private")
    model.interrupt_at = None

    report = cli.json("ingest", site.feed, "--allow-private")

    assert stopped.exit_code == 130
    assert "the same command continues from here" in stopped.stderr
    assert (report["new"] + report["unchanged"], report["failed"]) == (6, [])
    assert cli.json("status")["consistent"]


def test_a_withdrawn_release_is_told_wherever_it_is_named(cli: Cli, site: Newsroom) -> None:
    """In lists, in full, and with passages; it is kept."""
    cli.run("ingest", site.feed, "--allow-private")
    release = cli.json("releases", "list")[0]
    with opened(cli.folder / "home") as built:
        built.store.records.withdraw(release["id"], "the server says that there is no such page (410)")

    told = f"found withdrawn on {datetime.now(UTC):%Y-%m}"
    hits = cli.json("search", release["title"])
    assert next(hit["release"] for hit in hits if hit["release"]["id"] == release["id"])["withdrawn"]
    assert told in cli.run("releases", "list").stdout
    assert told in cli.run("releases", "show", release["id"]).stdout
    assert json.loads(cli.run("releases", "events", "--json").stdout)[-1]["kind"] == "withdrawn"
