"""The weekdays on which an account is usually present, and the surprise of its current absence."""

import math
from array import array

from detectors.usage.calendar import WEEK, WEEKEND, WORKDAYS
from detectors.usage.policy import UsagePolicy

_PRIOR_DAYS = 2.0
"""Days that the other working days (or weekend days) weigh in a weekday's probability. Chosen by hand."""

_MOST_SEEN = 24
"""Weeks after which a weekday's probability is a moving mean. Chosen by hand: half a year."""

_MOST_NATS = 9.4
"""Highest surprise of one absent day, in nats: a probability of 0.9999. Chosen by hand."""

_YOUNG_DAYS = 5.0
"""Days of presence at which the bar of the own past is doubled; it falls with more of them. By hand."""

_FULL_SHARE = 0.25
"""Share of a working day's volume from which a day counts with its full surprise. Chosen by hand."""


class Rhythm:
    """Probability of any event per weekday, and the surprise of days without events.

    An absent day adds -ln(1 - p) nats. p is how often the account came on that weekday during about 24 weeks,
    shrunk towards its other working days or weekend days: about 9 nats for an account that never misses a
    day, 0.3 for an account that comes twice a week. `gap` is the time since the last event in working days of
    volume, `expected` the same in events, `nats` the surprise, and `longest` the most surprising absence that
    ended; `longest` decays.
    """

    __slots__ = ("expected", "gap", "longest", "nats", "presence", "present", "seen", "today_nats")

    def __init__(self) -> None:
        self.presence = array("f", bytes(4 * WEEK))
        self.seen = bytearray(WEEK)
        self.present = 0.0
        self.gap = 0.0
        self.expected = 0.0
        self.nats = 0.0
        self.longest = 0.0
        self.today_nats = 0.0

    def open_day(self, weekday: int, volume_share: float) -> None:
        """Set the surprise of an absence on a day that expects `volume_share` of a working day."""
        chance = self._chance(weekday)
        nats = min(_MOST_NATS, -math.log(1.0 - chance)) if chance < 1.0 else _MOST_NATS
        self.today_nats = nats * min(1.0, volume_share / _FULL_SHARE)

    def _chance(self, weekday: int) -> float:
        seen, group = self.seen, WEEKEND if weekday in WEEKEND else WORKDAYS
        days = sum(seen[day] for day in group)
        if not days:
            return 0.0
        ordinary = sum(seen[day] * self.presence[day] for day in group) / days
        own = seen[weekday]
        return (own * self.presence[weekday] + _PRIOR_DAYS * ordinary) / (own + _PRIOR_DAYS)

    def miss(self, expected: float, volume: float, share: float) -> None:
        """Count one bucket without an event; `share` is its share of an ordinary day."""
        self.expected += expected
        self.gap += expected / max(volume, 1e-9)
        self.nats += self.today_nats * share

    def come_back(self, policy: UsagePolicy) -> None:
        """End the absence, and remember its surprise, up to twice the limit of silence."""
        if self.nats > self.longest:
            self.longest = max(self.longest, min(self.nats, 2.0 * self.limit(policy)))
        self.gap = self.expected = self.nats = 0.0

    def limit(self, policy: UsagePolicy) -> float:
        """Return the surprise in nats from which an absence is silence."""
        own = policy.rhythm_factor * self.longest * (1.0 + _YOUNG_DAYS / max(self.present, 1.0))
        return max(policy.silence_nats, own)

    def close_day(self, weekday: int, *, present: bool, decay: float) -> None:
        """Learn whether the account was present on the day that ends."""
        self.present = min(self.present + present, 1e6)
        self.seen[weekday] = seen = min(self.seen[weekday] + 1, _MOST_SEEN)
        self.presence[weekday] += (present - self.presence[weekday]) / seen
        self.longest *= decay
