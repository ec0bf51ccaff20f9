"""One excursion of an account, as the numbers from which its record is made."""

from typing import Final, NamedTuple

from schemas.usage import AnomalyCause

ACTIVITY: Final = "activity"
"""The metric of everything that did not fail."""

ERRORS: Final = "errors"
"""The metric of everything that failed."""


class Finding(NamedTuple):
    """One excursion as numbers; `wording.anomaly_of` makes its record. Hours count from 1970."""

    cause: AnomalyCause
    metric: str
    since: int
    until: int
    observed: float
    expected: float
    deviation: float
    is_shared: bool = False
    """True if most accounts of the cohort fell alike, and the rest is not odd."""

    def check(self) -> None:
        """Raise AssertionError if the numbers contradict the cause: then this code is wrong, not the data.

        >>> Finding("drop", "activity", -1, 9, 0.0, 0.0, 1.0).check()
        Traceback (most recent call last):
        AssertionError: the numbers show no drop
        """
        more = self.observed > self.expected
        apart = self.observed != self.expected and more == (self.cause == "error_surge")
        signed = (self.deviation > 0.0) == more and self.deviation != 0.0
        if not (0 <= self.since <= self.until and apart and signed):
            raise AssertionError(f"the numbers show no {self.cause}")
