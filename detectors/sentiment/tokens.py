"""Texts as pieces of tokens with their sentences."""

from collections.abc import Sequence
from typing import Any

from detectors.sentiment.pieces import TokenisedText, tokenised
from detectors.sentiment.sentences import SentenceSpan, sentence_spans


class SentenceTokenizer:
    """Cuts texts into pieces with a tokenizer of the `tokenizers` library. Any thread may call it."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ends: tuple[int, int] = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")

    def tokenise(self, texts: Sequence[str]) -> list[TokenisedText]:
        """Return the pieces of texts (valid Unicode), in order; a text without tokens has none."""
        return self.tokenise_spans(texts, [sentence_spans(text) for text in texts])

    def tokenise_spans(
        self, texts: Sequence[str], spans: Sequence[tuple[SentenceSpan, ...]]
    ) -> list[TokenisedText]:
        """Do the same with the given spans, which cover each text, in the place of its sentences."""
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [
            tokenised(text, encoding.ids, [first for first, _ in encoding.offsets], self._ends, spans=own)
            for text, own, encoding in zip(texts, spans, encodings, strict=True)
        ]
