from __future__ import annotations

import pytest

from ingest.twins.stated import same_address, without_language


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
