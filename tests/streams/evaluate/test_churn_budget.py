"""Alerts at a fixed budget, calibration and its plot, on snapshots made by hand."""

import numpy as np
import pytest

from streams.evaluate.calibration_plot import calibration_plot
from streams.evaluate.churn_budget import (
    SnapshotTally,
    alerts_at,
    alerts_within,
    budget_figures,
    calibration_error,
)


def tally_of(scores: dict[str, list[float]], dark: dict[str, int]) -> SnapshotTally:
    """Return weekly snapshots from day 14 on; `dark` says from which day on the account goes dark."""
    tally = SnapshotTally()
    for place, (name, own) in enumerate(scores.items()):
        for week, score in enumerate(own):
            day = 14 + 7 * week
            lead = 20 if day >= dark.get(name, 1_000) else None
            tally.add(("c" if place % 2 else "d", place), day, lead, {"product": score, "recency": 0.0})
    return tally


WEEKS = {"goes": [0.1, 0.2, 0.8, 0.9], "stays": [0.1, 0.7, 0.1, 0.1], "calm": [0.1, 0.1, 0.1, 0.1]}


def test_an_account_is_alerted_again_only_after_the_pause() -> None:
    snapshots = tally_of(WEEKS | {"long": [0.9] * 9}, {}).by_cohort()["all"]
    rows = alerts_at(0.5, snapshots, "product")
    assert snapshots.day[rows].tolist() == [28, 21, 14, 42, 70]


def test_the_threshold_is_the_lowest_within_the_number_of_alerts() -> None:
    snapshots = tally_of(WEEKS, {}).by_cohort()["all"]
    assert len(alerts_within(1, snapshots, "product")) == 1
    assert len(alerts_within(2, snapshots, "product")) == 2
    assert len(alerts_within(0, snapshots, "recency")) == 3


def test_precision_recall_and_lead_are_those_of_the_alerts_and_only_each_seventh_day_counts() -> None:
    weeks = {f"{name} {copy}": own for copy in range(40) for name, own in WEEKS.items()}
    tally = tally_of(weeks, {name: 28 for name in weeks if name.startswith("goes")})
    tally.add(("c", 1), 15, None, {"product": 1.0, "recency": 1.0})
    told = budget_figures(tally.by_cohort()["all"], "product")
    assert told["snapshots"] == 4 * 120
    assert told["base_rate"] == pytest.approx(80 / 480)
    at = told["scores"]["product"]["0.05"]
    assert (at["alerts"], at["right"], at["lead_days_median"]) == (40, 40, 20.0)
    assert (at["precision"]["value"], at["recall"]["value"]) == (1.0, 1.0)
    low, high = told["scores"]["product"]["auc"]["interval"]
    assert 0.9 < low <= told["scores"]["product"]["auc"]["value"] <= high
    assert told["scores"]["recency"]["auc"]["value"] == pytest.approx(0.5)


def test_several_cohorts_are_told_apart_and_no_snapshot_gives_no_figure() -> None:
    assert set(tally_of(WEEKS, {}).by_cohort()) == {"all", "c", "d"}
    assert budget_figures(SnapshotTally().by_cohort()["all"], "product") == {}


def test_the_calibration_error_is_the_mean_distance_and_the_plot_draws_each_bin() -> None:
    bins = [(0.1, 0.2, 10), (0.6, 0.6, 10)]
    assert calibration_error(bins) == pytest.approx(0.05)
    drawn = calibration_plot(bins, "Dark < 28 days")
    assert drawn.count("<circle") == 2
    assert "Dark &lt; 28 days" in drawn
    assert np.isnan(calibration_error([]))
