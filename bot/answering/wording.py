"""What is said beside the quotes of an answer (notes) or instead of them (refusals), in French or in English.

A note tells of the period searched, of updates, of freshness; which notes an answer gets is decided by `Composer` in
`composer.py`. A refusal says what was searched, or what left nothing to search; that a question is refused is decided
by `confidence` in `evidence.py`, beside the bounds of `ANSWERED_FROM`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bot.answering.types import Note, NoteKind, Refusal
from bot.errors import CeilingError, ModelReplyError, ModelSetupError
from bot.redaction import shareable
from vectorstore.text.calendar import month_names
from vectorstore.text.words import fold, likest
from vectorstore.types import is_bare_day, local_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from bot.answering.evidence import Evidence
    from bot.answering.retriever import SearchableStore
    from bot.answering.types import Searched
    from bot.errors import ModelError
    from bot.language.figure_changes import FigureChange
    from bot.language.speakers import SaidBy
    from vectorstore.types import Filter, StoredRelease

_OLD = timedelta(days=7)


def day(moment: datetime, zone: tzinfo, language: str | None) -> str:
    """A day as people write it: « 1er juin 2024 », "1 June 2024"; a bare day is the same in every zone."""
    local, french = local_time(moment, zone), language == "fr"
    number = "1er" if french and local.day == 1 else str(local.day)
    return f"{number} {month_names('fr' if french else 'en')[local.month - 1]} {local.year}"


def stretch(since: datetime | None, until: datetime | None, zone: tzinfo, language: str | None) -> str:
    """A period as people say it; `until` is exclusive. Empty where both sides are open."""
    french = language == "fr"
    first = day(since, zone, language) if since else ""
    last = day(until - timedelta(seconds=1), zone, language) if until else ""
    if since and until:
        if first == last:
            return f"le {first}" if french else f"on {first}"
        return f"du {first} au {last}" if french else f"from {first} to {last}"
    if since:
        return f"depuis le {first}" if french else f"since {first}"
    if until:
        return f"jusqu’au {last}" if french else f"up to {last}"
    return ""


def searched_in(
    since: datetime | None,
    until: datetime | None,
    zone: tzinfo,
    language: str | None,
    *,
    shown: int = 0,
    found: int = 0,
) -> Note:
    """Only releases of a period were searched; of those `found`, where fewer are `shown`, that is told."""
    said = stretch(since, until, zone, language)
    if language == "fr":
        what = f"{shown} des {found:,} communiqués publiés".replace(",", "\u202f")
        return Note(NoteKind.PERIOD, f"{what if found > shown else 'Communiqués publiés'} {said}.")
    what = f"{shown} of the {found:,} releases published"
    return Note(NoteKind.PERIOD, f"{what if found > shown else 'Releases published'} {said}.")


def widened(since: datetime | None, until: datetime | None, zone: tzinfo, language: str | None, *, found: int) -> Note:
    """The period held no answer, so all releases were searched; `found` is how many releases it holds."""
    said = stretch(since, until, zone, language)
    if language == "fr":
        lack = f"Aucun communiqué publié {said}" if not found else f"Aucun communiqué publié {said} ne répond"
        return Note(NoteKind.WIDENED, f"{lack} ; la réponse vient d’autres dates.")
    lack = f"No release was published {said}" if not found else f"No release published {said} answers this"
    return Note(NoteKind.WIDENED, f"{lack}; the answer comes from other dates.")


def freshness(newest: datetime, as_of: datetime, zone: tzinfo, language: str | None) -> Note:
    """How new the newest release is, for a question about now; said plainly where it is older than a week."""
    said, old = day(newest, zone, language), as_of - newest > _OLD
    if language == "fr":
        text = f"Le communiqué le plus récent date du {said}{' : il a plus d’une semaine' if old else ''}."
    else:
        text = f"The newest release is from {said}{', more than a week ago' if old else ''}."
    return Note(NoteKind.FRESHNESS, text)


def updated(release: StoredRelease, moment: datetime, zone: tzinfo, language: str | None) -> Note:
    """A release that is quoted was changed at a moment after it was published; a bare day is told without a time."""
    local, bare = local_time(moment, zone), is_bare_day(moment)
    if language == "fr":
        said = f"mis à jour le {day(moment, zone, language)}{'' if bare else f' à {local:%H} h {local:%M}'}"
        return Note(NoteKind.UPDATED, f"« {release.title} » : {said}.")
    said = f"updated {day(moment, zone, language)}{'' if bare else f', {local:%H:%M}'}"
    return Note(NoteKind.UPDATED, f"“{release.title}”: {said}.")


def corrected(release: StoredRelease, correction: StoredRelease, zone: tzinfo, language: str | None) -> Note:
    """A release that is quoted was corrected by another."""
    said = day(correction.published or correction.first_seen, zone, language)
    where = f" {address}" if (address := shareable(correction.url)) else ""
    if language == "fr":
        return Note(NoteKind.CORRECTED, f"« {release.title} » a été corrigé le {said} : « {correction.title} »{where}")
    return Note(NoteKind.CORRECTED, f"“{release.title}” was corrected on {said}: “{correction.title}”{where}")


def corrects(corrected: StoredRelease, zone: tzinfo, language: str | None) -> Note:
    """A release that is quoted corrects another."""
    said = _titled(corrected, zone, language)
    return Note(NoteKind.CORRECTS, f"Corrige {said}." if language == "fr" else f"Corrects {said}.")


def withdrawn(release: StoredRelease, moment: datetime, zone: tzinfo, language: str | None) -> Note:
    """A release that is quoted was found taken back by its newsroom."""
    said = day(moment, zone, language)
    if language == "fr":
        return Note(NoteKind.WITHDRAWN, f"« {release.title} » a été retiré ; constaté le {said}.")
    return Note(NoteKind.WITHDRAWN, f"“{release.title}” was withdrawn, as noticed on {said}.")


def disagree(first: StoredRelease, second: StoredRelease, zone: tzinfo, language: str | None) -> Note:
    """Two releases give different answers; the newer one first."""
    said = [_titled(release, zone, language) for release in (first, second)]
    if language == "fr":
        return Note(NoteKind.DISAGREE, f"Deux communiqués donnent des réponses différentes : {said[0]} et {said[1]}.")
    return Note(NoteKind.DISAGREE, f"Two releases give different answers: {said[0]} and {said[1]}.")


def alternative(key: str, language: str | None) -> Note:
    """A citation may answer in place of those before, which are likelier."""
    if language == "fr":
        return Note(NoteKind.ALTERNATIVE, f"La réponse n’est pas certaine : elle se trouve peut-être en [{key}].")
    return Note(NoteKind.ALTERNATIVE, f"The answer is not certain: it may be [{key}] instead.")


def quoted(key: str, language: str | None) -> Note:
    """A citation is somebody's words, and the release does not bind a name to them in that paragraph."""
    if language == "fr":
        return Note(NoteKind.QUOTED, f"[{key}] : le communiqué cite ces paroles sans les attribuer dans ce paragraphe.")
    return Note(NoteKind.QUOTED, f"[{key}]: the release quotes these words and names no speaker in that paragraph.")


