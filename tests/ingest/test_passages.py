from __future__ import annotations

import gzip
import json
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.passages import HARD_LIMIT, length_cost, split_release
from tests.shared_data import shared
from vectorstore.types import Release

SENTENCE = "Le Conseil a pris une décision importante pour les communes du pays. "


def _release(*body: str, lead: str | None = None, language: str | None = "fr") -> Release:
    return Release(id="r1", title="Titre", body=body, source="test", lead=lead, language=language)


def test_a_short_release_is_one_passage() -> None:
    """What fits is kept together, with the blank lines between its paragraphs."""
    release = _release("Un paragraphe.", "Un autre.", lead="Le chapeau.")

    passages = split_release(release)

    assert [passage.text for passage in passages] == ["Le chapeau.\n\nUn paragraphe.\n\nUn autre."]
    assert (passages[0].start, passages[0].end, passages[0].release_id) == (0, len(release.text), "r1")


def test_a_release_of_a_title_alone_is_one_passage() -> None:
    """A release without a body can still be found and quoted by its title."""
    assert [passage.text for passage in split_release(_release())] == ["Titre"]


def test_passages_end_with_sentences() -> None:
    """A long paragraph is cut between sentences into passages near the size."""
    passages = split_release(_release((SENTENCE * 30).strip()), size=300)

    assert len(passages) >= 6
    assert all(passage.text.endswith("pays.") and 140 < len(passage.text) <= 300 for passage in passages)


def test_passages_break_between_paragraphs_where_they_can() -> None:
    """Two paragraphs that do not fit together are two passages, cut at the blank line."""
    paragraph = (SENTENCE * 6).strip()

    passages = split_release(_release(paragraph, paragraph + " Fin."), size=600)

    assert [passage.text for passage in passages] == [paragraph, paragraph + " Fin."]


def test_a_heading_stays_with_what_it_heads() -> None:
    """No passage ends with a heading."""
    paragraph = (SENTENCE * 7).strip()

    passages = split_release(_release(paragraph, "Suite des travaux", paragraph), size=600)

    assert [passage.text.startswith("Suite") for passage in passages] == [False, True]


def test_a_last_scrap_joins_its_neighbour() -> None:
    """A few words at the end do not become a passage of their own."""
    paragraph = (SENTENCE * 8).strip()

    passages = split_release(_release(paragraph, "Berne, le 3 mai."), size=600)

    assert min(len(passage.text) for passage in passages) > 100


def test_a_quotation_is_never_cut() -> None:
    """A quotation of several sentences longer than the size stays in one passage."""
    quotation = f"« {SENTENCE * 8}»"

    passages = split_release(_release(SENTENCE * 3 + quotation + " " + SENTENCE * 3), size=300)

    assert sum(quotation in passage.text for passage in passages) == 1


def test_a_long_sentence_stays_whole_up_to_the_hard_limit() -> None:
    """A sentence of twice the size is one passage."""
    sentence = "Il y a " + "des mots, " * 55 + "enfin."

    assert [passage.text for passage in split_release(_release(sentence), size=300)] == [sentence]


def test_an_endless_sentence_is_cut_at_its_marks() -> None:
    """Beyond the hard limit a sentence is cut behind a comma and nothing is lost."""
    sentence = "Il y a " + "des mots, " * 300 + "enfin."

    texts = [passage.text for passage in split_release(_release(sentence), size=200)]

    assert all(len(text) <= HARD_LIMIT * 200 for text in texts)
    assert all(text.endswith(",") for text in texts[:-1])
    assert " ".join(texts) == sentence


def test_text_without_a_space_is_cut_all_the_same() -> None:
    """A run of characters that offers no place to cut does not break the size."""
    texts = [passage.text for passage in split_release(_release("x" * 1000), size=100)]

    assert "".join(texts) == "x" * 1000
    assert max(map(len, texts)) <= HARD_LIMIT * 100


def test_words_without_end_are_joined_to_passages_of_the_size() -> None:
    """Where thousands of sentences are a word each, they are weighed in pieces, and nothing is lost."""
    release = _release(("Oui. Non. " * 8_000).strip())

    texts = [passage.text for passage in split_release(release, size=600)]

    assert all(500 < len(text) < 700 for text in texts[1:])
    assert " ".join(" ".join(texts).split()) == " ".join(release.text.split())


def test_each_border_is_weighed_against_few_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a length is worked out once, not for each of the ways to join the sentences of a release."""
    weighed: list[int] = []

    def counted(length: int, size: int) -> float:
        weighed.append(length)
        return length_cost(length, size)

    monkeypatch.setattr("ingest.passages.length_cost", counted)
    split_release(_release(("Oui. Non. " * 2_000).strip()), size=599)

    assert len(weighed) < 1_000


def test_equal_passages_have_ids_of_their_own() -> None:
    """The same words twice in a release are two passages with two ids, the same in every run."""
    release = _release(*[(SENTENCE * 8).strip()] * 3)

    ids = [passage.id for passage in split_release(release)]

    assert len(set(ids)) == 3
    assert ids == [passage.id for passage in split_release(release)]


def test_a_paragraph_added_at_the_end_keeps_the_first_passages() -> None:
    """Ids follow the text, so an addition leaves the passages far before it as they were."""
    body = [(SENTENCE * n).strip() for n in (7, 8, 7, 8)]

    before = [passage.id for passage in split_release(_release(*body))]
    after = [passage.id for passage in split_release(_release(*body, "Un ajout. " * 30))]

    assert after[:3] == before[:3]


_paragraphs = st.text(alphabet=st.sampled_from(list('abÉ.!?,; «»“”"\n\u00a0')), min_size=1, max_size=200)


@given(st.lists(_paragraphs.filter(str.strip), max_size=6), st.integers(min_value=5, max_value=120))
def test_passages_cover_all_and_offsets_are_exact(body: list[str], size: int) -> None:
    """Whatever the text: exact offsets, in order, unique ids, and nothing but space left out."""
    release = _release(*body)

    passages = split_release(release, size=size)

    assert all(release.text[passage.start : passage.end] == passage.text for passage in passages)
    assert "".join("".join(passage.text for passage in passages).split()) == "".join(release.text.split())
    assert len({passage.id for passage in passages}) == len(passages)
    assert [passage.start for passage in passages] == sorted(passage.start for passage in passages)


@pytest.mark.data
def test_real_releases_are_split_near_the_size() -> None:
    """On real releases hardly any passage is a scrap or oversized, and nothing is lost."""
    with gzip.open(shared("releases/swiss_2018-2022.fr.jsonl.gz"), "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in islice(lines, 300)]

    lengths = [
        len(passage.text)
        for record in records
        for passage in split_release(_release(*record["body"].split("\n"), lead=record["lead"] or None))
    ]

    assert sum(100 <= length <= 750 for length in lengths) > 0.99 * len(lengths)
