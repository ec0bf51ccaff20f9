"""One text with its labels, to learn from or to be judged by; and such judgements."""

from dataclasses import dataclass

from detectors.sentiment.arrays import Float64


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One text with its labels.

    `text` is what the model reads of the message; `mood` is its number in LABELS; `signs` are the targets of
    OUTPUTS after the moods, in [0, 1], or None if they were not labelled. `writer` and `industry` group the
    rows, `category` names the kind of message; they are empty if unknown. `emotions` are the numbers of the
    emotions of a comment.
    """

    text: str
    mood: int
    signs: tuple[float, ...] | None = None
    writer: str = ""
    industry: str = ""
    category: str = ""
    emotions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows that a network was not trained on, with calibrated `moods` (n, 3) and `signs` (n, k - 3).

    `least_positive` (n,) has for each row the probability below which its mood is not positive.
    """

    rows: tuple[TrainingRow, ...]
    moods: Float64
    signs: Float64
    least_positive: Float64
