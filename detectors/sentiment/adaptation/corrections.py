"""Corrections of a mood by people, and the bounded log of them from which a desk's model is fitted."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.sentiment.arrays import Float32, Float64, Int64
from detectors.sentiment.scores import LABELS, Probabilities
from schemas.tickets import Mood

MOST_CORRECTIONS: Final = 1_000
"""Corrections in a log at most; older ones drop out. Chosen by hand."""

MOST_BYTES: Final = 1_500_000
"""Bytes of a log's states at most, which bounds wide states to fewer corrections: 558 of 2,688 numbers."""

LEAST_PROBABILITY: Final = 1e-6
"""Probabilities are raised to this before their logarithm is taken. Chosen by hand."""

Int8 = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Correction:
    """The mood that a person gave a message, and what the shipped model said about it.

    `states` (d,) are the finite numbers of `SentimentScore.states`; `probabilities` are the shipped model's,
    never those of an adapted model. Raises ValueError for a number that is not finite.
    """

    event_id: str
    mood: Mood
    states: Float32 = field(compare=False, repr=False)
    probabilities: Probabilities

    def __post_init__(self) -> None:
        if not np.isfinite(self.states).all() or not np.isfinite(self.probabilities).all():
            raise ValueError("a correction needs finite states and probabilities")

    @property
    def label(self) -> int:
        """The number of the mood in LABELS."""
        return LABELS.index(self.mood)


@dataclass(frozen=True, slots=True)
class CorrectionLog:
    """Corrections in order, oldest first; a message is in it at most once, with its last mood.

    `states` (n, d) are `unit_states` as whole numbers in [-127, 127], which `scales` (n,) turn back.
    `logs` (n, 3) are the shipped model's log-probabilities, `labels` (n,) the numbers of the moods.
    """

    event_ids: tuple[str, ...]
    states: Int8
    scales: Float32
    logs: Float32
    labels: Int64

    @classmethod
    def empty(cls, width: int) -> "CorrectionLog":
        """Return the log without corrections, for states of `width` numbers."""
        return cls(
            (),
            np.zeros((0, width), dtype=np.int8),
            np.zeros(0, dtype=np.float32),
            np.zeros((0, len(LABELS)), dtype=np.float32),
            np.zeros(0, dtype=np.int64),
        )

    @property
    def inputs(self) -> Float64:
        """The unit states, (n, d), rounded as the log keeps them."""
        return self.states.astype(np.float64) * self.scales[:, None]

    @property
    def agrees(self) -> NDArray[np.bool_]:
        """Whether the person and the shipped model said the same, (n,)."""
        return np.asarray(self.logs.argmax(axis=1) == self.labels)

    @property
    def capacity(self) -> int:
        """The number of corrections that the log can have."""
        width = int(self.states.shape[1])
        return max(1, min(MOST_CORRECTIONS, MOST_BYTES // max(1, width)))

    def with_correction(self, correction: Correction) -> "CorrectionLog":
        """Return the log with the correction as its newest; an earlier one of the message is dropped."""
        kept = self.without(correction.event_id)
        row = unit_states(correction.states[None, :])[0]
        scale = np.float32(max(float(np.abs(row).max()), 1e-12) / 127)
        grown = CorrectionLog(
            (*kept.event_ids, correction.event_id),
            np.vstack([kept.states, np.rint(row / scale).astype(np.int8)[None, :]]),
            np.append(kept.scales, scale),
            np.vstack([kept.logs, logarithms(np.array([correction.probabilities])).astype(np.float32)]),
            np.append(kept.labels, correction.label),
        )
        return grown._rows(np.arange(len(grown.event_ids))[-self.capacity :])

    def without(self, event_id: str) -> "CorrectionLog":
        """Return the log without the correction of the message; the log itself if it has none."""
        if event_id not in self.event_ids:
            return self
        place = self.event_ids.index(event_id)
        return self._rows(np.delete(np.arange(len(self.event_ids)), place))

    def _rows(self, rows: Int64) -> "CorrectionLog":
        if len(rows) == len(self.event_ids):
            return self
        return replace(
            self,
            event_ids=tuple(self.event_ids[row] for row in rows),
            states=self.states[rows],
            scales=self.scales[rows],
            logs=self.logs[rows],
            labels=self.labels[rows],
        )


def unit_states(states: Float32) -> Float64:
    """Return rows of mean 0 and length 1; this needs no statistics of a data set. A constant row becomes 0.

    >>> unit_states(np.array([[1.0, 3.0], [2.0, 2.0]], dtype=np.float32)).round(2).tolist()
    [[-0.71, 0.71], [0.0, 0.0]]
    """
    centred = states.astype(np.float64) - states.mean(axis=1, keepdims=True, dtype=np.float64)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(lengths, 1e-9), dtype=np.float64)


def logarithms(probabilities: Float64) -> Float64:
    """Return the logarithms of (n, 3) probabilities, finite also for a probability of 0.

    >>> logarithms(np.array([[1.0, 0.0, 0.0]])).round(1).tolist()
    [[0.0, -13.8, -13.8]]
    """
    return np.asarray(np.log(np.maximum(probabilities, LEAST_PROBABILITY)), dtype=np.float64)
