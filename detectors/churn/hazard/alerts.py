"""The churn alert of an explained risk."""

import math
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from detectors.churn.actions import DUE_DAYS, NEXT_ACTION
from detectors.churn.hazard.reasons import WORDS, Risk, TermChange
from schemas.churn import AlertCause, ChurnAlert, Contribution, Severity, Stakes

CRITICAL: Final = 0.8
WARNING: Final = 0.6
"""Probabilities from which an alert is critical, or a warning. Chosen by hand."""


def alert_of(
    risk: Risk, *, name: str, stakes: Stakes, rule: str, cause: AlertCause | None = None
) -> ChurnAlert:
    """Return the alert of a risk at the end of its day, in UTC; `name` is how the account is called.

    The next action fits the strongest reason of the risk. `cause` is by default named after that reason.

    Each term that raises the risk against the account's usual is a contribution; shares are of all rises and
    add up to 1. If none does, the risk is as high as before, and its largest term is the contribution.
    """
    at = datetime.fromordinal(risk.day).replace(tzinfo=UTC) + timedelta(days=1)
    severity = _severity(risk.probability)
    key = blake2b(f"{risk.account_id}\n{risk.day}".encode("utf-8", "surrogatepass"), digest_size=12)
    return ChurnAlert(
        alert_id="al-" + key.hexdigest(),
        dedup_key="dk-" + key.hexdigest(),
        account_id=risk.account_id,
        cause=cause or risk.cause,
        severity=severity,
        score=risk.probability,
        sentence=_sentence(risk, name, stakes),
        contributions=_contributions(risk),
        contrary=risk.contrary,
        next_action=NEXT_ACTION[risk.cause],
        stakes=stakes,
        started_at=at - timedelta(days=1),
        detected_at=at,
        due_at=at + timedelta(days=DUE_DAYS[severity]),
        rule=rule,
        horizon_days=risk.horizon_days,
        probability=risk.probability,
    )


def _rising(risk: Risk) -> list[TermChange]:
    return [one for one in risk.changes if one.change > 0.0 and one.name in WORDS]


def _largest(risk: Risk) -> TermChange:
    return max((one for one in risk.changes if one.name in WORDS), key=lambda one: one.today)


def _sentence(risk: Risk, name: str, stakes: Stakes) -> str:
    rising = ", ".join(WORDS[one.name] for one in _rising(risk)[:2])
    why = f"raised by {rising}" if rising else f"as before, most by {WORDS[_largest(risk).name]}"
    chance = f"{risk.probability:.0%} probability of no use in the next {risk.horizon_days} days"
    against = f" Against it: {risk.contrary[0]}." if risk.contrary else ""
    return f"{name}: {chance}, {why}.{against} {stakes_told(stakes)}"[:1_000]


def stakes_told(stakes: Stakes) -> str:
    """Return a sentence about what is at stake; whatever is not known is called unknown.

    >>> stakes_told(Stakes(annual_revenue=84_000.0, owner="Kim"))
    'At stake: revenue of 84,000 a year, renewal unknown, seats unknown; owner Kim.'
    """
    worth, renewal = stakes.annual_revenue, stakes.renewal_on
    revenue = "revenue unknown" if worth is None else f"revenue of {worth:,.0f} a year"
    on = "renewal unknown" if renewal is None else f"renewal on {renewal.day} {renewal:%B %Y}"
    seats = "seats unknown" if stakes.seats is None else f"{stakes.seats:,} seats"
    return f"At stake: {revenue}, {on}, {seats}; owner {stakes.owner or 'unknown'}."


def _contributions(risk: Risk) -> tuple[Contribution, ...]:
    found = _rising(risk)
    whole = sum(one.change for one in found)
    if not found:
        return (_contribution(_largest(risk), 1.0),)
    return tuple(_contribution(one, one.change / whole) for one in found)


def _contribution(one: TermChange, share: float) -> Contribution:
    """Return a term as a contribution: log-odds today as observed, the account's usual as expected."""
    usual = one.today - one.change
    return Contribution(
        name=one.name,
        summary=f"{WORDS[one.name]}: odds × {math.exp(one.change):.2g} against the account's usual",
        observed=one.today,
        expected_low=usual,
        expected_high=usual,
        share=min(1.0, share),
        samples=0,
        log_odds=one.change,
    )


def _severity(probability: float) -> Severity:
    if probability >= CRITICAL:
        return "critical"
    return "warning" if probability >= WARNING else "watch"
