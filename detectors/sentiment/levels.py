"""Whether a mood stays, slid or recovered: a hidden Markov chain over the moods of the messages.

Each message gives evidence by its probabilities, so an uncertain message says little. Each cell of a grid is
a guess of the account's usual shares of moods and of those during a slide; the messages weigh the cells. So
an account that often complains needs more than complaints to slide, and few texts stay uncertain. A slide
lasts two messages at least. Reference: L. Rabiner, "A tutorial on hidden Markov models" (1989), forward and
backward variables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STABLE, SLID, RECOVERED = range(3)
"""The columns of the beliefs. A mood that is low from the first message on and rises is stable: not slid."""

_STEADY, _BEFORE, _LOW_AT_FIRST, _FIRST, _SECOND, _LONG, _AFTER = range(7)
"""States of the chain: without any slide, before a slide, low at first, the slide by length, after it."""

_IS_LOW: Final = np.array([False, False, True, True, True, True, False])

_USUAL_SHARES: Final = (0.03, 0.08, 0.16, 0.28, 0.42, 0.58, 0.75, 0.9)
"""The usual shares of negative messages in the grid."""

_SLID_SHARES: Final = (0.5, 0.65, 0.8, 0.93)
"""The shares of negative messages during a slide in the grid: at least half of them."""

_POSITIVE_SHARES: Final = (0.1, 0.35, 0.65)
"""The usual shares of positive messages among those that are not negative, in the grid."""

_SLID_POSITIVE: Final = 0.2
"""The share of positive messages among those that are not negative, during a slide. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """The constants of the chain: probabilities, if not said otherwise.

    Tuned on made accounts of six writers of the corpus; see `tests/benchmarks/mood_trends.py`.
    """

    steady: float = 0.2
    """The account never slides in the time of its kept messages."""

    low_at_first: float = 0.15
    """The first message belongs to a low time before the usual one."""

    slide_rate: float = 0.08
    """A slide begins at a message, in an account that slides."""

    recovery_rate: float = 0.25
    """A slide of three or more messages ends at a message."""

    short: float = 0.08
    """A slide ends after two messages."""

    again_rate: float = 0.06
    """Another slide begins at a message after a recovery."""

    fall: float = 0.3
    """How far the share of negative messages rises in a slide at least."""

    calm: float = 1.0
    """Natural logarithm of how much likelier a usual share of negative messages of 0 is than one of 1."""

    burst_hours: float = 6.0
    """Hours after which a message is mostly news: messages in a burst say partly the same."""

    burst_weight: float = 0.6
    """Weight of a message that comes at the same moment as the one before it; 1 long after it."""


class MoodReading(NamedTuple):
    """One message: the probabilities that it is negative or positive, and hours since the one before."""

    negative: float
    positive: float
    gap_hours: float


class Beliefs(NamedTuple):
    """Probabilities of STABLE, SLID and RECOVERED at each message, each (n, 3) with rows that sum to 1.

    `now` knows the messages up to each one; `later` knows all of them.
    """

    now: Floats
    later: Floats


class _Grid(NamedTuple):
    """Shares of the moods (negative, neutral, positive) by cell, each (3, cells), and the cells' prior."""

    usual: Floats
    slid: Floats
    prior: Floats


def believe(readings: Sequence[MoodReading], policy: LevelPolicy) -> Beliefs:
    """Return the beliefs about each message; `readings` are in order of time, at least one.

    >>> fine, bad = MoodReading(0.05, 0.5, 48.0), MoodReading(0.9, 0.0, 48.0)
    >>> (believe([fine] * 6 + [bad] * 4, LevelPolicy()).later[:, SLID] > 0.5).tolist()
    [False, False, False, False, False, False, True, True, True, True]
    """
    grid = _grid(policy)
    likelihood = _likelihood(readings, grid, policy)
    steps = _steps(policy)
    forward = np.empty_like(likelihood)
    known = _first(policy)[:, None] * grid.prior[None, :]
    for at, seen in enumerate(likelihood):
        known = seen * (known if at == 0 else steps.T @ known)
        known = known / known.sum()
        forward[at] = known
    return Beliefs(_columns(forward.sum(axis=2)), _columns(_smoothed(forward, likelihood, steps)))


