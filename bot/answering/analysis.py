"""What a question asks for, found out once and handed to every stage."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from bot.answering.followups import ARROW, ELIDED, before, dated, exchanged, joined_questions, named
from bot.answering.lists import (
    AGAIN,
    LANGUAGES,
    MORE,
    OF_IT,
    is_part,
    language_of,
    lists,
    of_list,
    points_back,
    stands_for_them,
    subject_before,
    wants_language,
    without_language,
    words_of,
)
from bot.answering.retriever import LONGEST_QUESTION, searchable
from bot.answering.turns import ASKING, Guess, TurnKind, asks_for_releases, opening, questions_in
from bot.answering.types import Conversation
from bot.language.names import is_name
from bot.language.speakers import asked_speaker
from bot.language.time_expressions import read_times
from vectorstore.text import NOT_LATIN, detect_language, foreign_language
from vectorstore.text.words import fold
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from bot.answering.followups import Before
    from bot.answering.turns import TurnClassifier
    from bot.answering.types import Rewritten, Usage
    from bot.language.speakers import SaidBy
    from bot.language.time_expressions import Times

_LOOKED_AT = 10_001  # characters of a turn: more are no question, and said to be none
_OF_AN_ANSWER = {TurnKind.ABOUT_ANSWER, TurnKind.MORE, TurnKind.CHALLENGE}
_FOREIGN = Guess(TurnKind.ABOUT_BOT, "foreign")
_TRANSLATE = "language"  # the intent of "in French, please"
_LAST_DAY = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
_TOPIC = 4  # words at the most
_NONE = ("",)  # the ids of no release
_TELLING = 3  # words; fewer are as little French as English


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with all that bounds its answer.

    `as_of` is the moment the answer speaks from, now where it is None, in UTC where it has no zone; a midnight is
    all of its day. What was published later does not answer, unless the question `awaits` that. `language` is its own,
    detected where it is None, and `refusal_language` that of a refusal, the question's where it is None. `passages` is
    how many hits the answer is looked for in; None leaves it to the retriever. `conversation` is what was
    said before.
    """

    question: str
    where: Filter = field(default_factory=Filter)
    as_of: datetime | None = None
    awaits: bool = False
    language: str | None = None
    refusal_language: str | None = None
    passages: int | None = None
    conversation: Conversation = field(default_factory=Conversation)

    @property
    def moment(self) -> datetime:
        """The moment the answer speaks from."""
        moment = self.as_of or datetime.now(UTC)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def known(self, where: Filter) -> Filter:
        """A filter without what was published after the moment that was given."""
        if self.as_of is None or self.awaits:
            return where
        step = timedelta(days=1) if self.moment.time() == datetime.min.time() else timedelta(seconds=1)
        after = min(self.moment, _LAST_DAY.replace(tzinfo=self.moment.tzinfo)) + step
        return replace(where, until=min(where.until or after, after))


class Rewrites(Protocol):
    """What makes a leaning turn stand alone with a language model: `rewrite` of a `Rewriter`."""

    def __call__(self, question: str, conversation: Conversation, language: str | None) -> Rewritten:
        """The question as it stands alone, checked."""
        ...


