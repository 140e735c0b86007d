from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from bot.errors import NoSourceError
from bot.operations.ingestion import StopSignal, chosen_sources
from bot.settings import SourceSettings
from ingest.types import Source

if TYPE_CHECKING:
    from ingest.pipeline import Pipeline

NEWSROOM = SourceSettings(location="https://example.org/feed.xml", name="Newsroom", publisher="Agency", links="/press/")
FOLDER = SourceSettings(location="releases")


def test_without_names_all_sources_of_the_settings_are_chosen() -> None:
    """With all that the settings say of them; options are for those of the command line."""
    chosen = chosen_sources([], [NEWSROOM, FOLDER], Source("", publisher="NATO"))

    assert [(one.location, one.name, one.publisher) for one in chosen] == [
        ("https://example.org/feed.xml", "Newsroom", "Agency"),
        ("releases", None, None),
    ]
    assert chosen[0].links == "/press/"


@pytest.mark.parametrize("named", ["Newsroom", "https://example.org/feed.xml"])
def test_a_source_of_the_settings_is_chosen_by_name_or_location(named: str) -> None:
    """What the settings say of it holds."""
    (chosen,) = chosen_sources([named], [FOLDER, NEWSROOM], Source("", publisher="NATO"))

    assert (chosen.name, chosen.publisher) == ("Newsroom", "Agency")


def test_addresses_folders_and_names_may_stand_in_one_command() -> None:
    """Options hold for those that are not in the settings."""
    given = Source("", publisher="NATO", allow_private=True)

    chosen = chosen_sources(["samples", "http://127.0.0.1/feed", "Newsroom"], [NEWSROOM], given)

    assert [one.is_address for one in chosen] == [False, True, True]
    assert [one.publisher for one in chosen] == ["NATO", "NATO", "Agency"]
    assert [one.allow_private for one in chosen] == [True, True, False]


def test_nothing_to_ingest_is_an_error() -> None:
    """It says where sources may be named."""
    with pytest.raises(NoSourceError, match=r"communique\.toml"):
        chosen_sources([], [], Source(""))


class EndedPipeline:
    """Remembers the reasons for which it was ended."""

    def __init__(self) -> None:
        self.reasons: list[BaseException] = []

    def end(self, reason: BaseException) -> None:
        self.reasons.append(reason)


@pytest.mark.parametrize("first", ["signal", "pipeline"])
def test_a_run_is_ended_whether_its_pipeline_is_made_before_or_after(first: str) -> None:
    """Whoever stops it need not know how far it has got."""
    pipeline, stop, reason = EndedPipeline(), StopSignal(), KeyboardInterrupt()

    if first == "signal":
        stop.give(reason)
        stop.connect(cast("Pipeline", pipeline))
    else:
        stop.connect(cast("Pipeline", pipeline))
        stop.give(reason)

    assert pipeline.reasons == [reason]


def test_an_address_without_a_scheme_is_one_unless_a_file_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As people write it from memory."""
    monkeypatch.chdir(tmp_path)
    Path("news.example").mkdir()

    chosen = chosen_sources(["example.org/press", "news.example", "missing.md"], [], Source(""))

    assert [one.location for one in chosen] == ["https://example.org/press", "news.example", "missing.md"]
