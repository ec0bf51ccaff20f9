"""The judgement of one closed bucket of each series against its own past."""

from typing import Any, Final, NamedTuple

import numpy as np

from detectors.usage.counts.absence import NOW_AND_THEN, AbsenceHabits, absent_chance, first_day_of_gap
from detectors.usage.counts.cohort import TELLING, HourShares
from detectors.usage.counts.owntail import HIGH_SIDE, LOW_SIDE, TAIL_FLOOR, own_score
from detectors.usage.counts.rows import (
    CHART_DAYS,
    HOURS,
    WARM_UP_DAYS,
    Bucket,
    Judgement,
    SeriesRows,
    root,
    shape_of,
    variance_of_day,
    youth,
)
from detectors.usage.counts.tails import Reals, at_least, at_most, none_at_all, score, sizes

TRICKLE: Final = 0.1
"""Share of the expectation up to which a bucket does not end an absence. Chosen by hand."""

_ENOUGH_FOR_SHARE: Final = 10.0
"""Expectation of a bucket from which `TRICKLE` applies; below, one event ends an absence. By hand."""

_LONG_GAP: Final = 0.5
"""Working days of expectation from which a gap counts as an absence. Chosen by hand."""

_ODD_GAP: Final = 1e-4
"""Chance of no event, by noise alone, below which a gap counts as an absence. Chosen by hand."""

_ANY_HOUR: Final = 0.03
"""Share of a day that is spread over all of its hours, whatever was learned. Chosen by hand."""

_ANY_EVENTS: Final = 6.0
"""Events that the even spread weighs as much as: a shape learned from few events is vague. By hand."""

_SHAPE_DAYS: Final = 10
"""Days that a shape remembers."""

_NEW_HOURS: Final = 0.1
"""Share of a working day that may come at hours that had no events before. Chosen by hand."""

_GROWTH_DAYS: Final = (2, 5)
"""Working days, today among them, over which growth is sought. Chosen by hand."""

_SILENT: Final = 3
"""The window of a judgement that is the time since the last event."""

_SHIFT: Final = 0.3
"""Square of the part of an hour by which a day may begin or end otherwise than usual. Chosen by hand."""

_VAGUE: Final = 0.02
"""Share of a day by which the share expected so far may be wrong: quiet hours are known vaguely. By hand."""

_STEADY: Final = 0.4
"""Relative variance of an hour from which the hours of an account are irregular. Chosen by hand."""

_LEAST_DAYS: Final = 4
"""Days with events by which one week shows how an account works. Chosen by hand."""

_FEWEST_DAYS: Final = 2
"""The same of two weeks. Chosen by hand: once is no habit."""

_MANY_DAYS: Final = 14.0
"""Working days judged, the seven of the first week among them, that show it too. Chosen by hand."""

_KNOWN_DAYS: Final = 2.0
"""Relative variance of the hours of an account of which one day is known. Chosen by hand."""

_ABSENT: Final = 1e-3
"""Least chance of an absence that ended: no account is reported because it came back. Chosen by hand."""


class Passed(NamedTuple):
    """How much of a day had passed before a bucket and after it, as shares of the day's expectation.

    `squares` is the sum of the squares of the hours passed, `step` the share of the last hour.
    """

    before: Reals
    after: Reals
    squares: Reals
    step: Reals


def passed_by(block: SeriesRows, working: Any, bucket: Bucket) -> Passed:
    """Return how much of the day passes with a bucket; `working` is 1, or 0 on days of rest."""
    place = np.arange(len(block))
    learned = 0.5 * block["due"].astype("f8") * np.minimum(block["age"], _SHAPE_DAYS)
    spread = _ANY_HOUR + _ANY_EVENTS / (learned + 2.0 * _ANY_EVENTS)
    shape = shape_of(block, working) + (spread / HOURS)[:, None]
    sums, squares = np.cumsum(shape, axis=1), np.cumsum(shape * shape, axis=1)
    whole = np.maximum(sums[:, -1], 1e-9)
    before = np.where(bucket.hour < bucket.span, 0.0, sums[place, bucket.hour - bucket.span]) / whole
    after = sums[place, bucket.hour] / whole
    return Passed(
        before, after, squares[place, bucket.hour] / (whole * whole), (after - before) / bucket.span
    )


