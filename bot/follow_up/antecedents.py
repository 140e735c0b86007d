"""What a pronoun stands for, and how it is written in the question that stands alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.follow_up.topics import Role, said_in, topics
from bot.follow_up.words import content, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.follow_up.last import Last
    from bot.follow_up.topics import Topic

_WHO = re.compile(r"(?:(?:by|with|to|from|par|avec|a|de) )?(?:who|whom|qui|quel(?:le)? [a-z]+ (?:a|est|sera))\b")
_ARTICLE = re.compile(r"^(?:the |les? |la |l['’])", re.IGNORECASE)
_WANTED = {
    "person": (Role.PERSON,),
    "plural": (Role.PLURAL, Role.THING, Role.PLACE),
    "one": (Role.EVENT, Role.THING),
    "thing": (Role.EVENT, Role.THING, Role.PLURAL),
    "subject": (Role.EVENT, Role.THING, Role.PLACE, Role.PLURAL),
    "place": (Role.PLACE,),
    "event": (Role.EVENT,),
}


@dataclass(frozen=True, slots=True)
class Antecedents:
    """What can be meant: the topics of the last question, and those of its answer, nearest first.

    `answered` is the person whom the answer to "who …?" names.
    """

    asked: tuple[Topic, ...]
    told: tuple[Topic, ...]
    title: str
    language: str
    answered: Topic | None = None

    def find(self, wanted: str) -> str | None:
        """The person, plural, thing, subject, place or event meant, written in the question's language."""
        topic = (
            (self.answered if wanted == "person" else None)
            or self._first(self.asked, wanted)
            or self._weaker(wanted)
            or self._first(self.told, wanted)
        )
        if topic:
            return self.written(topic)
        if not self.title or wanted not in ("thing", "subject"):
            return None
        return f"“{self.title}”" if self.language == "en" else f"« {self.title} »"

    def headed(self, noun: str) -> str | None:
        """What the last question or its answer called by this noun: "that summit" is "the Madrid summit"."""
        stem = plain(noun).rstrip("s")[:6]
        named = [
            topic
            for topic in (*self.asked, *self.told)
            if any(word.startswith(stem) for word in re.findall(r"\w+", plain(topic.text)))
        ]
        longest = next(
            (topic for topic in named if len(topic.text.split()) > 2 or any(letter.isupper() for letter in topic.text)),
            None,
        )
        return self.written(longest) if longest else None

    def proper(self) -> str | None:
        """The thing or event with a name of its own that the last question is about."""
        for topic in self.asked:
            if (
                topic.role in (Role.EVENT, Role.THING)
                and any(letter.isupper() for letter in topic.text)
                and not topic.text.isupper()
            ):
                return self.written(topic)
        return None

    def _weaker(self, wanted: str) -> Topic | None:
        """A country where no other thing was asked about; an event or a place for a place."""
        if wanted == "thing":
            return self._first(self.asked, "place")
        return None

    @staticmethod
    def _first(topics: Sequence[Topic], wanted: str) -> Topic | None:
        roles = _WANTED[wanted]
        if wanted == "subject":
            several = Role.PLURAL  # "it" is one thing before it is several
            return next((topic for topic in topics if topic.role in roles and topic.role is not several), None) or next(
                (topic for topic in topics if topic.role is several), None
            )
        return next((topic for role in roles for topic in topics if topic.role is role), None)

    def written(self, topic: Topic) -> str:
        """A topic in the question's language: countries by their names there, other articles dropped."""
        if topic.country:
            return topic.country.french if self.language == "fr" else topic.country.english
        french = bool(re.match(r"(?:les? |la |l['’])", topic.text, re.IGNORECASE))
        english = topic.text.lower().startswith("the ")
        if (self.language == "fr" and english) or (self.language == "en" and french):
            return _ARTICLE.sub("", topic.text)
        return topic.text


def antecedents(last: Last, language: str) -> Antecedents:
    """What the pronouns of a next question can stand for."""
    asked, told = said_in(last, last.names)
    title = last.cited[0].title if last.cited else ""
    return Antecedents(asked, told, title, language, _answered(last))


def _answered(last: Last) -> Topic | None:
    """The first person of the answer to a question for one, whom the question itself does not name."""
    if not _WHO.match(plain(last.question)):
        return None
    known = set(content(last.question))
    people = (topic for quote in last.quotes for topic in topics(quote, last.names) if topic.role is Role.PERSON)
    return next((topic for topic in people if known.isdisjoint(content(topic.text))), None)
