"""LexiconSentiment: word lists instead of an encoder, for fast tests and hosts without torch.

Its scores are far weaker than those of SentimentModel.
"""

import math
import re
from collections.abc import Sequence

from detectors.sentiment.preparing import examine
from detectors.sentiment.scores import Prepared, Probabilities, SentimentScore, abstention, scored

_NEGATIVE = frozenset(
    "angry annoyed annoying awful bad broken bug cancel complaint crash crashed crashes crashing delay"
    " delayed disappointed"
    " disappointing error errors fail failed failing fails failure frustrated frustrating furious hate"
    " horrible ignored"
    " impossible inaccurate issue lost losing mess missing nobody outage pathetic poor problem problems"
    " refund ridiculous"
    " slow stuck stupid terrible unacceptable unhappy unreliable unusable upset useless waiting waste"
    " worse worst wrong".split()
)
_POSITIVE = frozenset(
    "amazing appreciate appreciated awesome brilliant excellent fantastic fast fixed glad good grateful"
    " great happy helpful"
    " impressed love loved lovely nice perfect perfectly pleased quick resolved smooth solved superb"
    " thank thanks thrilled"
    " wonderful works".split()
)
_NEGATIONS = frozenset(
    "not no never isn't wasn't doesn't don't didn't won't can't cannot hardly without".split()
)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_READ_BACK = 3
"""Words before a mood word in which a negation reverses it. Chosen by hand."""

_TOKENS_PER_WORD = 2
"""A rough ratio, for the sizes of batches. Chosen by hand."""

_MOST_WORDS = 5.0
"""Mood words of one kind that count at most, so that `exp` cannot overflow. Chosen by hand."""


class LexiconSentiment:
    """Counts mood words; a negation up to three words before it reverses a word. Methods: SentimentModel."""

    version = "lexicon-1"

    def prepare(self, text: str) -> Prepared:
        """Return `prepare_all` of one text."""
        examined = examine(text)
        words = len(examined.text.split())
        return Prepared(
            text=examined.text,
            language=examined.language.code,
            language_confidence=examined.language.confidence,
            frustration=examined.frustration,
            frustration_reasons=examined.reasons,
            windows=() if examined.abstained else ((words,),),
            truncated=examined.truncated,
            abstained=examined.abstained,
        )

    def prepare_all(self, texts: Sequence[str]) -> list[Prepared]:
        """Read and examine the texts; one result per text, in order."""
        return [self.prepare(text) for text in texts]

    def lengths(self, items: Sequence[Prepared]) -> list[int]:
        """Return a rough number of tokens per item, 0 for an abstention."""
        return [_TOKENS_PER_WORD * item.windows[0][0] if item.windows else 0 for item in items]

    def run(self, items: Sequence[Prepared]) -> list[SentimentScore]:
        """Score prepared items, in order."""
        return [self._score_of(item) for item in items]

    def score(self, texts: Sequence[str], *, max_tokens: int = 16384) -> list[SentimentScore]:
        """Return one score per text, in order.

        Nothing is padded, so `max_tokens` has no effect. Raises ValueError if it is below 1.
        """
        if max_tokens < 1:
            raise ValueError("max_tokens must be at least 1")
        return self.run(self.prepare_all(texts))

    def _score_of(self, item: Prepared) -> SentimentScore:
        if item.abstained is not None:
            return abstention(item, item.abstained, model=self.version)
        return scored(item, lexicon_probabilities(item.text), model=self.version)


def lexicon_probabilities(text: str) -> Probabilities:
    """Return the probabilities (negative, neutral, positive) of English `text` by its mood words.

    >>> lexicon_probabilities("This is terrible") > lexicon_probabilities("This is not terrible")
    True
    """
    words = _WORD.findall(text.lower().replace("\u2019", "'"))
    negative = positive = 0.0
    for position, word in enumerate(words):
        if word not in _NEGATIVE and word not in _POSITIVE:
            continue
        is_reversed = any(before in _NEGATIONS for before in words[max(0, position - _READ_BACK) : position])
        if (word in _NEGATIVE) != is_reversed:
            negative += 1.0
        else:
            positive += 1.0
    weights = (math.exp(min(negative, _MOST_WORDS)), math.e**0.5, math.exp(min(positive, _MOST_WORDS)))
    total = sum(weights)
    return weights[0] / total, weights[1] / total, weights[2] / total
