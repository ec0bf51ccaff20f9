"""What the usage detector is allowed to assume, and what `observe` answers."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal, NamedTuple

from schemas.usage import Anomaly

Fate = Literal["counted", "duplicate", "late"]


class RefusedEvent(ValueError):
    """The detector cannot count this event; its state is unchanged. Any other exception is our fault."""


EARLIEST_EVENT = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_EVENT = datetime(2200, 1, 1, tzinfo=UTC)
MODEL = "usage-cusum-1"


class Observation(NamedTuple):
    """What became of one event, and the anomalies that its arrival brought to light."""

    fate: Fate
    anomalies: tuple[Anomaly, ...] = ()


@dataclass(frozen=True)
class UsagePolicy:
    """Constants of the detector, all in units of time or of events, never in rows.

    A "working day" below is the expected volume of one ordinary active day of the account;
    nights and free weekends weigh next to nothing in it. `patience_days` is how many lost working
    days make a drop (1.1: a single holiday hardly ever does), `silence_days` the same for no event at all,
    `silence_nats` how surprising that must be besides (`rhythm.Rhythm`): 14 are a day and a half of an
    account that comes every working day and weeks of one that comes now and then. So 0.018 silences per
    account-month of students' clicks, 29 % of them followed by 28 dark days, on accounts not tuned on
    (`python -m tests.benchmarks.usage_alarms`).
    `alerts_per_month` is the false-alarm budget of one account over all its series.

    >>> round(UsagePolicy(alerts_per_month=0.02).threshold_sigmas(), 1)
    5.0
    """

    lateness_minutes: float = 10.0
    bucket_hours: int = 3
    half_life_days: float = 14.0
    rhythm_half_life_days: float = 56.0
    warm_up_days: int = 7
    alerts_per_month: float = 0.02
    tolerated_fall: float = 0.2
    patience_days: float = 1.1
    silence_days: float = 1.5
    silence_nats: float = 14.0
    presence_half_life_days: float = 168.0
    max_fall_days: int = 10
    rhythm_factor: float = 1.5
    healed_factor: float = 2.0
    rest_days: float = 3.0
    new_normal_days: int = 14
    dormant_days: int = 42
    min_daily_volume: float = 12.0
    min_kind_share: float = 0.02
    min_errors: float = 7.0
    error_sigmas: float = 6.0
    error_factor: float = 4.0
    max_kinds: int = 6
    max_open_kinds: int = 32
    max_open_ids: int = 10_000

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
        """Length of a bucket."""
        return self.bucket_hours * 3600

    @cached_property
    def rhythm_decay(self) -> float:
        """What a day leaves of the excursions and failures remembered."""
        return float(0.5 ** (1.0 / self.rhythm_half_life_days))

    @cached_property
    def presence_decay(self) -> float:
        """What a day leaves of the longest absence remembered."""
        return float(0.5 ** (1.0 / self.presence_half_life_days))

    @cached_property
    def fading(self) -> float:
        """River's fading factor for one update a day at `half_life_days`."""
        return float(1.0 - 0.5 ** (1.0 / self.half_life_days))

    def threshold_sigmas(self, allowance_sigmas: float = 0.75) -> float:
        """Return the CUSUM threshold, in daily standard deviations, that keeps the budget on Gaussian noise.

        Siegmund's approximation, run length = exp(2k(h + 1.166)) with allowance k in standard
        deviations, for `max_kinds` + 1 series a day (Siegmund 1985, Sequential Analysis, II.3).
        """
        run_length_days = 30.4 * (self.max_kinds + 1) / self.alerts_per_month
        return max(0.0, math.log(run_length_days) / (2.0 * allowance_sigmas) - 1.166)
