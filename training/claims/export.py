"""The taught branch as `bot/answering/models/claims/model.onnx`.

    python -m training.claims.export --data ../shared/data --out build/claims

Weights are bytes; prints how far apart true and false claims that were kept from training are, by PyTorch and by the
file.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from bot.answering.reader import CLAIMS
from datasets.command import parser_of, reads_shared_data
from training.claims.data import claims_of, reader_claims
from training.claims.network import FIRST, WIDTH, Branch
from training.claims.train import SEED, apart, logits_of, states_of, with_copies
from training.quantisation import write_quantised
from training.reader.outliers import split_outliers
from training.reader.rounding import round_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.claims.train import States


_SHOWN, _EVERY = 100, 4  # claims that show what products are given; every so manyth kept one checks the file


def export(branch: Branch, states: States, shown: Sequence[int], path: Path) -> int:
    """Write a branch; its inputs are `states` and `mask`, its output `supports`.

    The claims with the numbers `shown` say what its products are given; how many parts of channels were added.
    """
    round_weights(branch, (states.batch([number]) for number in shown), within="layers.")
    given = torch.zeros(2, 5, WIDTH), torch.ones(2, 5, dtype=torch.int64)
    write_quantised(branch.eval(), given, path, inputs=("states", "mask"), outputs=("supports",))
    rows = (states.batch([number]) for number in shown)
    return split_outliers(path, ({"states": each.numpy(), "mask": mask.numpy()} for each, mask in rows))


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
    kept = [number for number, claim in enumerate(written) if claim.kept][::_EVERY]
    truth = np.array([claims[number].supported for number in kept])
    print(f"PyTorch: {apart(logits_of(branch, states, kept), truth)}")
    learnt = [number for number, claim in enumerate(written) if not claim.kept]
    path = CLAIMS / "model.onnx"
    parts = export(branch, states, random.Random(SEED).sample(learnt, _SHOWN), path)
    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found: list[float] = []
    for number in kept:
        rows, mask = states.batch([number])
        found += session.run(["supports"], {"states": rows.numpy(), "mask": mask.numpy()})[0].tolist()
    separation = apart(np.array(found), truth)
    size = path.stat().st_size / 1e6
    print(f"{path}, layers {FIRST + 1} and up, {size:.1f} MB, {parts} parts of channels: {separation}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
