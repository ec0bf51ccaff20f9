"""Which series of an account is to be named, and since when, once the account is beyond its threshold."""

import math
from typing import Any, Final, NamedTuple

import numpy as np

from detectors.usage.counts import failures, learning
from detectors.usage.counts.budget import CAUSES
from detectors.usage.counts.cohort import CohortEffects, rest_score
from detectors.usage.counts.rows import HOURS, WEEK, shape_of, variance_of_day
from detectors.usage.counts.tails import Reals, at_most, score, sizes
from detectors.usage.finding import ACTIVITY, ERRORS, Finding
from detectors.usage.wave import Wave, WaveVerdict

_ATTRIBUTION: Final = 0.7
"""Share of the events lost by activity from which a drop is named after one kind. Chosen by hand."""

_TODAY: Final = 0
"""The window of `Judgement` that begins with the day."""

_ODD_TODAY: Final = 1e-3
"""Chance of so few today below which a fall goes on. Chosen by hand."""

_LEAST_SHARE: Final = 1e-4
"""Share of a day that each hour expects at least when the beginning of a fall is sought. Chosen by hand."""

_NEWEST_HOURS: Final = 2
"""Hours that show the level to which a count fell. Chosen by hand."""

_SILENCE: Final = 3
"""The window of `Judgement` that ends the time since the last event."""

_WORKING_DAYS: Final = (0, 1, 4)
"""Working days before today that the windows of `Judgement` cover."""

LOW, _HIGH, _FAILURES = range(len(CAUSES))


class OddAccount(NamedTuple):
    """What is to be said of the account at a place of the wave."""

    place: int
    findings: list[Finding]


def findings_of(wave: Wave, verdict: WaveVerdict, place: int, beyond: tuple[list[int], Any]) -> list[Finding]:
    """Return the findings of an account on the sides that are newly beyond their thresholds.

    Growth has a budget of its own and makes no finding: it is no sign of leaving.
    """
    sides, thresholds = beyond
    found: list[Finding] = []
    if LOW in sides:
        found.append(_low(wave, verdict, place, float(thresholds[LOW])))
    if _FAILURES in sides:
        found.append(_surge(wave, verdict, place))
    for finding in found:
        finding.check()
    return found


def goes_on(wave: Wave, verdict: WaveVerdict, place: int, threshold: float) -> bool:
    """Return whether an odd account is odd today, and not only by the days before."""
    row = _culprit(wave, verdict.counts, place, threshold)
    own = wave.counts[row : row + 1]
    seen, due = own["observed"].astype("f8"), own["expected"].astype("f8")
    today = at_most(seen, due, sizes(due, variance_of_day(own) * due * due))
    return int(verdict.counts.window[row]) == _SILENCE or bool(today[0] < _ODD_TODAY)


def is_explained(wave: Wave, verdict: WaveVerdict, place: int, parts: tuple[CohortEffects, float]) -> bool:
    """Return whether an account beyond its threshold is not beyond it by what its cohort left to it."""
    cohort, threshold = parts
    row, judged = _culprit(wave, verdict.counts, place, threshold), verdict.counts
    account, pull = wave.accounts[place], wave.pulls[place]
    last_event = max(account.last_event, pull.last_event)
    is_silent = int(judged.window[row]) == _SILENCE and row == int(wave.starts[place])
    since = last_event + 1 if is_silent else _since(wave, judged, place, row)
    left = cohort.left_since(min(since, pull.stop), pull.stop)
    if left >= 1.0:
        return False
    count = (judged.observed[row : row + 1], judged.expected[row : row + 1])
    return bool(rest_score(count, left, variance_of_day(wave.counts[row : row + 1]))[0] < threshold)


def _low(wave: Wave, verdict: WaveVerdict, place: int, threshold: float) -> Finding:
    stop, judged = wave.pulls[place].stop, verdict.counts
    row = _culprit(wave, judged, place, threshold)
    silence = _silence(wave, judged, place, row)
    if silence is not None:
        return silence
    start, account = int(wave.starts[place]), wave.accounts[place]
    metric = ACTIVITY if row == start else account.kinds[row - start - 1]
    if _began_today(wave.counts[row], int(judged.window[row])) and not account.is_part:
        today = _fall_of_today(wave, place, row, metric)
        if today.observed < today.expected:
            return today
    return _finding("drop", metric, (judged, row), (_since(wave, judged, place, row), stop))


