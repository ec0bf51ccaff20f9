"""The mood of a text: reading before the model, calibration and abstention after it.

Imports `schemas`, numpy and py3langid; torch is imported when a model is loaded, transformers for a training
or an operator's checkpoint.
"""

from detectors.sentiment.adapter import DamagedWeightsError
from detectors.sentiment.encoder import TextEncoder
from detectors.sentiment.frustration import frustration
from detectors.sentiment.language import identify
from detectors.sentiment.lexicon import LexiconSentiment
from detectors.sentiment.model import SentimentModel
from detectors.sentiment.scores import SentimentScore, SentimentScorer

__all__ = [
    "DamagedWeightsError",
    "LexiconSentiment",
    "SentimentModel",
    "SentimentScore",
    "SentimentScorer",
    "TextEncoder",
    "frustration",
    "identify",
]
