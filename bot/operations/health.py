"""How the bot fares, for its operator: each part looked at, and what is counted while it runs.

`communique doctor` is what is asked first when something is wrong: each part is looked at in time, with what mends it.
`Metrics` are the counters of the bot or the watcher, for Prometheus.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import stat
import time
from concurrent.futures import wait
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from bot.errors import BotError, SettingsError
from bot.redaction import redacted
from bot.settings.display import MASK, in_force
from ingest.addresses import is_web
from ingest.errors import IngestError
from vectorstore.errors import StoreError
from vectorstore.processes import Daemons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from bot.answering.llm import Model
    from bot.answering.reader import Reader
    from bot.answering.types import Answer
    from bot.settings import Given, MetricsSettings, SourceSettings
    from ingest.report import IngestReport
    from vectorstore.embedders import Embedder
    from vectorstore.store import PassageStore

log = logging.getLogger(__name__)

State = Literal["ok", "warn", "fail"]

_OTHERS = 0o077  # what the group and everybody else may do
_MIB = 2**20
_FULL, _NEARLY_FULL = 200 * _MIB, 1024 * _MIB  # a rebuild writes the index aside, and SQLite its log
_REACHED = 5.0  # seconds in which a newsroom's server must be reached
_ANSWERED = 15.0  # seconds in which a language model must answer
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part is, and what mends it where it is not well."""

    state: State
    said: str
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found of one part, and how many seconds that took."""

    name: str
    finding: Finding
    seconds: float

    def payload(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {"name": self.name, **asdict(self.finding), "seconds": round(self.seconds, 3)}


def examine(checks: Mapping[str, Callable[[], Finding]], *, seconds: float) -> Iterator[Diagnosis]:
    """Look at one part after the other, each for so many seconds at most; what fails or hangs stops no other.

    What hangs is left to a thread that keeps no process alive.
    """
    for name, check in checks.items():
        began = time.monotonic()
        threads = Daemons(1, f"doctor-{name}")
        try:
            finding = threads.submit(check).result(seconds)
        except TimeoutError:
            finding = Finding("fail", f"not done in {seconds:g} s", "look whether a disk or a server hangs")
        except (BotError, IngestError, StoreError) as exc:  # these say how to mend it
            finding = Finding("fail", str(exc))
        except Exception as exc:  # the others are still to be looked at
            log.debug("doctor: %s", name, exc_info=True)
            finding = Finding("fail", f"unexpected failure: {type(exc).__name__}: {exc}", "look at it with --verbose")
        threads.close()
        yield Diagnosis(name, _without_secrets(finding), time.monotonic() - began)


def close_in_time(close: Callable[[], None], seconds: float = 2.0) -> None:
    """Close what a check may still be stuck in; after so many seconds that is left to the end of the process."""
    threads = Daemons(1, "doctor-close")
    wait([threads.submit(close)], timeout=seconds)
    threads.close()


def _without_secrets(finding: Finding) -> Finding:
    return Finding(finding.state, redacted(finding.said), redacted(finding.mend) if finding.mend else None)


def check_settings(given: Given) -> Finding:
    """The file and the environment: whether all in them is known, and no secret in the file open to others."""
    faults = given.faults()
    if faults:
        unknown_only = len(faults) == len(given.unknown)
        return Finding(
            "warn" if unknown_only else "fail", "; ".join(map(str, faults)), "see `communique settings show`"
        )
    if given.file is None:
        return Finding("ok", "no communique.toml; defaults and the environment")
    held = [one.name for one in in_force(given) if one.origin == "file" and MASK in str(one.value)]
    if held and given.file.stat().st_mode & _OTHERS:
        return Finding("warn", f"{given.file} holds {held[0]}, and others may read it", f"chmod go= {given.file}")
    return Finding("ok", str(given.file))


def check_permissions(home: Path) -> Finding:
    """The home: whether it is a folder of this user's own."""
    if not home.exists():
        return Finding("ok", f"{home} will be made")
    if not home.is_dir():
        return Finding("fail", f"{home} is no folder", "name a folder as --home or COMMUNIQUE_HOME")
    inside = [home, *(path for path in home.iterdir() if path.suffix in {".sqlite3", ".lock"})]
    if closed := [path for path in inside if not os.access(path, os.R_OK | os.W_OK)]:
        return Finding("fail", f"this user may not read and write {closed[0]}", "run as its owner, or chown it")
    if [path for path in inside if stat.S_IMODE(path.stat().st_mode) & _OTHERS]:
        return Finding("warn", f"others may read {home}", f"chmod -R go= {home}")
    return Finding("ok", f"{home} is this user's alone")