def understood(chain: str) -> Note:
    """What a question was read as: a follow-up beside what it leans on, or in a model's words; one without typos."""
    return Note(NoteKind.UNDERSTOOD, f"↪ {chain}")


def unanswered(question: str, language: str | None) -> Note:
    """One of several questions in one that no release answers."""
    if language == "fr":
        return Note(NoteKind.UNANSWERED, f"Aucune phrase ne répond à « {question} ».")
    return Note(NoteKind.UNANSWERED, f"No sentence answers “{question}”.")


def rest(count: int, language: str | None) -> str:
    """How many releases are not listed."""
    if language == "fr":
        return f"… et {count} autre{'s' if count > 1 else ''}."
    return f"… and {count} more."


def figures_changed(before: str, after: str, change: FigureChange, language: str | None) -> str:
    """Two figures as they are spelt, and how the second differs: `4,000 → 5,200 (+30 %)`, to a tenth."""
    number = change.difference if change.percent is None else change.percent
    places = Decimal("0.1") if abs(number) >= Decimal("0.05") else Decimal("0.001")
    rounded = number.quantize(places, ROUND_HALF_UP).normalize()
    digits = f"{abs(rounded):,f}"
    if language == "fr":
        digits = digits.replace(",", "\u202f").replace(".", ",")
        points = "point" if abs(rounded) < 2 else "points"
    else:
        points = "point" if abs(rounded) == 1 else "points"
    counted = f"\u00a0{points}" if change.in_points else "\u00a0%" if change.percent is not None else ""
    return f"{before} → {after} ({'+' if rounded > 0 else '−'}{digits}{counted})"


