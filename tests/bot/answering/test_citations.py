from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

import pytest

from bot.answering.citations import (
    QuoteVerdict,
    find_quote,
    holds,
    judge,
    linked,
    page_label,
    quotation_marks,
    quote_link,
    text_fragment_link,
    web_address,
)
from bot.answering.codec import answer_payload
from bot.answering.types import Citation
from tests.bot.releases import an_answer, stored

TEXT = (
    "La directrice a déclaré : « L’accord entre en vigueur le 1\u202f000\u1d49 jour\u202f! »\n\n"
    "Le budget s’élève à 20,9\u00a0milliards d’euros… et l’ef\ufb01cacité du commu-\nniqué sur l’Indo-\nPacifique "
    "reste en\u00addettée. Le cœur du projet bat à Berne."
)
URL = "https://example.org/release"


@pytest.mark.parametrize(
    ("quote", "spelt"),
    [
        ("Le budget s’élève", "Le budget s’élève"),
        ("LE BUDGET S'ÉLÈVE", "Le budget s’élève"),
        ("20,9 milliards d'euros...", "20,9\u00a0milliards d’euros…"),
        ("a déclaré: \"L'accord entre", "a déclaré : « L’accord entre"),
        ("déclaré : « L'accord", "déclaré : « L’accord"),
        ("jour!", "jour\u202f!"),
        ("l'efficacité", "l’ef\ufb01cacité"),
        ("du communiqué", "du commu-\nniqué"),
        ("sur l'Indo-Pacifique reste", "sur l’Indo-\nPacifique reste"),
        ("endettée", "en\u00addettée"),
        ("le coeur du projet", "Le cœur du projet"),
        ("s’e\u0301le\u0300ve", "s’élève"),
        ("« bat à Berne. »", "bat à Berne"),
        ("…bat à Berne", "bat à Berne"),
    ],
)
def test_a_quote_is_found_in_the_release_s_own_spelling(quote: str, spelt: str) -> None:
    """Typography may differ between quote and release; what comes back is what the release has."""
    span = find_quote(quote, TEXT)

    assert span is not None
    assert TEXT[slice(*span)] == spelt


@pytest.mark.parametrize("quote", ["", "  ", "…", "« »", "bud", "élève à 20,9 millions", "Bern", "Le budget atteint"])
def test_other_words_and_parts_of_words_are_not_found(quote: str) -> None:
    """A quote of no words, of half a word or of another word stands nowhere."""
    assert find_quote(quote, TEXT) is None


def test_the_first_of_several_places_is_given() -> None:
    """A quote that stands twice is placed where it stands first, and not inside a longer word before it."""
    assert find_quote("accord", "Désaccords, puis accord, puis accord.") == (17, 23)


@pytest.mark.parametrize(
    ("quote", "verdict"),
    [
        ("s'élève à 20,9 milliards", QuoteVerdict.VERBATIM),
        ("Le canton de Vaud s'y oppose", QuoteVerdict.OTHER_RELEASE),
        ("L'accord entre en vigueur … du projet bat à Berne", QuoteVerdict.STITCHED),
        ("La directrice a déclaré le cœur du projet", QuoteVerdict.STITCHED),
        ("La directrice a démenti le projet", QuoteVerdict.FABRICATED),
        ("Le projet", QuoteVerdict.FABRICATED),
    ],
)
def test_a_quote_gets_its_verdict(quote: str, verdict: QuoteVerdict) -> None:
    """Verbatim, from another release, stitched from pieces and fabricated are told apart."""
    assert judge(quote, TEXT, ["Le canton de Vaud s’y oppose fermement."]) is verdict


def test_a_link_opens_the_release_at_the_quote() -> None:
    """A quote that stands once is given whole, with what the directive reads as its own signs encoded."""
    text = "Avant. Un quasi-accord, dit-elle, & rien d’autre. Après."
    start, end = text.index("Un"), text.index(" Après")

    link = text_fragment_link(URL, text, start, end)

    assert link is not None
    assert link.startswith(f"{URL}#:~:text=Un%20quasi%2Daccord%2C%20dit%2Delle%2C%20%26%20rien")
    assert unquote(link.split("text=")[1]) == text[start:end]


def test_a_short_quote_is_linked_with_its_surroundings() -> None:
    """Under twenty characters the words before and after go along, so that the browser finds the right place."""
    text = "Le commandement siège à Wiesbaden depuis septembre."
    start = text.index("Wiesbaden")

    link = text_fragment_link(URL, text, start, start + len("Wiesbaden"))

    assert link == f"{URL}#:~:text=commandement%20si%C3%A8ge%20%C3%A0-,Wiesbaden,-depuis%20septembre."


