"""`communique ask --model`, through the socket: what a person sees on the provider's good and bad days."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from bot.wiring import opened
from tests.chat_server.fixture import chat_server
from tests.chat_server.script import Script

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli
    from tests.chat_server.script import Request, Written
    from tests.chat_server.server import ChatServer

__all__ = ["chat_server"]

QUESTION = "How many frigates did Norway order from Britain?"
SENTENCE = "Norway ordered five frigates from Britain."
QUOTE = "Norway has ordered five frigates from Britain"
EXTRACTED = "“Norway has ordered five frigates from Britain, and will pay 10 billion pounds for them.” [1]\n"
WITHOUT = "Without the language model"


@pytest.fixture
def home(cli: Cli, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Two releases, and a provider on the loopback."""
    for name, value in {"BASE_URL": chat_server.base_url, "ATTEMPTS": "2"}.items():
        monkeypatch.setenv(f"COMMUNIQUE_MODEL__{name}", value)
    cli.write_lines(
        "two.jsonl",
        {
            "id": "frigates",
            "url": "https://example.org/frigates",
            "title": "Norway orders frigates",
            "body": "Norway has ordered five frigates from Britain, and will pay 10 billion pounds for them.\n\n"
            "The first ship arrives in 2029. It will be built in Glasgow.",
            "date": "2025-08-31",
            "language": "en",
        },
        {
            "id": "frigates.2",
            "url": "https://example.org/sailors",
            "title": "Norway trains crews for its frigates from Britain",
            "body": "Some 120 sailors from Norway will learn to sail the frigates in Britain. They leave in spring.",
            "date": "2025-09-20",
            "language": "en",
        },
    )
    assert cli.run("ingest", "releases").exit_code == 0
    return cli


def asked(home: Cli, *options: str) -> str:
    """What `ask` prints for a person."""
    result = home.run("ask", QUESTION, "--model", "openai:test", *options)
    assert result.exit_code == 0
    return result.stdout


def key_of(request: Request, words: str) -> str:
    """The key of the passage that holds these words, as the model reads it."""
    blocks = request.messages[1][1].split("key: ")[1:]
    return next(block[:4] for block in blocks if words in block)


def line(sentence: str, key: str, quote: str) -> str:
    return json.dumps({"sentence": sentence, "key": key, "quote": quote}) + "\n"


def says(sentence: str = SENTENCE, quote: str = QUOTE, *, of: str = "five frigates") -> Written:
    """A reply of one sentence, with the key of the passage that holds `of`."""
    return lambda request: line(sentence, key_of(request, of), quote)


def test_an_answer_is_the_models_with_a_checked_quote(home: Cli, chat_server: ChatServer) -> None:
    """Its words, the release's quote under them, and what it took."""
    chat_server.replies(says())

    shown = asked(home)

    assert shown.startswith(f"{SENTENCE} [1]\n")
    assert f"“{QUOTE}”" in shown
    assert "https://example.org/frigates" in shown
    assert re.search(r"openai:test: \d+ \+ \d+ tokens", shown)
    assert WITHOUT not in shown


def test_checked_sentences_stream_while_the_model_still_writes(home: Cli, chat_server: ChatServer) -> None:
    """Each stage holds the one before; the first comes before the reply has ended."""
    second = "The first ship arrives in 2029."

    def both(request: Request) -> str:
        return says()(request) + line(second, key_of(request, "2029"), "The first ship arrives in 2029")

    chat_server.plays(Script(written=both, delay=0.02))
    with opened(home.folder / "home", model="openai:test") as built:
        stages = list(built.answerer.stream(QUESTION))

    texts = list(dict.fromkeys(stage.text for stage in stages))
    assert texts == [f"{SENTENCE} [1]", f"{SENTENCE} [1] {second} [2]"]
    assert [stage.finished for stage in stages][-2:] == [False, True]


