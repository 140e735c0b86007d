"""What a person gets, an answer with citations or a refusal that says what was searched, and what was said before."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from vectorstore.types import StoredRelease


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and where it stands: `release.text[start:end] == quote`, character for character.

    `key` is what the answer's text shows in brackets, `[1]`. `link` opens the release at the quote, or at its page,
    where its address is known. `speaker` is who says the quote, where the release binds one to it. `answer` are the
    words in it that answer, `release.text[answer[0]:answer[1]]`, where a reader marked them.
    `alternative` is whether it may answer in place of those before, which are likelier.
    """

    key: str
    quote: str
    start: int
    end: int
    release: StoredRelease
    link: str | None = None
    speaker: str | None = None
    answer: tuple[int, int] | None = None
    alternative: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Where the quote begins and ends in its release."""
        return self.start, self.end

    @property
    def page(self) -> int | None:
        """The page on which the quote begins, counted from 1; None where the release has no pages."""
        return self.release.page_at(self.start)


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search looked at: how many releases, between which dates, of which publishers (empty: all)."""

    releases: int
    since: datetime | None = None
    until: datetime | None = None
    publishers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer, what was searched, and the nearest releases: to look at, not as evidence."""

    reason: str
    searched: Searched
    nearest: tuple[StoredRelease, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to a turn that asks nothing of the releases' texts: thanks, "who are you?", "list all …".

    `kind` names it (`courtesy.thanks`), `releases` are listed below, and `rest` is how many more there are.
    """

    kind: str
    releases: tuple[StoredRelease, ...] = ()
    rest: int = 0


class NoteKind(enum.Enum):
    """What a note beside an answer tells."""

    PERIOD = "period"
    WIDENED = "widened"
    FRESHNESS = "freshness"
    UPDATED = "updated"
    CORRECTED = "corrected"
    CORRECTS = "corrects"
    WITHDRAWN = "withdrawn"
    DISAGREE = "disagree"
    ALTERNATIVE = "alternative"
    QUOTED = "quoted"
    UNDERSTOOD = "understood"
    UNANSWERED = "unanswered"
    MODEL_FAILED = "model_failed"
    INSTRUCTION = "instruction"


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence beside an answer, in the question's language: which period was searched, that a release changed."""

    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a language model was asked for one answer: tokens in, tokens out, and their price.

    `cost` is None where no prices are set. `estimated` is whether the tokens were counted here, the provider having
    said nothing.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        costs = [usage.cost for usage in (self, other) if usage.cost is not None]
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            sum(costs) if costs else None,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of one question: citations, a refusal, or a reply where no release was to be quoted.

    `text` carries keys like `[1]`; for a refusal it is the reason. `language` is that of the question. `confidence`
    lies in [0, 1]. `model` names what wrote the answer: `extractive`, or a language model. `timings_ms` holds
    understand, retrieve, answer and total. `notes` are told beside the answer, in this order; `usage` is None where no
    language model was asked. `finished` is False while an answer is still being written. `forgets` is whether what was
    said before no longer counts. `kept_as` is the id under which a question without an answer is kept, None where it
    is not. `standalone_question` is what was searched: the person's own words, those it leans on first, with arrows
    between, or a language model's; empty where nothing was searched, as after "thanks".
    """

    question: str
    standalone_question: str
    text: str
    language: str
    citations: tuple[Citation, ...]
    refusal: Refusal | None
    confidence: float
    model: str
    as_of: datetime
    timings_ms: dict[str, float]
    notes: tuple[Note, ...] = ()
    usage: Usage | None = None
    finished: bool = True
    forgets: bool = False
    reply: Reply | None = None
    kept_as: str | None = None

    @property
    def answered(self) -> bool:
        """Whether there is an answer with at least one quote."""
        return self.refusal is None and self.reply is None

    @property
    def main_citations(self) -> tuple[Citation, ...]:
        """The citations of the likeliest answer, without an alternative to it."""
        return tuple(one for one in self.citations if not one.alternative)


_KEPT = 6  # turns; people lean on the last two or three


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as the person wrote it, and what the bot answered."""

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Conversation:
    """The last turns, oldest first; empty at the beginning and after a reset."""

    turns: tuple[Turn, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.turns)

    @property
    def last(self) -> Turn | None:
        """The last turn, or None."""
        return self.turns[-1] if self.turns else None

    def after(self, question: str, answer: Answer) -> Conversation:
        """The conversation with one more turn; the oldest are forgotten, and all of them after a reset."""
        before = () if answer.forgets else self.turns
        if not answer.standalone_question:  # "thanks": nothing was asked that could be leant on
            return Conversation(before)
        return Conversation((*before, Turn(question, answer))[-_KEPT:])


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A turn as a language model put it to stand alone, and what that took; None where it did not pass."""

    question: str | None
    usage: Usage | None = None
