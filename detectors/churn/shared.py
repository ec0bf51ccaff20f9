"""Many accounts that move together have one cause, and it is not theirs: hold, and raise one incident."""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from detectors.churn.policy import HoldPolicy
from schemas.base import Id, Instant, Name, Record
from schemas.churn import AlertCause, ChurnAlert, Incident

_DEFAULT = HoldPolicy()
_HELD: frozenset[AlertCause] = frozenset({"drop", "silence", "error_surge"})
_MOST_ACCOUNTS = 10_000
_WORDS: dict[AlertCause, str] = {"drop": "a fall", "silence": "silence", "error_surge": "a surge"}


class Move(Record):
    """One account left its band in one way."""

    account_id: Id
    cause: AlertCause
    metric: Name
    at: Instant


class HoldResult(NamedTuple):
    """The next state, the alerts that may go out now, and the incident that replaces the others."""

    state: "SharedCause"
    released: tuple[ChurnAlert, ...] = ()
    swallowed: tuple[ChurnAlert, ...] = ()
    incident: Incident | None = None


class SharedCause(Record):
    """Alerts on hold, recent moves and recent incidents of one partition; JSON both ways.

    `offer` takes an alert, `advance` the event time; both return a `HoldResult` with the next state. An
    alert of usage waits `hold_minutes` of event time for others like it; one of mood goes out at once.

    Examples
    --------
    >>> SharedCause().next_due() is None
    True
    """

    moves: tuple[Move, ...] = ()
    held: tuple[ChurnAlert, ...] = ()
    incidents: tuple[Incident, ...] = ()

    def offer(self, alert: ChurnAlert, *, active_accounts: int, policy: HoldPolicy = _DEFAULT) -> HoldResult:
        """Take one new alert and say what may go out; `active_accounts` is how many this partition knows."""
        state, released, _, _ = self.advance(alert.detected_at, policy=policy)
        if alert.cause not in _HELD:
            return HoldResult(state, (*released, alert))
        if any(one.alert_id == alert.alert_id for one in state.held):
            return HoldResult(state, released)
        state = state._with_move(_move(alert), policy)
        known = state._incident_of(_move(alert), policy)
        if known is not None:
            grown = _grown(known, alert.account_id, active_accounts)
            return HoldResult(state._with_incident(grown), released, (alert,), grown)
        return state._judge(alert, released, active_accounts, policy)

    def advance(self, now: datetime, *, policy: HoldPolicy = _DEFAULT) -> HoldResult:
        """Release every alert whose hold is over at event time `now`, oldest first."""
        hold = timedelta(minutes=policy.hold_minutes)
        over = timedelta(hours=policy.incident_hours)
        due = tuple(one for one in self.held if one.detected_at + hold <= now)
        live = tuple(one for one in self.incidents if one.detected_at + over > now)
        if not due and len(live) == len(self.incidents):
            return HoldResult(self)
        waiting = tuple(one for one in self.held if one.detected_at + hold > now)
        return HoldResult(self.model_copy(update={"held": waiting, "incidents": live}), due)

    def next_due(self, policy: HoldPolicy = _DEFAULT) -> datetime | None:
        """Return the event time from which `advance` releases something, or None."""
        first = min((one.detected_at for one in self.held), default=None)
        return None if first is None else first + timedelta(minutes=policy.hold_minutes)

    def _with_move(self, move: Move, policy: HoldPolicy) -> "SharedCause":
        # Kept longer than the window: in a replay one partition may be hours ahead of another.
        window = timedelta(hours=policy.incident_hours)
        newest = max((move.at, *(one.at for one in self.moves)))
        kept = {_key(one): one for one in (*self.moves, move) if newest - one.at <= window}
        moves = sorted(kept.values(), key=lambda one: (one.at, _key(one)))[-policy.max_moves :]
        return self.model_copy(update={"moves": tuple(moves)})

    def _incident_of(self, move: Move, policy: HoldPolicy) -> Incident | None:
        """Return the incident that this move belongs to: the same group, at about the same time."""
        group, reach = (move.cause, move.metric), timedelta(hours=policy.join_hours)
        same = (one for one in self.incidents if (one.cause, one.metric) == group)
        return next((one for one in same if abs(move.at - one.detected_at) <= reach), None)

    def _with_incident(self, incident: Incident) -> "SharedCause":
        others = tuple(one for one in self.incidents if one.incident_id != incident.incident_id)
        return self.model_copy(update={"incidents": (*others, incident)})

    def _judge(
        self, alert: ChurnAlert, released: tuple[ChurnAlert, ...], active_accounts: int, policy: HoldPolicy
    ) -> HoldResult:
        group, window = _move(alert), timedelta(hours=policy.window_hours)
        together = {
            one.account_id
            for one in self.moves
            if (one.cause, one.metric) == (group.cause, group.metric) and abs(one.at - group.at) <= window
        }
        held = (*self.held, alert)
        share = min(1.0, len(together) / max(active_accounts, len(together)))
        if len(together) < policy.least_accounts or share < policy.least_share:
            room = len(held) - policy.max_moves
            early = held[:room] if room > 0 else ()
            waiting = self.model_copy(update={"held": held[len(early) :]})
            return HoldResult(waiting, (*released, *early))
        same = tuple(
            one
            for one in held
            if _key(_move(one))[1:] == (group.cause, group.metric)
            and abs(one.detected_at - alert.detected_at) <= window
        )
        incident = _incident(same, sorted(together)[:_MOST_ACCOUNTS], share)
        others = tuple(one for one in held if one not in same)
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
    started_at = min(one.started_at for one in alerts)
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
    """Add one more account to a live incident; its id and times stay."""
    account_ids = tuple(sorted({*incident.account_ids, account_id}))[:_MOST_ACCOUNTS]
    share = min(1.0, len(account_ids) / max(active_accounts, len(account_ids)))
    sentence = _sentence(incident.cause, incident.metric, len(account_ids), share)
    changes = {"account_ids": account_ids, "share_of_accounts": share, "sentence": sentence}
    return incident.model_copy(update=changes)


def _sentence(cause: AlertCause, metric: str, accounts: int, share: float) -> str:
    what = _WORDS.get(cause, cause)
    who = f"{accounts:,} accounts ({share:.0%} of the active ones)"
    return f"{who} show {what} of {metric} at once: one shared cause."
