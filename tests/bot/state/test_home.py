"""What lies in a home for the next command: the last answer, by its places, and the address of a web server."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.codec import AnswerRecord
from bot.answering.types import Citation, Refusal, Reply, Searched
from bot.state.home import Cited, LastAnswer, announced, running_address
from tests.bot.releases import an_answer
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from pathlib import Path

    from bot.answering.types import Answer

ANSWER = an_answer(text="They met. [1]", quote="They met.")
CITED = (Cited("1", "a", 1, 0, 9),)

FIRST, SECOND = "http://127.0.0.1:8000", "http://127.0.0.1:8001"


def test_places_are_remembered_and_no_words(tmp_path: Path) -> None:
    """The next answer takes their place, a refusal too; a courtesy does not."""
    last = LastAnswer(tmp_path / "last.json")
    assert last.citations() == ()

    last.keep(ANSWER)
    last.keep(replace(ANSWER, citations=(), reply=Reply("courtesy.thanks")))
    assert last.citations() == CITED
    assert "met" not in (tmp_path / "last.json").read_text()

    last.keep(an_answer(text="No.", refusal=Refusal("No.", Searched(1))))
    assert last.citations() == ()


def a_store(tmp_path: Path, text: str) -> PassageStore:
    """A store of one release."""
    embedder = WordEmbedder()
    store = PassageStore(tmp_path / "store", model=embedder.name)
    keep(store, a_release("a", text, title="The meeting", publisher="NATO"), embedder)
    return store


def an_answer_of(store: PassageStore, quote: str, **changes: Any) -> Answer:
    """An answer that quotes the store's release."""
    release = store.records.get("a")
    assert release is not None
    start = release.text.index(quote)
    citation = Citation("1", quote, start, start + len(quote), release, None, "Mark Rutte")
    return replace(ANSWER, **{"text": f"{quote} [1]", "citations": (citation,), **changes})


QUOTE = "“Allies met in Brussels”, said Mark Rutte."


@pytest.mark.parametrize("text", [f"{QUOTE} [1]", "They met, as a model put it [1]."])
def test_the_whole_answer_comes_back(tmp_path: Path, text: str) -> None:
    """Its quotes, titles and speakers from the store; a model's own words as they were."""
    last = LastAnswer(tmp_path / "last.json")
    with a_store(tmp_path, f"It was a day. {QUOTE} The end.") as store:
        answer = an_answer_of(store, QUOTE, text=text)

        last.keep(answer)
        kept = last.answer(store)

    assert kept is not None
    assert kept.record == AnswerRecord.model_validate(answer)
    written = (tmp_path / "last.json").read_text()
    assert not any(word in written for word in ("Allies", "meeting", "Rutte", "NATO"))
    assert (tmp_path / "last.json").stat().st_mode & 0o077 == 0


def test_a_refusal_comes_back_with_the_releases_that_are_stored(tmp_path: Path) -> None:
    """The others were removed since."""
    last = LastAnswer(tmp_path / "last.json")
    with a_store(tmp_path, "They met.") as store:
        nearest = (store.records.get("a"), replace(store.records.get("a"), id="gone"))  # type: ignore[type-var]
        last.keep(an_answer(text="No.", refusal=Refusal("No.", Searched(2), nearest)))  # type: ignore[arg-type]

        kept = last.answer(store)

    assert kept is not None
    assert kept.record.refusal is not None
    assert [one.title for one in kept.record.refusal.nearest] == ["The meeting"]


def test_an_answer_from_a_removed_release_is_gone(tmp_path: Path) -> None:
    """Whichever process removed it; a takedown on this home takes the file along."""
    last = LastAnswer(tmp_path / "last.json")
    with a_store(tmp_path, "They met.") as store:
        last.keep(an_answer_of(store, "They met."))
        store.remove("a")
        assert last.answer(store) is None

    last.forget_release("b")
    assert last.citations() != ()
    last.forget_release("a")
    assert not (tmp_path / "last.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"key": "1"}]'])
def test_a_file_of_another_kind_is_none(tmp_path: Path, text: str) -> None:
    """As where there is no file."""
    (tmp_path / "last.json").write_text(text)

    assert LastAnswer(tmp_path / "last.json").citations() == ()


def test_what_cannot_be_written_is_only_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The answer stands all the same."""
    LastAnswer(tmp_path / "nowhere" / "last.json").keep(ANSWER)

    assert "cannot be written" in caplog.text


def test_an_address_is_known_while_its_server_runs(tmp_path: Path) -> None:
    """To any number of readers; before and after there is none, and nothing is left behind."""
    before = running_address(tmp_path)
    with announced(tmp_path, FIRST):
        during = [running_address(tmp_path) for _ in range(3)]

    assert (before, during, running_address(tmp_path)) == (None, [FIRST] * 3, None)
    assert list(tmp_path.iterdir()) == []


def test_of_two_servers_the_later_one_is_found(tmp_path: Path) -> None:
    """Whichever ends first, the note of the other is left alone."""
    with announced(tmp_path, FIRST), announced(tmp_path, SECOND):
        both = running_address(tmp_path)

    assert both == SECOND
    with announced(tmp_path, FIRST):
        assert running_address(tmp_path) == FIRST


def test_a_note_that_nobody_holds_is_not_believed(tmp_path: Path) -> None:
    """As after a loss of power."""
    (tmp_path / "web.address").write_text(FIRST)

    assert running_address(tmp_path) is None


def test_a_note_is_for_its_owner_alone(tmp_path: Path) -> None:
    """As all else in a home."""
    with announced(tmp_path, FIRST):
        assert stat.S_IMODE((tmp_path / "web.address").stat().st_mode) == 0o600


def test_a_home_that_cannot_be_written_to_is_no_reason_to_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The server runs, and citations do not lead to it."""
    with announced(tmp_path / "nowhere", FIRST):
        assert running_address(tmp_path / "nowhere") is None

    assert "citations will not lead to this server" in caplog.text
