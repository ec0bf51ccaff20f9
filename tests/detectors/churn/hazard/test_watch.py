"""The daily watch: causal, restored bit for bit, within its budget, and explained."""

import numpy as np
import pytest

from detectors.churn.hazard.alerts import alert_of
from detectors.churn.hazard.days import OpenDays, use_of
from detectors.churn.hazard.evidence import AccountEvidence
from detectors.churn.hazard.packing import WrongHazardStateError, adopt, pack, unpack
from detectors.churn.hazard.reasons import Risk, TermChange, risk_at
from detectors.churn.hazard.risks import DayRisks
from detectors.churn.hazard.shipped import load_prior
from detectors.churn.hazard.watch import COOL_DOWN_DAYS, LEDGER, HazardBudget, HazardWatch
from schemas.churn import Stakes
from tests.detectors.churn.hazard.populations import FIRST_DAY, days_of_use, end_of, event

PRIOR = load_prior()
DAYS = list(days_of_use(60, 110))


def watched(days: int, **settings: float) -> tuple[HazardWatch, list[DayRisks]]:
    watch = HazardWatch(PRIOR, day=FIRST_DAY - 1, **settings)  # type: ignore[arg-type]
    return watch, [watch.end_day(events) for events in DAYS[:days]]


def test_accounts_that_stop_get_a_higher_probability_than_those_that_stay() -> None:
    watch, risks = watched(100)
    last = watch.book.habits.rows["last"]
    gone = [place for place in range(60) if last[place] < FIRST_DAY + 92]
    stay = [place for place in range(60) if last[place] >= FIRST_DAY + 97]
    assert len(gone) > 5
    assert np.median(risks[-1].probability[gone]) > 3 * np.median(risks[-1].probability[stay])


def test_labels_make_themselves_after_the_horizon_and_not_before() -> None:
    early, _ = watched(14 + 28)
    late, _ = watched(80)
    assert early.learner.labels == 0
    assert late.learner.labels > 60
    assert (late.ledger["pending_day"] > 0).sum(axis=1).max() <= 4


def test_a_restored_watch_scores_bit_for_bit_as_the_first() -> None:
    first, _ = watched(70)
    second = unpack(pack(first), PRIOR)
    for events in DAYS[70:90]:
        here, there = first.end_day(events), second.end_day(events)
        assert here.log_odds.tobytes() == there.log_odds.tobytes()
        assert here.alert.tolist() == there.alert.tolist()
    assert pack(first) == pack(second)
    assert LEDGER.itemsize < 500


def test_damaged_states_and_states_of_another_prior_are_refused() -> None:
    watch, _ = watched(3)
    content = pack(watch)
    with pytest.raises(WrongHazardStateError):
        unpack(content[:-40], PRIOR)
    with pytest.raises(WrongHazardStateError):
        unpack(content, PRIOR.model_copy(update={"version": "another"}))


def test_another_prior_adopts_the_habits_and_learns_again() -> None:
    watch, _ = watched(80, budget=1.0)
    other = adopt(pack(watch), PRIOR.model_copy(update={"version": "another"}))
    assert other.book.habits.rows.tobytes() == watch.book.habits.rows.tobytes()
    assert other.ledger["alerted"].tolist() == watch.ledger["alerted"].tolist()
    assert (other.learner.labels, watch.learner.labels > 0) == (0, True)
    assert pack(adopt(pack(watch), PRIOR)) == pack(watch)


def test_the_summed_use_of_a_day_is_the_same_as_its_events() -> None:
    by_events, by_sums = (HazardWatch(PRIOR, day=FIRST_DAY - 1) for _ in range(2))
    for number, events in enumerate(DAYS[:30]):
        counted = OpenDays().after(events, [None] * len(events), end_of(number))
        ((_, content),) = counted.ended
        here, there = by_events.end_day(events), by_sums.end_day_of(use_of(content))
        assert here.log_odds.tobytes() == there.log_odds.tobytes()
    assert pack(by_events) == pack(by_sums)


