"""A replay: what it reports of a history, and what it leaves out."""

from datetime import timedelta

import pytest

from schemas import UsageEvent
from streams.backtest.churn_replay import ChurnReplay
from streams.backtest.recording import TURN, turns
from streams.backtest.records import ReplaySpan
from streams.backtest.replay import replay_churn
from tests.streams.backtest.histories import (
    ACCOUNTS,
    MONDAY,
    RULES,
    Recorder,
    backtest_of,
    mood_at,
    steady_use,
    use_of,
)

DAY = timedelta(days=1)
FALLS = {"b": (16.5, 0.0)}


def test_steady_use_raises_nothing_and_a_fall_raises_one_alert_with_its_reason(recorded: Recorder) -> None:
    assert backtest_of(recorded(steady_use(days=20))).steps == []
    found = backtest_of(recorded(steady_use(days=20, falls=FALLS)))
    (opened,) = found.opened()
    assert opened.account_id == "b"
    assert opened.alert is not None
    assert opened.alert.started_at - MONDAY == timedelta(days=16, hours=12)
    assert timedelta(hours=1) < opened.at - opened.alert.started_at < timedelta(hours=12)
    assert "no events at all" in opened.sentence
    assert found.cases[opened.case_id or ""].sentence.startswith("b: no events at all")


def test_an_anomaly_that_is_told_already_is_held_back_with_its_reason(recorded: Recorder) -> None:
    found = backtest_of(recorded(steady_use(days=20, falls=FALLS)))
    held_back = [step for step in found.steps if step.kind == "held_back"]
    assert held_back
    assert all("tells of it already" in step.sentence for step in held_back)
    assert len(found.anomalies) == len(held_back) + 1


def test_what_is_before_the_span_teaches_and_is_not_reported(recorded: Recorder) -> None:
    events = steady_use(days=20, falls=FALLS)
    end = events[-1].occurred_at
    late = backtest_of(recorded(events, span=ReplaySpan(MONDAY + 19 * DAY, end)))
    assert late.opened() == []
    assert late.cases
    early = backtest_of(recorded(events, span=ReplaySpan(MONDAY, MONDAY + 16 * DAY)))
    assert early.steps == []
    assert early.use.fates["counted"] == sum(event.occurred_at < MONDAY + 16 * DAY for event in events)


def test_accounts_that_fall_together_are_an_incident_with_its_start_end_and_accounts(
    recorded: Recorder,
) -> None:
    names = [f"a{number}" for number in range(12)]
    events = [
        event
        for event in steady_use(names, days=20)
        if event.account_id > "a5" or not 0 <= (event.occurred_at - MONDAY - 17 * DAY) / DAY < 0.5
    ]
    (seen,) = backtest_of(recorded(events)).incidents
    assert set(seen.incident.account_ids) == {name for name in names if name <= "a5"}
    assert abs(seen.incident.started_at - (MONDAY + 17 * DAY)) <= timedelta(hours=1)
    assert seen.incident.started_at < seen.last_move_at <= MONDAY + 18 * DAY


@pytest.mark.parametrize("partitions", [1, 4])
def test_each_event_has_a_fate_and_its_use_stands_in_the_series(recorded: Recorder, partitions: int) -> None:
    events = steady_use(days=10)
    twice = sorted([*events, *events[-60:]], key=lambda event: event.occurred_at)
    use = use_of(recorded(twice, partitions=partitions))
    assert use.fates == {"counted": len(events), "duplicate": 60}
    assert use.set_aside == 0
    days = use.series["a"].days
    assert len(days) == 10
    assert sum(day.quantity for day in days.values()) == sum(
        event.quantity for event in events if event.account_id == "a"
    )


def test_the_expected_band_begins_after_the_warm_up_and_holds_the_use_of_a_steady_account(
    recorded: Recorder,
) -> None:
    use = use_of(recorded(steady_use(days=15)))
    series = use.series["c"]
    first = MONDAY.toordinal()
    assert 7 <= min(series.expected) - first <= 9
    inside = [
        series.expected[day].low <= series.days[day].quantity <= series.expected[day].high
        for day in series.expected
        if day in series.days and day < first + 14
    ]
    assert inside
    assert all(inside)


