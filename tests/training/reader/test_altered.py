from __future__ import annotations

from dataclasses import replace

from training.reader.altered import SUBSET, altered
from training.reader.examples import Group, Passage

TOWNS = ("Norvale", "Estmere", "Quellin", "Brandt", "Ostling", "Mirefield", "Corvane", "Halden")


def group(town: str, year: int) -> Group:
    text = f"In {year} the town of {town} opened a harbour. It cost nothing."
    answer = Passage(f"A harbour for {town}", text, None, text.index("a harbour"), text.index("a harbour") + 9)
    return Group("written", town, f"What did the town of {town} open?", "", (answer,), (), None, "en")


def test_another_name_makes_a_question_that_its_document_does_not_answer() -> None:
    """The passage that answered the old one comes first: it is as near as one can be."""
    made = list(altered([group(town, 2020) for town in TOWNS] * 4))

    assert made
    for one in made:
        assert (one.subset, one.answers) == (SUBSET, ())
        assert one.others[0].start == -1
        assert one.document not in one.question
        assert any(town in one.question for town in TOWNS)


def test_another_year_does_so_too() -> None:
    """Unless the document knows it."""
    asked = [replace(one, question=f"What did {one.document} open in 2020?") for one in groups()]
    made = list(altered(asked))

    assert len(made) == len(asked)
    assert not any("2020" in one.question for one in made)


def groups() -> list[Group]:
    return [group(town, 2020) for town in TOWNS]
