"""What a series learns at the end of a day: level, weekdays, shape of the day, variances."""

from typing import Any, Final

import numpy as np

from detectors.usage.counts.absence import first_day_of_gap
from detectors.usage.counts.bursts import TOP_PARTS, is_burst, packed, top_share, usual_top, without_burst
from detectors.usage.counts.owntail import HIGH_SIDE, LOW_SIDE, learn_own_tail, own_score
from detectors.usage.counts.rows import (
    CHART_DAYS,
    FIRST_PHI,
    HOURS,
    NOT_LEARNED,
    UNKNOWN,
    WARM_UP_DAYS,
    WEEK,
    SeriesRows,
    root,
    shape_of,
    variance_of_day,
)
from detectors.usage.counts.tails import Reals, at_least, log_chance, none_at_all, score, sizes

_GAIN: Final = 0.13
"""Weight of a day in the level: a half-life of five days. Chosen by hand: growth of 2 % a day is followed."""

_SPREAD_GAIN: Final = 0.06
"""Weight of a day in the variances: a half-life of eleven days. Chosen by hand."""

_SHAPE_GAIN: Final = 0.1
"""Least weight of a day in the shape of days. Chosen by hand."""

_EVEN_EVENTS: Final = 6.0
"""Events that the even shape weighs as much as on the first day of its kind. Chosen by hand."""

_CLEAR_EVENTS: Final = 24.0
"""Events of a day from which its shape alone is clear. Chosen by hand."""

_WEEKDAY_GAIN: Final = 0.15
"""Least weight of a day in the factor of its weekday. Chosen by hand."""

_MOST_SEEN: Final = 24
_WORKING: Final = 0.5
"""Share of the level from which a weekday is a working day. Chosen by hand."""

_CLEAR: Final = 2.0
_ODD: Final = 3.0
"""-log10 p of a day up to which it is learned fully, and from which it is learned slowly. Chosen by hand."""

_SLOW: Final = 0.1
"""Weight of an odd day, and of the shape of a day with a burst. Chosen by hand."""

_SPARE: Final = 0.1
"""Share of a working day by which a day may exceed its expectation. Chosen by hand."""

_RIVAL_DAYS: Final = (7, 14)
"""Days after which a new level may win, and after which it wins at all events. From the design."""

_RIVAL_NATS: Final = 5.0
"""Log-likelihood by which a new level must beat the old one. Chosen by hand."""

FADING: Final = 0.5 ** (1 / 168)
"""Factor per day of the absences remembered: a half-life of 24 weeks. Chosen by hand."""

_FREE_DAYS: Final = 2
"""Days without events in the first week that count as its weekend; more of them count as absences."""

_MOST_FACTOR: Final = 2.0
_MOST_OVER: Final = 1.3
"""Times the usual weekday that a weekday may count before it was seen thrice. Chosen by hand."""
_LEAST_PHI: Final = 0.002


def busy_from(factor: Reals) -> Reals:
    """Return from which factor on a weekday is a working day; a weekday with a big job changes nothing."""
    most: Reals = _WORKING * np.minimum(np.max(factor, axis=1), 1.0)
    return most


