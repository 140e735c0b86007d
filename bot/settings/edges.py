"""The edges: how releases come in, and how people and programs reach the bot (Discord, web, assistants, metrics)."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    WrapValidator,
    model_validator,
)

from bot.errors import DiscordError, WebError
from bot.settings.sections import LONGEST_WAIT, SERVER, USER, PathSetting, Section, can_be_asked

if TYPE_CHECKING:
    from collections.abc import Callable

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(
    r"\A\s*+(\d++(?:\.\d++)?)\s*+(?:([smhdw])|(sec|second|min|minute|hour|day|week)s?)\s*", re.IGNORECASE
)
_WRITTEN = "write it as 15m, 2h or 1d"


def read_duration(value: object, left: Callable[[object], timedelta]) -> timedelta:
    """A length of time from a number and its unit, as in `15m`; anything else is `left` to pydantic."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is None:
            return left(value)
        return timedelta(**{_UNITS[(found[2] or found[3])[0].lower()]: float(found[1])})
    except (ValidationError, OverflowError) as exc:
        raise ValueError(f"{value!r} is no length of time; {_WRITTEN}") from exc


def written_duration(length: timedelta) -> str:
    """A length of time as `read_duration` reads it, in its largest whole unit."""
    seconds = length.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


def _not_in_a_hurry(schedule: timedelta) -> timedelta:
    if not timedelta(seconds=10) <= schedule <= timedelta(days=366):
        raise ValueError(f"a newsroom is asked every 10 seconds at the most, and once a year at least; {_WRITTEN}")
    return schedule


def _fits_a_header(contact: str) -> str:
    if not (contact.isascii() and contact.isprintable()):
        raise ValueError(f"{contact!r} holds what no HTTP header may; write it in plain ASCII")
    return contact


def read_pattern(links: str) -> str:
    """A regular expression. Raises ValueError where it is none."""
    try:
        re.compile(links)
    except (re.error, OverflowError, RecursionError) as exc:  # the last two: a number too high, too many brackets
        raise ValueError(f"is no regular expression ({exc})") from exc
    return links


Schedule = Annotated[timedelta, WrapValidator(read_duration), AfterValidator(_not_in_a_hurry)]


def _names_nobody(location: str) -> str:
    if USER.search(location):
        raise ValueError("the address holds a user name or password, which is never sent; leave it out")
    return location


class SourceSettings(Section):
    """A newsroom to ingest when `communique ingest` is given no source; one such table for each."""

    location: Annotated[str, AfterValidator(_names_nobody)] = Field(
        description="The address of a feed, a sitemap, a page of links, or a release; or a file; or a folder, which is "
        "read with all its subfolders. Paths are relative to the folder where you run `communique`.",
        examples=["https://www.example.org/press/sitemap.xml"],
    )
    name: str | None = Field(None, description="What you call it.", examples=["NATO"])
    publisher: str | None = Field(
        None, description="Assumed for releases that do not say who published them.", examples=["NATO"]
    )
    language: str | None = Field(
        None, description="Assumed for releases that do not say their language.", examples=["fr"]
    )
    fields: dict[str, str] = Field(
        default_factory=dict,
        description="JSONL field names that differ from the usual ones.",
        examples=[{"body": "content"}],
    )
    links: Annotated[str, AfterValidator(read_pattern)] | None = Field(
        None,
        description="A regular expression that the addresses of releases match. It makes a web page a page of links, "
        "and filters feeds and sitemaps.",
        examples=[r"/press/\d{4}/"],
    )
    schedule: Schedule | None = Field(
        None, description="How often `communique watch` reads it, as in `15m` or `2h`.", examples=["1h"]
    )
    allow_private: bool = Field(
        False, description="Whether it may be on this machine or in a private network; refused otherwise."
    )
    trust_lastmod: bool = Field(
        False, description="Whether a page is requested again only if the sitemap says that it has changed."
    )


class FetchSettings(Section):
    """How pages are fetched from the web."""

    contact: Annotated[str, AfterValidator(_fits_a_header)] | None = Field(
        None,
        description="A web or mail address at which a newsroom can reach you; every request names it.",
        examples=["press-bot@example.org"],
    )
    at_once: int = Field(4, ge=1, le=32, description="Pages that are fetched at once.")
    delay: float = Field(
        0.25, ge=0, le=3_600, description="Seconds between two requests to one host; robots.txt may ask for more."
    )
    longest_delay: float = Field(
        5,
        ge=0,
        le=3_600,
        description="The most seconds between two requests; a robots.txt that asks for more is reported.",
    )
    timeout: float = Field(20, gt=0, le=LONGEST_WAIT, description="Seconds that a server may stay silent.")
    longest: float = Field(
        120, gt=0, le=LONGEST_WAIT, description="Seconds that one page may take, waiting for its turn not included."
    )
    attempts: int = Field(3, ge=1, le=10, description="How often a page is requested while the server cannot answer.")
    largest: int = Field(20, ge=1, le=500, description="The most MiB that a page may have, as sent and as unpacked.")
    cookies: bool = Field(
        False, description="Whether a host that shows its pages only to those who send its cookie back gets it back."
    )


