"""The hours of all accounts in the churn group: complete hours are judged, and outages found in them.

The usage group hands over the use of each account and hour. An hour is judged once every partition that is
not idle has closed it. What an outage hit is kept in its incident, so that the row of the watch stays small.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from sqlmodel import Session

from detectors.churn.outages.hour import AccountHours
from detectors.churn.outages.watch import (
    RECENT_HOURS,
    HourVerdict,
    LeftBehind,
    OutageWatch,
    Recall,
    SharedOutage,
    complete_until,
)
from detectors.usage.hour_use import HourUse, WrongHourUseError, unpack_uses
from responders.store import hours, signals
from schemas.churn import Incident

logger = logging.getLogger(__name__)

HOURS_AT_ONCE: Final = 48
"""Hours that are judged in one transaction at most. Chosen by hand: two days of a backlog."""


class CompleteHours(NamedTuple):
    """The hours before `ready` are complete.

    `next_from` returns the first hour from another on of which anything is known.
    """

    ready: int = 0
    next_from: Callable[[int], int | None] = lambda hour: None
    recall: Recall = lambda hour: None


class JudgedHours(NamedTuple):
    """The watch after the complete hours, each change of an outage in order, and who did not come back."""

    watch: OutageWatch
    changes: Sequence[SharedOutage] = ()
    left_behind: Sequence[LeftBehind] = ()


def judge_hours(watch: OutageWatch, complete: CompleteHours) -> JudgedHours:
    """Judge the complete hours in order, at most HOURS_AT_ONCE; an hour that cannot be judged is skipped."""
    changes: list[SharedOutage] = []
    left_behind: list[LeftBehind] = []
    for _ in range(HOURS_AT_ONCE):
        hour = complete.next_from(watch.until)
        if hour is None or hour >= complete.ready:
            watch = watch.skip(complete.ready - 1) if complete.ready > watch.until else watch
            break
        watch, outage, behind = _judged(watch, hour, complete.recall)
        changes += [] if outage is None else [outage]
        left_behind += [] if behind is None else [behind]
    return JudgedHours(watch, changes, left_behind)


def _judged(watch: OutageWatch, hour: int, recall: Recall) -> HourVerdict:
    try:
        return watch.judge(hour, recall)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        logger.exception("an hour of all accounts cannot be judged and is skipped")
        return HourVerdict(watch.skip(hour))


def account_hours(parts: Iterable[bytes]) -> AccountHours | None:
    """Return the use of an hour from its packed parts, None without any; unreadable parts are left out."""
    uses: dict[str, HourUse] = {}
    for part in parts:
        try:
            uses |= unpack_uses(part)
        except WrongHourUseError:
            logger.exception("the use of an hour of some accounts cannot be read and is left out")
    return AccountHours.of(uses) if uses else None


def complete_hours(session: Session, clock: datetime | None) -> CompleteHours:
    """Return the hours that are complete at the event time that all partitions have reached.

    What is known of them is read when it is needed.
    """
    if clock is None:
        return CompleteHours()
    recall = lru_cache(maxsize=RECENT_HOURS + 2)(
        lambda hour: account_hours(hours.parts_of_hour(session, hour))
    )
    return CompleteHours(complete_until(clock), lambda hour: hours.next_hour(session, hour), recall)


def stored_watch(watch: OutageWatch) -> dict[str, Any]:
    """Return a watch as it is stored: what its outages hit is kept in their incidents."""
    lean = [_with_incident(one, account_ids=()) for one in watch.outages]
    return watch.model_copy(update={"outages": tuple(lean)}).to_json()


def restored(session: Session, watch: OutageWatch) -> OutageWatch:
    """Return a stored watch with the incidents of its outages; one that cannot be read hit nobody."""
    records = signals.load_incidents(session, [one.incident.incident_id for one in watch.outages])
    whole = [
        _with_incident(one, account_ids=_hit(records.get(one.incident.incident_id))) for one in watch.outages
    ]
    return watch.model_copy(update={"outages": tuple(whole)})


def _with_incident(outage: SharedOutage, *, account_ids: tuple[str, ...]) -> SharedOutage:
    incident = outage.incident.model_copy(update={"account_ids": account_ids})
    return outage.model_copy(update={"incident": incident})


def _hit(record: dict[str, Any] | None) -> tuple[str, ...]:
    try:
        return () if record is None else Incident.model_validate(record).account_ids
    except ValidationError:
        logger.exception("the incident of an outage cannot be read and names nobody")
        return ()


def forget_judged(session: Session, before: OutageWatch, after: OutageWatch) -> None:
    """Forget the use of hours that nobody looks at again."""
    if after.until != before.until:
        hours.forget_hours(session, after.needs_from)
