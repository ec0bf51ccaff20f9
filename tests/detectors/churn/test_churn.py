"""Churn alerts from signals: causes, evidence, order, cool-down."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.churn import AccountHealth, ChurnPolicy, assess
from schemas.churn import ChurnAlert, Signal
from schemas.knowledge import Account
from schemas.tickets import Sentiment
from schemas.usage import Anomaly, AnomalyCause, ChartPoint

NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)
ACCOUNT = Account(
    account_id="acme",
    name="Acme Robotics",
    plan="scale",
    seats=40,
    annual_revenue=96_000.0,
    renewal_on=NOW + timedelta(days=20),
    owner="R. Field",
)


def anomaly(cause: AnomalyCause = "drop", *, days_ago: float = 0.0, **changes: Any) -> Anomaly:
    metric = {"drop": "task.labelled", "silence": "activity", "error_surge": "errors"}[cause]
    observed, expected = {"drop": (40.0, 300.0), "silence": (0.0, 500.0), "error_surge": (60.0, 4.0)}[cause]
    at = NOW - timedelta(days=days_ago)
    fields = {
        "anomaly_id": f"{cause}-{days_ago}",
        "account_id": "acme",
        "cause": cause,
        "metric": metric,
        "observed": observed,
        "expected": expected,
        "expected_low": expected * 0.7,
        "expected_high": expected * 1.3,
        "deviation": -5.0,
        "baseline_days": 12,
        "sample_count": 900,
        "started_at": at - timedelta(days=1),
        "detected_at": at,
        "summary": f"{metric} went to {observed}; {expected} expected",
        "chart": (ChartPoint(at=at, observed=observed, expected=expected),),
        "model": "m",
    }
    return Anomaly.model_validate({**fields, **changes})


def moods_of(score: float) -> tuple[float, float, float]:
    """Return probabilities (negative, neutral, positive) as a model gives them for this score."""
    other = 0.05 * (1.0 - abs(score))
    negative, positive = other + max(0.0, -score), other + max(0.0, score)
    return negative, 1.0 - negative - positive, positive


def message(score: float | None, *, days_ago: float, frustration: float = 0.0) -> Sentiment:
    at = NOW - timedelta(days=days_ago)
    return Sentiment(
        event_id=f"msg-{days_ago}",
        ticket_id="t",
        account_id="acme",
        label=None,
        probabilities=None if score is None else moods_of(score),
        score=score,
        abstained="language" if score is None else None,
        frustration=frustration,
        model="m",
        occurred_at=at,
        scored_at=at,
    )


def health_of(*signals: Signal) -> AccountHealth:
    health = AccountHealth(account_id="acme")
    for signal in signals:
        health = health.after(signal)
    return health


def alert_of(*signals: Signal, account: Account | None = ACCOUNT, now: datetime = NOW) -> ChurnAlert | None:
    return assess(health_of(*signals), account=account, now=now)


SLIDE = [message(0.4, days_ago=28 - 4 * n) for n in range(4)] + [
    message(-0.7, days_ago=6 - 2 * n) for n in range(4)
]


@pytest.mark.parametrize("cause", ["drop", "silence", "error_surge"])
def test_one_anomaly_makes_an_alert_of_its_cause_with_its_evidence(cause: AnomalyCause) -> None:
    alert = alert_of(anomaly(cause))
    assert alert is not None
    assert alert.cause == cause
    assert [contribution.share for contribution in alert.contributions] == [1.0]
    assert alert.contributions[0].observed == anomaly(cause).observed
    assert alert.contributions[0].source_ids == (anomaly(cause).anomaly_id,)
    assert alert.chart == anomaly(cause).chart
    assert alert.sentence.startswith("Acme Robotics: ")
    assert alert.due_at > alert.detected_at == NOW
    assert alert.next_action


def test_each_cause_has_its_own_next_action() -> None:
    found = [alert_of(anomaly(cause)) for cause in ("drop", "silence", "error_surge")]
    found += [alert_of(*SLIDE), alert_of(*SLIDE, anomaly())]
    assert len({alert.next_action for alert in found if alert}) == 5


def test_a_mood_that_falls_over_weeks_is_a_slide_with_both_means() -> None:
    alert = alert_of(*SLIDE)
    assert alert is not None
    assert alert.cause == "mood_slide"
    assert alert.contributions[0].observed == pytest.approx(-0.7)
    assert alert.contributions[0].expected_low is not None
    assert alert.contributions[0].expected_low > -0.7
    assert len(alert.chart) == len(SLIDE)


@pytest.mark.parametrize(
    "signals",
    [
        [],
        SLIDE[:6],
        SLIDE[:4],
        [message(-0.7, days_ago=30 - 3 * n) for n in range(10)],
        [message(0.4, days_ago=30 - 3 * n) for n in range(10)],
        [message(0.9, days_ago=30 - 3 * n) for n in range(6)] + [message(0.4, days_ago=n) for n in range(4)],
        [message(0.5, days_ago=0.4 - 0.1 * n) for n in range(4)] + [message(-0.5, days_ago=0)],
        [message(0.4, days_ago=9 - n) for n in range(4)] + [message(None, days_ago=4 - n) for n in range(4)],
        [message((-1.0) ** n * 0.8, days_ago=40 - n) for n in range(40)],
    ],
    ids=[
        "none",
        "two bad",
        "no bad",
        "always bad",
        "always good",
        "still fine",
        "one hour",
        "abstained",
        "swings",
    ],
)
def test_a_mood_that_does_not_slide_makes_no_alert(signals: list[Sentiment]) -> None:
    assert alert_of(*signals) is None


def test_frustration_deepens_a_slide() -> None:
    bad = [message(-0.7, days_ago=6 - 2 * n) for n in range(4)]
    angry = [message(-0.7, days_ago=6 - 2 * n, frustration=1.0) for n in range(4)]
    earlier = [message(0.4, days_ago=28 - 4 * n) for n in range(4)]
    calm, heated = alert_of(*earlier, *bad), alert_of(*earlier, *angry)
    assert calm is not None
    assert heated is not None
    assert heated.score > calm.score


def test_usage_and_mood_together_are_combined_and_share_the_score() -> None:
    alert = alert_of(*SLIDE, anomaly(), anomaly("error_surge"))
    assert alert is not None
    assert alert.cause == "combined"
    assert len(alert.contributions) == 3
    assert sum(contribution.share for contribution in alert.contributions) == pytest.approx(1.0)
    single = alert_of(anomaly())
    assert single is not None
    assert alert.score > single.score


def test_contrary_evidence_names_only_measured_signals() -> None:
    steady = [message(0.3, days_ago=20 - 2 * n) for n in range(8)]
    alert = alert_of(*steady, anomaly())
    assert alert is not None
    assert any("no slide" in line for line in alert.contrary)
    without = alert_of(anomaly())
    assert without is not None
    assert not any("mood" in line for line in without.contrary)


def test_unknown_stakes_stay_unknown() -> None:
    alert = alert_of(anomaly(), account=None)
    assert alert is not None
    assert set(alert.stakes.model_dump(exclude={"schema_version"}).values()) == {None}
    known = alert_of(anomaly())
    assert known is not None
    assert known.stakes.annual_revenue == 96_000.0


def test_a_near_renewal_raises_the_severity_and_shortens_the_due_time() -> None:
    far = ACCOUNT.model_copy(update={"renewal_on": NOW + timedelta(days=200)})
    near, later = alert_of(anomaly("silence")), alert_of(anomaly("silence"), account=far)
    assert near is not None
    assert later is not None
    assert (near.severity, later.severity) == ("critical", "critical")
    mild = anomaly(observed=130.0, metric="activity")
    near, later = alert_of(mild), alert_of(mild, account=far)
    assert near is not None
    assert later is not None
    assert (near.severity, later.severity) == ("warning", "watch")
    assert near.due_at < later.due_at


def test_old_signals_fade_and_raise_nothing_new() -> None:
    assert alert_of(anomaly(days_ago=5)) is None
    assert alert_of(anomaly(days_ago=40)) is None
    assert alert_of(anomaly("error_surge", days_ago=2)) is not None


def test_the_cool_down_stops_the_same_cause_and_no_other_cause() -> None:
    health = health_of(anomaly())
    alert = assess(health, account=None, now=NOW)
    assert alert is not None
    health = health.after_alert(alert)
    assert assess(health, account=None, now=NOW) is None
    later = NOW + timedelta(days=10)
    again = health.after(anomaly(days_ago=-10))
    assert assess(again, account=None, now=later) is None
    silent = assess(again.after(anomaly("silence", days_ago=-10)), account=None, now=later)
    assert silent is not None
    assert silent.cause == "silence"
    over = NOW + timedelta(days=29)
    second = assess(health.after(anomaly(days_ago=-29)), account=None, now=over)
    assert second is not None
    assert second.dedup_key != alert.dedup_key


def test_an_incident_removes_the_anomaly_and_its_cool_down() -> None:
    health = health_of(anomaly())
    alert = assess(health, account=None, now=NOW)
    assert alert is not None
    cleared = health.after_alert(alert).after_incident(alert)
    assert assess(cleared, account=None, now=NOW) is None
    assert assess(cleared.after(anomaly(days_ago=-1)), account=None, now=NOW + timedelta(days=1)) is not None


def test_an_incident_removes_the_other_anomalies_of_its_time_which_then_raise_nothing() -> None:
    failures, before = anomaly("error_surge", days_ago=-0.1), anomaly("error_surge", days_ago=2)
    alert = assess(health_of(anomaly()), account=None, now=NOW)
    assert alert is not None
    health = health_of(anomaly()).after_alert(alert).after(failures)
    assert assess(health.after_incident(alert), account=None, now=NOW + timedelta(hours=20)) is None
    assert health.after(before).after_incident(alert).anomalies == (before,)


SIGNALS: list[Signal] = [
    *SLIDE,
    anomaly(),
    anomaly("error_surge", days_ago=1),
    anomaly("silence", days_ago=3),
]


@given(order=st.permutations(range(len(SIGNALS))), repeats=st.lists(st.integers(0, len(SIGNALS) - 1)))
def test_order_and_repetition_of_signals_change_nothing(order: list[int], repeats: list[int]) -> None:
    expected = health_of(*SIGNALS)
    assert health_of(*(SIGNALS[at] for at in [*order, *repeats])) == expected


@given(count=st.integers(0, 120))
def test_memory_is_bounded_and_keeps_the_newest(count: int) -> None:
    policy = ChurnPolicy()
    health = health_of(*(message(0.1, days_ago=float(n) / 10) for n in range(count)))
    health = health_of(*(anomaly(days_ago=float(n)) for n in range(count))) if count % 2 else health
    assert len(health.moods) <= policy.mood.max_messages
    assert len(health.anomalies) <= policy.max_anomalies
    if health.moods:
        assert health.moods[-1].at == NOW


def test_health_goes_through_json_unchanged() -> None:
    health = health_of(*SIGNALS)
    alert = assess(health, account=None, now=NOW)
    assert alert is not None
    health = health.after_alert(alert)
    assert AccountHealth.model_validate(json.loads(json.dumps(health.to_json()))) == health
    assert AccountHealth.model_validate_json(health.to_bytes()) == health


def test_a_signal_of_another_account_is_refused() -> None:
    with pytest.raises(ValueError, match="another account"):
        AccountHealth(account_id="other").after(anomaly())


def test_one_slide_alerts_once_and_a_slide_after_a_recovery_alerts_again() -> None:
    health, alerts = AccountHealth(account_id="acme"), []
    moods = [0.4] * 5 + [-0.8] * 14 + [0.5] * 8 + [-0.8] * 6
    for number, mood in enumerate(moods):
        signal = message(mood, days_ago=400.0 - 4 * number)
        health = health.after(signal)
        alert = assess(health, account=None, now=signal.occurred_at)
        if alert is not None:
            alerts.append(number)
            health = health.after_alert(alert)
    assert len(alerts) == 2
    assert alerts[0] < 19
    assert alerts[1] >= 27


def test_a_recovered_mood_is_evidence_against_a_departure() -> None:
    moods = [0.4] * 5 + [-0.8] * 5 + [0.5] * 5
    recovered = [message(mood, days_ago=30 - 2 * number) for number, mood in enumerate(moods)]
    alert = alert_of(*recovered, anomaly())
    assert alert is not None
    assert any("recovered from a slide" in line for line in alert.contrary)


def test_health_that_an_older_build_stored_keeps_its_moods_and_slides_with_the_next_signal() -> None:
    stored = health_of(*SLIDE).to_json()
    del stored["trend"]
    stored["moods"] = [
        {"schema_version": 1, "event_id": mood["event_id"], "at": mood["at"], "value": mood["value"]}
        for mood in stored["moods"]
    ]
    old = AccountHealth.model_validate(stored)
    assert old.trend is None
    assert old.mood_trend() is not None
    alert = assess(old.after(anomaly()), account=None, now=NOW)
    assert alert is not None
    assert alert.cause == "combined"
