"""The REST half: requests checked as Discord checks them, then done."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.discord_server import objects, validation
from tests.discord_server.world import Refused, seen_by_bot

if TYPE_CHECKING:
    from tests.discord_server.objects import Object
    from tests.discord_server.server import Discord

_PREFIX = "/api/v10"


def as_json(payload: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A body as Discord sends it: its type has no charset, by which discord.py knows it."""
    plain = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(payload).encode(), status=status, headers=plain)


async def _sent(request: web.Request) -> tuple[Any, list[str]]:
    """What was sent as JSON, and the texts of the files beside it, in their order."""
    if request.content_type != "multipart/form-data":
        raw = await request.read()
        return (json.loads(raw) if raw and request.content_type == "application/json" else None), []
    form = await request.post()
    files = [field for field in form.values() if isinstance(field, web.FileField)]
    return json.loads(str(form["payload_json"])), [field.file.read().decode() for field in files]


class Rest:
    """Answers requests for a Discord; what it refused stands in its `refused`."""

    def __init__(self, discord: Discord) -> None:
        self._discord = discord
        self._world = discord.world
        self._routes: list[tuple[str, re.Pattern[str], str, Any]] = []
        for method, template, handler in self._table():
            pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "$")
            self._routes.append((method, pattern, template, handler))

    async def receive(self, request: web.Request) -> web.Response:
        """One request: its fault if one is due, the token, the body, then what it asks for."""
        path = request.path.removeprefix(_PREFIX)
        body, files = await _sent(request)
        self._discord.requests.append((request.method, path, body))
        if self._discord.slow:
            await asyncio.sleep(self._discord.slow)
        if fault := self._discord.next_fault(request.method, path):
            return fault
        try:
            answer = self._answer(request, path, body, files)
            if self._world.post_slowly and request.method == "POST" and path.endswith("/messages"):
                await asyncio.sleep(self._world.post_slowly)
            return answer
        except Refused as refused:
            if refused.status == 400:
                self._discord.refused.append((f"{request.method} {path}", refused.body))
            return as_json(refused.body, status=refused.status)

    def _answer(self, request: web.Request, path: str, body: Any, files: list[str]) -> web.Response:
        for method, pattern, template, handler in self._routes:
            if method != request.method or not (found := pattern.match(path)):
                continue
            if "{interaction_token}" not in template and "{webhook_token}" not in template:
                self._check_token(request)
            if body is not None and (wrong := validation.faults(method, template, body)):
                raise Refused(400, 50035, "Invalid Form Body", wrong)
            for attachment, text in zip((body or {}).get("attachments") or [], files, strict=True) if files else ():
                attachment.update(objects.attachment(text))
            payload = handler(request=request, body=body or {}, **found.groupdict())
            return web.Response(status=204) if payload is None else as_json(payload)
        raise Refused(404, 0, f"404: {request.method} {path}: not among what this Discord knows")

    def _check_token(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self._discord.token}":
            raise Refused(401, 0, "401: Unauthorized")

    def _table(self) -> list[tuple[str, str, Any]]:
        message = "/channels/{channel_id}/messages/{message_id}"
        hook = "/webhooks/{webhook_id}/{webhook_token}"
        return [
            ("GET", "/users/@me", lambda **_: self._world.bot),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/applications/@me", self._application),
            ("GET", "/gateway/bot", self._gateway),
            ("GET", "/applications/{application_id}/commands", lambda **_: self._world.commands),
            ("PUT", "/applications/{application_id}/commands", self._overwrite),
            ("POST", "/interactions/{interaction_id}/{interaction_token}/callback", self._callback),
            ("POST", hook, self._follow_up),
            ("GET", f"{hook}/messages/@original", self._get_original),
            ("PATCH", f"{hook}/messages/@original", self._edit_original),
            ("DELETE", f"{hook}/messages/@original", lambda **_: None),
            ("PATCH", f"{hook}/messages/{{message_id}}", self._edit_follow_up),
            ("POST", "/users/@me/channels", self._open_dm),
            ("GET", "/channels/{channel_id}", lambda channel_id, **_: self._world.channel(channel_id)),
            ("GET", "/channels/{channel_id}/messages", self._history),
            ("POST", "/channels/{channel_id}/messages", self._post),
            ("GET", message, self._get),
            ("PATCH", message, self._edit),
            ("DELETE", message, self._delete),
            ("POST", f"{message}/crosspost", self._crosspost),
            ("POST", f"{message}/threads", self._thread_from),
            ("POST", "/channels/{channel_id}/threads", self._thread),
            ("POST", "/channels/{channel_id}/typing", lambda **_: None),
        ]

    def _application(self, **_: Any) -> Object:
        return {
            "id": self._world.bot["id"], "name": "Communiqué", "icon": None, "description": "", "summary": "",
            "bot_public": True, "bot_require_code_grant": False, "verify_key": "0" * 64, "flags": 0,
            "owner": objects.user("Operator"), "team": None, "bot": self._world.bot,
        }  # fmt: skip

    def _gateway(self, **_: Any) -> Object:
        limit = {"total": 1000, "remaining": 999, "reset_after": 1000, "max_concurrency": 16}
        return {"url": self._discord.gateway_url, "shards": self._discord.shards, "session_start_limit": limit}

    def _overwrite(self, body: list[Object], **_: Any) -> list[Object]:
        blank = {
            "application_id": self._world.bot["id"],
            "version": "1",
            "default_member_permissions": None,
            "description": "",
        }
        self._world.commands[:] = [{"id": objects.new_id(), **blank, "type": 1, **one} for one in body]
        self._discord.synced += 1
        return self._world.commands

    def _callback(self, request: web.Request, interaction_token: str, body: Object, **_: Any) -> Object | None:
        interaction = self._world.by_token(interaction_token)
        said = self._world.respond(interaction, body)
        self._discord.woken()
        if request.query.get("with_response") not in {"1", "true", "True"}:
            return None
        payload: Object = {"id": interaction.payload["id"], "type": interaction.payload["type"]}
        if said:
            payload["response_message_id"] = said["id"]
            payload["response_message_loading"] = bool(said["flags"] & objects.LOADING)
            payload["response_message_ephemeral"] = bool(said["flags"] & objects.EPHEMERAL)
        resource = {"resource": {"type": body["type"], **({"message": said} if said else {})}}
        return {"interaction": payload, **resource}

    def _follow_up(self, webhook_token: str, body: Object, **_: Any) -> Object:
        said = self._world.follow_up(self._world.by_token(webhook_token), body)
        self._discord.woken()
        return said

    def _get_original(self, webhook_token: str, **_: Any) -> Object:
        original = self._world.by_token(webhook_token).original
        if original is None:
            raise Refused(404, 10008, "Unknown Message")
        return original

    def _edit_original(self, webhook_token: str, body: Object, **_: Any) -> Object:
        interaction = self._world.by_token(webhook_token)
        self._discord.edits.append((interaction.token, self._world.clock))
        said = self._world.edit_original(interaction, body)
        self._discord.woken()
        return said

    def _edit_follow_up(self, webhook_token: str, message_id: str, body: Object, **_: Any) -> Object:
        interaction = self._world.by_token(webhook_token)
        for one in (*interaction.followups, *([interaction.original] if interaction.original else [])):
            if one["id"] == message_id:
                return self._world.edit(one, body)
        raise Refused(404, 10008, "Unknown Message")

    def _open_dm(self, body: Object, **_: Any) -> Object:
        return self._discord.direct_channel(str(body["recipient_id"]))

    def _history(self, request: web.Request, channel_id: str, **_: Any) -> list[Object]:
        where = self._world.channel(channel_id)
        self._world.demand(where, "read_message_history")
        said = [seen_by_bot(one, self._world.bot, where) for one in self._world.messages.get(channel_id, [])]
        said.sort(key=lambda one: int(one["id"]))
        query, limit = request.query, int(request.query.get("limit", 50))
        if "after" in query:
            return [one for one in said if int(one["id"]) > int(query["after"])][:limit][::-1]
        before = int(query.get("before", 1 << 63))
        return [one for one in said if int(one["id"]) < before][-limit:][::-1]

    def _post(self, channel_id: str, body: Object, **_: Any) -> Object:
        where = self._world.channel(channel_id)
        in_thread = where["type"] == objects.PUBLIC_THREAD
        self._world.demand(where, "send_messages_in_threads" if in_thread else "send_messages")
        if body.get("embeds"):
            self._world.demand(where, "embed_links")
        if body.get("message_reference") and "read_message_history" in self._world.lacking(where):
            raise Refused(403, 160002, "Cannot reply without permission to read message history")
        said = self._world.post(where, self._world.bot, body)
        self._discord.woken()
        return said

    def _get(self, channel_id: str, message_id: str, **_: Any) -> Object:
        where = self._world.channel(channel_id)
        self._world.demand(where, "read_message_history")
        return seen_by_bot(self._world.message(channel_id, message_id), self._world.bot, where)

    def _delete(self, channel_id: str, message_id: str, **_: Any) -> None:
        message = self._world.message(channel_id, message_id)
        if message["author"]["id"] != self._world.bot["id"]:
            raise Refused(403, 50013, "Missing Permissions")
        self._world.messages[channel_id].remove(message)

    def _edit(self, channel_id: str, message_id: str, body: Object, **_: Any) -> Object:
        message = self._world.message(channel_id, message_id)
        if message["author"]["id"] != self._world.bot["id"]:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        self._discord.edits.append((message_id, self._world.clock))
        return self._world.edit(message, body)

    def _crosspost(self, channel_id: str, message_id: str, **_: Any) -> Object:
        if self._world.channel(channel_id)["type"] != objects.ANNOUNCEMENT:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        message = self._world.message(channel_id, message_id)
        message["flags"] |= objects.CROSSPOSTED
        return message

    def _thread_from(self, channel_id: str, message_id: str, body: Object, **_: Any) -> Object:
        message = self._world.message(channel_id, message_id)
        if "thread" in message:
            raise Refused(400, 160004, "A thread has already been created for this message")
        message["thread"] = self._thread(channel_id=channel_id, body=body, identity=message_id)
        return message["thread"]

    def _thread(self, channel_id: str, body: Object, identity: str | None = None, **_: Any) -> Object:
        where = self._world.channel(channel_id)
        self._world.demand(where, "create_public_threads")
        made = objects.thread(body["name"], where, self._world.bot["id"], body.get("auto_archive_duration") or 4320)
        made["id"] = identity or made["id"]
        self._world.channels[made["id"]] = made
        self._world.announce("THREAD_CREATE", made | {"newly_created": True})
        return made
