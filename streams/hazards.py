"""The daily hazard in the churn group: the days that the usage group handed over become risks and alerts.

A day is judged in the transaction that deletes it and saves its watch, so each day counts exactly once. What
is known beside the use is the health of the accounts as far as it is written by then: signals of other
partitions that arrive later count from the next day on.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
from sqlmodel import Session

from detectors.churn.assess import stakes_of_account
from detectors.churn.evidence import evidence_of
from detectors.churn.hazard.alerts import alert_of
from detectors.churn.hazard.book import UseOfDay
from detectors.churn.hazard.days import WrongDayStateError, use_of
from detectors.churn.hazard.evidence import AccountEvidence
from detectors.churn.hazard.packing import WrongHazardStateError, adopt, pack
from detectors.churn.hazard.prior import Prior
from detectors.churn.hazard.reasons import risk_at
from detectors.churn.hazard.risks import DayRisks
from detectors.churn.hazard.watch import HazardWatch
from detectors.churn.health import AccountHealth
from responders.store import hazards, signals
from schemas.churn import ChurnAlert
from schemas.knowledge import Account
from streams.kafka.topics import USAGE_EVENTS

logger = logging.getLogger(__name__)

HealthsOf = Callable[[Session, Sequence[str]], dict[str, AccountHealth]]
"""Loads the health of accounts by id."""

DAYS_AT_ONCE: Final = 7
"""Days of one partition that are judged in one transaction: a replay saves its watch once a week."""

MOST_GAP: Final = 60
"""Days without any use of a partition after which its watch begins again. Chosen by hand: two horizons."""

ACCOUNTS_AT_ONCE: Final = 1_000
"""Accounts whose health is loaded at once."""

WATCH_KEY: Final = "hazard watch"
"""The name under which a damaged watch is set aside."""


def judge_waiting(
    session: Session, prior: Prior, healths_of: HealthsOf, *, now: datetime
) -> list[ChurnAlert]:
    """Judge the oldest waiting days of one partition; return the alerts of accounts at risk, in order of day.

    Reads and writes in the caller's transaction. `now` is written as the time of the change only.
    """
    waiting = hazards.take_days(session, DAYS_AT_ONCE)
    if waiting is None or not waiting.days:
        return []
    days = [(day, _use(content)) for day, content in waiting.days]
    watch = _watch(session, waiting, prior, now) or HazardWatch(prior, day=days[0][0] - 1)
    raised: list[ChurnAlert] = []
    for day, use in days:
        if day <= watch.book.day:
            logger.error("a day of use was handed over twice", extra={"partition": waiting.partition})
            continue
        if day - watch.book.day > MOST_GAP:
            watch = HazardWatch(prior, day=day - 1)
        while watch.book.day < day - 1:
            watch.end_day_of({})
        raised += _end_day(session, watch, use, healths_of)
    hazards.save_watch(session, waiting.partition, pack(watch), now=now)
    return raised


def _use(content: bytes) -> dict[str, UseOfDay]:
    try:
        return use_of(content)
    except WrongDayStateError:
        logger.exception("the use of a day cannot be read and counts as none")
        return {}


def _watch(session: Session, waiting: hazards.WaitingDays, prior: Prior, now: datetime) -> HazardWatch | None:
    if waiting.watch is None:
        return None
    try:
        return adopt(waiting.watch, prior)
    except WrongHazardStateError as error:
        logger.exception("a hazard watch cannot be read and begins again")
        aside = {WATCH_KEY: (waiting.watch, str(error))}
        signals.set_aside_states(session, USAGE_EVENTS, waiting.partition, aside, now=now)
        return None


def _end_day(
    session: Session, watch: HazardWatch, use: Mapping[str, UseOfDay], healths_of: HealthsOf
) -> list[ChurnAlert]:
    end = datetime.fromordinal(watch.book.day + 2).replace(tzinfo=UTC)
    evidence = _evidence(session, [*watch.book.places, *use], healths_of, end)
    risks = watch.end_day_of(use, evidence)
    places = np.flatnonzero(risks.alert).tolist()
    if not places:
        return []
    account_ids = list(watch.book.places)
    accounts = signals.load_accounts(session, [account_ids[place] for place in places])
    return [_alert(watch, risks, place, account_ids[place], accounts) for place in places]


def _evidence(
    session: Session, account_ids: Sequence[str], healths_of: HealthsOf, end: datetime
) -> dict[str, AccountEvidence]:
    found: dict[str, AccountEvidence] = {}
    wanted = sorted(set(account_ids))
    for start in range(0, len(wanted), ACCOUNTS_AT_ONCE):
        healths = healths_of(session, wanted[start : start + ACCOUNTS_AT_ONCE])
        found |= {key: evidence_of(health, end=end) for key, health in healths.items()}
    return found


def _alert(
    watch: HazardWatch, risks: DayRisks, place: int, account_id: str, accounts: Mapping[str, Account]
) -> ChurnAlert:
    account = accounts.get(account_id)
    return alert_of(
        risk_at(risks, watch.learner, place, account_id),
        name=account.name if account else account_id,
        stakes=stakes_of_account(account),
        rule=watch.prior.version,
        cause="churn_risk",
    )
