"""Sentences of a language model on true quotes, through the socket: what a person sees of each.

One release holds all that is quoted; it was published on Tuesday 30 September 2025.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.chat_server.fixture import chat_server

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli
    from tests.chat_server.script import Request
    from tests.chat_server.server import ChatServer

__all__ = ["chat_server"]

BODY = """\
Norway has ordered five frigates from Britain and will pay 10 billion pounds for them.

The contract was signed yesterday.

The first ship arrives in 2029. Oslo may order three more if Parliament approves the budget.

The exports of the yard rose by 12 per cent last year, while its imports fell by 4 per cent.

More than 120 sailors will move to Glasgow in spring. Half of the crew are conscripts. The ceremony begins at 2.30 pm.

Denmark, Sweden and Finland have sent officers. Greece has not sent any.

“The crews begin their training in spring,” said Tore Sandvik, the Minister of Defence.

He denied that the ships are late.

The government plans to close the base at Ramsund. The World Health Organization was not consulted.
"""
QUESTION = "What has Norway ordered from Britain?"
FRENCH = "Qu’est-ce que la Norvège a commandé à la Grande-Bretagne ?"

ORDER = "Norway has ordered five frigates from Britain and will pay 10 billion pounds for them."
SIGNED = "The contract was signed yesterday."
FIRST = "The first ship arrives in 2029."
MORE = "Oslo may order three more if Parliament approves the budget."
TRADE = "The exports of the yard rose by 12 per cent last year, while its imports fell by 4 per cent."
SAILORS = "More than 120 sailors will move to Glasgow in spring."
HALF = "Half of the crew are conscripts."
BEGINS = "The ceremony begins at 2.30 pm."
OFFICERS = "Denmark, Sweden and Finland have sent officers."
GREECE = "Greece has not sent any."
SPOKEN = "“The crews begin their training in spring,” said Tore Sandvik, the Minister of Defence."
PASSES = pytest.mark.xfail(reason="the reader takes it for borne out", strict=True)
DENIED = "He denied that the ships are late."
BASE = "The government plans to close the base at Ramsund."
WHO = "The World Health Organization was not consulted."


@pytest.fixture
def home(cli: Cli, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("COMMUNIQUE_MODEL__BASE_URL", chat_server.base_url)
    row = {"id": "frigates", "title": "Norway orders five frigates from Britain", "body": BODY, "date": "2025-09-30"}
    cli.write_lines("one.jsonl", {**row, "url": "https://example.org/frigates", "language": "en"})
    assert cli.run("ingest", "releases").exit_code == 0
    return cli


def shown(home: Cli, chat_server: ChatServer, sentence: str, quote: str, question: str = QUESTION) -> bool:
    """Whether a person sees the sentence, which the model writes twice where it is asked to mend it."""

    def said(request: Request) -> str:
        blocks = request.messages[1][1].split("key: ")[1:]
        return json.dumps({"sentence": sentence, "key": blocks[0][:4], "quote": quote})

    chat_server.replies(said, forever=True)
    result = home.run("ask", question, "--model", "openai:test")
    assert result.exit_code == 0
    return " ".join(sentence.split()) in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Norway ordered five frigates from the United Kingdom for ten billion pounds.", ORDER),
        ("The British ships cost Norway £10bn.", ORDER),
        ("The contract was signed on 29 September 2025.", SIGNED),
        ("The yard’s exports grew by 12 % in 2024.", TRADE),
        ("50 per cent of the crew are conscripts.", HALF),
        ("The ceremony starts at 14:30.", BEGINS),
        ("Three countries have sent officers.", OFFICERS),
        ("No officers came from Greece.", GREECE),
        ("Tore Sandvik said that the crews begin their training in spring.", SPOKEN),
        ("According to the Minister of Defence, the crews begin their training in spring.", SPOKEN),
        ("The government intends to close the base at Ramsund.", BASE),
        ("Norway may order three more ships if Parliament approves the budget.", MORE),
        ("The WHO was not consulted.", WHO),
    ],
)
def test_what_the_quote_bears_out_is_shown(home: Cli, chat_server: ChatServer, sentence: str, quote: str) -> None:
    """In other words, other spellings of figures, with what the day of publication adds."""
    assert shown(home, chat_server, sentence, quote)


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("La Norvège a commandé cinq frégates au Royaume-Uni.", ORDER),
        ("Le contrat a été signé le 29 septembre 2025.", SIGNED),
        ("La moitié de l’équipage est formée de conscrits.", HALF),
        ("La cérémonie commence à 14 h 30.", BEGINS),
        ("L’OMS n’a pas été consultée.", WHO),
        ("La Grèce n’a envoyé personne.", GREECE),
    ],
)
def test_what_the_quote_bears_out_is_shown_in_another_language(
    home: Cli, chat_server: ChatServer, sentence: str, quote: str
) -> None:
    """Names, figures and hours as the other language has them."""
    assert shown(home, chat_server, sentence, quote, FRENCH)


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        pytest.param("Norway ordered six frigates from Britain.", ORDER, id="figure"),
        pytest.param(
            "The yard’s exports rose by 4 per cent and its imports fell by 12 per cent.",
            TRADE,
            id="swapped",
            marks=pytest.mark.xfail(strict=False, reason="so near the bound that processors differ"),
        ),
        pytest.param("Norway will pay 10 billion euros for the frigates.", ORDER, id="currency"),
        pytest.param("Norway will pay 10 million pounds for the frigates.", ORDER, id="scale"),
        pytest.param("The yard’s exports rose by 12 percentage points last year.", TRADE, id="points"),
        pytest.param("The yard’s exports fell by 12 per cent last year.", TRADE, id="opposite", marks=PASSES),
        pytest.param("The first ship arrives in 2030.", FIRST, id="year"),
        pytest.param("The contract was signed on 29 August 2025.", SIGNED, id="month"),
        pytest.param("The contract was signed on 29 September 2024.", SIGNED, id="year of publication"),
        pytest.param("Fewer than 120 sailors will move to Glasgow.", SAILORS, id="bound"),
        pytest.param("The ceremony starts at 15:30.", BEGINS, id="hour"),
        pytest.param("Greece has sent officers.", GREECE, id="denial dropped"),
        pytest.param("Norway has not ordered any frigates from Britain.", ORDER, id="denied"),
        pytest.param("Norway will order three more frigates.", MORE, id="may and if", marks=PASSES),
        pytest.param("The government has closed the base at Ramsund.", BASE, id="plan for fact"),
        pytest.param("The ships are late.", DENIED, id="what was denied"),
        pytest.param("Jens Stoltenberg said that the crews begin their training in spring.", SPOKEN, id="speaker"),
        pytest.param("Denmark has ordered five frigates from Britain.", ORDER, id="country"),
        pytest.param("Norway ordered the frigates because of the war in Ukraine.", ORDER, id="cause"),
    ],
)
def test_what_the_quote_does_not_bear_out_is_not_shown(
    home: Cli, chat_server: ChatServer, sentence: str, quote: str
) -> None:
    """One thing is wrong with each; the release's own sentence comes instead."""
    assert not shown(home, chat_server, sentence, quote)


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        pytest.param("La Norvège a commandé six frégates au Royaume-Uni.", ORDER, id="chiffre", marks=PASSES),
        pytest.param("La Norvège paiera 10 milliards d’euros.", ORDER, id="monnaie"),
        pytest.param("Les exportations du chantier ont baissé de 12 %.", TRADE, id="contraire", marks=PASSES),
        pytest.param("La Grèce a envoyé des officiers.", GREECE, id="négation"),
        pytest.param("Le Danemark a commandé cinq frégates au Royaume-Uni.", ORDER, id="pays"),
        pytest.param("La cérémonie commence à 15 h 30.", BEGINS, id="heure"),
    ],
)
def test_what_the_quote_does_not_bear_out_is_not_shown_in_another_language(
    home: Cli, chat_server: ChatServer, sentence: str, quote: str
) -> None:
    """The same across languages."""
    assert not shown(home, chat_server, sentence, quote, FRENCH)
