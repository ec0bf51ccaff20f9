"""A share with its interval."""

import math
from typing import Final, NamedTuple

Z_95: Final = 1.959964
"""The two-sided 95 % point of the normal distribution."""


class ShareRange(NamedTuple):
    """A share in [0, 1] and its 95 % interval."""

    low: float
    share: float
    high: float


def share_of(count: int, total: int) -> ShareRange:
    """Return the share `count` of `total` with its Wilson interval; (0, 0, 1) without an example.

    >>> [round(bound, 3) for bound in share_of(98, 100)]
    [0.93, 0.98, 0.994]
    """
    if not total:
        return ShareRange(0.0, 0.0, 1.0)
    share, spread = count / total, Z_95**2 / total
    half = Z_95 * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    low, high = (share + spread / 2 - half) / (1 + spread), (share + spread / 2 + half) / (1 + spread)
    # Rounding puts a bound of all or of none beside the share: 4 of 4 would end at 0.9999999999999999.
    return ShareRange(max(0.0, min(low, share)), share, min(1.0, max(high, share)))
