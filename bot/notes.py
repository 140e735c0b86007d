"""What is told beside an answer, in French or in English: the period searched, updates, freshness. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.answer import Note, NoteKind

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from vectorstore.passage import StoredRelease

_FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_ENGLISH = "January February March April May June July August September October November December"
_OLD = timedelta(days=7)


def day(moment: datetime, zone: tzinfo, language: str | None) -> str:
    """A day as people write it: « 1er juin 2024 », "1 June 2024"."""
    local, french = moment.astimezone(zone), language == "fr"
    number = "1er" if french and local.day == 1 else str(local.day)
    return f"{number} {(_FRENCH if french else _ENGLISH).split()[local.month - 1]} {local.year}"


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
        return Note(NoteKind.WIDENED, f"{lack} ; la réponse vient des autres dates.")
    lack = f"No release was published {said}" if not found else f"No release published {said} answers this"
    return Note(NoteKind.WIDENED, f"{lack}; the answer comes from other dates.")


def freshness(newest: datetime, as_of: datetime, zone: tzinfo, language: str | None) -> Note:
    """How new the newest release is, for a question about now; said plainly where it is older than a week."""
    said, old = day(newest, zone, language), as_of - newest > _OLD
    if language == "fr":
        text = f"Le communiqué le plus récent date du {said}{' : il a plus d’une semaine' if old else ''}."
    else:
        text = f"The newest release is of {said}{', more than a week ago' if old else ''}."
    return Note(NoteKind.FRESHNESS, text)


def updated(release: StoredRelease, zone: tzinfo, language: str | None) -> Note | None:
    """A release that is quoted was changed after it was published; None where it was not."""
    moment = release.updated or (release.first_seen if release.version > 1 else None)
    if moment is None or (release.published and moment <= release.published):
        return None
    local = moment.astimezone(zone)
    if language == "fr":
        said = f"mis à jour le {day(moment, zone, language)} à {local:%H} h {local:%M}"
        return Note(NoteKind.UPDATED, f"« {release.title} » : {said}.")
    return Note(NoteKind.UPDATED, f"“{release.title}”: updated {day(moment, zone, language)}, {local:%H:%M}.")


def corrected(release: StoredRelease, correction: StoredRelease, zone: tzinfo, language: str | None) -> Note:
    """A release that is quoted was corrected by another."""
    said = day(correction.published or correction.first_seen, zone, language)
    where = f" {correction.url}" if correction.url else ""
    if language == "fr":
        return Note(NoteKind.CORRECTED, f"« {release.title} » a été corrigé le {said} : « {correction.title} »{where}")
    return Note(NoteKind.CORRECTED, f"“{release.title}” was corrected on {said}: “{correction.title}”{where}")
