"""Servers for all tests, and `--servers`: the tests of ingestion and answers over them instead of a folder."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from tests import language_tables
from tests.chroma_server import chroma_server
from tests.memory import in_memory
from tests.parse_workers import SharedWorkers
from tests.postgres_server import ABSENT, binaries, postgres_server
from vectorstore.indexes import ChromaAddress
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.postgres_server import Server
    from vectorstore.catalogue import PostgresAddress

# A busy machine is no fault of the code: whatever takes for ever is ended by pytest-timeout.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")

# Nor may it decide how many passages are read, and so what the answer is.
os.environ.setdefault("COMMUNIQUE_ANSWERS__READING_MS", "60000")

# The tests of several processes share the processors: threads of PyTorch would wait for each other, and be busy at it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that starts the tests in the background has Ctrl-C ignored, by them and by whatever they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Where there is room, the tests' folders lie in memory."""
    if config.option.basetemp is None and (memory := in_memory()):
        folder = Path(tempfile.mkdtemp(prefix="communique-", dir=memory))
        config.option.basetemp = folder / "tests"
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--servers", action="store_true", help="keep stores on PostgreSQL and a Chroma server")
    parser.addoption("--tables", action="store_true", help="say at the end how many rows of each language table hold")


def pytest_itemcollected(item: pytest.Item) -> None:
    """A report says from which row of which language table it comes, also from another process."""
    for mark in item.iter_markers("language_table"):
        item.user_properties.append((language_tables.PROPERTY, mark.args))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """With `--tables`, what became of the language tables."""
    if not config.getoption("--tables"):
        return
    terminalreporter.section("language tables")
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    for line in language_tables.summary(each for each in reports if isinstance(each, pytest.TestReport)):
        terminalreporter.write_line(line)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files with long tests come first, and those that only read words last: no process is left with much at the end.

    With `--servers`, the tests that would say the same again are left out.
    """
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(
        key=lambda item: (item.path not in long, bool(_QUICK & set(item.path.relative_to(config.rootpath).parts)))
    )
    if config.getoption("--servers"):
        config.hook.pytest_deselected(items=[item for item in items if not _differs_on_servers(item)])
        items[:] = filter(_differs_on_servers, items)


def pytest_collection_finish() -> None:
    """What has been imported and collected stays: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


_QUICK = {"language", "text"}  # folders
_HAS_BOTH = ("in folders", "on servers", "in a file", "on a server")  # names of parameters


def _differs_on_servers(item: pytest.Item) -> bool:
    """Whether a test may open a store, which takes a folder, and neither runs in both places anyway nor must not."""
    has_a_folder = bool({"tmp_path", "tmp_path_factory"} & set(getattr(item, "fixturenames", ())))
    has_both = any(name in item.name for name in _HAS_BOTH)
    return has_a_folder and not has_both and not item.get_closest_marker("embedded")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is skipped for one reason is told in one line, not in one for each test."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        *_, reason = report.longrepr
        report.longrepr = ("tests", None, reason)
    return report


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaAddress]:
    """A Chroma server for all the tests of one process; each store has collections of its own."""
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield ChromaAddress(url)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for all the tests of one process; each store has a schema of its own."""
    if binaries() is None:
        pytest.skip(ABSENT)
    with postgres_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _usual_logs() -> None:
    """Each test begins with the levels of logging as they are: a command sets those of our own loggers."""
    for name in ("bot", "ingest", "vectorstore"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def shared_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes that read pages serve all tests of one process: each would load the parsers for itself."""
    for place in ("ingest.parse.workers.Workers", "ingest.pipeline.Workers"):
        monkeypatch.setattr(place, SharedWorkers)


@pytest.fixture
def mortal() -> Iterator[Server]:
    """A server that a test may stop."""
    if binaries() is None:
        pytest.skip(ABSENT)
    with postgres_server() as server:
        yield server


@pytest.fixture(autouse=True)
def on_servers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--servers`, every store that is opened in this process is kept there, one schema for each home."""
    if not request.config.getoption("--servers"):
        return
    postgres, chroma = request.getfixturevalue("postgres"), request.getfixturevalue("server")
    catalogues: dict[Path, PostgresAddress] = {}
    made = PassageStore.__init__

    def on_a_server(self: PassageStore, home: Path, **parts: object) -> None:
        if parts.get("catalogue") is not None:  # the test has chosen one
            made(self, home, **parts)
            return
        if home not in catalogues:
            catalogues[home] = postgres.new_store()
        made(self, home, **parts | {"chroma": chroma, "catalogue": catalogues[home]})

    monkeypatch.setattr(PassageStore, "__init__", on_a_server)
