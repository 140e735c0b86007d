"""Draws the pictures of docs/web.md: pages of the web server over samples/, in the browser of this machine.

    python -m docs.pictures.draw_web

Needs a Chromium on the path (on Debian: `apt install chromium`). Nobody's server is asked for anything.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from bot.operations.ingestion import ingest_sources
from bot.settings import load_settings
from bot.wiring import Built
from ingest.sources import Limits
from ingest.types import Source
from tests.web_server import chromium, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_DESK, _PHONE = {"width": 900, "height": 620}, {"width": 360, "height": 740}
_BESIDE = "beside=2024-10-01-rutte-takes-office.fr"


def draw(built: Built, browser: Browser) -> None:
    """Ask, follow up, open a release at the quote, and take a picture of each."""
    ingest_sources(built, [Source(str(ROOT / "samples"))], limits=Limits())
    with running(built) as server:
        desk = browser.new_context(base_url=server.address, viewport=_DESK, locale="en-GB", reduced_motion="reduce")
        _conversation(desk.new_page())
        _beside(desk.new_page())
        phone = browser.new_context(
            base_url=server.address,
            viewport=_PHONE,
            locale="fr-FR",
            color_scheme="dark",
            device_scale_factor=2,
            reduced_motion="reduce",
        )
        _on_a_phone(phone.new_page())


def _conversation(page: Page) -> None:
    page.goto("/")
    _ask(page, "When did Sweden join NATO?", 1)
    _ask(page, "And Finland?", 2)
    page.set_viewport_size({"width": 900, "height": 940})
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.activeElement.blur()")
    _picture(page, "web-conversation")


def _beside(page: Page) -> None:
    page.goto(f"/releases/2024-10-01-rutte-takes-office.en?version=1&start=126&end=205&{_BESIDE}#quote")
    page.set_viewport_size({"width": 1240, "height": 900})
    page.evaluate("scrollTo(0, 0)")
    _picture(page, "web-release")


def _on_a_phone(page: Page) -> None:
    page.goto("/")
    _ask(page, "Où l’opération Baltic Sentry a-t-elle été lancée ?", 1)
    page.evaluate("document.activeElement.blur()")
    page.evaluate("scrollTo(0, 0)")
    _picture(page, "web-phone")


def _ask(page: Page, question: str, count: int) -> None:
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    page.locator("[data-finished]").nth(count - 1).wait_for()


def _picture(page: Page, name: str) -> None:
    target = HERE / f"{name}.png"
    page.screenshot(path=target)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    program = chromium()
    if program is None:
        sys.exit("no Chromium on the path; on Debian: apt install chromium")
    with (
        tempfile.TemporaryDirectory() as made,
        contextlib.closing(Built(load_settings(Path(made) / "home"))) as built,
        sync_playwright() as driver,
    ):
        draw(built, driver.chromium.launch(executable_path=program, args=["--no-sandbox"]))
