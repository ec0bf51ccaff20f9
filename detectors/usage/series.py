"""The expectation of one metric of one account, and the sum of what it lost.

All learning happens once a day; all judging once a bucket, with yesterday's expectation.
"""

from array import array
from statistics import median

from river import stats

from detectors.usage.policy import UsagePolicy

CHART_DAYS = 14
WEEK = 7
_SEED_DAYS = 14
_PRIOR_SPREAD = 0.16
_PRIOR_DAYS = 4.0
_MIN_SPREAD = 0.12
_MAX_FACTOR = 2.0
_WEEKEND = (5, 6)
_WORKDAYS = (0, 1, 2, 3, 4)


class Series:
    """Daily level (River's EWMean), weekday factors, profile over the day, one-sided CUSUM.

    Quantities are event counts; `lost` is in working days (a level's worth of events). `volume`, `sd`,
    `allowance` and `judged` hold for the open day: they follow from the learned state by `open_day`.
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
        """Forget the shortfall gathered so far, but remember how deep one went that healed."""
        self.worst = max(self.worst, self.deepest)
        self.deepest = 0.0
        self.lost = 0.0
        self.since = -1
        self.observed_sum = 0.0
        self.expected_sum = 0.0

    def active_days(self) -> float:
        """Return about how many working days the baseline has seen."""
        return self.learned * sum(self.factors) / WEEK

    def factor(self, weekday: int) -> float:
        """Return the share of a working day expected on `weekday`; the cautious (lower) guess while young."""
        seen = self.seen[weekday]
        if not seen:
            return 0.0
        group = _WEEKEND if weekday in _WEEKEND else _WORKDAYS
        raw = self.factors[weekday]
        known = [self.factors[day] for day in group if self.seen[day]]
        weight = seen / (seen + 1.0)
        shrunk = weight * raw + (1.0 - weight) * sum(known) / len(known)
        return min(raw, shrunk) if seen < 3 else shrunk

    def open_day(self, weekday: int, policy: UsagePolicy) -> None:
        """Fix what is expected and tolerated on the day that begins."""
        self.volume = self.level.get() if self.learned else 0.0
        self.today_expected = self.volume * self.factor(weekday) if self.volume else 0.0
        self.sd = self.allowance = 1.0
        if not self.volume:
            return
        noise: float = max(self.volume, 1.0) ** -0.5
        self.sd = max(_MIN_SPREAD, 1.25 * self.spread.get(), noise)
        self.allowance = min(0.95, max(policy.tolerated_fall, 0.75 * self.sd))

    def expected(self, slot: int) -> float:
        """Return the count expected in one bucket of the open day."""
        return self.today_expected * self.profile[slot]

    def gather(self, bucket: int, slot: int, observed: float) -> None:
        """Add one closed bucket to the shortfall; a shortfall that is made good starts anew."""
        expected = self.today_expected * self.profile[slot]
        counted = min(observed, 2.0 * expected)
        lost = self.lost + ((1.0 - self.allowance) * expected - counted) / self.volume
        if lost <= 0.0:
            if self.since >= 0:
                self.clear_excursion()
            return
        self.lost = min(lost, 50.0)
        self.deepest = max(self.deepest, self.lost)
        if self.since < 0:
            self.since = bucket
        self.observed_sum += observed
        self.expected_sum += expected

    def add(self, slot: int, observed: float) -> None:
        """Count one closed bucket among the open day's."""
        self.today[slot] += observed

    def close_day(self, day: int, *, learn: bool) -> None:
        """Store the day's total and, unless `learn` is False, learn from it."""
        total = sum(self.today)
        place = day % CHART_DAYS
        self.days[place] = total
        self.skipped &= ~(1 << place)
        if learn:
            self._learn(total, day)
        else:
            self.skipped |= 1 << place
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
        """Fit level, factors and spread to the first two weeks at once, robust to bursts."""
        past = [(past, self.days[past % CHART_DAYS]) for past in range(day - CHART_DAYS + 1, day + 1)]
        kept = [(at, value) for at, value in past if not self.skipped >> at % CHART_DAYS & 1]
        active = [value for _, value in kept if value > 0.0]
        middle = median(active) if active else 0.0
        busy = [min(value, 3.0 * middle) for value in active if value >= 0.5 * middle]
        level = sum(busy) / len(busy) if busy else 0.0
        self.level = stats.EWMean(self.level.fading_factor)
        self.level.update(level)
        by_weekday: list[list[float]] = [[] for _ in range(WEEK)]
        for at, value in kept:
            by_weekday[(at + 3) % WEEK].append(min(value / level, _MAX_FACTOR) if level else 0.0)
        for weekday, values in enumerate(by_weekday):
            self.factors[weekday] = sum(values) / len(values) if values else 0.0
        self._seed_spread(by_weekday)

    def _seed_spread(self, by_weekday: list[list[float]]) -> None:
        highest = max(self.factors)
        busy = [v for at, vs in enumerate(by_weekday) if self.factors[at] >= 0.3 * highest for v in vs]
        centre = sum(busy) / len(busy)
        misses = sum(min(abs(value - centre), 1.0) for value in busy)
        spread = (misses + _PRIOR_DAYS * _PRIOR_SPREAD) / (len(busy) + _PRIOR_DAYS)
        self.spread = stats.EWMean(self.spread.fading_factor)
        self.spread.update(spread)

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