def count_bucket(block: SeriesRows, bucket: Bucket, passed: Passed) -> None:
    """Add a bucket to today's sums and to the gap; a gap that ends and was an absence is remembered."""
    expected = block["due"] * (passed.after - passed.before)
    enough = np.where(expected >= _ENOUGH_FOR_SHARE, TRICKLE * expected, 0.0)
    present = bucket.count > enough
    _come_back(block, np.flatnonzero(present & (block["gap"] > 0.0)))
    _spread(block, bucket)
    block["observed"] += bucket.count
    block["expected"] += expected
    missed = np.where(present, 0.0, expected)
    block["gap_square"] += missed * (2.0 * block["gap_today"] + missed)
    block["gap"] += missed
    block["gap_today"] += missed
    block["gap_seen"] += np.where(present, 0.0, bucket.count)


def _come_back(block: SeriesRows, rows: Any) -> None:
    if not len(rows):
        return
    own = block[rows]
    gap, level = own["gap"].astype("f8"), np.maximum(own["level"], 1e-6).astype("f8")
    length = gap / level
    size = sizes(gap, variance_of_day(own) * own["gap_square"])
    is_absence = (length >= _LONG_GAP) & (none_at_all(gap, size) < _ODD_GAP) & (own["age"] >= WARM_UP_DAYS)
    within = first_day_of_gap(own) > 0.25 * level
    own["mid_runs"] += is_absence & within
    own["day_runs"] += is_absence & ~within
    own["away"] += np.where(is_absence, np.maximum(length - _LONG_GAP, 0.0), 0.0)
    own["excused"] += np.where(is_absence, own["gap_today"], 0.0)
    for name in ("gap", "gap_today", "gap_square", "gap_seen"):
        own[name] = 0.0
    own["gap_first"] = -1.0
    block[rows] = own


def _spread(block: SeriesRows, bucket: Bucket) -> None:
    """Note the counts of today's hours; a bucket of several hours counts evenly in each of them."""
    rows = np.flatnonzero(bucket.count > 0.0)
    span = bucket.span[rows]
    each = root(bucket.count[rows] / span)
    for back in range(int(span.max(initial=0))):
        inside = back < span
        block["hours"][rows[inside], (bucket.hour[rows] - back)[inside]] = each[inside]


def judge(block: SeriesRows, passed: Passed, habits: AbsenceHabits) -> Judgement:
    """Return the judgement of each series at the end of its bucket; 1.0 while it is in warm-up.

    The highest surprise of the day is kept in the block; the p-values returned are by the own tail of each
    series.
    """
    rows = np.flatnonzero(_is_known(block))
    seen, due, one = block["observed"].astype("f8"), block["expected"].astype("f8"), np.ones(len(block))
    found = Judgement(one, one.copy(), seen, due, np.zeros(len(block)), np.zeros(len(block), "u1"))
    if not len(rows):
        return found
    parts = AbsenceHabits(*(np.broadcast_to(part, len(block))[rows] for part in habits))
    judged = _by_own_tail(block, rows, _judge(block[rows], Passed(*(part[rows] for part in passed)), parts))
    for whole, part in zip(found, judged, strict=True):
        whole[rows] = part
    return found


