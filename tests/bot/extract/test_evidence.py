from __future__ import annotations

import pytest

from bot.extract import extract
from bot.extract.evidence import Bounds, prefer_language
from bot.extract.sentences import sentences_of
from tests.bot.hits import a_hit, a_stored_release

BRIDGE = a_stored_release(
    "bridge",
    "Le nouveau pont sur la Sarine a été inauguré mardi à Fribourg.\n\n"
    "Sa construction a coûté 59,4\u00a0millions de francs, soit 12\u00a0% de moins que prévu. "
    "Elle a duré quatre ans.\n\n"
    "« C’est un grand jour », a déclaré la syndique Anne Rochat, qui présidait la cérémonie. "
    "Elle a ajouté que le trafic baisserait de moitié au centre-ville.",
    title="Un pont pour Fribourg",
)
TRAM = a_stored_release("tram", "Le tram de Berne roulera la nuit dès juin. Le billet reste au même prix.")
HITS = (a_hit(BRIDGE), a_hit(TRAM, 2))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Combien de francs la construction du pont a-t-elle coûté ?", "59,4\u00a0millions de francs"),
        ("Où le nouveau pont a-t-il été inauguré ?", "mardi à Fribourg"),
        ("Qui présidait la cérémonie ?", "Anne Rochat"),
        ("qui presidait la ceremonie", "Anne Rochat"),
        ("Quand le tram de Berne roulera-t-il la nuit ?", "dès juin"),
    ],
)
def test_the_sentence_that_answers_is_quoted_exactly(question: str, expected: str) -> None:
    """The quote holds the answer and stands in its release, character for character."""
    evidence = extract(question, HITS, language="fr")

    first = evidence.citations[0]
    assert any(expected in citation.quote for citation in evidence.citations)
    assert all(one.release.text[one.start : one.end] == one.quote for one in evidence.citations)
    assert first.link is not None
    assert first.link.startswith(f"{first.release.url}#:~:text=")


def test_the_shown_text_is_the_quotes_each_with_its_key() -> None:
    """Keys count from 1 in the order shown, and every citation appears."""
    evidence = extract("Combien la construction a-t-elle coûté et combien a-t-elle duré ?", HITS, language="fr")

    assert 1 <= len(evidence.citations) <= 3
    assert [citation.key for citation in evidence.citations] == [str(n + 1) for n in range(len(evidence.citations))]
    assert evidence.text == " ".join(f"{citation.quote} [{citation.key}]" for citation in evidence.citations)


def test_notes_of_a_release_are_no_keys_in_the_text() -> None:
    """They stand in parentheses there; the citation has them as the release has."""
    noted = a_stored_release("noted", "[2] Le port de Sète ouvre mardi [3, 4] et ferme « lundi » [\u200b5].")

    evidence = extract("Quand le port de Sète ouvre-t-il ?", (a_hit(noted),), language="fr")

    assert evidence.text == "(2) Le port de Sète ouvre mardi (3, 4) et ferme « lundi » (5). [1]"
    assert evidence.citations[0].quote == noted.text


def test_a_sentence_that_leans_on_the_one_before_brings_it() -> None:
    """« Elle a ajouté » says who only with the sentence before it; both are shown as the release has them."""
    evidence = extract("De combien le trafic baisserait-il au centre-ville ?", HITS, language="fr")

    quotes = [citation.quote for citation in evidence.citations]
    assert "Anne Rochat" in quotes[0]
    assert quotes[1].startswith("Elle a ajouté")


@pytest.mark.parametrize(
    "question", ["Qui a remporté le championnat de hockey ?", "Quel est le prix du pétrole ?", "le la les de ?", "???"]
)
def test_nothing_is_quoted_where_nothing_fits(question: str) -> None:
    """Hits that do not hold the answer give no citation, but the nearest releases."""
    evidence = extract(question, HITS, language="fr")

    assert evidence.citations == ()
    assert evidence.confidence < Bounds().answered_from
    assert evidence.nearest == (BRIDGE, TRAM)