def check_disk(home: Path) -> Finding:
    """How much room there is where the home lies."""
    place = next(path for path in (home.absolute(), *home.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    said = f"{free / _MIB:,.0f} MiB free at {place}"
    if free < _NEARLY_FULL:
        return Finding("fail" if free < _FULL else "warn", said, "make room, or move the home to another disk")
    return Finding("ok", said)


def check_store(store: PassageStore) -> Finding:
    """What is stored, and whether its two halves agree."""
    status = store.status()
    said = f"{status.releases:,} releases, {status.passages:,} passages"
    if status.damage:
        return Finding("fail", f"{said}; damaged: {status.damage}", "restore a backup: `communique restore FILE`")
    if status.disagreement:
        return Finding("fail", f"{said}; the vector index: {status.disagreement}", "`communique status --repair`")
    if not status.releases:
        return Finding("warn", "nothing is stored", "`communique ingest FOLDER`")
    return Finding("ok", f"{said}; catalogue and vectors agree")


def check_model(embedder: Embedder, reader: Reader, find: Callable[[str], object] | None) -> Finding:
    """Whether both models can be loaded, and the stored vectors are of the one that is set.

    `find` searches what is stored, None where nothing is; it raises ModelMismatchError.
    """
    from bot.answering.reader import Context

    question, sentence = "Who presided over the meeting?", "The ministers met in Brussels."
    length = len(embedder.embed_question(question))
    reader.supports(sentence, Context("A meeting", sentence))
    if find:
        find(question)
    return Finding("ok", f"{embedder.name}, {length} dimensions; the reader reads")


def check_network(sources: Iterable[SourceSettings]) -> Finding:
    """Whether the servers of the newsrooms in the settings can be reached; nothing is asked of them."""
    hosts = {_place(source.location): None for source in sources if is_web(source.location)}
    if not hosts:
        return Finding("ok", "no newsroom on the web is set")
    threads = Daemons(min(_AT_ONCE, len(hosts)), "doctor-host")
    calls = {threads.submit(_connect, *place): place[0] for place in hosts}
    done, hanging = wait(calls, timeout=2 * _REACHED)
    threads.close()
    away = [f"{calls[call]} ({_cause(exc)})" for call in done if (exc := call.exception())]
    away += [f"{calls[call]} (no answer)" for call in hanging]
    if away:
        said = f"{len(away)} of {len(hosts)} servers cannot be reached: {', '.join(sorted(away)[:5])}"
        return Finding("fail" if len(away) == len(hosts) else "warn", said, "look at the network and at the addresses")
    return Finding("ok", f"{len(hosts)} of {len(hosts)} servers reached")


def _cause(exc: BaseException) -> str:
    return (exc.strerror if isinstance(exc, OSError) else None) or str(exc)


def _place(location: str) -> tuple[str, int]:
    parts = urlsplit(location)
    return parts.hostname or "", parts.port or (80 if parts.scheme.lower() == "http" else 443)


def _connect(host: str, port: int) -> None:
    socket.create_connection((host, port), timeout=_REACHED).close()


def check_language_model(model: Model | None) -> Finding:
    """Whether the language model answers; it is asked one short question, which is counted as any other."""
    from bot.answering.llm import Message

    if model is None:
        return Finding("ok", "none is set; answers are sentences of the releases")
    began = time.monotonic()
    for _ in model.ask((Message("user", "Reply with the word yes."),), seconds=_ANSWERED):
        pass
    return Finding("ok", f"{model.name} answers in {time.monotonic() - began:.1f} s")


_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_NEVER = float("nan")


class Metrics:
    """Counters of one process. `last_ingest` tells when releases were last looked for, None where never."""

    def __init__(self, last_ingest: Callable[[], datetime | None]) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = CollectorRegistry()
        self._questions = Counter(
            "communique_questions", "Questions by their outcome.", ["outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "communique_answer_seconds",
            "Seconds that a stage of an answer took.",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.waiting = Gauge(
            "communique_questions_waiting", "Questions being answered or waiting for it.", registry=self.registry
        )
        self._feedback = Counter("communique_feedback", "What people said.", ["verdict"], registry=self.registry)
        self._releases = Counter(
            "communique_ingested_releases", "Releases by what a run did.", ["change"], registry=self.registry
        )
        self._failures = Counter(
            "communique_ingestion_failures", "Pages and sources that failed.", ["source"], registry=self.registry
        )
        age = Gauge("communique_index_age_seconds", "Seconds since releases were looked for.", registry=self.registry)
        age.set_function(lambda: _age(last_ingest()))

    def answered(self, answer: Answer) -> None:
        """A question was answered, or refused."""
        self._questions.labels("refused" if answer.refusal else "answered").inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._seconds.labels(stage).observe(milliseconds / 1000)

    def failed(self, outcome: str) -> None:
        """A question came to nothing: `failed`, or turned away as `busy`, `cooldown` or `closing`."""
        self._questions.labels(outcome).inc()

    def said(self, *, good: bool) -> None:
        """Somebody gave feedback."""
        self._feedback.labels("good" if good else "bad").inc()

    def ingested(self, report: IngestReport) -> None:
        """A source was read."""
        for change in ("new", "changed", "unchanged", "withdrawn"):
            self._releases.labels(change).inc(getattr(report, change))
        self._failures.labels(report.source or "").inc(len(report.failed))

    @contextlib.contextmanager
    def served(self, settings: MetricsSettings) -> Iterator[None]:
        """Answer scrapes while this lasts, where a port is set. Raises SettingsError where it cannot be had."""
        if settings.port is None:
            yield
            return
        from prometheus_client import start_http_server

        try:
            server, thread = start_http_server(settings.port, addr=settings.host, registry=self.registry)
        except OSError as exc:
            where = f"{settings.host}:{settings.port}"
            raise SettingsError("metrics.port", f"{where} cannot be listened on ({exc.strerror or exc})") from exc
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _age(moment: datetime | None) -> float:
    return (datetime.now(UTC) - moment).total_seconds() if moment else _NEVER
