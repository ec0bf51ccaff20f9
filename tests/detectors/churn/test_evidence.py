"""What the health of an account tells the hazard: only what was known at the end of the day."""

import random
from datetime import timedelta
from typing import Any

import pytest

from detectors.churn.evidence import evidence_of, p_of
from detectors.churn.hazard.evidence import UNKNOWN
from detectors.churn.health import AccountHealth
from schemas import Sentiment
from tests.streams.support.samples import WHEN
from tests.streams.test_churn_handler import anomaly

END = WHEN + timedelta(days=1)


def said(number: int, *, days: float = 0.0, score: float = 0.4, **changes: Any) -> Sentiment:
    at = WHEN - timedelta(days=days)
    shares = (0.1, 0.2, 0.7) if score > 0 else (0.8, 0.1, 0.1)
    fields = {"event_id": f"m{number}", "ticket_id": f"t{number}", "account_id": "a", "label": None}
    scored = {"probabilities": shares, "score": score, "model": "m", "occurred_at": at, "scored_at": at}
    return Sentiment.model_validate(fields | scored | changes)


def health_of(*signals: Any) -> AccountHealth:
    health = AccountHealth(account_id="a")
    for signal in signals:
        health = health.after(signal)
    return health


def test_without_signals_all_is_unknown() -> None:
    assert evidence_of(AccountHealth(account_id="a"), end=END) == UNKNOWN


def test_live_anomalies_give_the_lowest_p_value_of_their_side() -> None:
    old, fall = anomaly("a", "drop", at=WHEN - timedelta(days=20)), anomaly("a", "silence")
    strong = fall.model_copy(update={"anomaly_id": "x", "deviation": -7.0})
    found = evidence_of(health_of(old, fall, strong, anomaly("a", "error_surge")), end=END)
    assert found.fall_p == p_of(strong) < p_of(fall) < 1e-5
    assert found.failure_p == p_of(fall)
    assert evidence_of(health_of(old), end=END).fall_p is None


def test_words_of_leaving_count_for_a_month_and_threats_fade() -> None:
    health = health_of(said(1, threat=0.8, asks=("closing",), frustration=0.5))
    fresh, week = (evidence_of(health, end=WHEN + timedelta(days=days)) for days in (0, 7))
    assert (fresh.threat, fresh.frustration, fresh.asks) == (0.8, 0.5, frozenset({"closing"}))
    assert week.threat == pytest.approx(0.4)
    assert week.asks == frozenset({"closing"})
    month = evidence_of(health, end=WHEN + timedelta(days=29))
    assert (month.threat, month.asks, month.mood) == (None, frozenset(), None)


def test_signals_after_the_end_of_the_day_do_not_count() -> None:
    calm = [said(number, days=30 - number) for number in range(8)]
    later = [said(number, days=-2, score=-0.7, threat=0.9, asks=("closing",)) for number in (20, 21, 22)]
    before = evidence_of(health_of(*calm), end=END)
    assert evidence_of(health_of(*calm, *later, anomaly("a", at=WHEN + timedelta(days=2))), end=END) == before
    assert before.mood is not None


def test_a_mood_that_falls_has_a_past_to_compare_with() -> None:
    calm = [said(number, days=60 - number) for number in range(10)]
    angry = [said(number, days=0.1, score=-0.7) for number in (20, 21, 22, 23)]
    found = evidence_of(health_of(*calm, *angry), end=END)
    assert found.mood is not None
    assert found.usual_mood is not None
    assert found.usual_mood - found.mood > 0.5


def test_the_order_of_messages_changes_nothing_and_the_memory_is_bounded() -> None:
    signals = [said(number, days=number, threat=0.5) for number in range(30)]
    first = health_of(*signals)
    random.Random(1).shuffle(signals)
    assert health_of(*signals, signals[0]) == first
    assert [words.event_id for words in first.heard] == [f"m{number}" for number in reversed(range(12))]
    assert first.wrote is not None
    assert first.wrote.event_id == "m0"
