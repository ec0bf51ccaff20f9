"""One case per account in the churn group: alerts open or join it, signals keep it current, recovery ends it.

All functions work in the caller's transaction and lock cases in the order of their accounts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from detectors.churn.assess import present
from detectors.churn.cases import current, is_worse, joined, may_open
from detectors.churn.health import AccountHealth, HeardWords
from detectors.churn.recovery import UseStanding, recovered
from responders.store import cases, outbox, signals
from responders.store.cases import OpenCase
from responders.store.heads import hold_waiting
from schemas.churn import ChurnAlert
from schemas.knowledge import Account
from streams.kafka.topics import CHURN_ALERTS
from streams.rules import HeardRules

EXPIRY: Final = timedelta(days=28)
"""Time without new evidence after which a case that nobody acknowledged expires: the horizon."""

ACKNOWLEDGED_EXPIRY: Final = timedelta(days=90)
"""Time without new evidence after which an acknowledged case expires. Chosen by hand."""

Healths = Mapping[str, AccountHealth]


@dataclass
class CaseFiler:
    """Files alerts in one transaction; `healths` are those of their accounts, `heard` tells the quiet rules.

    `told` has the alerts that opened a case or joined one as a new cause, `changes` counts by kind of change.
    """

    session: Session
    healths: Healths
    heard: HeardRules
    now: datetime
    told: list[ChurnAlert] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)

    def file(self, alerts: Sequence[ChurnAlert]) -> None:
        """Let each alert, in order of account and time, join its account's open case or open one; publish it.

        An alert after a case that a person closed may find the account at rest, and the alert of a quiet rule
        opens no case; then it is only counted.
        """
        if not alerts:
            return
        accounts = {alert.account_id for alert in alerts}
        hold_waiting(self.session, accounts)
        known = cases.lock_open(self.session, accounts)
        closed = cases.newest_closed(self.session, accounts - known.keys())
        for alert in sorted(alerts, key=lambda one: (one.account_id, one.detected_at, one.cause)):
            account_id = alert.account_id
            if account_id in known:
                known[account_id] = self._join(known[account_id], alert)
            elif not may_open(closed.get(account_id), alert):
                self.changes["rested"] += 1
            elif self.heard.silences(alert):
                self.changes["quietened"] += 1
            elif (opened := self._open(alert)) is not None:
                known[account_id] = OpenCase(opened, "new")

    def _open(self, alert: ChurnAlert) -> ChurnAlert | None:
        opened = current(alert, self._wrote(alert.account_id)).model_copy(update={"revision": 1})
        if not signals.save_alert(self.session, opened, now=self.now):
            return None
        self._publish(opened)
        self.told.append(alert)
        self.changes["opened"] += 1
        return opened

    def _join(self, known: OpenCase, alert: ChurnAlert) -> OpenCase:
        """Let an alert join an open case; a case that becomes worse is new again."""
        after = joined(known.case, alert, self._wrote(alert.account_id))
        if after == known.case:
            return known
        is_woken = known.state != "new" and is_worse(known.case, after)
        woken = f"It became {after.severity}: {alert.sentence}" if is_woken else None
        cases.save_case(self.session, after, woken=woken, now=self.now)
        self._publish(after)
        if alert.cause not in known.case.causes:
            self.told.append(alert)
            self.changes["joined"] += 1
        return OpenCase(after, "new" if is_woken else known.state)

    def _wrote(self, account_id: str) -> HeardWords | None:
        health = self.healths.get(account_id)
        return None if health is None else health.wrote

    def _publish(self, case: ChurnAlert) -> None:
        """Publish a case; a later revision has an id of its own, and no reader drops it as a duplicate."""
        headers = (("ce_id", case.revision_id),)
        outgoing = outbox.Outgoing(CHURN_ALERTS, case.account_id.encode(), case.to_bytes(), headers)
        outbox.enqueue(self.session, [outgoing], now=self.now)


def refresh(
    session: Session,
    healths: Healths,
    accounts: Mapping[str, Account],
    times: Mapping[str, datetime],
    *,
    now: datetime,
) -> None:
    """Keep the text of open cases current after signals of their accounts, without another alert.

    `times` has the event time of the newest signal of each account. Causes that are not in a case do not
    join it here: they may be held for an incident.
    """
    for account_id, known in cases.lock_open(session, times).items():
        health = healths[account_id]
        now_told = present(health, account=accounts.get(account_id), now=times[account_id])
        after = known.case
        if now_told is not None and now_told.cause in known.case.causes:
            after = joined(known.case, now_told, health.wrote)
        after = current(after, health.wrote)
        if after != known.case:
            woken = f"It became {after.severity}." if is_worse(known.case, after) else None
            cases.save_case(session, after, woken=woken if known.state != "new" else None, now=now)


def close_recovered(
    session: Session, standings: Mapping[str, UseStanding], healths: Healths, *, now: datetime
) -> int:
    """Close the open cases of accounts that recovered, snoozed ones too; return how many."""
    count = 0
    for account_id, known in cases.lock_open(session, standings).items():
        why = recovered(known.case, healths.get(account_id), standings[account_id])
        if why is not None:
            cases.close_case(session, known.case.alert_id, "recovery", why, now=now)
            count += 1
    return count


def expire(session: Session, clock: datetime, *, now: datetime) -> int:
    """Close cases without new evidence for long at event time `clock`, at most 100; return how many."""
    old = cases.accounts_with_old(session, untouched=clock - EXPIRY, acknowledged=clock - ACKNOWLEDGED_EXPIRY)
    found = cases.lock_open(session, old)
    for known in found.values():
        cases.close_case(session, known.case.alert_id, "expiry", "No new evidence for long.", now=now)
    return len(found)
