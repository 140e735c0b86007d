"""Passwords, keys and tokens in what is told."""

from __future__ import annotations

import time

import pytest

from bot.redaction import (
    file_name,
    redacted,
    redacted_values,
    shareable,
    without_folders,
    without_keys,
    without_people,
)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("Incorrect API key provided: sk-proj-abc*****Ub2.", "Incorrect API key provided: …."),
        ("bad key Zz91kLmno-ppq77Qrstu here", "bad key … here"),
        ("header Authorization: Bearer eyJhbGciOi.J9.abc is wrong", "header Authorization: Bearer … is wrong"),
        ("{'api_key': 'short'}", "{'api_key': '…'}"),
        ("POST https://me:word@host.example/v1 failed", "POST https://host.example/v1 failed"),
        ("the maximum token count is 8192, at 2026-11-24", "the maximum token count is 8192, at 2026-11-24"),
        (
            "Unsupported value: 'temperature' does not support 0.2",
            "Unsupported value: 'temperature' does not support 0.2",
        ),
        ("two\n lines", "two lines"),
    ],
)
def test_a_key_goes_and_the_reason_stays(told: str, left: str) -> None:
    """By its look or by the name before it."""
    assert without_keys(told, {}) == left


def test_the_values_of_the_environment_go_whatever_they_look_like() -> None:
    """A key may look like a plain word; other variables may be told."""
    environment = {"MY_API_KEY": "plainword", "HF_TOKEN": "", "HOME": "folder"}

    assert without_keys("plainword opens folder", environment) == "… opens folder"


@pytest.mark.parametrize(
    ("name", "value", "goes"),
    [
        ("MY_API_KEY", "plainword", True),
        ("OPENAI_APIKEY", "plainword", True),
        ("PGPASSWORD", "plainword", True),
        ("GITHUB_TOKEN_2", "plainword", True),
        ("TOKENIZERS_PARALLELISM", "plainword", False),
        ("MAX_TOKENS", "plainword", False),
        ("MONKEY", "plainword", False),
        ("TOKEN_FILE", "plainword", False),
        ("PASSWORD_REQUIRED", "false", False),
    ],
)
def test_a_variable_is_a_secret_by_whole_words_of_its_name(name: str, value: str, goes: bool) -> None:
    """Else every "false" of a log would go."""
    assert redacted(f"it is {value}.", {name: value}) == ("it is …." if goes else f"it is {value}.")


def test_of_what_json_holds_the_texts_are_redacted() -> None:
    """Each by itself; names, numbers and the rest stay."""
    held = {"message": 'password="abcdef" {"password": "hunter2222"}', "more": [{"api_key": "plain", "n": 1}, None]}

    assert redacted_values(held) == {
        "message": 'password="…" {"password": "…"}',
        "more": [{"api_key": "…", "n": 1}, None],
    }


def test_a_long_text_is_cut() -> None:
    """A page of HTML does not fill the log."""
    assert len(without_keys("a page " * 1000, {})) == 300


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("postgresql://me:pass@db/news is away", "postgresql://db/news is away"),
        ("postgresql://me:p@ss/wo@rd@db:5432/news", "postgresql://db:5432/news"),
        ("http://me:word@proxy:8080: refused", "http://proxy:8080: refused"),
        ("from 'https://me@a.example/x?y=z@q' and", "from 'https://a.example/x?y=z@q' and"),
        ("host=db password=secret dbname=x", "host=db password=… dbname=x"),
        ("https://a.example/f?token=abc&x=1", "https://a.example/f?token=…&x=1"),
        ("token MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.abcdefghijklmnopqrstuvwxyz012 refused", "token … refused"),
        ("unexpected token: x, at key: y; basic income", "unexpected token: x, at key: y; basic income"),
        ("https://a.example/@me and me@a.example", "https://a.example/@me and me@a.example"),
    ],
)
def test_whoever_logs_in_is_left_out_of_what_is_told(told: str, left: str) -> None:
    """Of addresses the user, whatever a password holds; the rest can still be read."""
    assert redacted(told, {}) == left


