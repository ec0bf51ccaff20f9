"""The constants of the usage detector."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

EARLIEST_EVENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_EVENT: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Event times from EARLIEST_EVENT up to but not including LATEST_EVENT are counted; others are refused."""

MODEL: Final = "usage-cusum-1"
"""The version id of this detector, written into every anomaly."""

ALLOWANCE_SIGMAS: Final = 0.75
"""The fall that a CUSUM tolerates, in daily standard deviations. Chosen by hand: most sensitive to 1.5 sd."""

_DAYS_PER_MONTH = 30.4


@dataclass(frozen=True)
class UsagePolicy:
    """Constants of the detector, all in units of time or of events, never in rows.

    A working day is the expected volume of one ordinary active day of the account; nights and free weekends
    weigh next to nothing in it. "By hand" means that the value was chosen without a fit; the planted changes
    and quiet streams of tests/detectors/usage check all values together. Only `silence_nats` was tuned on
    real accounts: the even half of OULAD, `python -m tests.benchmarks.usage_alarms --half even`.

    >>> round(UsagePolicy(alerts_per_month=0.02).threshold_sigmas(), 1)
    5.0
    """

    lateness_minutes: float = 10.0
    """An event at most this many minutes older than the newest event is still counted. By hand."""

    bucket_hours: int = 3
    """Width of a bucket in hours, a divisor of 24: the finest time in which a change is seen. By hand."""

    half_life_days: float = 14.0
    """Days after which a day weighs half in level, spread, and the rate and share of failures. By hand."""

    rhythm_half_life_days: float = 56.0
    """Days after which the deepest shortfall and the highest failures remembered count half. By hand."""

    warm_up_days: int = 7
    """Days learned before anything is judged. By hand: each weekday once."""

    alerts_per_month: float = 0.02
    """False alarms of one account per 30.4 days over all its series, for `threshold_sigmas`.

    The threshold decides a drop only if it exceeds `patience_days`: if an account's daily standard deviation
    is above about a quarter of its level. Below that the budget has no effect. By hand.
    """

    tolerated_fall: float = 0.2
    """Share of the expectation that may be missing without being counted as lost. By hand."""

    patience_days: float = 1.1
    """Lost working days that make a drop. By hand: above 1, so a single holiday rarely makes a drop."""

    silence_days: float = 1.5
    """Working days without any event that make silence, if they are surprising as well. By hand."""

    silence_nats: float = 14.0
    """Surprise in nats of `rhythm.Rhythm` that silence needs in addition to `silence_days`.

    14 nats are a day and a half for an account that comes every working day, and weeks for an account that
    comes now and then. Tuned on the even half of OULAD. On the odd half it gives 0.018 silences per
    account-month, 29 % of them followed by 28 days without an event (`python -m
    tests.benchmarks.usage_alarms`).
    """

    presence_half_life_days: float = 168.0
    """Days after which the longest absence remembered counts half. By hand: 24 weeks, as in `Rhythm`."""

    max_fall_days: int = 10
    """Days after which a shortfall below the threshold is forgotten: a slow decline is no drop. By hand."""

    rhythm_factor: float = 1.5
    """Silence must be this many times as surprising as the longest absence remembered. By hand."""

    healed_factor: float = 2.0
    """A drop must be this many times as deep as the deepest shortfall that healed. By hand."""

    rest_days: float = 3.0
    """Days after an anomaly in which the same cause is not reported again. By hand."""

    new_normal_days: int = 14
    """Days after an alarm from which the new level counts as normal and is learned. By hand: a half-life."""

    dormant_days: int = 42
    """Days without an event after which the past is forgotten, except for the rhythm. By hand: six weeks."""

    min_daily_volume: float = 12.0
    """Events per working day below which nothing drops. By hand: the noise of 12 counts alone is 29 %."""

    min_kind_share: float = 0.02
    """Share of the account's activity below which a kind is not judged. By hand."""

    min_errors: float = 7.0
    """Failures in a bucket or in 24 hours below which nothing is a surge. By hand."""

    error_sigmas: float = 6.0
    """Standard deviations above the expectation that a surge needs. By hand."""

    error_factor: float = 4.0
    """Times the expectation that a surge needs. By hand."""

    max_kinds: int = 6
    """Kinds with a series of their own, in order of arrival. Bounds memory and work. By hand."""

    max_open_kinds: int = 32
    """Kinds counted apart in an open bucket; further kinds are counted together. Bounds memory. By hand."""

    max_open_ids: int = 10_000
    """Ids remembered per open bucket, 8 bytes each; repeats of later ids count. Bounds memory. By hand."""

    def __post_init__(self) -> None:
        """Refuse values that the arithmetic cannot work with.

        Raises
        ------
        ValueError
            If a bucket does not divide a day or a duration is not positive.
        """
        if self.bucket_hours < 1 or 24 % self.bucket_hours:
            raise ValueError("bucket_hours must divide 24")
        durations = (self.half_life_days, self.rhythm_half_life_days, self.alerts_per_month)
        if min(durations) <= 0 or self.lateness_minutes < 0 or self.warm_up_days < 1:
            raise ValueError("durations and the budget must be positive")

    @cached_property
    def slots(self) -> int:
        """Buckets in a day."""
        return 24 // self.bucket_hours

    @property
    def bucket_seconds(self) -> int:
        """Length of a bucket in seconds."""
        return self.bucket_hours * 3600

    @cached_property
    def rhythm_decay(self) -> float:
        """Factor per day for the shortfalls and failures remembered."""
        return float(0.5 ** (1.0 / self.rhythm_half_life_days))

    @cached_property
    def presence_decay(self) -> float:
        """Factor per day for the longest absence remembered."""
        return float(0.5 ** (1.0 / self.presence_half_life_days))

    @cached_property
    def fading(self) -> float:
        """River's fading factor for one update a day at `half_life_days`."""
        return float(1.0 - 0.5 ** (1.0 / self.half_life_days))

    def threshold_sigmas(self, allowance_sigmas: float = ALLOWANCE_SIGMAS) -> float:
        """Return the CUSUM threshold, in daily standard deviations, that keeps the budget on Gaussian noise.

        Siegmund's approximation, run length = exp(2k(h + 1.166)) with allowance k in standard
        deviations, for `max_kinds` + 1 series a day (Siegmund 1985, Sequential Analysis, II.3).
        """
        run_length_days = _DAYS_PER_MONTH * (self.max_kinds + 1) / self.alerts_per_month
        return max(0.0, math.log(run_length_days) / (2.0 * allowance_sigmas) - 1.166)
