"""Many accounts that move together share one cause: hold their alerts and raise one incident."""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from detectors.churn.policy import HoldPolicy
from schemas.base import Id, Instant, Name, Record
from schemas.churn import AlertCause, ChurnAlert, Incident

_DEFAULT = HoldPolicy()
_HELD: frozenset[AlertCause] = frozenset({"drop", "silence", "error_surge"})
"""Causes whose alerts are held: an outage of the product can make them."""

_MOST_ACCOUNTS = 10_000
"""Accounts that an incident names at most, as in `schemas.churn.Incident`."""

_WORDS: dict[AlertCause, str] = {"drop": "a fall", "silence": "silence", "error_surge": "a surge"}


class Move(Record):
    """One account left its expected band: the cause, the metric and the time."""

    account_id: Id
    cause: AlertCause
    metric: Name
    at: Instant


class HoldResult(NamedTuple):
    """The next state, the alerts that go out now, and the incident that replaces the swallowed alerts."""

    state: "SharedCause"
    released: tuple[ChurnAlert, ...] = ()
    swallowed: tuple[ChurnAlert, ...] = ()
    incident: Incident | None = None


class SharedCause(Record):
    """Alerts on hold, recent moves and recent incidents of one partition; JSON both ways.

    `offer` takes an alert, `advance` the event time; both return a `HoldResult` with the next state. A usage
    alert waits `hold_minutes` of event time for similar alerts; a mood alert goes out at once.

    Examples
    --------
    >>> SharedCause().next_due() is None
    True
    """

    moves: tuple[Move, ...] = ()
    held: tuple[ChurnAlert, ...] = ()
    incidents: tuple[Incident, ...] = ()

    def offer(self, alert: ChurnAlert, *, active_accounts: int, policy: HoldPolicy = _DEFAULT) -> HoldResult:
        """Take one new alert and return the alerts that go out.

        `active_accounts` is the number of accounts that this partition knows.
        """
        state, released, _, _ = self.advance(alert.detected_at, policy=policy)
        if alert.cause not in _HELD:
            return HoldResult(state, (*released, alert))
        if any(held.alert_id == alert.alert_id for held in state.held):
            return HoldResult(state, released)
        state = state._with_move(_move(alert), policy)
        known = state._incident_of(_move(alert), policy)
        if known is not None:
            grown = _grown(known, alert.account_id, active_accounts)
            return HoldResult(state._with_incident(grown), released, (alert,), grown)
        return state._judge(alert, released, active_accounts, policy)

    def advance(self, now: datetime, *, policy: HoldPolicy = _DEFAULT) -> HoldResult:
        """Release every alert whose hold is over at event time `now`, oldest first; end old incidents."""
        hold = timedelta(minutes=policy.hold_minutes)
        over = timedelta(hours=policy.incident_hours)
        due = tuple(alert for alert in self.held if alert.detected_at + hold <= now)
        live = tuple(incident for incident in self.incidents if incident.detected_at + over > now)
        if not due and len(live) == len(self.incidents):
            return HoldResult(self)
        waiting = tuple(alert for alert in self.held if alert.detected_at + hold > now)
        return HoldResult(self.model_copy(update={"held": waiting, "incidents": live}), due)

    def next_due(self, policy: HoldPolicy = _DEFAULT) -> datetime | None:
        """Return the event time from which `advance` releases an alert, or None if no alert is held."""
        first = min((alert.detected_at for alert in self.held), default=None)
        return None if first is None else first + timedelta(minutes=policy.hold_minutes)

    def _with_move(self, move: Move, policy: HoldPolicy) -> "SharedCause":
        # Moves are kept longer than the window: in a replay one partition may be hours ahead of another.
        window = timedelta(hours=policy.incident_hours)
        newest = max((move.at, *(earlier.at for earlier in self.moves)))
        kept = {_key(known): known for known in (*self.moves, move) if newest - known.at <= window}
        moves = sorted(kept.values(), key=lambda known: (known.at, _key(known)))[-policy.max_moves :]
        return self.model_copy(update={"moves": tuple(moves)})

    def _incident_of(self, move: Move, policy: HoldPolicy) -> Incident | None:
        """Return the incident of this move: the same cause and metric within `join_hours`; or None."""
        group, reach = (move.cause, move.metric), timedelta(hours=policy.join_hours)
        same = (incident for incident in self.incidents if (incident.cause, incident.metric) == group)
        return next((incident for incident in same if abs(move.at - incident.detected_at) <= reach), None)

    def _with_incident(self, incident: Incident) -> "SharedCause":
        others = tuple(known for known in self.incidents if known.incident_id != incident.incident_id)
        return self.model_copy(update={"incidents": (*others, incident)})

    def _judge(
        self, alert: ChurnAlert, released: tuple[ChurnAlert, ...], active_accounts: int, policy: HoldPolicy
    ) -> HoldResult:
        group, window = _move(alert), timedelta(hours=policy.window_hours)
        together = {
            move.account_id
            for move in self.moves
            if (move.cause, move.metric) == (group.cause, group.metric) and abs(move.at - group.at) <= window
        }
        held = (*self.held, alert)
        share = min(1.0, len(together) / max(active_accounts, len(together)))
        if len(together) < policy.least_accounts or share < policy.least_share:
            room = len(held) - policy.max_moves
            early = held[:room] if room > 0 else ()
            waiting = self.model_copy(update={"held": held[len(early) :]})
            return HoldResult(waiting, (*released, *early))
        same = tuple(
            known
            for known in held
            if _key(_move(known))[1:] == (group.cause, group.metric)
            and abs(known.detected_at - alert.detected_at) <= window
        )
        incident = _incident(same, sorted(together)[:_MOST_ACCOUNTS], share)
        others = tuple(known for known in held if known not in same)
        state = self.model_copy(update={"held": others})._with_incident(incident)
        return HoldResult(state, released, same, incident)


def _move(alert: ChurnAlert) -> Move:
    metric = alert.chart_metric or alert.cause
    return Move(account_id=alert.account_id, cause=alert.cause, metric=metric, at=alert.detected_at)


def _key(move: Move) -> tuple[str, str, str]:
    return (move.account_id, move.cause, move.metric)


def _incident(alerts: tuple[ChurnAlert, ...], account_ids: list[str], share: float) -> Incident:
    last = alerts[-1]
    move = _move(last)
    started_at = min(alert.started_at for alert in alerts)
    text = "\n".join((move.cause, move.metric, started_at.isoformat(), *account_ids[:1]))
    return Incident(
        incident_id="in-" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest(),
        cause=move.cause,
        metric=move.metric,
        account_ids=tuple(account_ids),
        share_of_accounts=share,
        sentence=_sentence(move.cause, move.metric, len(account_ids), share),
        started_at=started_at,
        detected_at=last.detected_at,
    )


def _grown(incident: Incident, account_id: str, active_accounts: int) -> Incident:
    """Return a live incident with one more account; its id and times stay."""
    account_ids = tuple(sorted({*incident.account_ids, account_id}))[:_MOST_ACCOUNTS]
    share = min(1.0, len(account_ids) / max(active_accounts, len(account_ids)))
    sentence = _sentence(incident.cause, incident.metric, len(account_ids), share)
    changes = {"account_ids": account_ids, "share_of_accounts": share, "sentence": sentence}
    return incident.model_copy(update=changes)


def _sentence(cause: AlertCause, metric: str, accounts: int, share: float) -> str:
    change = _WORDS.get(cause, cause)
    subject = f"{accounts:,} accounts ({share:.0%} of the active ones)"
    return f"{subject} show {change} of {metric} at once: one shared cause."