class WatchSettings(Section):
    """How `communique watch` works."""

    schedule: Schedule = Field(
        timedelta(minutes=15), description="How often a source without a schedule of its own is read."
    )
    at_once: int = Field(8, ge=1, le=64, description="Sources that are read at once.")
    longest: Annotated[timedelta, WrapValidator(read_duration)] = Field(
        timedelta(minutes=10),
        ge=timedelta(seconds=1),
        description="How long one may be read while others wait for its place, as in `10m`; its next run continues "
        "there.",
    )


class IngestSettings(Section):
    """How pages are read, and releases split."""

    passage_size: int = Field(600, ge=100, le=4000, description="Characters that a passage should have.")
    longest: float = Field(
        8, gt=0, le=3600, description="Seconds in which a page, a file or a list must be read; others fail."
    )
    memory: int = Field(1024, ge=256, le=1_048_576, description="MiB of memory that reading it may need.")
    ocr: bool = Field(
        False,
        description="Whether tesseract, which you install yourself, reads the pages of a PDF that are only images; "
        "raise `longest` to some 5 seconds a page.",
    )
    strict: bool = Field(
        False,
        description="Whether one page of a feed or a sitemap that cannot be read fails a run (exit code 1). Otherwise "
        "it is reported, and a run fails if a source or a file does.",
    )


Snowflake = Annotated[int, Field(ge=1, lt=2**63)]
"""An id of Discord, as *Copy ID* in its developer mode gives it."""

EVERYTHING = "*"
"""Stands for every source in the sources of a scope."""