@dataclass(frozen=True, slots=True)
class QuestionAnalysis:
    """A question, read.

    `question` is what is asked, tidied: the person's own words, for "tell me more" the question before, a language
    model's for a leaning turn that it rewrote. `leans_on` are the questions before it that it leans on, oldest first,
    `name` who was named in the answer before, `reading` what is read: the question, or "And Finland?" put in the place
    of its like. Passages of `releases` stay candidates; quotes in `leave_out` were shown already. `everything` is what
    may answer, of whatever period; `where` holds the period of publication that the question names, where `of_period`,
    and `around` one that may be of what is told, which is preferred. `began` is a moment of `time.perf_counter`,
    `forgets` whether nothing that was said before counts. `parts` are the questions of several in one; none where
    there is but one.
    """

    ask: Ask
    guess: Guess
    question: str
    leans_on: tuple[str, ...]
    reading: str
    name: str
    releases: tuple[str, ...]
    leave_out: tuple[str, ...]
    before: Before | None
    times: Times
    where: Filter
    everything: Filter
    around: Filter | None
    said: SaidBy | None
    language: str | None
    as_of: datetime
    began: float
    usage: Usage | None = None
    forgets: bool = False
    parts: tuple[QuestionAnalysis, ...] = ()

    @property
    def typed(self) -> str:
        """What the person typed, tidied, without a greeting before it."""
        return opening(" ".join(self.ask.question[:LONGEST_QUESTION].split()))[1]

    @property
    def chain(self) -> str:
        """The person's own words, those that it leans on first; empty where nothing is searched."""
        return ARROW.join((*self.leans_on, self.question)) if self.question else ""

    @property
    def earlier(self) -> str | None:
        """What it is read beside: the question that the conversation began with."""
        return self.leans_on[0] if self.leans_on and self.reading == self.question else None

    @property
    def is_topic(self) -> bool:
        """Whether it is a bare topic, as a search engine is given: "defence spending"."""
        words = fold(self.question).casefold().split()
        asks = self.question.endswith("?") or any(word in ASKING["words"] | ASKING["questions"] for word in words)
        return self.guess.kind in {TurnKind.NEW, TurnKind.LEANING} and len(words) <= _TOPIC and not asks

    @property
    def of_period(self) -> bool:
        """Whether `where` holds a period that the question names."""
        return self.where != self.everything

    @property
    def archive(self) -> Filter:
        """All that may be known of at all, whatever a person has chosen."""
        return self.ask.known(self.ask.where.scopes_alone)

    @property
    def searched(self) -> str:
        """What is searched with: the question without its words of time, as far as something is left."""
        rest = self.times.rest
        return self._beside(rest if self.of_period and any(map(str.isalnum, rest)) else self.reading)

    @property
    def whole(self) -> str:
        """The question with what it leans on."""
        return self._beside(self.reading)

    def _beside(self, question: str) -> str:
        if self.reading != self.question or not self.leans_on:
            return searchable(question)
        return searchable(" ".join(filter(None, (joined_questions(self.leans_on), self.name, question))))


def analyse(
    asked: str | Ask, classify: TurnClassifier, zone: tzinfo = UTC, rewrites: Rewrites | None = None
) -> QuestionAnalysis:
    """Read a question; a period that it names lies within that which the Ask sets. Raises QuestionError if blank."""
    began = time.perf_counter()
    ask = Ask(asked) if isinstance(asked, str) else asked
    as_of = ask.moment
    tidy = " ".join(ask.question[:_LOOKED_AT].split())
    searchable(tidy[:LONGEST_QUESTION])
    head, said = opening(tidy)
    forgets = head is not None and head.kind is TurnKind.RESET
    last = before(ask.conversation, classify) if ask.conversation.turns and not forgets else None
    times = read_times(said[:LONGEST_QUESTION], as_of, zone)
    guess = _guess(ask, said, last, times, classify)
    turn = _rewritten(_turn(guess, said, last, classify), ask, rewrites)
    language, intent = ask.language or _language(said, guess, last), guess.intent
    if turn.reading not in {"", said}:
        times, guess = read_times(turn.reading, as_of, zone), _guess_again(guess, turn, last)
    times = _leaning(times, [read_times(dated(one), as_of, zone) for one in turn.leans_on])
    if guess.kind is TurnKind.ABOUT_ARCHIVE or times.order:
        ask, times = _of_language(ask, intent, said, turn), _of_any_language(times, turn.reading or said, as_of, zone)
    where, around = _bounds(ask, times, of_archive=guess.kind is TurnKind.ABOUT_ARCHIVE)
    whole = QuestionAnalysis(
        ask=ask,
        guess=guess,
        question=turn.question,
        leans_on=turn.leans_on[:1] + turn.leans_on[1:][-2:],
        reading=turn.reading,
        name=turn.name,
        releases=turn.releases,
        leave_out=turn.leave_out,
        before=last,
        times=times,
        where=where,
        everything=ask.known(ask.where),
        around=around,
        said=asked_speaker(turn.reading) if turn.question else None,
        language=language,
        as_of=as_of,
        began=began,
        usage=turn.usage,
        forgets=forgets or guess.kind is TurnKind.RESET,
    )
    return replace(whole, parts=_parts(whole, classify, zone))