def test_the_json_tells_model_and_usage(home: Cli, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens as the provider counts them, and their price."""
    monkeypatch.setenv("COMMUNIQUE_MODEL__INPUT_PRICE", "2")
    monkeypatch.setenv("COMMUNIQUE_MODEL__OUTPUT_PRICE", "10")
    chat_server.replies(says())

    answer = json.loads(asked(home, "--json"))

    assert (answer["model"], answer["answered"]) == ("openai:test", True)
    used = answer["usage"]
    assert used["cost"] == pytest.approx((2 * used["input_tokens"] + 10 * used["output_tokens"]) / 1e6)


def test_objects_in_a_fence_are_read(home: Cli, chat_server: ChatServer) -> None:
    """A model without structured output explains itself, and fences a list with a comma too many."""

    def fenced(request: Request) -> str:
        first = line(SENTENCE, key_of(request, "five frigates"), QUOTE).strip()
        return f'Here is the answer:\n```json\n{{"sentences": [{first},]}}\n```\nAsk me more!'

    chat_server.replies(fenced)

    assert asked(home).startswith(f"{SENTENCE} [1]\n")


def test_half_an_object_counts_for_nothing(home: Cli, chat_server: ChatServer) -> None:
    """What was whole is shown, what was cut off is not."""
    chat_server.replies(
        lambda request: (
            says()(request) + line("The first ship arrives in 2029.", key_of(request, "2029"), "The first")[:-9]
        )
    )

    shown = asked(home)

    assert shown.startswith(f"{SENTENCE} [1]\n")
    assert "The first ship arrives" not in shown


@pytest.mark.parametrize(
    ("sentence", "quote", "of"),
    [
        pytest.param(SENTENCE, "Norway ordered a fleet of five new frigates", "five", id="fabricated"),
        pytest.param(SENTENCE, "Norway has ordered five frigates will be built in Glasgow", "five", id="stitched"),
        pytest.param("Norway ordered six frigates from Britain.", QUOTE, "five", id="a number changed"),
        pytest.param("The first ship arrives in 2030.", "The first ship arrives in 2029", "2029", id="a date changed"),
        pytest.param("How many frigates did Norway order?", QUOTE, "five", id="the question again"),
        pytest.param("Norway did not order five frigates.", QUOTE, "five", id="denied"),
        pytest.param("Denmark has ordered five frigates from Britain.", QUOTE, "five", id="another name"),
        pytest.param(SENTENCE, "five", "five", id="hardly a quote"),
        pytest.param("Anna Berg said that Norway has ordered five frigates.", QUOTE, "five", id="a speaker"),
    ],
)
def test_what_the_releases_do_not_bear_out_is_never_shown(
    home: Cli, chat_server: ChatServer, sentence: str, quote: str, of: str
) -> None:
    """The model is asked once more; what it then gets right is the answer."""
    chat_server.replies(says(sentence, quote, of=of))
    chat_server.replies(says())

    shown = asked(home)

    assert shown.startswith(f"{SENTENCE} [1]\n")
    assert len(chat_server.requests) == 2
    assert sentence == SENTENCE or sentence not in shown


@pytest.mark.parametrize("of", ["120 sailors", None])
def test_a_right_quote_under_a_wrong_key_is_found(home: Cli, chat_server: ChatServer, of: str | None) -> None:
    """In whichever of the passages it stands, which is then the one that is cited; an invented key does no harm."""
    chat_server.replies(lambda request: line(SENTENCE, key_of(request, of) if of else "zz99", QUOTE))

    shown = asked(home)

    assert shown.startswith(f"{SENTENCE} [1]\n")
    assert "https://example.org/frigates" in shown
    assert len(chat_server.requests) == 1


def test_a_sentence_may_stand_on_two_quotes(home: Cli, chat_server: ChatServer) -> None:
    """Each with its number."""
    both = "Norway ordered five frigates from Britain, and the first arrives in 2029."

    def said(request: Request) -> str:
        key = key_of(request, "five frigates")
        quotes = [{"key": key, "quote": QUOTE}, {"key": key, "quote": "The first ship arrives in 2029"}]
        return json.dumps({"sentences": [{"sentence": both, "quotes": quotes}], "declined": False})

    chat_server.replies(said)

    assert asked(home).startswith(f"{both} [1][2]\n")


@pytest.mark.parametrize(
    "quote",
    [
        "**Norway** has ordered `five frigates` from Britain",
        "norway has ordered five frigates from Britain, and will pay 10 billion pounds",
    ],
)
def test_a_quote_may_carry_markdown(home: Cli, chat_server: ChatServer, quote: str) -> None:
    """What is shown is the release's own spelling."""
    chat_server.replies(says(quote=quote))

    assert f"“{QUOTE}" in asked(home)


def test_of_a_long_quote_two_sentences_are_shown(home: Cli, chat_server: ChatServer) -> None:
    """Those that bear the sentence out."""
    whole = (
        "Norway has ordered five frigates from Britain, and will pay 10 billion pounds for them. "
        "The first ship arrives in 2029. It will be built in Glasgow."
    )
    chat_server.replies(says(quote=whole))

    shown = " ".join(asked(home).split())

    assert "five frigates from Britain, and will pay" in shown
    assert "Glasgow" not in shown


def test_two_wrong_replies_give_the_releases_own_sentence(home: Cli, chat_server: ChatServer) -> None:
    """It is told that the model's could not be verified, and what both replies took."""
    for _ in range(2):
        chat_server.replies(says("Norway ordered six frigates from Britain."))

    shown = asked(home)

    assert shown.startswith(f"{EXTRACTED}\n{WITHOUT} (what it wrote could not be verified)")
    assert "six" not in shown
    assert "tokens" in shown


def test_a_rate_limit_is_waited_for(home: Cli, chat_server: ChatServer) -> None:
    """The person notices nothing but a moment's delay."""
    chat_server.answers(429, retry_after=0)
    chat_server.replies(says())

    assert asked(home).startswith(f"{SENTENCE} [1]\n")


@pytest.mark.parametrize(
    "trouble", ["hang", "hang in mid-stream", "disconnect", "disconnect in mid-stream", "500", "401"]
)
def test_the_providers_failure_never_becomes_the_users(
    home: Cli, chat_server: ChatServer, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The releases' own sentence comes, and says that the model did not."""
    after = 3 if "mid" in trouble else 0
    if trouble.startswith("hang"):
        monkeypatch.setenv("COMMUNIQUE_MODEL__TIMEOUT", "1.5")
        chat_server.hangs(after=after, forever=True)
    elif trouble.startswith("disconnect"):
        chat_server.breaks_off(after=after, forever=True)
    else:
        chat_server.answers(int(trouble), forever=True)

    shown = asked(home)

    assert shown.startswith(f"{EXTRACTED}\n{WITHOUT} (")
    assert "Traceback" not in shown


def test_a_connection_that_ends_behind_a_sentence_is_no_answer(home: Cli, chat_server: ChatServer) -> None:
    """Half an answer may lack what matters: the releases' own sentence comes instead."""

    def broken(request: Request) -> str:
        return says()(request) + line("The first ship arrives in 2029.", key_of(request, "2029"), "The first ship")

    whole = len(SENTENCE.split()) + len(QUOTE.split()) + 3  # pieces of the first object
    chat_server.plays(Script(written=broken, breaks_after=whole + 2, forever=True))

    assert asked(home).startswith(f"{EXTRACTED}\n{WITHOUT} (it does not respond)")


def test_a_model_that_gives_in_is_no_refusal(home: Cli, chat_server: ChatServer) -> None:
    """It was told of its mistake and then declined: the releases' own sentence answers."""
    chat_server.replies(says("Norway ordered six frigates from Britain."))
    chat_server.replies('{"declined": true}')

    assert asked(home).startswith(f"{EXTRACTED}\n{WITHOUT}")


def test_a_model_that_declines_after_a_dropped_sentence_is_no_refusal(home: Cli, chat_server: ChatServer) -> None:
    """In one reply, too."""
    six = says("Norway ordered six frigates from Britain.")
    chat_server.replies(lambda request: six(request) + '{"declined": true}', forever=True)

    assert asked(home).startswith(f"{EXTRACTED}\n{WITHOUT}")


def test_the_prompt_ends_in_its_form_with_a_key_that_is_there(home: Cli, chat_server: ChatServer) -> None:
    """And begins with what never changes, so that a provider can keep it."""
    for _ in range(2):
        chat_server.replies(says())

    asked(home)
    asked(home)

    first, second = chat_server.requests
    assert first.messages[0] == second.messages[0]
    system, prompt = first.messages[0][1], first.messages[1][1]
    key = key_of(first, "five frigates")
    assert f'"key": "{key}"' in prompt.rsplit("Question:", 1)[1]
    assert key not in system
    assert first.schema is not None


def test_a_server_without_schemas_is_asked_in_lines(home: Cli, chat_server: ChatServer) -> None:
    """Its refusal costs one request; the answer comes all the same."""
    chat_server.answers(400, error="unknown field response_format")
    chat_server.replies(says())

    assert asked(home).startswith(f"{SENTENCE} [1]\n")


def test_a_model_that_declines_gives_a_refusal(home: Cli, chat_server: ChatServer) -> None:
    """It read the passages, and says that they hold no answer."""
    chat_server.replies('{"declined": true}')

    shown = asked(home)

    assert shown.startswith("2 releases searched: no sentence answers this question.")


def test_the_days_ceiling_gives_the_releases_own_sentence(
    home: Cli, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer spends it; from then on nothing is asked until tomorrow."""
    monkeypatch.setenv("COMMUNIQUE_MODEL__TOKENS_PER_DAY", "1")
    chat_server.replies(says())

    first, second = asked(home), asked(home)

    assert first.startswith(SENTENCE)
    assert second.startswith(f"{EXTRACTED}\n{WITHOUT} (the daily limit is reached)")
    assert len(chat_server.requests) == 1


def test_a_provider_in_the_settings_that_is_unknown_is_told(home: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip of the operator's costs nobody an answer; the log says what is wrong."""
    monkeypatch.setenv("COMMUNIQUE_MODEL__NAME", "opnai:test")

    result = home.run("ask", QUESTION)

    assert result.stdout.startswith(f"{EXTRACTED}\n{WITHOUT} (it is not set up correctly)")


def test_none_asks_no_model(home: Cli, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the settings name."""
    monkeypatch.setenv("COMMUNIQUE_MODEL__NAME", "openai:test")

    answer: dict[str, Any] = home.json("ask", QUESTION, "--model", "none")

    assert (answer["model"], answer["usage"], chat_server.requests) == ("extractive", None, ())


def test_the_models_markdown_links_and_mentions_do_not_reach_the_answer(home: Cli, chat_server: ChatServer) -> None:
    """What it says is plain text."""
    told = "**Norway** ordered [five frigates](https://evil.example/x) from <b>@Britain</b> https://evil.example."
    chat_server.replies(says(told))

    shown = asked(home)

    assert shown.startswith("Norway ordered five frigates from Britain")
    assert "evil" not in shown
    assert "@" not in shown
