"""A follow-up made to stand alone by rules, without a language model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.follow_up import english, french
from bot.follow_up.antecedents import antecedents
from bot.follow_up.asking import ask_instead, bare_asking, nouned_asking
from bot.follow_up.cues import read_cue, without_greeting
from bot.follow_up.exchange import exchanged
from bot.follow_up.fragments import fragment_of, preposition
from bot.follow_up.kinds import FollowUp, Kind
from bot.follow_up.last import last_of
from bot.follow_up.picks import about, picked
from bot.follow_up.slots import Sort, slots
from bot.follow_up.topics import Role, topics
from bot.follow_up.words import asked, bare, content, language_of, plain

if TYPE_CHECKING:
    from bot.conversation import Conversation
    from bot.follow_up.cues import Cue
    from bot.follow_up.fragments import Fragment
    from bot.follow_up.last import Last

_COUNTS = re.compile(r"(?:how many|how much|combien)\b")
_ABOUT = re.compile(
    r"(?:please )?(?:(?:can|could) you )?(?:tell me|say|know|more|i want to know|give me)(?: more(?: "
    r"details)?)?(?: (?:details|information))?,? (?:about|on) (?P<what>.+)"
    r"|(?:(?:dis|dites)[- ]m'en plus|en savoir plus|plus de details|(?:parle|parlez)[- ]moi(?: plus| "
    r"davantage)?) (?:sur |d(?:e |u |es |'))(?P<quoi>.+)"
)


def follow(question: str, conversation: Conversation, language: str | None) -> FollowUp:
    """The question that stands alone, and how it leans on the conversation. Pure.

    `language` is the question's, told from its words where it is None.
    """
    wanted = " ".join(question.split())
    cue = read_cue(wanted)
    if cue and cue.kind is Kind.RESET:
        return FollowUp(_after_reset(cue.rest), Kind.RESET)
    if cue and cue.kind is Kind.THANKS:
        return FollowUp("", Kind.THANKS)
    last = last_of(conversation)
    if last is None:
        return FollowUp(wanted, Kind.NEW)
    spoken = language_of(wanted) or (language if len(content(wanted)) > 1 else None) or last.language
    if pick := picked(wanted, last, spoken):
        shown = tuple(one.quote for one in last.answer.citations if one.release.id == pick.release.id)
        kind = Kind.MORE if pick.is_bare else Kind.PRONOUN
        return FollowUp(pick.question, kind, (pick.release.id,), shown if pick.is_bare else ())
    if cue:
        return _of_cue(cue, last, spoken)
    return _of_words(without_greeting(wanted), last, spoken)


def _after_reset(rest: str) -> str:
    """What is asked after "forget that": a small word that joined it goes."""
    return re.sub(r"^(?:and|et|so|alors|now|then|instead|plutot|plutôt|please),?\s+", "", rest, flags=re.IGNORECASE)


def _of_cue(cue: Cue, last: Last, language: str) -> FollowUp:
    if cue.kind is Kind.CHALLENGE:
        declined = last.answer.refusal is not None and not last.releases
        return FollowUp(last.question, Kind.CHALLENGE, () if declined else last.releases)
    if cue.kind in (Kind.MORE, Kind.YES):
        return _more(cue.kind, last, language)
    if cue.kind is Kind.WHEN:
        return FollowUp(_when(last), Kind.WHEN, last.releases)
    return FollowUp(_corrected(cue, last, language), Kind.CORRECTION, last.releases)


def _more(kind: Kind, last: Last, language: str) -> FollowUp:
    """More of the answer; after a refusal what the nearest releases say, which the bot offered."""
    if last.answer.refusal and last.offered:
        return FollowUp(about(list(last.offered), language), kind, tuple(release.id for release in last.offered))
    return FollowUp(last.question, kind, last.releases, last.shown)


def _when(last: Last) -> str:
    if _COUNTS.match(plain(last.question)):
        return last.question  # of a number only its release tells the date
    event = next((topic for topic in topics(bare(last.question), last.names) if topic.role is Role.EVENT), None)
    asks_who = re.match(r"(?:who|qui)\b", plain(last.question))
    if event and asks_who:
        return asked(
            f"quand a eu lieu {event.text}" if last.language == "fr" else f"when was {event.text}", last.language
        )
    if re.match(
        r"(?:when|quand|(?:in |on )?(?:what|which) (?:date|year|day)|(?:a |en )?quelle (?:date|annee))\b",
        plain(last.question),
    ):
        return last.question
    return asked(ask_instead(last.question, "when" if last.language == "en" else "quand", last.language), last.language)


def _corrected(cue: Cue, last: Last, language: str) -> str:
    part = fragment_of(cue.rest)
    if cue.old:
        done = (
            exchanged(last.question, part.text, last.language, last.names, cue.old) if _holds(last, cue.old) else None
        )
        return asked(done or _exchanged_or_added(part, last), last.language)
    if part.is_whole:
        return _of_words(cue.rest, last, language).question
    return _leaning(part, last) if part.asks else asked(_exchanged_or_added(part, last), last.language)


def _holds(last: Last, old: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(plain(old))}(?!\w)", plain(last.question)))


def _of_words(question: str, last: Last, language: str) -> FollowUp:
    """A follow-up that no cue tells: by its pronouns, as a fragment, or none at all."""
    if told := _ABOUT.fullmatch(plain(bare(question))):
        return _more_about(question, told.group("what") or told.group("quoi"), last, language)
    part = fragment_of(question)
    pronouns = french if language == "fr" else english
    done = None if _only_frame(part) else pronouns.without_pronouns(bare(part.text), antecedents(last, language))
    if done:
        return FollowUp(asked(done, language), Kind.PRONOUN, last.releases)
    if part.is_whole and not _leans_on(part, last):
        return FollowUp(question, Kind.NEW)
    if pronouns.leans(part.text) and part.is_whole:
        return FollowUp(asked(f"{_subject(last)}: {part.text}", language), Kind.PRONOUN, last.releases)
    return FollowUp(_leaning(part, last), Kind.ELLIPSIS, last.releases)


def _more_about(question: str, what: str, last: Last, language: str) -> FollowUp:
    """What "tell me more about it" asks: more of the same; about a thing just shown it is asked of that thing."""
    if re.fullmatch(r"(?:it|that|this|them|him|her|cela|ca|lui|elle|eux|ce sujet)", what):
        done = (french if language == "fr" else english).without_pronouns(bare(question), antecedents(last, language))
        return FollowUp(asked(done, language) if done else last.question, Kind.MORE, last.releases, last.shown)
    known = set(content(f"{last.question} {' '.join(last.told)}"))
    named = content(what)
    if named and known.issuperset(named):
        return FollowUp(question, Kind.MORE, last.releases, last.shown)
    done = (french if language == "fr" else english).without_pronouns(bare(question), antecedents(last, language))
    return FollowUp(asked(done, language), Kind.PRONOUN, last.releases) if done else FollowUp(question, Kind.NEW)


def _only_frame(part: Fragment) -> bool:
    """Whether nothing but a noun or a name stands there, in which « le » and « en » are no pronouns."""
    return (
        not part.asks
        and not part.is_whole
        and not re.search(
            r"\b(?:he|she|they|it|its|him|her|his|them|their|there|this|that|these|those|il|elle|ils|elles|lui|"
            r"eux|leurs?|cela|ca|ce|cet|cette|ces)\b",
            plain(part.text),
        )
    )


def _leans_on(part: Fragment, last: Last) -> bool:
    """Whether "and" before a question without a name of its own ties it to the topic."""
    own = any(slot.sort in (Sort.NAME, Sort.COUNTRY) for slot in slots(part.text, last.names))
    return part.is_connected and not own


def _leaning(part: Fragment, last: Last) -> str:
    """The last question with what the fragment says in its place."""
    language = last.language
    word = bare_asking(part.text) or nouned_asking(part.text)
    if word and part.asks:
        return asked(ask_instead(last.question, word, language), language)
    if part.asks or part.is_whole:
        return asked(
            _with_topic(part.text, last), language if not part.is_whole else language_of(part.text) or language
        )
    return asked(_exchanged_or_added(part, last), language)


def _exchanged_or_added(part: Fragment, last: Last) -> str:
    done = exchanged(last.question, part.text, last.language, last.names)
    if done:
        return done
    joint = (
        ""
        if preposition(part.text)
        or re.match(r"(?:only|especially|seulement|surtout|last|this|yesterday|today|hier|cette)\b", plain(part.text))
        else "pour "
        if last.language == "fr"
        else "for "
    )
    if not slots(part.text, last.names) and not joint:
        return f"{bare(last.question)} {part.text}"
    if not slots(part.text, last.names):
        topic = _subject(last)
        return (
            f"qu’en est-il, pour {topic}, de ceci : {part.text}"
            if last.language == "fr"
            else f"what about {part.text}, for {topic}"
        )
    return f"{bare(last.question)} {joint}{part.text}"


def _with_topic(text: str, last: Last) -> str:
    """A question without a thing of its own, with that of the last one."""
    topic = _subject(last)
    own = set(content(text))
    return (
        text
        if own.issuperset(content(topic))
        else f"{bare(text)}, {'pour' if last.language == 'fr' else 'for'} {topic}"
    )


def _subject(last: Last) -> str:
    """What the last question is about: its events and things with their times, its names, or all of its words."""
    found = topics(bare(last.question), last.names)
    chosen = [topic for topic in found if topic.role in (Role.EVENT, Role.THING)] or list(found)
    times = [slot.text for slot in slots(last.question) if slot.sort is Sort.YEAR]
    named = [topic.text for topic in chosen[:2]]
    if not named:
        return " ".join(content(last.question))
    return " ".join(
        [
            (" et " if last.language == "fr" else " and ").join(named),
            *(time for time in times[:1] if time not in " ".join(named)),
        ]
    )
