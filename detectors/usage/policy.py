"""The constants of the usage detector."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

EARLIEST_EVENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_EVENT: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Event times from EARLIEST_EVENT up to but not including LATEST_EVENT are counted; others are refused."""

MODEL: Final = "usage-tails-2"
"""The version id of this detector, written into every anomaly."""

HOUR_SECONDS: Final = 3600
"""Width of a bucket in seconds."""


@dataclass(frozen=True)
class UsagePolicy:
    """Constants of the detector, all in units of time or of events, never in rows.

    One of them is meant to be changed: `alerts_per_month`. "By hand" means that the value was chosen without
    a fit. `python -m tests.benchmarks.usage_detection` measures all values together on quiet streams and on
    planted trouble.
    """

    lateness_minutes: float = 10.0
    """An event at most this many minutes older than the newest event is still counted. By hand."""

    alerts_per_month: float = 0.02
    """False alerts of one account per 30.4 days that the thresholds are to allow. From the design."""

    rest_days: float = 3.0
    """Ordinary days after which the same side of an account is reported again. By hand."""

    dormant_days: int = 42
    """Days without an event after which the past is forgotten, except for absences. By hand: six weeks."""

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
            If the budget is not in (0, 30] or a duration is negative.
        """
        if not 0.0 < self.alerts_per_month <= 30.0:
            raise ValueError("alerts_per_month must be above 0 and at most 30")
        if self.lateness_minutes < 0 or self.rest_days < 0 or self.dormant_days < 1:
            raise ValueError("durations must not be negative")


def moment(hour: int) -> datetime:
    """Return the instant at which an hour since 1970 begins.

    >>> moment(24).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return datetime.fromtimestamp(hour * HOUR_SECONDS, UTC)
