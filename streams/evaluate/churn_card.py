"""The card of a trained prior: what it is, its data, its figures and where it fails."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from detectors.churn.hazard.names import GROUPS
from detectors.churn.hazard.prior import Prior
from streams.evaluate.churn_budget import budget_figures
from streams.evaluate.churn_figures import ChurnFigures

_TEXT: Final = """# Churn prior {version}

This file is written by the command that trains the prior:
`rapport train churn --data FOLDER --out FILE --seed {seed} --judge {held_out}`.

**What it is.** The log-odds that an account has no event for {horizon} days after a day: an intercept and one
curve of straight lines for each of {measures} measures of its use, in {groups} groups, with a calibration and
thresholds by budget. Online, River's logistic regression weighs the groups again for the accounts of the
deployment, with labels that make themselves after {horizon} days.

**Data.** {accounts:,} accounts and {snapshots:,} account-days of the cohorts {cohorts}, from a slice of the
Open University Learning Analytics Dataset (J. Kuzilek, M. Hlosta, Z. Zdrahal, Sci Data 4:170171, 2017, doi
10.1038/sdata.2017.171), CC BY 4.0. Changes: {horizon} days without activity are the outcome; only the curves
are kept, no data of a person. The prior is under Apache-2.0, with this attribution.

{hashes}

**Libraries.** {versions}

## Figures

The prior never saw {held_out}; these are its figures on it, with what it learns on the way.
Weekly snapshots of accounts active in the last 14 days: {rows:,}, of which {base:.1%} go dark.
Intervals of 95 % are over drawn accounts. Alerts: at most so many per account-month, 28 days apart; "first"
counts the first alert of each account only.

{table}

The product itself raises {alerts} alerts, day by day: {per_month} per account-month, precision {precision}.
Days from the first right alert to the end of {horizon} dark days: median {lead}. Calibration error by weekly
snapshots: {ece:.3f}.

| mean probability | share that went dark | snapshots |
|---|---|---|
{bins}

## Where it fails

- {wrong:,} of the {alerts} alerts raised on {held_out} were wrong: the account came back in {horizon} days.
- {missed:.0%} of the accounts that went dark had no right alert at .02 a month: most leave no trace in time.
- The data are students of courses. All share one calendar, so the comparison with peers is stronger than in
  a product whose accounts have nothing in common; near the end of a course all go dark together.
- Fewer than 20 accounts have no peers; the peers' terms are then 0 and the ranking is weaker.
- Moods, asks, seats, failures and anomalies are not in the data: their weights are chosen by hand until a
  deployment has learned its own.
- Formal leaving (withdrawal) is hardly visible in use; the prior predicts going dark only.
"""


def churn_told(figures: ChurnFigures) -> dict[str, Any]:
    """Return what the card tells of going dark: the alerts of the product, and scores at fixed budgets."""
    at_budget = budget_figures(figures.snapshots.by_cohort()["all"], "product")
    return {"at_budget": at_budget, **figures.outcomes["dark"].as_json()}


def card_text(prior: Prior, cohorts: Sequence[str], held_out: str, told: Mapping[str, Any]) -> str:
    """Return the card in Markdown; `told` has the figures of the held-out cohort."""
    at = told["at_budget"]
    scores = at["scores"]
    rows = [("AUC", [one["auc"] for one in scores.values()])]
    for budget in ("0.02", "0.05"):
        for key, name in ((budget, "alerts"), (f"{budget} first", "first alerts")):
            at_key = [one[key] for one in scores.values()]
            rows.append((f"precision of {name} at {budget}", [one["precision"] for one in at_key]))
            rows.append((f"recall of accounts by {name} at {budget}", [one["recall"] for one in at_key]))
    table = [
        f"| figure | {' | '.join(scores)} |",
        "|---" * (len(scores) + 1) + "|",
        *(f"| {name} | {' | '.join(_shown(one) for one in found)} |" for name, found in rows),
    ]
    lead = told["lead_days_median"]
    bins = [f"| {mean:.3f} | {share:.3f} | {count:,} |" for mean, share, count in at["reliability"]]
    return _TEXT.format(
        version=prior.version,
        seed=prior.seed,
        horizon=prior.horizon_days,
        measures=len(prior.curves),
        groups=len(GROUPS),
        accounts=prior.accounts,
        snapshots=prior.snapshots,
        cohorts=", ".join(cohorts),
        hashes="\n".join(f"- `{name}`: SHA-256 `{one}`" for name, one in prior.data.items()),
        versions=", ".join(f"{name} {one}" for name, one in prior.versions.items()),
        held_out=held_out,
        rows=at["snapshots"],
        base=at["base_rate"],
        table="\n".join(table),
        alerts=told["alerts"],
        per_month=_shown(told["alerts_per_account_month"]),
        precision=_shown(told["precision"]),
        lead="–" if lead is None else f"{lead:.0f}",
        ece=at["calibration_error"],
        bins="\n".join(bins),
        wrong=told["alerts"] - told["alerts_right"],
        missed=1.0 - (scores["product"]["0.02"]["recall"]["value"] or 0.0),
    )


def _shown(figure: Mapping[str, Any]) -> str:
    """Return a figure with its interval.

    >>> _shown({"value": 0.5, "interval": [0.4, 0.6]})
    '0.50 (0.40–0.60)'
    """
    if figure["value"] is None:
        return "–"
    low, high = figure["interval"]
    return f"{figure['value']:.2f} ({low:.2f}–{high:.2f})"
