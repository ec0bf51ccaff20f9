"""The hazard of every account, day by day: score, raise alerts within the budget, and learn from what came.

A label makes itself: HORIZON_DAYS after a snapshot it is known whether any event came. Snapshots wait in a
ring of five per account. Everything depends on the events and their days alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.churn.hazard.book import HabitBook, UseOfDay
from detectors.churn.hazard.evidence import UNKNOWN, AccountEvidence, evidence_terms
from detectors.churn.hazard.habits import HabitRows
from detectors.churn.hazard.learner import OUTCOME_WEIGHT, HazardLearner
from detectors.churn.hazard.measures import matrix
from detectors.churn.hazard.names import INDICATORS, TERM_NAMES, TERMS
from detectors.churn.hazard.prior import HORIZON_DAYS, Prior
from detectors.churn.hazard.risks import DayRisks
from schemas.usage import UsageEvent

LEAST_TENURE: Final = 14
"""Days of history from which an account is judged. Chosen by hand: each weekday twice."""

RECENT_DAYS: Final = 14
"""An account without use for so many days is dark already: its absence is no early sign. By hand."""

COOL_DOWN_DAYS: Final = 28
"""Days after an alert in which the account raises no other, as in `ChurnPolicy`."""

LEAST_LOG_ODDS: Final = 0.0
"""An alert is more likely right than wrong, whatever the budget: a probability of .5. Chosen by hand."""

SNAPSHOT_DAYS: Final = 7
_RING: Final = 5
_USUAL_HALF_LIFE: Final = 28.0
"""Days after which a day weighs half in the account's own usual terms. Chosen by hand."""

_BUDGET_STEP: Final = 0.05
"""Log-odds by which the threshold moves if the alerts of a day are off by their expectation. By hand."""

_DAYS_PER_MONTH: Final = 30.4

LEDGER: Final = np.dtype(
    [
        ("usual", "<f4", len(TERM_NAMES)),
        ("pending_day", "<i4", _RING),
        ("pending", "<f4", (_RING, len(TERM_NAMES))),
        ("alerted", "<i4"),
        ("known", "?"),
    ]
)
"""What the watch keeps beside the habits of an account; a day of 0 is none."""


@dataclass(frozen=True, slots=True)
class HazardBudget:
    """Alerts per account-month, the one knob, and the calibrated log-odds at which an account is alerted."""

    per_month: float
    threshold: float

    def after(self, alerts: int, watched: int) -> "HazardBudget":
        """Return the budget after a day: too many alerts raise the threshold, too few lower it.

        It is never below LEAST_LOG_ODDS, so a quiet population has fewer alerts than the budget.

        >>> HazardBudget(0.02, 1.0).after(alerts=2, watched=1520).threshold
        1.05
        """
        expected = self.per_month * watched / _DAYS_PER_MONTH
        step = _BUDGET_STEP * (alerts - expected) / max(1.0, expected)
        return replace(self, threshold=max(LEAST_LOG_ODDS, self.threshold + step))


class HazardWatch:
    """The hazard of one population of accounts, which are each other's peers.

    `day` before the first day, for example an ordinal of `datetime.date`, is at least 1. With
    `learns=False` the prior stays as it is. `budget` is alerts per account-month.
    """

    def __init__(self, prior: Prior, *, day: int, budget: float = 0.02, learns: bool = True) -> None:
        self.prior = prior
        self.book = HabitBook(day)
        self.learner = HazardLearner(prior)
        self.budget = HazardBudget(budget, max(LEAST_LOG_ODDS, prior.threshold(budget)))
        self.ledger: HabitRows = np.zeros(0, LEDGER)
        self._learns = learns

    def end_day(
        self, events: Sequence[UsageEvent], evidence: Mapping[str, AccountEvidence] | None = None
    ) -> DayRisks:
        """End the next day with its events, in any order; return the risks of all accounts.

        `evidence` is what else is known at the end of the day; an account without an entry is unknown.
        """
        self.book.end_day(events)
        return self._ended(evidence or {})

    def end_day_of(
        self, uses: Mapping[str, UseOfDay], evidence: Mapping[str, AccountEvidence] | None = None
    ) -> DayRisks:
        """End the next day with the summed use of each account; otherwise as `end_day`."""
        self.book.end_day_of(uses)
        return self._ended(evidence or {})

    def _ended(self, evidence: Mapping[str, AccountEvidence]) -> DayRisks:
        self._make_room()
        self._learn_matured()
        risks = self._judge(evidence)
        self.budget = self.budget.after(int(risks.alert.sum()), int(risks.judged.sum()))
        self._remember(risks)
        return risks

    def learn_outcome(self, account_id: str, is_lost: bool) -> None:
        """Learn what a person found out about an account, from its usual terms; raise KeyError if unknown."""
        terms = self.ledger["usual"][self.book.places[account_id]].astype(float)
        self.learner.learn(terms, is_lost, OUTCOME_WEIGHT)

    def _make_room(self) -> None:
        more = len(self.book.places) - len(self.ledger)
        if more:
            self.ledger = np.concatenate([self.ledger, np.zeros(more, LEDGER)])

    def _learn_matured(self) -> None:
        waiting = self.ledger["pending_day"]
        ripe = (waiting > 0) & (self.book.day - waiting >= HORIZON_DAYS)
        for place, slot in np.argwhere(ripe).tolist():
            is_dark = bool(self.book.habits.rows["last"][place] <= waiting[place, slot])
            if self._learns:
                self.learner.learn(self.ledger["pending"][place, slot].astype(float), is_dark)
        waiting[ripe] = 0

    def _judge(self, evidence: Mapping[str, AccountEvidence]) -> DayRisks:
        rows, day = self.book.habits.rows, self.book.day
        terms = np.concatenate(
            [self.prior.terms(matrix(self.book.habits)), self._evidence_terms(evidence)], axis=1
        )
        raw = self.learner.raw(terms)
        log_odds = self.prior.calibration.apply(raw)
        judged = (day - rows["first"] >= LEAST_TENURE) & (day - rows["last"] < RECENT_DAYS)
        rested = (self.ledger["alerted"] == 0) | (day - self.ledger["alerted"] >= COOL_DOWN_DAYS)
        alert = judged & rested & (log_odds >= self.budget.threshold)
        usual = np.where(self.ledger["known"][:, None], self.ledger["usual"], terms)
        return DayRisks(day, terms, usual, raw, log_odds, judged, alert)

    def _evidence_terms(self, evidence: Mapping[str, AccountEvidence]) -> NDArray[np.float64]:
        terms = np.zeros((len(self.ledger), len(TERMS) + len(INDICATORS)))
        known = sorted((self.book.places[key], key) for key in evidence if key in self.book.places)
        if known:
            places, keys = zip(*known, strict=True)
            terms[list(places)] = evidence_terms([evidence.get(key, UNKNOWN) for key in keys])
        return terms

    def _remember(self, risks: DayRisks) -> None:
        ledger, day = self.ledger, risks.day
        weight = 1.0 - 0.5 ** (1.0 / _USUAL_HALF_LIFE)
        ledger["usual"] = risks.usual + weight * (risks.terms - risks.usual)
        ledger["known"] = True
        ledger["alerted"] = np.where(risks.alert, day, ledger["alerted"])
        turns = day + np.arange(len(ledger))
        due = np.flatnonzero(risks.judged & (turns % SNAPSHOT_DAYS == 0))
        slots = (turns // SNAPSHOT_DAYS)[due] % _RING
        ledger["pending_day"][due, slots] = day
        ledger["pending"][due, slots] = risks.terms[due]
