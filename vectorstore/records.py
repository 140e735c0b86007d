"""What a store says of releases, and what is written of them beside their text: twins, visits, how sources fare."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from vectorstore.catalogue.releases import read
from vectorstore.text.words import fold
from vectorstore.types import Filter, Outline, Relations, Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue
    from vectorstore.types import (
        Correction,
        Doubted,
        Event,
        SourceHealth,
        StoredRelease,
        Takedown,
        Visit,
    )

_PAGE = 100  # releases whose texts are in memory at once
_WAIT = 5.0  # seconds
_PATIENCE = 600.0  # seconds: a watcher waits for a writer rather than stumble over it


_TWINS = "SELECT first, second, reason, score FROM twins"
_SET_TWIN = (
    "INSERT INTO twins VALUES (?, ?, ?, ?) "
    "ON CONFLICT (first, second) DO UPDATE SET reason = excluded.reason, score = excluded.score"
)


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """What is known of the releases of one catalogue: each read is of one state, each write is all or nothing.

    No write touches a passage. Each takes the writer lock by `_holding`, which waits so many seconds for it, and raises
    StoreBusyError where another process goes on writing for too long.
    """

    _catalogue: Catalogue
    _holding: Callable[[float], AbstractContextManager[None]]

    def get(self, release_id: str, version: int | None = None) -> StoredRelease | None:
        """A release in its current or in a given version, or None."""
        with self._catalogue.snapshot():
            if version is None:
                return self._catalogue.releases.current(release_id)
            return self._catalogue.releases.version(release_id, version)

    def by_url(self, url: str, version: int | None = None) -> StoredRelease | None:
        """The release with this address, the latest to come in where several have it, or None."""
        with self._catalogue.snapshot():
            known = self._catalogue.releases.id_of_url(url)
            return self.get(known, version) if known else None

    def at_path(self, address: str) -> list[StoredRelease]:
        """The releases whose address is this one, which has no parameters, with any parameters behind it."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.at_path(address)

    def history(self, release_id: str) -> list[StoredRelease]:
        """Every version of a release, oldest first; empty where there is none."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.history(release_id)

    def releases(self, where: Filter | None = None, limit: int | None = None) -> list[StoredRelease]:
        """Releases in their current version, newest first, undated ones last."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.newest(where or Filter(), limit)

    def each(self, where: Filter | None = None) -> Iterator[StoredRelease]:
        """The same one after the other, however many there are; one that is removed meanwhile is left out."""
        with self._catalogue.snapshot():
            rows = self._catalogue.releases.rows(where or Filter())
        for begin in range(0, len(rows), _PAGE):
            with self._catalogue.snapshot():
                page = self._catalogue.releases.of_rows(rows[begin : begin + _PAGE])
            yield from page.values()

    def titled(self, part: str, limit: int, where: Filter | None = None) -> list[tuple[str, str]]:
        """Ids and titles of releases that have this in their title, in capitals or not, newest first."""
        wanted = part.casefold()
        with self._catalogue.snapshot():
            titles = self._catalogue.releases.titles(where or Filter())
            return list(islice((one for one in titles if wanted in one[1].casefold()), limit))

    def resembling(self, part: str, limit: int) -> list[tuple[str, str]]:
        """Ids and titles of releases that have this in either, whatever its capitals and accents, newest first."""
        wanted = fold(part)
        with self._catalogue.snapshot():
            titles = self._catalogue.releases.titles(Filter())
            return list(islice((one for one in titles if wanted in fold("\n".join(one))), limit))

    def among(self, release_ids: Collection[str], where: Filter | None = None) -> set[str]:
        """Which of some releases, by their ids, are stored and let through by a filter, in their current version."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.among(release_ids, where or Filter())

    def languages(self, where: Filter | None = None) -> dict[str, int]:
        """Languages with how many releases a filter lets through, the most first; `und` stands for not known."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.count_by_language(where or Filter())

    def span(self, where: Filter | None = None) -> tuple[datetime | None, datetime | None]:
        """When the oldest and newest release were published that a filter lets through; None where none is dated."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.span(where or Filter())

    def publishers(self, where: Filter | None = None) -> list[tuple[str | None, int, datetime | None]]:
        """Publishers with how many releases they have and when the newest was published, the freshest first."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.publishers(where or Filter())

    def count_releases(self, where: Filter | None = None) -> int:
        """How many releases a filter lets through."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.count(where or Filter())

    def count_passages(self, where: Filter | None = None) -> int:
        """How many passages the releases have that a filter lets through."""
        with self._catalogue.snapshot():
            if where:
                return self._catalogue.passages.count_matching(where)
            return self._catalogue.passages.count()

    def content_hashes(self, release_ids: Collection[str]) -> dict[str, str]:
        """The content hash of each release as stored; new ones are missing."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.content_hashes(release_ids)

    def relations(self, release_id: str) -> Relations:
        """The releases that one release belongs together with: twins, corrections."""
        with self._catalogue.snapshot():
            execute = self._catalogue.connection.execute
            rows = execute(f"{_TWINS} WHERE ? IN (first, second) ORDER BY first, second", (release_id,))
            corrects = execute("SELECT corrects FROM corrections WHERE release_id = ?", (release_id,)).fetchone()
            corrected = "SELECT release_id FROM corrections WHERE corrects = ? ORDER BY release_id"
            return Relations(
                twins=tuple(Twin(*row) for row in rows),
                corrects=corrects[0] if corrects else None,
                corrected_by=tuple(found for (found,) in execute(corrected, (release_id,))),
            )

    def twins(self) -> list[Twin]:
        """Every two releases that are one release in two languages."""
        with self._catalogue.snapshot():
            rows = self._catalogue.connection.execute(f"{_TWINS} ORDER BY first, second")
            return [Twin(*row) for row in rows]

    def outlines(self) -> list[Outline]:
        """Every release in its current version without its text, in the order of their ids."""
        with self._catalogue.snapshot():
            query = (
                "SELECT release_id, language, title, published, publisher, url, pair, "
                "(SELECT json_group_array(address) FROM translations t WHERE t.release_id = v.release_id) "
                "FROM versions v WHERE current ORDER BY release_id"
            )
            rows = self._catalogue.connection.execute(query)
            return [
                Outline(one, language, title, read(published), publisher, url, pair, tuple(sorted(json.loads(named))))
                for one, language, title, published, publisher, url, pair, named in rows
            ]

    def events(self, after: int = 0, limit: int | None = None) -> list[Event]:
        """What happened to releases after event number `after`, oldest first."""
        with self._catalogue.snapshot():
            return self._catalogue.events.after(after, limit)

    def changes(self, limit: int, before: int | None = None) -> list[Event]:
        """The last that happened to releases which had come in before, latest first; of events below a number."""
        with self._catalogue.snapshot():
            return self._catalogue.events.changes(limit, before)

    def last_event(self) -> int:
        """The number of the last event, 0 where nothing happened yet: the version of what is stored."""
        with self._catalogue.snapshot():
            return self._catalogue.events.last()

    def generation(self) -> int:
        """How often the catalogue has been written to: where it is the same, so is all that is read of it."""
        with self._catalogue.snapshot():
            return self._catalogue.generation()

    def last_ingest(self) -> datetime | None:
        """When releases were last looked for, or None."""
        with self._catalogue.snapshot():
            last = self._catalogue.meta("last_ingest")
        return datetime.fromisoformat(last) if last else None

    def last_verified(self) -> datetime | None:
        """When the catalogue was last compared with what was written into it, or None."""
        with self._catalogue.snapshot():
            last = self._catalogue.meta("verified")
        return datetime.fromisoformat(last) if last else None

    def first_read(self, publisher: str | None) -> datetime | None:
        """When the first release of a publisher came in, or None."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.first_seen(publisher)

    def unrelated(self) -> tuple[list[str], int]:
        """Ids of releases that something happened to since twins were last looked for; the last event's number."""
        with self._catalogue.snapshot():
            last = self._catalogue.events.last()
            return self._catalogue.events.touched_since(int(self._catalogue.meta("related_up_to") or 0)), last

    def vectors(self, release_ids: Sequence[str]) -> dict[str, NDArray[np.float16]]:
        """The vectors of each release's passages, in order, of shape (passages, dimension)."""
        with self._catalogue.snapshot():
            return self._catalogue.passages.vectors_by_release(release_ids)

    def texts(self, release_ids: Collection[str]) -> dict[str, str]:
        """The text of each release, without its title; those that are not there are missing."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.texts(release_ids)

    def dates_of(self, release_ids: Collection[str]) -> set[datetime]:
        """When releases were published, by all their versions."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.dates_of(release_ids)

    def visit(self, address: str) -> Visit | None:
        """What came of the last look at a web address, or None."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.visit(address)

    def visits(self, source: str) -> list[Visit]:
        """The web addresses that a source has named, with what came of them."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.visits(source)

    def takedowns(self) -> list[Takedown]:
        """What an operator took down, the latest first."""
        with self._catalogue.snapshot():
            return self._catalogue.takedowns.all()

    def kept_away(self) -> dict[str, str]:
        """Of what was taken down and may not come in again: the release that each mark (id, address, words) is of."""
        with self._catalogue.snapshot():
            return self._catalogue.takedowns.kept_away()

    def addresses_of(self, release_id: str) -> list[str]:
        """The web addresses that a release was read at, and its own."""
        with self._catalogue.snapshot():
            return self._catalogue.takedowns.addresses_of(release_id)

    def doubted(self) -> list[Doubted]:
        """The pages that are kept aside, since they may not be the releases that belong at their addresses."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.doubted()

    def count_of_source(self, *locations: str, where: Filter | None = None) -> int:
        """How many releases a source has brought, an address or a file or folder; `locations` are its spellings.

        With a filter only those that it lets through.
        """
        with self._catalogue.snapshot():
            return self._catalogue.sources.count_of_source(locations, where or Filter())

    def unplaced(self, release_ids: Collection[str]) -> set[str]:
        """Which of some releases were read on the web just now, so that it is not written down yet of which source."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.unplaced(release_ids)

    def paused(self) -> dict[str, datetime]:
        """The sources that are left out for now, each with since when."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.paused()

    def health(self) -> list[SourceHealth]:
        """How each source fared when it was last ingested."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.health()

    def withdraw(self, release_id: str, cause: str) -> bool:
        """Mark a release as withdrawn by its newsroom; it is kept. False where it is unknown or already marked."""
        with self._holding(_WAIT), self._catalogue.transaction():
            found = self._catalogue.releases.current(release_id)
            if found is None or found.withdrawn:
                return False
            now = datetime.now(UTC)
            self._catalogue.releases.withdraw(release_id, now, cause)
            self._catalogue.events.add([("withdrawn", release_id, found.version)], now)
        return True

    def restore(self, release_id: str) -> bool:
        """Take the mark of withdrawal away; False where there is none."""
        with self._holding(_WAIT), self._catalogue.transaction():
            found = self._catalogue.releases.current(release_id)
            if found is None or found.withdrawn is None:
                return False
            self._catalogue.releases.restore(release_id)
            self._catalogue.events.add([("restored", release_id, found.version)], datetime.now(UTC))
        return True

    def set_updated(self, release_id: str, moment: datetime | None) -> None:
        """Set when a release says that it was last updated, where nothing else of it has changed."""
        with self._holding(_WAIT), self._catalogue.transaction():
            self._catalogue.releases.set_updated(release_id, moment)

    def set_pages(self, release_id: str, pages: Sequence[int], *, scanned: Sequence[int] = ()) -> None:
        """Set where the pages of a release begin, and which were read by OCR, where nothing else of it has changed."""
        with self._holding(_WAIT), self._catalogue.transaction():
            self._catalogue.releases.set_pages(release_id, pages, scanned)

    def note_visits(self, visits: Collection[Visit]) -> None:
        """Remember what came of looking at addresses."""
        if visits:
            with self._holding(_WAIT), self._catalogue.transaction():
                self._catalogue.sources.set_visits(visits)

    def allow_again(self, release_id: str) -> bool:
        """Let a release that was taken down come in again; False where it is not kept away."""
        with self._holding(_WAIT), self._catalogue.transaction():
            return self._catalogue.takedowns.allow_again(release_id, datetime.now(UTC))

    def note_takedown_marks(self, known_by: Collection[tuple[str, str]]) -> None:
        """Remember further marks, each with its release's id, by which something taken down was met again."""
        if known_by:
            with self._holding(_WAIT), self._catalogue.transaction():
                self._catalogue.takedowns.add_marks(known_by)

    def note_doubts(self, pages: Collection[Doubted], *, dispelled: Collection[str]) -> None:
        """Keep pages aside that may not be their releases, and forget those of addresses that are in order again."""
        if pages or dispelled:
            with self._holding(_WAIT), self._catalogue.transaction():
                self._catalogue.sources.drop_doubted(dispelled)
                self._catalogue.sources.set_doubted(pages)

    def note_health(self, health: SourceHealth) -> None:
        """Remember how a source fared."""
        with self._holding(_WAIT), self._catalogue.transaction():
            self._catalogue.sources.set_health(health)

    def forget_source(self, location: str) -> bool:
        """Forget how a source fared; its releases stay. False where nothing is known of it."""
        with self._holding(_WAIT), self._catalogue.transaction():
            return self._catalogue.sources.forget_source(location)

    def rename_sources(self, names: Collection[tuple[str, str]]) -> None:
        """Take spellings of sources for one, each with the form that goes on."""
        if names:
            with self._holding(_PATIENCE), self._catalogue.transaction():
                for location, to in names:
                    self._catalogue.sources.rename_source(location, to)

    def pause(self, location: str) -> bool:
        """Let a source be left out by all who look at sources by themselves; False where it is already."""
        with self._holding(_WAIT), self._catalogue.transaction():
            return self._catalogue.sources.pause(location, datetime.now(UTC))

    def resume(self, location: str) -> bool:
        """Take a source in again; False where it was not left out."""
        with self._holding(_WAIT), self._catalogue.transaction():
            return self._catalogue.sources.resume(location)

    def note_next_run(self, location: str, moment: datetime) -> None:
        """Remember when a watched source is looked at next, where anything is known of it yet."""
        with self._holding(_PATIENCE), self._catalogue.transaction():
            self._catalogue.sources.set_next_run(location, moment)

    def relate(
        self, twins: Iterable[Twin], corrections: Iterable[Correction], *, of: Collection[str], up_to: int
    ) -> None:
        """Put joins in place of those that the releases `of` had and of all stated ones, and corrections of all.

        `up_to` is the number of the last event that was looked at; `unrelated` gives what came after it.
        """
        with self._holding(_WAIT), self._catalogue.transaction():
            connection = self._catalogue.connection
            connection.execute("DELETE FROM twins WHERE reason <> 'content'")
            for side in ("first", "second"):
                connection.executemany(f"DELETE FROM twins WHERE {side} = ?", [(release_id,) for release_id in of])
            connection.executemany(_SET_TWIN, [(join.first, join.second, join.reason, join.score) for join in twins])
            connection.execute("DELETE FROM corrections")
            found = [(correction.release_id, correction.corrects) for correction in corrections]
            connection.executemany("INSERT INTO corrections VALUES (?, ?)", found)
            connection.execute("DELETE FROM joined")
            pairs = connection.execute("SELECT first, second FROM twins ORDER BY first, second")
            connection.executemany("INSERT INTO joined VALUES (?, ?)", _joined(pairs))
            self._catalogue.set_meta(related_up_to=up_to)

    def note_verified(self, moment: datetime, damage: str) -> None:
        """Remember when the catalogue was last verified, and what is wrong in it; empty where nothing is."""
        with self._holding(_WAIT), self._catalogue.transaction():
            self._catalogue.set_meta(verified=moment.astimezone(UTC).isoformat(timespec="seconds"), damage=damage)

    def record_ingest(self, moment: datetime) -> None:
        """Remember when releases were last looked for."""
        with self._holding(_WAIT), self._catalogue.transaction():
            self._catalogue.set_meta(last_ingest=moment.astimezone(UTC).isoformat(timespec="seconds"))


def _joined(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The releases that have twins, each with the name of their group: the first of its releases, by their ids."""
    names: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for first, second in pairs:
        one, other = names.setdefault(first, first), names.setdefault(second, second)
        kept, gone = min(one, other), max(one, other)
        members = groups.setdefault(kept, [kept])
        if kept != gone:
            members += groups.pop(gone, [gone])
            names.update(dict.fromkeys(members, kept))
    return sorted(names.items())
