"""`rapport evaluate trend`: measure how well the trend of a mood is told on labelled accounts."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from streams.cli.composition.connections import read_settings
from streams.cli.composition.models import load_sentiment, token_limit
from streams.cli.output_files import write_lines
from streams.cli.terminal import errors, fail
from streams.evaluate.proportion import Proportion
from streams.evaluate.reading import WrongRow
from streams.evaluate.trends import (
    TREND_CLASSES,
    TrendAccount,
    TrendFigures,
    TrendTold,
    tell_trends,
    trend_accounts_of,
)

WRONG_LINES = 3
"""Exit code if some lines of the file could not be used, as in `rapport ingest`."""


def trend(
    file: Annotated[
        Path, typer.Argument(dir_okay=False, help="JSON lines with account_id, messages and expected.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write each account with its trend, as JSON lines.")
    ] = None,
    figures: Annotated[Path | None, typer.Option("--json", help="Write the figures as JSON.")] = None,
) -> None:
    """Measure how well accounts whose mood slides, stays stable or recovers are told apart.

    Each line holds `account_id`, `messages` (a list of `at`, a time in ISO 8601, and `text`) and `expected`:
    slide, stable or recovers. A time without a zone is in UTC. The model scores the texts, the trend follows
    them in order of time, and the standing after the last message decides. The exit code is 3 if a line is
    not a labelled account; each of these lines is named.

    Example: rapport evaluate trend accounts.jsonl --json figures.json --out trends.jsonl
    """
    rows = _rows(file)
    wrong = [row for row in rows if isinstance(row, WrongRow)]
    accounts = [row for row in rows if isinstance(row, TrendAccount)]
    for row in wrong:
        errors.print(f"{file}, line {row.line}: {row.reason}.", markup=False, highlight=False, soft_wrap=True)
    if not accounts:
        fail(f"{file} holds no labelled account.", code=WRONG_LINES if wrong else 1)
    told = _told(accounts)
    found = TrendFigures.of(one.pair for one in told)
    if out is not None:
        write_lines(out, (json.dumps(one.as_json(), ensure_ascii=False) for one in told))
    if figures is not None:
        write_lines(figures, [json.dumps({**found.as_json(), "wrong_lines": len(wrong)}, indent=1)])
    Console().print(_shares(found))
    Console().print(_confusion(found))
    if wrong:
        raise typer.Exit(WRONG_LINES)


def _rows(file: Path) -> list[TrendAccount | WrongRow]:
    try:
        with file.open("rb") as lines:
            return list(trend_accounts_of(lines))
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror or error}.")


def _told(accounts: Sequence[TrendAccount]) -> list[TrendTold]:
    settings = read_settings()
    model: Any = load_sentiment(settings)
    most = token_limit(settings)
    return list(tell_trends(accounts, lambda texts: model.score(texts, max_tokens=most)))


def _shares(found: TrendFigures) -> Table:
    table = Table(title="Trend", caption="share of accounts, with its 95 % interval")
    table.add_column("measure")
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("accounts", justify="right", no_wrap=True)
    rows = {"accuracy": found.accuracy, "false slides among stable": found.false_slides}
    rows |= {f"recall of {known}": found.recall(known) for known in TREND_CLASSES}
    rows |= {f"precision of {known}": found.precision(known) for known in TREND_CLASSES}
    for name, share in rows.items():
        table.add_row(name, _with_interval(share), f"{share.count:,} of {share.total:,}")
    return table


def _with_interval(share: Proportion) -> str:
    low, high = share.interval
    return f"{share.share:.3f} ({low:.3f} to {high:.3f})" if share.total else "none"


def _confusion(found: TrendFigures) -> Table:
    table = Table(title="Accounts by expected and told trend")
    table.add_column("expected")
    for decided in TREND_CLASSES:
        table.add_column(f"told {decided}", justify="right", no_wrap=True)
    for expected in TREND_CLASSES:
        table.add_row(expected, *(f"{found.counts[expected, decided]:,}" for decided in TREND_CLASSES))
    return table