def test_a_quote_that_stands_twice_is_linked_to_its_own_place() -> None:
    """The words before it tell the second place from the first."""
    text = "Les ministres se réunissent à Bruxelles. À midi les ministres se réunissent à Bruxelles."
    quote = "les ministres se réunissent à Bruxelles."

    link = text_fragment_link(URL, text, text.index(quote), len(text))

    assert link is not None
    assert unquote(link).endswith("Bruxelles. À midi-,les ministres se réunissent à Bruxelles.")


def test_a_long_quote_is_linked_by_its_first_and_last_words() -> None:
    """Above three hundred characters, and over a paragraph's border, start and end are named, each in one paragraph."""
    text = "Premier alinéa qui commence ici et dure.\n\nSecond alinéa qui finit exactement là."

    link = text_fragment_link(URL, text, 0, len(text))

    assert link is not None
    start, end = unquote(link.split("text=")[1]).split(",")
    assert text.startswith(start)
    assert text.endswith(end)
    assert "\n" not in start + end


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://example.org/a.pdf", "https://example.org/a.pdf#page=2"),
        ("https://example.org/a.pdf#zoom=90", "https://example.org/a.pdf#zoom=90&page=2"),
        ("https://user:secret@example.org/a.pdf", None),
        (None, None),
    ],
)
def test_a_quote_in_a_pdf_is_linked_by_its_page(url: str | None, link: str | None) -> None:
    """No viewer of PDFs knows text fragments."""
    release = replace(stored("a", "The first page. The second page."), url=url, pages=(0, 16))

    assert quote_link(release, 16, 32) == link


def test_a_citation_names_its_page_wherever_it_goes() -> None:
    """In JSON and in print, and whether OCR has read it; a release without pages has none."""
    paged = replace(stored("a", "The first page. The second page."), pages=(0, 16), scanned=(2,))
    citation, plain = (Citation("1", "The second page.", 16, 32, release) for release in (paged, stored("a", "")))

    answer = replace(an_answer(text="Two. [1]", quote="The second page."), citations=(citation, plain))

    assert [page_label(one) for one in answer.citations] == ["p. 2 (OCR)", ""]
    assert [one["page"] for one in answer_payload(answer)["citations"]] == [2, None]


@pytest.mark.parametrize(("url", "link"), [(None, None), (URL + "?q=" + "x" * 500, URL + "?q=" + "x" * 500)])
def test_no_link_is_made_where_none_is_possible(url: str | None, link: str | None) -> None:
    """Without an address there is none; where it would pass 512 characters the plain address stays."""
    assert text_fragment_link(url, TEXT, 0, 20) == link


def test_an_address_with_a_fragment_keeps_it() -> None:
    """The text directive goes behind a fragment that the address has already."""
    link = text_fragment_link(f"{URL}#part", "Une phrase assez longue pour elle seule.", 0, 40)

    assert link is not None
    assert link.startswith(f"{URL}#part:~:text=Une%20phrase")


@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        ("20,9 MILLIARDS d'euros", True),
        ("entre en vigueur le 1\u00a0000", True),
        ("budg", True),
        ("efficacité du communiqué", True),
        ("21 milliards", False),
        ("", False),
        ("\u00ad", False),
    ],
)
def test_a_text_holds_a_string_however_it_is_spelt(wanted: str, held: bool) -> None:
    """Spelling is compared as for quotes, but a part of a word is enough; nothing is never held."""
    assert holds(wanted, TEXT) is held


def test_a_citation_without_an_address_leads_to_the_web_server() -> None:
    """To its version, at its place, whatever characters are in the id; one with an address is left as it is."""
    answer = an_answer(text="Words. [1]", quote="Words.")
    bare = replace(answer.citations[0], link=None, release=replace(answer.citations[0].release, id="a/b?c.md"))
    both = replace(answer, citations=(answer.citations[0], bare))

    links = [citation.link for citation in linked(both, "http://127.0.0.1:8000").citations]

    assert links == [
        "https://example.org/a",
        "http://127.0.0.1:8000/releases/a%2Fb%3Fc.md?version=1&start=0&end=6#quote",
    ]


def test_without_a_web_server_nothing_is_linked_to_it() -> None:
    """The answer is the same."""
    answer = an_answer(text="Words. [1]", quote="Words.")

    assert linked(answer, None) is answer


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://me:word@a.example/", "/etc/passwd", None]
)
def test_only_web_addresses_are_links(url: str | None) -> None:
    """A release may name anything as its own."""
    assert web_address(url) is None


@pytest.mark.parametrize(
    ("quote", "language", "marks"),
    [
        ("Oui.", "fr", ("«\u00a0", "\u00a0»")),
        ("Yes.", "en", ("“", "”")),
        ("Ja.", None, ("“", "”")),
        ("« Oui. »", "fr", ("", "")),
    ],
)
def test_a_quote_has_the_marks_of_its_language(quote: str, language: str | None, marks: tuple[str, str]) -> None:
    """Unless it brings its own."""
    assert quotation_marks(quote, language) == marks
