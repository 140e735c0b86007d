from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import SourceError
from ingest.types import Source, presumed
from tests.fakes import a_release


def test_the_text_is_lead_and_paragraphs() -> None:
    """A blank line between each, and never the title."""
    release = replace(a_release("1", "One.", "Two.", title="Title"), lead="Lead.")

    assert release.text == "Lead.\n\nOne.\n\nTwo."


def test_a_release_of_a_title_alone_can_be_quoted() -> None:
    """Its title stands in for the text."""
    assert a_release("1", title="Title").text == "Title"


def test_the_hash_is_the_same_in_every_process() -> None:
    """Nothing salted is in it."""
    told = "from tests.fakes import a_release; print(a_release('1', 'Un été.', title='T').content_hash)"
    root = Path(__file__).parents[2]

    run = subprocess.run([sys.executable, "-c", told], cwd=root, capture_output=True, text=True, check=True)

    assert run.stdout.strip() == a_release("1", "Un été.", title="T").content_hash


def test_parts_cannot_run_into_each_other_in_the_hash() -> None:
    """A title that ends as the text begins is another release, and so is a date in the other field."""
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    one = a_release("1", "b c", title="a")

    assert one.content_hash != a_release("1", "c", title="a b").content_hash
    assert replace(one, published=moment).content_hash != replace(one, updated=moment).content_hash


def test_a_source_names_no_user() -> None:
    """It would stand in the store and in every report; the error repeats no password."""
    with pytest.raises(SourceError, match=r"^https://ministry\.fr/feed: holds a user name or password") as caught:
        Source("https://name:secret@ministry.fr/feed")

    assert "secret" not in repr(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("example.org/press", "https://example.org/press"),
        ("www.example.org", "https://www.example.org"),
        ("localhost:8000/en", "https://localhost:8000/en"),
        ("127.0.0.1:80", "https://127.0.0.1:80"),
        ("news.md/2024", "https://news.md/2024"),
        ("news.md", None),
        ("releases/2024.jsonl.gz", None),
        ("samples", None),
        ("../press.example", None),
        ("/srv/press.org", None),
    ],
)
def test_an_address_may_lack_its_scheme(written: str, meant: str | None) -> None:
    """What could be the name of a file is none."""
    assert presumed(written) == meant
