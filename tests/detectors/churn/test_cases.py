"""One case per account: causes join, shares add up, and it closes only when every cause is over."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.churn.actions import NEXT_ACTION
from detectors.churn.cases import RANK, current, is_worse, joined, may_open, reasons_of
from detectors.churn.hazard.book import UseOfDay
from detectors.churn.hazard.days import OpenDays, use_of
from detectors.churn.hazard.shipped import load_prior
from detectors.churn.hazard.watch import HazardWatch
from detectors.churn.health import AccountHealth, HeardWords
from detectors.churn.recovery import MOST_FAILURES, UseStanding, recovered, standing_of
from schemas.churn import AlertCause, ChurnAlert, ClosedCase, Contribution, Severity
from schemas.usage import UsageEvent
from tests.detectors.churn.hazard.populations import FIRST_DAY, end_of, event
from tests.streams.support.samples import WHEN
from tests.streams.test_churn_handler import anomaly

DAY = timedelta(days=1)
CAUSES: tuple[AlertCause, ...] = ("drop", "silence", "error_surge", "mood_slide", "churn_risk")


def alert(cause: AlertCause = "drop", *, at: datetime = WHEN, **changes: Any) -> ChurnAlert:
    part = {"summary": "it fell", "observed": 1.0, "expected_low": 4.0, "expected_high": 6.0, "samples": 9}
    fields = {
        "alert_id": f"al-{cause}-{at.isoformat()}",
        "dedup_key": f"dk-{cause}",
        "account_id": "a",
        "cause": cause,
        "severity": "warning",
        "score": 0.6,
        "sentence": f"Acme: {cause}.",
        "contributions": (
            Contribution.model_validate({"name": f"{cause}: x", "share": 0.75, **part}),
            Contribution.model_validate({"name": f"{cause}: y", "share": 0.25, **part}),
        ),
        "contrary": ("the exports are fine",),
        "next_action": NEXT_ACTION[cause],
        "started_at": at - DAY,
        "detected_at": at,
        "due_at": at + 3 * DAY,
        "rule": "r",
    }
    return ChurnAlert.model_validate(fields | changes)


def wrote(at: datetime) -> HeardWords:
    return HeardWords(event_id="m", at=at, ticket_id="T-9")


def test_a_second_cause_joins_the_case_and_keeps_its_identity_and_times() -> None:
    case = alert()
    worse = alert("silence", at=WHEN + DAY, severity="critical", score=0.9, due_at=WHEN + 2 * DAY)
    after = joined(case, worse)
    assert (after.alert_id, after.detected_at, after.started_at) == (case.alert_id, WHEN, WHEN - DAY)
    assert (after.cause, after.severity, after.score) == ("silence", "critical", 0.9)
    assert (after.due_at, after.updated_at, after.revision) == (WHEN + 2 * DAY, WHEN + DAY, 2)
    assert after.sentence == "Acme: silence. Also: drop."
    assert after.contrary == ("the exports are fine",)
    assert [reason.cause for reason in after.reasons] == ["silence", "drop"]
    assert is_worse(case, after)
    assert after.causes == {"drop", "silence"}


def test_the_same_alert_again_changes_nothing_and_a_newer_one_replaces_its_cause() -> None:
    case = joined(alert(), alert("mood_slide", at=WHEN + DAY))
    assert joined(case, alert("mood_slide", at=WHEN + DAY)) == case
    assert joined(case, alert("mood_slide", at=WHEN, sentence="Acme: older.")) == case
    newer = joined(case, alert("mood_slide", at=WHEN + 2 * DAY, sentence="Acme: newer.", score=0.3))
    assert len(newer.reasons) == 2
    assert newer.sentence == "Acme: drop. Also: newer."
    assert newer.revision == case.revision + 1


def test_an_alert_of_another_account_never_joins() -> None:
    with pytest.raises(ValueError, match="another account"):
        joined(alert(), alert(account_id="b"))


JOINS = st.lists(
    st.tuples(st.sampled_from(CAUSES), st.integers(0, 9), st.floats(0.0, 1.0), st.sampled_from(sorted(RANK))),
    max_size=12,
)


@given(joins=JOINS)
def test_shares_add_up_to_one_and_the_due_time_never_moves_back(
    joins: list[tuple[AlertCause, int, float, Severity]],
) -> None:
    case = alert()
    for cause, day, score, severity in joins:
        at = WHEN + day * DAY
        after = joined(case, alert(cause, at=at, score=score, severity=severity))
        assert sum(part.share for part in after.contributions) == pytest.approx(1.0)
        assert after.due_at <= case.due_at
        assert after.severity == max((one.severity for one in reasons_of(after)), key=RANK.__getitem__)
        assert current(after, None) == after
        case = after
    assert ChurnAlert.model_validate_json(case.to_bytes()) == case


def test_the_next_action_is_to_read_what_they_wrote_and_it_follows_the_newest_message() -> None:
    case = current(alert(), wrote(WHEN - timedelta(hours=1)))
    assert case.next_action.startswith("They wrote on 4 January at 23:00 UTC (ticket T-9): read it first")
    assert case.next_action.endswith(NEXT_ACTION["drop"])
    later = current(case, wrote(WHEN + timedelta(hours=2)))
    assert later.next_action.startswith("They wrote on 5 January at 02:00 UTC")
    assert later.next_action.count("They wrote") == 1
    assert current(case, wrote(WHEN - 3 * DAY)).next_action == NEXT_ACTION["drop"]


def test_words_and_use_together_go_to_the_sponsor_and_a_risk_does_not() -> None:
    assert joined(alert(), alert("mood_slide")).next_action == NEXT_ACTION["combined"]
    assert joined(alert(), alert("churn_risk")).next_action == NEXT_ACTION["churn_risk"]
    assert joined(alert(), alert("churn_risk", score=0.5)).next_action == NEXT_ACTION["drop"]


RESTS = [
    ("false alarm", 10, "warning", False),
    ("false alarm", 10, "critical", True),
    ("false alarm", 29, "warning", True),
    ("already known", 10, "warning", False),
    ("saved", 1, "watch", True),
    ("lost", 60, "critical", False),
    ("lost", 91, "watch", True),
    (None, 0, "watch", True),
]


@pytest.mark.parametrize(("outcome", "days", "severity", "opens"), RESTS)
def test_what_a_person_said_decides_how_long_an_account_rests(
    outcome: Any, days: int, severity: Severity, opens: bool
) -> None:
    last = ClosedCase(severity="warning", closed_at=WHEN, outcome=outcome)
    assert may_open(last, alert(at=WHEN + days * DAY, severity=severity)) is opens


def test_a_first_alert_always_opens_a_case() -> None:
    assert may_open(None, alert())


BACK = UseStanding(end=WHEN + 10 * DAY, share=0.95, gap=0, probability=0.03, failures=0.2)
HEALTH = AccountHealth(account_id="a")


def test_a_case_is_over_when_the_use_is_back_and_the_risk_is_low() -> None:
    why = recovered(alert(), HEALTH, BACK)
    assert why is not None
    assert "95%" in why
    assert "3%" in why
    assert recovered(alert("error_surge"), None, BACK) == why


@pytest.mark.parametrize(
    "change",
    [{"share": 0.6}, {"gap": 4}, {"probability": 0.3}, {"end": WHEN + 2 * DAY}],
    ids=["less use", "away", "at risk", "too early"],
)
def test_a_case_stays_open_while_anything_is_wrong(change: dict[str, Any]) -> None:
    assert recovered(alert(), HEALTH, replace(BACK, **change)) is None


def test_failures_that_go_on_keep_a_surge_open_and_do_not_matter_to_a_drop() -> None:
    for failures in (1.0, None):
        still = replace(BACK, failures=failures)
        assert recovered(alert("error_surge"), HEALTH, still) is None
        assert recovered(alert("drop"), HEALTH, still) is not None


def test_a_fresh_anomaly_a_threat_and_an_ask_to_close_keep_a_case_open() -> None:
    fresh = HEALTH.after(anomaly("a", at=WHEN + 9 * DAY))
    old = HEALTH.after(anomaly("a", at=WHEN))
    assert recovered(alert(), fresh, BACK) is None
    assert recovered(alert(), old, BACK) is not None
    for changes in ({"threat": 0.7}, {"asks": ("closing",)}):
        words = HeardWords(event_id="m", at=WHEN + 5 * DAY, ticket_id="t").model_copy(update=changes)
        loud = HEALTH.model_copy(update={"heard": (words,)})
        assert recovered(alert(), loud, BACK) is None
        assert recovered(alert(), loud, replace(BACK, end=WHEN + 20 * DAY)) is not None


def test_the_standing_of_an_account_compares_its_recent_use_with_its_usual() -> None:
    watch = HazardWatch(load_prior(), day=FIRST_DAY - 1)
    for day in range(40):
        fails = [event("a", day, "run.failed", 30.0)] if day >= 36 and day != 38 else []
        quiet = day == 37
        events = [] if quiet else [event("a", day), *fails, *([event("b", day)] if day < 20 else [])]
        risks = watch.end_day(events)
        uses = uses_of(events)
        one = standing_of(watch, risks, "a", uses.get("a"), end_of(day))
        if day == 30:
            assert one.share == pytest.approx(1.0, abs=0.01)
            assert (one.gap, one.failures) == (0, None)
        if day == 36:
            assert one.failures is not None
            assert one.failures > MOST_FAILURES
        if quiet:
            assert (one.gap, one.failures) == (1, None)
        if day == 38:
            assert one.failures == 0.0
    away = standing_of(watch, risks, "b", None, end_of(39))
    assert (away.gap, away.failures) == (20, None)
    assert away.share < 0.1


def uses_of(events: list[UsageEvent]) -> dict[str, UseOfDay]:
    if not events:
        return {}
    opened = OpenDays()
    opened.after(events, [None] * len(events), events[0].occurred_at)
    ((_, content),) = opened.after([], [], events[0].occurred_at + DAY).ended
    return use_of(content)
