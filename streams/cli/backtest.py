"""`rapport backtest` and `rapport recommend`: replay a company's own history through the live code."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from streams.backtest.churn_replay import ChurnReplay
from streams.backtest.grid import (
    BUDGETS,
    LEAST_PRECISION,
    SCORES,
    Advice,
    AlertGrid,
    GridPoint,
    TriedPoint,
    Wish,
    advise,
    environment_of,
    grid_json,
    try_grid,
)
from streams.backtest.grid_page import grid_page, short_cells, short_columns
from streams.backtest.page import backtest_page
from streams.backtest.recording import Recording
from streams.backtest.replay import GroupMakers, replay_churn, replay_use
from streams.backtest.results import backtest_json
from streams.backtest.summary import summary_rows
from streams.backtest.usage_replay import UsageReplay
from streams.cli.backtest_files import HistoryLayout, HistoryPaths
from streams.cli.backtest_run import (
    DEFAULT_HORIZON,
    AccountFile,
    DayZero,
    FromDate,
    HistoryOptions,
    HorizonOption,
    JsonFile,
    OutcomeFile,
    Partitions,
    TicketColumns,
    TicketFile,
    TicketFormat,
    TimeZone,
    ToDate,
    UseColumns,
    UseFile,
    end,
    opened_history,
    span_told,
)
from streams.cli.composition.alert_rules import alert_rules
from streams.cli.composition.backtest import moods_of
from streams.cli.output_files import refuse_unwritable, write_text
from streams.cli.progress import bar
from streams.cli.terminal import say

BudgetOption = Annotated[
    float | None,
    typer.Option("--budget", min=0.001, max=1.0, help="Alerts per account-month; by default the setting."),
]
ScoreOption = Annotated[
    float | None, typer.Option("--score", min=0.05, max=1.0, help="Least score; by default the setting.")
]


def backtest(  # noqa: PLR0913, PLR0917 - one parameter per option
    usage: UseFile,
    tickets: TicketFile = None,
    accounts: AccountFile = None,
    outcomes: OutcomeFile = None,
    first: FromDate = None,
    last: ToDate = None,
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="Write the report as HTML here.")
    ] = None,
    as_json: JsonFile = None,
    budget: BudgetOption = None,
    score: ScoreOption = None,
    horizon: HorizonOption = DEFAULT_HORIZON,
    partitions: Partitions = None,
    usage_column: UseColumns = None,
    ticket_column: TicketColumns = None,
    ticket_format: TicketFormat = None,
    start: DayZero = None,
    time_zone: TimeZone = "UTC",
) -> None:
    """Replay your own history: what would have been alerted, when, and why.

    The handlers of the usage, sentiment and churn groups run over the files as of event time, with the
    settings of this environment. No broker and no database is needed, and nothing is sent. The report has the
    incidents, and for each account its use, the expected band, and every decision with the sentence that the
    desk would have shown. It is one file without links.

    With outcomes it also tells precision, recall and lead time. An alert is right if the account left within
    --horizon days. Alerts that are too young to judge are left out of the precision, alerts after the account
    left are wrong. Give the detectors at least four weeks of use before --from.

    What people would have done with a case is not known: none is acknowledged, snoozed or resolved, and no
    outcome teaches a rule. The corrections of moods on your desk are not used. Use that came late counts at
    its own time.

    Every row is used, or refused by line and reason. Exit code 0: all rows were used; 3: some were refused.

    Example: rapport backtest --usage use.csv --accounts accounts.csv --from 2026-03-01 --to 2026-05-31
    --outcomes left.csv --out report.html
    """
    for target in (out, as_json):
        refuse_unwritable(target, usage)
    paths = HistoryPaths(usage, tickets, accounts, outcomes)
    layout = _layout(usage_column, ticket_column, ticket_format, (start, time_zone))
    options = HistoryOptions(paths, layout, first, last, horizon, partitions)
    with opened_history(options, moods_of) as history:
        own, makers = history.settings, _makers(history.recording)
        rules = alert_rules(own).within(
            alerts_per_month=budget or own.alerts_per_month, alert_score=score or own.alert_score
        )
        with bar("replaying", len(history.recording.use)) as advance:
            use = replay_use(history.recording, makers.use(rules.usage), advance)
        found = replay_churn(history.recording, use, makers.churn(rules))
        if out is not None:
            page = backtest_page(found, history.recording.accounts, history.known, note=history.note)
            write_text(out, page)
        if as_json is not None:
            write_text(as_json, _json(backtest_json(found, history.known) | {"files": history.as_json()}))
        _show(f"Backtest, {span_told(history)}", ("", "", ""), summary_rows(found, history.known))
        say(history.note)
        end(history)


def recommend(  # noqa: PLR0913, PLR0917 - one parameter per option
    usage: UseFile,
    tickets: TicketFile = None,
    accounts: AccountFile = None,
    outcomes: OutcomeFile = None,
    first: FromDate = None,
    last: ToDate = None,
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="Write the page with the trade-off here.")
    ] = None,
    as_json: JsonFile = None,
    budget: Annotated[
        list[float] | None,
        typer.Option("--budget", min=0.001, max=1.0, help="Alerts per account-month to try; repeatable."),
    ] = None,
    score: Annotated[
        list[float] | None,
        typer.Option("--score", min=0.05, max=1.0, help="Least score to try; repeatable."),
    ] = None,
    most_alerts: Annotated[
        float | None,
        typer.Option("--most-alerts", min=0.1, help="Alerts a month that your people can look at."),
    ] = None,
    precision: Annotated[
        float, typer.Option("--precision", min=0.0, max=1.0, help="Precision to reach, with --outcomes.")
    ] = LEAST_PRECISION,
    horizon: HorizonOption = DEFAULT_HORIZON,
    partitions: Partitions = None,
    usage_column: UseColumns = None,
    ticket_column: TicketColumns = None,
    ticket_format: TicketFormat = None,
    start: DayZero = None,
    time_zone: TimeZone = "UTC",
) -> None:
    """Propose the alert budget and the least score from your own history, with the trade-off.

    A backtest runs for each point of a grid. With outcomes the point is chosen on the first half of the
    history and shown on the second: of the points that reach the precision, the one that finds most accounts
    that leave, then the one with fewer alerts. Without outcomes it is the greatest budget up to the default
    that your history keeps, or, with --most-alerts, the point that tells most within it. Of equal points the
    one nearest to the present settings is proposed. The result names the environment variables to set.

    Exit code 0: all rows were used; 3: some were refused.

    Example: rapport recommend --usage use.csv --outcomes left.csv --out trade-off.html
    """
    for target in (out, as_json):
        refuse_unwritable(target, usage)
    paths = HistoryPaths(usage, tickets, accounts, outcomes)
    layout = _layout(usage_column, ticket_column, ticket_format, (start, time_zone))
    budgets, scores = sorted(set(budget or BUDGETS)), sorted(set(score or SCORES))
    options = HistoryOptions(paths, layout, first, last, horizon, partitions)
    with opened_history(options, moods_of) as history:
        recording, grid = history.recording, AlertGrid(alert_rules(history.settings), budgets, scores)
        with bar("replaying", len(recording.use) * len(budgets)) as advance:
            points = list(try_grid(recording, _makers(recording), grid, history.known, advance))
        own = history.settings
        wish = Wish(GridPoint(own.alerts_per_month, own.alert_score), most_alerts, precision)
        advice = advise(points, wish)
        if out is not None:
            write_text(out, grid_page(points, advice, span=span_told(history), note=history.note))
        if as_json is not None:
            told = grid_json(points, advice, history.known) | {"files": history.as_json()}
            write_text(as_json, _json(told))
        _tell(points, advice, span_told(history))
        say(history.note)
        end(history)


def _makers(recording: Recording) -> GroupMakers:
    """Return how the two groups are made for a recording."""
    return GroupMakers(
        partial(UsageReplay, recording.partitions), lambda rules: ChurnReplay(rules, recording.accounts)
    )


def _layout(
    use: list[str] | None,
    tickets: list[str] | None,
    form: Any,
    times: tuple[str | None, str],
) -> HistoryLayout:
    ticket_format = None if form is None else form.value
    return HistoryLayout(tuple(use or ()), tuple(tickets or ()), ticket_format, *times)


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _tell(points: Sequence[TriedPoint], advice: Advice, span: str) -> None:
    has_outcomes = advice.chosen.whole is not None
    marked = [(*short_cells(one), "←" if one.point == advice.chosen.point else "") for one in points]
    _show(f"What to set, by {span}", (*short_columns(has_outcomes=has_outcomes), ""), marked)
    console = Console(soft_wrap=True)
    console.print(f"{advice.why} {advice.held_out}".strip(), markup=False, highlight=False)
    for name, value in environment_of(advice.chosen.point).items():
        console.print(f"{name}={value}", markup=False, highlight=False)


def _show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(title=title, show_header=any(columns))
    for name in columns:
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