class ScopeSettings(Section):
    """What some guilds, channels or persons see, if not everything. A channel sees only what its guild sees too."""

    guilds: tuple[Snowflake, ...] = Field(
        (), description="Ids of guilds that see only this.", examples=[[81384788765712384]]
    )
    channels: tuple[Snowflake, ...] = Field(
        (),
        description="Ids of channels, or categories, in which only this is seen. A thread has its channel's scope.",
        examples=[[81384788862181376]],
    )
    persons: tuple[Snowflake, ...] = Field(
        (),
        description="Ids of persons who see only this in direct messages, and where they bring the bot along.",
        examples=[[80351110224678912]],
    )
    sources: tuple[str, ...] | None = Field(
        None,
        description="Names of `[[sources]]`, or locations of others that were ingested by hand; `*` is every source, "
        "and an empty list none.",
        examples=[["NATO"]],
    )
    publishers: tuple[str, ...] | None = Field(
        None,
        description="Publishers as answers name them, whatever source their releases come from; adds to `sources`.",
        examples=[["Council of Europe"]],
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if not (self.guilds or self.channels or self.persons):
            raise ValueError("it names no place; write guilds, channels or persons, each as a list of ids")
        if self.sources is None and self.publishers is None:
            raise ValueError('it names no source; write sources or publishers; `sources = ["*"]` is all, [] is none')
        return self


def _is_somebody(given: object) -> object:
    if isinstance(given, str) and given not in {"managers", "nobody"}:
        raise ValueError(f'{given!r} is nobody; write "managers", "nobody", or a list of ids of persons and roles')
    return given


MayIngest = Annotated[Literal["managers", "nobody"] | tuple[Snowflake, ...], BeforeValidator(_is_somebody)]


class DiscordSettings(Section):
    """The bot on Discord."""

    token: SecretStr | None = Field(
        None,
        description="The bot's token. It belongs in the environment, as COMMUNIQUE_DISCORD__TOKEN.",
        examples=[""],
    )
    token_file: PathSetting | None = Field(
        None, description="A file that holds the token, and nothing else.", examples=["/run/secrets/discord"]
    )
    at_once: int = Field(8, ge=1, le=64, description="Questions that are answered at once.")
    waiting: int = Field(
        40, ge=0, le=100_000, description="Questions that may queue behind them; further ones are turned away."
    )
    user_pause: float = Field(2, ge=0, le=LONGEST_WAIT, description="Seconds between two questions of one person.")
    guild_per_minute: int = Field(120, ge=1, le=1_000_000, description="Questions per minute from one guild.")
    announce_every: float = Field(
        20, ge=1, le=LONGEST_WAIT, description="Seconds between checks for releases to announce."
    )
    topics_per_person: int = Field(25, ge=1, le=1_000, description="Topics that one person may follow.")
    direct_per_minute: float = Field(
        60,
        ge=1,
        le=60_000,
        description="Direct messages per minute to people who follow topics, from all processes together; Discord "
        "blocks bots that open many at once.",
    )
    keep_answers: int = Field(90, ge=1, le=36_500, description="Days that the buttons under an answer work.")
    may_ingest: MayIngest = Field(
        "managers",
        description='Who may start an ingestion with `/ingest`: "managers" (whoever has Manage Server), "nobody", or a '
        "list of ids of persons and roles, and then nobody else.",
    )
    open: bool = Field(
        True,
        description="Whether guilds, channels and persons that no scope names see every source; otherwise none.",
    )
    scopes: tuple[ScopeSettings, ...] = Field(
        (), description="What guilds, channels and persons see, if not everything."
    )

    @model_validator(mode="after")
    def _names_each_place_once(self) -> Self:
        for kind in ("guilds", "channels", "persons"):
            named = Counter(one for scope in self.scopes for one in dict.fromkeys(getattr(scope, kind)))
            for identity in (one for one, count in named.items() if count > 1):
                raise ValueError(f"{identity} stands in the {kind} of two scopes; put all that it may see into one")
        return self

    def read_token(self) -> SecretStr:
        """The token. Raises DiscordError where there is none."""
        if self.token and self.token.get_secret_value().strip():
            return SecretStr(self.token.get_secret_value().strip())
        if self.token_file is None:
            raise DiscordError(
                "no token; put it into COMMUNIQUE_DISCORD__TOKEN, or name its file as discord.token_file"
            )
        try:
            return SecretStr(self.token_file.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError) as exc:
            raise DiscordError(f"token file {self.token_file}: cannot be read ({exc})") from exc


def _is_page(url: str) -> str:
    if not (SERVER.fullmatch(url) and can_be_asked(url) and urlsplit(url).path in {"", "/"}):
        raise ValueError(f"{USER.sub('', url)!r} is no address of a host; write it as https://news.example.org")
    return url.rstrip("/")


_SHORTEST = 16  # characters: nobody guesses as many in the lifetime of a server


def _is_hard_to_guess(token: SecretStr) -> SecretStr:
    value = token.get_secret_value().strip()
    if not value:
        return SecretStr("")
    if len(value) < _SHORTEST or not (value.isascii() and value.isprintable()):
        raise ValueError(f"it has fewer than {_SHORTEST} plain characters; `openssl rand -hex 16` prints a good one")
    return SecretStr(value)


def is_loopback(host: str) -> bool:
    """Whether a server that listens there is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class WebSettings(Section):
    """The web page and the HTTP API of `communique serve`."""

    host: str = Field(
        "127.0.0.1", description="The address that it listens on. Any other than the loopback needs a token."
    )
    port: int = Field(8000, ge=0, le=65_535, description="The port that it listens on; 0 finds a free one.")
    token: Annotated[SecretStr, AfterValidator(_is_hard_to_guess)] | None = Field(
        None,
        description="What people sign in with, and programs send as a bearer token; at least 16 characters. If unset: "
        "anybody on this machine may ask. It belongs in the environment, as COMMUNIQUE_WEB__TOKEN.",
        examples=["at-least-sixteen-characters"],
    )
    token_file: PathSetting | None = Field(
        None, description="A file that holds the token, and nothing else.", examples=["/etc/communique/web-token"]
    )
    address: Annotated[str, AfterValidator(_is_page)] | None = Field(
        None,
        description="Where people reach it, as in `https://news.example.org`, if not where it listens. Citations of "
        "releases without an address of their own lead there. If unset: to where it runs, while it runs.",
        examples=["https://news.example.org"],
    )
    at_once: int = Field(4, ge=1, le=64, description="Questions that are answered at once.")
    waiting: int = Field(
        20, ge=0, le=100_000, description="Questions that may queue behind them; further ones are turned away."
    )

    def read_token(self) -> SecretStr | None:
        """The token, or None. Raises WebError where its file cannot be read, or holds none."""
        if self.token or self.token_file is None:
            return self.token or None
        try:
            text = self.token_file.read_text(encoding="utf-8")
            return _is_hard_to_guess(SecretStr(text.strip() or "?"))  # an empty file must not open the door
        except (OSError, ValueError) as exc:
            raise WebError(f"token file {self.token_file}: cannot be used ({exc})") from exc


class MetricsSettings(Section):
    """What Prometheus may read while `communique discord run`, `serve` or `watch` runs."""

    port: int | None = Field(None, ge=1, le=65_535, description="If unset: nothing is served.", examples=[9464])
    host: str = Field("127.0.0.1", description="The address that it listens on; anybody who reaches it can read it.")


class McpSettings(Section):
    """How assistants reach `communique mcp --http`."""

    host: str = Field(
        "127.0.0.1",
        description="The address that it listens on; one that others reach needs a token, and 0.0.0.0 and :: need "
        "`names` too.",
    )
    port: int = Field(8750, ge=1, le=65_535, description="The port that it listens on.")
    token: Annotated[SecretStr, AfterValidator(_is_hard_to_guess)] | None = Field(
        None,
        description="What an assistant must send as a bearer token; at least 16 characters. It belongs in the "
        "environment, as COMMUNIQUE_MCP__TOKEN.",
        examples=["at-least-sixteen-characters"],
    )
    names: tuple[str, ...] = Field(
        (),
        description="Host names by which assistants reach it, besides the address and those of this machine; requests "
        "for any other are refused.",
        examples=[["press.example.org"]],
    )

    @property
    def address(self) -> str:
        """Where it is reached on this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/mcp"
