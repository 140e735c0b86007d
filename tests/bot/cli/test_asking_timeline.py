"""`communique timeline`: as text and as JSON, within its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli


@pytest.fixture
def fleet(cli: Cli) -> Cli:
    """A home with three releases about a fleet, and one about something else."""
    lines = [
        {
            "id": f"fleet{year}",
            "url": f"https://example.org/fleet{year}",
            "title": f"The Baltic fleet in {year}",
            "body": f"The Baltic fleet has {ships} ships. The museum is open.",
            "date": f"{year}-10-17",
            "language": "en",
            "publisher": publisher,
        }
        for year, ships, publisher in ((2022, 20, "NATO"), (2023, 25, "Navy"), (2024, 24, "NATO"))
    ]
    lines.append({"id": "other", "title": "Tax rates", "body": "Income tax is due in June.", "date": "2024-01-01"})
    cli.write_lines("fleet.jsonl", *lines)
    assert cli.run("ingest", "releases").exit_code == 0
    return cli


def test_releases_are_printed_by_date(fleet: Cli) -> None:
    """Each with day, title, sentence, difference and link."""
    printed = fleet.run("timeline", "Baltic fleet")

    lines = printed.stdout.splitlines()
    assert lines[0] == "3 releases are about “Baltic fleet”:"
    assert [line[:10] for line in lines if line.startswith("20")] == ["2022-10-17", "2023-10-17", "2024-10-17"]
    assert "            “The Baltic fleet has 25 ships.”" in lines
    assert [line.strip() for line in lines if "→" in line] == ["20 → 25 (+25\u00a0%)", "25 → 24 (−4\u00a0%)"]
    assert sum("https://example.org/fleet2023#:~:text=" in line for line in lines) == 1


def test_json_has_all_of_it(fleet: Cli) -> None:
    """Places, and figures as numbers."""
    found = fleet.json("timeline", "Baltic fleet", "--since", "2023-01-01", "--source", "nato")

    assert [one["citation"]["release"]["id"] for one in found["entries"]] == ["fleet2024"]
    assert (found["topic"], found["rest"], found["whole"], found["searched"]["publishers"]) == (
        "Baltic fleet", 0, True, ["NATO"],
    )  # fmt: skip
    changed = fleet.json("timeline", "Baltic fleet")["entries"][1]["change"]
    assert changed == {
        "since": "1", "before": "20", "after": "25", "difference": 5.0, "percent": 25.0, "text": "20 → 25 (+25\u00a0%)",
    }  # fmt: skip


def test_the_newest_are_printed_and_the_others_counted(fleet: Cli) -> None:
    """With what shows them."""
    printed = fleet.run("timeline", "Baltic", "fleet", "-n", "1")

    assert "… and 2 earlier." in printed.stdout
    assert "2022-10-17" not in printed.stdout
    assert "--until" in printed.stderr


def test_a_topic_that_nothing_is_about_is_told(fleet: Cli) -> None:
    """With exit code 0: it was looked for."""
    printed = fleet.run("timeline", "volcanoes of Iceland")

    assert (printed.exit_code, printed.stdout) == (0, "No release is about “volcanoes of Iceland”.\n")


def test_an_empty_home_is_told(cli: Cli) -> None:
    """What to do first."""
    assert "nothing is stored" in cli.run("timeline", "fleet").stderr
