"""How often a rule is right, as people said: a beta posterior, and whether the rule should be quiet."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from scipy.special import betainc, betaincinv

PRIOR: Final = (1.0, 1.0)
"""Right and wrong outcomes assumed before any is known: every precision is equally likely."""

FLOOR: Final = 0.25
"""Precision below which a rule costs more attention than it gives: three of four are wrong. By hand."""

SURE: Final = 0.9
"""Probability of a precision below FLOOR from which a rule is quiet: eight wrong ones in a row. By hand."""

INTERVAL: Final = 0.9
"""Probability that the precision is within the interval."""

NEWEST: Final = 60
"""Newest outcomes of a rule that count, so that a rule that became better is heard again. Chosen by hand."""

PROBE: Final = 10
"""A quiet rule still speaks for one account in so many, so that its precision is known. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class LivePrecision:
    """The precision of a rule: outcomes, mean of the posterior, ends of its interval; whether it is quiet."""

    right: int
    wrong: int
    mean: float
    low: float
    high: float
    is_quiet: bool


def precision_of(right: int, wrong: int) -> LivePrecision:
    """Return the precision of a rule from its outcomes.

    >>> [precision_of(0, wrong).is_quiet for wrong in (7, 8)]
    [False, True]
    >>> round(precision_of(3, 1).mean, 2)
    0.67
    """
    ends = (PRIOR[0] + right, PRIOR[1] + wrong)
    edge = 0.5 * (1.0 - INTERVAL)
    low, high = (float(betaincinv(*ends, share)) for share in (edge, 1.0 - edge))
    is_quiet = float(betainc(*ends, FLOOR)) >= SURE
    return LivePrecision(right, wrong, ends[0] / sum(ends), low, high, is_quiet)


def is_probe(account_id: str) -> bool:
    """Return whether a quiet rule speaks for this account all the same: the same accounts at any time."""
    digest = blake2b(account_id.encode("utf-8", "surrogatepass"), digest_size=4, person=b"probe").digest()
    return int.from_bytes(digest) % PROBE == 0
