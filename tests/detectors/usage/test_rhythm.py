"""Absences: an account's own rhythm decides on silence, and skipped empty buckets change nothing."""

from datetime import timedelta
from statistics import median

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.usage import UsageDetector, UsagePolicy, packing
from detectors.usage.baseline import Baseline
from detectors.usage.finding import Finding
from detectors.usage.intake import MICRO, OpenBucket
from schemas.usage import Anomaly, UsageEvent
from tests.detectors.support.usage_streams import DEFAULT, MONDAY, hourly, play

FIRST = 160_000
Visit = tuple[int, int, int]
VISITS = st.lists(
    st.tuples(st.one_of(st.integers(1, 10), st.integers(11, 250)), st.integers(0, 60), st.integers(0, 40)),
    min_size=1,
    max_size=60,
)


def tallies(visits: list[Visit]) -> dict[int, OpenBucket]:
    """Return buckets by index, from visits of (buckets until the next visit, done, failed)."""
    found, bucket = {}, FIRST
    for number, (after, done, failed) in enumerate(visits):
        opened = found[bucket] = OpenBucket()
        opened.kinds, opened.failed = {f"kind-{number % 3}": done * MICRO}, failed * MICRO
        opened.ids = {number.to_bytes(8, "big")}
        bucket += after
    return found


def closed(visits: list[Visit], *, skip: bool) -> tuple[list[Finding], int, bytes]:
    """Close buckets until the account is dormant, or for 40 days after the last visit."""
    opened, baseline = tallies(visits), Baseline(DEFAULT, FIRST)
    end, bucket, found = max(opened) + 40 * DEFAULT.slots, FIRST, []
    while bucket < end:
        if skip:
            bucket = baseline.next_to_close(bucket, min((at for at in opened if at >= bucket), default=end))
        if bucket < end:
            found += baseline.close(bucket, opened.get(bucket))
            bucket += 1
            if baseline.dormant(bucket - 1):
                break
    return found, bucket, packing.encode_past(baseline.rhythm, baseline)


@settings(max_examples=80, deadline=None)
@given(visits=VISITS)
def test_skipping_quiet_buckets_is_the_same_as_closing_each_of_them(visits: list[Visit]) -> None:
    assert closed(visits, skip=True) == closed(visits, skip=False)


@settings(max_examples=30, deadline=None)
@given(visits=VISITS, steps=st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_the_size_of_steps_of_the_clock_does_not_matter(visits: list[Visit], steps: list[int]) -> None:
    events = [
        UsageEvent(f"e{n}", "acme", f"kind-{n % 3}", MONDAY + timedelta(hours=3 * (bucket - FIRST)), 9.0)
        for n, bucket in enumerate(tallies(visits))
    ]
    results = []
    for hours in (None, *steps):
        detector, found = UsageDetector("acme"), []
        for event in events:
            found += crawl(detector, event, hours)
        results.append((found, detector.snapshot()))
    assert all(result == results[0] for result in results)


def crawl(detector: UsageDetector, event: UsageEvent, hours: int | None) -> list[Anomaly]:
    found: list[Anomaly] = []
    due = detector.next_due()
    while hours and due is not None and due < event.occurred_at:
        found += detector.advance(due)
        due = detector.next_due()
        due = None if due is None else due + timedelta(hours=hours)
    return found + list(detector.observe(event).anomalies)


def visits_on(days: list[int], *, until: int) -> list[Anomaly]:
    events = [
        UsageEvent(f"e{day}", "acme", "api.call", MONDAY + timedelta(days=day, hours=9), 40.0) for day in days
    ]
    return play(events, days=until)


def test_an_account_that_comes_now_and_then_may_be_absent_for_weeks() -> None:
    accounts, days, found = 60, 90, []
    for seed in range(accounts):
        present = np.random.default_rng(seed).random(days) < 0.3
        found += visits_on([0, *np.flatnonzero(present).tolist()], until=days)
    assert sum(anomaly.cause == "silence" for anomaly in found) <= 0.04 * accounts * days / 30.4


def test_an_account_that_comes_now_and_then_and_leaves_is_found_at_last() -> None:
    runs = []
    for seed in range(20):
        present = np.random.default_rng(seed).random(80) < 0.5
        runs.append(visits_on([0, *np.flatnonzero(present).tolist()], until=125))
    assert sum(any(anomaly.cause == "silence" for anomaly in run) for run in runs) >= 15


def test_a_busy_account_that_stops_is_found_within_three_days_also_late_in_its_life() -> None:
    def stops(day: float, kind: str) -> float:
        return 0.0 if day >= 43.4 else 1.0

    runs = [play(hourly(days=52, seed=seed, change=stops), days=52) for seed in range(6)]
    delays = [(run[-1].detected_at - MONDAY) / timedelta(days=1) - 43.4 for run in runs]
    assert all([anomaly.cause for anomaly in run][-1:] == ["silence"] for run in runs)
    assert median(delays) <= 3.0


def test_the_rhythm_of_an_account_is_kept_while_it_sleeps() -> None:
    detector = UsageDetector("acme", UsagePolicy(dormant_days=20))
    for day in (0, 3, 9, 14, 20, 60):
        at = MONDAY + timedelta(days=day)
        detector.observe(UsageEvent(f"e{day}", "acme", "api.call", at, 40.0))
    asleep = UsageDetector.restore(detector.snapshot())
    asleep.advance(MONDAY + timedelta(days=120))
    rhythm = packing.decode_past(packing.decode_state(asleep.snapshot()).past).rhythm
    assert asleep.next_due() is None
    assert sum(rhythm.seen) > 20
