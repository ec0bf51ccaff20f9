"""Many accounts that move together share one cause: hold their alerts and raise one incident."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from pydantic import Field

from detectors.churn.policy import HoldPolicy
from schemas.base import Id, Instant, Name, Record
from schemas.churn import AlertCause, ChurnAlert, Incident

_DEFAULT = HoldPolicy()
HELD_CAUSES: frozenset[AlertCause] = frozenset({"drop", "silence", "error_surge"})
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
    alert waits `hold_minutes` of event time for others; a mood alert goes out at once. An outage shows as
    falls of several metrics, as silence and as failures, so all usage alerts are counted together.

    An incident goes on while its accounts are reported again. An account that is reported again when most
    others are not gets an alert of its own: it did not recover with them. `latest` has the time of the newest
    move of each incident, by its id.

    Examples
    --------
    >>> SharedCause().next_due() is None
    True
    """

    moves: tuple[Move, ...] = ()
    held: tuple[ChurnAlert, ...] = ()
    incidents: tuple[Incident, ...] = ()
    latest: dict[Id, Instant] = Field(default_factory=dict)

    def offer(self, alert: ChurnAlert, *, active_accounts: int, policy: HoldPolicy = _DEFAULT) -> HoldResult:
        """Take one new alert and return the alerts that go out.

        `active_accounts` is the number of accounts that this partition knows.
        """
        state, released, swallowed, _ = self.advance(alert.detected_at, policy=policy)
        verdict = state._offered(alert, released, active_accounts, policy)
        return verdict._replace(swallowed=(*swallowed, *verdict.swallowed))

    def _offered(
        self, alert: ChurnAlert, released: tuple[ChurnAlert, ...], active_accounts: int, policy: HoldPolicy
    ) -> HoldResult:
        state = self
        if alert.cause not in HELD_CAUSES:
            return HoldResult(state, (*released, alert))
        if any(held.alert_id == alert.alert_id for held in state.held):
            return HoldResult(state, released)
        state = state._with_move(_move(alert), policy)
        known = state._incident_of(_move(alert), policy)
        if known is not None:
            grown = _grown(known, [alert.account_id], active_accounts)
            return HoldResult(state._with_incident(grown, alert.detected_at), released, (alert,), grown)
        return state._judge(alert, released, active_accounts, policy)

    def advance(self, now: datetime, *, policy: HoldPolicy = _DEFAULT) -> HoldResult:
        """Release every alert whose hold is over at event time `now`, oldest first; end old incidents.

        An alert that the account's cohort explains is swallowed: it is no trouble of this account.
        """
        hold = timedelta(minutes=policy.hold_minutes)
        over = timedelta(hours=policy.incident_hours)
        due = tuple(alert for alert in self.held if alert.detected_at + hold <= now)
        live = tuple(incident for incident in self.incidents if self._latest_of(incident) + over > now)
        if not due and len(live) == len(self.incidents):
            return HoldResult(self)
        waiting = tuple(alert for alert in self.held if alert.detected_at + hold > now)
        latest = {incident.incident_id: self._latest_of(incident) for incident in live}
        changes = {"held": waiting, "incidents": live, "latest": latest}
        own, shared = (
            tuple(alert for alert in due if alert.shared is is_shared) for is_shared in (False, True)
        )
        return HoldResult(self.model_copy(update=changes), own, shared)

    def next_due(self, policy: HoldPolicy = _DEFAULT) -> datetime | None:
        """Return the event time from which `advance` releases an alert, or None if no alert is held."""
        first = min((alert.detected_at for alert in self.held), default=None)
        return None if first is None else first + timedelta(minutes=policy.hold_minutes)

    def without(self, incident: Incident) -> "SharedCause":
        """Return the state that no longer follows an incident: another watch does.

        The moves of its accounts go too: with them one alert more would make the same incident again.
        """
        others = tuple(known for known in self.incidents if known.incident_id != incident.incident_id)
        latest = {key: at for key, at in self.latest.items() if key != incident.incident_id}
        moves = tuple(move for move in self.moves if move.account_id not in incident.account_ids)
        return self.model_copy(update={"incidents": others, "latest": latest, "moves": moves})

    def _with_move(self, move: Move, policy: HoldPolicy) -> "SharedCause":
        # Moves are kept longer than the window: in a replay one partition may be hours ahead of another.
        window = timedelta(hours=policy.incident_hours)
        newest = max((move.at, *(earlier.at for earlier in self.moves)))
        kept = {_key(known): known for known in (*self.moves, move) if newest - known.at <= window}
        moves = sorted(kept.values(), key=lambda known: (known.at, _key(known)))[-policy.max_moves :]
        return self.model_copy(update={"moves": tuple(moves)})

    def _latest_of(self, incident: Incident) -> datetime:
        return self.latest.get(incident.incident_id, incident.detected_at)

    def _incident_of(self, move: Move, policy: HoldPolicy) -> Incident | None:
        """Return the incident that a move within `join_hours` of it joins, or None.

        An account of the incident joins by its newest move, others by its detection.
        """
        reach = timedelta(hours=policy.join_hours)
        for incident in self.incidents:
            near = abs(move.at - incident.detected_at) <= reach
            if near or (
                move.account_id in incident.account_ids and abs(move.at - self._latest_of(incident)) <= reach
            ):
                return incident
        return None

    def _with_incident(self, incident: Incident, at: datetime) -> "SharedCause":
        others = tuple(known for known in self.incidents if known.incident_id != incident.incident_id)
        latest = {**self.latest, incident.incident_id: max(at, self._latest_of(incident))}
        return self.model_copy(update={"incidents": (*others, incident), "latest": latest})

    def _together(self, at: datetime, policy: HoldPolicy) -> tuple[list[Move], int]:
        """Return the moves within the window, one per account, and how many other accounts moved lately."""
        window, past = timedelta(hours=policy.window_hours), timedelta(hours=policy.past_hours)
        inside = {move.account_id: move for move in self.moves if abs(move.at - at) <= window}
        near = {move.account_id for move in self.moves if abs(move.at - at) <= past}
        return [inside[account_id] for account_id in sorted(inside)], len(near - inside.keys())

    def _judge(
        self, alert: ChurnAlert, released: tuple[ChurnAlert, ...], active_accounts: int, policy: HoldPolicy
    ) -> HoldResult:
        together, others = self._together(alert.detected_at, policy)
        active = max(active_accounts, len(together))
        held = (*self.held, alert)
        if len(together) < max(policy.least_accounts + policy.least_share * active, others):
            room = len(held) - policy.max_moves
            early = held[:room] if room > 0 else ()
            waiting = self.model_copy(update={"held": held[len(early) :]})
            return HoldResult(waiting, (*released, *early))
        reach = timedelta(hours=policy.join_hours)
        same = tuple(known for known in held if abs(known.detected_at - alert.detected_at) <= reach)
        incident = self._going_on(together, active) or _incident(same, together, active)
        state = self.model_copy(update={"held": tuple(known for known in held if known not in same)})
        return HoldResult(state._with_incident(incident, alert.detected_at), released, same, incident)

    def _going_on(self, together: list[Move], active: int) -> Incident | None:
        """Return the live incident that has half of the accounts, with all of them, or None."""
        account_ids = [move.account_id for move in together]
        for incident in self.incidents:
            if 2 * len(set(account_ids) & set(incident.account_ids)) >= len(account_ids):
                return _grown(incident, account_ids, active)
        return None