def _parts(whole: QuestionAnalysis, classify: TurnClassifier, zone: tzinfo) -> tuple[QuestionAnalysis, ...]:
    """Each of several questions in one: with its own times, where it has any, and beside the first where it leans."""
    found = questions_in(whole.question) if whole.reading == whole.question else ()
    parts: list[QuestionAnalysis] = []
    if len(found) < 2:
        return ()
    for question in found:
        leans = parts and classify(question, found[0]).kind.leans
        leans_on = (whole.leans_on or (found[0],)) if leans else whole.leans_on
        times, where, around = whole.times, whole.where, whole.around
        own = read_times(question, whole.as_of, zone)
        if own.period or own.order:
            times = own
            where, around = _bounds(whole.ask, own)
        said = asked_speaker(question)
        one = replace(whole, question=question, reading=question, leans_on=leans_on, said=said)
        parts.append(replace(one, times=times, where=where, around=around))
    return tuple(parts)


def _guess(ask: Ask, said: str, last: Before | None, times: Times, classify: TurnClassifier) -> Guess:
    """What a turn is. Raises QuestionError for a question that is too long; a greeting may have any length."""
    guess = classify(said, last.chain[-1] if last else "")
    foreign = foreign_language(said[:LONGEST_QUESTION]) if ask.language is None else None
    if foreign == NOT_LATIN or (foreign and guess.kind.asks):
        return _FOREIGN
    if last and last.lists and (wanted := OF_IT if wants_language(said) else _of_list(guess, said)):
        return Guess(TurnKind.ABOUT_ARCHIVE, wanted, guess.likelihood)
    # « quoi de neuf ? », "the latest on …": what seems to ask releases nothing asks for the latest.
    wants_order = times.order is not None
    if guess.kind is TurnKind.ABOUT_ARCHIVE:
        is_order = wants_order or (times.only_times and not lists(said))
    else:
        is_order = not guess.kind.asks and times.only_times and wants_order
    if is_order or (last is None and guess.kind in _OF_AN_ANSWER and guess.likelihood < 1):
        return Guess(TurnKind.NEW, likelihood=guess.likelihood)
    if guess.kind in {TurnKind.NEW, TurnKind.LEANING} and asks_for_releases(said):
        return Guess(TurnKind.ABOUT_ARCHIVE, "count", guess.likelihood)
    if not guess.kind.asks and guess.likelihood < 1 and is_name(ELIDED.sub("", said.strip(" ?!."))):
        guess = Guess(TurnKind.LEANING if last else TurnKind.NEW)
    if guess.kind.asks:
        searchable(ask.question)
    return guess


def _of_list(guess: Guess, said: str) -> str | None:
    """What a turn wants of the list of releases before it; None where it is about something else."""
    wanted = of_list(said) if guess.kind.asks or guess.kind is TurnKind.ABOUT_ARCHIVE else None
    if guess.kind is TurnKind.MORE and wanted != OF_IT:
        return MORE
    return AGAIN if guess.kind is TurnKind.CHALLENGE and wanted != OF_IT else wanted


def _guess_again(guess: Guess, turn: _Turn, last: Before | None) -> Guess:
    """What a turn is once it is completed: "and Finland?" behind "How many releases mention Sweden?" counts too."""
    is_of_list = last is not None and last.lists and (turn.reading != turn.question or guess.intent == _TRANSLATE)
    if guess.kind is TurnKind.ABOUT_ARCHIVE or not (is_of_list or asks_for_releases(turn.reading)):
        return guess
    return Guess(TurnKind.ABOUT_ARCHIVE, "count", guess.likelihood)


def _of_language(ask: Ask, intent: str, said: str, turn: _Turn) -> Ask:
    """The same within the language that releases are asked for in, unless one is chosen.

    Behind a list, "in French please" wants it told in French, "and in French?" the releases that are.
    """
    is_told_anew = intent == _TRANSLATE and not wants_language(said)
    own = None if is_told_anew else language_of(said)
    language = own or next(filter(None, map(language_of, (turn.question, turn.reading, *turn.leans_on[::-1]))), None)
    if ask.where.languages or language is None:
        return ask
    return replace(ask, where=replace(ask.where, languages=(language,)))


