from __future__ import annotations

import json
from datetime import UTC, datetime

from bot.answer import Refusal, Searched
from bot.payloads import answer_payload, full_release_payload, hit_payload, release_payload, report_payload
from bot.retrieve import Match
from ingest.pipeline import IngestReport
from ingest.sources import Failure
from tests.bot.releases import an_answer, stored
from vectorstore.passage import Hit, Passage


def test_an_answer_is_plain_data() -> None:
    """It goes through JSON and comes back the same, times in ISO 8601 with their zone."""
    payload = answer_payload(an_answer(text="Words. [1]", quote="Words."))

    assert json.loads(json.dumps(payload)) == payload
    assert (payload["answer"], payload["refusal"], payload["answered"]) == ("Words. [1]", None, True)
    assert (payload["as_of"], payload["confidence"]) == ("2024-01-01T00:00:00+00:00", 0.1235)
    assert payload["citations"][0]["link"] == "https://example.org/a"


def test_a_refusal_says_what_was_searched() -> None:
    """Period, publishers, number of releases, and the nearest ones without their text."""
    searched = Searched(3, since=datetime(2023, 1, 1, tzinfo=UTC), publishers=("NATO",))
    refusal = Refusal("Nothing fits.", searched, (stored("a", "Text."),))

    payload = answer_payload(an_answer(text="Nothing fits.", refusal=refusal))

    assert (payload["answered"], payload["citations"]) == (False, [])
    assert payload["refusal"]["searched"] == {
        "releases": 3,
        "since": "2023-01-01T00:00:00+00:00",
        "until": None,
        "publishers": ["NATO"],
    }
    assert payload["refusal"]["nearest"] == [release_payload(stored("a", "Text."))]


def test_a_release_has_its_text_only_where_it_is_shown() -> None:
    """Lists and citations name it; an undated one has null."""
    release = stored("a", "Text.", published=None)

    assert "text" not in release_payload(release)
    assert release_payload(release)["published"] is None
    assert full_release_payload(release)["text"] == "Text."


def test_a_hit_has_its_offsets_and_ranks() -> None:
    """A rank that was not given is null."""
    hit = Hit(Passage("p", "a", "Text.", 4, 9), stored("a", "The Text."), 1, 0.12345678, 0.5, 0.0, 2, None)

    payload = hit_payload(hit, [Match(0, 4, 0.123456)])

    assert (payload["start"], payload["end"], payload["text"]) == (4, 9, "Text.")
    assert (payload["rank"], payload["dense_rank"], payload["lexical_rank"], payload["score"]) == (1, 2, None, 0.123457)
    assert payload["matches"] == [{"start": 0, "end": 4, "likeness": 0.1235}]


def test_a_report_says_what_failed_and_what_was_left_out() -> None:
    """What limits left out stands among the warnings."""
    report = IngestReport(new=1, failed=(Failure("a.md", "empty"),), warnings=("odd",), left_out=4, seconds=1.23456)

    payload = report_payload(report)

    assert payload["failed"] == [{"source": "a.md", "error": "empty"}]
    assert payload["warnings"] == ["odd", "left out: 4 releases, by --limit or --since"]
    assert payload["seconds"] == 1.235