def test_a_turn_holds_the_records_of_an_hour_in_order_of_time(recorded: Recorder) -> None:
    events = steady_use(days=2)
    moods = [mood_at("a", MONDAY + timedelta(hours=hour, minutes=30), 0.5) for hour in range(5)]
    found = list(turns(recorded(events, moods=moods)))
    assert [event for turn in found for event in turn.events] == events
    assert [mood for turn in found for mood in turn.moods] == moods
    for turn in found:
        times = [event.occurred_at for event in turn.events] + [mood.occurred_at for mood in turn.moods]
        assert max(times) == turn.now
        assert max(times) - min(times) < TURN


def test_a_replay_with_the_same_rules_gives_the_same_result_and_another_score_another(
    recorded: Recorder,
) -> None:
    recording = recorded(steady_use(days=20, falls={"b": (16.5, 0.3)}))
    use = use_of(recording)
    once, again = (replay_churn(recording, use, ChurnReplay(RULES, {})) for _ in range(2))
    assert once.steps == again.steps
    strict = RULES.within(alerts_per_month=0.02, alert_score=0.95)
    quiet = replay_churn(recording, use, ChurnReplay(strict, {}))
    assert once.count("opened") == 1
    assert quiet.count("opened") == 0
    assert "is below 0.95" in quiet.steps[0].sentence


def test_account_months_count_from_the_first_use_of_each_account(recorded: Recorder) -> None:
    events = steady_use(days=10)
    later = [event for event in events if event.account_id != "f" or event.occurred_at >= MONDAY + 5 * DAY]
    end = MONDAY + 10 * DAY
    found = backtest_of(recorded(later, span=ReplaySpan(MONDAY, end)))
    assert found.account_months == pytest.approx((5 * 10 + 5) / 30.4)
    assert len(found.use.series) == len(ACCOUNTS)


def test_an_alert_on_hold_at_the_end_goes_out_if_its_hold_ends_in_the_span(recorded: Recorder) -> None:
    events = steady_use(days=20, falls=FALLS)
    (opened,) = backtest_of(recorded(events)).opened()
    cut = [event for event in events if event.occurred_at < opened.at - timedelta(minutes=20)]
    span = ReplaySpan(MONDAY, opened.at + timedelta(hours=2))
    assert backtest_of(recorded(cut, span=span)).count("opened") == 1
    alone: list[UsageEvent] = [event for event in events if event.account_id == "b"]
    assert backtest_of(recorded(alone)).steps == []


def test_an_outage_of_many_accounts_ends_in_a_replay_and_a_leaver_of_its_hour_is_told(
    recorded: Recorder,
) -> None:
    ids = [f"b{number:02d}" for number in range(30)]
    start, end = MONDAY + timedelta(days=14, hours=10), MONDAY + timedelta(days=14, hours=14)
    events = [
        event
        for event in steady_use(ids, days=17)
        if not (event.account_id < "b20" and start <= event.occurred_at < end)
        and not (event.account_id == "b25" and start <= event.occurred_at)
    ]
    found = backtest_of(recorded(events))
    [seen] = found.incidents
    assert (seen.incident.started_at, seen.incident.ended_at, seen.last_move_at) == (start, end, end)
    assert {step.account_id for step in found.opened()} == {"b25"}


def test_an_incident_of_few_accounts_ends_when_time_passes_without_records(recorded: Recorder) -> None:
    ids = [f"b{number}" for number in range(8)]
    events = steady_use(ids, days=15, falls=dict.fromkeys(ids[:6], (14.3, 0.0)))
    end = events[-1].occurred_at + 3 * DAY
    [seen] = backtest_of(recorded(events, span=ReplaySpan(MONDAY, end))).incidents
    assert seen.incident.ended_at is not None
