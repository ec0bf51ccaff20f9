"""Many accounts at once: alerts wait, one incident replaces them, single alerts go out."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from detectors.churn import HoldResult, SharedCause
from schemas.churn import AlertCause, ChurnAlert, Incident

START = datetime(2026, 3, 10, 12, 10, tzinfo=UTC)
ACTIVE = 40


def alert(number: int, *, minutes: float = 0.0, cause: AlertCause = "error_surge") -> ChurnAlert:
    at = START + timedelta(minutes=minutes)
    return ChurnAlert(
        alert_id=f"al-{cause}-{number}",
        dedup_key=f"dk-{cause}-{number}",
        account_id=f"account-{number:03d}",
        cause=cause,
        severity="warning",
        score=0.5,
        sentence="60 failures in 3 h",
        contributions=(),
        next_action="look",
        chart_metric="errors" if cause == "error_surge" else "activity",
        started_at=at - timedelta(hours=3),
        detected_at=at,
        due_at=at + timedelta(days=1),
        rule="r",
    )


def by_id(alert: ChurnAlert) -> str:
    return alert.alert_id


def offer_all(
    alerts: list[ChurnAlert], *, active: int = ACTIVE
) -> tuple[SharedCause, list[ChurnAlert], list[ChurnAlert], list[Incident]]:
    state = SharedCause()
    released: list[ChurnAlert] = []
    swallowed: list[ChurnAlert] = []
    incidents: list[Incident] = []
    for offered in alerts:
        state, out, held_back, incident = state.offer(offered, active_accounts=active)
        released += out
        swallowed += held_back
        incidents += [incident] if incident else []
    return state, released, swallowed, incidents


def test_a_lone_alert_goes_out_after_the_hold_and_not_before() -> None:
    result = SharedCause().offer(alert(1), active_accounts=ACTIVE)
    assert result.released == ()
    due = result.state.next_due()
    assert due == START + timedelta(minutes=30)
    assert result.state.advance(due - timedelta(seconds=1)).released == ()
    assert result.state.advance(due) == HoldResult(SharedCause(moves=result.state.moves), (alert(1),))


def test_many_accounts_at_once_are_one_incident_and_no_alert() -> None:
    alerts = [alert(n, minutes=n / 10) for n in range(20)]
    state, released, swallowed, incidents = offer_all(alerts)
    assert released == []
    assert swallowed == alerts
    assert {incident.incident_id for incident in incidents} == {incidents[0].incident_id}
    assert incidents[-1].account_ids == tuple(offered.account_id for offered in alerts)
    assert incidents[-1].share_of_accounts == 0.5
    assert "20 accounts (50% of the active ones)" in incidents[-1].sentence
    assert state.held == ()


def test_alerts_that_went_out_before_count_in_the_incident() -> None:
    early = [alert(n) for n in range(3)]
    late = [alert(10 + n, minutes=60) for n in range(3)]
    _, released, swallowed, incidents = offer_all([*early, *late])
    assert released == early
    assert swallowed == late
    assert len(incidents[-1].account_ids) == 6


def test_too_few_or_too_small_a_share_is_no_incident() -> None:
    assert offer_all([alert(n) for n in range(3)])[3] == []
    assert offer_all([alert(n) for n in range(20)], active=1_000)[3] == []


def test_moves_hours_apart_are_no_incident() -> None:
    slow = [alert(n, minutes=70 * n) for n in range(20)]
    assert offer_all(slow)[3] == []


def test_falls_silence_and_failures_at_once_are_one_incident_named_after_most_of_them() -> None:
    causes: list[AlertCause] = ["drop", "drop", "error_surge", "silence", "drop", "drop"]
    _, released, _, incidents = offer_all([alert(n, cause=cause) for n, cause in enumerate(causes)])
    assert released == []
    assert [(incident.cause, incident.metric) for incident in incidents] == [("drop", "activity")]


def test_moves_all_day_long_are_no_incident_when_some_of_them_meet() -> None:
    before = [alert(n, minutes=65 * n) for n in range(12)]
    meeting = [alert(20 + n, minutes=65 * 12) for n in range(8)]
    assert offer_all([*before, *meeting])[3] == []


def test_an_incident_begins_when_half_of_its_alerts_began() -> None:
    began = [9, 1, 1, 1, 5, 1, 1]
    alerts = [
        alert(n).model_copy(update={"started_at": START - timedelta(hours=hours)})
        for n, hours in enumerate(began)
    ]
    assert offer_all(alerts)[3][0].started_at == START - timedelta(hours=1)


def again(number: int, *, hours: float) -> ChurnAlert:
    return alert(number, minutes=60 * hours).model_copy(update={"alert_id": f"al-again-{number}-{hours}"})


def test_an_incident_goes_on_while_its_accounts_are_reported_again() -> None:
    first, second = [alert(n) for n in range(12)], [again(n, hours=24) for n in range(12)]
    _, released, swallowed, incidents = offer_all([*first, *second])
    assert released == []
    assert swallowed == [*first, *second]
    assert {incident.incident_id for incident in incidents} == {incidents[0].incident_id}
    assert len(incidents[-1].account_ids) == 12


def test_an_account_that_does_not_recover_with_the_others_gets_an_alert_of_its_own() -> None:
    first, alone = [alert(n) for n in range(12)], again(3, hours=24)
    state, released, _, _ = offer_all([*first, alone])
    assert [*released, *state.advance(alone.detected_at + timedelta(hours=1)).released] == [alone]


def test_the_same_account_counts_once() -> None:
    again = [alert(1).model_copy(update={"alert_id": f"al-{n}"}) for n in range(20)]
    assert offer_all(again)[3] == []


def test_mood_is_never_held() -> None:
    for cause in ("mood_slide", "combined"):
        about_mood = alert(1, cause=cause)
        assert SharedCause().offer(about_mood, active_accounts=ACTIVE).released == (about_mood,)


def test_an_incident_ends_and_later_alerts_go_out_again() -> None:
    state, *_ = offer_all([alert(n) for n in range(10)])
    late = alert(30, minutes=31 * 60)
    result = state.offer(late, active_accounts=ACTIVE)
    assert result.incident is None
    assert result.state.incidents == ()
    assert result.state.advance(late.detected_at + timedelta(hours=1)).released == (late,)


def test_an_alert_offered_twice_is_held_once() -> None:
    state, *_ = offer_all([alert(1), alert(1)])
    assert state.held == (alert(1),)


def test_the_state_goes_through_json_unchanged() -> None:
    state, *_ = offer_all([*(alert(n) for n in range(10)), alert(50, cause="drop", minutes=7 * 60)])
    assert state.held
    assert state.incidents
    assert SharedCause.model_validate(json.loads(json.dumps(state.to_json()))) == state


@given(minutes=st.lists(st.integers(0, 600), max_size=40), active=st.integers(0, 100))
def test_every_alert_is_released_or_swallowed_exactly_once(minutes: list[int], active: int) -> None:
    alerts = [alert(n, minutes=at) for n, at in enumerate(sorted(minutes))]
    state, released, swallowed, _ = offer_all(alerts, active=active)
    released += state.advance(START + timedelta(days=2)).released
    assert sorted([*released, *swallowed], key=by_id) == sorted(alerts, key=by_id)


def test_an_alert_that_its_cohort_explains_is_dropped_after_its_hold() -> None:
    shared, own = alert(1).model_copy(update={"shared": True}), alert(2)
    state, *_ = offer_all([shared, own])
    result = state.advance(START + timedelta(hours=1))
    assert (result.released, result.swallowed) == ((own,), (shared,))


def test_alerts_that_their_cohort_explains_make_an_incident() -> None:
    alerts = [alert(n, minutes=n / 10).model_copy(update={"shared": n > 4}) for n in range(20)]
    _, released, swallowed, incidents = offer_all(alerts)
    assert released == []
    assert swallowed == alerts
    assert len(incidents[-1].account_ids) == 20
