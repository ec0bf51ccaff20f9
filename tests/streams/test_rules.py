"""The rules of the churn group learn from people: precision as metric and on the page, and quiet rules."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.churn.cases import joined
from detectors.churn.precision import is_probe
from responders.desk import create_desk
from responders.store import rules, signals
from responders.store.desk.alerts import AlertMove, move_alert
from streams import holding
from streams.churn import ChurnHandler
from streams.process.metrics import Metrics
from streams.rules import hear
from tests.detectors.churn.test_cases import alert
from tests.responders.support.desk_client import Browser
from tests.streams.support.samples import WHEN, rows, work_off
from tests.streams.test_churn_handler import HOLD, anomaly, mood

NAMES = [f"account-{number}" for number in range(200)]
PROBES = [name for name in NAMES if is_probe(name)]
OTHERS = [name for name in NAMES if not is_probe(name)]


def closed(tables: Engine, number: int, outcome: Any, **changes: Any) -> None:
    """A case that a person closed."""
    case = alert(**changes).model_copy(update={"alert_id": f"al-{number}", "account_id": f"closed-{number}"})
    with Session(tables) as session, session.begin():
        signals.save_alert(session, case, now=WHEN)
        moved = AlertMove("resolved", "kim", outcome=outcome)
        move_alert(session, f"al-{number}", moved, now=WHEN + timedelta(minutes=number))


def heard(tables: Engine) -> dict[str, rules.RuleStanding]:
    with Session(tables) as session, session.begin():
        return {one.rule: one for one in hear(session, now=WHEN).standings}


def test_outcomes_make_the_precision_of_each_cause_of_a_case(tables: Engine) -> None:
    both = joined(alert("drop"), alert("mood_slide"))
    closed(tables, 1, "saved", **dict(both))
    closed(tables, 2, "lost", cause="drop")
    closed(tables, 3, "false alarm", cause="drop")
    closed(tables, 4, "already known", cause="drop")
    found = heard(tables)
    assert (found["drop"].right, found["drop"].wrong) == (2, 1)
    assert (found["mood_slide"].right, found["mood_slide"].wrong) == (1, 0)
    assert (found["silence"].mean, found["silence"].quiet_since) == (0.5, None)
    assert rows(tables, "SELECT rule, hits, misses FROM rule_precisions ORDER BY 1") == [
        ("drop", 2, 1),
        ("mood_slide", 1, 0),
    ]


def test_only_the_newest_outcomes_count_so_that_a_rule_can_be_heard_again(tables: Engine) -> None:
    for number in range(8):
        closed(tables, number, "false alarm", cause="silence")
    assert heard(tables)["silence"].quiet_since == WHEN
    with Session(tables) as session, session.begin():
        later = hear(session, now=WHEN + timedelta(days=1)).standings
        assert [one.quiet_since for one in later if one.rule == "silence"] == [WHEN]
    for number in range(8, 13):
        closed(tables, number, "saved", cause="silence")
    assert heard(tables)["silence"].quiet_since is None
    with Session(tables) as session:
        assert rules.outcome_counts(session, 5)["silence"] == (5, 0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "CLOCK_DELAY", timedelta(0))


@pytest.mark.usefixtures("impatient")
def test_a_quiet_rule_opens_no_case_except_for_probes_and_still_joins_open_ones(tables: Engine) -> None:
    metrics = Metrics()
    handler = ChurnHandler(metrics=metrics)
    for number in range(8):
        closed(tables, number, "false alarm", cause="error_surge")
    first, second = OTHERS[:2]
    work_off(tables, handler, [anomaly(second, "silence")])
    work_off(tables, handler, [mood("other", at=WHEN + HOLD)])
    later = WHEN + timedelta(days=4)
    work_off(tables, handler, [anomaly(name, at=later) for name in (first, PROBES[0])])
    work_off(tables, handler, [mood("other", at=later + HOLD)])
    opened = "SELECT account_id, cause FROM churn_alerts WHERE state = 'new' ORDER BY cause"
    assert rows(tables, opened) == [(PROBES[0], "error_surge"), (second, "silence")]
    sample = metrics.registry.get_sample_value
    assert sample("rapport_cases_total", {"change": "quietened"}) == 1
    assert sample("rapport_rule_paused", {"rule": "error_surge"}) == 1
    assert sample("rapport_rule_paused", {"rule": "drop"}) == 0
    assert 0 < (sample("rapport_rule_precision_ratio", {"rule": "error_surge", "bound": "high"}) or 0) < 0.35


def test_the_page_shows_the_precision_and_says_which_rule_is_quiet(tables: Engine) -> None:
    desk = Browser(create_desk(tables, now=lambda: WHEN + timedelta(days=1)))
    assert "How often the rules are right" not in desk.get("/accounts").text
    for number in range(8):
        closed(tables, number, "false alarm", cause="error_surge")
    closed(tables, 9, "saved", cause="drop")
    heard(tables)
    page = " ".join(desk.get("/accounts").text.split())
    assert "right in 0 of 8 cases: 10 %" in page
    assert "right in 1 of 1 cases: 67 %" in page
    assert page.count("it opens no case") == 1
