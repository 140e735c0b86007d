"""What each check of `communique doctor` finds, and that none holds up the others."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections import namedtuple
from typing import TYPE_CHECKING

import pytest

from bot.errors import ModelUnavailableError
from bot.operations.health import (
    Finding,
    check_disk,
    check_language_model,
    check_model,
    check_network,
    check_permissions,
    check_settings,
    check_store,
    examine,
)
from bot.settings import SourceSettings, read_given
from tests.fakes import WordEmbedder
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Usage = namedtuple("Usage", "total used free")


def test_what_hangs_or_fails_stops_no_other_check() -> None:
    """Each gets its time; what went wrong is said, and no secret."""
    ended = threading.Event()

    def hang() -> Finding:
        ended.wait(60)
        return Finding("ok", "late")

    def fail() -> Finding:
        raise ModelUnavailableError("m", "refused with api_key=hush-hush at http://me:hush@host/v1")

    def stumble() -> Finding:
        raise ZeroDivisionError("by a test")

    found = list(
        examine({"hangs": hang, "fails": fail, "stumbles": stumble, "well": lambda: Finding("ok", "w")}, seconds=0.2)
    )
    ended.set()

    assert [(one.name, one.finding.state) for one in found] == [
        ("hangs", "fail"),
        ("fails", "fail"),
        ("stumbles", "fail"),
        ("well", "ok"),
    ]
    assert found[0].finding.said == "not done in 0.2 s"
    assert "ZeroDivisionError: by a test" in found[2].finding.said
    assert "hush" not in json.dumps([one.payload() for one in found])


def test_settings_are_told_with_their_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that names nothing may be somebody else's; a file that holds a token is not for others to read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMMUNIQUE_SHARED", raising=False)  # where tests find data; no setting
    file = tmp_path / "communique.toml"
    monkeypatch.setenv("COMMUNIQUE_SERACH__PASSAGES", "4")
    assert check_settings(read_given()).state == "warn"
    monkeypatch.delenv("COMMUNIQUE_SERACH__PASSAGES")
    assert check_settings(read_given()).state == "ok"

    file.write_text('[discord]\ntoken = "hush"\n')
    file.chmod(0o644)
    assert check_settings(read_given()) == Finding(
        "warn", "communique.toml holds discord.token, and others may read it", "chmod go= communique.toml"
    )
    file.write_text("[search]\npasages = 4\n")
    assert check_settings(read_given()).state == "fail"


def test_a_home_is_of_its_user_alone(tmp_path: Path) -> None:
    """One that others may read is told with what closes it; a file is none."""
    tmp_path.chmod(0o700)
    assert check_permissions(tmp_path).state == "ok"
    assert check_permissions(tmp_path / "new") == Finding("ok", f"{tmp_path / 'new'} will be made")

    tmp_path.chmod(0o755)
    assert check_permissions(tmp_path) == Finding("warn", f"others may read {tmp_path}", f"chmod -R go= {tmp_path}")

    (tmp_path / "file").touch()
    assert check_permissions(tmp_path / "file").state == "fail"


@pytest.mark.parametrize(("mebibytes", "state"), [(100, "fail"), (500, "warn"), (5000, "ok")])
def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mebibytes: int, state: str) -> None:
    """Also for a home that is not there yet."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, mebibytes * 2**20))

    finding = check_disk(tmp_path / "new" / "home")

    assert (finding.state, finding.said) == (state, f"{mebibytes:,} MiB free at {tmp_path}")


def test_an_empty_store_says_what_to_do(tmp_path: Path) -> None:
    """It is no failure."""
    with PassageStore(tmp_path, model="words") as store:
        assert check_store(store) == Finding("warn", "nothing is stored", "`communique ingest FOLDER`")


class Reader:
    """Reads nothing, and counts how often it was asked."""

    asked = 0

    def supports(self, sentence: str, quote: object) -> float:
        self.asked += 1
        return 1.0


def test_both_models_are_tried_and_what_is_stored_is_searched() -> None:
    """Where nothing is stored, nothing is."""
    reader, searched = Reader(), []

    stored = check_model(WordEmbedder("words"), reader, searched.append)
    empty = check_model(WordEmbedder("words"), reader, None)

    assert (stored.state, empty.state) == ("ok", "ok")
    assert (reader.asked, len(searched)) == (2, 1)


def test_newsrooms_are_reached_without_being_asked() -> None:
    """Some that are away are a warning, all of them a failure; files need no network."""
    with socket.create_server(("127.0.0.1", 0)) as up, socket.create_server(("127.0.0.1", 0)) as gone:
        there = SourceSettings(location=f"http://127.0.0.1:{up.getsockname()[1]}/feed")
        away = SourceSettings(location=f"http://127.0.0.1:{gone.getsockname()[1]}/feed")
        gone.close()

        assert check_network([SourceSettings(location="releases")]).said == "no newsroom on the web is set"
        assert check_network([there]) == Finding("ok", "1 of 1 servers reached")
        assert check_network([there, away]).state == "warn"
        assert check_network([away]).said == "1 of 1 servers cannot be reached: 127.0.0.1 (Connection refused)"


class Model:
    """A language model that replies once."""

    name = "fake:model"
    structured = False

    def ask(self, messages: object, *, seconds: float | None = None, schema: object = None) -> Iterator[str]:
        return iter(("yes",))


def test_a_language_model_must_answer() -> None:
    """Without one nothing is asked."""
    assert check_language_model(None).state == "ok"
    assert check_language_model(Model()).said.startswith("fake:model answers in ")
