"""The accounts of one cohort under the hazard watch of the product, and other models beside it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from detectors.churn.hazard.alerts import alert_of
from detectors.churn.hazard.measures import matrix
from detectors.churn.hazard.reasons import Risk, risk_at
from detectors.churn.hazard.risks import DayRisks
from detectors.churn.hazard.watch import HazardWatch
from schemas.churn import AlertCause, ChurnAlert, Stakes
from schemas.usage import UsageEvent
from streams.evaluate.churn_challenger import RowScores


class HazardPopulation:
    """A hazard watch without a broker; time is the event time of the file.

    `make` builds the watch, given the day before the first. `others` are models to compare, by name; they see
    the measures of each day.
    """

    def __init__(self, make: Callable[[int], HazardWatch], others: Mapping[str, RowScores]) -> None:
        self._make = make
        self._models = others
        self._waiting: list[UsageEvent] = []
        self._risks: DayRisks | None = None
        self._others: dict[str, NDArray[np.float64]] = {}
        self._probability: NDArray[np.float64] = np.zeros(0)
        self.watch: HazardWatch | None = None

    def observe(self, events: Sequence[UsageEvent]) -> None:
        """Keep the events of a day until it ends."""
        self._waiting += events

    def end_day(self, end: datetime) -> list[ChurnAlert]:
        """End the day in the watch; return its alerts."""
        self.watch = watch = self.watch or self._make(end.toordinal() - 2)
        self._risks = risks = watch.end_day(self._waiting)
        self._waiting, self._probability = [], risks.probability
        if self._models:
            measures = matrix(watch.book.habits)
            self._others = {name: scores(measures) for name, scores in self._models.items()}
        if not risks.alert.any():
            return []
        named = list(watch.book.places.items())
        found = [self._explained(*named[place]) for place in np.flatnonzero(risks.alert).tolist()]
        return [
            alert_of(one, name=one.account_id, stakes=Stakes(), rule=watch.prior.version) for one in found
        ]

    def _explained(self, account_id: str, place: int) -> Risk:
        if self.watch is None or self._risks is None:
            raise ValueError("no day ended yet")
        return risk_at(self._risks, self.watch.learner, place, account_id)

    def risk(self, account_id: str, at: datetime) -> tuple[float, AlertCause | None]:
        """Return the probability of an account at the end of the last day; an alert names its cause."""
        place = self._place(account_id)
        if place is None or self._risks is None:
            return 0.0, None
        return float(self._probability[place]), None

    def others(self, account_id: str) -> dict[str, float]:
        """Return the scores of the other models for an account."""
        place = self._place(account_id)
        return {} if place is None else {name: float(score[place]) for name, score in self._others.items()}

    def _place(self, account_id: str) -> int | None:
        return None if self.watch is None else self.watch.book.places.get(account_id)