def _move(alert: ChurnAlert) -> Move:
    metric = alert.chart_metric or alert.cause
    return Move(account_id=alert.account_id, cause=alert.cause, metric=metric, at=alert.detected_at)


def _key(move: Move) -> tuple[str, str, str]:
    return (move.account_id, move.cause, move.metric)


def _incident(alerts: tuple[ChurnAlert, ...], together: list[Move], active: int) -> Incident:
    """Return a new incident, named after the most frequent move; it began when half of its alerts had."""
    kinds = Counter((move.cause, move.metric) for move in together)
    cause, metric = min(kinds, key=lambda kind: (-kinds[kind], kind))
    account_ids = [move.account_id for move in together][:_MOST_ACCOUNTS]
    share = len(together) / active
    started_at = sorted(alert.started_at for alert in alerts)[(len(alerts) - 1) // 2]
    text = "\n".join((cause, metric, started_at.isoformat(), *account_ids[:1]))
    return Incident(
        incident_id="in-" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest(),
        cause=cause,
        metric=metric,
        account_ids=tuple(account_ids),
        share_of_accounts=share,
        sentence=_sentence(cause, metric, len(account_ids), share),
        started_at=started_at,
        detected_at=alerts[-1].detected_at,
    )


def _grown(incident: Incident, more: Sequence[str], active_accounts: int) -> Incident:
    """Return a live incident with more accounts; its id and times stay."""
    account_ids = tuple(sorted({*incident.account_ids, *more}))[:_MOST_ACCOUNTS]
    share = min(1.0, len(account_ids) / max(active_accounts, len(account_ids)))
    sentence = _sentence(incident.cause, incident.metric, len(account_ids), share)
    changes = {"account_ids": account_ids, "share_of_accounts": share, "sentence": sentence}
    return incident.model_copy(update=changes)


def _sentence(cause: AlertCause, metric: str, accounts: int, share: float) -> str:
    change = _WORDS.get(cause, cause)
    subject = f"{accounts:,} accounts ({share:.0%} of the active ones)"
    return f"{subject} show {change} of {metric} at once: one shared cause."
