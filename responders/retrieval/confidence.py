"""The probability that the best passage answers a query, as one record that differs from desk to desk."""

import math
from collections.abc import Sequence
from typing import Final

from responders.retrieval.ranking import Passage, chunk_terms, query_terms
from schemas.base import Record

MIN_SHARED_TERMS: Final = 2
"""Distinct stems that query and passage must share; fewer may be a coincidence. Chosen by hand."""

COINCIDENCE: Final = 0.3
"""Highest probability when fewer than MIN_SHARED_TERMS stems are shared. Chosen by hand: below the default
threshold of 0.4, so that no draft is written."""


class Confidence(Record):
    """The rule that turns the evidence of a search into a probability; `Confidence()` is the shipped prior.

    The fields are log-odds: `bias` when all evidence is 0, `per_similarity` for each unit of the cosine,
    `per_coverage` for each unit of coverage. The prior was fitted on the sample company by
    `python -m tests.responders.evaluation --fit`.
    """

    bias: float = -6.5
    per_similarity: float = 9.0
    per_coverage: float = 8.1

    def probability(self, query: str, passages: Sequence[Passage]) -> float:
        """Return the probability in [0, 1] that the first passage answers `query`.

        `passages` are those that may be quoted, best first. The result is 0 without passages or stems, and
        at most COINCIDENCE if fewer than MIN_SHARED_TERMS stems are shared.
        """
        terms = query_terms(query)
        if not passages or not terms:
            return 0.0
        best = passages[0]
        log_odds = self.bias + self.per_similarity * best.similarity + self.per_coverage * best.coverage
        chance = 1 / (1 + math.exp(-log_odds))
        held = chunk_terms(best.chunk)
        shared = sum(1 for term in terms if held[term])
        return chance if shared >= MIN_SHARED_TERMS else min(chance, COINCIDENCE)
