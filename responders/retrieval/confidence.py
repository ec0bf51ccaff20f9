"""The probability that the best passage answers a query, as one record that may differ from desk to desk."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from responders.retrieval.query import Query
from responders.retrieval.ranking import Passage, chunk_terms, query_terms
from schemas.base import Record

MAX_MARGIN: Final = 0.3
"""Points of score beyond which it does not matter by how much the best source leads. Chosen by hand."""

HIGHEST_ODDS: Final = 30.0
"""Log-odds are cut to this size, so that a probability is never exactly 0 or 1 and never overflows."""


class Support(NamedTuple):
    """What a search tells about its first passage; each number is larger for a passage that answers.

    `similarity` in [-1, 1] and `coverage` in [0, 1] are the passage's; `shared` is log(1 + number of distinct
    stems in query and passage); `margin`, in [0, MAX_MARGIN], is by how many points of score the passage
    leads the first of another source; `contrast` is by how much it is nearer than passages far down the list.
    """

    similarity: float
    coverage: float
    shared: float
    margin: float
    contrast: float


class Confidence(Record):
    """The rule that turns the support of a passage into a probability; `Confidence()` is the shipped prior.

    The fields are log-odds: `bias` if all support is 0, the others for each unit of the number of that name.
    The prior is a logistic regression with a small ridge over six knowledge bases (four help centres, 77 and
    150 kinds of questions as macros) with questions that they answer, questions of other desks, and questions
    whose source was taken away: `python -m tests.responders.confidence_fit --questions 400`. Fitted on five
    of them, it ranks the questions of the sixth with AUROC .94 to .98 against questions of other desks; its
    calibration error is .05 to .12.
    """

    bias: float = -5.91
    per_similarity: float = 3.06
    per_coverage: float = 1.99
    per_shared: float = 1.51
    per_margin: float = 2.78
    per_contrast: float = 6.09

    def probability(self, query: Query, passages: Sequence[Passage]) -> float:
        """Return the probability in [0, 1] that the first passage answers `query`.

        `passages` are those that may be quoted, best first, with the next best source among them. The result
        is 0 without passages or stems.
        """
        support = support_of(query, passages)
        return 0.0 if support is None else probability_of(self.log_odds(support))

    def log_odds(self, support: Support) -> float:
        """Return the log-odds of an answer."""
        return (
            self.bias
            + self.per_similarity * support.similarity
            + self.per_coverage * support.coverage
            + self.per_shared * support.shared
            + self.per_margin * support.margin
            + self.per_contrast * support.contrast
        )

    def rescaled(self, scale: float, shift: float) -> "Confidence":
        """Return the rule whose log-odds are `scale` times these, plus `shift`; the order stays the same.

        >>> Confidence(bias=-4.0).rescaled(0.5, 1.0).bias
        -1.0
        """
        scaled = {name: scale * getattr(self, name) for name in _WEIGHTS}
        return self.model_copy(update={**scaled, "bias": scale * self.bias + shift})


_WEIGHTS: Final = tuple(name for name in Confidence.model_fields if name.startswith("per_"))


def support_of(query: Query, passages: Sequence[Passage]) -> Support | None:
    """Return what a search tells about its first passage; None without passages or stems."""
    terms = query_terms(query.text)
    if not passages or not terms:
        return None
    best = passages[0]
    held = chunk_terms(best.chunk)
    others = [passage.score for passage in passages if passage.chunk.source_id != best.chunk.source_id]
    lead = best.score - max(others) if others else MAX_MARGIN
    return Support(
        similarity=best.similarity,
        coverage=best.coverage,
        shared=math.log1p(sum(1 for term in terms if held[term])),
        margin=min(MAX_MARGIN, max(0.0, lead)),
        contrast=best.contrast,
    )


def probability_of(log_odds: float) -> float:
    """Return the probability of log-odds.

    >>> probability_of(0.0), 0.0 < probability_of(-1e9) < 1e-12
    (0.5, True)
    """
    return 1 / (1 + math.exp(-min(HIGHEST_ODDS, max(-HIGHEST_ODDS, log_odds))))
