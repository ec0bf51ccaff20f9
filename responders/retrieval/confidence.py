"""The probability that the best passage answers a query.

The probability decides whether a draft is written (`Rules.threshold`), so a change of stems, of chunks or of
the ranking needs a new fit of BIAS, PER_SIMILARITY and PER_COVERAGE.
"""

import math
from collections.abc import Sequence
from typing import Final

from responders.retrieval.ranking import Passage, chunk_terms, query_terms

BIAS: Final = -6.5
"""Log-odds of an answer when cosine and coverage are 0.

Fitted together with PER_SIMILARITY and PER_COVERAGE by `python -m tests.responders.evaluation --fit`:
logistic regression without a penalty on the sample company's 360 English tickets that are searched for. The
answerable tickets together weigh 0.4, the others 0.6, because a wrong draft costs more than a missing one.
"""

PER_SIMILARITY: Final = 9.0
"""Log-odds per unit of the cosine of query and passage, which is in [-1, 1]. Fitted with BIAS."""

PER_COVERAGE: Final = 8.1
"""Log-odds per unit of coverage, the share in [0, 1] of the query's rarity that the passage has. Fitted with
BIAS."""

MIN_SHARED_TERMS: Final = 2
"""Distinct stems that query and passage must share; fewer may be a coincidence. Chosen by hand."""

COINCIDENCE: Final = 0.3
"""Highest probability when fewer than MIN_SHARED_TERMS stems are shared. Chosen by hand: below the default
threshold of 0.4, so that no draft is written."""


def answer_probability(query: str, passages: Sequence[Passage]) -> float:
    """Return the probability in [0, 1] that the best passage answers `query`; 0 without passages or stems.

    A logistic function of the cosine and the coverage of the first passage, at most COINCIDENCE if fewer than
    MIN_SHARED_TERMS stems are shared. On the sample company it separates answerable tickets from the others
    with AUC .902 (`python -m tests.responders.evaluation`). On another desk's tickets it separates less well.
    """
    terms = query_terms(query)
    if not passages or not terms:
        return 0.0
    best = passages[0]
    chance = 1 / (1 + math.exp(-(BIAS + PER_SIMILARITY * best.similarity + PER_COVERAGE * best.coverage)))
    held = chunk_terms(best.chunk)
    shared = sum(1 for term in terms if held[term])
    return chance if shared >= MIN_SHARED_TERMS else min(chance, COINCIDENCE)
