from __future__ import annotations

import pytest

from bot.extract.asked import AskedFor, agreement, asked_for, counted
from bot.extract.terms import surfaces


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Combien d'euros ont été versés ?", AskedFor.MONEY),
        ("Combien d’euros ont été versés ?", AskedFor.MONEY),
        ("Quelle somme a été promise ?", AskedFor.MONEY),
        ("What amount was pledged?", AskedFor.MONEY),
        ("How much will the bridge cost?", AskedFor.MONEY),
        ("How much did exports rise?", AskedFor.AMOUNT),
        ("De combien le trafic baisserait-il ?", AskedFor.AMOUNT),
        ("Quelle part du budget va aux routes ?", AskedFor.SHARE),
        ("What percentage voted?", AskedFor.SHARE),
        ("How long did the vote last?", AskedFor.DURATION),
        ("Pendant combien de temps a-t-il présidé ?", AskedFor.DURATION),
        ("How long is the border?", AskedFor.MEASURE),
        ("Quelle est la longueur du tunnel ?", AskedFor.DISTANCE),
        ("Quelle est la population de Berne ?", AskedFor.NUMBER),
        ("Comment s'appelle la ministre ?", AskedFor.PERSON),
        ("Combien de pays ont signé ?", AskedFor.NUMBER),
        ("How many countries signed?", AskedFor.NUMBER),
        ("Quand le traité entre-t-il en vigueur ?", AskedFor.DATE),
        ("In what year was it signed?", AskedFor.DATE),
        ("Où se trouve le siège ?", AskedFor.PLACE),
        ("ou se trouve le siege ?", AskedFor.PLACE),
        ("D'où vient la délégation ?", AskedFor.PLACE),
        ("Where is the seat?", AskedFor.PLACE),
        ("Quels pays ont signé ?", AskedFor.PLACE),
        ("Qui a signé ?", AskedFor.PERSON),
        ("Who signed?", AskedFor.PERSON),
        ("Pourquoi le vote a-t-il été repoussé ?", AskedFor.REASON),
        ("À qui le prix a-t-il été remis ?", AskedFor.PERSON),
        ("Qui parlait quand la séance a été levée ?", AskedFor.PERSON),
        ("Qu'est-ce qui retarde le projet ?", AskedFor.OTHER),
        ("Quel est le service qui a fait appel ?", AskedFor.OTHER),
        ("What did those who signed demand?", AskedFor.OTHER),
        ("Que fait la commission ?", AskedFor.OTHER),
        ("", AskedFor.OTHER),
    ],
)
def test_a_question_tells_what_kind_of_thing_it_asks_for(question: str, kind: AskedFor) -> None:
    """French and English, with and without accents."""
    assert asked_for(question) is kind


@pytest.mark.parametrize(
    ("kind", "sentence", "agrees"),
    [
        (AskedFor.MONEY, "Le fonds reçoit 3,5\u00a0millions de francs.", 1),
        (AskedFor.MONEY, "It costs €40 a year.", 1),
        (AskedFor.MONEY, "Le fonds compte 12 membres.", 0),
        (AskedFor.NUMBER, "Trois pays ont signé.", 1),
        (AskedFor.NUMBER, "Plusieurs pays ont signé.", 0),
        (AskedFor.NUMBER, "Elle a signé en 2024.", 0),
        (AskedFor.SHARE, "Elle reçoit 5 % du budget.", 1),
        (AskedFor.SHARE, "Elle reçoit 5 millions.", 0),
        (AskedFor.DURATION, "The vote lasted three hours.", 1),
        (AskedFor.AMOUNT, "Exports rose by a third.", 1),
        (AskedFor.DATE, "It opens on 3 May.", 1),
        (AskedFor.DATE, "It opens soon.", 0),
        (AskedFor.PLACE, "Le siège se trouve à Lausanne.", 1),
        (AskedFor.PLACE, "Le siège est grand.", 0),
        (AskedFor.PERSON, "The chair, Ann Lee, agreed.", 1),
        (AskedFor.PERSON, "The chair agreed.", 0),
        (AskedFor.OTHER, "The chair, Ann Lee, paid €40.", 0),
    ],
)
def test_a_sentence_agrees_where_it_holds_what_is_asked_for(kind: AskedFor, sentence: str, agrees: float) -> None:
    """A number for "how many", a currency for a sum, a name for "who"."""
    assert agreement(kind, sentence, frozenset()) == agrees


def test_what_the_question_said_itself_is_no_answer() -> None:
    """A sentence that only repeats the question's number or name brings nothing new."""
    asked = frozenset(surfaces("Combien de pays la réunion de 2024 à Berne comptait-elle ?"))

    assert agreement(AskedFor.NUMBER, "La réunion de 2024 fut longue.", asked) == 0
    assert agreement(AskedFor.PLACE, "La réunion a eu lieu à Berne.", asked) == 0


def test_a_count_of_what_was_asked_for_fits_best() -> None:
    """Who asks for soldiers is answered by soldiers, nearly as well by troops, and by ships only at need."""
    things = counted("How many soldiers took part?")

    exact, alike, other = (
        agreement(AskedFor.NUMBER, f"Some 900 {thing} took part.", frozenset(), things)
        for thing in ("soldiers", "troops", "ships")
    )

    assert 1 == exact > alike > other > 0
