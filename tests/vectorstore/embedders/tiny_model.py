"""A sentence-transformers model of a few kilobytes, made on the spot with random weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenizers import Tokenizer, models, pre_tokenizers, processors

from tests.optional import needs

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedTokenizerFast

DIMENSION = 16
LONGEST = 12
"""Tokens that the model reads, the two at the ends included."""

_WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "query", "passage", "the", "harbour", "opened", "ships", "came", "late"]


def make_tiny_model(folder: Path) -> Path:
    """Save the model into `folder`, with prompts for questions and passages, and return it."""
    needs("sentence_transformers")
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel

    bert = folder / "bert"
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(_WORDS),
        hidden_size=DIMENSION,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(bert)
    _tokenizer().save_pretrained(bert)
    transformer = Transformer(str(bert), max_seq_length=LONGEST)
    prompts = {"query": "query ", "document": "passage "}
    SentenceTransformer(modules=[transformer, Pooling(DIMENSION)], prompts=prompts, device="cpu").save(str(folder))
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: number for number, word in enumerate(_WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
