"""How people and programs reach the bot: Discord, the web page, assistants, metrics."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from bot.errors import DiscordError, WebError
from bot.settings.section import LONGEST_WAIT, SERVER, USER, Place, Section, can_be_asked

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
    token_file: Place | None = Field(
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
    token_file: Place | None = Field(
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
        "127.0.0.1", description="The address that it listens on; one that others reach needs a token, and `names`."
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
