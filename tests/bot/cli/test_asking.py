"""`communique ask` and `search`: the contract of their JSON, odd questions, and an empty home."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli

QUESTION = "How many euros did Allies give to Ukraine?"
ANSWER = [
    "question", "standalone_question", "answered", "answer", "language", "citations", "refusal", "reply", "confidence",
    "model", "as_of", "notes", "usage", "timings_ms",
]  # fmt: skip
RELEASE = ["id", "version", "title", "publisher", "published", "updated", "language", "url", "withdrawn"]


def test_an_answer_is_that_of_the_contract(stocked: Cli) -> None:
    """The documented keys in their order, down to the release of a citation."""
    answer = stocked.json("ask", QUESTION)

    (citation,) = answer["citations"]
    assert list(answer) == ANSWER
    assert list(citation) == [
        "key",
        "quote",
        "start",
        "end",
        "answer_start",
        "answer_end",
        "page",
        "release",
        "link",
        "speaker",
        "alternative",
    ]
    assert list(citation["release"]) == RELEASE
    assert list(answer["timings_ms"]) == ["understand", "retrieve", "answer", "total"]
    assert (answer["answered"], answer["refusal"], answer["language"]) == (True, None, "en")
    assert f"[{citation['key']}]" in answer["answer"]


def test_a_quote_stands_in_the_release_at_its_offsets(stocked: Cli) -> None:
    """`text[start:end]` of what `releases show` prints is the quote, character for character."""
    (citation,) = stocked.json("ask", QUESTION)["citations"]

    text = stocked.json("releases", "show", citation["release"]["id"])["text"]

    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert "20.9 billion" in citation["quote"]


def test_a_refusal_is_that_of_the_contract(stocked: Cli) -> None:
    """No answer is exit code 0: the command did its work. What was searched is told."""
    result = stocked.run("ask", "Who won the football championship?", "--since", "2020-01-01", "--json")

    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["answered"], answer["citations"]) == (0, False, [])
    assert list(answer["refusal"]) == ["reason", "searched", "nearest"]
    assert answer["refusal"]["searched"] == {
        "releases": 2,
        "since": "2020-01-01T00:00:00+00:00",
        "until": None,
        "publishers": [],
    }
    assert all(list(release) == RELEASE for release in answer["refusal"]["nearest"])


def test_an_answer_for_people_is_plain_text_off_a_terminal(stocked: Cli) -> None:
    """No colour codes, brackets in a title as they are, and a quote on one line."""
    result = stocked.run("ask", QUESTION)

    assert "\x1b" not in result.output
    assert "[1] Aid [bold] for Ukraine\n" in result.stdout
    assert result.stdout.startswith("“Allies gave 20.9 billion euros to Ukraine.” [1]\n")
    assert result.stderr == ""


@pytest.mark.parametrize(
    "question", ["the of and", "Ποιος προήδρευσε της συνεδρίασης;", "?!", "wo" * 2500, "why not " * 625, '"AND NEAR('],
    ids=["stop words", "Greek", "signs", "one long word", "5,000 characters", "query syntax"],
)  # fmt: skip
def test_odd_questions_are_refused_in_good_order(stocked: Cli, question: str) -> None:
    """What cannot be answered gets a refusal or a reply, never a quote or a failure."""
    answer = stocked.json("ask", question)

    assert not answer["answered"]
    assert answer["citations"] == []
    assert answer["reply"] or answer["refusal"]["searched"]["releases"] == 2


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--language", "de"], "No release in de is stored; there are en (1), fr (1)."),
        (["--publisher", "NATTO"], "No release by NATTO is stored; did you mean NATO?"),
        (["--since", "2030-01-01"], "No release published since 1 January 2030; the newest is of 17 October 2024."),
    ],
)
def test_what_excludes_everything_is_named(stocked: Cli, options: list[str], why: str) -> None:
    """By a refusal, and by a search and a list, whose stdout stays empty."""
    asked = stocked.run("ask", QUESTION, *options)
    found, listed = stocked.run("search", "Ukraine", *options), stocked.run("releases", "list", *options)

    assert (asked.stdout, asked.stderr) == (f"{why}\n", "")
    assert (found.stdout, found.stderr) == (listed.stdout, listed.stderr) == ("", f"{why}\n")


def test_publishers_are_known_whatever_their_capitals(stocked: Cli) -> None:
    """In a question, a search and a list."""
    assert stocked.json("ask", QUESTION, "--publisher", "nato")["answered"]
    assert [hit["release"]["id"] for hit in stocked.json("search", "Ukraine", "--publisher", "nato")] == ["aid.en"]
    assert [one["id"] for one in stocked.json("releases", "list", "--publisher", "CONSEIL")] == ["aide.fr"]


def test_a_period_that_ends_before_it_begins_is_misuse(stocked: Cli) -> None:
    """Both days are named; the same day twice is a day."""
    result = stocked.run("ask", QUESTION, "--since", "2024-10-18", "--until", "2024-10-17")
    day = stocked.json("search", "Ukraine", "--since", "2024-10-17", "--until", "2024-10-17")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "'2024-10-17' is before --since, '2024-10-18'; swap the two" in result.stderr
    assert [hit["release"]["id"] for hit in day] == ["aid.en"]


@pytest.mark.parametrize(
    ("name", "cause"),
    [("nonsense", "name the provider too, as in"), ("opnai:test", "there is no provider 'opnai'; name openai")],
)
@pytest.mark.parametrize("command", [("ask", QUESTION), ("chat",)], ids=["ask", "chat"])
def test_a_model_that_cannot_run_is_one_line(stocked: Cli, command: tuple[str, ...], name: str, cause: str) -> None:
    """Named on the command line it is wanted: nothing is answered without it."""
    result = stocked.run(*command, "--model", name)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"communique: language model: {name}: {cause}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("question", ["", "  \n "])
def test_a_blank_question_is_one_clear_sentence(stocked: Cli, command: str, question: str) -> None:
    """There is nothing to search for: exit code 1, and nothing on stdout."""
    result = stocked.run(command, question)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("communique: question: empty: write a question")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["ask", "search"])
def test_an_empty_home_says_how_to_ingest(cli: Cli, command: str) -> None:
    """Nothing found, because nothing is stored: the hint stands on stderr, the JSON on stdout is whole."""
    result = cli.run(command, "Who met?", "--json")

    assert result.exit_code == 0
    assert "communique ingest" in result.stderr
    found = json.loads(result.stdout)
    assert found == [] if command == "search" else found["refusal"]["searched"]["releases"] == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [("--since", "soon"), ("--until", "32 mai 2024"), ("--as-of", "12"), ("--language", "?"), ("--passages", "0")],
)
def test_an_impossible_option_is_misuse(stocked: Cli, option: str, value: str) -> None:
    """Exit code 2, the option named, nothing on stdout."""
    result = stocked.run("ask", "Who met?", option, value)

    assert (result.exit_code, result.stdout) == (2, "")
    assert option in result.stderr


def test_the_day_of_speaking_is_told(stocked: Cli) -> None:
    """`--as-of` comes back in UTC."""
    assert stocked.json("ask", QUESTION, "--as-of", "20 Oct. 2024")["as_of"] == "2024-10-20T00:00:00+00:00"


def test_hits_are_those_of_the_contract(stocked: Cli) -> None:
    """`search --json` prints a list, best first, with the offsets of each passage."""
    hits = stocked.json("search", "Conseil avions Chypre", "-k", "1")

    (hit,) = hits
    assert list(hit) == [
        "rank", "score", "dense_rank", "lexical_rank", "passage_id", "text", "start", "end", "matches", "release",
    ]  # fmt: skip
    assert list(hit["release"]) == RELEASE
    assert stocked.json("releases", "show", "aide.fr")["text"][hit["start"] : hit["end"]] == hit["text"]
    assert hit["rank"] == 1
    assert "avions" in [hit["text"][match["start"] : match["end"]] for match in hit["matches"]]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--language", "FR"], {"aide.fr"}),
        (["--publisher", "NATO"], {"aid.en"}),
        (["--publisher", "NATO", "--publisher", "Conseil"], {"aid.en", "aide.fr"}),
        (["--since", "2024-10-17"], {"aid.en"}),
        (["--until", "2023-03-01"], {"aide.fr"}),
        (["--until", "2023-02-28"], set()),
        (["--language", "de"], set()),
    ],
)
def test_filters_bound_what_is_searched(stocked: Cli, options: list[str], found: set[str]) -> None:
    """Both days are inclusive, and a language may be written in capitals."""
    hits = stocked.json("search", "aide aid Ukraine Chypre", *options)

    assert {hit["release"]["id"] for hit in hits} == found


@pytest.mark.parametrize("zone", ["America/Montreal", "Europe/Paris", "UTC"])
def test_a_day_is_one_of_the_operators_zone(stocked: Cli, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """A release that names a day and no hour is of that day, whether the day is an option or a part of a question."""
    monkeypatch.setenv("COMMUNIQUE_ANSWERS__TIME_ZONE", zone)
    options = ("--since", "2024-10-17", "--until", "2024-10-17")

    asked = stocked.json("ask", "Which releases were published on 17 October 2024?")

    assert [hit["release"]["id"] for hit in stocked.json("search", "aid Ukraine", *options)] == ["aid.en"]
    assert stocked.json("search", "aid Ukraine", "--since", "2024-10-18") == []
    assert stocked.json("search", "aid Ukraine", "--language", "en", "--until", "2024-10-16") == []
    assert {one["release"]["id"] for one in asked["citations"]} == {"aid.en"}
    assert asked["notes"][0]["text"] == "Releases published on 17 October 2024."


def test_hits_for_people_are_plain_text_off_a_terminal(stocked: Cli) -> None:
    """Each passage in one piece under its title, without colour codes or markup lost."""
    result = stocked.run("search", "Ukraine", "-k", "1")

    assert result.stdout.startswith("1. Aid [bold] for Ukraine\n")
    assert "   Allies gave 20.9 billion euros to Ukraine. The meeting took place in Brussels.\n" in result.stdout
    assert "\x1b" not in result.output
