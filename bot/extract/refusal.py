"""What is said where nothing fits: what was searched and what is missing, in French or in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answer import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from bot.answer import Searched
    from bot.extract.evidence import Evidence


@dataclass(frozen=True, slots=True)
class _Wording:
    """The sentences of one language; `one` and `many` say how many releases were searched."""

    nothing: str
    no_sentence: str
    missing: str
    one: str
    many: str
    between: str
    since: str
    until: str
    by: str
    day: str


_FRENCH = _Wording(
    nothing="Aucun communiqué{where} : il n’y a rien où chercher.",
    no_sentence="{searched}{where} : aucune phrase ne répond à cette question.",
    missing=" Introuvable près de ce qui s’en approche le plus : {words}.",
    one="1 communiqué consulté",
    many="{count} communiqués consultés",
    between=", entre le {since} et le {until}",
    since=", depuis le {since}",
    until=", avant le {until}",
    by=", publié par {names}",
    day="%d/%m/%Y",
)
_ENGLISH = _Wording(
    nothing="No release{where}: there is nothing to search.",
    no_sentence="{searched}{where}: no sentence answers this question.",
    missing=" Not found near what comes closest: {words}.",
    one="1 release searched",
    many="{count} releases searched",
    between=" between {since} and {until}",
    since=" since {since}",
    until=" before {until}",
    by=" published by {names}",
    day="%d %B %Y",
)


def refuse(evidence: Evidence, searched: Searched, language: str | None) -> Refusal:
    """A refusal in the language of the question; in English where that is not French."""
    words = _FRENCH if language == "fr" else _ENGLISH
    where = _period(words, searched.since, searched.until)
    if searched.publishers:
        where += words.by.format(names=", ".join(searched.publishers))
    if searched.releases == 0:
        return Refusal(words.nothing.format(where=where), searched)
    count = words.one if searched.releases == 1 else words.many.format(count=searched.releases)
    reason = words.no_sentence.format(searched=count, where=where)
    if evidence.missing:
        reason += words.missing.format(words=", ".join(evidence.missing))
    return Refusal(reason, searched, evidence.nearest)


def _period(words: _Wording, since: datetime | None, until: datetime | None) -> str:
    first = since.strftime(words.day) if since else ""
    last = until.strftime(words.day) if until else ""
    if since and until:
        return words.between.format(since=first, until=last)
    return words.since.format(since=first) if since else words.until.format(until=last) if until else ""
