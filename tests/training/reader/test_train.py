from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.training.reader.tiny_tokenizer import write_tokenizer
from training.reader.claims import Claim, write_claims
from training.reader.examples import Group, Passage, write_groups

if TYPE_CHECKING:
    from pathlib import Path

training = pytest.importorskip("training.reader.train", reason="torch is not installed", exc_type=ImportError)
transformers = pytest.importorskip("transformers", reason="transformers is not installed")
torch = pytest.importorskip("torch")

RECIPE = training.Recipe(layers=2, frozen=1, passes=2, budget=600, claims=4)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder with a base of two small layers, some questions and some claims."""
    (tmp_path / "base").mkdir()
    write_tokenizer(tmp_path / "base/tokenizer.json")
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=90, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(tmp_path / "base")
    answer = Passage("Ferries", "Norvale runs eleven ferries.", None, 13, 19)
    other = Passage("Trains", "Norvale runs trains.")
    groups = [Group("piaf", "a", f"how many ferries {n}?", "", (answer,), (other,), None, "en") for n in range(30)]
    write_groups(groups, tmp_path / "train.jsonl.gz")
    claims = [Claim("true", f"Eleven {n}.", "Norvale runs eleven.", bool(n % 2)) for n in range(8)]
    write_claims(claims, tmp_path / "claims.jsonl.gz")
    return tmp_path


def learned(trainer: Any, *, at_most: int = 1_000) -> Any:
    """The trainer after the batches that it has not seen yet, or so many of them."""
    for number, batch in enumerate(trainer.batches()):
        if trainer.steps <= number < at_most:
            trainer.step(batch)
    return trainer


def test_training_that_was_stopped_goes_on_as_if_it_had_not_been(out: Path) -> None:
    """The same weights at the end; the lowest layer and the embeddings are those of the base."""
    whole = learned(training.Trainer(out, RECIPE))
    stopped = learned(training.Trainer(out, RECIPE), at_most=whole.total // 2)
    torch.save(stopped.state(), out / "state.pt")
    resumed = training.Trainer(out, RECIPE)
    resumed.resume(torch.load(out / "state.pt", weights_only=True))
    learned(resumed)

    wanted, found = whole.state(), resumed.state()
    assert wanted["steps"] == found["steps"] == whole.total > 4
    for name, weight in wanted["network"].items():
        assert weight.dtype == torch.float32
        assert torch.allclose(weight, found["network"][name], atol=1e-6), name
    frozen = "encoder.encoder.layer.0.attention.self.query.weight"
    assert torch.equal(wanted["network"][frozen], stopped.state()["network"][frozen])
    assert not torch.equal(wanted["network"]["span.weight"], stopped.state()["network"]["span.weight"])


def test_a_share_of_a_set_is_chosen_by_name() -> None:
    """Sets that are not named are left out."""
    groups = [Group(name, "a", f"{n}?", "", ()) for name in ("written", "piaf", "stories") for n in range(200)]

    some = training.chosen(groups, "written,piaf:0.25")

    assert sum(one.subset == "written" for one in some) == 200
    assert 25 < sum(one.subset == "piaf" for one in some) < 75
    assert len(training.chosen(groups, "")) == 600
