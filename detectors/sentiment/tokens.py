"""Texts as pieces of tokens with their sentences."""

from collections.abc import Sequence
from typing import Any

from detectors.sentiment.pieces import TokenisedText, tokenised


class SentenceTokenizer:
    """Cuts texts into pieces with a tokenizer of the `tokenizers` library. Any thread may call it."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ends: tuple[int, int] = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")

    def tokenise(self, texts: Sequence[str]) -> list[TokenisedText]:
        """Return the pieces of texts (valid Unicode), in order; a text without tokens has none."""
        return [
            tokenised(text, encoding.ids, [first for first, _ in encoding.offsets], self._ends)
            for text, encoding in zip(
                texts, self._tokenizer.encode_batch(list(texts), add_special_tokens=False), strict=True
            )
        ]
