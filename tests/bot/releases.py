"""Stored releases and answers made in one line, for tests of what is printed."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.answering.types import Answer, Citation, Refusal
from vectorstore.types import StoredRelease

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def stored(identity: str, text: str, *, title: str = "A release", published: datetime | None = NOW) -> StoredRelease:
    """A release in its first version."""
    return StoredRelease(
        id=identity,
        version=1,
        title=title,
        lead=None,
        text=text,
        language="en",
        publisher="NATO",
        published=published,
        updated=None,
        url=f"https://example.org/{identity}",
        source=f"{identity}.md",
        pair=None,
        content_hash="0",
        first_seen=NOW,
    )


def an_answer(*, text: str, quote: str = "", title: str = "A release", refusal: Refusal | None = None) -> Answer:
    """An answer with one quote, which is all of its release; or a refusal."""
    citation = Citation("1", quote, 0, len(quote), stored("a", quote, title=title), link="https://example.org/a")
    return Answer(
        question="Who?",
        standalone_question="Who?",
        text=text,
        language="en",
        citations=() if refusal else (citation,),
        refusal=refusal,
        confidence=0.123456,
        model="extractive",
        as_of=NOW,
        timings_ms={"understand": 0.123, "retrieve": 1.0, "answer": 2.0, "total": 3.123},
    )
