"""CheckpointModel: a SentimentScorer from any local sequence-classification model of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from detectors.sentiment.arrays import Float32, Float64
from detectors.sentiment.checkpoint_folder import CheckpointError, Declaration
from detectors.sentiment.checkpoint_network import Network, WindowCutter
from detectors.sentiment.encoder import mean_per_text
from detectors.sentiment.preparing import examine
from detectors.sentiment.scores import LABELS, Prepared, Probabilities, SentimentScore, abstention, scored
from detectors.sentiment.scoring import padded_tokens, score_in_batches
from detectors.sentiment.softmax import softmax

if TYPE_CHECKING:
    import torch


class CheckpointModel:
    """Scores texts in the declared languages by a checkpoint of the operator.

    Any thread may call `prepare_all`; only the thread of the device calls `run`. Frustration has the words
    of the shipped model, which are English.
    """

    def __init__(self, network: Network, cutter: WindowCutter, declaration: Declaration) -> None:
        self._network = network
        self._cutter = cutter
        self._declaration = declaration

    @classmethod
    def load(cls, folder: Path, *, device: str = "cpu", dtype: torch.dtype | None = None) -> Self:
        """Load the checkpoint in `folder` onto `device`, in float32 or `dtype`.

        Only safetensors are read, no code of the folder runs, and nothing is fetched. One window of the full
        length is run on the CPU, so that a wrong length shows here. Raises CheckpointError.
        """
        declaration = Declaration.read(folder)
        network = Network.load(folder, outputs=len(declaration.moods))
        before, after = network.special_ids()
        longest = declaration.max_tokens or network.own_length(folder)
        if longest < len(before) + len(after) + 1:
            raise CheckpointError(
                f"the model reads windows of {longest} tokens, which leave no room for a word"
            )
        network.try_length(longest, outputs=len(declaration.moods))
        network.move(device, dtype)
        return cls(network, WindowCutter(before, after, longest), declaration)

    @property
    def version(self) -> str:
        """The version id: declared name and SHA-256 of the weights; `-no-neutral` for two moods."""
        return self._declaration.version

    @property
    def languages(self) -> tuple[str, ...]:
        """The ISO 639-1 codes of the languages that are read."""
        return self._declaration.languages

    def prepare_all(self, texts: Sequence[str]) -> list[Prepared]:
        """Read, examine and tokenise; one result per text, in order. No text makes it raise."""
        examined_texts = [examine(text, self.languages) for text in texts]
        ids = iter(self._network.tokens([found.text for found in examined_texts if found.abstained is None]))
        items = []
        for found in examined_texts:
            windows, cut = self._cutter.cut(next(ids)) if found.abstained is None else ((), False)
            empty = "empty_text" if found.abstained is None and not windows else None
            items.append(
                Prepared(
                    text=found.text,
                    language=found.language.code,
                    language_confidence=found.language.confidence,
                    frustration=found.frustration,
                    frustration_reasons=found.reasons,
                    windows=windows,
                    truncated=found.truncated or cut,
                    abstained=found.abstained or empty,
                )
            )
        return items

    def lengths(self, items: Sequence[Prepared]) -> list[int]:
        """Return the padded tokens of each item: longest window times windows; 0 for an abstention."""
        return padded_tokens(items)

    def run(self, items: Sequence[Prepared]) -> list[SentimentScore]:
        """Score prepared items in one pass, in order.

        Memory is bounded by the longest of `lengths` times the number of items.
        """
        flat = [window for item in items for window in item.windows]
        budget = max(1, max(self.lengths(items), default=0) * len(items))
        logits, states = self._network.run(flat, max_tokens=budget)
        rows = self._probabilities(logits)
        scores, start = [], 0
        for item in items:
            end = start + len(item.windows)
            scores.append(self._score_of(item, rows[start:end], states[start:end]))
            start = end
        return scores

    def score(self, texts: Sequence[str], *, max_tokens: int = 16384) -> list[SentimentScore]:
        """Prepare, batch within `max_tokens` padded tokens and run; one score per text, in order.

        A single item longer than `max_tokens` runs alone. No text makes it raise; see `SentimentScore`.
        """
        return score_in_batches(self, texts, max_tokens=max_tokens)

    def _probabilities(self, logits: Float32) -> Float64:
        """Return calibrated (n, 3) probabilities; the outputs of one mood are summed. NaN stays NaN."""
        outputs = softmax(logits.astype(np.float64) / self._declaration.temperature)
        moods = np.array(
            [[mood == label for label in LABELS] for mood in self._declaration.moods], dtype=np.float64
        )
        return np.asarray(outputs @ moods, dtype=np.float64)

    def _score_of(self, item: Prepared, rows: Float64, states: Float32) -> SentimentScore:
        if item.abstained is not None:
            return abstention(item, item.abstained, model=self.version)
        if not (np.isfinite(rows).all() and np.isfinite(states).all()):
            return abstention(item, "not_finite", model=self.version)
        probabilities = worst_and_last(rows)
        least = self._declaration.abstain_below
        score = scored(item, probabilities, model=self.version, least_confidences=(least, least, least))
        return replace(score, states=mean_per_text(states, [len(states)])[0])


_NEGATIVE = LABELS.index("negative")


def worst_and_last(rows: Float64) -> Probabilities:
    """Return the mean probabilities of the most negative and the last window; rows (n >= 1, 3) in text order.

    >>> worst_and_last(np.array([[0.8, 0.1, 0.1], [0.1, 0.9, 0.0], [0.2, 0.2, 0.6]]))
    (0.5, 0.15, 0.35)
    """
    mean = (rows[rows[:, _NEGATIVE].argmax()] + rows[-1]) / 2
    negative, neutral, positive = (float(value) for value in np.round(mean / mean.sum(), 9))
    return negative, neutral, positive
