"""The expectation of one metric of one account, and the volume that it lost.

A series learns once a day. It judges once a bucket, with the expectation of the day before.
"""

from array import array
from statistics import median

from river import stats

from detectors.usage.calendar import CHART_DAYS, WEEK, WEEKEND, WORKDAYS
from detectors.usage.policy import ALLOWANCE_SIGMAS, UsagePolicy

_SEED_DAYS = 14
"""Days learned during which level and factors are fitted again to all days at once. Two of each weekday."""

_PRIOR_SPREAD = 0.16
"""Mean absolute deviation of a day from its expectation, as a share of the level, before any day is known.

Times `_SIGMAS_PER_DEVIATION` it is a standard deviation of 20 %. Chosen by hand.
"""

_PRIOR_DAYS = 4.0
"""Days of data that `_PRIOR_SPREAD` weighs as much as. Chosen by hand."""

_SIGMAS_PER_DEVIATION = 1.25
"""Standard deviations per mean absolute deviation: sqrt(pi / 2) = 1.253 for Gaussian noise."""

_MIN_SPREAD = 0.12
"""Lowest daily standard deviation, as a share of the level. Chosen by hand: a few even days prove little."""

_MOST_ALLOWANCE = 0.95
"""Highest share of the expectation that may be missing: a total loss must always count. Chosen by hand."""

_MAX_FACTOR = 2.0
"""Highest ratio of a day to the level that a weekday factor or the level learns from. Chosen by hand."""

_MOST_COUNTED = 2.0
"""Times the expectation up to which a bucket makes up for a shortfall. Chosen by hand: bursts heal little."""

_MOST_LOST = 50.0
"""Highest shortfall in working days; far above every threshold, so that the sum stays bounded. By hand."""


