"""Question-answering models of other people, as readers; small ones of random weights stand for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bot.answering.reader import Context, Encoder, Marks, OnnxReader, open_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

adopting = pytest.importorskip("training.reader.adopt", reason="torch is not installed", exc_type=ImportError)
transformers = pytest.importorskip("transformers", reason="transformers is not installed")
torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")

WORDS = ["how", "many", "ferries", "run", "Norvale", "runs", "eleven", "the", "harbour", "is", "old"]
QUESTION, TEXT = "how many ferries run", "Norvale runs eleven ferries the harbour is old"
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def bert(folder: Path) -> Any:
    """One mark between question and passage, and types of subwords."""
    save_tokenizer(folder, ("[PAD]", "[UNK]", "[CLS]", "[SEP]"), "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1")
    return transformers.BertForQuestionAnswering(transformers.BertConfig(vocab_size=40, **SIZES))


def roberta(folder: Path) -> Any:
    """Two marks between them, and positions that count from the padding's number."""
    save_tokenizer(folder, ("<s>", "<pad>", "</s>", "<unk>"), "<s> $A </s>", "<s> $A </s> </s> $B </s>")
    return transformers.RobertaForQuestionAnswering(
        transformers.RobertaConfig(vocab_size=40, type_vocab_size=1, max_position_embeddings=514, **SIZES)
    )


def save_tokenizer(folder: Path, special: tuple[str, ...], single: str, pair: str) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    vocabulary = {word: number for number, word in enumerate((*special, *WORDS))}
    named = {role: word for word in special for role in ("pad", "unk") if role in word.lower()}
    start, end = single.split(" $A ")
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=named["unk"]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    marks = [(word, vocabulary[word]) for word in (start, end)]
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=marks)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=named["pad"], unk_token=named["unk"], cls_token=start, sep_token=end
    ).save_pretrained(folder)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
@pytest.mark.parametrize("make", [bert, roberta])
def test_a_model_of_transformers_reads_as_it_was_taught_to(make: Any, tmp_path: Path) -> None:
    """The same numbers go in as its own tokenizer makes, and the same logits come out."""
    from onnxruntime import InferenceSession

    torch.manual_seed(3)
    model = make(tmp_path / "theirs").eval()
    model.save_pretrained(tmp_path / "theirs")
    adopting.adopt(str(tmp_path / "theirs"), tmp_path / "ours")

    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "theirs")
    wanted = tokenizer(QUESTION, f"harbour {TEXT}", return_tensors="pt")
    marks = Marks(**json.loads((tmp_path / "ours/reader.json").read_text("utf-8"))["marks"])
    encoder = Encoder(open_tokenizer(tmp_path / "ours/tokenizer.json"), marks=marks)
    [encoded] = encoder.questions(QUESTION, [Context("harbour", TEXT)])
    assert encoded.ids == wanted["input_ids"][0].tolist()

    with torch.no_grad():
        logits = model(**wanted).start_logits[0].numpy()
    session = InferenceSession(str(tmp_path / "ours/model.onnx"), providers=["CPUExecutionProvider"])
    ids = np.array([encoded.ids])
    [found] = session.run(["start"], {"ids": ids, "mask": np.ones_like(ids)})
    assert np.corrcoef(logits, found[0])[0, 1] > 0.9
    [reading] = OnnxReader(tmp_path / "ours").read(QUESTION, [Context("harbour", TEXT)])
    assert reading
    assert TEXT[reading.start : reading.end]


def test_a_model_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its name, and no traceback."""
    assert adopting.main(["--model", str(tmp_path / "none"), "--out", str(tmp_path / "ours")]) == 1
    assert "none" in capsys.readouterr().err
