"""What the last answer on a terminal quoted, so that one of its citations can be opened afterwards."""

from __future__ import annotations

import contextlib
import json
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bot.answering.types import Answer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cited:
    """Where a citation stands: in the text of a version of a release, from `start` to `end`."""

    key: str
    release_id: str
    version: int
    start: int
    end: int


class LastAnswer:
    """A small file in the home. It holds places and no word of a release, so that a takedown leaves none behind."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, answer: Answer) -> None:
        """Remember what an answer quotes, in place of the one before; a reply such as "you're welcome" is passed over.

        An answer is no worse where that fails.
        """
        if answer.reply:
            return
        cited = [
            asdict(Cited(one.key, one.release.id, one.release.version, one.start, one.end)) for one in answer.citations
        ]
        written = self._path.with_suffix(".new")
        try:
            written.write_text(json.dumps(cited), encoding="utf-8")
            written.replace(self._path)
        except OSError as exc:
            log.warning("%s: cannot be written (%s); `communique open` will not find this answer", self._path, exc)
            with contextlib.suppress(OSError):
                written.unlink()

    def citations(self) -> tuple[Cited, ...]:
        """What it quoted; nothing where no answer is remembered."""
        try:
            return tuple(Cited(**one) for one in json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # none yet, or not of ours
            return ()