class Series:
    """Daily level (River's EWMean), weekday factors, profile over the day, one-sided CUSUM.

    Quantities are event counts. `lost` is in working days; a working day is as many events as the level.
    `volume`, `sd`, `allowance` and `judged` apply to the open day; `open_day` computes them from the learned
    state.
    """

    __slots__ = (
        "alarmed", "allowance", "days", "deepest", "expected_sum", "factors", "judged", "learned", "level",
        "lost", "observed_sum", "profile", "sd", "seen", "since", "skipped", "spread", "today",
        "today_expected", "volume", "worst",
    )  # fmt: skip

    def __init__(self, policy: UsagePolicy) -> None:
        self.level = stats.EWMean(policy.fading)
        self.spread = stats.EWMean(policy.fading)
        self.spread.update(_PRIOR_SPREAD)
        self.factors = array("f", bytes(4 * WEEK))
        self.seen = bytearray(WEEK)
        self.profile = array("f", bytes(4 * policy.slots))
        self.today = array("f", bytes(4 * policy.slots))
        self.days = array("f", bytes(4 * CHART_DAYS))
        self.skipped = (1 << CHART_DAYS) - 1
        self.learned = 0
        self.alarmed = -1
        self.today_expected = 0.0
        self.volume = 0.0
        self.sd = 1.0
        self.allowance = 1.0
        self.judged = False
        self.deepest = 0.0
        self.worst = 0.0
        self.clear_excursion()

    def clear_excursion(self) -> None:
        """Forget the shortfall gathered so far, but remember its depth in `worst`."""
        self.worst = max(self.worst, self.deepest)
        self.deepest = 0.0
        self.lost = 0.0
        self.since = -1
        self.observed_sum = 0.0
        self.expected_sum = 0.0

    def active_days(self) -> float:
        """Return the approximate number of working days learned."""
        return self.learned * sum(self.factors) / WEEK

    def factor(self, weekday: int) -> float:
        """Return the share of a working day expected on `weekday`; a low estimate before three are seen."""
        seen, factors = self.seen[weekday], self.factors
        if not seen:
            return 0.0
        raw, known, total = factors[weekday], 0, 0.0
        for day in WEEKEND if weekday >= WEEKEND[0] else WORKDAYS:
            if self.seen[day]:
                known += 1
                total += factors[day]
        weight = seen / (seen + 1.0)
        shrunk = weight * raw + (1.0 - weight) * total / known
        return raw if seen < 3 and raw < shrunk else shrunk

    def open_day(self, weekday: int, policy: UsagePolicy) -> None:
        """Set the expectation and the allowance of the day that begins."""
        self.volume = volume = self.level.get() if self.learned else 0.0
        if not volume:
            self.today_expected = 0.0
            self.sd = self.allowance = 1.0
            return
        self.today_expected = volume * self.factor(weekday)
        noise = volume**-0.5 if volume > 1.0 else 1.0
        spread = _SIGMAS_PER_DEVIATION * self.spread.get()
        wide = spread if spread > _MIN_SPREAD else _MIN_SPREAD
        self.sd = wide = noise if noise > wide else wide
        self.allowance = min(_MOST_ALLOWANCE, max(policy.tolerated_fall, ALLOWANCE_SIGMAS * wide))

    def expected(self, slot: int) -> float:
        """Return the count expected in one bucket of the open day."""
        return self.today_expected * self.profile[slot]

    def gather(self, bucket: int, slot: int, observed: float) -> None:
        """Add one closed bucket to the shortfall; a shortfall that is made up starts again from zero."""
        expected = self.today_expected * self.profile[slot]
        counted = min(observed, _MOST_COUNTED * expected)
        lost = self.lost + ((1.0 - self.allowance) * expected - counted) / self.volume
        if lost <= 0.0:
            if self.since >= 0:
                self.clear_excursion()
            return
        self.lost = min(lost, _MOST_LOST)
        self.deepest = max(self.deepest, self.lost)
        if self.since < 0:
            self.since = bucket
        self.observed_sum += observed
        self.expected_sum += expected

    def close_day(self, day: int, total: float, *, learn: bool) -> None:
        """Store the day's `total`, the sum of `today`, and learn from it unless `learn` is False."""
        place = day % CHART_DAYS
        self.days[place] = total
        self.skipped &= ~(1 << place)
        if learn:
            self._learn(total, day)
        else:
            self.skipped |= 1 << place
        if total:
            self.today = array("f", bytes(4 * len(self.today)))

    def _learn(self, total: float, day: int) -> None:
        weekday = (day + 3) % WEEK
        if total > 0.0:
            self._learn_profile(total)
        self.seen[weekday] = min(self.seen[weekday] + 1, 255)
        self.learned += 1
        if self.learned <= _SEED_DAYS:
            self._seed(day)
        else:
            self._follow(total, weekday)

    def _learn_profile(self, total: float) -> None:
        weight = max(1.0 / (self.learned + 1), 0.1)
        for slot, count in enumerate(self.today):
            self.profile[slot] += weight * (count / total - self.profile[slot])

    def _seed(self, day: int) -> None:
        """Fit level, factors and spread to the first two weeks at once, robustly against bursts."""
        days, skipped = self.days, self.skipped
        past = range(day - CHART_DAYS + 1, day + 1)
        kept = [(at, days[at % CHART_DAYS]) for at in past if not skipped >> at % CHART_DAYS & 1]
        active = [value for _, value in kept if value > 0.0]
        self.level = stats.EWMean(self.level.fading_factor)
        if not active:
            self.level.update(0.0)
            self.factors = array("f", bytes(4 * WEEK))
            self._seed_spread(0.0, len(kept))
            return
        middle = median(active)
        low, cap = 0.5 * middle, 3.0 * middle
        busy = [value if value < cap else cap for value in active if value >= low]
        level = sum(busy) / len(busy)
        self.level.update(level)
        by_weekday: list[list[float]] = [[] for _ in range(WEEK)]
        most = _MAX_FACTOR * level
        for at, value in kept:
            by_weekday[(at + 3) % WEEK].append(value / level if value < most else _MAX_FACTOR)
        self._seed_factors(by_weekday)

    def _seed_factors(self, by_weekday: list[list[float]]) -> None:
        self.factors = factors = array("f", [sum(vs) / len(vs) if vs else 0.0 for vs in by_weekday])
        low = 0.3 * max(factors)
        busy = [v for at, vs in enumerate(by_weekday) if factors[at] >= low for v in vs]
        centre = sum(busy) / len(busy)
        misses = 0.0
        for value in busy:
            miss = abs(value - centre)
            misses += miss if miss < 1.0 else 1.0
        self._seed_spread(misses, len(busy))

    def _seed_spread(self, misses: float, days: int) -> None:
        self.spread = stats.EWMean(self.spread.fading_factor)
        self.spread.update((misses + _PRIOR_DAYS * _PRIOR_SPREAD) / (days + _PRIOR_DAYS))

    def _follow(self, total: float, weekday: int) -> None:
        level = max(self.level.get(), 1e-9)
        ratio = min(total / level, _MAX_FACTOR)
        factor = self.factors[weekday]
        if factor >= 0.3 * max(self.factors):
            self.spread.update(min(abs(ratio - factor), 1.0))
        if factor >= 0.5:
            self.level.update(min(max(total / factor, 0.5 * level), 2.0 * level))
        elif ratio >= 0.5:
            self.level.update(ratio * level)
        weight = max(1.0 / self.seen[weekday], 0.25)
        self.factors[weekday] += weight * (ratio - factor)
