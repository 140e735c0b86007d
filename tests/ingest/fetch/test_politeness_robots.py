from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import RobotsRefusedError, UnavailableError
from ingest.fetch.network import EndedError, Stopwatch
from ingest.fetch.politeness import Robots, Rules
from ingest.fetch.response import RedirectChain

ADDRESS = "https://newsroom.test/robots.txt"
PLACE = RedirectChain(("https://newsroom.test/a",))
LINES = st.tuples(
    st.sampled_from(
        ["User-agent", "useragent:", "Crawl-delay:", "Request-rate:", "Disallow:", "Allow: ", "Visit-time:"]
    ),
    st.sampled_from(
        ["*", " Communique", " 1e999", " nan", " -inf", " 9" * 3, "9" * 400, " 1/" + "9" * 400, " 1/0s", "/*$"]
    )
    | st.text(max_size=12),
).map("".join)


@given(st.lists(LINES, max_size=12).map("\n".join) | st.binary(max_size=80))
def test_any_bytes_are_rules(content: str | bytes) -> None:
    """The delay is a number, and an address is allowed or not."""
    sent = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    rules = Rules.of(b"User-agent: *\n" + sent, ADDRESS)

    assert 0 <= rules.delay < float("inf")
    with suppress(RobotsRefusedError):
        rules.check(PLACE)


@pytest.mark.parametrize(
    ("said", "delay"),
    [
        ("Crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 3600", 3_600),
        ("Crawl-delay: 1\nRequest-rate: 1/5s", 5),
        ("Request-rate: 1/" + "9" * 400, 0),
        ("Crawl-delay: 1e999", 0),
        ("Crawl-delay: -5", 0),
        ("Crawl-delay: nan", 0),
    ],
)
def test_the_distance_that_a_site_asks_for_is_read(said: str, delay: float) -> None:
    """The longer of two; what is no number of seconds asks for nothing."""
    assert Rules.of(f"User-agent: *\n{said}".encode(), ADDRESS).delay == delay


@pytest.mark.parametrize("name", ["*", "communique", "COMMUNIQUE", "Communique/1.0", "Communique*", "user agent: *"])
def test_rules_for_us_are_found_among_those_for_others(name: str) -> None:
    """In whatever way the line names us; those of others say nothing to us."""
    agent = name if ":" in name else f"User-agent: {name}"
    content = f"User-agent: another\nDisallow: /\n\n{agent}\nUser-agent: third # or so\nDisallow: /a\n"
    rules = Rules.of(content.encode(), ADDRESS)

    with pytest.raises(RobotsRefusedError, match="does not read it"):
        rules.check(PLACE)
    rules.check(RedirectChain(("https://newsroom.test/b",)))


@pytest.mark.parametrize("name", ["com", "Com*", "Communiques", "Communique-Archive"])
def test_rules_for_a_name_like_ours_are_not_for_us(name: str) -> None:
    """The whole of a product's name counts."""
    Rules.of(f"User-agent: {name}\nDisallow: /\n".encode(), ADDRESS).check(PLACE)


def test_half_a_megabyte_of_agents_and_rules_takes_no_time() -> None:
    """Each rule holds for each agent before it: 700 million of them."""
    agents = "".join(f"user-agent:a{number}\n" for number in range(15_000))
    rules = "".join(f"allow:/{number}\n" for number in range(20_000))
    begun = time.monotonic()

    Rules.of((agents + rules).encode(), ADDRESS).check(PLACE)

    assert time.monotonic() - begun < 5


def test_a_robots_txt_is_read_once_for_all_who_share_it() -> None:
    """Though they ask at one moment."""
    robots, reads = Robots(), []

    def read(address: str, allow_private: bool) -> bytes:
        reads.append(address)
        time.sleep(0.2)
        return b"User-agent: *\nCrawl-delay: 3"

    def ask() -> None:
        rules.append(robots.rules(PLACE, read, Stopwatch(), allow_private=False))

    rules: list[Rules] = []
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert reads == [ADDRESS]
    assert [one.delay for one in rules] == [3, 3, 3, 3]


def test_who_is_stopped_while_another_reads_waits_no_longer() -> None:
    """And the other goes on."""
    robots, begun, go_on = Robots(), threading.Event(), threading.Event()

    def read(address: str, allow_private: bool) -> bytes:
        begun.set()
        assert go_on.wait(10)
        return b""

    found: list[Rules] = []
    reader = threading.Thread(target=lambda: found.append(robots.rules(PLACE, read, Stopwatch(), allow_private=False)))
    reader.start()
    assert begun.wait(10)
    stopwatch = Stopwatch()
    stopwatch.stop()

    with pytest.raises(EndedError, match="stopped"):
        robots.rules(PLACE, read, stopwatch, allow_private=False)

    go_on.set()
    reader.join(10)
    assert found[0].delay == 0


def test_a_reader_that_was_stopped_says_nothing_of_the_site() -> None:
    """The next one reads for itself; a site that is down is remembered for all."""
    robots, stopwatch = Robots(), Stopwatch()

    def fail(address: str, allow_private: bool) -> bytes:
        raise UnavailableError(address, "stopped" if stopwatch.is_stopped else "out of service")

    stopwatch.stop()
    with pytest.raises(UnavailableError, match="stopped"):
        robots.rules(PLACE, fail, stopwatch, allow_private=False)
    assert robots.rules(PLACE, lambda *_: b"", Stopwatch(), allow_private=False).delay == 0

    other, stopwatch = RedirectChain(("https://other.test/a",)), Stopwatch()
    for read in (fail, lambda *_: b""):
        with pytest.raises(UnavailableError, match=r"robots\.txt cannot be read, .*: out of service"):
            robots.rules(other, read, stopwatch, allow_private=False)
