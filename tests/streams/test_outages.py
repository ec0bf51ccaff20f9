"""Hours of all accounts in the churn group: alerts that wait for their hours, and what outages explain."""

from datetime import UTC, datetime, timedelta

from detectors.churn.outages.hour import AccountHours
from detectors.churn.outages.watch import OutageWatch, complete_until, detected_at
from detectors.usage.hour_use import ClosedUse, HourUse, pack_uses
from detectors.usage.policy import moment
from schemas.churn import ChurnAlert
from streams import holding
from streams.holding import CLOCK_DELAY, MOST_WAIT, Outcome, SharedState, hold, judge
from streams.outages import CompleteHours, account_hours, judge_hours
from tests.detectors.support.hours_of_accounts import MONDAY_HOUR, ONSET, WatchedCompany, alert, hit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)

COMPANY = WatchedCompany(left=hit(0.6, 0.4, 4, accounts=80))
RECALL = COMPANY.recall()


def company_until(ready: int) -> CompleteHours:
    return CompleteHours(ready, lambda hour: max(hour, MONDAY_HOUR), RECALL)


def judged_until(state: SharedState, ready: int) -> tuple[SharedState, Outcome]:
    outcome = Outcome()
    while state.outages.until < ready:
        state, found = judge(state, judge_hours(state.outages, company_until(ready)))
        found.follow(outcome)
        outcome = found
    return state, outcome


FRESH = SharedState(outages=OutageWatch(until=1))
QUIET_WEEK, _ = judged_until(FRESH, ONSET)


def held(
    state: SharedState, *alerts: ChurnAlert, seconds: float, slowest: datetime
) -> tuple[SharedState, Outcome]:
    now = NOW + timedelta(seconds=seconds)
    return hold(state, alerts, active_accounts=80, now=now, slowest=slowest)


def test_an_unreadable_part_of_an_hour_is_left_out_and_blocks_nothing() -> None:
    good = pack_uses([ClosedUse(7, "a", HourUse(1.0, 5.0, 0.1, is_odd=False))])[7]
    found = account_hours([b"damaged", good])
    assert found is not None
    assert found.account_ids == ("a",)


def test_an_hour_that_cannot_be_judged_is_skipped() -> None:
    def recall(hour: int) -> AccountHours | None:
        raise ValueError("damaged")

    judged = judge_hours(OutageWatch(until=5), CompleteHours(8, lambda hour: hour, recall))
    assert (judged.watch.until, judged.changes) == (8, [])


def test_no_hour_is_judged_that_is_not_complete() -> None:
    clock = detected_at(ONSET)
    assert complete_until(clock) == ONSET + 1
    assert judge_hours(QUIET_WEEK.outages, company_until(ONSET)).watch.until == ONSET
    assert judge_hours(QUIET_WEEK.outages, CompleteHours()).watch.until == ONSET


def test_an_alert_waits_until_its_hours_are_judged_and_the_outage_then_explains_it() -> None:
    own, hit_too = alert(0.0, account=70).model_copy(update={"alert_id": "al-own"}), alert(120.0)
    passed = hit_too.detected_at + timedelta(days=2)
    state, outcome = held(QUIET_WEEK, hit_too, own, seconds=0, slowest=passed)
    state, outcome = held(state, seconds=10, slowest=passed)
    state, outcome = held(state, seconds=20, slowest=passed)
    assert (outcome.alerts, outcome.explained, len(state.waiting)) == ([], [], 2)
    state, found = judged_until(state, ONSET + 5)
    assert {incident.started_at for incident in found.incidents} == {moment(ONSET)}
    state, outcome = held(state.hear(passed, NOW), seconds=30, slowest=passed)
    assert (outcome.explained, outcome.alerts) == ([hit_too], [own])


def test_an_alert_waits_for_its_hours_no_longer_than_for_a_partition_that_stands_still() -> None:
    one = alert(0.0)
    state = QUIET_WEEK.hear(one.detected_at + timedelta(hours=1), NOW)
    state, outcome = held(state, one, seconds=0, slowest=one.detected_at)
    assert (outcome.alerts, len(state.waiting)) == ([], 1)
    state, outcome = held(state, seconds=MOST_WAIT.total_seconds(), slowest=one.detected_at)
    assert (outcome.alerts, state.waiting) == ([one], ())


def test_of_more_alerts_than_may_wait_the_oldest_go_out() -> None:
    many = [alert(0.0).model_copy(update={"alert_id": f"al-{number}"}) for number in range(12_000)]
    state, _ = QUIET_WEEK.with_waiting(many).paced(many[0].detected_at, NOW).ready(NOW)
    assert len(state.waiting) == holding.OFFERED.max_moves


