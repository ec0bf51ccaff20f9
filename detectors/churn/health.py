"""The memory of one account's signals: bounded, and the same for every order of arrival."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from detectors.churn.mood import ScoredMessage
from detectors.churn.policy import ChurnPolicy
from schemas.base import Id, Instant, Record
from schemas.churn import AlertCause, ChurnAlert, Signal
from schemas.tickets import Sentiment
from schemas.usage import Anomaly

_DEFAULT = ChurnPolicy()
_Kept = TypeVar("_Kept", bound=Record)


class Alerted(Record):
    """The last alert of one cause: `at` starts the cool-down."""

    cause: AlertCause
    dedup_key: Id
    at: Instant


class AccountHealth(Record):
    """The state of one account in churn; immutable, `after` returns the next state.

    Signals are a set: a repeated id changes nothing, and any order gives the same health. Only the newest
    signals of each kind within `memory_days` are kept. A sentiment that abstained has no score and changes
    nothing. JSON both ways by `to_json` and `model_validate`.

    Examples
    --------
    >>> AccountHealth(account_id="acme").moods
    ()
    """

    account_id: Id
    anomalies: tuple[Anomaly, ...] = ()
    moods: tuple[ScoredMessage, ...] = ()
    alerted: tuple[Alerted, ...] = ()

    def after(self, signal: Signal, policy: ChurnPolicy = _DEFAULT) -> "AccountHealth":
        """Return the health with one more signal.

        Raises
        ------
        ValueError
            If the signal belongs to another account.
        """
        if signal.account_id != self.account_id:
            raise ValueError("signal of another account")
        if isinstance(signal, Sentiment):
            return self._after_sentiment(signal, policy)
        kept = _kept(self.anomalies, signal, _order_of_anomaly, policy.max_anomalies)
        recent = _recent(kept, lambda anomaly: anomaly.detected_at, policy)
        return self.model_copy(update={"anomalies": recent})

    def _after_sentiment(self, signal: Sentiment, policy: ChurnPolicy) -> "AccountHealth":
        if signal.score is None or signal.abstained is not None:
            return self
        value = signal.score - policy.frustration_weight * signal.frustration
        mood = ScoredMessage(event_id=signal.event_id, at=signal.occurred_at, value=value)
        kept = _kept(self.moods, mood, lambda kept: (kept.at, kept.event_id), policy.max_moods)
        return self.model_copy(update={"moods": _recent(kept, lambda mood: mood.at, policy)})

    def after_alert(self, alert: ChurnAlert) -> "AccountHealth":
        """Return the health that remembers this alert, so its cause is not raised during the cool-down."""
        others = [alerted for alerted in self.alerted if alerted.cause != alert.cause]
        newest = Alerted(cause=alert.cause, dedup_key=alert.dedup_key, at=alert.detected_at)
        alerted = tuple(sorted([*others, newest], key=lambda alerted: str(alerted.cause)))
        return self.model_copy(update={"alerted": alerted})

    def after_incident(self, alert: ChurnAlert) -> "AccountHealth":
        """Return the health without the anomalies and the cool-down that an incident explains."""
        explained = {source for contribution in alert.contributions for source in contribution.source_ids}
        anomalies = tuple(anomaly for anomaly in self.anomalies if anomaly.anomaly_id not in explained)
        alerted = tuple(alerted for alerted in self.alerted if alerted.dedup_key != alert.dedup_key)
        return self.model_copy(update={"anomalies": anomalies, "alerted": alerted})

    def resting(self, cause: AlertCause, now: datetime, policy: ChurnPolicy) -> bool:
        """Return whether an alert of this cause was raised within the cool-down."""
        rest = timedelta(days=policy.cool_down_days)
        return any(alerted.cause == cause and abs(now - alerted.at) < rest for alerted in self.alerted)


def _order_of_anomaly(anomaly: Anomaly) -> tuple[datetime, str]:
    return anomaly.detected_at, anomaly.anomaly_id


def _kept(
    old: tuple[_Kept, ...], new: _Kept, key: Callable[[_Kept], tuple[datetime, str]], most: int
) -> tuple[_Kept, ...]:
    """Return the newest `most` records with `new` among them, in the order of `key`.

    Of several records with one id the earliest stays, so the order of arrival does not matter.
    """
    identity = key(new)[1]
    same = [new] + [record for record in old if key(record)[1] == identity]
    others = [record for record in old if key(record)[1] != identity]
    others.append(min(same, key=key))
    return tuple(sorted(others, key=key)[-most:])


def _recent(
    kept: tuple[_Kept, ...], at: Callable[[_Kept], datetime], policy: ChurnPolicy
) -> tuple[_Kept, ...]:
    oldest = at(kept[-1]) - timedelta(days=policy.memory_days)
    return tuple(record for record in kept if at(record) >= oldest)
