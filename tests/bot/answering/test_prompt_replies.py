"""What models make of "one JSON object a line", read as claims."""

from __future__ import annotations

import time

import pytest

from bot.answering.prompt import Claim, Quoted, ReplyReader

FIVE = '{"sentence": "Five ships.", "key": "b2cd", "quote": "five ships"}'
SIX = '{"sentence": "Six planes.", "key": "f3gh", "quote": "six planes"}'
CLAIMS = [
    Claim("Five ships.", (Quoted("b2cd", "five ships"),)),
    Claim("Six planes.", (Quoted("f3gh", "six planes"),)),
]


def read(*pieces: str) -> list[Claim]:
    reader = ReplyReader()
    return [*(claim for piece in pieces for claim in reader.feed(piece)), *reader.end()]


@pytest.mark.parametrize(
    "reply",
    [
        f"{FIVE}\n{SIX}\n",
        f"{FIVE}{SIX}",
        f"```json\n{FIVE}\n{SIX}\n```",
        f"[{FIVE}, {SIX}]",
        f'{{"sentences": [{FIVE}, {SIX}]}}',
        f'{{ "answer" : [\n{FIVE},\n{SIX},\n]}}',
        f"Here you are:\n{FIVE}\nand also\n{SIX}\nI hope this helps.",
        f"{FIVE[:-1]},}}\n{SIX}",
        FIVE.replace('"', "“", 1).replace('"', "”", 1).replace('"', "“") + SIX,
        FIVE.replace('"', "'") + SIX.replace('"', "'"),
        f"{FIVE.replace('key', 'id').replace('sentence', 'text')}\n{SIX}",
        '{"sentence": "Five ships.", "quotes": [{"key": "b2cd", "quote": "five ships"}]}' + SIX,
        '{"sentence": "Five ships.", "quotes": {"key": "b2cd", "quote": "five ships"}}' + SIX,
        '{"sentence": "Five ships.", "quotes": ["five ships"], "key": "b2cd"}' + SIX,
        f'{{"reasoning": "both", "sentences": [{FIVE}, {SIX}]}}',
        f'{{"answer": {{"sentences": [{FIVE}, {SIX}]}}}}',
        f"{FIVE.replace('b2cd', '[b2cd]')}\n{SIX}",
        f'{FIVE}\n{SIX}\n{{"sentence": "Seven tr',
    ],
)
def test_two_claims_are_read_from_whatever_form(reply: str) -> None:
    """Lines, lists, fences, prose around them, commas too many, other quotation marks, a cut end."""
    assert read(reply) == CLAIMS


def test_a_claim_is_given_as_soon_as_it_is_whole() -> None:
    """The reader of a stream does not wait for the end."""
    reader = ReplyReader()

    given = [len(list(reader.feed(piece))) for piece in (FIVE[:30], FIVE[30:], "\n", SIX[:-1], SIX[-1:])]

    assert given == [0, 1, 0, 0, 1]


def test_braces_and_escapes_inside_strings_end_nothing() -> None:
    """A quote may hold anything."""
    (claim,) = read(r'{"sentence": "A } and \" and {.", "key": "b2cd", "quote": "x \\ } y"}')

    assert claim == Claim('A } and " and {.', (Quoted("b2cd", "x \\ } y"),))


def test_two_quotes_may_bear_out_one_sentence() -> None:
    """Each with the key of its passage."""
    (claim,) = read('{"sentence": "A.", "quotes": [{"key": "b2cd", "quote": "a"}, {"key": "f3gh", "quote": "b"}]}')

    assert claim.quotes == (Quoted("b2cd", "a"), Quoted("f3gh", "b"))


@pytest.mark.parametrize("reply", ['{"declined": true}', 'Sorry.\n{"declined": "true"}', "{'declined': True}"])
def test_declining_is_a_claim_of_its_own(reply: str) -> None:
    """However it is spelt."""
    assert read(reply) == [Claim(declined=True)]


def test_prose_counts_where_a_key_and_a_quote_stand_in_the_sentence() -> None:
    """A model that knows no JSON at all; a sentence without both counts for nothing."""
    claims = read(
        "Norway ordered “five new frigates” [b2cd]. It was a good year. Les navires sont « six en tout » [f3gh]."
    )

    assert [claim.quotes for claim in claims] == [
        (Quoted("b2cd", "five new frigates"),),
        (Quoted("f3gh", "six en tout"),),
    ]


DEEP = '{"sentence": ' + "[" * 9_000 + "]" * 9_000 + "}"


@pytest.mark.parametrize(
    "reply", ["", "I do not know.", "{}", "[]", '{"sentence": 5}', "{" * 500, '{"a": ' * 300, "}{", DEEP, DEEP[::-1]]
)
def test_a_reply_without_a_claim_gives_none(reply: str) -> None:
    """Nothing is made up of it, and nothing fails."""
    assert read(reply) == []


def test_a_claim_after_a_thousand_brackets_is_read() -> None:
    """What is too deep to be one is passed over, with either kind of bracket."""
    claim = '{"sentence": "Paid.", "key": "b2cd", "quote": "was paid"}'
    nested = '{"a": ' * 1_500 + "1" + "}" * 1_500

    assert [one.sentence for one in read(f"{nested}\n{claim}")] == ["Paid."]


def test_a_reply_that_comes_letter_by_letter_is_read_once() -> None:
    """An object that never ends takes no longer for each letter more."""
    reader, began = ReplyReader(), time.process_time()
    for letter in '{"sentence": "' + "words " * 3_000:
        assert list(reader.feed(letter)) == []

    assert time.process_time() - began < 5


@pytest.mark.parametrize("size", range(1, 30))
def test_what_wraps_claims_is_known_however_it_is_cut(size: int) -> None:
    """A stream ends its pieces anywhere; a comma too many behind the last claim is no harm."""
    reply = 'So:\n{"sentences": [{"sentence": "Paid.", "key": "b2cd", "quote": "was paid"},]}'
    reader = ReplyReader()

    claims = [claim for at in range(0, len(reply), size) for claim in reader.feed(reply[at : at + size])]

    assert [claim.sentence for claim in claims] == ["Paid."]
