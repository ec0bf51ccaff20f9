"""An outage of many accounts, from usage events to the alerts and the incident."""

from datetime import timedelta

from detectors.churn import AccountHealth, SharedCause, assess
from detectors.usage import UsageDetector
from schemas.churn import ChurnAlert, Incident
from schemas.usage import Anomaly
from tests.detectors.support.usage_streams import MONDAY, Change, hourly, play, steady

DAYS = 14
AFFECTED = 12
UNTOUCHED = 18
RATES = {"task.labelled": 400.0, "api.call": 200.0}


def outage(day: float, kind: str) -> float:
    return 25.0 if kind == "training.failed" and 10.4 <= day < 10.7 else 1.0


def leaves(day: float, kind: str) -> float:
    return 0.0 if day >= 9 else 1.0


def anomalies() -> list[Anomaly]:
    changes: list[Change] = [*[outage] * AFFECTED, *[steady] * UNTOUCHED, leaves]
    found = []
    for number, change in enumerate(changes):
        events = hourly(f"account-{number:02d}", days=DAYS, seed=number, change=change, rates=RATES)
        found += play(events, days=DAYS)
    return sorted(found, key=lambda anomaly: (anomaly.detected_at, anomaly.anomaly_id))


def by_id(anomaly: Anomaly) -> str:
    return anomaly.anomaly_id


def follow(found: list[Anomaly]) -> tuple[list[ChurnAlert], list[Incident]]:
    """Return what goes out and the incidents, as the churn group has them from these anomalies."""
    state = SharedCause()
    healths: dict[str, AccountHealth] = {}
    released: list[ChurnAlert] = []
    incidents: list[Incident] = []
    for anomaly in found:
        health = healths.get(anomaly.account_id, AccountHealth(account_id=anomaly.account_id)).after(anomaly)
        alert = assess(health, account=None, now=anomaly.detected_at)
        healths[anomaly.account_id] = health if alert is None else health.after_alert(alert)
        if alert is None:
            continue
        state, out, explained, incident = state.offer(alert, active_accounts=AFFECTED + UNTOUCHED + 1)
        for swallowed in explained:
            healths[swallowed.account_id] = healths[swallowed.account_id].after_incident(swallowed)
        released += out
        incidents += [incident] if incident else []
    return [*released, *state.advance(MONDAY + timedelta(days=DAYS + 1)).released], incidents


def test_an_outage_of_many_is_one_incident_and_the_account_that_left_is_one_alert() -> None:
    released, incidents = follow(anomalies())
    assert [(alert.account_id, alert.cause) for alert in released] == [("account-30", "silence")]
    assert {incident.incident_id for incident in incidents} == {incidents[0].incident_id}
    assert len(incidents[-1].account_ids) == AFFECTED
    assert incidents[-1].cause == "error_surge"


def test_interleaving_of_accounts_does_not_matter() -> None:
    streams = [hourly(f"a{n}", days=DAYS, seed=n, change=leaves, rates=RATES) for n in range(3)]
    mixed = sorted((event for stream in streams for event in stream), key=lambda event: event.occurred_at)
    detectors = {f"a{n}": UsageDetector(f"a{n}") for n in range(3)}
    found = [anomaly for event in mixed for anomaly in detectors[event.account_id].observe(event).anomalies]
    for detector in detectors.values():
        found += detector.advance(MONDAY + timedelta(days=DAYS, hours=1))
    alone = [anomaly for stream in streams for anomaly in play(stream, days=DAYS)]
    assert sorted(found, key=by_id) == sorted(alone, key=by_id)
