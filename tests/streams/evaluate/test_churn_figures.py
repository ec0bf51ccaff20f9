"""Figures of churn alerts: what is right, what is judged, and the area under the curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.evaluate.account_days import AccountUse
from streams.evaluate.churn_figures import ChurnFigures, auc
from streams.evaluate.churn_play import AccountDay

ENDS = {"": 100}


def account(name: str, days: range) -> AccountUse:
    use = AccountUse(name)
    for day in days:
        use.note(day)
    return use


def figures_of(
    accounts: list[AccountUse], alerts: dict[str, list[int]], left: dict[str, int] | None = None
) -> ChurnFigures:
    """Return the figures of daily snapshots; the score of an account is 0.5 from its first alert on."""
    figures = ChurnFigures(ENDS, left)
    for day in range(ENDS[""] + 1):
        for place, use in enumerate(accounts):
            if day < use.first:
                continue
            raised = alerts.get(use.account_id, [])
            score = 0.5 if raised and day >= min(raised) else 0.0
            alert = day in raised
            figures.add(AccountDay("", place, use, day, score, alert, "silence" if alert else None))
    return figures


@given(
    positive=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    negative=st.lists(st.integers(0, 5), min_size=1, max_size=12),
)
def test_the_area_is_the_share_of_pairs_in_the_right_order(positive: list[int], negative: list[int]) -> None:
    pairs = [1.0 if p > n else 0.5 if p == n else 0.0 for p in positive for n in negative]
    counts = [np.bincount(bins, minlength=6).astype(float) for bins in (positive, negative)]
    assert auc(*counts) == pytest.approx(sum(pairs) / len(pairs))


def test_an_alert_is_right_if_28_silent_days_follow_and_judged_only_if_the_data_reach_so_far() -> None:
    stops, stays = account("stops", range(41)), account("stays", range(101))
    told = figures_of([stops, stays], {"stops": [40], "stays": [40, 90]}).outcomes["dark"].as_json()
    assert (told["alerts"], told["alerts_right"]) == (2, 1)
    assert told["precision"]["value"] == 0.5
    assert told["by_kind"] == {"silence": {"alerts": 2, "right": 1}}
    assert told["lead_days_median"] == 28
    months = 2 * (100 - 28 - 14 + 1) / 30.4
    assert told["account_months"] == pytest.approx(months)
    assert told["alerts_per_account_month"]["value"] == pytest.approx(2 / months)


def test_an_alert_just_before_the_last_activity_is_wrong() -> None:
    told = figures_of([account("stops", range(41))], {"stops": [39]}).outcomes["dark"].as_json()
    assert told["alerts_right"] == 0


def test_an_alert_after_14_days_without_activity_is_right_but_not_early() -> None:
    use = [account("first", range(41)), account("second", range(41))]
    told = figures_of(use, {"first": [53], "second": [54]}).outcomes["dark"].as_json()
    assert (told["alerts"], told["alerts_right"], told["early_alerts"]) == (2, 2, 1)
    assert told["recency_alerts"] == 2
    assert told["recency_days"] < 14


def test_the_recency_baseline_has_alerts_even_if_the_product_has_none() -> None:
    use = [account(f"stops {place}", range(41)) for place in range(5)]
    told = figures_of(use, {}).outcomes["dark"].as_json()
    assert (told["alerts"], told["recency_alerts"]) == (0, 5)
    assert told["recency_precision"]["value"] == 1.0
    assert told["precision"]["value"] is None


def test_leaving_counts_within_28_days_and_nothing_after_it() -> None:
    use = [account("soon", range(101)), account("late", range(101)), account("gone", range(101))]
    left = {"soon": 58, "late": 59, "gone": 20}
    told = figures_of(use, {"soon": [30], "late": [30], "gone": [30]}, left).outcomes["left"].as_json()
    assert (told["alerts"], told["alerts_right"], told["lead_days_median"]) == (2, 1, 28)


def test_the_dates_of_leaving_do_not_change_the_figures_of_going_dark() -> None:
    use = [account("stops", range(41)), account("stays", range(101))]
    alerts = {"stops": [42], "stays": [40]}
    with_dates = figures_of(use, alerts, {"stops": 41}).outcomes["dark"].as_json()
    assert with_dates == figures_of(use, alerts).outcomes["dark"].as_json()
    assert with_dates["alerts_right"] == 1


def test_a_score_that_is_high_before_going_dark_ranks_well_and_recency_beside_it() -> None:
    use = [account(f"stops {place}", range(41)) for place in range(5)]
    use += [account(f"stays {place}", range(101)) for place in range(5)]
    told = figures_of(use, {one.account_id: [38] for one in use[:5]}).outcomes["dark"].as_json()
    assert told["auc"]["value"] > 0.95
    low, high = told["auc"]["interval"]
    assert low <= told["auc"]["value"] <= high
    assert told["recency_auc"]["value"] > 0.9
    assert told["recency_precision"]["value"] == 1.0


def test_no_judged_snapshot_gives_no_figure() -> None:
    told = figures_of([account("new", range(90, 101))], {}).outcomes["dark"].as_json()
    assert told["accounts"] == 0
    assert "precision" not in told
