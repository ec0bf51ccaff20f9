"""The daily hazard in the churn group: the days that the usage group handed over become risks and alerts.

A day is judged in the transaction that deletes it and saves its watch, so each day counts exactly once. What
is known beside the use is the health of the accounts as far as it is written by then: signals of other
partitions that arrive later count from the next day on.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from sqlmodel import Session

from detectors.churn.evidence import evidence_of
from detectors.churn.hazard.book import UseOfDay
from detectors.churn.hazard.days import WrongDayStateError, use_of
from detectors.churn.hazard.evidence import AccountEvidence
from detectors.churn.hazard.packing import WrongHazardStateError, adopt, pack
from detectors.churn.hazard.prior import Prior
from detectors.churn.hazard.rule import HazardRule
from detectors.churn.hazard.watch import HazardWatch
from detectors.churn.health import AccountHealth
from detectors.churn.judging import end_of_next_day, judge_day, watch_before
from detectors.churn.recovery import UseStanding, standings_of
from responders.store import cases, hazards, signals
from schemas.churn import AlertOutcome, ChurnAlert
from streams.kafka.topics import USAGE_EVENTS

logger = logging.getLogger(__name__)

HealthsOf = Callable[[Session, Sequence[str]], dict[str, AccountHealth]]
"""Loads the health of accounts by id."""

DAYS_AT_ONCE: Final = 7
"""Days of one partition that are judged in one transaction: a replay saves its watch once a week."""

ACCOUNTS_AT_ONCE: Final = 1_000
"""Accounts whose health is loaded at once."""

LABELS: Final[Mapping[AlertOutcome, bool]] = {"lost": True, "saved": True, "false alarm": False}
"""What an outcome says of the risk before it; "already known" says nothing of it."""

WATCH_KEY: Final = "hazard watch"
"""The name under which a damaged watch is set aside."""


@dataclass
class JudgedDays:
    """The result of a turn: alerts in order of day, and how accounts with an open case stand at its end."""

    alerts: list[ChurnAlert] = field(default_factory=list)
    standings: dict[str, UseStanding] = field(default_factory=dict)


def judge_waiting(session: Session, rule: HazardRule, healths_of: HealthsOf, *, now: datetime) -> JudgedDays:
    """Judge the oldest waiting days of one partition; nothing if no day waits.

    What people said of closed cases is learned first. Reads and writes in the caller's transaction. `now` is
    written as the time of the change only.
    """
    judged = JudgedDays()
    waiting = hazards.take_days(session, DAYS_AT_ONCE)
    if waiting is None or not waiting.days:
        return judged
    days = [(day, _use(content)) for day, content in waiting.days]
    watch = _watch(session, waiting, rule.prior, now)
    watch = watch or watch_before(None, rule, days[0][0])
    _learn_outcomes(session, watch, now)
    for day, content in days:
        if day <= watch.book.day:
            logger.error("a day of use was handed over twice", extra={"partition": waiting.partition})
            continue
        watch = watch_before(watch, rule, day)
        _end_day(session, watch, content, healths_of, judged)
    hazards.save_watch(session, waiting.partition, pack(watch), now=now)
    return judged


def _learn_outcomes(session: Session, watch: HazardWatch, now: datetime) -> None:
    """Learn what people said: lost and saved accounts were at risk, false alarms were not."""
    for account_id, outcome in cases.take_outcomes(session, watch.book.places, now=now):
        if outcome in LABELS:
            watch.learn_outcome(account_id, LABELS[outcome])


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
    session: Session,
    watch: HazardWatch,
    use: Mapping[str, UseOfDay],
    healths_of: HealthsOf,
    judged: JudgedDays,
) -> None:
    """End one day; add its alerts, and replace the standings by those of this day."""
    evidence = _evidence(session, [*watch.book.places, *use], healths_of, end_of_next_day(watch))
    day = judge_day(watch, use, evidence, partial(signals.load_accounts, session))
    judged.alerts += day.alerts
    judged.standings = standings_of(watch, day.risks, use, cases.with_open(session), day.end)


def _evidence(
    session: Session, account_ids: Sequence[str], healths_of: HealthsOf, end: datetime
) -> dict[str, AccountEvidence]:
    found: dict[str, AccountEvidence] = {}
    wanted = sorted(set(account_ids))
    for start in range(0, len(wanted), ACCOUNTS_AT_ONCE):
        healths = healths_of(session, wanted[start : start + ACCOUNTS_AT_ONCE])
        found |= {key: evidence_of(health, end=end) for key, health in healths.items()}
    return found
