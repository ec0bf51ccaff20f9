"""The case of an account: every cause of its trouble joins one record, and its text stays current. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from detectors.churn.actions import NEXT_ACTION
from detectors.churn.health import HeardWords
from schemas.churn import (
    AlertCause,
    AlertOutcome,
    CaseReason,
    ChurnAlert,
    ClosedCase,
    Contribution,
    Severity,
)

RANK: Final[Mapping[Severity, int]] = {"watch": 0, "warning": 1, "critical": 2}
"""Severities in rising order."""

WROTE_HOURS: Final = 48.0
"""Hours after a message of the account in which the next action is to answer it. Chosen by hand."""

REST_DAYS: Final[Mapping[AlertOutcome, float]] = {"false alarm": 28.0, "already known": 28.0, "lost": 90.0}
"""Days after a person closed a case with this outcome in which no new case is opened. Chosen by hand."""

EXPIRY: Final = timedelta(days=28)
"""Time without new evidence after which a case that nobody acknowledged expires: the horizon."""

ACKNOWLEDGED_EXPIRY: Final = timedelta(days=90)
"""Time without new evidence after which an acknowledged case expires. Chosen by hand."""

EXPIRED: Final = "No new evidence for long."
"""Why a case expired, as its history says it."""

_SPOKEN: Final[frozenset[AlertCause]] = frozenset({"mood_slide", "combined"})
_MOST_REASONS: Final = 10
_MOST_TEXT: Final = 1_000
_WROTE: Final = "They wrote on "
_THEN: Final = "Then: "
_COPIED: Final = tuple(CaseReason.model_fields)


def may_open(last: ClosedCase | None, alert: ChurnAlert) -> bool:
    """Return whether an alert opens a case after the last closed one.

    After a person said that it was a false alarm, was known or is lost, the account rests; a severity above
    that of the closed case ends the rest, except after a loss.
    """
    if last is None or last.outcome is None or last.outcome not in REST_DAYS:
        return True
    is_over = alert.detected_at >= last.closed_at + timedelta(days=REST_DAYS[last.outcome])
    return is_over or (last.outcome != "lost" and RANK[alert.severity] > RANK[last.severity])


def reasons_of(case: ChurnAlert) -> tuple[CaseReason, ...]:
    """Return the causes of a case, the strongest first."""
    return case.reasons or (_reason(case),)


def joined(case: ChurnAlert, alert: ChurnAlert, wrote: HeardWords | None = None) -> ChurnAlert:
    """Return the case with one more alert of its account; an older alert of the same cause is replaced.

    Returns an equal case if the alert is already in it. The shares of all contributions add up to 1: each
    cause weighs as its score. The due time never moves back. `wrote` is the newest message of the account.

    Raises
    ------
    ValueError
        If the alert belongs to another account.
    """
    if alert.account_id != case.account_id:
        raise ValueError("alert of another account")
    new = _reason(alert)
    others = [reason for reason in reasons_of(case) if reason.cause != new.cause]
    known = [reason for reason in reasons_of(case) if reason.cause == new.cause]
    newest = max([*known, new], key=lambda reason: reason.detected_at)
    return _told(case, [*others, newest], alert.stakes, wrote)


def current(case: ChurnAlert, wrote: HeardWords | None) -> ChurnAlert:
    """Return the case with the next action that fits what the account wrote last."""
    return _told(case, list(reasons_of(case)), case.stakes, wrote)


def is_worse(before: ChurnAlert, after: ChurnAlert) -> bool:
    """Return whether a case became more severe."""
    return RANK[after.severity] > RANK[before.severity]


def next_action(reasons: Sequence[CaseReason], wrote: HeardWords | None) -> str:
    """Return the one next action: answer a message of the last two days first, then what the causes need."""
    causes = {reason.cause for reason in reasons}
    mixed = causes & _SPOKEN and causes - _SPOKEN - {"churn_risk"}
    action = NEXT_ACTION["combined"] if mixed else reasons[0].next_action
    newest = max(reason.detected_at for reason in reasons)
    if wrote is None or newest - wrote.at > timedelta(hours=WROTE_HOURS):
        return action
    when = f"{wrote.at.day} {wrote.at:%B at %H:%M} UTC"
    told = f"{_WROTE}{when} (ticket {wrote.ticket_id}): read it first, and answer it if nobody has. "
    return f"{told}{_THEN}{action}"[:_MOST_TEXT]


def _told(case: ChurnAlert, reasons: list[CaseReason], stakes: Any, wrote: HeardWords | None) -> ChurnAlert:
    """Return the case as its causes tell it; `revision` rises only if anything else changes."""
    ranked = sorted(reasons, key=_order)[:_MOST_REASONS]
    lead = ranked[0]
    fields = {name: value for name, value in lead if name in _COPIED}
    fields |= {
        "sentence": _sentence(ranked),
        "contributions": _shared(ranked),
        "contrary": tuple(dict.fromkeys(line for reason in ranked for line in reason.contrary)),
        "next_action": next_action(ranked, wrote),
        "severity": max((reason.severity for reason in ranked), key=RANK.__getitem__),
        "score": max(reason.score for reason in ranked),
        "stakes": stakes,
        "started_at": min(reason.started_at for reason in ranked),
        "detected_at": case.detected_at,
        "due_at": min(case.due_at, *(reason.due_at for reason in ranked)),
        "horizon_days": next((one.horizon_days for one in ranked if one.horizon_days), None),
        "probability": next((one.probability for one in ranked if one.horizon_days), None),
        "reasons": tuple(ranked) if len(ranked) > 1 else (),
        "updated_at": _updated_at(case, ranked),
    }
    changed = case.model_copy(update=fields)
    return changed if changed == case else changed.model_copy(update={"revision": case.revision + 1})


def _updated_at(case: ChurnAlert, reasons: Sequence[CaseReason]) -> datetime | None:
    newest = max(reason.detected_at for reason in reasons)
    return newest if newest > case.detected_at else case.updated_at


def _reason(alert: ChurnAlert) -> CaseReason:
    fields = {name: value for name, value in alert if name in _COPIED}
    if alert.next_action.startswith(_WROTE):
        fields["next_action"] = alert.next_action.partition(_THEN)[2]
    return CaseReason.model_validate(fields)


def _order(reason: CaseReason) -> tuple[int, float, str]:
    return -RANK[reason.severity], -reason.score, reason.cause


def _sentence(reasons: Sequence[CaseReason]) -> str:
    """Return the strongest cause's sentence, then the others without the name of the account."""
    others = (reason.sentence.partition(": ")[2] or reason.sentence for reason in reasons[1:])
    return " Also: ".join([reasons[0].sentence, *others])[:_MOST_TEXT]