def test_words_that_were_not_found_are_named() -> None:
    """What the nearest passage lacks is told as the person wrote it."""
    evidence = extract("Quel est le prix du pont de Zurich ?", HITS[:1], language="fr")

    assert "Zurich" in evidence.missing


def test_only_names_and_nouns_are_named_as_missing_in_the_person_s_spelling() -> None:
    """Compounds stay whole; verbs and words of asking are left out."""
    evidence = extract("Quel montant doit financer le tunnel italo-suisse ?", HITS[:1], language="fr")

    assert "tunnel" in evidence.missing
    assert not {"montant", "doit", "financer", "italo"} & set(evidence.missing)


def test_the_release_about_the_name_wins() -> None:
    """Two releases say the same of two countries; typed in lower case, the country still decides."""
    finland = a_stored_release("fi", "La Finlande a rejoint l’Alliance le 4 avril 2023.", title="La Finlande adhère")
    sweden = a_stored_release(
        "se", "La Suède est devenue membre de l’Alliance le 7 mars 2024.", title="La Suède adhère"
    )

    evidence = extract("quand la finlande est elle devenue membre", (a_hit(sweden), a_hit(finland, 2)), language="fr")

    assert [one.release.id for one in evidence.citations] == ["fi"]


def test_a_question_for_a_quantity_is_not_answered_without_one() -> None:
    """The sentence is about the thing, but says no number."""
    evidence = extract("Combien de billets le tram de Berne a-t-il vendus ?", HITS[1:], language="fr")

    assert evidence.citations == ()
    assert evidence.confidence < Bounds().answered_from


def test_without_hits_there_is_no_evidence() -> None:
    """An empty search gives empty evidence and no trust."""
    evidence = extract("Qui présidait la cérémonie ?", (), language="fr")

    assert (evidence.citations, evidence.confidence, evidence.nearest) == ((), 0.0, ())


@pytest.mark.parametrize(("language", "quoted"), [("fr", "fr-text"), ("en", "en-text")])
def test_of_two_languages_of_a_release_the_question_s_is_quoted(language: str, quoted: str) -> None:
    """The twin in the question's language takes the place of the one that was ranked before it."""
    french = a_stored_release("fr-text", "Wiesbaden accueille l’OTAN.", language="fr", pair="one")
    english = a_stored_release("en-text", "Wiesbaden hosts NATO.", language="en", pair="one")
    hits = (a_hit(english), a_hit(french, 2)) if language == "fr" else (a_hit(french), a_hit(english, 2))

    kept = prefer_language(hits, language)

    assert [(hit.release.id, hit.score) for hit in kept] == [(quoted, hits[0].score)]


def test_releases_without_a_twin_keep_both_languages() -> None:
    """Only twins replace each other; other releases in another language stay."""
    english = a_stored_release("alone", "Wiesbaden hosts NATO.", language="en", pair="two")
    hits = (a_hit(english), a_hit(BRIDGE, 2))

    assert prefer_language(hits, "fr") == hits


def test_the_paragraph_beside_a_hit_is_read_too() -> None:
    """The answer may stand just outside the passage that matched."""
    end = BRIDGE.text.index("\n\n")

    found = sentences_of([a_hit(BRIDGE, end=end)])

    texts = [sentence.text for sentence in found]
    assert texts[0].startswith("Le nouveau pont")
    assert "Elle a duré quatre ans." in texts
    assert not any("Anne Rochat" in text for text in texts)


def test_a_sentence_in_two_hits_is_read_once() -> None:
    """Overlapping passages of one release do not double what they share."""
    found = sentences_of([a_hit(BRIDGE), a_hit(BRIDGE, 2, end=40)])

    starts = [sentence.start for sentence in found]
    assert len(starts) == len(set(starts))
    assert all(BRIDGE.text[one.start : one.end] == one.text for one in found)