def _bounds(ask: Ask, times: Times, *, of_archive: bool = False) -> tuple[Filter, Filter | None]:
    """What is searched in, and the period that is preferred there where it may be one of the text."""
    period, where, everything = times.period, ask.where, ask.known(ask.where)
    if period is None:
        return everything, None
    since = max(filter(None, (where.since, period.since)), default=None)
    until = min(filter(None, (where.until, period.until)), default=None)
    if since and until and since >= until:  # outside of what was chosen: nothing is of both
        within = replace(where, since=period.since, until=period.until, releases=_NONE)
    else:
        within = ask.known(replace(where, since=since, until=until))
    is_of_publication = of_archive or period.published or times.only_times or times.order is not None
    return (within, None) if is_of_publication else (everything, within)


def _of_any_language(times: Times, question: str, as_of: datetime, zone: tzinfo) -> Times:
    """The times of a question for the latest release; the language that it is wanted in is no subject of it."""
    if times.order is None or language_of(question) is None:
        return times
    bare = read_times(without_language(question), as_of, zone)
    return replace(times, only_times=bare.only_times, rest=bare.rest)


def _leaning(times: Times, earlier: Sequence[Times]) -> Times:
    """The times of a turn beside those of what it leans on: their subject is its own, and their last period."""
    if not earlier:
        return times
    period = earlier[-1].period if times.period is None and times.order is None else times.period
    bounds = tuple(words for one in (times, *earlier) for words in one.bounds)
    only_times = times.only_times and all(one.only_times for one in earlier)
    return replace(times, period=period, only_times=only_times, bounds=bounds)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What of a turn is searched and read."""

    question: str = ""
    reading: str = ""
    leans_on: tuple[str, ...] = ()
    name: str = ""
    releases: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    usage: Usage | None = None


def _turn(guess: Guess, said: str, last: Before | None, classify: TurnClassifier) -> _Turn:
    """The question of a turn by its kind; none where it has a reply of its own, or nothing to lean on."""
    if guess.kind is TurnKind.NEW or (last is None and guess.kind.leans):
        return _Turn(searchable(said), searchable(said))
    repeats = guess.kind.repeats or guess.intent in {_TRANSLATE, AGAIN, MORE}
    if last and guess.kind is TurnKind.ABOUT_ARCHIVE and not last.lists and points_back(words_of(said)):
        leans_on = tuple(filter(None, [last.subject]))  # "how many releases mention it?"
        return _Turn(searchable(said), searchable(said), leans_on)
    if last is None or not (guess.kind.asks or repeats or guess.intent == OF_IT):
        return _Turn()
    cited = tuple(release.id for release in last.cited)
    if repeats:
        more = guess.kind is TurnKind.MORE
        offered = tuple(release.id for release in last.offered) if more else cited
        reading = last.chain[-1] if last.lists and is_part(last.chain[-1]) else last.read(classify)
        return _Turn(last.chain[-1], reading, last.chain[:-1], "", offered, last.shown if more else ())
    question = searchable(said)
    exchange = None if guess.intent == OF_IT else exchanged(last.read(classify), question, classify.likeness)
    if last.lists and guess.kind.leans and not exchange:  # of what was counted or listed, unless it names its own
        subject = "" if named(question) and not stands_for_them(question) else subject_before(last)
        return _Turn(question, question, (subject,) if subject else ())
    return _Turn(question, exchange or question, last.chain, "" if exchange else last.name, cited)


def _rewritten(turn: _Turn, ask: Ask, rewrites: Rewrites | None) -> _Turn:
    """A leaning turn in the words of a language model, as far as what it wrote passes."""
    if rewrites is None or not turn.leans_on or turn.leave_out:
        return turn
    done = rewrites(turn.question, ask.conversation, ask.language)
    if done.question is None:
        return replace(turn, usage=done.usage)
    return _Turn(done.question, done.question, (), "", turn.releases, (), done.usage)


def _language(said: str, guess: Guess, last: Before | None) -> str | None:
    """That of the question; where it is too short to tell, of the question before it; or the one that is asked for."""
    if last and guess == _FOREIGN:
        return last.language
    if last and guess.intent == _TRANSLATE:
        wanted = (LANGUAGES.get(word.strip(" ?!.,")) for word in fold(said).casefold().split())
        return next(filter(None, wanted), "en" if last.language == "fr" else "fr")
    telling = sum(any(map(str.isalpha, word)) for word in said.split())  # « ? » stands apart in French
    if last is None or telling >= _TELLING:
        return guess.language or detect_language(said) or (last.language if last else None)
    return last.language
