"""The gauge detector as an online estimator of River."""

import math
from collections.abc import Hashable
from datetime import datetime
from typing import Any

from river import base

from detectors.usage.gauge.policy import MOST, GaugePolicy, within
from detectors.usage.gauge.state import GaugeState, GaugeVerdict

_VALUE = "value"
_TIME = "timestamp"


class RefusedValue(ValueError):
    """The value or time of a row cannot be used; the message is a sentence, and the state is unchanged."""


class GaugeDetector(base.AnomalyDetector):
    """Scores a series of values of any sign, causally: score first, then learn.

    A row is a dict with `value` and `timestamp`, in seconds since 1970; a row without one of them is a gap,
    which scores 0 and teaches nothing. Memory and time per row are constant. The score is in [0, 1]: 0.5 is a
    joint surprise of `alarm_surprise` digits. In the rest after an alarm, only what is twice as surprising
    scores above 0.

    Five signs are judged: the distance from the expected value, the same smoothed over two hours, leaving the
    range seen so far, a changed spread, and a stuck value. The expected value comes from the level, the
    rhythm of the day or of the week, whichever had the smallest errors. Each sign is turned into a surprise
    by a tail that is learned from this series. What was seen often counts less.

    Parameters
    ----------
    policy
        The constants; None for the defaults.

    Examples
    --------
    >>> detector = GaugeDetector()
    >>> rows = [{"timestamp": 300.0 * row, "value": 10.0 + row % 7} for row in range(600)]
    >>> for row in rows:
    ...     detector.learn_one(row)
    >>> odd = {"timestamp": 300.0 * 600, "value": 90.0}
    >>> detector.score_one(odd) > 0.5
    True
    """

    def __init__(self, policy: GaugePolicy | None = None) -> None:
        self.policy = policy
        self._state = GaugeState(policy or GaugePolicy())

    def score_one(self, x: dict[Hashable, Any]) -> float:
        """Return the score of a row in [0, 1]; nothing is changed.

        Raises RefusedValue if its value or time is no finite number.
        """
        row = _read(x)
        return 0.0 if row is None else self._state.judge(*row).score

    def learn_one(self, x: dict[Hashable, Any]) -> None:
        """Learn a row; raises RefusedValue if its value or time is no finite number."""
        row = _read(x)
        if row is not None:
            self._state.learn(*row, self._state.judge(*row))

    def observe(self, at: datetime, value: float) -> GaugeVerdict:
        """Return the verdict on a value and learn it afterwards, in half the time of the two methods above.

        `at` has a zone. Raises RefusedValue if the value is no finite number.
        """
        seconds, cut = at.timestamp(), _finite(value, _VALUE)
        verdict = self._state.judge(seconds, cut)
        self._state.learn(seconds, cut, verdict)
        return verdict


class GaugeScorer:
    """The gauge detector as a scorer of series.

    >>> from datetime import UTC, timedelta
    >>> scorer, start = GaugeScorer(), datetime(2026, 3, 2, tzinfo=UTC)
    >>> values = [30.0 + hour % 24 for hour in range(24 * 14)] + [3.0] * 24
    >>> scores = [scorer.score(start + timedelta(hours=hour), value) for hour, value in enumerate(values)]
    >>> max(scores[: 24 * 14]) < 0.5 < scores[24 * 14]
    True
    """

    def __init__(self, policy: GaugePolicy | None = None) -> None:
        self._detector = GaugeDetector(policy)

    def score(self, timestamp: datetime, value: float) -> float:
        """Return the score of the value in [0, 1], and learn it afterwards."""
        return self._detector.observe(timestamp, value).score


def _read(x: dict[Hashable, Any]) -> tuple[float, float] | None:
    """Return time and value of a row, or None if it lacks one of them."""
    at, value = x.get(_TIME), x.get(_VALUE)
    if at is None or value is None:
        return None
    return _finite(at, _TIME), _finite(value, _VALUE)


def _finite(number: float, name: str) -> float:
    if not math.isfinite(number):
        raise RefusedValue(f"The {name} {number} is no finite number.")
    return within(float(number), MOST)
