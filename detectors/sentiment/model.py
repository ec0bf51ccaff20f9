"""SentimentModel: the encoder and the trained head, over the windows of long texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from detectors.sentiment.arrays import Float64
from detectors.sentiment.batching import padded_batches
from detectors.sentiment.encoder import TextEncoder
from detectors.sentiment.head import Head
from detectors.sentiment.preparing import examine
from detectors.sentiment.scores import Prepared, Probabilities, SentimentScore, abstention, scored

if TYPE_CHECKING:
    import torch

SHIPPED_WEIGHTS = Path(__file__).parent / "weights"
_NEGATIVE = 0


class SentimentModel:
    """Scores English text. Any thread may call `prepare*`; only the thread of the device calls `run`."""

    def __init__(self, encoder: TextEncoder, head: Head) -> None:
        self._encoder = encoder
        self._head = head

    @classmethod
    def load(
        cls, *, weights: Path | None = None, device: str = "cpu", dtype: torch.dtype | None = None
    ) -> SentimentModel:
        """Load the encoder and the head in folder `weights` (default: the shipped weights) onto `device`.

        `dtype` is the encoder's type, float32 by default. Raises FileNotFoundError or DamagedWeightsError, as
        `Head.load` does.
        """
        head = Head.load(SHIPPED_WEIGHTS if weights is None else weights)
        return cls(TextEncoder.load(device, dtype=dtype), head)

    @property
    def version(self) -> str:
        """The version id of the head, written into every score."""
        return self._head.description.version

    @property
    def encoder(self) -> TextEncoder:
        """The encoder, which retrieval uses as well."""
        return self._encoder

    def prepare(self, text: str) -> Prepared:
        """Return `prepare_all` of one text."""
        return self.prepare_all([text])[0]

    def prepare_all(self, texts: Sequence[str]) -> list[Prepared]:
        """Read, examine and tokenise; one result per text, in order. Bounded; no text makes it raise."""
        examined_texts = [examine(text) for text in texts]
        windowed = iter(
            self._encoder.windows(
                [examined.text for examined in examined_texts if examined.abstained is None]
            )
        )
        items = []
        for examined in examined_texts:
            windows, cut = next(windowed) if examined.abstained is None else ((), False)
            items.append(
                Prepared(
                    text=examined.text,
                    language=examined.language.code,
                    language_confidence=examined.language.confidence,
                    frustration=examined.frustration,
                    frustration_reasons=examined.reasons,
                    windows=windows,
                    truncated=examined.truncated or cut,
                    abstained=examined.abstained,
                )
            )
        return items

    def lengths(self, items: Sequence[Prepared]) -> list[int]:
        """Return the padded tokens of each item: longest window times windows; 0 for an abstention."""
        return [len(item.windows) * max(map(len, item.windows), default=0) for item in items]

    def run(self, items: Sequence[Prepared]) -> list[SentimentScore]:
        """Score prepared items in one pass, in order.

        Memory is bounded by the longest of `lengths` times the number of items.
        """
        flat = [window for item in items for window in item.windows]
        budget = max(1, max(self.lengths(items), default=0) * len(items))
        rows = self._head.probabilities(self._encoder.pooled_windows(flat, max_tokens=budget))
        scores, start = [], 0
        for item in items:
            scores.append(self._score_of(item, rows[start : start + len(item.windows)]))
            start += len(item.windows)
        return scores

    def score(self, texts: Sequence[str], *, max_tokens: int = 16384) -> list[SentimentScore]:
        """Prepare, batch within `max_tokens` padded tokens and run; one score per text, in order.

        A single item longer than `max_tokens` runs alone. No text makes it raise; see `SentimentScore`.
        """
        items = self.prepare_all(texts)
        scores: dict[int, SentimentScore] = {}
        for rows in padded_batches(self.lengths(items), max_tokens):
            scores.update(zip(rows, self.run([items[row] for row in rows]), strict=True))
        return [scores[row] for row in range(len(items))]

    def _score_of(self, item: Prepared, rows: Float64) -> SentimentScore:
        if item.abstained is not None:
            return abstention(item, item.abstained, model=self.version)
        if not np.isfinite(rows).all():
            return abstention(item, "not_finite", model=self.version)
        return scored(item, worst_and_last(rows), model=self.version)


def worst_and_last(rows: Float64) -> Probabilities:
    """Return the mean probabilities of the most negative and the last window; rows (n >= 1, 3) in text order.

    >>> worst_and_last(np.array([[0.8, 0.1, 0.1], [0.1, 0.9, 0.0], [0.2, 0.2, 0.6]]))
    (0.5, 0.15, 0.35)
    """
    mean = (rows[rows[:, _NEGATIVE].argmax()] + rows[-1]) / 2
    negative, neutral, positive = (float(value) for value in np.round(mean / mean.sum(), 9))
    return negative, neutral, positive
