"""One case per account in the churn group: alerts open or join it, signals keep it current, recovery ends it.

All functions work in the caller's transaction and lock cases in the order of their accounts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from detectors.churn.cases import ACKNOWLEDGED_EXPIRY, EXPIRED, EXPIRY, Filing, filing_of, is_worse
from detectors.churn.health import AccountHealth, HeardWords
from detectors.churn.outages.explaining import TAKEN_OVER, taken_over_by
from detectors.churn.outages.watch import OutageWatch, SharedOutage
from detectors.churn.recovery import UseStanding, recovered
from responders.store import cases, outbox, signals
from responders.store.cases import OpenCase
from responders.store.heads import hold_waiting
from schemas.churn import ChurnAlert, ClosedCase
from streams.kafka.topics import CHURN_ALERTS
from streams.rules import HeardRules

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
            after = self._file(alert, known.get(alert.account_id), closed.get(alert.account_id))
            if after is not None:
                known[alert.account_id] = after

    def _file(self, alert: ChurnAlert, known: OpenCase | None, closed: ClosedCase | None) -> OpenCase | None:
        """Let one alert join an open case or open one; return the open case after it."""
        case = None if known is None else known.case
        is_silenced = self.heard.silences(alert)
        filing = filing_of(alert, case, closed, wrote=self._wrote(alert.account_id), is_silenced=is_silenced)
        if filing.case is None:
            self.changes[filing.change] += 1
            return None
        if known is None:
            return self._open(alert, filing.case)
        return known if filing.change == "unchanged" else self._join(known, alert, filing)

    def _open(self, alert: ChurnAlert, opened: ChurnAlert) -> OpenCase | None:
        if not signals.save_alert(self.session, opened, now=self.now):
            return None
        self._publish(opened)
        self.told.append(alert)
        self.changes["opened"] += 1
        return OpenCase(opened, "new")

    def _join(self, known: OpenCase, alert: ChurnAlert, filing: Filing) -> OpenCase:
        """Write an open case that an alert changed; a case that becomes worse is new again."""
        after = filing.case or known.case
        is_woken = known.state != "new" and is_worse(known.case, after)
        woken = f"It became {after.severity}: {alert.sentence}" if is_woken else None
        cases.save_case(self.session, after, woken=woken, now=self.now)
        self._publish(after)
        if filing.change == "joined":
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
    session: Session, account_ids: Iterable[str], retell: Callable[[ChurnAlert], ChurnAlert], *, now: datetime
) -> None:
    """Keep the text of the open cases of accounts current, without another alert.

    `retell` returns a case as the newest signals of its account tell it.
    """
    for known in cases.lock_open(session, account_ids).values():
        after = retell(known.case)
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


def take_over(
    session: Session, watch: OutageWatch, outages: Sequence[SharedOutage], *, now: datetime
) -> list[ChurnAlert]:
    """Close the cases that nobody has answered and that outages explain; return them."""
    taken: list[ChurnAlert] = []
    for outage in outages:
        for known in cases.lock_open(session, outage.incident.account_ids).values():
            if known.state == "new" and taken_over_by(watch, outage, known.case):
                cases.close_case(session, known.case.alert_id, "recovery", TAKEN_OVER, now=now)
                taken.append(known.case)
    return taken


def expire(session: Session, clock: datetime, *, now: datetime) -> int:
    """Close cases without new evidence for long at event time `clock`, at most 100; return how many."""
    old = cases.accounts_with_old(session, untouched=clock - EXPIRY, acknowledged=clock - ACKNOWLEDGED_EXPIRY)
    found = cases.lock_open(session, old)
    for known in found.values():
        cases.close_case(session, known.case.alert_id, "expiry", EXPIRED, now=now)
    return len(found)
