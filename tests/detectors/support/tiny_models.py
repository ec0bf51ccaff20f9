"""Tiny sequence-classification checkpoints of two architectures: random weights, tokenizers made here."""

import json
from pathlib import Path
from typing import Any, Literal

Architecture = Literal["distilbert", "roberta"]
MOODS = {0: "negative", 1: "neutral", 2: "positive"}
LONGEST = 32
"""Tokens of the longest window of the tiny models."""

WORDS = (
    "the export failed again and nobody answers thank you so much it works now how do i labels in format"
    " this is unacceptable third time still broken der ist schon wieder niemand"
).split()


def write_checkpoint(
    folder: Path,
    architecture: Architecture,
    *,
    labels: dict[int, str] | None = None,
    declared: dict[str, Any] | None = None,
) -> Path:
    """Write config, weights and tokenizer of a tiny model into `folder`, and `declared` as rapport.json."""
    import torch

    torch.manual_seed(3)
    names = MOODS if labels is None else labels
    model, tokenizer = (_distilbert if architecture == "distilbert" else _roberta)(names)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4.0)
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    if declared is not None:
        (folder / "rapport.json").write_text(json.dumps(declared), encoding="utf-8")
    return folder


def _distilbert(names: dict[int, str]) -> tuple[Any, Any]:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    config = DistilBertConfig(
        vocab_size=len(vocabulary),
        dim=16,
        hidden_dim=32,
        n_layers=2,
        n_heads=2,
        max_position_embeddings=LONGEST,
        pad_token_id=0,
        id2label=names,
        label2id={name: number for number, name in names.items()},
    )
    return DistilBertForSequenceClassification(config), tokenizer


def _roberta(names: dict[int, str]) -> tuple[Any, Any]:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import RobertaConfig, RobertaForSequenceClassification

    pieces = ["<s>", "<pad>", "</s>", "<unk>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    config = RobertaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=LONGEST + 2,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        type_vocab_size=1,
        id2label=names,
        label2id={name: number for number, name in names.items()},
    )
    return RobertaForSequenceClassification(config), tokenizer
