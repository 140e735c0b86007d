"""The samples are whole, bilingual, well set, and hold the answers that their questions expect."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import frontmatter
import pytest

SAMPLES = Path(__file__).parents[1] / "samples"
PATHS = sorted(SAMPLES.glob("20*.md"))
POSTS: dict[str, Any] = {path.stem: frontmatter.load(str(path)) for path in PATHS}
ASKED = SAMPLES.parent / "benchmarks" / "samples_questions.jsonl"
QUESTIONS = [json.loads(line) for line in ASKED.read_text("utf-8").splitlines()]
ANSWERABLE = [question for question in QUESTIONS if question["answerable"]]

NO_BREAK = "\u00a0"
REQUIRED = {"id", "title", "date", "language", "publisher", "pair", "note"}
# Two kinds of slip: an ordinary space where French sets a no-break one, and no space at all. A colon between two
# digits is a time of day.
LOOSE_FRENCH = re.compile(r"« | [»:;!?%]|«[^\u00a0]|[^\u00a0\d»][:;!?%](?=\s|$)|[^\u00a0]»|\d[%;!?]")

each_file = pytest.mark.parametrize("name", sorted(POSTS))
each_french_file = pytest.mark.parametrize("name", [name for name in sorted(POSTS) if name.endswith(".fr")])
each_english_file = pytest.mark.parametrize("name", [name for name in sorted(POSTS) if name.endswith(".en")])
each_answerable = pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question["id"])


def seen(name: str) -> str:
    """What a reader sees of a sample: its title and its text."""
    return f"{POSTS[name]['title']}\n\n{POSTS[name].content}"


def plain(text: str) -> str:
    """The text in lower case with ordinary spaces, as `eval` compares it."""
    return text.replace(NO_BREAK, " ").lower()


def test_there_are_at_least_eight_pairs() -> None:
    """Enough releases stand here for a demo, and the file search above found them."""
    pairs = {post["pair"] for post in POSTS.values()}

    assert len(pairs) >= 8
    assert len(POSTS) == 2 * len(pairs)


def test_every_pair_has_both_languages_under_one_name() -> None:
    """The two files of a pair differ in language only: same stem, same day, same time of update."""
    pairs = defaultdict(list)
    for name, post in POSTS.items():
        pairs[post["pair"]].append((name.split(".")[0], post["date"], post.get("updated"), post["language"]))

    for twins in pairs.values():
        assert sorted(twin[3] for twin in twins) == ["en", "fr"]
        assert len({twin[:3] for twin in twins}) == 1


@each_file
def test_front_matter_is_whole(name: str) -> None:
    """Every key is there and filled, and the date and language agree with the file's name."""
    post = POSTS[name]

    assert set(post.keys()) - {"updated"} == REQUIRED
    assert all(post[key] for key in REQUIRED)
    assert type(post["date"]) is date
    assert name.startswith(post["date"].isoformat())
    assert name.endswith(f".{post['language']}")
    assert post["publisher"] == "Communiqué samples"


@each_file
def test_an_update_has_a_time_with_its_zone_after_the_release(name: str) -> None:
    """`updated` is absent, or a moment that needs no guess and is not before publication."""
    updated = POSTS[name].get("updated")

    if updated is not None:
        assert isinstance(updated, datetime)
        assert updated.tzinfo is not None
        assert updated.date() >= POSTS[name]["date"]


def test_one_pair_is_updated_and_one_corrected() -> None:
    """The demo can show both fates of a release, and the text says what changed."""
    updated = sorted(name for name, post in POSTS.items() if post.get("updated"))

    texts = [seen(name) for name in updated]

    assert len(updated) == 4
    assert sum("Updated on" in text or "Mis à jour le" in text for text in texts) == 2
    assert sum(text.startswith(("Corrected:", f"Rectificatif{NO_BREAK}:")) for text in texts) == 2


