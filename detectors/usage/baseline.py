"""All that is known of one account's past, and the judgement of each closed bucket against it."""

from typing import NamedTuple

from detectors.usage.errors import ErrorWatch, Surge
from detectors.usage.intake import OTHER, OpenBucket
from detectors.usage.policy import UsagePolicy
from detectors.usage.rhythm import Rhythm
from detectors.usage.series import WEEK, Series
from schemas.usage import AnomalyCause

ACTIVITY = "activity"
ERRORS = "errors"
_SILENCE_VOLUME_SHARE = 0.25
_ATTRIBUTION = 0.7
_GAP_IS_SILENCE = 0.6
_YOUNG_DAYS = 5.0


class Finding(NamedTuple):
    """One excursion as numbers; `wording.anomaly` makes the record of it."""

    cause: AnomalyCause
    metric: str
    since: int
    until: int
    observed: float
    expected: float
    sd: float
    baseline_days: int

    def check(self) -> None:
        """Raise AssertionError where the numbers contradict the cause: then this code is wrong, not the data.

        >>> Finding("drop", "activity", -1, 9, 0.0, 0.0, 1.0, 8).check()
        Traceback (most recent call last):
        AssertionError: a drop whose numbers show none
        """
        more = self.observed > self.expected
        apart = self.observed != self.expected and more == (self.cause == "error_surge")
        if not (0 <= self.since <= self.until and self.sd > 0.0 and apart):
            raise AssertionError(f"a {self.cause} whose numbers show none")


