"""A sentence beside the quote that should bear it out, and that quote's place in a release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.answering.verification import QuotePlace
from vectorstore.types import StoredRelease

_BEFORE = 220  # characters


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and the quote beside it, with what stands around that in its release; `kept` from training."""

    sentence: str
    language: str
    quote: str
    quote_language: str
    supported: bool
    kind: str = ""
    title: str = ""
    publisher: str = ""
    published: str | None = None
    passage: str = ""
    kept: bool = False

    @property
    def before(self) -> str:
        """What stands before the quote in its passage; nothing where the passage is not known."""
        at = max(self.passage.find(self.quote), 0)
        return self.passage[max(0, at - _BEFORE) : at].strip()

    @property
    def place(self) -> QuotePlace:
        """The quote in a release that holds the passage and no more. Raises ValueError if it is not in it."""
        moment = datetime.fromisoformat(self.published or "2000-01-01").replace(hour=12, tzinfo=UTC)
        release = StoredRelease(
            id="claim",
            version=1,
            title=self.title,
            lead=None,
            text=self.passage,
            language=self.quote_language,
            publisher=self.publisher,
            published=moment if self.published else None,
            updated=None,
            url=None,
            source="claims",
            pair=None,
            content_hash="",
            first_seen=moment,
        )
        at = self.passage.index(self.quote)
        return QuotePlace(release, at, at + len(self.quote))
