"""Failures of a series against its own attempts: the share, and how failures come in clusters."""

from typing import Any, Final

import numpy as np

from detectors.usage.counts.rows import CHART_DAYS, HOURS, WARM_UP_DAYS, Bucket, Judgement, SeriesRows, root
from detectors.usage.counts.tails import Reals, at_least

WINDOWS: Final = (2, 6, 24)
"""Buckets of one hour over which failures are counted together. Chosen by hand."""

_HALF_LIFE: Final = 0.5 ** (1 / 14)
"""Factor per day of the failures and attempts learned: a half-life of 14 days. Chosen by hand."""

_SPREAD_FADING: Final = 0.5 ** (1 / 56)
"""Factor per day of the clustering learned: a half-life of eight weeks. Chosen by hand."""

_PRIOR_FAILED: Final = 0.5
_PRIOR_TRIES: Final = 25.0
"""Failures and attempts that count before any are known: a share of 2 %. Chosen by hand."""

_MOST_MISS: Final = 25.0
"""Times the expected variance that one bucket may add to the clustering. Chosen by hand."""

_NEW_NORMAL_DAYS: Final = 7
"""Odd days after which the present share is learned fully. From the design: 7 to 14 days."""

_LEAST_TROUBLES: Final = 3.0
"""Troubles (failures divided by the size of a cluster) that anything odd needs. Chosen by hand."""

_SLOW: Final = 0.1
_ODD: Final = 3.0


def share_of(block: SeriesRows) -> Reals:
    """Return the share of attempts that is expected to fail."""
    share: Reals = (block["failed"].astype("f8") + _PRIOR_FAILED) / (block["tries"] + _PRIOR_TRIES)
    return np.minimum(share, 1.0)


def cluster_of(block: SeriesRows) -> Reals:
    """Return the failures that one trouble makes, at least 1."""
    spread = block["spread"].astype("f8")
    cluster: Reals = spread / np.maximum(block["weight"], 1e-6)
    return np.maximum(cluster, 1.0)


def count_failures(block: SeriesRows, bucket: Bucket, tries: Reals) -> None:
    """Add a bucket of failures and of attempts, failures included; forget the buckets of 24 hours ago.

    How failures come in clusters is learned from the second day on: before, the share is only a guess, and
    what it misses would count as clusters.
    """
    rows = np.arange(len(block))
    for back in range(int(bucket.span.max(initial=0))):
        inside = back < bucket.span
        place = (bucket.hour - back)[inside] % HOURS
        block["ring_failed"][rows[inside], place] = 0.0
        block["ring_tries"][rows[inside], place] = 0.0
    block["ring_failed"][rows, bucket.hour] = root(bucket.count)
    block["ring_tries"][rows, bucket.hour] = root(tries)
    block["total"] += bucket.count
    block["total_tries"] += tries
    mean = share_of(block) * tries
    miss = np.minimum((bucket.count - mean) ** 2, _MOST_MISS * cluster_of(block) * (mean + 1.0))
    is_known = block["age"] > 0
    block["spread_today"] += np.where(is_known & (tries > 0.0), miss, 0.0)
    block["weight_today"] += np.where(is_known, mean, 0.0)


def judge_failures(block: SeriesRows, hour: Any, count: Reals) -> Judgement:
    """Return the judgement of each series at the end of its bucket: the high side over three windows.

    Failures divided by the size of a cluster are troubles, and their number is negative binomial: a job that
    is retried seven times is one trouble. The worst hour of a window counts as its other hours do, and one
    trouble more: a burst of retries may be the first of its kind. `window` is the place in WINDOWS. A bucket
    without failures adds no evidence and is not judged.
    """
    size = len(block)
    rows = np.flatnonzero((count > 0.0) & (block["age"] >= WARM_UP_DAYS))
    high, seen, mean, deviation = np.ones(size), count.copy(), np.zeros(size), np.zeros(size)
    window = np.zeros(size, "u1")
    if len(rows):
        found = _judge(block[rows], hour[rows])
        for whole, part in zip((high, seen, mean, deviation, window), found, strict=True):
            whole[rows] = part
    return Judgement(np.ones(size), high, seen, mean, deviation, window)


