"""The pages in a real browser, without a window: what a script does, what keys do, and what is seen on a phone."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from bot.answering.types import Answer
    from bot.wiring import Built
    from tests.web_server import WebServer

pytestmark = pytest.mark.embedded

PHONE = {"width": 360, "height": 740}
PATHS = (
    "/",
    "/search?query=flag",
    "/timeline?topic=NATO",
    "/releases",
    "/releases/harbour%2F2024.md",
    "/latest",
    "/status",
)


@pytest.fixture
def page(browser: Browser, server: WebServer) -> Iterator[Page]:
    """A tab of a person of its own; nothing may be complained of in its console, such as a breach of the policy."""
    context = browser.new_context(base_url=server.address, locale="en-GB", reduced_motion="reduce")
    made = context.new_page()
    complaints: list[str] = []
    # A question that is refused on purpose is one that Chromium tells of.
    made.on("console", lambda told: told.location["url"].endswith("/ask/stream") or complaints.append(told.text))
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert complaints == []


def test_an_answer_grows_in_its_page(page: Page, built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read aloud once it is whole; then the address is the conversation's, and the field goes on with it."""
    whole = built.answerer.invoke("When did Sweden join NATO?")
    first_seen = threading.Event()

    def stream(_: object) -> Iterator[Answer]:
        yield replace(whole, text="Sweden joined", citations=(), finished=False)
        first_seen.wait(30)
        yield whole

    monkeypatch.setattr(type(built.answerer), "stream", lambda self, ask: stream(ask))
    page.goto("/")
    page.get_by_label("Your question").fill("When did Sweden join NATO?")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("Sweden joined", exact=False).first.wait_for()
    busy = page.locator("[aria-live=polite]").get_attribute("aria-busy")

    first_seen.set()
    page.locator("[data-finished]").wait_for()

    assert busy == "true"
    assert page.locator("[aria-live=polite]").get_attribute("aria-busy") is None
    assert "/conversations/" in page.url
    assert page.locator("blockquote").inner_text().startswith("“Sweden joined NATO on 7 March 2024.")
    assert page.get_by_label("Go on").input_value() == ""


def test_the_keyboard_is_enough(page: Page) -> None:
    """From the skip link over a question and a follow-up to the release, open at the quote."""
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("What was built of granite in 1851?")
    page.keyboard.press("Enter")
    page.locator("[data-finished]").wait_for()
    for _ in range(2):  # the key in the text, then the title of the release
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/releases/long*")

    assert skip == "Skip to the content"
    mark = page.locator("mark")
    assert mark.inner_text() == "The lighthouse was built of granite in 1851."
    assert _is_in_view(page)


def _is_in_view(page: Page) -> bool:
    """Whether the quote is on the screen, which the page is too long to show by itself."""
    box, size = page.locator("#quote").bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    return page.evaluate("scrollY") > 0 and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def test_an_answer_can_be_stopped(page: Page, built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    """The button is there while there is something to stop; then the next question may be asked."""
    stopped = threading.Event()

    def stream(_: object) -> Iterator[Answer]:
        stopped.wait(30)
        yield  # type: ignore[misc]

    monkeypatch.setattr(type(built.answerer), "stream", lambda self, ask: stream(ask))
    page.goto("/")
    page.get_by_label("Your question").fill("When did Sweden join NATO?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop").click()

    page.get_by_text("Stopped.").wait_for()
    stopped.set()
    assert page.get_by_role("button", name="Ask").is_enabled()
    assert page.get_by_role("button", name="Stop").is_hidden()


@pytest.mark.parametrize(
    ("status", "kind", "body", "told"),
    [
        (403, "application/json", '{"error": "origin: open the page itself"}', "origin: open the page itself"),
        (400, "text/html", '<p class="problem">since: this is not a date.</p>', "since: this is not a date."),
        (502, "text/html", "<h1>Bad Gateway</h1>", "The server does not respond. Is it still running?"),
    ],
)
def test_a_refusal_of_the_server_is_told_in_its_words(page: Page, status: int, kind: str, body: str, told: str) -> None:
    """That it does not respond is said of one that says nothing of ours."""
    page.route("**/ask/stream", lambda route: route.fulfill(status=status, content_type=kind, body=body))
    page.goto("/")
    page.get_by_label("Your question").fill("When did Sweden join NATO?")
    page.keyboard.press("Enter")

    assert page.locator("[role=alert]").inner_text() == told


@pytest.mark.parametrize("path", PATHS)
def test_a_phone_shows_a_page_without_scrolling_sideways(page: Page, path: str) -> None:
    """At 360 pixels; what one presses is large enough for a finger."""
    page.set_viewport_size(PHONE)
    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    buttons = [button.bounding_box() for button in page.get_by_role("button").all() if button.is_visible()]
    assert all(box and box["height"] >= 40 for box in buttons)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_ground(page: Page, scheme: str) -> None:
    """With the contrast of WCAG's AA, 4.5 to 1, in either scheme; the dark one is dark."""
    page.emulate_media(color_scheme=scheme)
    page.goto("/releases/finland?version=1&start=0&end=20#quote")

    shades = {name: _shade(page, selector, style) for name, selector, style in SHADES}

    ground = shades.pop("ground")
    assert (ground < 0.2) == (scheme == "dark")
    for name, shade in shades.items():
        behind = {"mark": _shade(page, "mark", "backgroundColor"), "del": _shade(page, "del", "backgroundColor")}
        low, high = sorted((shade, behind.get(name, ground)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, name


SHADES = (
    ("ground", "body", "backgroundColor"),
    ("text", ".release-text", "color"),
    ("details", ".details", "color"),
    ("link", ".actions a", "color"),
    ("problem", ".problem", "color"),
    ("mark", "mark", "color"),
    ("del", "del", "color"),
    ("footer", "footer a", "color"),
)


def _shade(page: Page, selector: str, style: str) -> float:
    """The relative luminance of a colour, as WCAG defines it."""
    told = page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{style}")
    channels = [int(one) / 255 for one in told[told.index("(") + 1 : -1].split(",")[:3]]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_hostile_release_runs_nothing(page: Page) -> None:
    """Its text is shown as it is; had anything run, the console would tell."""
    page.goto("/releases/harbour%2F2024.md")

    assert "<script>alert(1)</script>" in page.locator(".release-text").inner_text()
    assert page.locator("main img").count() == 0