def hour_shares(activity: SeriesRows, passed: Passed, hour: Any, count: Reals) -> HourShares:
    """Return what the closed bucket of each account, up to `hour`, tells of what all have in common."""
    expected = np.where(_is_known(activity), activity["due"] * (passed.after - passed.before), 0.0)
    chance = np.ones(len(activity))
    rows = np.flatnonzero(expected >= TELLING)
    mean, spread = expected[rows], variance_of_day(activity) + 2.0 * activity["psi"] * youth(activity)
    chance[rows] = at_most(count[rows], mean, sizes(mean, spread[rows] * mean * mean))
    return HourShares(hour, count, expected, chance, spread)


def _is_known(block: SeriesRows) -> Any:
    """Return which series are judged: after a week with a few days of events, or after two weeks with two.

    A series that was judged on more days than its first week stays known while it is silent.
    """
    days, age = np.count_nonzero(block["top"], axis=1), block["age"]
    two_weeks = (age >= CHART_DAYS) & ((days >= _FEWEST_DAYS) | (block["ordinary"] >= _MANY_DAYS))
    return ((age >= WARM_UP_DAYS) & (days >= _LEAST_DAYS)) | two_weeks


def _by_own_tail(block: SeriesRows, rows: Any, found: Judgement) -> Judgement:
    own, sides = block[rows], []
    for side, name, chance in ((LOW_SIDE, "peak_low", found.low), (HIGH_SIDE, "peak_high", found.high)):
        surprise = score(chance)
        block[name][rows] = np.maximum(own[name], surprise)
        sides.append(np.where(surprise > TAIL_FLOOR, 10.0 ** -own_score(own, side, surprise), chance))
    # How odd it is that no event came follows from the habits of being away, which are the account's own.
    sides[0] = np.where(found.window == _SILENT, found.low, sides[0])
    return found._replace(low=sides[0], high=sides[1])


class _Windows(NamedTuple):
    """Three windows of each series, shape (3, series): today, and with the last 1 and 4 working days.

    `square` is the sum of squares of the expectations of its days, `excused` the part of the expectation that
    fell into absences, `long_ago` whether one of them has ended.
    """

    seen: Reals
    mean: Reals
    square: Reals
    excused: Reals
    long_ago: Any


def _windows(block: SeriesRows) -> _Windows:
    def summed(today: Reals, past: Any) -> Reals:
        sums = np.cumsum(past.astype("f8"), axis=1)
        return np.stack([today, today + sums[:, 0], today + sums[:, -1]])

    today, due = block["expected"].astype("f8"), block["past_due"].astype("f8")
    ended = summed(block["excused"].astype("f8"), block["past_excused"])
    return _Windows(
        summed(block["observed"].astype("f8"), block["past_seen"]),
        summed(today, due),
        summed(today * today, due * due),
        ended + block["gap_today"],
        ended > 0.0,
    )


def _judge(block: SeriesRows, passed: Passed, habits: AbsenceHabits) -> Judgement:
    phi = variance_of_day(block)
    irregular = _irregular(block)
    away = np.where(block["gap"] > 0.0, absent_chance(block, phi + irregular, habits), 0.0)
    due = block["due"].astype("f8")
    late = (_SHIFT * passed.step**2 + _VAGUE**2) * due**2
    rough = (
        2.0 * block["psi"] * youth(block) * due**2 * passed.squares * (1.0 - np.minimum(passed.after, 1.0))
        + late
    )
    windows = _windows(block)
    extra = phi * windows.square + rough
    low = _low_tails(windows, extra, away)
    place, oddest = np.arange(len(block)), np.argmin(low, axis=0)
    seen, mean = windows.seen[oddest, place], windows.mean[oddest, place]
    deviation = (seen - mean) / np.sqrt(np.maximum(mean + extra[oddest, place], 1e-9))
    # Use on a weekday that never had any says little: nobody knows yet how much is usual on it. The same is
    # true of an account that works now and then.
    regular = block["day_runs"] + block["mid_runs"] < NOW_AND_THEN * np.maximum(block["ordinary"], 10.0)
    many = np.where((due > 0.0) & regular, _growth(block, phi, rough), 1.0)
    found = Judgement(low[oddest, place], many, seen, mean, deviation, oddest)
    return _with_silence(
        block,
        found,
        phi * block["gap_square"] + late + irregular * block["gap_today"].astype("f8") ** 2,
        away,
    )


