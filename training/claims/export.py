"""The taught branch as `bot/answering/models/claims/model.onnx`.

    python -m training.claims.export --data ../shared/data --out build/claims

Weights are bytes; prints how far apart true and false claims that were kept from training are, by PyTorch and by the
file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from bot.answering.reader import CLAIMS
from datasets.command import parser_of, reads_shared_data
from training.claims.data import claims_of, reader_claims
from training.claims.network import FIRST, WIDTH, Branch
from training.claims.train import apart, batches, logits_of, states_of, with_copies
from training.quantisation import write_quantised

if TYPE_CHECKING:
    from collections.abc import Sequence


def export(branch: Branch, path: Path) -> None:
    """Write a branch; its inputs are `states` and `mask`, its output `supports`."""
    given = torch.zeros(2, 5, WIDTH), torch.ones(2, 5, dtype=torch.int64)
    write_quantised(branch.eval(), given, path, inputs=("states", "mask"), outputs=("supports",))


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file, and print what its bytes cost."""
    from onnxruntime import InferenceSession

    parser = parser_of("training.claims.export", "Export the branch.")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    branch = Branch()
    branch.load_state_dict(torch.load(options.out / "branch.pt", weights_only=True))
    written = with_copies(claims_of(options.data))
    claims = [*written, *reader_claims(options.data)]
    states = states_of(claims, options.out / "states.npy")
    kept = [number for number, claim in enumerate(written) if claim.kept]
    truth = np.array([claims[number].supported for number in kept])
    print(f"PyTorch: {apart(logits_of(branch, states, kept), truth)}")
    path = CLAIMS / "model.onnx"
    export(branch, path)
    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found: dict[int, float] = {}
    for batch in batches([[number] for number in kept], states.lengths):
        rows, mask = states.batch(batch)
        (logits,) = session.run(["supports"], {"states": rows.numpy(), "mask": mask.numpy()})
        found |= dict(zip(batch, logits.tolist(), strict=True))
    separation = apart(np.array([found[number] for number in kept], dtype=np.float32), truth)
    print(f"{path}, layers {FIRST + 1} and up, {path.stat().st_size / 1e6:.1f} MB: {separation}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
