"""What trains, what chooses and what only measures."""

from __future__ import annotations

import pytest

from datasets.splits import chooses, clap_nq_measures, clap_nq_trains, fits, trains, written_chooses


def test_an_article_trains_fits_or_only_measures() -> None:
    """Articles fall in three parts that have nothing in common, about a quarter, a quarter and a half."""
    names = [f"Article {number}" for number in range(4_000)]

    fitting = [name for name in names if fits(name)]
    training = [name for name in names if trains(name) and not fits(name)]

    assert all(trains(name) for name in fitting)
    assert [len(part) / len(names) for part in (fitting, training)] == pytest.approx([0.25, 0.25], abs=0.03)


def test_few_articles_choose_between_readers() -> None:
    """One in thirty."""
    names = [f"Article {number}" for number in range(6_000)]

    assert sum(map(chooses, names)) / len(names) == pytest.approx(1 / 30, abs=0.01)


def test_every_question_of_clap_nq_either_trains_or_measures() -> None:
    """By turns."""
    questions = list(range(7))

    assert (clap_nq_trains(questions), clap_nq_measures(questions)) == ([0, 2, 4, 6], [1, 3, 5])


def test_every_tenth_written_document_chooses() -> None:
    """Beginning with the first."""
    assert [number for number in range(25) if written_chooses(number)] == [0, 10, 20]