def test_an_outage_goes_on_as_the_incident_that_its_first_alerts_had_made() -> None:
    alerts = [
        alert(120.0, account=account).model_copy(update={"alert_id": f"al-{account}"}) for account in range(8)
    ]
    state, outcome = hold(QUIET_WEEK, alerts, active_accounts=80, now=NOW)
    [known] = {incident.incident_id for incident in outcome.incidents}
    state, found = judged_until(state, ONSET + 9)
    assert {incident.incident_id for incident in found.incidents} == {known}
    assert state.cause.incidents == ()


def test_alerts_hours_before_a_shared_cause_are_no_part_of_it_however_fast_event_time_flows() -> None:
    together = [
        alert(120.0, account=account).model_copy(update={"alert_id": f"al-{account}"}) for account in range(8)
    ]
    earlier = together[0].detected_at - timedelta(hours=3)
    own = alert(0.0, account=70).model_copy(update={"alert_id": "al-own", "detected_at": earlier})
    _, outcome = hold(QUIET_WEEK, [*together, own], active_accounts=80, now=NOW)
    assert outcome.alerts == [own]
    assert len(outcome.incidents[-1].account_ids) == len(together)


def test_an_own_alert_after_an_outage_took_an_incident_over_is_no_incident_again() -> None:
    alerts = [
        alert(120.0, account=account).model_copy(update={"alert_id": f"al-{account}"}) for account in range(8)
    ]
    state, _ = hold(QUIET_WEEK, alerts, active_accounts=80, now=NOW)
    state, _ = judged_until(state, ONSET + 9)
    own = alert(0.0, account=70).model_copy(update={"alert_id": "al-own"})
    state, outcome = hold(state, [own], active_accounts=80, now=NOW)
    assert (outcome.incidents, outcome.explained) == ([], [])
    _, outcome = hold(state.hear(own.detected_at + timedelta(days=1), NOW), [], active_accounts=80, now=NOW)
    state, outcome = hold(
        state.hear(own.detected_at + timedelta(days=1), NOW),
        [],
        active_accounts=80,
        now=NOW + 2 * CLOCK_DELAY,
    )
    assert outcome.alerts == [own]


def test_an_alert_that_was_offered_before_its_outage_was_found_is_explained_and_not_released() -> None:
    early = alert(120.0)
    state, outcome = hold(QUIET_WEEK, [early], active_accounts=80, now=NOW)
    assert len(state.cause.held) == 1
    state, _ = judged_until(state, ONSET + 5)
    state = state.hear(early.detected_at + timedelta(days=1), NOW)
    state, outcome = hold(state, [], active_accounts=80, now=NOW + CLOCK_DELAY)
    assert (outcome.alerts, outcome.explained) == ([], [early])


def test_an_incident_that_begins_and_ends_within_one_turn_is_over() -> None:
    alerts = [
        alert(0.0, account=account).model_copy(update={"alert_id": f"al-{account}"}) for account in range(8)
    ]
    state = SharedState().hear(alerts[0].detected_at + timedelta(days=3), NOW - CLOCK_DELAY)
    state, outcome = hold(state, alerts, active_accounts=80, now=NOW)
    assert state.cause.incidents == ()
    assert outcome.incidents[-1].ended_at == alerts[0].detected_at


def test_an_incident_that_began_at_another_time_is_not_taken_over() -> None:
    alerts = [
        alert(0.0, account=account, since=-5).model_copy(update={"alert_id": f"al-{account}"})
        for account in range(8)
    ]
    state, outcome = hold(QUIET_WEEK, alerts, active_accounts=80, now=NOW)
    state, found = judged_until(state, ONSET + 9)
    assert {one.incident_id for one in found.incidents}.isdisjoint(
        {one.incident_id for one in outcome.incidents}
    )
    assert len(state.cause.incidents) == 1


def test_an_incident_of_alerts_ends_when_it_is_no_longer_followed() -> None:
    alerts = [
        alert(0.0, account=account).model_copy(update={"alert_id": f"al-{account}"}) for account in range(8)
    ]
    state, _ = hold(SharedState(), alerts, active_accounts=80, now=NOW)
    state = state.hear(alerts[0].detected_at + timedelta(days=3), NOW)
    _, outcome = hold(state, [], active_accounts=80, now=NOW + CLOCK_DELAY)
    assert [incident.ended_at for incident in outcome.incidents] == [alerts[0].detected_at]
