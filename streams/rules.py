"""The rules of the churn group learn from people: their live precision, and which of them are quiet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args

from sqlmodel import Session

from detectors.churn.precision import NEWEST, is_probe, precision_of
from responders.store import rules
from responders.store.rules import RuleStanding
from schemas.churn import AlertCause, ChurnAlert
from streams.process.metrics import Metrics

_UNHEARD: Final = rules.OutcomeCounts(0, 0)


@dataclass(frozen=True, slots=True)
class HeardRules:
    """The standing of every rule; a rule without an outcome has the mean of the prior."""

    standings: tuple[RuleStanding, ...] = ()

    def silences(self, alert: ChurnAlert) -> bool:
        """Return whether the rule of an alert is quiet, and the account is no probe of it."""
        quiet = any(one.rule == alert.cause and one.quiet_since for one in self.standings)
        return quiet and not is_probe(alert.account_id)

    def show(self, metrics: Metrics) -> None:
        """Set the gauges of all rules."""
        for one in self.standings:
            for bound, value in (("mean", one.mean), ("low", one.low), ("high", one.high)):
                metrics.rule_precision.labels(one.rule, bound).set(value)
            metrics.rule_quiet.labels(one.rule).set(float(one.quiet_since is not None))


def hear(session: Session, *, now: datetime) -> HeardRules:
    """Return the standing of every rule from the outcomes so far; write those that changed."""
    counts = rules.outcome_counts(session, NEWEST)
    before = {one.rule: one for one in rules.load_standings(session)}
    after = [_standing(rule, counts.get(rule, _UNHEARD), before.get(rule), now) for rule in _rules(before)]
    changed = {one.rule: one for one in after if one.right + one.wrong > 0 and one != before.get(one.rule)}
    rules.save_standings(session, changed)
    return HeardRules(tuple(after))


def _rules(known: Iterable[str]) -> list[str]:
    return sorted({*get_args(AlertCause), *known})


def _standing(
    rule: str, counts: rules.OutcomeCounts, before: RuleStanding | None, now: datetime
) -> RuleStanding:
    found = precision_of(*counts)
    since = (before.quiet_since if before else None) or now
    quiet_since = since if found.is_quiet else None
    return RuleStanding(rule, counts.right, counts.wrong, found.mean, found.low, found.high, quiet_since)
