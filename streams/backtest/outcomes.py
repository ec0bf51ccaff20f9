"""How good the alerts of a backtest were, where it is known which accounts left, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

import numpy as np

from streams.backtest.records import Backtest, ReplayStep
from streams.evaluate.proportion import Proportion

HORIZON_DAYS: Final = 28
"""Days after an alert within which its account is expected to leave: the horizon of the hazard."""

OutcomeVerdict = Literal["right", "wrong", "after leaving", "open"]


@dataclass(frozen=True)
class KnownOutcomes:
    """The date on which each account left, as far as it is known until a date.

    An alert is right if its account leaves on its day or within `horizon_days`. It is open while nobody can
    know. After the account left it comes too late and counts as wrong.
    """

    left_on: Mapping[str, date]
    known_until: date
    horizon_days: int = HORIZON_DAYS

    def verdict(self, account_id: str, at: datetime) -> OutcomeVerdict:
        """Return whether an alert at an instant was right.

        >>> known = KnownOutcomes({"acme": date(2026, 3, 20)}, date(2026, 4, 30))
        >>> [known.verdict("acme", datetime(2026, month, 1)) for month in (1, 3, 4)]
        ['wrong', 'right', 'after leaving']
        >>> known.verdict("globex", datetime(2026, 3, 1)), known.verdict("globex", datetime(2026, 4, 20))
        ('wrong', 'open')
        """
        left, day = self.left_on.get(account_id), at.date()
        if left is not None and left < day:
            return "after leaving"
        reach = day + timedelta(days=self.horizon_days)
        if left is not None and left <= reach:
            return "right"
        return "wrong" if reach <= self.known_until else "open"


@dataclass(frozen=True)
class OutcomeFigures:
    """The figures of alerts against outcomes.

    `precision` is of the alerts that are not open, `recall` of the accounts that left and had any use: the
    share with a right alert. `lead_days` are the days from the first of these alerts to the leaving, sorted.
    """

    precision: Proportion
    recall: Proportion
    lead_days: tuple[int, ...]
    open: int
    after_leaving: int

    def lead_quantiles(self) -> tuple[float, float, float] | None:
        """Return the lower quartile, the median and the upper quartile of the lead time; None without one."""
        if not self.lead_days:
            return None
        low, middle, high = np.quantile(self.lead_days, (0.25, 0.5, 0.75)).tolist()
        return low, middle, high


def outcome_figures(
    backtest: Backtest, known: KnownOutcomes, *, start: datetime | None = None, end: datetime | None = None
) -> OutcomeFigures:
    """Return the figures from `start` up to `end`, by default of the whole span.

    Precision counts the alerts of that time, recall the accounts that left in it, whenever they were alerted.
    """
    first, last = start or backtest.span.start, end or backtest.span.end
    opened = backtest.opened()
    verdicts = [known.verdict(step.account_id, step.at) for step in opened if first <= step.at < last]
    last_day = (last - timedelta(seconds=1)).date()
    right = sum(verdict == "right" for verdict in verdicts)
    judged = sum(verdict != "open" for verdict in verdicts)
    leavers = {
        account_id: left
        for account_id, left in known.left_on.items()
        if first.date() <= left <= last_day and account_id in backtest.use.series
    }
    leads = _leads([*backtest.opened_before, *opened], known, leavers)
    return OutcomeFigures(
        Proportion(right, judged),
        Proportion(len(leads), len(leavers)),
        tuple(sorted(leads.values())),
        verdicts.count("open"),
        verdicts.count("after leaving"),
    )


def _leads(opened: Sequence[ReplayStep], known: KnownOutcomes, leavers: Mapping[str, date]) -> dict[str, int]:
    """Return the days from the first right alert of each leaver to its leaving."""
    found: dict[str, int] = {}
    for step in opened:
        left = leavers.get(step.account_id)
        if left is not None and known.verdict(step.account_id, step.at) == "right":
            found[step.account_id] = max((left - step.at.date()).days, found.get(step.account_id, 0))
    return found
