"""The tables of `rapport evaluate churn`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.evaluate.churn_budget import BUDGETS
from streams.evaluate.churn_play import HORIZON_DAYS
from streams.operate.dead_letters import printable

_NAMES: Final[Mapping[str, str]] = {
    "precision": "precision of alerts",
    "early_precision": "precision of early alerts",
    "alerts_per_account_month": "alerts per account-month",
    "auc": "AUC of the daily score",
    "recency_auc": "AUC of recency",
    "recency_precision": "precision of recency alerts",
    "base_rate": "share of ranked snapshots with the outcome",
}
_PLAIN: Final[Mapping[str, str]] = {
    "accounts": "accounts",
    "account_months": "account-months",
    "alerts": "alerts",
    "alerts_right": "right alerts",
    "early_alerts": "early alerts",
    "recency_alerts": "recency alerts",
    "lead_days_median": "days from the first right alert to the outcome, median",
    "lead_days_p10": "the same, 10th percentile",
    "recency_days": "days without activity of a recency alert",
}


def show_outcomes(told: Mapping[str, Any], outcomes: Sequence[str]) -> None:
    """Print the figures of each outcome side by side."""
    table = Table(title=f"Churn alerts, horizon {HORIZON_DAYS} days", caption="95 % intervals over accounts")
    table.add_column("figure")
    for outcome in outcomes:
        table.add_column(outcome, justify="right", no_wrap=True)
    for key, name in _NAMES.items():
        table.add_row(name, *(_shown(told[outcome].get(key)) for outcome in outcomes))
    for key, name in _PLAIN.items():
        table.add_row(name, *(_plain(told[outcome][key]) for outcome in outcomes))
    Console().print(table)


def show_budgets(cohorts: Mapping[str, Mapping[str, Any]]) -> None:
    """Print for each cohort the scores side by side at a fixed number of alerts."""
    for cohort, told in cohorts.items():
        if not told:
            continue
        table = Table(
            title=f"Going dark, {escape(printable(cohort))}: {told['snapshots']:,} weekly snapshots of"
            f" {told['accounts']:,} accounts, {told['base_rate']:.1%} go dark",
            caption=f"calibration error of the product's score: {told['calibration_error']:.3f}",
        )
        table.add_column("figure", min_width=22)
        for name in told["scores"]:
            table.add_column(name, justify="right")
        for label, row in _budget_rows(told["scores"]):
            table.add_row(label, *row)
        Console().print(table)


def _budget_rows(scores: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    rows = [("AUC", [_stacked(one["auc"]) for one in scores.values()])]
    for budget in BUDGETS:
        for key, name in ((f"{budget:g}", "alerts"), (f"{budget:g} first", "first alerts")):
            at = [one[key] for one in scores.values()]
            rows += [
                (f"{budget:g} a month: precision of {name}", [_stacked(one["precision"]) for one in at]),
                ("  recall of accounts", [_stacked(one["recall"]) for one in at]),
                ("  alerts; days ahead, median", [_counted(one) for one in at]),
            ]
    return rows


def _stacked(figure: Mapping[str, Any]) -> str:
    r"""Return a figure with its interval below it, so that several fit beside each other.

    >>> _stacked({"value": 0.5, "interval": [0.4, 0.6]})
    '0.500\n0.40–0.60'
    """
    if figure["value"] is None:
        return "–"
    low, high = figure["interval"]
    return f"{figure['value']:.3f}\n{low:.2f}–{high:.2f}"


def _counted(one: Mapping[str, Any]) -> str:
    return f"{one['alerts']:,}; {_plain(one['lead_days_median'])}"


def _shown(figure: Mapping[str, Any] | None) -> str:
    """Return a figure with its interval.

    >>> _shown({"value": 0.5, "interval": [0.4, 0.6]}), _shown(None)
    ('0.500 (0.400 to 0.600)', '–')
    """
    if figure is None or figure["value"] is None:
        return "–"
    low, high = figure["interval"]
    return f"{figure['value']:.3f} ({low:.3f} to {high:.3f})"


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
