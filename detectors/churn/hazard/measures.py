"""What the habits of each account say at the end of a day, as numbers that mean the same for every product.

Each measure belongs to a group; the group is what an alert names as a reason. Ratios are logarithms. Measures
that compare with peers are unknown (NaN) while fewer than LEAST_PEERS accounts can be compared.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.churn.hazard.habits import (
    BREADTH_DAYS,
    GAP_EDGES,
    HALF_LIVES,
    LONGEST_AGE,
    PRESENCE_HALF_LIVES,
    AccountHabits,
    Flags,
    HabitRows,
)
from detectors.churn.hazard.names import NAMES

Column = NDArray[np.float64]
MeasuredColumns = dict[str, Column]

LEAST_PEERS: Final = 20
"""Accounts from which on the others are peers: below it a median says little. Chosen by hand."""

_PEER_TENURE: Final = 7.0
_PEER_GAP: Final = 28
"""Peers have so many days of history and were active so many days ago at most. Chosen by hand."""

_MOST_SURPRISE: Final = 30.0
"""Nats from which more surprise says no more. Chosen by hand."""


def matrix(habits: AccountHabits) -> NDArray[np.float64]:
    """Return the measures of all accounts (accounts, measures) at the end of the habits' day.

    >>> from detectors.churn.hazard.habits import beginning
    >>> matrix(beginning(1)).shape == (0, len(NAMES))
    True
    """
    found = measured(habits)
    return np.stack([found[name] for name in NAMES], axis=1)


def measured(habits: AccountHabits) -> MeasuredColumns:
    """Return each measure of all accounts (accounts,)."""
    rows, day = habits.rows, habits.day
    tenure = day - rows["first"] + 1.0
    gap = (day - rows["last"]).astype(float)
    found = _absence(rows, gap) | _regularity(rows, tenure) | _amount(rows, tenure)
    found |= _breadth(rows, tenure) | _history(rows, tenure)
    peers = (tenure >= _PEER_TENURE) & (gap < _PEER_GAP)
    found |= _peers(found, gap, peers)
    return found | _products(found)


def _absence(rows: HabitRows, gap: Column) -> MeasuredColumns:
    kind = np.searchsorted(GAP_EDGES, gap, side="right")
    longer = (rows["gaps"] * (np.arange(len(GAP_EDGES) + 1) > kind[:, None])).sum(axis=1)
    same = rows["gaps"][np.arange(len(rows)), kind]
    begun = 2.0 / (1.0 + gap)
    return {
        "gap": np.log1p(gap),
        "gap_longest": np.log((gap + 1.0) / (rows["longest"] + 1.0)),
        "gap_surprise": -np.log((longer + 0.5 * same + begun) / (rows["gaps"].sum(axis=1) + 2.0)),
        "missed": rows["missed"].astype(float),
        "weekday_surprise": np.minimum(rows["surprise"], _MOST_SURPRISE).astype(float),
    }


def _regularity(rows: HabitRows, tenure: Column) -> MeasuredColumns:
    week, fortnight, month = (_active_days(rows, days) for days in (7, 14, 28))
    presence = rows["presence"] / (1.0 - 0.5 ** (tenure[:, None] / np.array(PRESENCE_HALF_LIVES)))
    return {
        "active7": week / np.minimum(tenure, 7.0),
        "active14": fortnight / np.minimum(tenure, 14.0),
        "active28": month / np.minimum(tenure, 28.0),
        "active_all": rows["active_days"] / tenure,
        "active7_change": (2.0 * week - fortnight) / 7.0,
        "active14_change": (2.0 * fortnight - month) / 14.0,
        "presence7": presence[:, 0],
        "presence28": presence[:, 1],
        "presence56": presence[:, 2],
        "presence_ratio": np.log((presence[:, 0] + 0.02) / (presence[:, 2] + 0.02)),
    }


def _active_days(rows: HabitRows, days: int) -> Column:
    return np.asarray(np.bitwise_count(rows["days"] & np.uint64((1 << days) - 1)), float)


def _amount(rows: HabitRows, tenure: Column) -> MeasuredColumns:
    seen = 1.0 - 0.5 ** (tenure[:, None] / np.array(HALF_LIVES))
    half_week, week, fortnight, month, two_months = np.log1p(rows["rates"] / seen).T
    fast, slow = rows["sizes"].astype(float).T
    return {
        "rate3": half_week,
        "rate7": week,
        "rate14": fortnight,
        "rate28": month,
        "rate56": two_months,
        "fast_ratio": half_week - fortnight,
        "mid_ratio": week - month,
        "slow_ratio": fortnight - two_months,
        "size_slow": slow,
        "size_change": fast - slow,
        "last_size_change": rows["last_size"] - slow,
    }


def _breadth(rows: HabitRows, tenure: Column) -> MeasuredColumns:
    week = (rows["ages"] < BREADTH_DAYS).sum(axis=1).astype(float)
    month = (rows["ages"] < 4 * BREADTH_DAYS).sum(axis=1).astype(float)
    usual = rows["breadth"] / (1.0 - 0.5 ** (tenure / 28.0))
    return {
        "breadth7": np.log1p(week),
        "breadth28": np.log1p(month),
        "breadth_change": np.log((week + 1.0) / (usual + 1.0)),
        "kinds_ever": np.log1p((rows["ages"] < LONGEST_AGE).sum(axis=1).astype(float)),
    }


def _history(rows: HabitRows, tenure: Column) -> MeasuredColumns:
    weekday = rows["weekday"].astype(float)
    quietest = np.sort(weekday, axis=1)[:, :2].sum(axis=1)
    return {
        "tenure": np.log(tenure),
        "absences": np.log1p(rows["absences"].astype(float)),
        "longest": np.log1p(rows["longest"].astype(float)),
        "quiet_weekdays": quietest / np.maximum(weekday.sum(axis=1), 0.5),
    }


def _peers(found: MeasuredColumns, gap: Column, peers: Flags) -> MeasuredColumns:
    if peers.sum() < LEAST_PEERS:
        unknown = np.full(len(gap), np.nan)
        names = ("rank7", "rank28", "rank_change", "peer_ratio", "peer_trend")
        return dict.fromkeys((*names, "peers_active7", "peers_active_change", "peer_gap"), unknown)
    week, month = _rank(found["rate7"], peers), _rank(found["rate28"], peers)
    awake = peers & (gap < BREADTH_DAYS)
    usual = float(np.median(found["rate7"][awake])) if awake.any() else 0.0
    return {
        "rank7": week,
        "rank28": month,
        "rank_change": week - month,
        "peer_ratio": found["rate7"] - usual,
        "peer_trend": found["mid_ratio"] - np.median(found["mid_ratio"][peers]),
        "peers_active7": np.full(len(gap), found["active7"][peers].mean()),
        "peers_active_change": np.full(len(gap), found["active7_change"][peers].mean()),
        "peer_gap": _rank(gap, peers),
    }


def _rank(values: Column, peers: Flags) -> Column:
    """Return the share of the peers that are below each value; equal values count half."""
    order = np.sort(values[peers])
    below = np.searchsorted(order, values, side="left") + np.searchsorted(order, values, side="right")
    return np.asarray(below / (2.0 * len(order)))


def _products(found: MeasuredColumns) -> MeasuredColumns:
    """Return products of measures: an absence says more of an account that was regular or high up."""
    pairs = {
        "gap_x_rank28": ("gap", "rank28"),
        "gap_x_rank7": ("gap", "rank7"),
        "surprise_x_presence28": ("gap_surprise", "presence28"),
        "gap_x_peers": ("gap", "peers_active7"),
        "gap_x_tenure": ("gap", "tenure"),
        "missed_x_rank28": ("missed", "rank28"),
        "longest_x_rank28": ("gap_longest", "rank28"),
        "gap_x_presence28": ("gap", "presence28"),
        "rank28_x_presence28": ("rank28", "presence28"),
        "rank28_x_tenure": ("rank28", "tenure"),
    }
    return {name: found[one] * found[other] for name, (one, other) in pairs.items()}
