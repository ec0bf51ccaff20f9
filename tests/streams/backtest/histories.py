"""Small histories in the form that a replay takes."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from detectors.alert_rules import AlertRules
from detectors.churn.hazard.rule import HazardRule
from detectors.churn.hazard.shipped import load_prior
from schemas import Account, Sentiment, UsageEvent
from streams.backtest.churn_replay import ChurnReplay
from streams.backtest.recording import Recording
from streams.backtest.records import Backtest, ReplaySpan, UseReplayed
from streams.backtest.replay import replay_churn, replay_use
from streams.backtest.usage_replay import UsageReplay
from streams.ingest.spool import EncodedRecord, Spool

RULES = AlertRules(HazardRule(load_prior()))
ACCOUNTS = ("a", "b", "c", "d", "e", "f")


@dataclass
class Recorder:
    """Makes recordings of events in order of time; `closing` closes their temporary files."""

    closing: ExitStack

    def __call__(
        self,
        events: Sequence[UsageEvent],
        *,
        span: ReplaySpan | None = None,
        moods: Sequence[Sentiment] = (),
        accounts: Mapping[str, Account] | None = None,
        partitions: int = 1,
    ) -> Recording:
        spool = self.closing.enter_context(Spool())
        for line, event in enumerate(events):
            at, key = event.occurred_at.timestamp(), event.account_id.encode()
            spool.add(EncodedRecord(line, at, key, msgspec.json.encode(event)))
        times = [event.occurred_at for event in events]
        span = span or ReplaySpan(min(times), max(times) + timedelta(seconds=1))
        return Recording(span, spool, moods, accounts or {}, partitions)


def backtest_of(recording: Recording, rules: AlertRules = RULES) -> Backtest:
    return replay_churn(recording, use_of(recording, rules), ChurnReplay(rules, recording.accounts))


def use_of(recording: Recording, rules: AlertRules = RULES) -> UseReplayed:
    return replay_use(recording, UsageReplay(recording.partitions, rules.usage))


MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def steady_use(
    account_ids: Sequence[str] = ACCOUNTS,
    *,
    days: int = 24,
    falls: Mapping[str, tuple[float, float]] | None = None,
) -> list[UsageEvent]:
    """Return hourly use in order of time; `falls` has the day and level of accounts that fall for good."""
    events = []
    for hour in range(24 * days):
        for number, account_id in enumerate(account_ids):
            day, level = (falls or {}).get(account_id, (float(days), 1.0))
            usual = 30.0 + (hour * 7 + number * 3) % 5
            quantity = usual * level if hour >= 24 * day else usual
            at = MONDAY + timedelta(hours=hour, seconds=number)
            if quantity > 0.0:
                events.append(UsageEvent(f"{account_id}-{hour}", account_id, "view", at, quantity))
    return events


def mood_at(account_id: str, at: datetime, score: float) -> Sentiment:
    chances = (0.8, 0.1, 0.1) if score < 0 else (0.1, 0.1, 0.8)
    return Sentiment(
        event_id=f"m-{account_id}-{at.isoformat()}",
        ticket_id="t",
        account_id=account_id,
        label="negative" if score < 0 else "positive",
        probabilities=chances,
        score=score,
        model="m",
        occurred_at=at,
        scored_at=at,
    )
