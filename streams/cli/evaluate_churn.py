"""`rapport evaluate churn`: play the use of accounts through the product and judge its churn alerts."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from detectors.churn.assess import risk_of
from detectors.churn.health import AccountHealth
from detectors.churn.shared import SharedCause
from detectors.usage.policy import UsagePolicy
from schemas.churn import AlertCause, ChurnAlert
from schemas.usage import Anomaly, UsageEvent
from streams import churn as churn_group
from streams.cli.account_files import AccountFiles
from streams.cli.terminal import say
from streams.evaluate.account_days import Calendar, DaySpool
from streams.evaluate.churn_figures import ChurnFigures
from streams.evaluate.churn_play import HEADER, HORIZON_DAYS, AccountDay, play
from streams.usage import handler
from streams.usage.states import PartitionDetectors

WRONG_ROWS: Final = 3
"""Exit code if some rows could not be used, as in `rapport ingest`."""

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


def churn(
    usage: Annotated[Path, typer.Argument(dir_okay=False, help="CSV of the use by account, day and kind.")],
    accounts: Annotated[Path, typer.Argument(dir_okay=False, help="CSV with the accounts to follow.")],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="Write a row per account and day here.")],
    outcomes: Annotated[
        Path | None, typer.Option("--outcomes", help="CSV with the date of leaving of each account.")
    ] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", help="Write the figures with their intervals here, as JSON.")
    ] = None,
) -> None:
    """Play the use of accounts day by day through the product, and judge its churn alerts.

    USAGE has the columns `account_id`, `day`, `event` and `count`; ACCOUNTS has `account_id`; the outcomes
    have `account_id` and `left_day`, which is blank for an account that stayed. Each of them may have
    `cohort`: the account is then `cohort/account_id`, and cohorts are played apart. Other names of these
    columns are `date`, `kind` and `quantity`. A day is a date or a day number; the results name days in the
    same way. Files may be compressed by gzip.

    --out gets `account,date,score,alert,kind,horizon` for each account and day, from its first activity to
    the last day of its cohort, as known at the end of that day. `score` is in [0, 1]; `alert` is 1 if an
    alert goes out on that day; `kind` is the cause.

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
        figures = ChurnFigures(spool.last_day, left)
        populations: list[StreamedPopulation] = []

        def population() -> StreamedPopulation:
            populations.append(StreamedPopulation())
            return populations[-1]

        rows = _write_rows(out, play(spool, calendar, population), calendar, figures)
    told: dict[str, Any] = {name: tally.as_json() for name, tally in figures.outcomes.items()}
    told |= {"rows": rows, **_counts(populations), **files.as_json()}
    if as_json is not None:
        as_json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    _show(told, list(figures.outcomes))
    if files.refused:
        raise typer.Exit(WRONG_ROWS)


class StreamedPopulation:
    """The functions of the usage and the churn group, without a broker, on one partition of accounts.

    Time is the event time of the file. `incidents` has the ids of the shared causes, `swallowed` counts the
    alerts that they explain, and `failed` the events that could not be counted.
    """

    def __init__(self) -> None:
        self._policy = UsagePolicy()
        self._partition = PartitionDetectors(policy=self._policy)
        self._healths: dict[str, AccountHealth] = {}
        self._cause = SharedCause()
        self._found: list[Anomaly] = []
        self.incidents: set[str] = set()
        self.swallowed = 0
        self.failed = 0

    def observe(self, events: Sequence[UsageEvent]) -> None:
        """Score, then learn, the events of a day."""
        outcomes, found = handler.handle(self._partition, events, self._policy)
        self._found += found
        self.failed += sum(outcome is not None for outcome in outcomes)

    def end_day(self, end: datetime) -> list[ChurnAlert]:
        """Tell the partition the time, turn its anomalies into alerts, and return those that go out."""
        found = sorted(
            [*self._found, *self._partition.advance(end)], key=lambda one: (one.detected_at, one.anomaly_id)
        )
        self._found = []
        raised = churn_group.handle(self._healths, found, {})
        state = churn_group.SharedState(cause=self._cause, clock=end, clock_at=end)
        state, outcome = churn_group.hold(state, raised, active_accounts=len(self._partition), now=end)
        self._cause = state.cause
        self.incidents |= {incident.incident_id for incident in outcome.incidents}
        self.swallowed += len(outcome.explained)
        for alert in outcome.explained:
            self._healths[alert.account_id] = self._healths[alert.account_id].after_incident(alert)
        return outcome.alerts

    def risk(self, account_id: str, at: datetime) -> tuple[float, AlertCause | None]:
        """Return the score of the account's live signals at event time `at`, and their cause."""
        health = self._healths.get(account_id)
        return (0.0, None) if health is None else risk_of(health, now=at)


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


def _counts(populations: Sequence[StreamedPopulation]) -> dict[str, int]:
    return {
        "incidents": sum(len(one.incidents) for one in populations),
        "alerts_in_incidents": sum(one.swallowed for one in populations),
        "events_not_counted": sum(one.failed for one in populations),
    }


def _show(told: Mapping[str, Any], outcomes: Sequence[str]) -> None:
    """Print the figures of each outcome side by side, and what the files held."""
    table = Table(title=f"Churn alerts, horizon {HORIZON_DAYS} days", caption="95 % intervals over accounts")
    table.add_column("figure")
    for outcome in outcomes:
        table.add_column(outcome, justify="right", no_wrap=True)
    for key, name in _NAMES.items():
        table.add_row(name, *(_shown(told[outcome].get(key)) for outcome in outcomes))
    for key, name in _PLAIN.items():
        table.add_row(name, *(_plain(told[outcome][key]) for outcome in outcomes))
    Console().print(table)
    say(
        f"{told['rows']:,} account-days written; {told['incidents']:,} shared causes explain"
        f" {told['alerts_in_incidents']:,} alerts; {told['rows_of_unknown_accounts']:,} rows are of accounts"
        f" that are not followed; {len(told['refused']):,} rows refused."
    )


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
