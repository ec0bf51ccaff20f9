"""The memory of one account's signals: bounded, and the same for every order of arrival."""

from datetime import datetime, timedelta

from detectors.churn.policy import ChurnPolicy, HoldPolicy
from detectors.sentiment.trend import ScoredMessage, keep, message_of, trend_of
from schemas.base import Id, Instant, Name, Record, Share
from schemas.churn import AlertCause, ChurnAlert, Signal
from schemas.tickets import Sentiment
from schemas.trend import Trend
from schemas.usage import Anomaly

_DEFAULT = ChurnPolicy()
_REACH = timedelta(hours=HoldPolicy().join_hours)


class Alerted(Record):
    """The last alert of one cause: `at` starts the cool-down."""

    cause: AlertCause
    dedup_key: Id
    at: Instant


class HeardWords(Record):
    """What the words of one message say of leaving: frustration, threat, and asks by name."""

    event_id: Id
    at: Instant
    ticket_id: Id
    frustration: Share = 0.0
    threat: Share = 0.0
    asks: tuple[Name, ...] = ()


class AccountHealth(Record):
    """The state of one account in churn; immutable, `after` returns the next state.

    Signals are a set: a repeated id changes nothing, and any order gives the same health. Only the newest
    signals of each kind are kept. A sentiment that abstained without probabilities changes nothing. `trend`
    follows from `moods`; a state that an older build stored has none until the next sentiment. `heard` has
    the messages that speak of leaving, `wrote` the newest message, `explained` the newest fall that an
    incident explained. JSON both ways by `to_json` and `model_validate`.

    Examples
    --------
    >>> AccountHealth(account_id="acme").moods
    ()
    """

    account_id: Id
    anomalies: tuple[Anomaly, ...] = ()
    moods: tuple[ScoredMessage, ...] = ()
    trend: Trend | None = None
    alerted: tuple[Alerted, ...] = ()
    heard: tuple[HeardWords, ...] = ()
    wrote: HeardWords | None = None
    explained: Anomaly | None = None

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
        kept = _kept(self.anomalies, signal, policy.max_anomalies)
        oldest = kept[-1].detected_at - timedelta(days=policy.memory_days)
        recent = tuple(anomaly for anomaly in kept if anomaly.detected_at >= oldest)
        return self.model_copy(update={"anomalies": recent})

    def _after_sentiment(self, signal: Sentiment, policy: ChurnPolicy) -> "AccountHealth":
        health = self._after_words(signal, policy)
        message = message_of(signal, policy.mood)
        if message is None:
            return health
        moods = keep(self.moods, message, policy.mood)
        return health.model_copy(update={"moods": moods, "trend": trend_of(moods, policy.mood)})

    def _after_words(self, signal: Sentiment, policy: ChurnPolicy) -> "AccountHealth":
        words = HeardWords(
            event_id=signal.event_id,
            at=signal.occurred_at,
            ticket_id=signal.ticket_id,
            frustration=signal.frustration,
            threat=signal.threat or 0.0,
            asks=signal.asks,
        )
        newest = words if self.wrote is None else max(self.wrote, words, key=_order_of_words)
        if not (words.frustration or words.threat or words.asks):
            return self.model_copy(update={"wrote": newest})
        same = [words, *(known for known in self.heard if known.event_id == words.event_id)]
        others = [known for known in self.heard if known.event_id != words.event_id]
        kept = sorted([*others, min(same, key=_order_of_words)], key=_order_of_words)[-policy.max_heard :]
        return self.model_copy(update={"heard": tuple(kept), "wrote": newest})

    def mood_trend(self, policy: ChurnPolicy = _DEFAULT) -> Trend | None:
        """Return the trend of the mood, or None without a scored message."""
        return self.trend or trend_of(self.moods, policy.mood)

    def after_alert(self, alert: ChurnAlert) -> "AccountHealth":
        """Return the health that remembers this alert, so its cause is not raised during the cool-down."""
        others = [alerted for alerted in self.alerted if alerted.cause != alert.cause]
        newest = Alerted(cause=alert.cause, dedup_key=alert.dedup_key, at=alert.detected_at)
        alerted = tuple(sorted([*others, newest], key=lambda alerted: str(alerted.cause)))
        return self.model_copy(update={"alerted": alerted})

    def after_incident(self, alert: ChurnAlert) -> "AccountHealth":
        """Return the health without the anomalies and the cool-down that an incident explains.

        It explains what the alert tells, and every anomaly that would have joined the incident beside it: a
        fall and failures of one outage are one alert, and the other must not speak at the next message.
        """
        explained = {source for contribution in alert.contributions for source in contribution.source_ids}
        anomalies = tuple(
            anomaly
            for anomaly in self.anomalies
            if anomaly.anomaly_id not in explained and abs(anomaly.detected_at - alert.detected_at) > _REACH
        )
        alerted = tuple(alerted for alerted in self.alerted if alerted.dedup_key != alert.dedup_key)
        gone = [one for one in self.anomalies if one not in anomalies and one.cause != "error_surge"]
        known = [] if self.explained is None else [self.explained]
        newest = max([*known, *gone], key=_order_of_anomaly, default=None)
        return self.model_copy(update={"anomalies": anomalies, "alerted": alerted, "explained": newest})

    def resting(self, cause: AlertCause, now: datetime, policy: ChurnPolicy) -> bool:
        """Return whether an alert of this cause was raised within the cool-down."""
        rest = timedelta(days=policy.cool_down_days)
        return any(alerted.cause == cause and abs(now - alerted.at) < rest for alerted in self.alerted)

    def told(self, trend: Trend | None) -> bool:
        """Return whether the slide of this trend has raised an alert already."""
        since = None if trend is None else trend.since
        slides = [alerted for alerted in self.alerted if alerted.cause == "mood_slide"]
        return since is not None and any(alerted.at >= since for alerted in slides)


def _order_of_words(words: HeardWords) -> tuple[datetime, str]:
    return words.at, words.event_id


def _order_of_anomaly(anomaly: Anomaly) -> tuple[datetime, str]:
    return anomaly.detected_at, anomaly.anomaly_id


def _kept(old: tuple[Anomaly, ...], new: Anomaly, most: int) -> tuple[Anomaly, ...]:
    """Return the newest `most` anomalies with `new` among them, in order of time.

    Of several anomalies with one id the earliest stays, so the order of arrival does not matter.
    """
    same = [new, *(anomaly for anomaly in old if anomaly.anomaly_id == new.anomaly_id)]
    others = [anomaly for anomaly in old if anomaly.anomaly_id != new.anomaly_id]
    return tuple(sorted([*others, min(same, key=_order_of_anomaly)], key=_order_of_anomaly)[-most:])
