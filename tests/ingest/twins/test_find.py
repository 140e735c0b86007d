from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from ingest.twins.find import find_twins
from tests.ingest.twins.releases import BRIDGE, HARVEST, VACCINE, daily, stated, written

if TYPE_CHECKING:
    from ingest.twins.candidate import TwinCandidate
    from vectorstore.types import Twin


def joins(releases: list[TwinCandidate]) -> list[tuple[str, str, str]]:
    return [(twin.first, twin.second, twin.reason) for twin in find_twins(releases)]


def test_a_common_key_joins_every_two_languages() -> None:
    """Also languages that the model does not read."""
    releases = [stated(code, code, pair="1") for code in ("fr", "en", "de")]

    assert joins(releases) == [("de", "en", "pair"), ("de", "fr", "pair"), ("en", "fr", "pair")]
    assert {twin.score for twin in find_twins(releases)} == {1.0}


@pytest.mark.parametrize("naming", ["en", "fr"])
def test_a_link_joins_in_either_direction(naming: str) -> None:
    """One of the two pages names the other."""
    places = {"en": "https://a.example/strong-winds", "fr": "https://a.example/vents-forts"}
    named = {naming: (places["en" if naming == "fr" else "fr"] + "/",)}
    releases = [stated(code, code, url=place, translations=named.get(code, ())) for code, place in places.items()]

    assert joins(releases) == [("en", "fr", "hreflang")]


def test_pages_named_by_the_same_page_are_versions_of_each_other() -> None:
    """The German page names both; neither of them names the other."""
    french, english = stated("b", "fr", url="https://a.example/b"), stated("c", "en", url="https://a.example/c")
    german = stated("a", "de", translations=("https://a.example/b", "https://a.example/c"))

    assert joins([french, english, german]) == [("a", "b", "hreflang"), ("a", "c", "hreflang"), ("b", "c", "hreflang")]


def test_a_page_that_many_name_is_nobody_s_twin() -> None:
    """Some sites name their front page as the other version of everything."""
    front = stated("front", "en", url="https://a.example/home")
    pages = [stated(name, "fr", translations=("https://a.example/home",)) for name in ("x", "y")]

    assert joins([front, *pages]) == []


def test_addresses_that_differ_by_the_mark_join() -> None:
    """The first language of a site may stand without a mark."""
    marked, bare = stated("x", "fr", url="https://a.example/fr/n/1"), stated("y", "en", url="https://a.example/n/1")
    other = stated("z", "en", url="https://a.example/n/2")

    assert joins([marked, bare, other]) == [("x", "y", "address")]


def test_a_mark_that_belies_the_language_is_not_believed() -> None:
    """An English page below /fr/ is no French version."""
    releases = [stated("x", "de", url="https://a.example/fr/1"), stated("y", "en", url="https://a.example/en/1")]
    assert joins(releases) == []


def test_a_key_outweighs_an_address() -> None:
    """What is surer comes first, and takes what it joins."""
    french = stated("f", "fr", url="https://a.example/fr/1", pair="7")
    english = stated("e", "en", pair="7")
    assert joins([french, english, stated("z", "en", url="https://a.example/en/1")]) == [("e", "f", "pair")]


def test_contents_join_what_says_the_same() -> None:
    """Three releases of one day in each language find each other."""
    releases = [
        written(f"{n}{code}", code, text[code])
        for n, text in enumerate((BRIDGE, VACCINE, HARVEST))
        for code in ("en", "fr")
    ]
    found = find_twins(releases)

    assert [(twin.first, twin.second) for twin in found] == [("0en", "0fr"), ("1en", "1fr"), ("2en", "2fr")]
    assert all(twin.reason == "content" and 0.5 <= twin.score <= 1 for twin in found)


def test_a_release_without_a_counterpart_stays_alone() -> None:
    """The best of what is there is not good enough."""
    assert joins([written("e", "en", BRIDGE["en"]), written("f", "fr", VACCINE["fr"])]) == []


@pytest.mark.parametrize(("days", "count"), [(2, 1), (4, 0), (None, 0)])
def test_a_translation_may_come_some_days_later(days: float | None, count: int) -> None:
    """Beyond the window, or without a date, contents join nothing."""
    assert len(joins([written("e", "en", BRIDGE["en"]), written("f", "fr", BRIDGE["fr"], days)])) == count


def test_a_summary_is_joined_with_the_whole() -> None:
    """The English release is shorter than the French."""
    short = "The bridge reopens. The bridge over the river reopens on Friday after 14 months of repairs."
    assert joins([written("e", "en", short), written("f", "fr", BRIDGE["fr"])]) == [("e", "f", "content")]


def test_same_words_with_other_figures_are_told_apart() -> None:
    """Two releases of one day differ by their numbers alone."""
    figures = [("12,480", "315"), ("9,706", "128")]
    english = [written(f"e{n}", "en", daily("en", *pair)) for n, pair in enumerate(figures)]
    french = [
        written(f"f{n}", "fr", daily("fr", *(part.replace(",", " ") for part in pair)))
        for n, pair in enumerate(figures)
    ]
    assert joins(english + french) == [("e0", "f0", "content"), ("e1", "f1", "content")]


def test_between_two_that_are_equally_like_none_is_chosen() -> None:
    """A guess would be wrong half the time."""
    twice = [written(name, "fr", BRIDGE["fr"]) for name in ("f", "g")]
    assert joins([written("e", "en", BRIDGE["en"]), *twice]) == []


def test_what_is_stated_is_not_compared_again() -> None:
    """A release that has its twin does not stand in the way of another."""
    joined = [written("e", "en", BRIDGE["en"], pair="1"), written("f", "fr", BRIDGE["fr"], pair="1")]
    rest = [written("y", "en", BRIDGE["en"]), written("z", "fr", BRIDGE["fr"])]
    assert joins(joined + rest) == [("e", "f", "pair"), ("y", "z", "content")]


def test_languages_that_the_model_does_not_read_are_not_compared() -> None:
    """Their vectors mean nothing."""
    releases = [written("e", "en", BRIDGE["en"]), written("f", "fr", BRIDGE["fr"])]
    assert find_twins(releases, languages=("en",)) == []


def test_the_order_of_arrival_does_not_matter() -> None:
    """An ingestion that was cut off and taken up again ends in the same joins."""
    texts = (BRIDGE, VACCINE, HARVEST)
    releases = [written(f"{n}{code}", code, text[code], n) for n, text in enumerate(texts) for code in ("en", "fr")]
    releases += [stated("p", "fr", pair="9"), stated("q", "en", pair="9")]
    expected: list[Twin] = find_twins(releases)

    for seed in range(10):
        shuffled = random.Random(seed).sample(releases, len(releases))
        assert find_twins(shuffled) == expected
    assert len(expected) == 4
