"""What is said if nothing answers: what was searched, or what left nothing to search, in French or in English."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING

from bot.answering.notes import day, stretch
from bot.answering.types import Refusal
from vectorstore.text.words import fold, likest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from bot.answering.evidence import Evidence
    from bot.answering.retriever import SearchableStore
    from bot.answering.types import Searched
    from bot.language.attribution import SaidBy
    from vectorstore.types import Filter


@dataclass(frozen=True, slots=True)
class _Wording:
    """The sentences of one language; `one` and `many` say how many releases were searched."""

    no_sentence: str
    one: str
    many: str
    published: str
    by: str
    unsaid: str
    no_more: str
    empty: str
    none_stored: str
    none_published: str
    in_language: str
    there_are: str
    meant: str
    newest: str
    oldest: str
    between: str
    undated: str


_FRENCH = _Wording(
    no_sentence="{searched} : aucune phrase ne répond à cette question.",
    one="1 communiqué consulté",
    many="{count} communiqués consultés",
    published="publié",
    by="par {names}",
    unsaid="{searched} : aucune citation {speaker} qui s’y trouve ne répond à cette question.",
    no_more="Les communiqués cités n’en disent pas plus.",
    empty="Aucun communiqué n’est enregistré : il n’y a rien à consulter.",
    none_stored="Aucun communiqué {which} n’est enregistré ; {rest}.",
    none_published="Aucun communiqué {which} ; {rest}.",
    in_language="en langue {names}",
    there_are="il y a {names}",
    meant="vouliez-vous dire {names} ?",
    newest="le plus récent date du {day}",
    oldest="le plus ancien date du {day}",
    between="les plus proches datent du {before} et du {after}",
    undated="aucun n’est daté",
)
_ENGLISH = _Wording(
    no_sentence="{searched}: no sentence answers this question.",
    one="1 release searched",
    many="{count} releases searched",
    published="published",
    by="by {names}",
    unsaid="{searched}: no quotation {speaker} found there answers this question.",
    no_more="The quoted releases say no more about this.",
    empty="No release is stored: there is nothing to search.",
    none_stored="No release {which} is stored; {rest}.",
    none_published="No release {which}; {rest}.",
    in_language="in {names}",
    there_are="there are {names}",
    meant="did you mean {names}?",
    newest="the newest is of {day}",
    oldest="the oldest is of {day}",
    between="the nearest are of {before} and {after}",
    undated="none has a date",
)


def refuse(
    evidence: Evidence, searched: Searched, language: str | None, zone: tzinfo = UTC, *, said: SaidBy | None = None
) -> Refusal:
    """A refusal in the language of the question, in English where that is not French; days are those of `zone`.

    `said` is whose words were asked for.
    """
    words = _words(language)
    by = words.by.format(names=", ".join(searched.publishers)) if searched.publishers else ""
    bounds = " ".join(filter(None, (stretch(searched.since, searched.until, zone, language), by)))
    count = words.one if searched.releases == 1 else words.many.format(count=searched.releases)
    if bounds:
        plural = "s" if language == "fr" and searched.releases > 1 else ""
        count += f", {words.published}{plural} {bounds}"
    if said:
        return Refusal(
            words.unsaid.format(searched=count, speaker=_of(said.speaker, language)), searched, evidence.nearest
        )
    return Refusal(words.no_sentence.format(searched=count), searched, evidence.nearest)


def _of(name: str, language: str | None) -> str:
    """A name after "of"; in French its vowel takes the e away: « d’Anne Dupont »."""
    if language != "fr":
        return f"of {name}"
    return f"d’{name}" if fold(name)[:1].lower() in {*"aeiouyh"} else f"de {name}"


def no_more(evidence: Evidence, searched: Searched, language: str | None) -> Refusal:
    """What is said where more is wanted, and everything was shown."""
    return Refusal(_words(language).no_more, searched, evidence.nearest)


def nothing_left(store: SearchableStore, where: Filter, language: str | None, zone: tzinfo = UTC) -> str:
    """Why a filter lets no release through: which of its bounds is to blame, and what its scopes hold instead."""
    words, known = _words(language), where.scopes_alone
    languages = store.languages(known)
    publishers = {name: count for name, count, _ in store.publishers(known) if name}
    if not languages:
        return words.empty
    if where.languages and not languages.keys() & set(where.languages):
        return words.none_stored.format(which=_which(where, words, by=False), rest=_there_are(languages, words))
    if where.publishers and not publishers.keys() & set(where.publishers):
        told = words.none_stored.format(which=_which(where, words), rest=_meant(where.publishers, publishers, words))
        return told.removesuffix(".") if told.endswith("?.") else told
    if (where.since or where.until) and store.count_releases(replace(where, since=None, until=None)):
        said = f"{words.published} {stretch(where.since, where.until, zone, language)}"
        which = " ".join(filter(None, (_which(where, words), said)))
        return words.none_published.format(which=which, rest=_nearest_days(store, where, words, zone, language))
    held = store.languages(replace(known, publishers=where.publishers))
    return words.none_stored.format(which=_which(where, words), rest=_there_are(held, words))


_SHOWN = 5  # publishers or languages; a sentence is no list


def _words(language: str | None) -> _Wording:
    return _FRENCH if language == "fr" else _ENGLISH


def _which(where: Filter, words: _Wording, *, by: bool = True) -> str:
    """A filter but for its dates, as a part of a sentence."""
    spoken = words.in_language.format(names=", ".join(where.languages)) if where.languages else ""
    named = words.by.format(names=", ".join(where.publishers)) if by and where.publishers else ""
    return " ".join(filter(None, (spoken, named)))


def _there_are(counts: dict[str, int], words: _Wording) -> str:
    shown = sorted(counts.items(), key=lambda one: -one[1])[:_SHOWN]
    more = ", …" if len(counts) > _SHOWN else ""
    return words.there_are.format(names=", ".join(f"{name} ({count})" for name, count in shown) + more)


def _meant(wanted: Sequence[str], publishers: dict[str, int], words: _Wording) -> str:
    """Publishers with names like those; the largest where no name is."""
    near = [name for one in wanted for name in likest(one, publishers)]
    if near:
        return words.meant.format(names=", ".join(dict.fromkeys(near)))
    return _there_are(publishers, words)


def _nearest_days(store: SearchableStore, where: Filter, words: _Wording, zone: tzinfo, language: str | None) -> str:
    """When the releases on either side of a period were published that holds none."""
    before = store.span(replace(where, since=None, until=where.since))[1] if where.since else None
    after = store.span(replace(where, since=where.until, until=None))[0] if where.until else None
    if before and after:
        return words.between.format(before=day(before, zone, language), after=day(after, zone, language))
    if before:
        return words.newest.format(day=day(before, zone, language))
    return words.oldest.format(day=day(after, zone, language)) if after else words.undated