def expected_factor(block: SeriesRows, weekday: Any) -> Reals:
    """Return the share of a working day expected on a weekday; a low estimate before it was seen thrice."""
    factor, seen = block["factor"].astype("f8"), block["seen"]
    place = np.arange(len(block))
    own, known = factor[place, weekday], seen[place, weekday].astype("f8")
    busy = factor >= busy_from(factor)[:, None]
    alike = (busy == busy[place, weekday][:, None]) & (seen > 0)
    count = np.cumsum(alike, axis=1)[:, -1]
    ordered = np.sort(np.where(alike, factor, np.inf), axis=1)
    middle = np.where(count > 0, ordered[place, np.maximum(count - 1, 0) // 2], 0.0)
    own = np.where(known < 3, np.minimum(own, _MOST_OVER * middle), own)
    shrunk = (known * own + middle) / (known + 1.0)
    found = np.where((known < 3) & (own < shrunk), own, shrunk)
    return np.where(known > 0, found, 0.0)


def is_working(block: SeriesRows, weekday: Any) -> Any:
    """Return 1 for a working day and 0 for a day of rest, as the first index of `shape`."""
    factor = block["factor"].astype("f8")
    own = factor[np.arange(len(block)), weekday]
    return (own >= busy_from(factor)).astype(np.intp)


def open_day(block: SeriesRows, weekday: Any) -> None:
    """Set the expectation of the day that begins."""
    block["due"] = block["level"] * expected_factor(block, weekday)
    for name in ("observed", "expected", "excused", "gap_today", "peak_low", "peak_high"):
        block[name] = 0.0
    block["hours"] = 0.0


def close_day(block: SeriesRows, weekday: Any, day: Any) -> None:
    """Learn the day that ends. The caller opens the next day."""
    phi = variance_of_day(block)
    total, due = block["observed"].astype("f8"), block["due"].astype("f8")
    quiet = none_at_all(due, sizes(due, phi * due * due)) < 0.05
    mature = block["age"] >= WARM_UP_DAYS
    absent = mature & quiet & (total <= np.where(due >= 50.0, 0.05 * due, 0.0))
    missed = np.where(block["gap_today"] > 0.25 * due, block["gap_today"], 0.0)
    stopped = (missed > 0.0) & (block["level"] > 4.0) & (block["peak_low"] > _CLEAR)
    learned = ~absent & ~(mature & (stopped | (block["excused"] > 0.25 * due)))
    block["days"][np.arange(len(block)), day % CHART_DAYS] = np.where(absent, NOT_LEARNED, root(total))
    _forget_burst(block, day)
    young = learned & (block["age"] < CHART_DAYS)
    odd = _oddness(block, phi)
    weight: Reals = np.clip((_ODD - odd) / (_ODD - _CLEAR), _SLOW, 1.0)
    present = ~absent & (missed <= 0.0) & (block["excused"] <= 0.0)
    learn_own_tail(block, mature & present, mature & (block["rival_days"] == 0))
    _keep_window(block, ~absent & mature, block["excused"] + missed)
    _remember(block, absent)
    _learn_shape(block, np.flatnonzero(learned), weekday, weight)
    _follow(block, np.flatnonzero(learned & ~young), weekday, weight)
    _count_weekday(block, np.flatnonzero(learned), weekday)
    block["age"] = np.minimum(block["age"] + 1, 65_000)
    _seed(block, np.flatnonzero(young))
    _compare(block, np.flatnonzero(mature & ~absent), weekday, odd)


def _forget_burst(block: SeriesRows, day: Any) -> None:
    """Note the share of the busiest hours, and let the day count as the day that its other hours show."""
    share = top_share(block["hours"].astype("f8") ** 2)
    block["top"][np.arange(len(block)), day % CHART_DAYS] = packed(share)
    total = block["observed"].astype("f8")
    rest = without_burst(total, share, usual_top(block))
    block["observed"] = np.maximum(rest, np.minimum(total, block["due"]))


def _oddness(block: SeriesRows, phi: Reals) -> Reals:
    """Return the highest -log10 p of the day that ends, low side, or of its total, high side."""
    due = np.maximum(block["due"].astype("f8"), 1.0) + _SPARE * block["level"]
    chance = at_least(block["observed"].astype("f8"), due, sizes(due, phi * due * due))
    high = np.where((block["age"] >= WARM_UP_DAYS) & (block["due"] > 0.0), score(chance), 0.0)
    peaks = ((LOW_SIDE, block["peak_low"]), (HIGH_SIDE, np.maximum(block["peak_high"], high)))
    low, many = (own_score(block, side, peak.astype("f8")) for side, peak in peaks)
    return np.maximum(low, many)


def _keep_window(block: SeriesRows, kept: Any, excused: Reals) -> None:
    """Move a working day into the windows; a day of rest is added to the working day before it.

    A weekday without an expectation, because it is new, is left out.
    """
    kept = kept & (block["due"] > 0.0)
    working = kept & (block["due"] >= 0.25 * block["level"])
    today = {"past_seen": block["observed"], "past_due": block["expected"], "past_excused": excused}
    for name, value in today.items():
        past = block[name].copy()
        block[name][working, 1:] = past[working, :-1]
        block[name][working, 0] = value[working]
        block[name][kept & ~working, 0] += value[kept & ~working]


def _remember(block: SeriesRows, absent: Any) -> None:
    block["gap_first"] = np.where(block["gap"] > 0.0, first_day_of_gap(block), -1.0)
    for name in ("ordinary", "day_runs", "mid_runs", "away"):
        block[name] *= FADING
    block["ordinary"] += ~absent & (block["due"] >= 0.25 * block["level"]) & (block["age"] >= WARM_UP_DAYS)


def _learn_shape(block: SeriesRows, rows: Any, weekday: Any, weight: Reals) -> None:
    rows = rows[block["observed"][rows] > 0.0]
    if not len(rows):
        return
    working = _kind_of_day(block[rows], weekday[rows])
    counts = block["hours"][rows].astype("f8") ** 2
    total, usual = np.cumsum(counts, axis=1)[:, -1], usual_top(block[rows])
    has_burst = is_burst(top_share(counts), usual)
    share = counts / np.maximum(total, 1e-9)[:, None]
    shape, like = block["shape"][rows, working].astype("f8"), shape_of(block[rows], working)
    alike = _days_alike(block[rows], working)
    most = np.max(shape, axis=1)
    known = (alike > 0) & (most > UNKNOWN) & (most > np.min(shape, axis=1))
    _learn_roughness(block, rows[known], (counts[known], total[known], shape[known]), weight)
    gain = np.maximum(1.0 / (alike + 1.5), _SHAPE_GAIN) * weight[rows]
    # A weekday not seen before has no expectation of its own.
    due = np.where(block["due"][rows] > 0.0, block["due"][rows], block["level"][rows]).astype("f8")
    due = np.maximum(due, 1.0)
    burst = np.minimum(2.0 * due / np.maximum(total, 1.0), 1.0) ** 2
    gain *= total / (total + 0.5 * due) * np.where(block["age"][rows] >= WARM_UP_DAYS, burst, 1.0)
    gain = np.where(known, np.minimum(1.5 * gain, 1.0), total / (total + _EVEN_EVENTS))
    # A shape that bursts made is not kept: the first day may have had one.
    made_by_burst = is_burst(top_share(shape), usual) & (total >= _CLEAR_EVENTS)
    gain = np.where(known & has_burst, _SLOW * gain, np.where(known & made_by_burst, 1.0, gain))
    shape = np.where(np.max(like, axis=1)[:, None] > UNKNOWN, like, 1.0 / HOURS)
    block["shape"][rows, working] = shape + gain[:, None] * (share - shape)


def _kind_of_day(block: SeriesRows, weekday: Any) -> Any:
    """Return `is_working` of the day that ends; a weekday not seen before is judged by its own total."""
    unseen = block["seen"][np.arange(len(block)), weekday] == 0
    busy = (block["observed"] >= _WORKING * block["level"]).astype(np.intp)
    return np.where(unseen, busy, is_working(block, weekday))


def _days_alike(block: SeriesRows, working: Any) -> Reals:
    """Return how many days of the same kind, working days or days of rest, were learned before."""
    factor = block["factor"].astype("f8")
    busy = factor >= busy_from(factor)[:, None]
    alike = busy == (working > 0)[:, None]
    days: Reals = np.cumsum(np.where(alike, block["seen"], 0), axis=1)[:, -1].astype("f8")
    return days


def _learn_roughness(block: SeriesRows, rows: Any, parts: tuple[Reals, Reals, Reals], weight: Reals) -> None:
    counts, total, shape = parts
    miss = np.cumsum((counts - total[:, None] * shape) ** 2, axis=1)[:, -1] - total
    whole = total * total * np.cumsum(shape * shape, axis=1)[:, -1]
    fresh = np.clip(miss / np.maximum(whole, 1e-9), 0.0, 2.0)
    age = block["age"][rows]
    gain = np.where((total >= 24.0) & (age >= 1), np.maximum(1.0 / (age + 2.0), 0.1) * weight[rows], 0.0)
    block["psi"][rows] += gain * (fresh - block["psi"][rows])


def _follow(block: SeriesRows, rows: Any, weekday: Any, weight: Reals) -> None:
    if not len(rows):
        return
    own, w, wd = block[rows], weight[rows], weekday[rows]
    place = np.arange(len(rows))
    level, factor = np.maximum(own["level"].astype("f8"), 1e-6), own["factor"].astype("f8")
    total, due = own["observed"].astype("f8"), np.maximum(own["due"].astype("f8"), 1e-6)
    working = is_working(own, wd) > 0
    ratio = np.minimum(total / due, 3.0)
    fresh = np.clip((ratio - 1.0) ** 2 - 1.0 / due, -0.3, 2.0)
    phi = own["phi"] + np.where(working, _SPREAD_GAIN * w, 0.0) * (fresh - own["phi"])
    own["phi"] = np.maximum(phi, _LEAST_PHI)
    mine = factor[place, wd]
    value = np.clip(total / np.maximum(mine, 0.25), 0.0, 3.0 * level + 3.0)
    own["level"] = level + np.where(working, _GAIN * w, 0.0) * (value - level)
    gain = np.maximum(1.0 / (own["seen"][place, wd] + 1.0), _WEEKDAY_GAIN) * w
    fresh_factor = np.minimum(total / level, _MOST_FACTOR)
    own["factor"][place, wd] = mine + gain * (fresh_factor - mine)
    block[rows] = own


def _count_weekday(block: SeriesRows, rows: Any, weekday: Any) -> None:
    seen = block["seen"][rows, weekday[rows]]
    block["seen"][rows, weekday[rows]] = np.minimum(seen + 1, _MOST_SEEN)


def _seed(block: SeriesRows, rows: Any) -> None:
    """Fit level, weekdays and variance to the first two weeks at once, robustly against bursts."""
    if not len(rows):
        return
    own = block[rows]
    raw = own["days"].astype("f8")
    known, value = raw >= 0.0, np.where(raw >= 0.0, raw, 0.0) ** 2
    active = known & (value > 0.0)
    count = np.cumsum(active, axis=1)[:, -1]
    middle = _median(value, active, count)
    top, usual = own["top"].astype("f8") / TOP_PARTS, usual_top(own)[:, None]
    value = np.where(value > middle[:, None], without_burst(value, top, usual), value)
    middle = _median(value, active, count)
    busy = active & (value >= 0.5 * middle[:, None])
    capped = np.minimum(value, _MOST_FACTOR * middle[:, None])
    level = np.cumsum(np.where(busy, capped, 0.0), axis=1)[:, -1] / np.maximum(
        np.cumsum(busy, axis=1)[:, -1], 1
    )
    own["level"] = level
    share = np.where(known, np.minimum(value / np.maximum(level, 1e-6)[:, None], _MOST_FACTOR), 0.0)
    # Day 0 of 1970 was a Thursday, so place 0 of `days` is one too: roll to Monday.
    weeks, there = (np.roll(part, 3, axis=1).reshape(len(rows), 2, WEEK) for part in (share, known))
    times = there[:, 0].astype("f8") + there[:, 1]
    own["factor"] = (weeks[:, 0] + weeks[:, 1]) / np.maximum(times, 1.0)
    own["phi"] = _first_variance(own, weeks, there)
    week = own["age"] == WARM_UP_DAYS
    free = np.cumsum(known & ~active, axis=1)[:, -1]
    own["day_runs"] += np.where(week, np.maximum(free - _FREE_DAYS, 0), 0)
    own["ordinary"] += np.where(week, WARM_UP_DAYS, 0)
    block[rows] = own


def _median(value: Reals, active: Any, count: Any) -> Reals:
    ordered = np.sort(np.where(active, value, np.inf), axis=1)
    middle: Reals = ordered[np.arange(len(value)), np.maximum(count - 1, 0) // 2]
    return np.where(count > 0, middle, 0.0)


def _first_variance(own: SeriesRows, weeks: Reals, there: Any) -> Reals:
    """Return the variance of busy days around their mean, with four days of the first guess."""
    factor = own["factor"].astype("f8")
    busy = there & (factor >= busy_from(factor)[:, None])[:, None, :]
    flat, kept = weeks.reshape(len(own), -1), busy.reshape(len(own), -1)
    days = np.cumsum(kept, axis=1)[:, -1]
    centre = np.cumsum(np.where(kept, flat, 0.0), axis=1)[:, -1] / np.maximum(days, 1)
    ratio = flat / np.maximum(centre, 1e-6)[:, None]
    square = np.where(kept, np.minimum((ratio - 1.0) ** 2, 1.0), 0.0)
    noise = days / np.maximum(own["level"].astype("f8"), 1.0)
    spread = np.maximum(np.cumsum(square, axis=1)[:, -1] - noise, 0.0)
    variance: Reals = np.maximum((spread + 4.0 * FIRST_PHI) / (days + 4.0), _LEAST_PHI)
    return variance


def _compare(block: SeriesRows, rows: Any, weekday: Any, oddness: Reals) -> None:
    """Let the level and the level of an excursion compete by likelihood; the winner is the level."""
    if not len(rows):
        return
    own = block[rows]
    total, factor = own["observed"].astype("f8"), np.maximum(expected_factor(own, weekday[rows]), 0.05)
    odd = oddness[rows] >= _ODD
    days = own["rival_days"].astype("f8")
    alive = (own["rival_days"] > 0) & (factor >= _WORKING)
    phi = variance_of_day(own)
    rival = np.maximum(own["rival"].astype("f8"), 0.05)
    old, new = (mean * factor for mean in (np.maximum(own["level"].astype("f8"), 0.05), rival))
    gained = log_chance(total, new, sizes(new, phi * new * new)) - log_chance(
        total, old, sizes(old, phi * old * old)
    )
    nats = np.where(alive, np.clip(own["rival_nats"] + np.minimum(gained, 5.0), -50.0, 50.0), 0.0)
    lost = alive & (nats < 0.0)
    grows = (alive & ~lost) | (odd & ~alive)
    own["rival"] = np.where(grows, (days * own["rival"] + total / factor) / (days + 1.0), own["rival"])
    own["rival_days"] = np.where(lost, 0, np.where(grows, np.minimum(days + 1, 200), days))
    own["rival_nats"] = np.where(lost, 0.0, nats)
    least, most = _RIVAL_DAYS
    wins = (own["rival_days"] >= least) & (nats >= _RIVAL_NATS) | (own["rival_days"] >= most)
    _accept(own, wins)
    block[rows] = own


def _accept(own: SeriesRows, wins: Any) -> None:
    smaller = np.where(wins, np.minimum(own["rival"] / np.maximum(own["level"], 1e-6), 1.0), 1.0)
    for name in ("gap", "gap_first", "gap_today"):
        own[name] = np.where(own[name] > 0.0, own[name] * smaller, own[name])
    own["gap_square"] *= smaller * smaller
    own["level"] = np.where(wins, own["rival"], own["level"])
    own["rival_days"] = np.where(wins, 0, own["rival_days"])
    own["rival_nats"] = np.where(wins, 0.0, own["rival_nats"])
    for name in ("past_seen", "past_due", "past_excused", "tail_new"):
        own[name][wins] = 0.0
