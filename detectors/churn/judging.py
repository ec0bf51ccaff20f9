"""One day of the hazard of a partition: the use of its accounts in, alerts and their standing out. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from detectors.churn.hazard.alerts import alert_of
from detectors.churn.hazard.book import UseOfDay
from detectors.churn.hazard.evidence import AccountEvidence
from detectors.churn.hazard.reasons import risk_at
from detectors.churn.hazard.risks import DayRisks
from detectors.churn.hazard.rule import HazardRule
from detectors.churn.hazard.watch import HazardWatch
from detectors.churn.stakes import stakes_of_account
from schemas.churn import ChurnAlert
from schemas.knowledge import Account

MOST_GAP: Final = 60
"""Days without any use of a partition after which its watch begins again. Chosen by hand: two horizons."""

AccountsOf = Callable[[Sequence[str]], Mapping[str, Account]]
"""Returns the records of accounts that are known, by id."""


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """A day that ended: its risks, and the alerts of the accounts at risk."""

    end: datetime
    risks: DayRisks
    alerts: tuple[ChurnAlert, ...]


def watch_before(watch: HazardWatch | None, rule: HazardRule, day: int) -> HazardWatch:
    """Return the watch as it is before a day, after the empty days since its last one.

    Without a watch, and after a gap of more than MOST_GAP days, a new one begins. A watch with another budget
    goes on with that of the rule. `day` is after the last day of the watch.
    """
    if watch is None or day - watch.book.day > MOST_GAP:
        return HazardWatch(rule.prior, day=day - 1, budget=rule.alerts_per_month)
    if watch.budget.per_month != rule.alerts_per_month:
        watch.budget = replace(watch.budget, per_month=rule.alerts_per_month)
    while watch.book.day < day - 1:
        watch.end_day_of({})
    return watch


def end_of_next_day(watch: HazardWatch) -> datetime:
    """Return the end, in UTC, of the day that `judge_day` ends next."""
    return datetime.fromordinal(watch.book.day + 2).replace(tzinfo=UTC)


def judge_day(
    watch: HazardWatch,
    use: Mapping[str, UseOfDay],
    evidence: Mapping[str, AccountEvidence],
    accounts_of: AccountsOf,
) -> JudgedDay:
    """End the next day of a watch with its use and what else is known at its end.

    The alerts are in the order of the accounts in the watch, their cause is `churn_risk`.
    """
    end = end_of_next_day(watch)
    risks = watch.end_day_of(use, evidence)
    account_ids = list(watch.book.places)
    raised = [(place, account_ids[place]) for place in np.flatnonzero(risks.alert).tolist()]
    accounts = accounts_of([account_id for _, account_id in raised]) if raised else {}
    alerts = tuple(_alert(watch, risks, (place, key), accounts.get(key)) for place, key in raised)
    return JudgedDay(end, risks, alerts)


def _alert(
    watch: HazardWatch, risks: DayRisks, named: tuple[int, str], account: Account | None
) -> ChurnAlert:
    place, account_id = named
    return alert_of(
        risk_at(risks, watch.learner, place, account_id),
        name=account.name if account else account_id,
        stakes=stakes_of_account(account),
        rule=watch.prior.version,
        cause="churn_risk",
    )
