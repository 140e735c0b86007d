"""One store for all tests of the web, asked in this process; and, for the browser, by a server on the loopback."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.settings import load_settings
from bot.web.server import application
from bot.web.services import Site
from bot.wiring import Built
from tests.fakes import keep
from tests.web_server import chromium, running
from vectorstore.types import Release, Twin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.sync_api import Browser

    from tests.web_server import WebServer

ADDRESS = "http://127.0.0.1:8000"
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(2)>'

_FILLER = [
    f"Paragraph {number} of the exhibition catalogue describes another room of the house." for number in range(40)
]
RELEASES = (
    ("sweden.en", "en", "Sweden joins NATO", "Sweden joined NATO on 7 March 2024. Its flag was raised in Brussels."),
    ("sweden.fr", "fr", "La Suède rejoint l’OTAN", "La Suède a rejoint l’OTAN le 7 mars 2024. Son drapeau flotte."),
    ("finland", "en", "Finland joins NATO", "Finland joined NATO on 4 April 2023. Its flag was raised in Brussels."),
    ("harbour/2024.md", "en", f"The harbour {HOSTILE}", f"The harbour museum opens at nine {HOSTILE} every day."),
    ("long", "en", "A long exhibition", "\n\n".join([*_FILLER, "The lighthouse was built of granite in 1851."])),
)  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The parts over one home with a few releases; one of them in two versions, two of them twins."""
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("COMMUNIQUE_")]:
            patched.delenv(name)
        patched.setenv("COMMUNIQUE_ANSWERS__READING_MS", "60000")
        home = tmp_path_factory.mktemp("web") / "home"
        patched.chdir(home.parent)
        settings = load_settings(home)
    with contextlib.closing(Built(settings)) as made:
        for identity, language, title, text in RELEASES:
            keep(made.store, _release(identity, language, title, text), made.embedder)
        later = "Finland joined NATO on 4 April 2023. Its flag was raised in Brussels and in Helsinki."
        keep(made.store, _release("finland", "en", "Finland joins NATO", later), made.embedder)
        twins = [Twin("sweden.en", "sweden.fr", "pair", 1.0)]
        made.store.records.relate(twins, (), of=("sweden.en", "sweden.fr"), up_to=made.store.records.last_event())
        yield made


def _release(identity: str, language: str, title: str, text: str) -> Release:
    url = f"https://example.org/{identity}" if identity == "finland" else None
    moment = datetime(2024, 3, 7, tzinfo=UTC)
    return Release(
        identity, title, tuple(text.split("\n\n")), f"{identity}.md", None, language, "NATO", moment, url=url
    )


@pytest.fixture
async def client(built: Built) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the application in this process, as a browser on this machine would."""
    async with asked(built) as made:
        yield made


@contextlib.asynccontextmanager
async def asked(built: Built, site: Site | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application of its own."""
    transport = httpx.ASGITransport(application(built, site or Site(ADDRESS)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as made:
        yield made


@pytest.fixture(scope="module")
def server(built: Built) -> Iterator[WebServer]:
    with running(built) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, without a window; one for all tests of a file.

    Its driver keeps an event loop running in this thread, in which no other test could run one of its own.
    """
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on the path; on Debian: apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield made
        made.close()
