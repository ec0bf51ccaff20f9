"""What a detector expects of one day."""

from typing import NamedTuple


class DayOutlook(NamedTuple):
    """The expected activity of a day, and the ends of the band around it, in events."""

    expected: float
    low: float
    high: float
