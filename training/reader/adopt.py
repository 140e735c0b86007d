"""A question-answering model of transformers as a folder that `reader.model` can name.

    python -m training.reader.adopt --model etalab-ia/camembert-base-squadFR-fquad-piaf --out reader

The model, from the hub or from a folder, marks spans; how far the best of them exceeds "no answer" is taken for the log
odds that a passage answers, which holds for models taught with unanswerable questions (SQuAD 2). `reader.json` has
these two weights under `answers`. It judges no claims.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from bot.answering.reader import Marks
from training.reader.export import export

if TYPE_CHECKING:
    from collections.abc import Sequence


class Adopted(nn.Module):
    """Such a model behind the inputs and outputs of `Network`; the logits that it lacks are 0."""

    def __init__(self, model: Any, end: int) -> None:  # noqa: ANN401 - transformers' types say less
        super().__init__()
        self.model = model
        self._end = end
        self._typed = getattr(model.config, "type_vocab_size", 1) > 1

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The logits of each head; what stands behind the first `end` is of the second type, as BERT has it."""
        ends = (ids == self._end).long()
        types = {"token_type_ids": ((ends.cumsum(1) - ends) > 0).long() * mask} if self._typed else {}
        found = self.model(input_ids=ids, attention_mask=mask, **types)
        nothing = found.start_logits[:, 0] * 0
        return found.start_logits, found.end_logits, nothing, nothing


def _between(tokenizer: Any) -> int:  # noqa: ANN401 - the same
    """How many marks a tokenizer sets between two texts: one as BERT has it, two as RoBERTa does."""
    one, pair = (len(tokenizer(*texts)["input_ids"]) for texts in (["a"], ["a", "a"]))
    return pair - one - (one - 2)


def adopt(name: str, folder: Path) -> None:
    """Write the folder. Raises ValueError where the model's tokenizer is none that the reader can open."""
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(name)
    if not tokenizer.is_fast:
        raise ValueError(f"{name}: has no fast tokenizer; convert it with transformers' convert_slow_tokenizer")
    model = AutoModelForQuestionAnswering.from_pretrained(name, attn_implementation="eager").eval()
    marks = Marks(
        start=tokenizer.cls_token_id,
        pad=tokenizer.pad_token_id,
        end=tokenizer.sep_token_id,
        unknown=tokenizer.unk_token_id,
        between=_between(tokenizer),
        titled=False,
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    export(Adopted(model, marks.end), model.base_model.embeddings, folder / "model.onnx")
    described = {"name": name, "answers": [0.0, 1.0, 0.0], "supports": [0.0, 0.0], "marks": asdict(marks)}
    (folder / "reader.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the folder; the exit code is 1 where the model cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.reader.adopt", description="Adopt a reader.")
    parser.add_argument("--model", required=True, help="name on the hub, or folder, of a question-answering model")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    options = parser.parse_args(arguments)
    try:
        adopt(options.model, options.out)
    except (OSError, ValueError) as exc:
        print(exc, file=sys.stderr)
        return 1
    print(f"{options.out}: name it as reader.model in communique.toml")
    return 0


if __name__ == "__main__":
    sys.exit(main())
