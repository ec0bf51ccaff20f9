"""The mood of a text: reading before the model, calibration and abstention after it; imports no torch."""

from detectors.sentiment.batching import padded_batches
from detectors.sentiment.encoder import TextEncoder
from detectors.sentiment.frustration import frustration
from detectors.sentiment.head import DamagedWeightsError
from detectors.sentiment.language import Language, identify
from detectors.sentiment.lexicon import LexiconSentiment
from detectors.sentiment.model import SentimentModel
from detectors.sentiment.scores import (
    LABELS,
    Prepared,
    Probabilities,
    SentimentScore,
    SentimentScorer,
    abstention,
)

__all__ = [
    "LABELS",
    "DamagedWeightsError",
    "Language",
    "LexiconSentiment",
    "Prepared",
    "Probabilities",
    "SentimentModel",
    "SentimentScore",
    "SentimentScorer",
    "TextEncoder",
    "abstention",
    "frustration",
    "identify",
    "padded_batches",
]
