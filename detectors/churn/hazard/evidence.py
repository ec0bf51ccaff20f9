"""What else is known of an account: anomalies of its use, the mood of its letters, its asks, its seats.

The data of training have none of it, so the weights are chosen by hand; a deployment learns its own. Unknown
values add nothing and have an indicator, whose weight begins at zero.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.churn.hazard.names import INDICATORS, TERMS


@dataclass(frozen=True, slots=True)
class AccountEvidence:
    """Signals of one account as of the end of a day; None is unknown.

    `fall_p` and `failure_p` are the lowest live p-values of a fall or silence and of failures, in (0, 1].
    `mood` and `usual_mood` are in [-1, 1]; `frustration` and `threat` in [0, 1]. `asks` are the live asks
    that point to leaving. `seats_used` is the share of paid seats in use, in [0, 1].
    """

    fall_p: float | None = None
    failure_p: float | None = None
    mood: float | None = None
    usual_mood: float | None = None
    frustration: float | None = None
    threat: float | None = None
    asks: frozenset[str] | None = None
    seats_used: float | None = None


UNKNOWN: Final = AccountEvidence()

ASK_LOG_ODDS: Final = {"export_all": 0.8, "fewer_seats": 1.0, "closing": 2.5}
"""Log-odds of each ask: who asks to close will most probably go. Chosen by hand."""

_PER_NAT: Final = 0.12
"""Log-odds per nat of surprise beyond 3 nats (p below .05). Chosen by hand."""

_FREE_NATS: Final = 3.0
_MOST_NATS: Final = 15.0
_PER_MOOD: Final = 1.0
_PER_FRUSTRATION: Final = 0.6
_PER_THREAT: Final = 2.0
_PER_EMPTY_SEATS: Final = 1.0
"""Log-odds per unit of fallen mood, frustration, threat, and per share of seats that nobody uses. By hand."""

_USUAL_SEATS: Final = 0.7
"""Share of seats in use from which empty seats say nothing. Chosen by hand."""


def evidence_terms(evidence: Sequence[AccountEvidence]) -> NDArray[np.float64]:
    """Return the log-odds of each term, then the indicators: (accounts, terms + indicators).

    >>> evidence_terms([UNKNOWN, AccountEvidence(threat=0.5, fall_p=1.0)]).tolist()[1]
    [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    """
    rows = [_row(one) for one in evidence]
    return np.array(rows, float).reshape(len(rows), len(TERMS) + len(INDICATORS))


def _row(one: AccountEvidence) -> tuple[float, ...]:
    if one == UNKNOWN:
        return (0.0,) * (len(TERMS) + len(INDICATORS))
    fallen = (
        max(0.0, one.usual_mood - one.mood) if one.mood is not None and one.usual_mood is not None else 0.0
    )
    asks = sum(ASK_LOG_ODDS.get(ask, 0.0) for ask in sorted(one.asks or ()))
    empty = 0.0 if one.seats_used is None else max(0.0, _USUAL_SEATS - one.seats_used)
    return (
        _of_p(one.fall_p),
        _of_p(one.failure_p),
        _PER_MOOD * fallen,
        _PER_FRUSTRATION * (one.frustration or 0.0),
        _PER_THREAT * (one.threat or 0.0),
        asks,
        _PER_EMPTY_SEATS * empty,
        float(one.fall_p is not None),
        float(one.mood is not None),
        float(one.seats_used is not None),
    )


def _of_p(p: float | None) -> float:
    """Return the log-odds of a p-value; 0 if it is unknown.

    >>> _of_p(None), _of_p(0.5), round(_of_p(1e-4), 2)
    (0.0, 0.0, 0.75)
    """
    if p is None:
        return 0.0
    nats = -math.log(max(p, 1e-12))
    return _PER_NAT * min(max(0.0, nats - _FREE_NATS), _MOST_NATS)
