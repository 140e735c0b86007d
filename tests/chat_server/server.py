"""A server that speaks the protocol of OpenAI's chat completions, with the good and the bad days of a provider.

    with ChatServer() as server:
        server.answers(429, retry_after=1)
        server.replies("The ceiling is 40 million euros [K7].")
        model = ChatModel(ModelPolicy("openai:test", base_url=server.base_url))

Scripts are used up in order; one that is told `forever=True` stays. A request beyond them is refused with 400. It runs
in a thread of its own; every verb may be called from any other. The client wants a key: see the fixture `chat_server`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.chat_server.script import Request, Script, Written, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Self

_BROKEN = cut('{"one two three four five six seven eight')
_ID = {"id": "chat-1", "created": 1_700_000_000}


class ChatServer:
    """The server, on a free port of the loopback."""

    def __init__(self) -> None:
        self._scripts: list[Script] = []
        self._requests: list[Request] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.base_url = f"http://127.0.0.1:{door.getsockname()[1]}/v1"
        self._ready, self._stopped = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(door,), name="chat server", daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the chat server did not open within 10 seconds")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request received, in order."""
        with self._lock:
            return tuple(self._requests)

    def replies(
        self,
        text: str | Written | None = None,
        *,
        pieces: Sequence[str] | None = None,
        delay: float = 0,
        tokens: bool = True,
        whole: bool = False,
        forever: bool = False,
    ) -> None:
        """A reply: a text, one written from the request, or these pieces with `delay` seconds before each."""
        written = text if callable(text) else None
        parts = tuple(pieces) if pieces is not None else cut(text) if isinstance(text, str) else ("Fine.",)
        self.plays(Script(parts, written, delay=delay, tokens=tokens, whole=whole, forever=forever))

    def answers(
        self,
        status: int,
        *,
        retry_after: float | str | None = None,
        error: str = "this failure was asked for",
        code: str | None = None,
        forever: bool = False,
    ) -> None:
        """A failure, with the words and the code of the error that its body holds."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.plays(Script(status=status, headers=headers, error=error, code=code, forever=forever))

    def hangs(self, *, after: int = 0, forever: bool = False) -> None:
        """Silence, at once or after so many pieces; it ends with the server or when the client goes."""
        self.plays(Script(_BROKEN, hangs_after=after, forever=forever))

    def breaks_off(self, *, after: int = 0, forever: bool = False) -> None:
        """The connection ends after so many pieces."""
        self.plays(Script(_BROKEN, breaks_after=after, forever=forever))

    def plays(self, script: Script) -> None:
        """Any script, after those that wait."""
        with self._lock:
            self._scripts.append(script)

    def _run(self, door: socket.socket) -> None:
        asyncio.run(self._serve(door))

    async def _serve(self, door: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        server = web.Server(self._receive, access_log=None, handler_cancellation=True)
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.SockSite(runner, door).start()
            self._ready.set()
            await self._stopped.wait()
        finally:
            await runner.cleanup()

    async def _receive(self, got: web.BaseRequest) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in got.headers.items()}
        raw = await got.read()
        request = Request(got.path, headers, json.loads(raw) if raw else {})
        with self._lock:
            self._requests.append(request)
            script = self._next()
        if got.path != "/v1/chat/completions" or got.method != "POST":
            return _failure(Script(status=404, error=f"there is no {got.method} {got.path}"))
        if script.status != 200:
            return _failure(script)
        if request.streamed and not script.whole:
            return await _stream(got, request, script)
        return await _whole(got, request, script)

    def _next(self) -> Script:
        if not self._scripts:
            return Script(status=400, error="no script is left")
        return self._scripts[0] if self._scripts[0].forever else self._scripts.pop(0)


async def _stream(got: web.BaseRequest, request: Request, script: Script) -> web.StreamResponse:
    if script.hangs_after == 0:
        await asyncio.Event().wait()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(got)
    if script.written_in_pieces:
        return await _as_written(response, request, script.written_in_pieces(request))
    pieces = script.text(request)
    with contextlib.suppress(ConnectionError):  # the client has had enough
        await _send(response, _chunk(request, {"role": "assistant", "content": ""}))
        for place, piece in enumerate(pieces):
            if place == script.breaks_after:
                return _cut(got, response)
            if place == script.hangs_after:
                await asyncio.Event().wait()
            await asyncio.sleep(script.delay)
            await _send(response, _chunk(request, {"content": piece}))
        await _send(response, _chunk(request, {}, finish=script.ending))
        if script.tokens and request.wants_usage:
            usage = {"choices": [], "usage": _usage(request, pieces, script.thought)}
            await _send(response, {**_chunk(request, {}), **usage})
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
    return response


async def _as_written(
    response: web.StreamResponse, request: Request, written: Iterator[tuple[str, str]]
) -> web.StreamResponse:
    with contextlib.suppress(ConnectionError):
        while (piece := await asyncio.to_thread(next, written, None)) is not None:
            text, ending = piece
            await _send(response, _chunk(request, {"content": text}, finish=ending or None))
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
    return response


async def _whole(got: web.BaseRequest, request: Request, script: Script) -> web.StreamResponse:
    if script.hangs_after is not None:
        await asyncio.Event().wait()
    await asyncio.sleep(script.delay)
    pieces = script.text(request)
    message = {"role": "assistant", "content": "".join(pieces)}
    body: dict[str, Any] = {**_ID, "object": "chat.completion", "model": request.model}
    body["choices"] = [{"index": 0, "message": message, "finish_reason": script.ending}]
    if script.tokens:
        body["usage"] = _usage(request, pieces, script.thought)
    return web.json_response(body)


def _cut(got: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
    """The connection closed amid a chunked body; what was written is still sent."""
    if got.transport is not None:
        got.transport.close()
    return response


async def _send(response: web.StreamResponse, event: dict[str, Any]) -> None:
    await response.write(f"data: {json.dumps(event)}\n\n".encode())


def _chunk(request: Request, delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {**_ID, "object": "chat.completion.chunk", "model": request.model, "choices": choices}


def _usage(request: Request, pieces: Sequence[str], thought: int) -> dict[str, Any]:
    """One token a word of the question, one a piece of the reply, and those of thinking."""
    asked, said = sum(len(text.split()) for _, text in request.messages), len(pieces) + thought
    usage: dict[str, Any] = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
    return usage | ({"completion_tokens_details": {"reasoning_tokens": thought}} if thought else {})


def _failure(script: Script) -> web.Response:
    error = {"message": script.error, "type": "error", "code": script.code}
    return web.json_response({"error": error}, status=script.status, headers=dict(script.headers))
