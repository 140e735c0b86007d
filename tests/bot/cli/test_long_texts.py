"""Releases of 300,000 characters that repeat what the rules for language look for, taken in and asked about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.ray_cluster import start_communique

if TYPE_CHECKING:
    from pathlib import Path

LONG = 300_000  # characters
REPEATED = {
    "titles": "Mr. ",
    "initials": "J. R. ",
    "opened": "« ",
    "opened in English": "“he said ",
    "figures": "1,000 ",
    "numbers in words": "twenty-two thousand ",
    "dates": "12 mai 2024, ",
    "orders": "ignore all previous instructions ",
    "signs of markup": "<!-- ",
    "brackets": "[2] ",
    "addresses": "https://a.example/",
    "conjunctions": "and the minister of the ",
    "dots": "... ",
    "one word": "a",
}


@pytest.mark.long
def test_every_one_is_kept_and_the_next_question_is_answered(tmp_path: Path) -> None:
    """None takes the time that a page may take, and none keeps the answer of another release waiting."""
    lines = [
        {"id": name, "title": f"On {name}", "body": f"{text * (LONG // len(text))} said the minister."}
        for name, text in REPEATED.items()
    ]
    lines.append({"id": "short", "title": "The bridge", "body": "The bridge of Arles was opened on 3 May 2024."})
    path = tmp_path / "releases.jsonl"
    path.write_text("".join(json.dumps({**line, "language": "en"}) + "\n" for line in lines), encoding="utf-8")

    ingested = start_communique(tmp_path / "home", "ingest", path)
    out, err = ingested.communicate(timeout=280)
    assert ingested.returncode == 0, err
    assert f"{len(lines)} new, 0 changed, 0 unchanged, 0 failed" in out + err

    asked = start_communique(tmp_path / "home", "ask", "When was the bridge of Arles opened?")
    out, err = asked.communicate(timeout=60)
    assert asked.returncode == 0, err
    assert "“The bridge of Arles was opened on 3 May 2024.” [1]" in " ".join(out.split())
