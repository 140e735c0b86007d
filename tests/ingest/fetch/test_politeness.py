from __future__ import annotations

import threading
import time

import pytest

from ingest.errors import HostPausedError
from ingest.fetch.network import EndedError, Stopwatch
from ingest.fetch.politeness import FetchPolicy, Pace
from ingest.fetch.response import RedirectChain


def test_the_user_agent_names_product_and_contact() -> None:
    """Without a contact it still says what it is for."""
    named = FetchPolicy(contact="press@newsroom.test").user_agent
    assert named.startswith("Communique/")
    assert named.endswith(" (press release reader; +press@newsroom.test)")
    assert FetchPolicy().user_agent.endswith(" (press release reader)")


@pytest.mark.parametrize("contact", ["a\r\nCookie: b", "été@newsroom.test"])
def test_a_contact_that_no_header_may_hold_is_refused(contact: str) -> None:
    """Before anything is asked for."""
    with pytest.raises(ValueError, match=r"contact: .*write it in plain ASCII"):
        FetchPolicy(contact=contact)


PLACE = RedirectChain(("https://newsroom.test/a",))


def test_requests_of_several_fetchers_keep_their_distance() -> None:
    """Whoever's turn it is."""
    pace, moments = Pace(), list[float]()

    def ask() -> None:
        pace.turn(PLACE, 0.1, Stopwatch(), at_most=60)
        moments.append(time.monotonic())

    threads = [threading.Thread(target=ask) for _ in range(5)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert all(moment - begun >= 0.1 * place for place, moment in enumerate(sorted(moments)))


def test_a_host_waits_for_no_other() -> None:
    """Each has turns of its own."""
    pace = Pace()
    pace.turn(PLACE, 3_600, Stopwatch(), at_most=60)
    begun = time.monotonic()

    pace.turn(RedirectChain(("https://other.test/a",)), 3_600, Stopwatch(), at_most=60)

    assert time.monotonic() - begun < 10


def test_another_port_is_another_server() -> None:
    """The usual ports are one, so that a site is not asked twice as often by both schemes."""
    hosts = {
        RedirectChain((f"{address}/a",)).host for address in ("http://a.test", "https://A.test", "https://a.test:443")
    }

    assert hosts == {"a.test"}
    assert RedirectChain(("http://a.test:8080/a",)).host == "a.test:8080"


def test_who_is_stopped_takes_nobodys_turn() -> None:
    """A wait ends at once, and the next one waits no longer for it."""
    pace, stopwatch = Pace(), Stopwatch()
    pace.turn(PLACE, 0.5, Stopwatch(), at_most=60)
    threading.Timer(0.1, stopwatch.stop).start()
    begun = time.monotonic()

    with pytest.raises(EndedError, match="stopped"):
        pace.turn(PLACE, 3_600, stopwatch, at_most=60)
    pace.turn(PLACE, 0, Stopwatch(), at_most=60)

    assert 0.4 <= time.monotonic() - begun < 10


def test_a_long_pause_is_an_error_for_all_who_share_it() -> None:
    """A short one is waited out."""
    pace = Pace()
    pace.pause(PLACE, 0.2)
    begun = time.monotonic()
    pace.turn(PLACE, 0, Stopwatch(), at_most=1)
    assert time.monotonic() - begun >= 0.19

    pace.pause(PLACE, 600)
    pace.pause(PLACE, 1)
    with pytest.raises(HostPausedError, match=r"asks for a pause of (599|600) seconds more") as caught:
        pace.turn(PLACE, 0, Stopwatch(), at_most=1)
    assert caught.value.retry_after == pytest.approx(600, abs=5)


def test_hosts_that_may_be_asked_at_once_are_forgotten() -> None:
    """A million links lead to a million hosts."""
    pace = Pace()
    for number in range(1_500):
        pace.turn(RedirectChain((f"https://{number}.test/",)), 0, Stopwatch(), at_most=1)

    assert pace.remembered <= 1_001


def test_a_host_that_refuses_and_gives_no_time_is_paused_ever_longer() -> None:
    """Those who had asked it by then count as one; an answer ends it."""
    pace, policy = Pace(), FetchPolicy(pause=0.1, wait_at_most=10)

    def waits() -> float:
        for _ in range(4):
            pace.refused(PLACE, policy)
        begun = time.monotonic()
        pace.turn(PLACE, 0, Stopwatch(), at_most=10)
        return time.monotonic() - begun

    first, second, third = waits(), waits(), waits()
    pace.answered(PLACE)

    assert first >= 0.09
    assert second >= 0.19
    assert third >= 0.39
    assert waits() < 0.35


@pytest.mark.parametrize("answers", [True, False])
def test_a_host_that_fails_again_and_again_is_left_alone(answers: bool) -> None:
    """An answer in between begins the count again."""
    pace, policy = Pace(), FetchPolicy(failures=3, left_alone=100)
    for number in range(3):
        if answers and number == 2:
            pace.answered(PLACE)
        pace.failed(PLACE, policy)

    if answers:
        pace.turn(PLACE, 0, Stopwatch(), at_most=60)
    else:
        with pytest.raises(HostPausedError, match="failed again and again; it is left alone for 100 seconds more"):
            pace.turn(PLACE, 0, Stopwatch(), at_most=600)
