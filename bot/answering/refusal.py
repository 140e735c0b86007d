"""What is said if nothing answers: what was searched, in French or in English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from bot.answering.notes import stretch
from bot.answering.types import Refusal

if TYPE_CHECKING:
    from datetime import tzinfo

    from bot.answering.evidence import Evidence
    from bot.answering.types import Searched
    from bot.language.attribution import SaidBy


@dataclass(frozen=True, slots=True)
class _Wording:
    """The sentences of one language; `one` and `many` say how many releases were searched."""

    nothing: str
    no_sentence: str
    one: str
    many: str
    published: str
    by: str
    unsaid: str
    no_more: str


_FRENCH = _Wording(
    nothing="Aucun communiqué{published} : il n’y a rien à consulter.",
    no_sentence="{searched} : aucune phrase ne répond à cette question.",
    one="1 communiqué consulté",
    many="{count} communiqués consultés",
    published="publié",
    by="par {names}",
    unsaid="{searched} : aucune citation de {speaker} qui s’y trouve ne répond à cette question.",
    no_more="Les communiqués cités n’en disent pas plus.",
)
_ENGLISH = _Wording(
    nothing="No release{published}: there is nothing to search.",
    no_sentence="{searched}: no sentence answers this question.",
    one="1 release searched",
    many="{count} releases searched",
    published="published",
    by="by {names}",
    unsaid="{searched}: no quotation of {speaker} found there answers this question.",
    no_more="The quoted releases say no more about this.",
)


def refuse(
    evidence: Evidence, searched: Searched, language: str | None, zone: tzinfo = UTC, *, said: SaidBy | None = None
) -> Refusal:
    """A refusal in the language of the question, in English where that is not French; days are those of `zone`.

    `said` is whose words were asked for.
    """
    words = _FRENCH if language == "fr" else _ENGLISH
    by = words.by.format(names=", ".join(searched.publishers)) if searched.publishers else ""
    bounds = " ".join(filter(None, (stretch(searched.since, searched.until, zone, language), by)))
    if searched.releases == 0:
        published = f" {words.published} {bounds}" if bounds else ""
        return Refusal(words.nothing.format(published=published), searched)
    count = words.one if searched.releases == 1 else words.many.format(count=searched.releases)
    if bounds:
        plural = "s" if language == "fr" and searched.releases > 1 else ""
        count += f", {words.published}{plural} {bounds}"
    if said:
        return Refusal(words.unsaid.format(searched=count, speaker=said.speaker), searched, evidence.nearest)
    return Refusal(words.no_sentence.format(searched=count), searched, evidence.nearest)


def no_more(evidence: Evidence, searched: Searched, language: str | None) -> Refusal:
    """What is said where more is wanted, and everything was shown."""
    return Refusal((_FRENCH if language == "fr" else _ENGLISH).no_more, searched, evidence.nearest)
