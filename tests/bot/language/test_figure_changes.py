"""Figures of two sentences that measure the same, and those that may not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.answering.wording import figures_changed
from bot.language.figure_changes import figure_change, name_one_thing

SAME = [
    ("en", "The battlegroup has 4,000 troops.", "The battlegroup has 5,200 troops.", "4,000 → 5,200 (+30\u00a0%)"),
    ("en", "It has 32 members.", "It has 31 members.", "32 → 31 (−3.1\u00a0%)"),
    (
        "en",
        "The unemployment rate stood at 4.3 % in May 2024.",
        "The unemployment rate stood at 4.1% in June 2024.",
        "4.3 % → 4.1% (−0.2\u00a0points)",
    ),
    (
        "en",
        "The bank raised its key rate to 4 % on Thursday.",
        "The bank lowered its key rate to 3.75 % on Thursday.",
        "4 % → 3.75 % (−0.3\u00a0points)",
    ),
    (
        "en",
        "Spending on aid to Ukraine was €20 billion in 2023.",
        "Spending on aid to Ukraine was €25 billion in 2024.",
        "€20 billion → €25 billion (+25\u00a0%)",
    ),
    (
        "en",
        "The fund has committed €750m to 12 projects.",
        "The fund has committed €1.5bn to 12 projects.",
        "€750m → €1.5bn (+100\u00a0%)",
    ),
    (
        "en",
        "It made a profit of no euros; 1 ship sails.",
        "It made a profit of no euros; 12 ship sails.",
        "1 → 12 (+1,100\u00a0%)",
    ),
    (
        "fr",
        "L’entreprise emploie 4 000 personnes.",
        "L’entreprise emploie 5 217 personnes.",
        "4 000 → 5 217 (+30,4\u00a0%)",
    ),
    (
        "fr",
        "Le taux de chômage s’établit à 4,3 % en mai.",
        "Le taux de chômage s’établit à 5,3 % en juin.",
        "4,3 % → 5,3 % (+1\u00a0point)",
    ),
    (
        "fr",
        "Le chiffre d’affaires a augmenté de 3,2 % en 2023.",
        "Le chiffre d’affaires a augmenté de 5 % en 2024.",
        "3,2 % → 5 % (+1,8\u00a0point)",
    ),
]

OTHER = [
    ("en", "The battlegroup has more than 4,000 troops.", "The battlegroup has 5,200 troops."),
    ("en", "The battlegroup has about 4,000 troops.", "The battlegroup has about 5,200 troops."),
    ("en", "The battlegroup has 4,000 troops.", "The battlegroup will have 5,200 troops."),
    ("en", "The battlegroup has 4,000 troops in Latvia.", "The battlegroup has 5,200 troops in Estonia."),
    ("en", "The battlegroup has 4,000 troops.", "The battlegroup has 5,200 tanks."),
    ("en", "The battlegroup has 4,000 troops.", "The battlegroup has 3,000 to 5,200 troops."),
    ("en", "The battlegroup has 4,000 troops.", "The battlegroup has another 5,200 troops."),
    ("en", "The battlegroup has 4,000 troops.", "The battlegroup has 5,200 additional troops."),
    ("en", "The battlegroup has 4,000 troops.", "The battlegroup has not 5,200 troops."),
    ("en", "4,000 people were evacuated from the region.", "5,200 people were injured on the coast."),
    ("en", "It sold 4,000 cars in the first quarter.", "It sold 5,200 cars in 2024."),
    ("en", "It sold 4,000 cars in March 2024.", "It sold 5,200 cars in 2024."),
    ("en", "It employs 1.234 people.", "It employs 5,200 people."),
    ("en", "The unemployment rate rose by 0.3 % in June.", "The unemployment rate rose to 4.1 % in July."),
    ("en", "Turnover grew by 3 % in 2023.", "Turnover fell by 2 % in 2024."),
    ("en", "Article 5 was invoked.", "Article 6 was invoked."),
    ("en", "The 31st meeting took place.", "The 32nd meeting took place."),
    ("en", "The meeting took place on 3 May 2024.", "The meeting took place on 4 May 2024."),
    ("en", "It has 400 troops here and 70 troops there.", "It has 500 troops here and 80 troops there."),
    ("en", "Aid was €20 billion.", "Aid was $25 billion."),
    ("en", "The price was €20.", "The charge was €25."),
    ("fr", "L’entreprise emploie 4.000 personnes.", "L’entreprise emploie 5 200 personnes."),
    ("fr", "L’entreprise emploie 4 000 personnes.", "L’entreprise emploie 5 200 autres personnes."),
    ("fr", "Le chiffre d’affaires a augmenté de 3 % en 2023.", "Le chiffre d’affaires a augmenté à 5 % en 2024."),
    (None, "It has 32 members.", "It has 31 members."),
    ("de", "It has 32 members.", "It has 31 members."),
]


@pytest.mark.parametrize(("language", "earlier", "later", "told"), SAME)
def test_the_difference_is_worked_out_of_the_two_figures(language: str, earlier: str, later: str, told: str) -> None:
    """And told with both as they are spelt; of shares in points."""
    change = figure_change(earlier, later, language)

    assert change is not None
    before, after = earlier[slice(*change.before)], later[slice(*change.after)]
    assert figures_changed(before, after, change, language) == told


@pytest.mark.parametrize(("language", "earlier", "later"), OTHER)
def test_what_may_measure_something_else_is_left_alone(language: str | None, earlier: str, later: str) -> None:
    """Whichever comes first."""
    assert figure_change(earlier, later, language) is None
    assert figure_change(later, earlier, language) is None


@pytest.mark.parametrize(
    ("earlier", "later", "topic", "one"),
    [
        ("The battlegroup has 4,000 troops.", "The battlegroup has 5,200 troops.", "battlegroups", True),
        ("The force in Latvia has 4,000 troops.", "The force in Latvia has 5,200 troops.", "defence", True),
        ("The plant of Renault employs 4,000 people.", "The plant of Renault employs 5,200 people.", "jobs", True),
        ("The company employs 4,000 people.", "The company employs 5,200 people.", "jobs", False),
        ("The company had a profit of €4 billion.", "The company had a profit of €5 billion.", "profit", False),
        ("Its profit was €4 billion.", "Its profit was €5 billion.", "profit", False),
    ],
)
def test_two_sentences_say_what_they_are_about(earlier: str, later: str, topic: str, one: bool) -> None:
    """By a name, or in the words of the topic; "the company" may be another in another release."""
    assert name_one_thing(earlier, later, topic, "en") is one


def test_a_figure_that_stayed_is_told_from_none() -> None:
    """So that an older one is not compared in its place; one that changed comes first."""
    same = figure_change("It has 32 members.", "It has 32 members.", "en")
    both = figure_change("It has 32 members and 7 guests.", "It has 32 members and 9 guests.", "en")

    assert same is not None
    assert (same.difference, same.percent) == (0, 0)
    assert both is not None
    assert both.difference == 2


def test_the_difference_is_exact() -> None:
    """As decimals are, not as floats."""
    change = figure_change("The budget of the fund is €20.9 billion.", "The budget of the fund is €21.2 billion.", "en")

    assert change is not None
    assert change.difference == Decimal(300_000_000)
