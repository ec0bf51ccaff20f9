"""How much use a detector expects of each account on the next day, for charts."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from detectors.usage.account import UsageAccount
from detectors.usage.counts.learning import expected_factor
from detectors.usage.counts.rows import COUNTS, WARM_UP_DAYS, WEEK, variance_of_day
from detectors.usage.expectation import DayOutlook

BAND: Final = 2.0
"""Standard deviations on each side of the expectation that a chart calls expected. By hand, as in alerts."""

_THURSDAY: Final = 3
"""The weekday of day 0, which is 1 January 1970; Monday is 0."""


def outlooks(accounts: Sequence[UsageAccount], day: int) -> list[DayOutlook | None]:
    """Return what each account is expected to do on a day, as far as it is learned by now.

    `day` counts from 1970. An account that is not judged yet, or that sleeps, has None.

    >>> outlooks([UsageAccount("acme")], 20_000)
    [None]
    """
    judged = [place for place, account in enumerate(accounts) if len(account.counts) >= COUNTS.itemsize]
    first_rows = b"".join(accounts[place].counts[: COUNTS.itemsize] for place in judged)
    rows = np.frombuffer(first_rows, COUNTS)
    factor = expected_factor(rows, np.full(len(rows), (day + _THURSDAY) % WEEK))
    expected = rows["level"].astype("f8") * factor
    half = BAND * np.sqrt(expected + variance_of_day(rows) * expected**2)
    found: list[DayOutlook | None] = [None] * len(accounts)
    for number, place in enumerate(judged):
        if rows["age"][number] >= WARM_UP_DAYS and accounts[place].next_hour >= 0:
            middle, width = float(expected[number]), float(half[number])
            found[place] = DayOutlook(middle, max(0.0, middle - width), middle + width)
    return found
