from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ingest.twins import (
    WINDOW,
    TwinCandidate,
    affected,
    facts_of,
    find_twins,
    same_address,
    shared,
    stretches,
    without_language,
)
from tests.ingest.twin_releases import BRIDGE, DAY, HARVEST, VACCINE, daily, stated, written

if TYPE_CHECKING:
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


def many(seed: int) -> list[TwinCandidate]:
    """Some forty releases over two months, the same few texts again and again, so that they compete."""
    chance = random.Random(seed)
    texts = [chance.choice((BRIDGE, VACCINE, HARVEST)) for _ in range(22)]
    return [
        written(f"{n}{code}", code, text[code], 2.5 * n + chance.choice((0, 0, 1, 2)))
        for n, text in enumerate(texts)
        for code in ("en", "fr")
    ]


def within(release: TwinCandidate, spans: list[tuple[datetime, datetime]]) -> bool:
    return release.published is not None and any(begin <= release.published <= end for begin, end in spans)


def about(releases: list[TwinCandidate], twins: list[Twin], dates: list[datetime]) -> list[Twin]:
    near = {one.id for one in releases if within(one, affected(dates))}
    return [twin for twin in twins if twin.first in near or twin.second in near]


@pytest.mark.parametrize("seed", range(5))
def test_the_neighbourhood_gives_what_everything_gives(seed: int) -> None:
    """With the releases of the needed times only, those of the affected are joined as among all."""
    releases, dates = many(seed), [DAY + timedelta(days=27)]
    ((piece, near),) = stretches(dates)
    seen = [one for one in releases if within(one, [near])]
    whole = about(releases, find_twins(releases), dates)

    assert affected(dates) == [piece]
    assert about(releases, find_twins(seen), dates) == whole
    assert len(releases) - len(seen) > 10


@pytest.mark.parametrize("seed", range(5))
def test_long_times_are_joined_piece_by_piece(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Each piece gives what all gives for it, also where its borders part twins."""
    monkeypatch.setattr("ingest.twins.STRETCH", timedelta(days=7))
    releases = many(seed)
    found: set[Twin] = set()
    pieces = list(stretches(one.published for one in releases if one.published))
    for piece, near in pieces:
        inside = {one.id for one in releases if within(one, [piece])}
        twins = find_twins([one for one in releases if within(one, [near])])
        found |= {twin for twin in twins if {twin.first, twin.second} & inside}

    assert sorted(found) == find_twins(releases)
    assert len(pieces) > 5


@pytest.mark.parametrize("seed", range(5))
def test_beyond_the_affected_times_a_change_changes_nothing(seed: int) -> None:
    """A release goes; the joins that neither side has in the affected times stay."""
    releases = many(seed)
    gone = next(one for one in releases if one.id == "10fr")
    assert gone.published is not None
    before, after = find_twins(releases), find_twins([one for one in releases if one is not gone])
    near = about(releases, [*before, *after], [gone.published])

    assert [twin for twin in before if twin not in near] == [twin for twin in after if twin not in near]


def test_times_that_touch_become_one() -> None:
    """Each stretch of time is read once."""
    near, far = DAY + timedelta(days=5), DAY + timedelta(days=100)
    assert affected([far, near, DAY]) == [(DAY - 2 * WINDOW, near + 2 * WINDOW), (far - 2 * WINDOW, far + 2 * WINDOW)]
    assert list(stretches([])) == []


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("https://news.example/en/news/1.htm", "https://news.example/fr/news/1.htm"),
        ("https://news.example/en-gb/news/1", "https://news.example/fr-ch/news/1"),
        ("https://en.news.example/news/1", "https://fr.news.example/news/1"),
        ("https://news.example/news_1_en.htm", "https://news.example/news_1_fr.htm"),
        ("https://news.example/news-1.en.html", "https://news.example/news-1.fr.html"),
        ("https://news.example/1?selectedLocale=en&p=2", "https://news.example/1?p=2&selectedLocale=fr"),
        ("https://news.example/english/1", "https://news.example/francais/1"),
        ("/releases/summit-en.md", "/releases/summit-fr.md"),
        ("69386#en", "69386#fr"),
    ],
)
def test_addresses_that_differ_by_the_mark_are_equal_without_it(english: str, french: str) -> None:
    """Wherever the mark stands, and it is told which languages it named."""
    assert without_language(english)[0] == without_language(french)[0]
    assert without_language(english)[1] == {"en"}
    assert without_language(french)[1] == {"fr"}


@pytest.mark.parametrize(
    "address", ["https://news.example/item/1", "https://news.example/1?l=12", "/releases/mise-en-oeuvre.md"]
)
def test_letters_elsewhere_are_no_mark(address: str) -> None:
    """A slug or a number that happens to hold such letters stays as it is."""
    assert without_language(address)[1] == frozenset()


def test_parameters_without_a_language_are_kept() -> None:
    """They tell two releases apart."""
    assert without_language("https://a.example/n?id=1&lang=en")[0] != without_language("https://a.example/n?id=2")[0]


def test_spellings_of_one_address_are_the_same() -> None:
    """Links between pages are written carelessly."""
    assert same_address("http://www.News.example/fr/1/#top") == same_address("https://news.example/fr/1")


def facts(text: str) -> dict[str, float]:
    return facts_of(TwinCandidate("a", "en", "", text, published=datetime(2024, 3, 7, tzinfo=UTC)))


@pytest.mark.parametrize("written", ["1,250", "1 250", "1\u00a0250", "1'250", "1’250", "1.250", "1\u202f250", "1250"])
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    """Thousands are set apart in many ways."""
    assert list(facts(f"some {written} posts")) == ["1250"]


def test_decimals_are_the_same_in_both_languages() -> None:
    """A point in English, a comma in French."""
    assert facts("it rose by 20.9 billion") == facts("une hausse de 20,9 milliards")


def test_the_own_date_says_nothing() -> None:
    """All releases of a day have it."""
    assert facts("on 7 March 2024").keys() == {"march"}


def test_names_nearly_the_same_are_the_same() -> None:
    """Accents and endings differ by language."""
    assert facts("in Geneva and Winterthur") == facts("à Genève et Winterthour")


def test_a_summary_shares_all_that_it_says() -> None:
    """What only the longer version says is not held against the pair."""
    long = facts("120 soldiers, 45 ships, 3000 jobs, 812 days")
    assert shared(facts("45 ships, 3000 jobs"), long) > 0.7
    assert shared(facts("46 ships, 3001 jobs"), long) < 0.5


def test_nothing_to_compare_is_neither_for_nor_against() -> None:
    """Texts without numbers and names are left to their meaning."""
    assert shared({}, facts("120 soldiers")) == 0.5
