"""The cases of accounts in memory: what the store keeps for the churn group, without people who act."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from detectors.churn.cases import EXPIRED, EXPIRY, filing_of
from detectors.churn.health import AccountHealth
from detectors.churn.outages.explaining import TAKEN_OVER, taken_over_by
from detectors.churn.outages.watch import OutageWatch, SharedOutage
from detectors.churn.recovery import UseStanding, recovered
from schemas.churn import ChurnAlert, ClosedCase
from streams.backtest.records import ReplayStep, StepKind

_TELLS: Final[frozenset[StepKind]] = frozenset({"opened", "joined", "retold"})


class CaseBook:
    """At most one open case per account. Nobody answers a case here, so only recovery and time close one.

    `open` has the open cases by account, `told` all cases by id as they were told last.
    """

    def __init__(self) -> None:
        self.open: dict[str, ChurnAlert] = {}
        self.told: dict[str, ChurnAlert] = {}
        self._closed: dict[str, ClosedCase] = {}

    def file(
        self, alerts: Sequence[ChurnAlert], healths: Mapping[str, AccountHealth], at: datetime
    ) -> list[ReplayStep]:
        """Let each alert, in order of account and time, join its account's open case or open one."""
        ordered = sorted(alerts, key=lambda one: (one.account_id, one.detected_at, one.cause))
        return [self._file(alert, healths.get(alert.account_id), at) for alert in ordered]

    def _file(self, alert: ChurnAlert, health: AccountHealth | None, at: datetime) -> ReplayStep:
        account_id = alert.account_id
        known, closed = self.open.get(account_id), self._closed.get(account_id)
        filing = filing_of(alert, known, closed, wrote=None if health is None else health.wrote)
        kind: StepKind = filing.change
        if filing.case is not None and known is None and filing.case.alert_id in self.told:
            # The store keeps an alert once: one that comes again after its case was closed changes nothing.
            return ReplayStep(at, account_id, "unchanged", alert.sentence, alert)
        if filing.case is not None:
            self._keep(filing.case)
        case_id = None if filing.case is None else filing.case.alert_id
        told = filing.case if filing.case is not None and kind in _TELLS else alert
        return ReplayStep(at, account_id, kind, told.sentence, alert, case_id)

    def refresh(self, account_ids: Sequence[str], retell: Callable[[ChurnAlert], ChurnAlert]) -> None:
        """Keep the text of open cases current, as `retell` tells them."""
        for account_id in account_ids:
            if account_id in self.open:
                self._keep(retell(self.open[account_id]))

    def _keep(self, case: ChurnAlert) -> None:
        self.open[case.account_id] = self.told[case.alert_id] = case

    def close_recovered(
        self, standings: Mapping[str, UseStanding], healths: Mapping[str, AccountHealth], at: datetime
    ) -> list[ReplayStep]:
        """Close the cases of accounts that recovered by the end of a day."""
        steps: list[ReplayStep] = []
        for account_id, standing in sorted(standings.items()):
            why = recovered(self.open[account_id], healths.get(account_id), standing)
            if why is not None:
                steps.append(self._close(account_id, "recovered", why, at))
        return steps

    def take_over(
        self, watch: OutageWatch, outages: Sequence[SharedOutage], at: datetime
    ) -> list[ChurnAlert]:
        """Close the cases that outages explain; return them."""
        taken = [
            self.open[account_id]
            for outage in outages
            for account_id in outage.incident.account_ids
            if account_id in self.open and taken_over_by(watch, outage, self.open[account_id])
        ]
        for case in taken:
            self._close(case.account_id, "recovered", TAKEN_OVER, at)
        return taken

    def expire(self, clock: datetime, at: datetime) -> list[ReplayStep]:
        """Close the cases without new evidence for long at event time `clock`."""
        old = [
            account_id
            for account_id, case in sorted(self.open.items())
            if (case.updated_at or case.detected_at) < clock - EXPIRY
        ]
        return [self._close(account_id, "expired", EXPIRED, at) for account_id in old]

    def _close(self, account_id: str, kind: StepKind, why: str, at: datetime) -> ReplayStep:
        case = self.open.pop(account_id)
        self._closed[account_id] = ClosedCase(severity=case.severity, closed_at=at)
        return ReplayStep(at, account_id, kind, why, case_id=case.alert_id)
