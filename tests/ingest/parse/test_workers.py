"""Tests of `ingest.parse.workers`: what is asked of other processes, and what becomes of these."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from ingest.errors import LimitError, ParseError, WorkerStartError
from ingest.parse.workers import Bounds, Call, Workers
from tests.ingest.parse import tasks

if TYPE_CHECKING:
    from collections.abc import Callable

SHORT = Bounds(seconds=1.0, memory=512)


@pytest.fixture
def workers():
    workers = Workers(SHORT, at_once=1)
    yield workers
    workers.close()


def came_of(workers, function, *arguments):
    """What came of several calls that were begun together."""
    return workers.start(function, [Call(f"page {n}", (each,)) for n, each in enumerate(arguments)]).result()


def _readers() -> set[psutil.Process]:
    """The processes that read pages for this one."""
    return {one for one in psutil.Process().children() if any("ingest.parse.workers" in part for part in one.cmdline())}


@pytest.fixture
def processes() -> Callable[[], set[psutil.Process]]:
    """Those that a test has started; others before it have left theirs for the next."""
    before = _readers()
    return lambda: _readers() - before


def test_calls_are_answered_in_order_by_another_process(workers):
    """One process serves them all, and it is not this one."""
    assert came_of(workers, tasks.double, *range(100)) == list(range(0, 200, 2))
    (first, parent), (second, _) = came_of(workers, tasks.process, 1, 2)
    assert (parent, first) == (os.getpid(), second)


def test_no_process_is_started_before_it_is_needed(workers, processes):
    """Nor for nothing."""
    assert came_of(workers, tasks.double) == []
    assert not processes()


def test_more_than_a_pipe_holds_goes_through(workers):
    """Both ways."""
    assert workers.call("x", tasks.double, b"x" * 2**20) == b"x" * 2**21


@pytest.mark.parametrize(
    ("function", "argument", "cause"),
    [
        (tasks.loop_in_c, None, r"page 1: takes longer than 1 s to be read: .* ingest\.longest"),
        (tasks.hoard, 2**11, r"page 1: needs more than 512 MiB to be read: .* ingest\.memory"),
        (tasks.nest, None, "page 1: is nested too deeply to be read"),
        (tasks.die, signal.SIGSEGV, r"page 1: ends the process that reads it \(SIGSEGV\)"),
        (tasks.die, signal.SIGKILL, r"page 1: ends the process that reads it \(SIGKILL\)"),
        (os._exit, 3, r"page 1: ends the process that reads it \(exit status 3\)"),
    ],
)
def test_what_passes_a_limit_fails_alone(workers, function, argument, cause):
    """Its cause is told; what stood before and behind it is read, in order."""
    calls = [(tasks.double, 1), (function, argument), (tasks.double, 3)]

    before, failed, after = came_of(workers, tasks.apply, *calls)

    assert (before, after) == (2, 6)
    assert isinstance(failed, LimitError)
    with pytest.raises(LimitError, match=cause):
        raise failed


def test_a_busy_machine_is_no_fault_of_a_page(workers):
    """The limit is of the processor's time; by the clock there is a wider one."""
    assert workers.call("a.md", tasks.wait, 1.5) == 1.5
    with pytest.raises(LimitError, match="takes longer than 1 s"):
        workers.call("b.md", tasks.wait, 60)


def test_an_error_of_the_package_arrives_as_it_was(workers):
    """With its location and its cause."""
    with pytest.raises(ParseError, match=r"a\.md: the file is empty") as caught:
        workers.call("elsewhere", tasks.refuse, "a.md")
    assert (caught.value.location, caught.value.cause) == ("a.md", "the file is empty")


def test_an_unforeseen_error_is_a_failure_with_its_traceback_in_the_log(workers, caplog):
    """A library that stumbles over one page does not end the run."""
    with pytest.raises(ParseError, match=r"a.md: cannot be understood \(ZeroDivisionError: by a page\)"):
        workers.call("a.md", tasks.stumble)
    assert "in stumble" in caplog.text
    assert workers.call("b.md", tasks.double, 1) == 2


def test_a_process_that_is_killed_from_outside_costs_no_page(workers, tmp_path):
    """Neither while it is idle nor while it reads."""
    number, _ = workers.call("a.md", tasks.process)
    os.kill(number, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(number)] if psutil.pid_exists(number) else [], timeout=5)

    assert workers.call("b.md", tasks.double, 1) == 2
    assert workers.call("c.md", tasks.die_once, tmp_path / "mark") == "alive"