def _silence(wave: Wave, judged: Any, place: int, row: int) -> Finding | None:
    """Return the silence of the whole account if the row stopped because no event came at all."""
    account, pull, own = wave.accounts[place], wave.pulls[place], wave.counts[int(wave.starts[place])]
    last_event = max(account.last_event, pull.last_event)
    stopped = judged.window[row] == _SILENCE and judged.observed[row] == 0.0
    expected, seen = float(own["gap"]), float(own["gap_seen"])
    if not stopped or last_event >= pull.stop or seen > 0.0 or expected <= 0.0:
        return None
    variance = expected + float(variance_of_day(wave.rows_of(place)[:1])[0]) * float(own["gap_square"])
    hours = (last_event + 1, pull.stop)
    return Finding("silence", ACTIVITY, *hours, 0.0, expected, -expected / math.sqrt(variance))


def _began_today(own: Any, window: int) -> bool:
    return window == _TODAY or (window == _SILENCE and bool(own["gap_today"] >= own["gap"]))


def _fall_of_today(wave: Wave, place: int, row: int, metric: str) -> Finding:
    """Return the drop since the hour of today at which it began."""
    own, stop, slot = wave.counts[row : row + 1], wave.pulls[place].stop, int(wave.slot[place])
    working = learning.is_working(own, wave.weekday()[place : place + 1])
    seen = own["hours"][0, : slot + 1].astype("f8") ** 2
    due = shape_of(own, working)[0, : slot + 1] + _LEAST_SHARE
    due *= float(own["expected"][0]) / due.sum()
    onset = onset_of(seen, due)
    observed, expected = float(seen[onset:].sum()), float(due[onset:].sum())
    sd = math.sqrt(expected + float(variance_of_day(own)[0]) * expected**2)
    born = wave.accounts[place].born
    since = min(max(stop - slot + onset, born, 0), stop)
    return Finding("drop", metric, since, stop, observed, expected, (observed - expected) / sd)


def onset_of(seen: Reals, due: Reals) -> int:
    """Return the hour from which counts lie nearer to the level of the newest hours than to the expected.

    >>> onset_of(np.array([10.0, 9.0, 9.0, 1.0, 0.0]), np.full(5, 10.0))
    3
    """
    newest = slice(-_NEWEST_HOURS, None)
    level = float(seen[newest].sum() / max(due[newest].sum(), 1e-9))
    below = 0.5 * (1.0 + min(level, 1.0)) * due - seen
    return int(np.argmax(np.cumsum(below[::-1])[::-1]))


def _crossed(judged: Any, row: int, threshold: float) -> bool:
    return bool(score(judged.low[row]) >= threshold)


def _culprit(wave: Wave, judged: Any, place: int, threshold: float) -> int:
    """Return the row of the crossed kind that explains most of the loss of activity, or else of activity.

    Activity that did not cross is never named: then it is the oddest kind.
    """
    start = int(wave.starts[place])
    rows = range(start, start + len(wave.accounts[place].kinds) + 1)
    lost = {row: float(judged.expected[row] - judged.observed[row]) for row in rows}
    kinds = [row for row in rows if row > start and _crossed(judged, row, threshold) and lost[row] > 0.0]
    if not kinds:
        return int(min(rows, key=lambda row: (judged.low[row], row)))
    worst = max(kinds, key=lambda row: (lost[row], -row))
    if not _crossed(judged, start, threshold) or lost[worst] >= _ATTRIBUTION * lost[start]:
        return worst
    return start


def _since(wave: Wave, judged: Any, place: int, row: int) -> int:
    """Return the hour at which the window of a row began, not before the account."""
    account, stop = wave.accounts[place], wave.pulls[place].stop
    window, day = int(judged.window[row]), int(wave.day[place])
    if window == _SILENCE:
        return _gap_began(wave, place, row)
    own = wave.counts[row : row + 1]
    left = _WORKING_DAYS[window]
    while left and day > 0:
        day -= 1
        left -= int(learning.is_working(own, np.array([(day + 3) % WEEK]))[0])
    return min(max(day * HOURS + account.turn, account.born, 0), stop)


def _gap_began(wave: Wave, place: int, row: int) -> int:
    """Return about when a series stopped: as many hours ago as its expectation since then says."""
    account, stop = wave.accounts[place], wave.pulls[place].stop
    own = wave.counts[row]
    days = float(own["gap"]) / max(float(own["level"]), 1e-6)
    return min(max(stop - int(days * HOURS), account.born, 0), stop)


def _surge(wave: Wave, verdict: WaveVerdict, place: int) -> Finding:
    judged, stop = verdict.failures, wave.pulls[place].stop
    hours = max(failures.WINDOWS[int(judged.window[place])], int(wave.span[place]))
    since = max(stop - hours + 1, wave.accounts[place].born, 0)
    return _finding("error_surge", ERRORS, (judged, place), (since, stop))


def _finding(cause: Any, metric: str, found: tuple[Any, int], hours: tuple[int, int]) -> Finding:
    judged, row = found
    numbers = (float(judged.observed[row]), float(judged.expected[row]), float(judged.deviation[row]))
    return Finding(cause, metric, *hours, *numbers)
