"""Hosts as queues: what is simulated is what can be worked out by hand, and what Erlang's formula says."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from benchmarks.queues import Calls, Host, Work, erlang_c, served, waits_longer


def took(host: Host, came: list[float], *works: Work) -> list[float | None]:
    return [one and round(one.took, 6) for one in served(host, came, works)]


def test_a_question_alone_reads_on_all_processors() -> None:
    """One thread of Python, then reading spread over both processors, then Discord."""
    assert took(Host(2, at_once=8), [5.0], Work(0.1, 0.6, 0.2)) == [0.6]


def test_the_threads_of_python_share_one_processor() -> None:
    """Four processors do not help what only one thread at a time can compute."""
    assert took(Host(4, at_once=8), [0.0, 0.0], Work(0.5, 0.0), Work(0.5, 0.0)) == [1.0, 1.0]


def test_reading_is_no_wider_than_it_may_be() -> None:
    """Two processors at most, of eight."""
    assert took(Host(8, at_once=8, widest=2), [0.0], Work(0.0, 1.0)) == [0.5]


def test_hosts_as_one_leave_no_processor_idle() -> None:
    """Each question has a host of its own; apart, both might have gone to one."""
    works = [Work(0.5, 1.0), Work(0.5, 1.0)]

    assert took(Host(2, at_once=8).pooled(2), [0.0, 0.0], *works) == [1.0, 1.0]
    assert took(Host(2, at_once=8), [0.0, 0.0], *works) == [2.0, 2.0]


def test_processors_are_shared_equally() -> None:
    """The short one is not kept waiting until the long one is done."""
    assert took(Host(1, at_once=8), [0.0, 0.0], Work(0.0, 3.0), Work(0.0, 1.0)) == [4.0, 2.0]


def test_a_place_is_held_while_discord_is_waited_for() -> None:
    """The second begins when the first has been posted, though the processor was free before."""
    assert took(Host(1, at_once=1), [0.0, 0.0], Work(0.0, 1.0, 2.0), Work(0.0, 1.0)) == [3.0, 4.0]


def test_a_full_host_turns_questions_away() -> None:
    """One is answered and one waits; what comes when the first is done is taken again."""
    host, work = Host(1, at_once=1, waiting=1), Work(0.0, 1.0)

    assert took(host, [0.0, 0.1, 0.2, 1.5], *[work] * 4) == [1.0, 1.9, None, 1.5]


def test_waiting_until_the_queue_is_empty() -> None:
    """The last question is answered too where it had to queue."""
    assert took(Host(1, at_once=1), [0.0, 0.0, 0.0], *[Work(0.0, 1.0)] * 3) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(("servers", "load", "waits"), [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (10, 8.0, 0.4092)])
def test_erlangs_formula(servers: int, load: float, waits: float) -> None:
    """Against values of printed tables."""
    assert erlang_c(servers, load) == pytest.approx(waits, abs=5e-5)


def test_an_overloaded_queue_always_waits() -> None:
    """And longer than anything, sooner or later."""
    assert erlang_c(3, 3.5) == waits_longer(1e6, 3, 7.0, 0.5) == 1.0


def test_a_single_server_is_waited_for_exponentially_long() -> None:
    """M/M/1: P(W > t) is load exp(-(1/s - rate) t); at 0 it is whether one waits at all."""
    assert waits_longer(2.0, 1, 0.5, 1.0) == pytest.approx(0.5 * np.exp(-1.0))
    assert waits_longer(0.0, 10, 4.0, 2.0) == erlang_c(10, 8.0)


@pytest.mark.parametrize("servers", [1, 3])
def test_the_simulation_agrees_with_erlang(servers: int) -> None:
    """First come first served, one processor a question, exponential: the mean wait is C / (c/s - rate).

    Equal shares keep as many in the system, so that the mean time is the same.
    """
    rng = np.random.default_rng(5)
    rate = 0.7 * servers
    came = np.cumsum(rng.exponential(1 / rate, 20_000)).tolist()
    works = [Work(0.0, seconds) for seconds in rng.exponential(1.0, len(came)).tolist()]
    expected = 1.0 + erlang_c(servers, rate) / (servers - rate)

    queued = [one for one in served(Host(servers, at_once=servers, widest=1), came, works) if one]
    shared = [one for one in served(Host(servers, at_once=10_000, widest=1), came, works) if one]

    assert statistics.mean(one.took for one in queued) == pytest.approx(expected, rel=0.06)
    assert statistics.mean(one.took for one in shared) == pytest.approx(expected, rel=0.06)
    late = np.mean([one.began - one.came > 1.0 for one in queued])
    assert late == pytest.approx(waits_longer(1.0, servers, rate, 1.0), rel=0.15)


def test_discord_takes_so_many_calls_in_a_second() -> None:
    """Two calls for each question at ten in a second: the second question waits for the first's, a command for none."""
    waits, moments = Calls([(0.0, 2), (0.05, 2), (0.06, 0)]).limited(10.0)

    assert (waits, moments) == ([0.0, pytest.approx(0.15), 0.0], [])


def test_announcements_go_out_as_fast_as_workers_and_discord_allow() -> None:
    """Six of a second each by two workers take three seconds; by six, at two in a second, three and a half."""
    assert max(Calls(announcements=[1.0] * 6, workers=2).limited(50.0)[1]) == pytest.approx(3.02)
    assert max(Calls(announcements=[1.0] * 6, workers=6).limited(2.0)[1]) == pytest.approx(3.5)


def test_announcements_let_questions_through() -> None:
    """A question waits behind those that have been begun, not behind all that are to come."""
    waits, _ = Calls([(0.5, 1)], announcements=[1.0] * 100, workers=5).limited(10.0)

    assert waits[0] == pytest.approx(0.0)
