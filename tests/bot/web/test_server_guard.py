"""Who is let in: hosts, other sites, the token; and the headers on every response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.web.services import Site
from tests.bot.web.conftest import ADDRESS, asked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from bot.wiring import Built

pytestmark = pytest.mark.embedded

TOKEN = "0123456789abcdef"


@pytest.fixture
async def guarded(built: Built) -> AsyncIterator[httpx.AsyncClient]:
    async with asked(built, Site(ADDRESS, SecretStr(TOKEN))) as made:
        yield made


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:9000", "LOCALHOST", "[::1]:8000"])
async def test_a_name_of_this_machine_is_served(client: httpx.AsyncClient, host: str) -> None:
    """On any port: a tunnel may end on another one."""
    assert (await client.get("/", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "localhost@evil.example"])
async def test_a_foreign_name_is_refused(client: httpx.AsyncClient, host: str) -> None:
    """A page that rebinds its own name to this machine would read everything else."""
    answered = await client.get("/api/releases", headers={"host": host})

    assert answered.status_code == 400
    assert "set web.address to the name" in answered.json()["error"]


async def test_the_name_in_the_settings_is_served(built: Built) -> None:
    """As behind a proxy; on all addresses, numbers are served too, which nobody can rebind."""
    site = Site("https://news.example.org", SecretStr(TOKEN), "0.0.0.0")
    async with asked(built, site) as client:
        bearer = {"authorization": f"Bearer {TOKEN}"}
        hosts = ("news.example.org", "192.168.1.7:8000", "evil.example")
        statuses = [(await client.get("/", headers={"host": host, **bearer})).status_code for host in hosts]

    assert statuses == [200, 200, 400]


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/ask", {"origin": "https://evil.example"}),
        ("POST", "/ask", {"origin": "null"}),
        ("POST", "/api/ask", {"origin": "http://127.0.0.1:9999"}),
        ("GET", "/api/ask?question=x", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}),
        ("GET", "/api/releases", {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}),
        ("GET", "/api/releases", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}),
        ("OPTIONS", "/api/ask", {"origin": "https://evil.example", "access-control-request-method": "POST"}),
    ],
)
async def test_what_another_site_does_is_refused(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> None:
    """It neither asks on somebody's behalf nor reads an answer; no response allows it to."""
    answered = await client.request(method, path, headers=headers)

    assert answered.status_code == 403
    assert not [name for name in answered.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("headers", "status", "told"),
    [
        ({"host": "evil.example"}, 400, f"Cette page n’est pas servie sous ce nom : ouvrez {ADDRESS}."),
        ({"origin": "https://evil.example"}, 403, "Ce que d’autres sites envoient ici est refusé"),
    ],
)
async def test_people_are_refused_in_their_language(
    client: httpx.AsyncClient, headers: dict[str, str], status: int, told: str
) -> None:
    """By a page; programs get JSON in English."""
    answered = await client.get("/releases", headers={"accept-language": "fr", **headers})

    assert (answered.status_code, answered.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert told in answered.text


async def test_a_link_from_another_site_leads_to_a_page(client: httpx.AsyncClient) -> None:
    """That is what links are for; forms and scripts of the pages themselves work as well."""
    linked = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    own = {"origin": ADDRESS, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}

    assert (await client.get("/releases/sweden.en", headers=linked)).status_code == 200
    asked_by_page = await client.post("/ask/stream", data={"question": "When did Sweden join NATO?"}, headers=own)
    assert asked_by_page.status_code == 200


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:8000", "https://news.example.org", 303),
        ("news.example.org:443", "https://news.example.org", 303),
        ("news.example.org", "https://NEWS.example.org:443", 303),
        ("127.0.0.1:8000", "http://news.example.org", 403),
        ("127.0.0.1:8000", "https://news.example.org:8443", 403),
        ("news.example.org", "null", 403),
        ("news.example.org", "http://[::1", 403),
    ],
)
async def test_the_page_behind_a_proxy_is_no_other_site(built: Built, host: str, origin: str, status: int) -> None:
    """Whatever Host header the proxy sends; the settings say what people see."""
    async with asked(built, Site("https://news.example.org")) as client:
        headers = {"host": host, "origin": origin}
        answered = await client.post("/ask", data={"question": "When did Sweden join NATO?"}, headers=headers)

    assert answered.status_code == status