class Baseline:
    """Series of one account plus its rhythm and failures; closes buckets in order, without skipping."""

    __slots__ = (
        "activity",
        "born",
        "errors",
        "events",
        "kinds",
        "last_event",
        "last_fired",
        "policy",
        "rhythm",
        "silent",
    )  # fmt: skip

    def __init__(self, policy: UsagePolicy, born: int, rhythm: Rhythm | None = None) -> None:
        self.policy = policy
        self.activity = Series(policy)
        self.kinds: dict[str, Series] = {}
        self.errors = ErrorWatch(policy)
        self.born = born
        self.events = 0
        self.rhythm = rhythm or Rhythm()
        self.last_event = born
        self.last_fired: dict[AnomalyCause, int] = {}
        self.silent = False
        self.open_day(born // policy.slots)

    def open_day(self, day: int) -> None:
        """Fix every expectation for the day that begins (also after a restore)."""
        weekday, policy = (day + 3) % WEEK, self.policy
        self.activity.open_day(weekday, policy)
        self.rhythm.open_day(weekday, self.activity.today_expected / max(self.activity.volume, 1e-9))
        floor = max(policy.min_daily_volume, policy.min_kind_share * self.activity.volume)
        for series in (self.activity, *self.kinds.values()):
            if series is not self.activity:
                series.open_day(weekday, policy)
            series.judged = series.learned >= policy.warm_up_days and series.volume >= floor

    def next_loud(self, bucket: int, until: int) -> int:
        """Return the first bucket from `bucket` to `until` whose closing could matter although it is empty.

        It expects something, ends what happened 24 hours ago, ends a day or makes the account dormant;
        `until` when there is none. Closing those before it one by one would change nothing.
        """
        slots = self.policy.slots
        slot = bucket % slots
        stop = min(until, bucket + slots - 1 - slot, self.last_event + self.policy.dormant_days * slots)
        while bucket < stop:
            if not self._quiet(slot):
                break
            bucket += 1
            slot += 1
        return bucket

    def _quiet(self, slot: int) -> bool:
        """Whether an empty bucket at `slot` could change nothing."""
        empty = not self.errors.errors[slot] and not self.errors.attempts[slot]
        return empty and not self.activity.profile[slot]

    def dormant(self, bucket: int) -> bool:
        """Whether the account has been gone for so long that its past says nothing any more."""
        return bucket - self.last_event >= self.policy.dormant_days * self.policy.slots

    def close(self, bucket: int, tally: OpenBucket | None) -> list[Finding]:
        """Judge one bucket with what was known before it, then count it; days end with learning."""
        slot = bucket % self.policy.slots
        found: list[Finding] = []
        if tally is not None or not self._quiet(slot):
            found = self._judge(bucket, slot, tally or OpenBucket())
        if slot == self.policy.slots - 1:
            self._close_day(bucket)
        return found

    def _judge(self, bucket: int, slot: int, tally: OpenBucket) -> list[Finding]:
        self._adopt(tally)
        self._follow_gap(bucket, slot, tally)
        self._gather(bucket, slot, tally)
        self.errors.add(slot, tally.errors(), tally.activity() + tally.errors())
        found = (self._silence(bucket), self._drop(bucket), self._surge(bucket, slot))
        return [finding for finding in found if finding is not None]

    def _adopt(self, tally: OpenBucket) -> None:
        free = self.policy.max_kinds - len(self.kinds)
        if not free or not tally.kinds.keys() - self.kinds.keys():
            return
        strange = [(-count, kind) for kind, count in tally.kinds.items() if kind not in self.kinds]
        for _, kind in sorted(pair for pair in strange if pair[1] != OTHER)[:free]:
            self.kinds[kind] = Series(self.policy)

    def _follow_gap(self, bucket: int, slot: int, tally: OpenBucket) -> None:
        if tally.ids:
            self.rhythm.come_back(self.policy)
            self.last_event = bucket
            self.events += len(tally.ids)
            self.silent = False
            return
        activity = self.activity
        self.rhythm.miss(activity.expected(slot), activity.volume, activity.profile[slot])

    def _gather(self, bucket: int, slot: int, tally: OpenBucket) -> None:
        self._count(self.activity, bucket, slot, tally.activity())
        for kind, series in self.kinds.items():
            self._count(series, bucket, slot, tally.count(kind) if kind in tally.kinds else 0.0)

    @staticmethod
    def _count(series: Series, bucket: int, slot: int, observed: float) -> None:
        if series.judged and series.alarmed < 0:
            series.gather(bucket, slot, observed)
        if observed:
            series.today[slot] += observed

    def _patience(self, series: Series) -> float:
        own = self.policy.healed_factor * series.worst * self._young(series)
        noise = series.sd * self.policy.threshold_sigmas(series.allowance / series.sd)
        return max(self.policy.patience_days, noise, own)

    @staticmethod
    def _young(series: Series) -> float:
        return 1.0 + _YOUNG_DAYS / max(series.active_days(), 1.0)

    def _too_long(self) -> bool:
        """Whether the absence is long by the volume missed and by the days on which the account comes."""
        long = self.rhythm.gap >= self.policy.silence_days
        return long and self.rhythm.nats >= self.rhythm.limit(self.policy)

    def _silence(self, bucket: int) -> Finding | None:
        level = self.activity.volume
        known = self.activity.learned >= self.policy.warm_up_days
        enough = level >= _SILENCE_VOLUME_SHARE * self.policy.min_daily_volume
        if self.silent or not known or not enough or not self._too_long():
            return None
        self.silent = True
        for series in (self.activity, *self.kinds.values()):
            series.alarmed = bucket
        sd = self.activity.sd * level * max(self.rhythm.gap, 0.25) ** 0.5
        return self._fire(
            Finding(
                "silence",
                ACTIVITY,
                self.last_event + 1,
                bucket,
                0.0,
                self.rhythm.expected,
                sd,
                self.activity.learned,
            )
        )

    def _drop(self, bucket: int) -> Finding | None:
        if self.silent or self.rhythm.gap >= _GAP_IS_SILENCE:
            return None
        metric = self._culprit()
        if metric is None:
            return None
        named = {ACTIVITY: self.activity, **self.kinds}
        series = named[metric]
        units = max(series.expected_sum / max(series.volume, 1e-9), 0.25)
        sd = series.sd * series.volume * units**0.5
        if series.observed_sum > (1.0 - series.allowance) * series.expected_sum:
            series.clear_excursion()
            return None
        found = Finding(
            "drop", metric, series.since, bucket, series.observed_sum, series.expected_sum, sd, series.learned
        )
        quiet = self.activity.alarmed >= 0
        for other in named.values():
            if other.lost > 0.0 and other.lost >= 0.5 * self._patience(other):
                other.alarmed = bucket
        return None if quiet else self._fire(found)

    def _crossed(self, series: Series) -> bool:
        """Whether a series lost more than its patience."""
        if not series.judged or series.alarmed >= 0 or series.lost < self.policy.patience_days:
            return False
        return series.lost >= self._patience(series)

    def _culprit(self) -> str | None:
        """Name the kind that crossed and explains most of what activity lost, or else activity.

        None where nothing crossed. Activity that lost nothing is never named, nor a kind that did not cross.
        """
        lost = {kind: s.lost * s.volume for kind, s in self.kinds.items() if self._crossed(s)}
        if not lost:
            return ACTIVITY if self._crossed(self.activity) else None
        worst = max(sorted(lost), key=lost.__getitem__)
        whole = self.activity.lost * self.activity.volume if self.activity.judged else 0.0
        return worst if lost[worst] >= _ATTRIBUTION * whole else ACTIVITY

    def _surge(self, bucket: int, slot: int) -> Finding | None:
        watch = self.errors
        if watch.alarmed >= 0:
            return None
        if watch.learned < self.policy.warm_up_days:
            watch.remember_bucket(slot)
            return None
        surge = watch.surge(slot, self.activity.profile, self.policy)
        if surge is None:
            watch.remember_bucket(slot)
            return None
        watch.alarmed = bucket
        return self._fire(self._surge_finding(bucket, surge))

    def _surge_finding(self, bucket: int, surge: Surge) -> Finding:
        since = bucket - surge.buckets + 1
        numbers = (surge.observed, surge.expected, surge.sd)
        return Finding("error_surge", ERRORS, since, bucket, *numbers, self.errors.learned)

    def _fire(self, finding: Finding) -> Finding | None:
        """Return the finding unless the same cause was told a short while ago."""
        finding.check()
        last = self.last_fired.get(finding.cause)
        rest = self.policy.rest_days * self.policy.slots
        if last is not None and finding.until - last < rest:
            return None
        self.last_fired[finding.cause] = finding.until
        return finding

    def _close_day(self, bucket: int) -> None:
        day = bucket // self.policy.slots
        self.activity = self._end_day(self.activity, day)
        for kind in list(self.kinds):
            self.kinds[kind] = self._end_day(self.kinds[kind], day)
            if self.kinds[kind].alarmed < 0 and not any(self.kinds[kind].days):
                del self.kinds[kind]
        self._end_day_of_errors(day)
        self._end_day_of_rhythm(day)
        self.open_day(day + 1)

    def _end_day_of_rhythm(self, day: int) -> None:
        if self.silent:
            return
        present = self.last_event >= day * self.policy.slots
        self.rhythm.close_day((day + 3) % WEEK, present=present, decay=self.policy.presence_decay)

    def _end_day(self, series: Series, day: int) -> Series:
        total, expected = sum(series.today), series.today_expected
        if series.alarmed >= 0:
            old = day - series.alarmed // self.policy.slots >= self.policy.new_normal_days
            if old and not self.silent:
                return self._anew(series)
            if expected > 0.0 and total > 0.0 and total >= (1.0 - series.allowance) * expected:
                series.alarmed = -1
                series.clear_excursion()
        elif series.since >= 0 and self._healed(series, day, total):
            series.clear_excursion()
        series.worst *= self.policy.rhythm_decay
        series.close_day(day, total, learn=series.alarmed < 0)
        return series

    def _healed(self, series: Series, day: int, total: float) -> bool:
        """Whether a shortfall below the threshold ended: by an ordinary day, or by being slow, not sudden."""
        expected = series.today_expected
        ordinary = (1.0 - 0.5 * series.allowance) * expected
        slow = day - series.since // self.policy.slots >= self.policy.max_fall_days
        return slow or (expected >= 0.5 * series.volume and total >= ordinary)

    def _anew(self, series: Series) -> Series:
        """Take the new normal for granted after a long excursion; what a fall may cost is kept."""
        fresh = Series(self.policy)
        fresh.worst = max(series.worst, series.deepest)
        return fresh

    def _end_day_of_errors(self, day: int) -> None:
        watch = self.errors
        if watch.alarmed >= 0:
            if watch.calm(self.policy):
                watch.alarmed = -1
            elif day - watch.alarmed // self.policy.slots >= self.policy.new_normal_days:
                self.errors = watch = ErrorWatch(self.policy)
        watch.close_day(day, self.policy, learn=watch.alarmed < 0)
