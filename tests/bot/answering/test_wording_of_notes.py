from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.answering import wording
from bot.errors import CeilingError, ModelError, ModelReplyError, ModelSetupError, ModelUnavailableError
from tests.bot.releases import stored
from tests.language_tables import each_row

BRUSSELS = ZoneInfo("Europe/Brussels")
JUNE = datetime(2024, 5, 31, 22, tzinfo=UTC)
JULY = datetime(2024, 6, 30, 22, tzinfo=UTC)


@each_row("periods.jsonl", "since", "until", "language", "note")
def test_a_period_is_told_in_days_of_the_operators_zone(
    since: str | None, until: str | None, language: str, note: str
) -> None:
    """The bound is the first moment after; the day before it is what people say."""
    bounds = [one and datetime.fromisoformat(one).replace(tzinfo=BRUSSELS) for one in (since, until)]

    assert wording.searched_in(*bounds, BRUSSELS, language).text == note


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "« A release » : mis à jour le 17 octobre 2024 à 20 h 23."),
        ("en", "“A release”: updated 17 October 2024, 20:23."),
    ],
)
def test_an_update_is_told_with_its_time(language: str, text: str) -> None:
    """The clock is that of the operator."""
    moment = datetime(2024, 10, 17, 18, 23, tzinfo=UTC)

    assert wording.updated(stored("a", "Text."), moment, BRUSSELS, language).text == text


@pytest.mark.parametrize("zone", ["America/Montreal", "Europe/Brussels", "Pacific/Auckland"])
def test_a_bare_day_is_told_as_that_day_in_every_zone(zone: str) -> None:
    """Without the hour that nobody wrote."""
    bare = datetime(2024, 10, 17, tzinfo=UTC)
    note = wording.updated(stored("a", "Text."), bare, ZoneInfo(zone), "en")

    assert wording.day(bare, ZoneInfo(zone), "fr") == "17 octobre 2024"
    assert note.text == "“A release”: updated 17 October 2024."


@pytest.mark.parametrize(("found", "said"), [(0, "No release was published on"), (4, "No release published on")])
def test_a_search_that_was_widened_says_why(found: int, said: str) -> None:
    """A period without releases is another thing than one whose releases do not answer."""
    note = wording.widened(JUNE, JUNE.replace(month=6, day=1), BRUSSELS, "en", found=found)

    assert note.text.startswith(said)
    assert note.text.endswith("the answer comes from other dates.")


def test_an_old_newest_release_is_told_plainly() -> None:
    """Who asks about now should know that nothing came in for a month."""
    assert "plus d’une semaine" in wording.freshness(JUNE, JULY, UTC, "fr").text
    assert "week" not in wording.freshness(JULY, JULY, UTC, "en").text


def test_a_correction_is_named_with_its_day_and_address() -> None:
    """The reader can open what corrects the release."""
    note = wording.corrected(stored("a", "Text."), stored("b", "Text.", title="Correction"), UTC, "en")

    assert note.text == "“A release” was corrected on 1 January 2024: “Correction” https://example.org/b"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "Deux communiqués donnent des réponses différentes : "
            "« Newer » (1er juillet 2024) et « Older » (sans date).",
        ),
        ("en", "Two releases give different answers: “Newer” (1 July 2024) and “Older” (undated)."),
    ],
)
def test_releases_that_differ_are_named_with_their_dates(language: str, text: str) -> None:
    """The reader sees at a glance which is the newer one."""
    newer, older = stored("a", "", title="Newer", published=JULY), stored("b", "", title="Older", published=None)

    assert wording.disagree(newer, older, BRUSSELS, language).text == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "La réponse n’est pas certaine : elle se trouve peut-être en [2]."),
        ("en", "The answer is not certain: it may be [2] instead."),
    ],
)
def test_an_answer_that_may_be_another_says_so(language: str, text: str) -> None:
    """And which quote that would be."""
    assert wording.alternative("2", language).text == text


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (CeilingError, "the daily limit is reached"),
        (ModelReplyError, "what it wrote could not be verified"),
        (ModelSetupError, "it is not set up correctly"),
        (ModelUnavailableError, "it does not respond"),
    ],
)
def test_a_model_that_failed_is_told_without_its_own_words(error: type[ModelError], why: str) -> None:
    """A person cannot mend a socket, and needs to know why the answer is plainer than usual."""
    note = wording.model_failed(error("openai:some", "HTTP 503 at 10.0.0.7"), "en")

    assert note.text == f"Without the language model ({why}), the answer is taken from the releases."


def test_a_follow_up_is_told_in_the_persons_own_words() -> None:
    """What it was read with can be seen, and put right."""
    assert wording.understood("When did Sweden join? → And Finland?").text == "↪ When did Sweden join? → And Finland?"


def test_words_without_a_speaker_are_told_to_be_a_quotation() -> None:
    """The release quotes; who speaks, it does not say there."""
    assert wording.quoted("2", "en").text.startswith("[2]: the release quotes")


def test_orders_in_a_release_are_reported() -> None:
    """Somebody tried to speak to the machine behind the reader's back."""
    assert "« A release » contient des consignes" in wording.instruction(stored("a", ""), "fr").text
