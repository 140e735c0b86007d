"""The notes beside an answer, in French or in English: the period searched, updates, freshness. Pure."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bot.answering.types import Note, NoteKind
from bot.errors import CeilingError, ModelReplyError, ModelSetupError
from bot.redaction import shareable
from vectorstore.text.calendar import month_names
from vectorstore.types import is_bare_day, local_time

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from bot.errors import ModelError
    from bot.language.figure_changes import FigureChange
    from vectorstore.types import StoredRelease

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


def searched_in(since: datetime | None, until: datetime | None, zone: tzinfo, language: str | None) -> Note:
    """Only releases of a period were searched."""
    said = stretch(since, until, zone, language)
    text = f"Communiqués publiés {said}." if language == "fr" else f"Releases published {said}."
    return Note(NoteKind.PERIOD, text)


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
        return Note(NoteKind.DISAGREE, f"Deux communiqués ne disent pas la même chose : {said[0]} et {said[1]}.")
    return Note(NoteKind.DISAGREE, f"Two releases do not say the same thing: {said[0]} and {said[1]}.")


def alternative(key: str, language: str | None) -> Note:
    """The last citation is of a passage that may answer in place of those before."""
    if language == "fr":
        return Note(NoteKind.ALTERNATIVE, f"La réponse n’est pas sûre : c’est peut-être [{key}].")
    return Note(NoteKind.ALTERNATIVE, f"The answer is not certain: it may be [{key}] instead.")


def quoted(key: str, language: str | None) -> Note:
    """A citation is somebody's words, and the release does not bind a name to them in that paragraph."""
    if language == "fr":
        return Note(NoteKind.QUOTED, f"[{key}] : le communiqué cite ces paroles sans les attribuer dans ce paragraphe.")
    return Note(NoteKind.QUOTED, f"[{key}]: the release quotes these words and names no speaker in that paragraph.")


def understood(chain: str) -> Note:
    """What a follow-up was read with: the person's own words, or a language model's."""
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
