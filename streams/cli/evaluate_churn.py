"""`rapport evaluate churn`: play the use of accounts through the daily hazard, and judge its alerts."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import typer

from streams.cli.account_files import AccountFiles
from streams.cli.churn_tables import show_budgets, show_outcomes
from streams.cli.composition.churn import DEFAULT_BUDGET, churn_models
from streams.cli.terminal import fail, say
from streams.evaluate.account_days import Calendar, DaySpool
from streams.evaluate.calibration_plot import calibration_plot
from streams.evaluate.churn_budget import budget_figures
from streams.evaluate.churn_figures import ChurnFigures
from streams.evaluate.churn_play import HEADER, AccountDay, play

WRONG_ROWS: Final = 3
"""Exit code if some rows could not be used, as in `rapport ingest`."""

_PLOT_TITLE: Final = "Probability that no activity follows for 28 days"


def churn(  # noqa: PLR0913, PLR0917 - one parameter per option
    usage: Annotated[Path, typer.Argument(dir_okay=False, help="CSV of the use by account, day and kind.")],
    accounts: Annotated[Path, typer.Argument(dir_okay=False, help="CSV with the accounts to follow.")],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="Write a row per account and day here.")],
    outcomes: Annotated[
        Path | None, typer.Option("--outcomes", help="CSV with the date of leaving of each account.")
    ] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", help="Write the figures with their intervals here, as JSON.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the calibration of the score here, as SVG.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Judge no day after this one; days as in the file.")
    ] = None,
    budget: Annotated[
        float, typer.Option("--budget", min=0.001, max=1.0, help="Alerts per account-month.")
    ] = DEFAULT_BUDGET,
    trained_on: Annotated[
        list[str] | None,
        typer.Option("--trained-on", help="Train on this cohort and judge the others; may be repeated."),
    ] = None,
) -> None:
    """Play the use of accounts day by day through the daily hazard, and judge its scores and alerts.

    Alerts of anomalies and of moods are no part of it.

    USAGE has the columns `account_id`, `day`, `event` and `count`; ACCOUNTS has `account_id`; the outcomes
    have `account_id` and `left_day`, which is blank for an account that stayed. Each of them may have
    `cohort`: the account is then `cohort/account_id`, and cohorts are played apart. Other names of these
    columns are `date`, `kind` and `quantity`. A day is a date or a day number; the results name days in the
    same way. Files may be compressed by gzip.

    A second table compares scores at .02 and .05 alerts per account-month, on one day in seven, for accounts
    active in the last 14 days: alerts with a pause of 28 days, and the first alert of each account alone.
    "prior" is the model without what it learns on the way.

    --out gets `account,date,score,alert,kind,horizon` for each account and day, from its first activity to
    the last day of its cohort, as known at the end of that day. `score` is the probability that no activity
    follows for 28 days; `alert` is 1 if an alert goes out on that day; `kind` is its cause.

    The model is the shipped one, which may have seen the cohort. With --trained-on it is trained again on the
    named cohorts, only the others are judged, and gradient boosting on the same cohorts stands beside it.

    An alert is right if the outcome comes within 28 days. "Left" is the date of leaving, "dark" is no
    activity on 28 days. Snapshots count from 14 days after the first activity, if the data reach 28 days
    further; for "left" only before the account left. The AUC, early alerts and recency alerts of "dark" count
    only accounts that were active in the last 14 days. Recency is the days since the last activity; recency
    alerts go out on the day without activity that makes most nearly as many alerts as the product has. Each
    figure has a 95 % interval from 1,000 seeded draws of whole accounts. The exit code is 3 if a row cannot
    be used; each of these rows is named and refused.

    Example: rapport evaluate churn usage.csv.gz accounts.csv --out alerts.csv --outcomes accounts.csv
    """
    files = AccountFiles(usage, accounts, outcomes)
    with TemporaryDirectory(prefix="rapport-") as folder:
        spool = DaySpool(Path(folder))
        calendar = files.read(spool)
        left = files.read_outcomes(calendar)
        last = _last_day(calendar, until)
        figures = ChurnFigures(spool.last_day, left, until=last)
        models = churn_models(spool, calendar, trained_on or (), budget=budget)
        played = play(spool, calendar, models.population, models.judged(spool))
        rows = _write_rows(out, played, calendar, figures)
    told: dict[str, Any] = {name: tally.as_json() for name, tally in figures.outcomes.items()}
    told["at_budget"] = budgets = {
        name: budget_figures(part, "product") for name, part in figures.snapshots.by_cohort().items()
    }
    told |= {"rows": rows, "prior": models.prior.version, **files.as_json()}
    if plot is not None and budgets["all"]:
        plot.write_text(calibration_plot(budgets["all"]["reliability"], _PLOT_TITLE), encoding="utf-8")
    if as_json is not None:
        as_json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    show_outcomes(told, list(figures.outcomes))
    show_budgets(told["at_budget"])
    say(
        f"{rows:,} account-days written by {models.prior.version};"
        f" {told['rows_of_unknown_accounts']:,} rows are of accounts that are not followed;"
        f" {len(told['refused']):,} rows refused. {models.note}".rstrip()
    )
    if files.refused:
        raise typer.Exit(WRONG_ROWS)


def _last_day(calendar: Calendar, until: str | None) -> int | None:
    try:
        return None if until is None else calendar.day(until)
    except ValueError as error:
        fail(f"--until: {error}.")


def _write_rows(out: Path, snapshots: Iterator[AccountDay], calendar: Calendar, figures: ChurnFigures) -> int:
    """Write a row per snapshot and count it; return the number of rows."""
    rows = 0
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for snapshot in snapshots:
            writer.writerow(snapshot.cells(calendar))
            figures.add(snapshot)
            rows += 1
    return rows
