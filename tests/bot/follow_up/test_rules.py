"""Follow-ups made to stand alone by rules, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answer import Citation, Refusal, Searched
from bot.conversation import Conversation
from bot.follow_up import Kind, follow
from tests.bot.releases import an_answer, stored

EN = "When did Sweden join the treaty?"
FR = "Quand la Suède a-t-elle rejoint le traité ?"


def after(*turns: tuple[str, str]) -> Conversation:
    """A conversation of questions that stood alone, each with the quote of its answer; an empty one was refused."""
    conversation = Conversation()
    for number, (question, quote) in enumerate(turns):
        release = stored(f"r{number}", quote, title=f"Release {number}")
        citation = Citation("1", quote, 0, len(quote), release)
        refusal = None if quote else Refusal("nothing", Searched(1), (release,))
        answer = an_answer(text=f"{quote} [1]", quote=quote, refusal=refusal)
        french = "fr" if "é" in question or "Q" in question[:1] else "en"
        cited = (citation,) if quote else ()
        answer = replace(answer, question=question, standalone_question=question, language=french, citations=cited)
        conversation = conversation.after(question, answer)
    return conversation


@pytest.mark.parametrize(
    ("before", "said", "alone"),
    [
        (EN, "And Finland?", "When did Finland join the treaty?"),
        (EN, "what about Denmark", "When did Denmark join the treaty?"),
        (EN, "Same for Norway?", "When did Norway join the treaty?"),
        (FR, "Et la Finlande ?", "Quand la Finlande a-t-elle rejoint le traité ?"),
        (FR, "et le Danemark", "Quand le Danemark a-t-il rejoint le traité ?"),
        ("How much did Sweden spend in 2023?", "and in 2024?", "How much did Sweden spend in 2024?"),
        ("Combien la Suède a-t-elle dépensé en 2023 ?", "Et en 2024 ?", "Combien la Suède a-t-elle dépensé en 2024 ?"),
        (
            "Quel est le chiffre d’affaires au premier semestre ?",
            "et pour le deuxième semestre ?",
            "Quel est le chiffre d’affaires au deuxième semestre ?",
        ),
        ("Who won the men's final?", "and the women's?", "Who won the women's final?"),
    ],
)
def test_an_ellipsis_takes_the_place_of_its_like(before: str, said: str, alone: str) -> None:
    """A country for a country, a year for a year, a period for a period; never both."""
    followed = follow(said, after((before, "Words.")), None)

    assert followed.kind is Kind.ELLIPSIS
    assert followed.question.replace("\u00a0", " ") in {alone, alone.replace("au deuxième", "pour le deuxième")}


@pytest.mark.parametrize(
    ("before", "quote", "said", "held"),
    [
        ("What is Baltic Sentry?", "Baltic Sentry guards cables.", "Who leads it?", "Baltic Sentry"),
        ("Who leads NATO?", "Secretary General Mark Rutte leads NATO.", "When did he start?", "Mark Rutte"),
        ("Qui dirige l’OTAN ?", "Le secrétaire général Mark Rutte la dirige.", "Quand a-t-il commencé ?", "Mark Rutte"),
        ("Where was the Vilnius summit held?", "It was held in Vilnius.", "Who chaired that summit?", "Vilnius summit"),
        ("Où a eu lieu le sommet de Vilnius ?", "À Vilnius.", "Qui présidait ce sommet ?", "sommet de Vilnius"),
        ("What is the Innovation Fund?", "A fund.", "Who chairs its board?", "Innovation Fund's board"),
        ("When did Sweden join?", "In 2024.", "Who lives there?", "Sweden"),
    ],
)
def test_a_pronoun_is_replaced_by_what_was_talked_about(before: str, quote: str, said: str, held: str) -> None:
    """The person, the thing, the event or the place; the releases of the last answer stay candidates."""
    followed = follow(said, after((before, quote)), None)

    assert followed.kind is Kind.PRONOUN
    assert held in followed.question
    assert followed.releases == ("r0",)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("tell me more", Kind.MORE),
        ("dis-m’en plus", Kind.MORE),
        ("go on", Kind.MORE),
        ("en savoir plus", Kind.MORE),
        ("yes", Kind.YES),
        ("oui, volontiers", Kind.YES),
        ("that's wrong", Kind.CHALLENGE),
        ("Non, c’est faux !", Kind.CHALLENGE),
        ("are you sure?", Kind.CHALLENGE),
    ],
)
def test_more_yes_and_a_challenge_ask_the_same_again(said: str, kind: Kind) -> None:
    """More leaves out what was shown; a challenge changes nothing."""
    followed = follow(said, after((EN, "Sweden joined in 2024.")), None)

    assert (followed.kind, followed.question, followed.releases) == (kind, EN, ("r0",))
    assert followed.leave_out == (() if kind is Kind.CHALLENGE else ("Sweden joined in 2024.",))


def test_yes_after_a_refusal_asks_what_the_nearest_releases_say() -> None:
    """They are what the refusal offered."""
    followed = follow("yes", after((EN, "")), None)

    assert followed.kind is Kind.YES
    assert "Release 0" in followed.question
    assert followed.releases == ("r0",)


@pytest.mark.parametrize("said", ["when was that?", "C’était quand ?", "on what date?"])
def test_when_asks_for_the_date_of_what_was_answered(said: str) -> None:
    """The question word changes, its subject stays."""
    followed = follow(said, after(("Where did Sweden sign the treaty?", "In Washington.")), None)

    assert followed.kind is Kind.WHEN
    assert "Sweden" in followed.question
    assert followed.question.lower().startswith("when")


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("forget that", ""),
        ("nouveau sujet", ""),
        ("start over", ""),
        ("Forget that. Who leads NATO?", "Who leads NATO?"),
        ("Changeons de sujet : qui dirige l’OTAN ?", "qui dirige l’OTAN ?"),
    ],
)
def test_a_reset_forgets_and_the_rest_is_a_question(said: str, rest: str) -> None:
    """Nothing of the old subject is left."""
    followed = follow(said, after((EN, "Words.")), None)

    assert (followed.kind, followed.question, followed.releases) == (Kind.RESET, rest.rstrip("\u00a0 ?"), ())


@pytest.mark.parametrize("said", ["thanks", "merci beaucoup", "ok, great, thank you!", "parfait"])
def test_thanks_ask_nothing(said: str) -> None:
    """With a conversation or without."""
    for conversation in (Conversation(), after((EN, "Words."))):
        assert follow(said, conversation, None).kind is Kind.THANKS
        assert follow(said, conversation, None).question == ""


@pytest.mark.parametrize(
    ("said", "alone"),
    [
        ("no, I meant Finland", "When did Finland join the treaty?"),
        ("I mean Finland", "When did Finland join the treaty?"),
        ("not Sweden but Finland", "When did Finland join the treaty?"),
        ("sorry, Finland", "When did Finland join the treaty?"),
    ],
)
def test_a_correction_exchanges_the_part(said: str, alone: str) -> None:
    """The question stays, its wrong part goes."""
    followed = follow(said, after((EN, "Words.")), None)

    assert (followed.kind, followed.question) == (Kind.CORRECTION, alone)


@pytest.mark.parametrize(
    "said",
    [
        "Who is the Secretary General of NATO?",
        "How many frigates did Norway order from Britain?",
        "Quelle est la capitale du Pérou ?",
        "Which ministers attended the budget meeting on Tuesday?",
        "Pourquoi le prix du gaz a-t-il augmenté en 2022 ?",
    ],
)
def test_a_new_question_takes_nothing_along(said: str) -> None:
    """A change of subject is one: its words are its own."""
    followed = follow(said, after((EN, "Sweden joined in 2024.")), None)

    assert (followed.kind, followed.question, followed.releases) == (Kind.NEW, said, ())


def test_the_first_question_is_new_whatever_it_is() -> None:
    """There is nothing to lean on."""
    followed = follow("And Japan?", Conversation(), None)

    assert (followed.kind, followed.question) == (Kind.NEW, "And Japan?")


@pytest.mark.parametrize("said", ["the second one", "le deuxième", "tell me about the second release"])
def test_a_number_picks_a_release(said: str) -> None:
    """Of those that the last answer quotes."""
    conversation = after((EN, "Sweden joined in 2024."))
    other = Citation("2", "More.", 0, 5, stored("r9", "More.", title="Another"))
    last = conversation.turns[-1]
    both = replace(last, answer=replace(last.answer, citations=(*last.answer.citations, other)))

    followed = follow(said, Conversation((both,)), None)

    assert followed.releases == ("r9",)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("said", ["and " * 2_000, "non, " * 2_000, "a" * 10_000, "?" * 5_000, "the summit of " * 700])
def test_odd_follow_ups_take_no_long_time(said: str) -> None:
    """Whatever is typed, something stands alone."""
    assert follow(said, after((EN, "Words.")), None).kind in Kind
