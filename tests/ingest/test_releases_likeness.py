"""Pages with nothing in common are told from what newsrooms do to their releases."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ingest.releases import has_another_title, is_another, is_foreign, is_the_same


@dataclass(frozen=True)
class Worded:
    title: str = ""
    text: str = ""


RELEASE = (
    "The council of Harwick will lay a second tram line between the station and the hospital. Work begins in spring "
    "and costs 84 million euros. Mayor Ada Brook said that the line would take six thousand cars off the roads."
)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        (RELEASE.replace("84 million", "86 million"), False),
        ("The council of Harwick will lay a second tram line.", False),
        (f"Corrected. {RELEASE} Press office: Monday to Friday.", False),
        ("Mayor Ada Brook said that the line would take many cars off the roads. All else in this text is new.", False),
        ("Sorry, what you look for is not here. Go back to the front page or use the search.", True),
        ("Les bus de nuit circuleront le vendredi jusqu’à trois heures du matin.", True),
        ("", True),
    ],
)
def test_a_text_is_foreign_if_hardly_a_pair_of_its_words_stands_in_the_other(text: str, *, foreign: bool) -> None:
    """Either way round: the smaller of the two is looked for in the larger."""
    assert is_foreign(Worded(text=text), Worded(text=RELEASE)) is foreign
    assert is_foreign(Worded(text=RELEASE), Worded(text=text)) is foreign


@pytest.mark.parametrize(
    ("title", "another"),
    [
        ("A second tram line for Harwick", False),
        ("WITHDRAWN: a second tram line for Harwick", False),
        ("Second line for Harwick’s trams approved", False),
        ("Harwick", True),
        ("Night buses on Fridays", True),
        ("Just a moment…", True),
    ],
)
def test_one_word_in_common_makes_no_title_alike(title: str, *, another: bool) -> None:
    assert has_another_title(Worded(title), Worded("A second tram line for Harwick")) is another


def test_a_page_that_differs_in_a_number_says_the_same() -> None:
    """What an error page says of the request is another each time."""
    said = "Something that nobody foresaw has come in between. Please tell us of it and name the request"

    assert is_the_same(Worded("Oh", f"{said} 81a7."), Worded("Oh", f"{said} 99f0."))
    assert not is_the_same(Worded("Oh", said), Worded("Oh", RELEASE))


@pytest.mark.parametrize(
    ("title", "text", "another"),
    [
        ("Tram line approved", f"Corrected. {RELEASE}", False),
        ("Night buses on Fridays", RELEASE, False),
        ("Night buses on Fridays", f"{RELEASE[:60]} The buses run until three in the morning, and cost nothing.", True),
        ("A second tram line for Harwick", "The night buses run until three in the morning.", True),
    ],
)
def test_two_pages_are_of_two_releases_by_their_texts_before_their_titles(
    title: str, text: str, *, another: bool
) -> None:
    assert is_another(Worded(title, text), Worded("A second tram line for Harwick", RELEASE)) is another