def _shared(reasons: Sequence[CaseReason]) -> tuple[Contribution, ...]:
    if len(reasons) == 1:
        return reasons[0].contributions
    told = [reason for reason in reasons if reason.contributions]
    whole = sum(max(reason.score, 1e-6) for reason in told)
    return tuple(
        part.model_copy(update={"share": min(1.0, part.share * max(reason.score, 1e-6) / whole)})
        for reason in told
        for part in reason.contributions
    )


FilingChange = Literal["opened", "joined", "retold", "unchanged", "rested", "quietened"]


class Filing(NamedTuple):
    """What an alert does: the kind of change, and the case after it, or None if there is none.

    "joined" is a new cause of an open case, "retold" a newer alert of a cause that it has. An alert that
    "rested" or was "quietened" opens no case.
    """

    change: FilingChange
    case: ChurnAlert | None = None


def filing_of(
    alert: ChurnAlert,
    case: ChurnAlert | None,
    closed: ClosedCase | None,
    *,
    wrote: HeardWords | None,
    is_silenced: bool = False,
) -> Filing:
    """Return what an alert does to the open case of its account, or whether it opens one.

    `closed` is the newest closed case of the account, `wrote` its newest message; `is_silenced` says that
    the rule of the alert is quiet. Raises ValueError if the alert belongs to another account.
    """
    if case is not None:
        after = joined(case, alert, wrote)
        if after == case:
            return Filing("unchanged", case)
        return Filing("retold" if alert.cause in case.causes else "joined", after)
    if not may_open(closed, alert):
        return Filing("rested")
    if is_silenced:
        return Filing("quietened")
    return Filing("opened", current(alert, wrote).model_copy(update={"revision": 1}))


def retold(case: ChurnAlert, told: ChurnAlert | None, wrote: HeardWords | None) -> ChurnAlert:
    """Return an open case after newer signals of its account.

    `told` is the alert that presents the live signals, None if there is none. Its cause does not join the
    case if the case has another one: it may be held for an incident.
    """
    after = case
    if told is not None and told.cause in case.causes:
        after = joined(case, told, wrote)
    return current(after, wrote)
