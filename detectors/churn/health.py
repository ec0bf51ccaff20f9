"""What is remembered of one account's signals: bounded, and the same in whatever order they came."""

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
    """The state of one account in churn; immutable, `after` returns the next one.

    Signals are a set: a repeated id changes nothing, and any order gives the same health. Only the
    newest of each kind within `memory_days` are kept. Abstained sentiments carry no score and leave
    no trace. JSON both ways by `to_json` and `model_validate`.

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
            If the signal is another account's.
        """
        if signal.account_id != self.account_id:
            raise ValueError("signal of another account")
        if isinstance(signal, Sentiment):
            return self._after_sentiment(signal, policy)
        kept = _kept(
            self.anomalies, signal, lambda one: (one.detected_at, one.anomaly_id), policy.max_anomalies
        )
        recent = _recent(kept, lambda one: one.detected_at, policy)
        return self.model_copy(update={"anomalies": recent})

    def _after_sentiment(self, signal: Sentiment, policy: ChurnPolicy) -> "AccountHealth":
        if signal.score is None or signal.abstained is not None:
            return self
        value = signal.score - policy.frustration_weight * signal.frustration
        mood = ScoredMessage(event_id=signal.event_id, at=signal.occurred_at, value=value)
        kept = _kept(self.moods, mood, lambda one: (one.at, one.event_id), policy.max_moods)
        return self.model_copy(update={"moods": _recent(kept, lambda one: one.at, policy)})

    def after_alert(self, alert: ChurnAlert) -> "AccountHealth":
        """Return the health that remembers this alert, so that its cause is quiet for the cool-down."""
        others = [one for one in self.alerted if one.cause != alert.cause]
        mine = Alerted(cause=alert.cause, dedup_key=alert.dedup_key, at=alert.detected_at)
        alerted = tuple(sorted([*others, mine], key=lambda one: str(one.cause)))
        return self.model_copy(update={"alerted": alerted})

    def after_incident(self, alert: ChurnAlert) -> "AccountHealth":
        """Return the health without the anomalies and the cool-down that an incident explains."""
        explained = {source for one in alert.contributions for source in one.source_ids}
        anomalies = tuple(one for one in self.anomalies if one.anomaly_id not in explained)
        alerted = tuple(one for one in self.alerted if one.dedup_key != alert.dedup_key)
        return self.model_copy(update={"anomalies": anomalies, "alerted": alerted})

    def resting(self, cause: AlertCause, now: datetime, policy: ChurnPolicy) -> bool:
        """Whether an alert of this cause was raised within the cool-down."""
        rest = timedelta(days=policy.cool_down_days)
        return any(one.cause == cause and abs(now - one.at) < rest for one in self.alerted)


def _kept(
    old: tuple[_Kept, ...], new: _Kept, key: Callable[[_Kept], tuple[datetime, str]], most: int
) -> tuple[_Kept, ...]:
    """Add one unless its id is known; of the same id the earliest stays, so that order does not matter."""
    identity = key(new)[1]
    same = [new] + [one for one in old if key(one)[1] == identity]
    others = [one for one in old if key(one)[1] != identity]
    others.append(min(same, key=key))
    return tuple(sorted(others, key=key)[-most:])


def _recent(
    kept: tuple[_Kept, ...], at: Callable[[_Kept], datetime], policy: ChurnPolicy
) -> tuple[_Kept, ...]:
    oldest = at(kept[-1]) - timedelta(days=policy.memory_days)
    return tuple(one for one in kept if at(one) >= oldest)
