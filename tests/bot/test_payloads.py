from __future__ import annotations

import json
from datetime import UTC, datetime

from bot.answering.codec import answer_payload
from bot.answering.retriever import WordMatch
from bot.answering.types import Refusal, Searched
from bot.cli.rendering.operations import report_payload
from bot.payloads import (
    event_payload,
    hit_payload,
    release_payload,
    shown_payload,
    version_payload,
)
from ingest.report import IngestReport
from ingest.sources import Failure
from tests.bot.releases import an_answer, stored
from vectorstore.text.sentences import Difference
from vectorstore.types import Event, Hit, Passage, Relations, Twin


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
    assert shown_payload(release, Relations())["text"] == "Text."


def test_a_hit_has_its_offsets_and_ranks() -> None:
    """A rank that was not given is null."""
    hit = Hit(Passage("p", "a", "Text.", 4, 9), stored("a", "The Text."), 1, 0.12345678, 0.5, 0.0, 2, None)

    payload = hit_payload(hit, [WordMatch(0, 4, 0.123456)])

    assert (payload["start"], payload["end"], payload["text"]) == (4, 9, "Text.")
    assert (payload["rank"], payload["dense_rank"], payload["lexical_rank"], payload["score"]) == (1, 2, None, 0.123457)
    assert payload["matches"] == [{"start": 0, "end": 4, "likeness": 0.1235}]


def test_a_report_says_what_failed_and_what_was_left_out() -> None:
    """What limits left out stands among the warnings."""
    report = IngestReport(new=1, failed=(Failure("a.md", "empty"),), warnings=("odd",), beyond_limit=4, seconds=1.23456)

    payload = report_payload(report)

    assert payload["failed"] == [{"source": "a.md", "error": "empty"}]
    assert payload["warnings"] == ["odd", "left out: 4 releases, by --limit"]
    assert payload["seconds"] == 1.235


def test_a_report_has_a_part_for_each_source() -> None:
    """With the same counts, and what it asked of the web."""
    part = IngestReport(source="Newsroom", new=2, requests=5, not_modified=1)

    (told,) = report_payload(IngestReport(new=2, parts=(part,)))["sources"]

    assert (told["source"], told["new"], told["requests"], told["not_modified"]) == ("Newsroom", 2, 5, 1)


def test_a_release_is_shown_with_those_it_belongs_to() -> None:
    """Its twins by their ids, what it corrects, and what corrects it."""
    relations = Relations((Twin("a", "b", "content", 0.87654), Twin("0", "a", "pair", 1.0)), "old", ("new",))

    payload = shown_payload(stored("a", "Text."), relations)

    assert payload["twins"] == [
        {"id": "b", "reason": "content", "score": 0.8765},
        {"id": "0", "reason": "pair", "score": 1.0},
    ]
    assert (payload["corrects"], payload["corrected_by"]) == ("old", ["new"])


def test_a_version_has_what_it_changed() -> None:
    """Sentence by sentence."""
    payload = version_payload(stored("a", "Text."), [Difference("Old.", "Text.")])

    assert (payload["text"], payload["changes"]) == ("Text.", [{"before": "Old.", "after": "Text."}])


def test_an_event_is_plain_data() -> None:
    """Its moment in ISO 8601."""
    event = Event(7, "withdrawn", "a", 2, datetime(2024, 1, 1, tzinfo=UTC))

    assert event_payload(event) == {
        "number": 7,
        "kind": "withdrawn",
        "release_id": "a",
        "version": 2,
        "moment": "2024-01-01T00:00:00+00:00",
    }
