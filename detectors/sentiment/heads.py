"""The outputs of the mood model from pooled states: heads for whole texts and sentences, joined by a rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.sentiment.arrays import Float32, Float64, Int64
from detectors.sentiment.pieces import Piece

OUTPUTS: Final = (
    "negative",
    "neutral",
    "positive",
    "threat_to_leave",
    "sarcasm",
    "frustrated",
    "repeated_contact",
    "waiting",
    "escalation",
    "strong_words",
)
"""The outputs in order: three moods that exclude each other, then signs that are each present or not."""

MOODS: Final = 3
"""The first outputs are moods."""


@dataclass(frozen=True, slots=True)
class PooledTexts:
    """The pooled states of some texts.

    `whole` (n, d) is the mean state of each text's `tokens` (n,). `sentences` (s, d) is the mean state of
    each sentence, `owners` (s,) the row of its text in `whole`, ascending, and `numbers` (s,) its number
    there.
    """

    whole: Float32
    tokens: Float32
    sentences: Float32
    owners: Int64
    numbers: Int64

    def only(self, row: int) -> "PooledTexts":
        """Return the text in `row` alone."""
        inside = self.owners == row
        return PooledTexts(
            self.whole[row : row + 1],
            self.tokens[row : row + 1],
            self.sentences[inside],
            np.zeros(int(inside.sum()), dtype=np.int64),
            self.numbers[inside],
        )


@dataclass(frozen=True, slots=True)
class Heads:
    """Three linear layers over k = len(OUTPUTS) outputs and d states.

    `whole_weight` and `sentence_weight` are (k, d), `rule_weight` is (k, 3 k), biases are (k,). The rule
    joins the logits of the whole text with the highest and the mean logits of its sentences, so that one
    sentence can carry a complaint however much courtesy is around it.
    """

    whole_weight: Float32
    whole_bias: Float32
    sentence_weight: Float32
    sentence_bias: Float32
    rule_weight: Float32
    rule_bias: Float32

    def sentence_logits(self, pooled: PooledTexts) -> Float64:
        """Return the (s, k) logits of the sentences."""
        return _linear(pooled.sentences, self.sentence_weight, self.sentence_bias)

    def logits(self, pooled: PooledTexts, sentence_logits: Float64) -> Float64:
        """Return the (n, k) logits of the texts; a text whose states are not finite has logits of NaN."""
        whole = _linear(pooled.whole, self.whole_weight, self.whole_bias)
        highest, mean = _highest_and_mean(sentence_logits, pooled.owners, len(whole))
        return _linear(np.concatenate([whole, highest, mean], axis=1), self.rule_weight, self.rule_bias)


def pool(run_means: Float32, texts: Sequence[Sequence[Piece]]) -> PooledTexts:
    """Return the pooled states of texts from the mean state of each run of their pieces, in order.

    `run_means` (r, d) has one row for each of `Piece.runs`, piece by piece; every text has at least a piece.
    """
    pieces = [(row, piece) for row, text in enumerate(texts) for piece in text]
    lengths = np.array([length for _, piece in pieces for length in piece.runs], dtype=np.float32)
    owners = np.array([row for row, piece in pieces for _ in piece.runs], dtype=np.int64)
    is_sentence = np.array([run for _, piece in pieces for run in _marks(piece)], dtype=bool)
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    with np.errstate(invalid="ignore", over="ignore"):
        sums = np.add.reduceat(run_means * lengths[:, None], starts, axis=0)
        tokens: Float32 = np.add.reduceat(lengths, starts)
        whole = np.asarray(sums / tokens[:, None], dtype=np.float32)
    numbers = np.array([number for _, piece in pieces for number in piece.numbers], dtype=np.int64)
    return PooledTexts(whole, tokens, run_means[is_sentence], owners[is_sentence], numbers)


def _marks(piece: Piece) -> tuple[bool, ...]:
    return (False, *(True for _ in piece.sentences), False)


def _linear(states: Float32 | Float64, weight: Float32, bias: Float32) -> Float64:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(states.astype(np.float64) @ weight.T.astype(np.float64) + bias, dtype=np.float64)


def _highest_and_mean(logits: Float64, owners: Int64, texts: int) -> tuple[Float64, Float64]:
    """Return the highest and the mean of each text's rows, (texts, k); owners are ascending and complete."""
    if not texts:
        return np.zeros((0, logits.shape[1])), np.zeros((0, logits.shape[1]))
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    counts = np.diff(starts, append=len(owners))[:, None]
    with np.errstate(invalid="ignore", over="ignore"):
        highest = np.maximum.reduceat(logits, starts, axis=0)
        return highest, np.add.reduceat(logits, starts, axis=0) / counts
