"""What closed buckets tell of the use of an hour by account."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from detectors.usage.account import UsageAccount
from detectors.usage.counts.budget import CAUSES
from detectors.usage.counts.cohort import HourShares
from detectors.usage.counts.rows import HOURS
from detectors.usage.hour_use import ClosedUse, HourUse

_LOW: Final = CAUSES.index("low")

LEAST_EXPECTED: Final = 2.0
"""Expected events of a bucket below which it tells nothing of a fall. Chosen by hand."""

_MOST: Final = 1e12
"""A greater number tells nothing: its square would leave the range of floats. Chosen by hand."""


def closed_uses(accounts: Sequence[UsageAccount], shares: HourShares) -> list[ClosedUse]:
    """Return the use of the closed bucket of each account that tells something; `accounts` are before it."""
    found = []
    numbers = np.stack([shares.observed, shares.expected, shares.spread])
    is_telling = (shares.expected >= LEAST_EXPECTED) & ((numbers >= 0.0) & (numbers <= _MOST)).all(axis=0)
    for place in np.flatnonzero(is_telling).tolist():
        account, hour = accounts[place], int(shares.hour[place])
        observed, expected, spread = numbers[:, place].tolist()
        use = HourUse(observed, expected, spread, _is_odd(account, hour))
        found.append(ClosedUse(hour, account.account_id, use))
    return found


def _is_odd(account: UsageAccount, hour: int) -> bool:
    since = account.odd_until[_LOW]
    return since >= 0 and hour - since <= HOURS
