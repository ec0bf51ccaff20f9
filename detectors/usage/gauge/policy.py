"""The constants of the gauge detector, and the arithmetic that both of its forms share."""

from dataclasses import dataclass
from typing import Final

MOST: Final = 1e150
"""Larger values are cut to this, so that no difference overflows."""

TINY: Final = 1e-300
"""Added to a bound that may be 0, so that the first value off a constant series can move it."""

UNBOUNDED: Final = float("inf")

LOG10_E: Final = 0.4342944819032518
"""Decimal digits of surprise per natural unit."""

MOST_SURPRISE: Final = 300.0
"""Decimal digits beyond which no tail counts further; it keeps every score finite."""

DAY_HOURS: Final = 24.0
WEEK_HOURS: Final = 168.0
CELL_HOURS: Final = 1.0
"""Width of a cell of the daily and the weekly rhythm. Chosen by hand: a shift of work begins on an hour."""


@dataclass(frozen=True, slots=True)
class GaugePolicy:
    """Constants of the detector, in hours where time is meant; a least number of rows serves sparse series.

    "By hand" means a round number within a plateau: half or twice most of them changes NAB's score on 31
    series by at most 3 points of 100 (`python -m tests.benchmarks.nab`). These series showed it.
    """

    warm_up_rows: int = 50
    """Rows before a size is judged, and before outliers are cut: 2 % of 50 rows is one row. By hand."""

    warm_up_hours: float = 24.0
    """Hours before anything is judged: one day, because nearly every series has a daily rhythm. By hand."""

    smooth_hours: float = 2.0
    smooth_rows: float = 3.0
    """Time constant of the smoothed residual, the longer of both. By hand: as short as an incident."""

    level_hours: float = 24.0
    level_rows: float = 6.0
    """Time constant of the level, the longer of both. By hand: a day, so that no hour outweighs."""

    visits: float = 7.0
    """Visits that an hour of a rhythm remembers: a week of days, in which a new level is accepted."""

    week_visits: float = 2.0
    """Visits of an hour of the week before the weekly rhythm may forecast it. By hand: one repetition."""

    error_hours: float = 168.0
    """Time constant of the forecasters' errors and of the spread: a week, with its weekend."""

    range_hours: float = 720.0
    """Time constant with which the range of values seen closes towards the level. By hand: a month."""

    variance_hours: float = 6.0
    """Time constant of the present spread, compared with `error_hours`. By hand: a quarter of a day."""

    variance_weight: float = 0.7
    repeat_weight: float = 0.5
    """Weights of a changed spread and of a stuck value. By hand: they must be surer than a value."""

    outlier_spreads: float = 4.0
    """Spreads to which an error is cut when level and rhythm learn it. By hand."""

    error_spreads: float = 10.0
    """Spreads to which an error is cut when errors and spread learn it. By hand."""

    tail_share: float = 0.02
    """Share of the rows in the fitted tail. By hand: few enough to be a tail, one row in 50."""

    tail_memory: float = 30.0
    """Rows of the tail that its mean excess remembers. By hand: an error of the mean of about 1/5."""

    tail_cut: float = 3.0
    """Mean excesses to which an excess is cut when it is learned: 1 in 20 of a tail is above. By hand."""

    tail_scales: float = 2.0
    """Mean sizes that are added to the quantile as the unit of the excess. By hand."""

    tail_rate: float = 0.02
    tail_first: float = 2.0
    """Steps of the running quantile in mean sizes: `tail_first` / rows, not below `tail_rate`. By hand:
    0.02 and 0.04 differ by less than the spread over random halves of NAB."""

    scale_rows: float = 500.0
    """Rows of the running mean size, the unit of the quantile's steps. By hand."""

    scale_floor: float = 0.1
    """Share of the mean size that is added to the mean excess, for a series that hardly varies. By hand."""

    rest_hours: float = 12.0
    rest_rows: float = 12.0
    """Rest in which only what is odder counts, the longer of both. By hand: one alarm per shift."""

    escalation: float = 2.0
    """Times the surprise of an alarm that a later one needs in its rest. By hand: its rareness squared."""

    excursions: int = 16
    excursion_share: float = 0.7
    excursion_hours: float = 720.0
    excursion_discount: float = 0.1
    """How earlier excursions of at least this share of the size weaken an alarm: 10 of them halve it.

    The strongest are remembered, each fading with the time constant in hours (a month). By hand: what comes
    each night is no news.
    """

    alarm_surprise: float = 3.5
    """Decimal digits of surprise that score 0.5: together as rare as one row in 3,000.

    The one constant that labels chose, on the whole of NAB's series here: from 3 to 3.9 it scores within
    3 points of its best.
    """


def share(hours: float, time_constant: float) -> float:
    """Return the weight of `hours` of new data for a time constant in hours.

    Only the four basic operations are used in the whole detector, so that each form gives the same bits.

    >>> share(0.0, 24.0), share(24.0, 24.0)
    (0.0, 0.5)
    """
    return hours / (hours + time_constant)


def within(value: float, bound: float) -> float:
    """Return the value, cut to [-bound, bound].

    >>> within(-7.0, 5.0), within(3.0, 5.0)
    (-5.0, 3.0)
    """
    return max(-bound, min(bound, value))
