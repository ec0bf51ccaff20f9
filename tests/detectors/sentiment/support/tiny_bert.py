"""A tiny BERT with random weights and a tokenizer of letters, so that training takes seconds."""

from typing import Any

from detectors.sentiment.tokens import SentenceTokenizer
from detectors.sentiment.training.lessons import LessonMaker

LETTERS = "abcdefghijklmnopqrstuvwxyz.!?,'"


def tiny_bert(seed: int = 1) -> Any:
    """Return a BertModel of six layers, 16 wide."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(LETTERS) * 2 + 4,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=6,
        num_attention_heads=2,
        max_position_embeddings=256,
    )
    return BertModel(config).eval()


def tiny_tokenizer() -> SentenceTokenizer:
    """Return a tokenizer of sentences that knows single letters."""
    return SentenceTokenizer(tiny_word_pieces())


def tiny_word_pieces() -> Any:
    """Return a tokenizer that knows single letters."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def tiny_lessons() -> LessonMaker:
    """Return a maker of lessons with the tiny encoder."""
    return LessonMaker(tiny_tokenizer(), tiny_bert())