def test_what_a_library_prints_breaks_nothing(workers, capfd):
    """It goes where errors go."""
    assert workers.call("a.md", tasks.chatter, "words") == "words"
    assert capfd.readouterr().out == ""


def test_a_folder_with_modules_of_the_same_names_is_no_danger(workers, tmp_path, monkeypatch):
    """What lies where somebody works is not imported."""
    for name in ("json.py", "pickle.py", "ingest.py"):
        (tmp_path / name).write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert workers.call("a.md", tasks.double, 1) == 2


def test_a_process_that_does_not_start_is_no_failure_of_a_page(monkeypatch, workers, capfd):
    """It is told as what it is."""
    monkeypatch.setattr("ingest.parse.workers._CODE", "import no_such_module")
    with pytest.raises(WorkerStartError, match="does not start: exit status 1"):
        workers.call("a.md", tasks.double, 1)
    assert "no_such_module" in capfd.readouterr().err


def test_processes_that_are_not_needed_any_more_are_ended(monkeypatch, processes):
    """Many sources at once ask for more than are kept."""
    monkeypatch.setattr("ingest.parse.workers._LONGEST_IDLE", 0.0)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0}, raising=False)  # one processor
    workers = Workers(SHORT, at_once=3)
    futures = [workers.start(tasks.loop_in_c, [Call("a", ())]) for _ in range(2)]
    workers.call("b", tasks.double, 1)
    assert len(processes()) == 3
    for future in futures:
        future.result()

    for _ in range(3):
        workers.call("c", tasks.double, 1)

    assert len(processes()) == 1
    workers.close()


def test_processes_that_rest_leave_their_memory_to_others(workers, processes):
    """They have ended, and the next call starts another."""
    first, _ = workers.call("a", tasks.process, 1)

    workers.rest()

    assert not processes()
    assert workers.call("b", tasks.process, 1)[0] != first


def test_closing_ends_what_is_being_read(workers, processes):
    """At once, and nothing is left; what was waiting is not begun."""
    running, waiting = workers.start(tasks.loop_in_c, [Call("a", ())]), workers.start(tasks.double, [Call("b", (1,))])
    while not processes():
        time.sleep(0.01)

    workers.close()

    for future in (running, waiting):
        with pytest.raises(WorkerStartError, match="no page is read any more"):
            future.result(timeout=20)
    assert not processes()


PARENT = """
import sys
from ingest.parse.workers import Bounds, Workers
from tests.ingest.parse import tasks
workers = Workers(Bounds(float(sys.argv[1]), 512))
asked = workers.call("a", tasks.process)[0]
try:
    print(asked, flush=True)
    workers.call("b", tasks.loop_in_c) if sys.argv[2] == "busy" else sys.stdin.read()
except KeyboardInterrupt:
    workers.close()
"""


def start_asking(seconds, how):
    """A process that asks another one, and that one."""
    command = [sys.executable, "-c", PARENT, str(seconds), how]
    asking = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return asking, psutil.Process(int(asking.stdout.readline()))


@pytest.mark.parametrize("how", ["busy", "idle"])
def test_ctrl_c_ends_both(how):
    """Also while a loop in C runs: without a wait for its limit."""
    asking, asked = start_asking(60, how)
    with asking:
        asking.send_signal(signal.SIGINT)
        assert asking.wait(timeout=20) == 0
    assert psutil.wait_procs([asked], timeout=20)[1] == []


def test_ctrl_c_on_a_terminal_reaches_only_the_one_that_asks():
    """The other is in a group of its own."""
    asking, asked = start_asking(60, "idle")
    with asking:
        assert os.getpgid(asked.pid) != os.getpgid(asking.pid)


@pytest.mark.parametrize(("seconds", "how"), [(60, "idle"), (1, "busy")])
def test_a_killed_parent_leaves_no_process_behind(seconds, how):
    """The other one finds the end of its pipe, or its limit if it is in a loop."""
    asking, asked = start_asking(seconds, how)
    with asking:
        asking.kill()
    assert psutil.wait_procs([asked], timeout=20)[1] == []
