"""The records of the sentiment models: the prepared text and its score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import TokenisedText
from schemas.tickets import Mood

Probabilities = tuple[float, float, float]
LABELS: tuple[Mood, Mood, Mood] = ("negative", "neutral", "positive")


UNCERTAIN: Final = "uncertain"
"""The reason to abstain when no mood is probable enough; only then a score keeps its probabilities."""


NO_LEAST_CONFIDENCES: Final[Probabilities] = (0.0, 0.0, 0.0)
"""Every mood is given, however improbable."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence behind a mood: read alone, it has the mood with the probability `weight`."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class SentimentScore:
    """The mood of one text, or the reason why it has none.

    `probabilities` are calibrated (negative, neutral, positive) and sum to 1; `score` is P(positive) -
    P(negative) in [-1, 1]. `label` is None exactly if `abstained` names a reason: `unsupported_language`,
    `empty_text`, `not_finite` or `uncertain`. An uncertain score keeps `probabilities` and `score`; for the
    other reasons both are None. `frustration` in [0, 1] is a scale of its own with reasons; it is set even if
    the mood abstains. `frustration_words` has the words that show a reason, by reason; `evidence` the
    sentences that carry the most probable mood of an unhappy text, the weightiest first. `threat` (to leave)
    and `sarcasm` are probabilities in [0, 1], or None if the model has no such output. `windows` counts the
    256-token windows read; `truncated` tells that part of the text was not read. `language` is an ISO 639-1
    code or `und`; `model` is the version id of the weights. `states` (d,) are the numbers from which a desk
    learns its own corrections, or None if the text was not encoded. `least_confidences` are the probabilities
    below which the moods are uncertain, `least_positive` the one below which no mood is positive.
    """

    label: Mood | None
    probabilities: Probabilities | None
    score: float | None
    abstained: str | None
    language: str
    language_confidence: float
    frustration: float
    frustration_reasons: tuple[str, ...]
    windows: int
    truncated: bool
    model: str
    threat: float | None = None
    sarcasm: float | None = None
    frustration_words: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    states: Float32 | None = field(default=None, compare=False, repr=False)
    least_confidences: Probabilities = field(default=NO_LEAST_CONFIDENCES, compare=False, repr=False)
    least_positive: float = field(default=0.0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text after reading, language identification and tokenising; ready for the device.

    `windows` holds the token ids of each window with the special tokens; it is empty if `abstained` is set.
    `tokens` has the same with the sentences, for a model that reads sentence by sentence.
    """

    text: str
    language: str
    language_confidence: float
    frustration: float
    frustration_reasons: tuple[str, ...]
    windows: tuple[tuple[int, ...], ...]
    truncated: bool
    abstained: str | None
    tokens: TokenisedText | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of one text next to its mood.

    `frustration`, `threat` and `sarcasm` are probabilities; `words` has the words that show each reason of
    frustration, in a fixed order; `states` (d,) are kept for the desk's corrections.
    """

    frustration: float
    words: Mapping[str, str]
    threat: float
    sarcasm: float
    evidence: tuple[Evidence, ...]
    states: Float32


class SentimentScorer(Protocol):
    """The interface of every sentiment model: prepare off the device, run on it, or both with `score`."""

    @property
    def version(self) -> str:
        """The version id written into every score."""

    def prepare_all(self, texts: Sequence[str]) -> list[Prepared]:
        """Read, examine and tokenise; one result per text, in order; no text makes it raise."""

    def lengths(self, items: Sequence[Prepared]) -> list[int]:
        """Return the padded tokens of each item on the device, in order."""

    def run(self, items: Sequence[Prepared]) -> list[SentimentScore]:
        """Score prepared items in one pass, in order."""

    def score(self, texts: Sequence[str], *, max_tokens: int = 16384) -> list[SentimentScore]:
        """Prepare, batch and run; one score per text, in order."""


def scored(
    item: Prepared,
    probabilities: Probabilities,
    *,
    model: str,
    least_confidences: Probabilities = NO_LEAST_CONFIDENCES,
    least_positive: float = 0.0,
) -> SentimentScore:
    """Return the score of `item` given finite `probabilities` in the order of LABELS.

    It abstains as `uncertain`, with its probabilities, if the mood (see `mood_of`) is less probable than its
    entry in `least_confidences`.

    >>> item = Prepared("ok", "en", 1.0, 0.0, (), ((101, 102),), False, None)
    >>> scored(item, (0.1, 0.2, 0.7), model="m").label
    'positive'
    >>> scored(item, (0.1, 0.2, 0.7), model="m", least_confidences=(0.5, 0.5, 0.8)).abstained
    'uncertain'
    """
    plain = _result(item, model)
    score = replace(plain, least_confidences=least_confidences, least_positive=least_positive)
    return with_probabilities(score, probabilities)


def mood_of(probabilities: Sequence[float], least_positive: float) -> int:
    """Return the place in LABELS of the most probable mood, which is positive only from `least_positive` on.

    >>> mood_of((0.1, 0.35, 0.55), 0.0), mood_of((0.1, 0.35, 0.55), 0.6)
    (2, 1)
    """
    negative, neutral, positive = probabilities
    if positive >= least_positive and positive > max(negative, neutral):
        return 2
    return 0 if negative >= neutral else 1


def with_probabilities(score: SentimentScore, probabilities: Probabilities) -> SentimentScore:
    """Return the score with other probabilities, judged by its own least confidences."""
    best = mood_of(probabilities, score.least_positive)
    is_uncertain = probabilities[best] < score.least_confidences[best]
    return replace(
        score,
        label=None if is_uncertain else LABELS[best],
        probabilities=probabilities,
        score=probabilities[2] - probabilities[0],
        abstained=UNCERTAIN if is_uncertain else None,
    )


def with_signs(score: SentimentScore, signs: Signs) -> SentimentScore:
    """Return the score with the signs of a model that has outputs for them."""
    return replace(
        score,
        frustration=signs.frustration,
        frustration_reasons=tuple(signs.words),
        frustration_words=signs.words,
        evidence=signs.evidence,
        threat=signs.threat,
        sarcasm=signs.sarcasm,
        states=signs.states,
    )


def abstention(item: Prepared, reason: str, *, model: str) -> SentimentScore:
    """Return a score without a mood, with the reason."""
    return replace(_result(item, model), abstained=reason)


def _result(item: Prepared, model: str) -> SentimentScore:
    return SentimentScore(
        label=None,
        probabilities=None,
        score=None,
        abstained=None,
        language=item.language,
        language_confidence=item.language_confidence,
        frustration=item.frustration,
        frustration_reasons=item.frustration_reasons,
        windows=len(item.windows),
        truncated=item.truncated,
        model=model,
    )
