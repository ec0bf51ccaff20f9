"""The past of one account, and the judgement of each closed bucket against it."""

from detectors.usage.calendar import WEEK
from detectors.usage.errors import ErrorWatch, Surge
from detectors.usage.finding import ACTIVITY, ERRORS, Finding
from detectors.usage.intake import OTHER, OpenBucket
from detectors.usage.policy import UsagePolicy
from detectors.usage.rhythm import Rhythm
from detectors.usage.series import Series
from schemas.usage import AnomalyCause

_SILENCE_VOLUME_SHARE = 0.25
"""Share of `min_daily_volume` (3 of 12 events per working day) that silence needs. Chosen by hand."""

_ATTRIBUTION = 0.7
"""Share of the events lost by activity from which a drop is named after one kind. Chosen by hand."""

_ENOUGH_LOST = 0.5
"""Share of its patience from which a series is alarmed together with the series that crossed. By hand."""

_GAP_IS_SILENCE = 0.6
"""Working days without an event from which no drop is raised: silence decides instead. Chosen by hand."""

_YOUNG_DAYS = 5.0
"""Active days learned at which the bar of the own past is doubled; it falls with more of them. By hand."""

_LEAST_UNITS = 0.25
"""Working days of expectation that the standard deviation of a finding covers at least. By hand."""


class Baseline:
    """Series of one account, its rhythm and its failures; closes buckets in order of time.

    The caller may skip only the buckets that `next_to_close` skips. A detector with one p-value per series
    and bucket will replace this class; until then these are its states and transitions.

    Each series, activity and every kind; `judged` is set at the start of each day:

    ========= ============================ ================================================================
    state     condition                    leaves to
    ========= ============================ ================================================================
    learning  not `judged`                 quiet, after `warm_up_days` with enough volume; counts and learns
    quiet     `since` is -1                excursion, if a bucket lacks more than the allowance
    excursion `since` >= 0, `lost` > 0     quiet, if made up, after an ordinary day or after `max_fall_days`;
                                           alarmed, if `lost` reaches `_patience` (a drop), together with
                                           every series at half of its patience; or by silence
    alarmed   `alarmed` >= 0               quiet, after a day within the allowance; learning, as a new series,
                                           after `new_normal_days`; an alarmed series learns nothing
    ========= ============================ ================================================================

    The account, by its `rhythm`:

    ========= ============================ ================================================================
    present   `rhythm.gap` is 0            absent, at a bucket that expects events and has none
    absent    `rhythm.gap` > 0             present, at an event; silent, if `_too_long`: all series are
                                           alarmed. From `_GAP_IS_SILENCE` on no drop is raised
    silent    `silent`                     present, at an event; the series stay alarmed
    dormant   `dormant(bucket)`            the detector forgets the baseline and keeps the rhythm
    ========= ============================ ================================================================

    The failures are quiet or alarmed: alarmed by a surge, quiet after a calm day, and learned again from
    the beginning after `new_normal_days`.
    """

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
        """Set every expectation for the day that begins, also after a restore."""
        weekday, policy = (day + 3) % WEEK, self.policy
        self.activity.open_day(weekday, policy)
        self.rhythm.open_day(weekday, self.activity.today_expected / max(self.activity.volume, 1e-9))
        floor = max(policy.min_daily_volume, policy.min_kind_share * self.activity.volume)
        for series in (self.activity, *self.kinds.values()):
            if series is not self.activity:
                series.open_day(weekday, policy)
            series.judged = series.learned >= policy.warm_up_days and series.volume >= floor

    def next_to_close(self, bucket: int, until: int) -> int:
        """Return the first bucket from `bucket` on whose closing could matter although it is empty.

        Such a bucket expects events, removes counts of 24 hours ago, ends a day or makes the account dormant.
        Returns `until` if there is none. Closing the skipped buckets one by one would change nothing.
        """
        slots = self.policy.slots
        slot = bucket % slots
        stop = min(until, bucket + slots - 1 - slot, self.last_event + self.policy.dormant_days * slots)
        while bucket < stop:
            if not self._changes_nothing(slot):
                break
            bucket += 1
            slot += 1
        return bucket

    def _changes_nothing(self, slot: int) -> bool:
        """Return whether closing an empty bucket at `slot` changes nothing."""
        empty = not self.errors.errors[slot] and not self.errors.attempts[slot]
        return empty and not self.activity.profile[slot]

    def dormant(self, bucket: int) -> bool:
        """Return whether no event came for `dormant_days`, so that the past no longer applies."""
        return bucket - self.last_event >= self.policy.dormant_days * self.policy.slots

    def close(self, bucket: int, tally: OpenBucket | None) -> list[Finding]:
        """Judge one bucket by the past before it, then count it; learn after the last bucket of a day."""
        slot = bucket % self.policy.slots
        found: list[Finding] = []
        if tally is not None or not self._changes_nothing(slot):
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
        """Return the lost working days that make a drop: by policy, by noise, by the own past."""
        own = self.policy.healed_factor * series.worst * self._youth_factor(series)
        noise = series.sd * self.policy.threshold_sigmas(series.allowance / series.sd)
        return max(self.policy.patience_days, noise, own)

    @staticmethod
    def _youth_factor(series: Series) -> float:
        return 1.0 + _YOUNG_DAYS / max(series.active_days(), 1.0)

    def _too_long(self) -> bool:
        """Return whether the absence is long both by the volume missed and by the account's own weekdays."""
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
        sd = self.activity.sd * level * max(self.rhythm.gap, _LEAST_UNITS) ** 0.5
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
        units = max(series.expected_sum / max(series.volume, 1e-9), _LEAST_UNITS)
        sd = series.sd * series.volume * units**0.5
        if series.observed_sum > (1.0 - series.allowance) * series.expected_sum:
            series.clear_excursion()
            return None
        found = Finding(
            "drop", metric, series.since, bucket, series.observed_sum, series.expected_sum, sd, series.learned
        )
        already_alarmed = self.activity.alarmed >= 0
        for other in named.values():
            if other.lost > 0.0 and other.lost >= _ENOUGH_LOST * self._patience(other):
                other.alarmed = bucket
        return None if already_alarmed else self._fire(found)

    def _crossed(self, series: Series) -> bool:
        """Return whether a series lost as much as its patience."""
        if not series.judged or series.alarmed >= 0 or series.lost < self.policy.patience_days:
            return False
        return series.lost >= self._patience(series)

    def _culprit(self) -> str | None:
        """Return the crossed kind that explains most of the loss of activity, or else activity.

        Returns None if nothing crossed. Activity without a loss and kinds that did not cross are never named.
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
        """Return the finding, or None if the same cause was reported within `rest_days`."""
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
                return self._new_normal(series)
            if expected > 0.0 and total > 0.0 and total >= (1.0 - series.allowance) * expected:
                series.alarmed = -1
                series.clear_excursion()
        elif series.since >= 0 and self._healed(series, day, total):
            series.clear_excursion()
        series.worst *= self.policy.rhythm_decay
        series.close_day(day, total, learn=series.alarmed < 0)
        return series

    def _healed(self, series: Series, day: int, total: float) -> bool:
        """Return whether a shortfall below the threshold ended, by an ordinary day or because it is slow."""
        expected = series.today_expected
        ordinary = (1.0 - 0.5 * series.allowance) * expected
        slow = day - series.since // self.policy.slots >= self.policy.max_fall_days
        return slow or (expected >= 0.5 * series.volume and total >= ordinary)

    def _new_normal(self, series: Series) -> Series:
        """Return a series that learns the level after a long excursion; it keeps the deepest shortfall."""
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
