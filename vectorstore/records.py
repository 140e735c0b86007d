"""Writing what is known of releases beside their text: withdrawals, twins, visits to the web, how sources fare."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vectorstore.releases import ReleaseReader

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from contextlib import AbstractContextManager

    from vectorstore.types import Correction, Doubted, SourceHealth, Twin, Visit

_PATIENCE = 600.0  # seconds: a watcher waits for a writer rather than stumble over it


class Records(ReleaseReader, ABC):
    """Releases with what may be written of them without touching a passage. Each write is all or nothing.

    Every write raises StoreBusyError where another process goes on writing for too long.
    """

    @abstractmethod
    def holding(self, wait: float = 5.0) -> AbstractContextManager[None]:
        """Hold the writer lock."""

    def withdraw(self, release_id: str, cause: str) -> bool:
        """Mark a release as withdrawn by its newsroom; it is kept. False where it is unknown or already marked."""
        with self.holding(), self._catalogue.transaction():
            found = self._catalogue.releases.current(release_id)
            if found is None or found.withdrawn:
                return False
            now = datetime.now(UTC)
            self._catalogue.releases.withdraw(release_id, now, cause)
            self._catalogue.events.add("withdrawn", release_id, found.version, now)
        return True

    def restore(self, release_id: str) -> bool:
        """Take the mark of withdrawal away; False where there is none."""
        with self.holding(), self._catalogue.transaction():
            found = self._catalogue.releases.current(release_id)
            if found is None or found.withdrawn is None:
                return False
            self._catalogue.releases.restore(release_id)
            self._catalogue.events.add("restored", release_id, found.version, datetime.now(UTC))
        return True

    def set_updated(self, release_id: str, moment: datetime | None) -> None:
        """Set when a release says that it was last updated, where nothing else of it has changed."""
        with self.holding(), self._catalogue.transaction():
            self._catalogue.releases.set_updated(release_id, moment)

    def note_visits(self, visits: Collection[Visit]) -> None:
        """Remember what came of looking at addresses."""
        if visits:
            with self.holding(), self._catalogue.transaction():
                self._catalogue.sources.set_visits(visits)

    def allow_again(self, release_id: str) -> bool:
        """Let a release that was taken down come in again; False where it is not kept away."""
        with self.holding(), self._catalogue.transaction():
            return self._catalogue.takedowns.allow_again(release_id, datetime.now(UTC))

    def note_takedown_marks(self, known_by: Collection[tuple[str, str]]) -> None:
        """Remember further marks, each with its release's id, by which something taken down was met again."""
        if known_by:
            with self.holding(), self._catalogue.transaction():
                self._catalogue.takedowns.add_marks(known_by)

    def note_doubts(self, pages: Collection[Doubted], *, dispelled: Collection[str]) -> None:
        """Keep pages aside that may not be their releases, and forget those of addresses that are in order again."""
        if pages or dispelled:
            with self.holding(), self._catalogue.transaction():
                self._catalogue.sources.drop_doubted(dispelled)
                self._catalogue.sources.set_doubted(pages)

    def note_health(self, health: SourceHealth) -> None:
        """Remember how a source fared."""
        with self.holding(), self._catalogue.transaction():
            self._catalogue.sources.set_health(health)

    def forget_source(self, location: str) -> bool:
        """Forget how a source fared; its releases stay. False where nothing is known of it."""
        with self.holding(), self._catalogue.transaction():
            return self._catalogue.sources.forget_source(location)

    def rename_sources(self, names: Collection[tuple[str, str]]) -> None:
        """Take spellings of sources for one, each with the form that goes on."""
        if names:
            with self.holding(_PATIENCE), self._catalogue.transaction():
                for location, to in names:
                    self._catalogue.sources.rename_source(location, to)

    def pause(self, location: str) -> bool:
        """Let a source be left out by all who look at sources by themselves; False where it is already."""
        with self.holding(), self._catalogue.transaction():
            return self._catalogue.sources.pause(location, datetime.now(UTC))

    def resume(self, location: str) -> bool:
        """Take a source in again; False where it was not left out."""
        with self.holding(), self._catalogue.transaction():
            return self._catalogue.sources.resume(location)

    def note_next_run(self, location: str, moment: datetime) -> None:
        """Remember when a watched source is looked at next, where anything is known of it yet."""
        with self.holding(_PATIENCE), self._catalogue.transaction():
            self._catalogue.sources.set_next_run(location, moment)

    def relate(
        self, twins: Iterable[Twin], corrections: Iterable[Correction], *, of: Collection[str], up_to: int
    ) -> None:
        """Put joins in place of those that the releases `of` had and of all stated ones, and corrections of all.

        `up_to` is the number of the last event that was looked at; `unrelated` gives what came after it.
        """
        with self.holding(), self._catalogue.transaction():
            self._catalogue.relations.set_twins(twins, of)
            self._catalogue.relations.set_corrections(corrections)
            self._catalogue.set_meta(related_up_to=up_to)

    def note_verified(self, moment: datetime, damage: str) -> None:
        """Remember when the catalogue was last verified, and what is wrong in it; empty where nothing is."""
        with self.holding(), self._catalogue.transaction():
            self._catalogue.set_meta(verified=moment.astimezone(UTC).isoformat(timespec="seconds"), damage=damage)

    def record_ingest(self, moment: datetime) -> None:
        """Remember when releases were last looked for."""
        with self.holding(), self._catalogue.transaction():
            self._catalogue.set_meta(last_ingest=moment.astimezone(UTC).isoformat(timespec="seconds"))