def _smoothed(forward: Floats, likelihood: Floats, steps: Floats) -> Floats:
    later = np.empty(forward.shape[:2])
    ahead = np.ones(forward.shape[1:])
    for at in range(len(forward) - 1, -1, -1):
        together = forward[at] * ahead
        later[at] = together.sum(axis=1) / together.sum()
        ahead = steps @ (likelihood[at] * ahead)
        ahead = ahead / ahead.max()
    return later


def _columns(states: Floats) -> Floats:
    slid = states[:, _FIRST] + states[:, _SECOND] + states[:, _LONG]
    return np.stack([1.0 - slid - states[:, _AFTER], slid, states[:, _AFTER]], axis=1)


def _first(policy: LevelPolicy) -> Floats:
    start = np.zeros(len(_IS_LOW))
    start[_STEADY] = policy.steady * (1.0 - policy.low_at_first)
    start[_BEFORE] = (1.0 - policy.steady) * (1.0 - policy.low_at_first)
    start[_LOW_AT_FIRST] = policy.low_at_first
    return start


@lru_cache(maxsize=8)
def _steps(policy: LevelPolicy) -> Floats:
    steps = np.zeros((len(_IS_LOW), len(_IS_LOW)))
    rises = policy.recovery_rate
    steps[_STEADY, _STEADY] = steps[_FIRST, _SECOND] = 1.0
    steps[_BEFORE, [_BEFORE, _FIRST]] = 1.0 - policy.slide_rate, policy.slide_rate
    steps[_LOW_AT_FIRST, [_LOW_AT_FIRST, _STEADY, _BEFORE]] = (
        1.0 - rises,
        rises * policy.steady,
        rises * (1.0 - policy.steady),
    )
    steps[_SECOND, [_LONG, _AFTER]] = 1.0 - policy.short, policy.short
    steps[_LONG, [_LONG, _AFTER]] = 1.0 - rises, rises
    steps[_AFTER, [_AFTER, _FIRST]] = 1.0 - policy.again_rate, policy.again_rate
    return steps


@lru_cache(maxsize=8)
def _grid(policy: LevelPolicy) -> _Grid:
    cells = [
        (usual, positive, slid)
        for usual, positive, slid in product(_USUAL_SHARES, _POSITIVE_SHARES, _SLID_SHARES)
        if slid >= usual + policy.fall - 1e-9 or slid == _SLID_SHARES[-1]
    ]
    usual, positive, slid = (np.array(column) for column in zip(*cells, strict=True))
    alike = np.array([sum(cell[:2] == other[:2] for other in cells) for cell in cells])
    prior = np.exp(-policy.calm * usual) / alike
    lowered = _shares(slid, np.full_like(slid, _SLID_POSITIVE))
    return _Grid(_shares(usual, positive), lowered, prior / prior.sum())


def _shares(negative: Floats, positive: Floats) -> Floats:
    others = 1.0 - negative
    return np.stack([negative, others * (1.0 - positive), others * positive])


def _likelihood(readings: Sequence[MoodReading], grid: _Grid, policy: LevelPolicy) -> Floats:
    """Return the likelihood of each message in each state and cell, (n, 7, cells)."""
    negative, positive, gap = (np.array(column) for column in zip(*readings, strict=True))
    moods = np.stack([negative, 1.0 - negative - positive, positive], axis=1)
    weight = 1.0 - (1.0 - policy.burst_weight) * np.exp(-gap / policy.burst_hours)[:, None]
    usual, low = (moods @ grid.usual) ** weight, (moods @ grid.slid) ** weight
    return np.where(_IS_LOW[None, :, None], low[:, None, :], usual[:, None, :])