def test_long_texts_are_redacted_in_no_time() -> None:
    """Each part is looked at once."""
    began = time.process_time()
    for piece in ("a://", "http://", "@", "password=", "key", "sk-", "Bearer ", "x://y@", ":", "a.b."):
        redacted(piece * (100_000 // len(piece)), {})
        without_keys(piece * (100_000 // len(piece)), {})

    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "address",
    ["https://me:word@a.example/", "https://me@a.example", "ftp://a:b@c", "https:///me:word@a.example/", None, ""],
)
def test_an_address_with_a_user_is_not_shared(address: str | None) -> None:
    """Nor one that is none."""
    assert shareable(address) is None


@pytest.mark.parametrize("address", ["https://a.example/@me", "https://a.example/?q=a@b", "http://a.example:80/x#@"])
def test_other_addresses_are_shared_as_they_are(address: str) -> None:
    """An @ may stand behind the host."""
    assert shareable(address) == address


def test_where_a_secret_lies_is_no_secret() -> None:
    """Who is told that a token's file cannot be read must be told which."""
    environment = {"COMMUNIQUE_DISCORD__TOKEN_FILE": "/run/token", "COMMUNIQUE_DISCORD__TOKEN": "abc.def"}

    assert redacted("/run/token: holds abc.def", environment) == "/run/token: holds …"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/srv/press/2024/a.html", "a.html"),
        ("samples/nato/a.md", "a.md"),
        ("/srv/press", "press"),
        ("https://me:word@example.org/press/a", "https://example.org/press/a"),
    ],
)
def test_a_file_is_known_by_its_name_alone(source: str, name: str) -> None:
    """Where it lies on this machine is nobody else's business; a web address is anybody's."""
    assert file_name(source) == name


def test_a_sentence_loses_the_folders_in_it() -> None:
    """Its web addresses and its strokes stay."""
    told = "/srv/press/a.html: no text; 3/4 of https://example.org/a/b and (/srv/press) or / alone"

    assert without_folders(told) == "a.html: no text; 3/4 of https://example.org/a/b and (press) or / alone"


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("Write to jean.dupont@example.org, please", "Write to …, please"),
        ("Call +32 2 555 12 12 or 06 12 34 56 78", "Call … or …"),
        ("Call 0470/12.34.56 or (212) 555-0199", "Call … or …"),
        ("What did <@123456789012345678> say in <#12345>, @everyone?", "What did … say in …, …?"),
        ("Who is 123456789012345678?", "Who is …?"),
        ("Is BE68 5390 0754 7034 mine?", "Is … mine?"),
        ("Is 85.07.30-033.28 mine?", "Is … mine?"),
        ("My name is Jean Dupont: who paints?", "My name is …: who paints?"),
        ("Je m’appelle Zoé. Qui peint ?", "Je m’appelle …. Qui peint ?"),
        ("I am Marie Curie, who are you?", "I am …, who are you?"),
        ("Who reads https://me:word@host.example/a?", "Who reads https://host.example/a?"),
    ],
)
def test_a_kept_question_names_and_reaches_nobody(asked: str, left: str) -> None:
    """Neither who asked nor anybody private."""
    assert without_people(asked) == left


@pytest.mark.parametrize(
    "asked",
    [
        "How many of the 1 200 000 000 euros of 2023 went to Ukraine?",
        "Who got 300000000 euros, 2,000,000,000.50 or 1.200.000.000?",
        "What happened on 07.03.2024, 07/03/2024, 07-03-2024 and 2024-03-07?",
        "Quoi de neuf en 2014 2015 2016 2017 ?",
        "What does resolution 1325 (2000) say to Jens Stoltenberg?",
        "I’m Belgian: when did Sweden join NATO?",
        "Combien de fois à 10:00, et 0,5 % ?",
    ],
)
def test_what_a_question_is_about_stays(asked: str) -> None:
    """Years, days, amounts and names in public."""
    assert without_people(asked) == asked


@pytest.mark.parametrize("piece", ["0", "06 ", "+1 ", "1234 ", "BE68 ", "A", "a@", "@a", "<@1", "I am A ", "a.b@c."])
def test_nothing_takes_long_to_look_through(piece: str) -> None:
    """Whatever is repeated."""
    began = time.process_time()
    without_people(piece * 2_000)
    assert time.process_time() - began < 2
