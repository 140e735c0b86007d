"""`communique serve` as a process: where it listens, what it refuses, how it ends, and who knows where it runs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.state.home import running_address

if TYPE_CHECKING:
    from typer.testing import Result

    from bot.wiring import Built

pytestmark = pytest.mark.embedded

ROOT = Path(__file__).parents[3]


def run(built: Built, *words: str, **environment: str) -> Result:
    """A command on the home of the tests, in this process."""
    return CliRunner().invoke(app, ["--home", str(built.settings.home), *words], env=environment)


def started(built: Built, *words: str) -> subprocess.Popen[str]:
    """A server on the home of the tests, in a process of its own."""
    command = [sys.executable, "-c", "from bot.cli import app; app()", "--home", str(built.settings.home), "serve"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMMUNIQUE_")}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*command, *words], cwd=ROOT, env=environment, text=True, **pipes)  # type: ignore[call-overload]


def test_a_server_is_found_while_it_runs_and_ends_in_good_order(built: Built) -> None:
    """The address is printed; `ask` links to it as long as it answers; SIGTERM is no failure."""
    with started(built, "--port", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        page = httpx.get(address)
        asked = json.loads(run(built, "ask", "When did Sweden join NATO?", "--json").stdout)
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=60)
    later = json.loads(run(built, "ask", "When did Sweden join NATO?", "--json").stdout)

    assert page.status_code == 200
    assert asked["citations"][0]["link"].startswith(f"{address}/releases/sweden.en?version=1&start=0&end=")
    assert (process.returncode, complaints) == (0, "")
    assert later["citations"][0]["link"] is None


@pytest.mark.long
def test_a_server_that_was_killed_is_linked_to_by_nobody(built: Built) -> None:
    """The system lets go of the lock; Ctrl-C ends a server as SIGTERM does."""
    with started(built, "--port", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        while_running = running_address(built.settings.home)
        process.kill()
    after = running_address(built.settings.home)
    with started(built, "--port", "0") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)

    assert (while_running, after) == (address, None)
    assert (process.returncode, complaints) == (0, "")


def test_a_port_in_use_is_one_line_that_says_what_to_do(built: Built) -> None:
    """Exit code 1, and no address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        result = run(built, "serve", "--port", str(port))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"communique: web: port {port}: is in use by another program; choose another one, as in --port {port + 1}, "
        "or --port 0\n"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "news.example.org", "999.1.1.1"])
def test_a_host_beyond_this_machine_needs_a_token(built: Built, host: str) -> None:
    """Before anything listens; the sentence has what to type."""
    result = run(built, "serve", "--host", host)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "put a token into COMMUNIQUE_WEB__TOKEN (`openssl rand -hex 16` prints a good one)" in result.stderr


def test_a_host_that_is_not_of_this_machine_is_named(built: Built) -> None:
    """With a token, it is the network that refuses."""
    result = run(built, "serve", "--host", "192.0.2.1", COMMUNIQUE_WEB__TOKEN="0123456789abcdef")

    assert result.exit_code == 1
    assert "web: 192.0.2.1:8000: cannot be listened on" in result.stderr


@pytest.mark.parametrize("token", ["short", "a" * 15, "é" * 20])
def test_a_token_that_is_easy_to_guess_is_refused(built: Built, token: str) -> None:
    """And not repeated."""
    result = run(built, "serve", COMMUNIQUE_WEB__TOKEN=token)

    assert result.exit_code == 1
    assert "has fewer than 16 plain characters; `openssl rand -hex 16` prints a good one" in result.stderr
    assert token not in result.stderr


def test_an_empty_token_file_opens_no_door(built: Built, tmp_path: Path) -> None:
    """Nor does one that is not there."""
    (tmp_path / "token").write_text("\n")

    for name in ("token", "nowhere"):
        result = run(built, "serve", COMMUNIQUE_WEB__TOKEN_FILE=str(tmp_path / name))

        assert result.exit_code == 1
        assert f"web: token file {tmp_path / name}: cannot be used" in result.stderr


def test_the_address_in_the_settings_wins_over_where_a_server_runs(built: Built) -> None:
    """As behind a proxy, or on another host."""
    settings = {"COMMUNIQUE_WEB__ADDRESS": "https://news.example.org/"}

    result = run(built, "ask", "When did Sweden join NATO?", **settings)

    assert "https://news.example.org/releases/sweden.en?version=1&start=0" in result.stdout


@pytest.mark.parametrize(
    "address", ["news.example.org", "ftp://a.example", "https://a.example/news", "https://u:p@a.example"]
)
def test_an_address_that_is_none_is_named_without_its_password(built: Built, address: str) -> None:
    """With how to write it."""
    result = run(built, "ask", "Q", COMMUNIQUE_WEB__ADDRESS=address)

    assert result.exit_code == 1
    assert "is no address of a host; write it as https://news.example.org" in result.stderr
    assert "u:p" not in result.stderr
