"""The mood of a text: reading before the model, calibration and abstention after it; imports no torch."""

from .batching import padded_batches
from .encoder import TextEncoder
from .frustration import frustration
from .head import DamagedWeightsError
from .language import Language, identify
from .lexicon import LexiconSentiment
from .model import SentimentModel
from .scores import LABELS, Label, Prepared, Probabilities, SentimentScore, SentimentScorer, abstention

__all__ = [
    "LABELS",
    "DamagedWeightsError",
    "Label",
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
