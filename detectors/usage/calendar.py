"""Days and weeks, as the parts of the usage detector count them; day 0 is Thursday, 1970-01-01."""

from typing import Final

CHART_DAYS: Final = 14
"""Days whose totals are kept: for the chart of an anomaly and for the fit of the first two weeks."""

WEEK: Final = 7
WEEKEND: Final = (5, 6)
WORKDAYS: Final = (0, 1, 2, 3, 4)
"""Weekdays, with Monday as 0."""
