"""Whether Discord would take a request body: its own OpenAPI description, and what that leaves out.

The description allows unknown fields, 4,000 characters of content and any number of characters in embeds; Discord does
not. Characters are code points. The description lies in the shared data; without it only the rest is checked.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from tests.shared_data import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

DESCRIPTION = DATA / "discord-openapi.json"

_CONTENT = 2_000
_EMBEDS = 6_000
_COMPONENTS = 40
_EMBED_LIMITS = {"title": 256, "description": 4096}
_COMPONENT_LIMITS = {"label": 80, "custom_id": 100, "url": 512, "placeholder": 150}
_V2 = 1 << 15
_NAME = re.compile(r"^[-_'\w]{1,32}$")
# discord.py sends them, and Discord takes them, though its description does not name them there.
_KNOWN = re.compile(r"^body(?:\.\d+\.nsfw|\.tts|(?:\.data)?\.embeds\.\d+\.flags)$")
_COMMAND_CHARACTERS = 8_000


@cache
def description() -> dict[str, Any]:
    """Discord's description of its API; without a path where it is absent."""
    if not DESCRIPTION.is_file():
        return {"paths": {}}
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text("utf-8"))
    # Snowflakes are described as strings, and taken as numbers too, which is how discord.py sends some.
    loaded["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"]}
    return loaded


def faults(method: str, template: str, body: Any) -> list[str]:
    """Why Discord would answer 400, each with its place; empty where it would not."""
    schema = _schema(method, template)
    found = [] if schema is None else [_fault(error) for error in _validator(method, template).iter_errors(body)]
    if schema is not None:
        found += [f"{place}: unknown field" for place in _unknown([schema], body, "body") if not _KNOWN.search(place)]
    return found + list(_left_out(template, body))


def _fault(error: Any) -> str:
    place = ".".join(map(str, error.absolute_path)) or "body"
    return f"{place}: {error.message[:200]}"


@cache
def _validator(method: str, template: str) -> Draft202012Validator:
    return Draft202012Validator({**_schema(method, template), "components": description()["components"]})


def _schema(method: str, template: str) -> dict[str, Any] | None:
    operation = description()["paths"].get(template, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    found: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return found


def _flat(schemas: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every alternative that schemas allow, references followed."""
    for schema in schemas:
        if "$ref" in schema:
            yield from _flat([description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]])
            continue
        yield schema
        for key in ("anyOf", "oneOf", "allOf"):
            yield from _flat(schema.get(key, []))


def _unknown(schemas: list[dict[str, Any]], value: Any, place: str) -> Iterator[str]:
    forms = list(_flat(schemas))
    if isinstance(value, list):
        items = [form["items"] for form in forms if isinstance(form.get("items"), dict)]
        for index, one in enumerate(value):
            yield from _unknown(items, one, f"{place}.{index}") if items else ()
    if not isinstance(value, dict):
        return
    objects = [form for form in forms if "properties" in form]
    if not objects or any(form.get("additionalProperties") for form in forms):
        return
    for key, one in value.items():
        inside = [form["properties"][key] for form in objects if key in form["properties"]]
        if not inside:
            yield f"{place}.{key}"
        else:
            yield from _unknown(inside, one, f"{place}.{key}")


def _left_out(template: str, body: Any) -> Iterator[str]:
    """The rules that the description does not hold."""
    if template.endswith("/commands") or "/commands/" in template:
        for command in body if isinstance(body, list) else [body]:
            yield from _of_command(command)
        return
    message = body.get("data", body) if isinstance(body, dict) and "callback" in template else body
    if isinstance(message, dict):
        yield from _of_message(message)


def _of_message(message: dict[str, Any]) -> Iterator[str]:
    content, embeds = message.get("content") or "", message.get("embeds") or []
    if len(content) > _CONTENT:
        yield f"content: Must be {_CONTENT} or fewer in length ({len(content)})."
    if sum(map(_characters, embeds)) > _EMBEDS:
        yield f"embeds: Embed size exceeds maximum size of {_EMBEDS}"
    for embed in embeds:
        yield from (
            f"embeds.{key}: longer than {most}"
            for key, most in _EMBED_LIMITS.items()
            if len(embed.get(key) or "") > most
        )
    addresses = [embed["url"] for embed in embeds if embed.get("url")]
    if len(addresses) != len(set(addresses)):
        yield "embeds: two with one url are shown as one"
    components = list(_components(message.get("components") or []))
    if len(components) > _COMPONENTS:
        yield f"components: more than {_COMPONENTS} in all"
    for one in components:
        for key, most in _COMPONENT_LIMITS.items():
            if len(one.get(key) or "") > most:
                yield f"components.{key}: longer than {most}"
    if (message.get("flags") or 0) & _V2 and (content or embeds):
        yield "flags: no content or embeds beside components v2"


def _characters(embed: dict[str, Any]) -> int:
    parts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    parts += [(embed.get("author") or {}).get("name")]
    parts += [field.get(key) for field in embed.get("fields") or [] for key in ("name", "value")]
    return sum(len(part) for part in parts if part)


def _components(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield row
        yield from _components(row.get("components") or [])
        if row.get("component"):
            yield from _components([row["component"]])


def _of_command(command: dict[str, Any]) -> Iterator[str]:
    if command.get("type", 1) == 1:
        for name in (command["name"], *(command.get("name_localizations") or {}).values()):
            if not _NAME.match(name) or name != name.lower():
                yield f"name: {name!r} is no name of a command"
    if _longest(command) > _COMMAND_CHARACTERS:
        yield f"command {command['name']}: more than {_COMMAND_CHARACTERS} characters"


def _longest(command: dict[str, Any]) -> int:
    """Characters of names, descriptions and values, counting the longest language of each."""
    total = 0
    for key in ("name", "description"):
        spelt = [command.get(key) or "", *(command.get(f"{key}_localizations") or {}).values()]
        total += max(map(len, spelt))
    total += len(str(command.get("value", "")))
    return total + sum(_longest(one) for key in ("options", "choices") for one in command.get(key) or [])