def _judge(block: SeriesRows, hour: Any) -> tuple[Any, ...]:
    """Return p, observed, expected, deviation and window, the oddest of three, of series with failures."""
    share, cluster = share_of(block), cluster_of(block)
    order = (hour[:, None] - np.arange(HOURS)[None, :]) % HOURS
    rows = np.arange(len(block))[:, None]
    failed_at = block["ring_failed"][rows, order].astype("f8") ** 2
    tries_at = block["ring_tries"][rows, order].astype("f8") ** 2
    seen, tries = np.cumsum(failed_at, axis=1), np.cumsum(tries_at, axis=1)
    wide = block["phi"] + cluster / (block["failed"] + 1.0)
    size = 1.0 / np.maximum(wide, 1e-6)
    best = [np.ones(len(block)), seen[:, 0], share * tries[:, 0], np.zeros(len(block))]
    window = np.zeros(len(block), "u1")
    for number, length in enumerate(WINDOWS):
        failed, mean = seen[:, length - 1], share * tries[:, length - 1]
        troubles = _without_burst(failed_at[:, :length], tries_at[:, :length], cluster) / cluster
        enough = (troubles >= _LEAST_TROUBLES) & (failed > mean)
        high = np.where(enough, at_least(troubles, mean / cluster, size), 1.0)
        deviation = (failed - mean) / np.sqrt(np.maximum(cluster * mean + wide * mean * mean, 1e-9))
        better = high < best[0]
        for place, value in enumerate((high, failed, mean, deviation)):
            best[place] = np.where(better, value, best[place])
        window = np.where(better, number, window).astype("u1")
    return (*best, window)


def _without_burst(failed: Reals, tries: Reals, cluster: Reals) -> Reals:
    """Return failures of windows, shape (series, hours); the worst hour is cut to what the others suggest."""
    place, worst = np.arange(len(failed)), np.argmax(failed, axis=1)
    most, among = failed[place, worst], tries[place, worst]
    rest: Reals = np.cumsum(failed, axis=1)[:, -1] - most
    others = np.cumsum(tries, axis=1)[:, -1] - among
    cut: Reals = rest + np.minimum(most, rest / np.maximum(others, 1.0) * among + cluster)
    return cut


def close_failures(block: SeriesRows, day: Any) -> None:
    """Learn the day that ends, slowly if it was odd; after a week of odd days fully."""
    failed, tries = block["total"].astype("f8"), block["total_tries"].astype("f8")
    odd = block["peak"] >= _ODD
    block["odd_days"] = np.where(odd, np.minimum(block["odd_days"] + 1, 200), 0)
    weight = np.where(odd & (block["odd_days"] < _NEW_NORMAL_DAYS), _SLOW, 1.0)
    mean = share_of(block) * tries
    fresh = np.clip(
        ((failed - mean) ** 2 - cluster_of(block) * mean) / np.maximum(mean * mean, 1e-9), -0.3, 1.0
    )
    gain = np.where(mean >= 2.0, 0.06, 0.0) * weight
    block["phi"] = np.maximum(block["phi"] + gain * (fresh - block["phi"]), 0.01)
    kept = 1.0 - (1.0 - _HALF_LIFE) * weight
    block["failed"] = kept * block["failed"] + weight * failed
    block["tries"] = kept * block["tries"] + weight * tries
    for name in ("spread", "weight"):
        block[name] = _SPREAD_FADING * block[name] + weight * block[name + "_today"]
    block["days"][np.arange(len(block)), day % CHART_DAYS] = root(failed)
    block["age"] = np.minimum(block["age"] + 1, 65_000)
    for name in ("total", "total_tries", "peak", "spread_today", "weight_today"):
        block[name] = 0.0