def _irregular(block: SeriesRows) -> Reals:
    """Return the relative variance that today has because nobody knows at which hours the account works."""
    known = np.count_nonzero(block["top"], axis=1)
    found: Reals = np.maximum(block["psi"] * youth(block) + _KNOWN_DAYS / np.maximum(known, 1) - _STEADY, 0.0)
    return found


def _low_tails(windows: _Windows, extra: Reals, away: Reals) -> Reals:
    """Return p-values of so few, with the variance `extra` beside the Poisson noise.

    So few may also be an absence, with its own chance.
    """
    size = sizes(windows.mean, extra)
    seen, mean = windows.seen, windows.mean
    low = np.ones(seen.shape)
    below = seen < mean
    low[below] = at_most(seen[below], mean[below], size[below])
    chance = np.maximum(away, np.where(windows.long_ago, _ABSENT, 0.0))
    absent = (low < chance) & (windows.excused > 0.0)
    rest = np.maximum(mean[absent] - windows.excused[absent], 0.0)
    low[absent] += chance[absent] * at_most(seen[absent], rest, size[absent])
    return np.minimum(low, 1.0)


def _growth(block: SeriesRows, phi: Reals, rough: Reals) -> Reals:
    """Return the p-value of so many on more than one day: of 2 and of 5 working days without the highest.

    One day of many events is an import or a job, and no growth. So many must exceed the expectation by a
    share of a working day: an hour or a weekday that was quiet so far may come into use.
    """
    seen = np.concatenate([block["observed"][:, None], block["past_seen"]], axis=1).astype("f8")
    due = np.concatenate([block["expected"][:, None], block["past_due"]], axis=1).astype("f8")
    spare, place, least = _NEW_HOURS * block["level"] + 1.0, np.arange(len(block)), np.ones(len(block))
    for days in _GROWTH_DAYS:
        highest = np.argmax((seen - due)[:, :days], axis=1)
        many = np.cumsum(seen[:, :days], axis=1)[:, -1] - seen[place, highest]
        usual = np.cumsum(due[:, :days], axis=1)[:, -1] - due[place, highest] + spare
        square = np.cumsum(due[:, :days] ** 2, axis=1)[:, -1] - due[place, highest] ** 2
        rows = np.flatnonzero(many > usual)
        size = sizes(usual[rows], (phi * square + rough)[rows])
        least[rows] = np.minimum(least[rows], at_least(many[rows], usual[rows], size))
    return least


def _with_silence(block: SeriesRows, found: Judgement, spread: Reals, away: Reals) -> Judgement:
    """Join the tails of the windows with the tail at the time since the last event, or the absence."""
    gap = block["gap"].astype("f8")
    noise = np.where(gap > 0.0, at_most(block["gap_seen"].astype("f8"), gap, sizes(gap, spread)), 1.0)
    silence = np.minimum(noise + away, 1.0)
    silent = (silence <= found.low) & (gap > 0.0)
    sd = np.sqrt(np.maximum(gap + spread, 1e-9))
    return Judgement(
        np.minimum(found.low, silence),
        found.high,
        np.where(silent, block["gap_seen"], found.observed),
        np.where(silent, gap, found.expected),
        np.where(silent, (block["gap_seen"] - gap) / sd, found.deviation),
        np.where(silent, _SILENT, found.window).astype("u1"),
    )


def hours_of_day(hour: Any, turn: Any) -> tuple[Any, Any]:
    """Return (day, hour of the day) of hours since 1970, for days that begin `turn` hours after midnight.

    >>> hours_of_day(np.array([30]), np.array([7]))
    (array([0]), array([23]))
    """
    return np.divmod(hour - turn, HOURS)