@pytest.mark.parametrize("path", ["/", "/api/status", "/openapi.json", "/static/communique.js", "/nowhere", "/api/ask"])
async def test_every_response_has_strict_headers(client: httpx.AsyncClient, path: str) -> None:
    """Nothing is run, framed, sniffed or sent elsewhere."""
    headers = (await client.get(path)).headers

    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "set-cookie" not in headers


async def test_programs_need_the_token(guarded: httpx.AsyncClient) -> None:
    """As a bearer; the description of the API says so."""
    wrong = [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {TOKEN}"},
        {"cookie": "communique_session=x"},
    ]
    right = {"authorization": f"bearer {TOKEN}"}

    refused = [await guarded.get("/api/status", headers=headers) for headers in wrong]
    let_in = await guarded.get("/openapi.json", headers=right)

    assert {one.status_code for one in refused} == {401}
    assert refused[0].headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer TOKEN" in refused[0].json()["error"]
    assert let_in.json()["security"] == [{"token": []}]


async def test_people_sign_in_where_they_wanted_to_go(guarded: httpx.AsyncClient) -> None:
    """The cookie is for this server alone, no script reads it, it does not hold the token, and it comes with links."""
    form = await guarded.get("/releases/sweden.en?version=1&start=0&end=9&lang=fr")
    target = "/releases/sweden.en?version=1&start=0&end=9&lang=fr"
    signed = await guarded.post("/sign-in", data={"token": f" {TOKEN} ", "target": target})
    page = await guarded.get(signed.headers["location"])

    assert (form.status_code, page.status_code) == (401, 200)
    assert "Jeton" in form.text
    assert f'value="{target.replace("&", "&amp;")}"' in form.text
    assert signed.headers["location"] == f"{target}#quote"
    cookie = signed.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/"))
    assert TOKEN not in cookie


async def test_who_signs_out_is_asked_again(guarded: httpx.AsyncClient) -> None:
    """The cookie is gone."""
    await guarded.post("/sign-in", data={"token": TOKEN, "target": "/"})
    inside = (await guarded.get("/")).status_code

    await guarded.post("/sign-out")

    assert (inside, (await guarded.get("/")).status_code) == (200, 401)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/a\r\nb: c"])
async def test_signing_in_leads_nowhere_else(guarded: httpx.AsyncClient, target: str) -> None:
    """A link with a target of its own could pass somebody on."""
    signed = await guarded.post("/sign-in", data={"token": TOKEN, "target": target})

    assert signed.headers["location"] == "/"


async def test_a_wrong_token_lets_nobody_in(guarded: httpx.AsyncClient) -> None:
    """And the form says so."""
    answered = await guarded.post("/sign-in", data={"token": "wrong", "target": "/"})

    assert answered.status_code == 401
    assert "That is not the token." in answered.text
    assert "set-cookie" not in answered.headers


async def test_after_a_wrong_token_people_still_get_where_they_wanted(guarded: httpx.AsyncClient) -> None:
    """The form that says so keeps the address."""
    answered = await guarded.post("/sign-in", data={"token": "wrong", "target": "/latest?language=fr"})

    assert 'name="target" value="/latest?language=fr"' in answered.text


@pytest.mark.parametrize("path", ["/sign-out", "/ask/stream"])
async def test_signing_in_leads_to_pages_alone(guarded: httpx.AsyncClient, path: str) -> None:
    """What can only be sent cannot be opened."""
    answered = await guarded.post(path)

    assert answered.status_code == 401
    assert 'name="target" value="/"' in answered.text


async def test_a_form_that_is_none_of_ours_is_a_wrong_token(guarded: httpx.AsyncClient) -> None:
    """However many fields it has."""
    answered = await guarded.post("/sign-in", data={f"field{number}": "x" for number in range(30)})

    assert answered.status_code == 401