def model_failed(error: ModelError, language: str | None) -> Note:
    """Why the answer is made of sentences of the releases, although a language model was to write it."""
    french = language == "fr"
    if isinstance(error, CeilingError):
        why = "la limite quotidienne est atteinte" if french else "the daily limit is reached"
    elif isinstance(error, ModelReplyError):
        why = "ce qu’il a écrit ne se vérifie pas" if french else "what it wrote could not be verified"
    elif isinstance(error, ModelSetupError):
        why = "il est mal configuré" if french else "it is not set up correctly"
    else:
        why = "il ne répond pas" if french else "it does not respond"
    if french:
        return Note(NoteKind.MODEL_FAILED, f"Sans modèle de langage ({why}), la réponse est extraite des communiqués.")
    return Note(NoteKind.MODEL_FAILED, f"Without the language model ({why}), the answer is taken from the releases.")


def instruction(release: StoredRelease, language: str | None) -> Note:
    """A release that was read holds orders to an assistant."""
    if language == "fr":
        text = f"« {release.title} » contient des consignes destinées à un assistant ; elles n’ont pas été suivies."
        return Note(NoteKind.INSTRUCTION, text)
    return Note(
        NoteKind.INSTRUCTION, f"“{release.title}” contains instructions to an assistant; they were not followed."
    )


def _titled(release: StoredRelease, zone: tzinfo, language: str | None) -> str:
    french = language == "fr"
    title = f"« {release.title} »" if french else f"“{release.title}”"
    undated = "sans date" if french else "undated"
    return f"{title} ({day(release.published, zone, language) if release.published else undated})"


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
            words.unsaid.format(searched=count, speaker=of_name(said.speaker, language)), searched, evidence.nearest
        )
    return Refusal(words.no_sentence.format(searched=count), searched, evidence.nearest)


def of_name(name: str, language: str | None) -> str:
    """A name after "of"; in French « d’Anne Dupont », « du ministre »."""
    if language != "fr":
        return f"of {name}"
    for article, joined in (("le ", "du "), ("les ", "des ")):
        if name.lower().startswith(article):
            return joined + name[len(article) :]
    return f"d’{name}" if fold(name)[:1].lower() in {*"aeiouyh"} else f"de {name}"


def no_more(evidence: Evidence, searched: Searched, language: str | None) -> Refusal:
    """What is said where more is wanted, and everything was shown."""
    return Refusal(_words(language).no_more, searched, evidence.nearest)


def nothing_left(store: SearchableStore, where: Filter, language: str | None, zone: tzinfo = UTC) -> str:
    """Why a filter lets no release through: which of its bounds is to blame, and what its scopes hold instead."""
    words, known = _words(language), where.scopes_alone
    languages = store.records.languages(known)
    publishers = {name: count for name, count, _ in store.records.publishers(known) if name}
    if not languages:
        return words.empty
    if where.languages and not languages.keys() & set(where.languages):
        return words.none_stored.format(which=_which(where, words, by=False), rest=_there_are(languages, words))
    if where.publishers and not publishers.keys() & set(where.publishers):
        told = words.none_stored.format(which=_which(where, words), rest=_meant(where.publishers, publishers, words))
        return told.removesuffix(".") if told.endswith("?.") else told
    if (where.since or where.until) and store.records.count_releases(replace(where, since=None, until=None)):
        said = f"{words.published} {stretch(where.since, where.until, zone, language)}"
        which = " ".join(filter(None, (_which(where, words), said)))
        return words.none_published.format(which=which, rest=_nearest_days(store, where, words, zone, language))
    held = store.records.languages(replace(known, publishers=where.publishers))
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
    before = store.records.span(replace(where, since=None, until=where.since))[1] if where.since else None
    after = store.records.span(replace(where, since=where.until, until=None))[0] if where.until else None
    if before and after:
        return words.between.format(before=day(before, zone, language), after=day(after, zone, language))
    if before:
        return words.newest.format(day=day(before, zone, language))
    return words.oldest.format(day=day(after, zone, language)) if after else words.undated
