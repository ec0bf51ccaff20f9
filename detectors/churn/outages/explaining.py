"""Whether an outage explains an alert: what the account did is what the outage left to it."""

from datetime import timedelta
from typing import Final

import numpy as np

from detectors.churn.outages.affected import is_below
from detectors.churn.outages.watch import REMEMBERED_HOURS, OutageWatch, SharedOutage, hour_of
from detectors.churn.shared import HELD_CAUSES
from detectors.usage.policy import HOUR_SECONDS, moment
from schemas.churn import ChurnAlert, Contribution

_HOUR: Final = timedelta(seconds=HOUR_SECONDS)

_BAND: Final = 2.0
"""Standard deviations on each side of the expectation in the band of an alert (`usage.wording`)."""

_FAILURES: Final = "error_surge"

TAKEN_OVER: Final = "An outage of many accounts explains it; it was found after the case was opened."
"""Why a young case is closed."""


def explained_by(watch: OutageWatch, alert: ChurnAlert) -> SharedOutage | None:
    """Return the newest outage that explains an alert, or None if the alert is the account's own.

    A fall is explained if no fewer events are left than the outages of its time left of the expectation.
    Failures are explained if an outage of their time hit the account. A case is explained only with all of
    its causes. Nothing explains an account that did not come back after an outage.
    """
    if not alert.causes <= HELD_CAUSES:
        return None
    stop = hour_of((alert.updated_at or alert.detected_at) - _HOUR)
    first = max(hour_of(alert.started_at), stop - REMEMBERED_HOURS)
    near = [
        one
        for one in watch.outages
        if alert.account_id not in one.behind and any(one.left(hour) < 1.0 for hour in range(first, stop + 1))
    ]
    fails = [part for part in alert.contributions if part.name.startswith(_FAILURES)]
    if fails:
        near = [one for one in near if alert.account_id in one.incident.account_ids]
    falls = [part for part in alert.contributions if part not in fails]
    left = watch.left(first, stop)
    return near[-1] if near and all(_is_usual(part, left) for part in falls) else None


def taken_over_by(watch: OutageWatch, outage: SharedOutage, case: ChurnAlert) -> bool:
    """Return whether a case was opened by what a new outage explains, since its first hour."""
    return case.detected_at >= moment(outage.first) and explained_by(watch, case) is not None


def _is_usual(part: Contribution, left: float) -> bool:
    """Return whether a count is no less than an outage left, by the band of the alert.

    A band that begins at 0 was cut there: then the expectation is at most half of its upper end.
    """
    low, high = part.expected_low or 0.0, part.expected_high or 0.0
    expected = (low + high) / 2.0 if low > 0.0 else high / 2.0
    variance = ((high - expected) / _BAND) ** 2 - expected
    phi = max(variance, 0.0) / max(expected, 1e-9) ** 2
    count = (np.array([part.observed or 0.0]), np.array([expected]))
    return not is_below(left, count, np.array([phi]))[0]
