"""SentimentModel: the adapted encoder, its heads and their calibration, on whole texts and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.sentiment.arrays import Float64
from detectors.sentiment.calibration import Calibration
from detectors.sentiment.frustration import shortened, words_that_show
from detectors.sentiment.heads import MOODS, OUTPUTS, Heads, PooledTexts, pool
from detectors.sentiment.network import MoodEncoder
from detectors.sentiment.pieces import Piece
from detectors.sentiment.preparing import examine
from detectors.sentiment.scores import (
    LABELS,
    Evidence,
    Prepared,
    SentimentScore,
    Signs,
    abstention,
    scored,
    with_signs,
)
from detectors.sentiment.scoring import padded_tokens, score_in_batches
from detectors.sentiment.weights_file import MoodWeights

if TYPE_CHECKING:
    import torch

SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights"

TARGET_ERROR: Final = 0.1
"""Share of wrong moods that is accepted among the moods given. Chosen by hand: one in ten."""

_DECIMALS: Final = 6
"""Decimals of every probability: rounding hides the last bits, which depend on the batch."""

THREAT: Final = "threat_to_leave"
SARCASM: Final = "sarcasm"
FRUSTRATED: Final = "frustrated"
REASONS: Final = tuple(name for name in OUTPUTS[MOODS:] if name != FRUSTRATED)
"""The outputs that are reasons of frustration."""

LIKELY: Final = 0.5
"""Probability from which a sign counts as present: more likely than not."""


MAX_EVIDENCE: Final = 3
"""Sentences told as evidence for a mood at most. Chosen by hand."""

READ_ALONE: Final = 4
"""Sentences of a text read alone at most: bounds the second pass. Chosen by hand, one above MAX_EVIDENCE."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The network's answer to some texts.

    `moods` (n, 3) and `signs` (n, k - 3) are calibrated probabilities; `pooled` has the states.
    """

    moods: Float64
    signs: Float64
    pooled: PooledTexts


class SentimentModel:
    """Scores English text. Any thread may call `prepare*`; only the thread of the device calls `run`."""

    def __init__(
        self, encoder: MoodEncoder, weights: MoodWeights, *, target_error: float = TARGET_ERROR
    ) -> None:
        self._encoder = encoder
        self._heads: Heads = weights.heads
        self._calibration: Calibration = weights.description.calibration
        self._version = weights.description.version
        self._least_confidences = self._calibration.least_confidences(target_error)

    @classmethod
    def load(
        cls,
        *,
        weights: Path | None = None,
        device: str = "cpu",
        dtype: torch.dtype | None = None,
        target_error: float = TARGET_ERROR,
    ) -> SentimentModel:
        """Load the encoder and the weights in folder `weights` (default: the shipped weights) onto `device`.

        `dtype` is the encoder's type, float32 by default. Of the texts that are given a mood, at most the
        share `target_error` should be wrong, for each mood; the model abstains from the others. Raises
        FileNotFoundError or DamagedWeightsError, as `MoodWeights.load` does.
        """
        found = MoodWeights.load(SHIPPED_WEIGHTS if weights is None else weights)
        encoder = MoodEncoder.load(found.adapters, device=device, dtype=dtype)
        return cls(encoder, found, target_error=target_error)

    @property
    def version(self) -> str:
        """The version id of the weights, written into every score."""
        return self._version

    def prepare_all(self, texts: Sequence[str]) -> list[Prepared]:
        """Read, examine and tokenise; one result per text, in order. Bounded; no text makes it raise."""
        examined_texts = [examine(text) for text in texts]
        tokenised = iter(
            self._encoder.tokenise([found.text for found in examined_texts if found.abstained is None])
        )
        items = []
        for examined in examined_texts:
            found = next(tokenised) if examined.abstained is None else None
            tokens = found if found is not None and found.pieces else None
            items.append(
                Prepared(
                    text=examined.text,
                    language=examined.language.code,
                    language_confidence=examined.language.confidence,
                    frustration=examined.frustration,
                    frustration_reasons=examined.reasons,
                    windows=tuple(piece.window for piece in tokens.pieces) if tokens else (),
                    truncated=examined.truncated or (tokens is not None and tokens.cut),
                    abstained=examined.abstained,
                    tokens=tokens,
                )
            )
        return items

    def lengths(self, items: Sequence[Prepared]) -> list[int]:
        """Return the padded tokens of each item: longest window times windows; 0 for an abstention."""
        return padded_tokens(items)

    def run(self, items: Sequence[Prepared]) -> list[SentimentScore]:
        """Score prepared items in one pass, and read some sentences of the unhappy ones in a second.

        In order. Memory is bounded by the longest of `lengths` times the number of items.
        """
        read = [item for item in items if item.tokens is not None]
        outputs = self.outputs(read)
        evidence = self._evidence(read, outputs)
        found = iter(
            self._score_of(item, outputs, row, evidence.get(row, ())) for row, item in enumerate(read)
        )
        return [
            next(found)
            if item.tokens is not None
            else abstention(item, item.abstained or "empty_text", model=self.version)
            for item in items
        ]

    def score(self, texts: Sequence[str], *, max_tokens: int = 16384) -> list[SentimentScore]:
        """Prepare, batch within `max_tokens` padded tokens and run; one score per text, in order.

        A single item longer than `max_tokens` runs alone. No text makes it raise; see `SentimentScore`.
        """
        return score_in_batches(self, texts, max_tokens=max_tokens)

    def outputs(self, items: Sequence[Prepared]) -> Outputs:
        """Return the calibrated outputs of items that have tokens, in order."""
        return self._read([item.tokens.pieces for item in items if item.tokens is not None])

    def _read(self, texts: Sequence[Sequence[Piece]]) -> Outputs:
        pooled = pool(self._encoder.run_means([piece for text in texts for piece in text]), texts)
        logits = self._heads.logits(pooled, self._heads.sentence_logits(pooled))
        moods = np.round(self._calibration.moods(logits), _DECIMALS)
        return Outputs(moods, np.round(self._calibration.signs(logits), _DECIMALS), pooled)

    def _score_of(
        self, item: Prepared, outputs: Outputs, row: int, evidence: tuple[Evidence, ...]
    ) -> SentimentScore:
        moods = outputs.moods[row]
        if not (np.isfinite(moods).all() and np.isfinite(outputs.signs[row]).all()):
            return abstention(item, "not_finite", model=self.version)
        score = scored(
            item,
            (float(moods[0]), float(moods[1]), float(moods[2])),
            model=self.version,
            least_confidences=self._least_confidences,
            least_positive=self._calibration.least_positive,
        )
        return with_signs(score, self._signs_of(item, outputs, row, evidence))

    def _evidence(self, items: Sequence[Prepared], outputs: Outputs) -> dict[int, tuple[Evidence, ...]]:
        """Read the likeliest sentences of unhappy texts alone; return the evidence by row.

        This reads at most `READ_ALONE` sentences of a text a second time. A text of one sentence needs no
        evidence.
        """
        moods = outputs.moods.argmax(axis=1)
        rows = self._unhappy(outputs)
        logits = self._heads.sentence_logits(outputs.pooled)
        parts = [
            (row, number, piece)
            for row in rows
            for number, piece in _likeliest(items[row], logits[outputs.pooled.owners == row, moods[row]])
        ]
        if not parts:
            return {}
        alone = self._read([(piece,) for _, _, piece in parts]).moods
        found: dict[int, list[Evidence]] = {row: [] for row in rows}
        for (row, number, _), chances in zip(parts, alone, strict=True):
            if chances[moods[row]] >= LIKELY:
                text = shortened(sentence_of(items[row], number))
                found[row].append(Evidence(text, round(float(chances[moods[row]]), 3)))
        return {
            row: tuple(sorted(told, key=lambda sentence: -sentence.weight)[:MAX_EVIDENCE])
            for row, told in found.items()
        }

    def _unhappy(self, outputs: Outputs) -> list[int]:
        """Return the rows whose mood is negative, or which are frustrated: people ask why of these."""
        is_negative = outputs.moods.argmax(axis=1) == LABELS.index("negative")
        is_frustrated = outputs.signs[:, OUTPUTS[MOODS:].index(FRUSTRATED)] >= LIKELY
        return [int(row) for row in np.flatnonzero(is_negative | is_frustrated)]

    def _signs_of(self, item: Prepared, outputs: Outputs, row: int, evidence: tuple[Evidence, ...]) -> Signs:
        chances = dict(zip(OUTPUTS[MOODS:], (float(value) for value in outputs.signs[row]), strict=True))
        likely = [reason for reason in REASONS if chances[reason] >= LIKELY <= chances[FRUSTRATED]]
        return Signs(
            frustration=chances[FRUSTRATED],
            words=self._words(item, outputs.pooled.only(row), likely) if likely else {},
            threat=chances[THREAT],
            sarcasm=chances[SARCASM],
            evidence=evidence,
            states=outputs.pooled.whole[row],
        )

    def _words(self, item: Prepared, text: PooledTexts, reasons: Sequence[str]) -> dict[str, str]:
        """Return for each reason the words that show it, from the sentence with its highest logit."""
        highest = self._heads.sentence_logits(text).argmax(axis=0)
        return {
            reason: words_that_show(reason, sentence_of(item, text.numbers[highest[OUTPUTS.index(reason)]]))
            for reason in reasons
        }


def sentence_of(item: Prepared, number: int) -> str:
    """Return the words of a sentence of an item that has tokens."""
    return item.text[slice(*item.tokens.spans[number])] if item.tokens is not None else ""


def _likeliest(item: Prepared, logits: Float64) -> list[tuple[int, Piece]]:
    """Return the `READ_ALONE` sentences with the highest logits as pieces of their own, with their numbers.

    `logits` has one value for each sentence of the item's pieces. In order of the text; none if the text has
    one sentence only.
    """
    pieces = item.tokens.pieces if item.tokens is not None else ()
    parts = [part for piece in pieces for part in piece.parts()]
    chosen = np.sort(np.argsort(-logits, kind="stable")[:READ_ALONE])
    return [parts[place] for place in chosen] if len(parts) > 1 else []
