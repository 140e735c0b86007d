"""Small files in a home, for the next command: the last answer on a terminal, and where the web server is reached."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.answering.citations import in_turn, quote_link
from bot.answering.codec import AnswerRecord, CitationRecord, ReleaseRecord
from bot.language.annotations import quotations_of
from bot.language.quotations import speaker_of
from bot.state.questions import KeptAnswer
from vectorstore.home import PRIVATE_FILE, create_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.answering.retriever import SearchableStore
    from bot.answering.types import Answer
    from vectorstore.types import StoredRelease

log = logging.getLogger(__name__)

_NAME = "web.address"


@dataclass(frozen=True, slots=True)
class Cited:
    """Where a citation stands: in the text of a version of a release, from `start` to `end`."""

    key: str
    release_id: str
    version: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """A small file in the home.

    It holds places and no text of a release: those are read from the store again, so that a takedown leaves none
    behind. What a language model wrote is kept as it is.
    """

    path: Path

    def keep(self, answer: Answer) -> None:
        """Remember an answer in place of the one before; a reply such as "you're welcome" is passed over.

        An answer is no worse where that fails.
        """
        if answer.reply:
            return
        quotes_alone = bool(answer.citations) and answer.text == in_turn(answer.citations)
        places = AnswerRecord.model_validate(answer).model_dump(mode="json")
        if quotes_alone:
            places["answer"] = ""
        for cited in places["citations"]:
            # A link may mark the words in its address; of a speaker it is kept that there is one.
            link = None if cited["release"]["url"] else cited["link"]
            cited |= {"quote": "", "speaker": cited["speaker"] and "?", "link": link}
        nearest = places["refusal"]["nearest"] if places["refusal"] else []
        for release in (*(cited["release"] for cited in places["citations"]), *nearest):
            release |= {"title": "", "url": None, "publisher": None}
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        kept = {"moment": moment, "quotes_alone": quotes_alone, "answer": places}
        written = self.path.with_suffix(".new")
        try:
            create_private(written)
            written.write_text(json.dumps(kept), encoding="utf-8")
            written.replace(self.path)
        except OSError as exc:
            log.warning("%s: cannot be written (%s); `communique open` will not find this answer", self.path, exc)
            with contextlib.suppress(OSError):
                written.unlink()

    def citations(self) -> tuple[Cited, ...]:
        """What it quoted; nothing where no answer is remembered."""
        _, _, record = self._read() or (None, None, None)
        cited = record.citations if record else ()
        return tuple(Cited(one.key, one.release.id, one.release.version, one.start, one.end) for one in cited)

    def answer(self, store: SearchableStore) -> KeptAnswer | None:
        """The answer as it was shown; None where none is remembered, or a release that it quotes was removed."""
        found = self._read()
        if found is None:
            return None
        moment, quotes_alone, record = found
        citations = [_with_text(one, store) for one in record.citations]
        if not all(citations):
            return None
        whole = record.model_copy(
            update={
                "citations": tuple(citations),
                "refusal": record.refusal
                and record.refusal.model_copy(update={"nearest": _stored(record.refusal.nearest, store)}),
            }
        )
        if quotes_alone:
            whole = whole.model_copy(update={"answer": in_turn(whole.citations)})
        return KeptAnswer("last", moment, None, 0, whole)

    def forget_release(self, release_id: str) -> None:
        """Forget the answer if it quotes or names a release, whose title its notes may hold."""
        found = self._read()
        if found and release_id in found[2].release_ids:
            self.path.unlink(missing_ok=True)

    def _read(self) -> tuple[datetime, bool, AnswerRecord] | None:
        """When it was given, whether its text is its quotes, and the answer without texts."""
        try:
            kept: Any = json.loads(self.path.read_text(encoding="utf-8"))
            moment = datetime.fromisoformat(kept["moment"])
            return moment, bool(kept["quotes_alone"]), AnswerRecord.model_validate(kept["answer"])
        except (OSError, ValueError, TypeError, KeyError):  # none yet, or not of ours
            return None


def _with_text(cited: CitationRecord, store: SearchableStore) -> CitationRecord | None:
    """A citation with the words that stand at its place; None where its release was removed."""
    release = store.records.get(cited.release.id, cited.release.version)
    if release is None:
        return None
    return cited.model_copy(
        update={
            "quote": release.text[cited.start : cited.end],
            "speaker": cited.speaker and _speaker(release, cited),
            "release": ReleaseRecord.model_validate(release),
            "link": quote_link(release, cited.start, cited.end) or cited.link,
        }
    )


def _speaker(release: StoredRelease, cited: CitationRecord) -> str | None:
    return speaker_of(release.text, cited.start, cited.end, release.language, quotations_of(release))


def _stored(releases: tuple[ReleaseRecord, ...], store: SearchableStore) -> tuple[ReleaseRecord, ...]:
    found = (store.records.get(one.id, one.version) for one in releases)
    return tuple(ReleaseRecord.model_validate(release) for release in found if release)


@contextlib.contextmanager
def announced(home: Path, address: str) -> Iterator[None]:
    """Let others find this process's web server at `address` while the context lasts.

    The note is locked and whole before it has its name, so that nobody can read it without meeting the lock; the
    system lets go of that when the process ends, however it ends. Of two servers the one that started last is found.
    """
    note, draft = home / _NAME, home / f"{_NAME}.{os.getpid()}"
    with contextlib.ExitStack() as undo:
        try:
            descriptor = os.open(draft, os.O_CREAT | os.O_RDWR | os.O_TRUNC, PRIVATE_FILE)
            undo.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(descriptor, address.encode())
            draft.replace(note)
            undo.callback(_withdraw, note, descriptor)
        except OSError as exc:
            log.warning("%s: cannot be written (%s); citations will not lead to this server", note, exc.strerror)
        yield


def running_address(home: Path) -> str | None:
    """Where the web server of this home is reached, or None where none is running."""
    try:
        descriptor = os.open(home / _NAME, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # its writer is alive
        return os.read(descriptor, 4096).decode()
    finally:
        os.close(descriptor)
    return None


def _withdraw(note: Path, descriptor: int) -> None:
    """Remove the note, unless another server has written its own since."""
    with contextlib.suppress(OSError):
        if os.path.samestat(os.fstat(descriptor), note.stat()):
            note.unlink()