@each_file
def test_the_note_says_that_the_text_was_written_for_the_project(name: str) -> None:
    """The origin stands in the front matter and cannot become part of an answer."""
    post = POSTS[name]
    opening = {"en": "Written for the Communiqué project", "fr": "Rédigé pour le projet Communiqué"}

    assert post["note"].startswith(opening[post["language"]])
    assert "Communiqué project" not in seen(name)
    assert "projet Communiqué" not in seen(name)


@each_file
def test_length_is_that_of_a_short_release(name: str) -> None:
    """Three to six paragraphs, 120 to 250 words, one line each."""
    paragraphs = POSTS[name].content.split("\n\n")

    assert 3 <= len(paragraphs) <= 6
    assert 120 <= len(POSTS[name].content.split()) <= 250
    assert not any("\n" in paragraph for paragraph in paragraphs)


def test_no_two_files_share_a_title() -> None:
    """A title names one release in one language."""
    counts = Counter(post["title"] for post in POSTS.values())

    assert [title for title, count in counts.items() if count > 1] == []


@each_french_file
def test_french_has_no_straight_quotes_and_no_break_spaces(name: str) -> None:
    """Guillemets, curly apostrophes, and a no-break space wherever French sets one."""
    text = seen(name) + "\n" + POSTS[name]["note"]

    assert not set("\"'“”") & set(text)
    assert LOOSE_FRENCH.findall(text) == []
    assert re.findall(r"\d \d{3}\b", text) == []


@each_english_file
def test_english_has_curly_quotes_and_ordinary_spaces(name: str) -> None:
    """Curly quotation marks and apostrophes only, and none of the French spaces."""
    text = seen(name) + "\n" + POSTS[name]["note"]

    assert not set("\"'«»" + NO_BREAK) & set(text)
    assert re.findall(r" [:;!?%]", text) == []
    assert text.count("“") == text.count("”")


@pytest.mark.parametrize(
    "text",
    [
        "deux défis : l’énergie",
        "deux défis: l’énergie",
        "« la victoire\u00a0»",
        "«la victoire\u00a0»",
        "vraiment ?",
        "5 % ou",
        "5% ou",
    ],
)
def test_the_check_of_french_spaces_finds_each_kind_of_slip(text: str) -> None:
    """The pattern that judges the French files does see an ordinary or a missing space."""
    assert LOOSE_FRENCH.search(text)


def test_questions_are_enough_in_both_languages() -> None:
    """Twenty or more in each language, both kinds in each, every id once, no question twice."""
    by_language = Counter(question["language"] for question in QUESTIONS)
    unanswerable = Counter(question["language"] for question in QUESTIONS if not question["answerable"])

    assert min(by_language["fr"], by_language["en"]) >= 20
    assert min(unanswerable["fr"], unanswerable["en"]) >= 4
    assert len(ANSWERABLE) >= 32
    assert len({question["id"] for question in QUESTIONS}) == len(QUESTIONS)
    assert len({plain(question["question"]) for question in QUESTIONS}) == len(QUESTIONS)


def test_every_release_is_asked_about() -> None:
    """No sample stands here without a question that needs it."""
    asked = {name for question in ANSWERABLE for name in question["relevant"]}

    assert asked == set(POSTS)


def test_an_unanswerable_question_names_no_release() -> None:
    """A question without an answer expects neither a release nor a string."""
    refused = [question for question in QUESTIONS if not question["answerable"]]

    assert [question["id"] for question in refused if {"relevant", "contains"} & set(question)] == []


@each_answerable
def test_the_expected_string_stands_in_a_relevant_release(question: dict[str, Any]) -> None:
    """Each `contains` is in the text, not the title alone, of the release in the question's language."""
    relevant = [name for name in question["relevant"] if POSTS[name]["language"] == question["language"]]
    texts = [plain(POSTS[name].content) for name in relevant]

    assert len(question["relevant"]) == 2
    assert question["contains"]
    assert all(any(plain(string) in text for text in texts) for string in question["contains"])