def test_alerts_keep_the_pause_and_are_more_likely_right_than_wrong() -> None:
    _, risks = watched(110, budget=1.0)
    raised = np.array([risk.alert[:40] for risk in risks if len(risk.alert) >= 40])
    for account in raised.T:
        assert (np.diff(np.flatnonzero(account)) >= COOL_DOWN_DAYS).all()
    for risk in risks:
        assert (risk.probability[risk.alert] >= 0.5).all()
        assert not (risk.alert & ~risk.judged).any()


def test_the_threshold_follows_the_budget_down_to_its_floor() -> None:
    budget = HazardBudget(0.02, 1.0)
    for _ in range(100):
        budget = budget.after(alerts=0, watched=1_000)
    assert budget.threshold == 0.0
    assert budget.after(alerts=5, watched=1_000).threshold > 0.0


def test_the_changes_of_the_terms_add_up_to_the_log_odds_of_today() -> None:
    watch, risks = watched(90)
    for place, account_id in enumerate(watch.book.places):
        risk = risk_at(risks[-1], watch.learner, place, account_id)
        whole = risk.usual_log_odds + sum(one.change for one in risk.changes)
        assert whole == pytest.approx(risk.raw_log_odds, abs=1e-6)
        assert risk.raw_log_odds == pytest.approx(float(risks[-1].raw[place]), abs=1e-9)


def test_an_alert_states_probability_horizon_reasons_and_unknown_stakes() -> None:
    watch, risks = watched(100)
    place = int(np.argmax(risks[-1].log_odds))
    risk = risk_at(risks[-1], watch.learner, place, list(watch.book.places)[place])
    alert = alert_of(risk, name="Acme", stakes=Stakes(), rule=PRIOR.version)
    assert (alert.horizon_days, alert.probability) == (28, risk.probability)
    assert sum(one.share for one in alert.contributions) == pytest.approx(1.0)
    assert all(one.log_odds is not None and one.log_odds > 0.0 for one in alert.contributions)
    assert "probability of no use in the next 28 days" in alert.sentence
    assert alert.sentence.startswith("Acme: ")
    assert alert.sentence.endswith(
        "At stake: revenue unknown, renewal unknown, seats unknown; owner unknown."
    )
    assert alert.stakes.annual_revenue is None


def test_a_risk_that_did_not_rise_names_its_largest_term() -> None:
    changes = (TermChange("absence", 1.5, 0.0), TermChange("amount", 2.0, -0.5))
    risk = Risk("a", FIRST_DAY, 0.7, 1.0, 1.5, changes)
    alert = alert_of(risk, name="Acme", stakes=Stakes(), rule=PRIOR.version)
    assert [(one.name, one.share) for one in alert.contributions] == [("amount", 1.0)]
    assert "as before" in alert.sentence
    assert "Against it: how much it uses the product lowers the risk" in alert.sentence
    assert alert.contrary == ("how much it uses the product lowers the risk (odds × 0.61)",)


def test_words_about_closing_raise_the_probability_and_name_the_cause() -> None:
    quiet, told = (HazardWatch(PRIOR, day=FIRST_DAY - 1) for _ in range(2))
    for day in range(30):
        events = [event("a", day), event("b", day)]
        before, after = (
            quiet.end_day(events),
            told.end_day(
                events, {"a": AccountEvidence(asks=frozenset({"closing"}), threat=0.9)} if day == 29 else {}
            ),
        )
    assert after.log_odds[0] > before.log_odds[0] + 1.0
    assert after.log_odds[1] == before.log_odds[1]
    risk = risk_at(after, told.learner, 0, "a")
    assert {one.name for one in risk.changes[:2]} == {"asks", "threats"}
    assert risk.cause == "mood_slide"


def test_an_outcome_that_a_person_enters_is_learned_at_once() -> None:
    watch, _ = watched(30)
    account_id = next(iter(watch.book.places))
    before = watch.learner.intercept
    watch.learn_outcome(account_id, True)
    assert watch.learner.labels == 1
    assert watch.learner.intercept > before
