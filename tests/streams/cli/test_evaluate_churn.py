"""`rapport evaluate churn` on small generated use, through the detectors of production."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from streams.cli.evaluate import app
from streams.cli.evaluate_churn import StreamedPopulation
from streams.evaluate.account_days import Calendar, DaySpool
from streams.evaluate.churn_play import play
from streams.ingest.instants import Instants

Row = tuple[str, int, str, float]
"""Account, day, kind and count."""


def daily(accounts: int, days: int) -> Iterator[Row]:
    """Yield daily use of accounts; the first stops on day 60, the second falls to a tenth on day 50."""
    for account in range(accounts):
        for day in range(60 if account == 0 else days):
            falls = account == 1 and day >= 50
            yield f"a{account}", day, "view", 4.0 if falls else 40.0 + (7 * account + 3 * day) % 5


def write_rows(path: Path, rows: Iterator[Row] | list[Row]) -> None:
    lines = [f"{account},{day},{kind},{count}\n" for account, day, kind, count in rows]
    path.write_text("".join(["account_id,day,event,count\n", *lines]))


def snapshots(folder: Path, rows: list[Row]) -> list[tuple[str, ...]]:
    """Return the rows that the command would write."""
    folder.mkdir(parents=True)
    spool, calendar = DaySpool(folder), Calendar(Instants().read, has_numbers=True)
    for account, day, kind, count in rows:
        spool.add_account("", account)
        spool.add("", account, day, (kind, count))
    return [one.cells(calendar) for one in play(spool, calendar, StreamedPopulation)]


def test_the_account_that_stops_is_alerted_and_the_alert_is_right(tmp_path: Path) -> None:
    usage, accounts, left = tmp_path / "use.csv", tmp_path / "accounts.csv", tmp_path / "left.csv"
    out, figures = tmp_path / "alerts.csv", tmp_path / "figures.json"
    write_rows(usage, daily(8, 120))
    accounts.write_text("account_id\n" + "".join(f"a{number}\n" for number in range(8)))
    left.write_text("account_id,left_day\na0,70\na1,\n")
    arguments = ["churn", str(usage), str(accounts), "--out", str(out)]
    result = CliRunner().invoke(app, [*arguments, "--outcomes", str(left), "--json", str(figures)])
    assert result.exit_code == 0, result.stderr
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["account", "date", "score", "alert", "kind", "horizon"]
    assert len(rows) == 8 * 120
    alerts = [(row["account"], row["kind"]) for row in rows if row["alert"] == "1"]
    assert alerts == [("a1", "drop"), ("a0", "silence")]
    days = {row["account"]: int(row["date"]) for row in rows if row["alert"] == "1"}
    assert 50 < days["a1"] <= 53
    assert 60 < days["a0"] <= 63
    assert all(0.0 <= float(row["score"]) <= 1.0 and row["horizon"] == "28" for row in rows)
    told = json.loads(figures.read_text())
    assert (told["left"]["alerts"], told["left"]["alerts_right"]) == (2, 1)
    assert (told["dark"]["alerts"], told["dark"]["alerts_right"]) == (2, 1)
    assert told["left"]["lead_days_median"] == 70 - days["a0"]
    assert "precision of alerts" in result.stdout


def test_cutting_the_future_does_not_change_the_past(tmp_path: Path) -> None:
    rows = list(daily(4, 90))
    whole = snapshots(tmp_path / "whole", rows)
    for cut in (51, 52, 61, 62, 75):
        known = snapshots(tmp_path / str(cut), [row for row in rows if row[1] < cut])
        assert known == [row for row in whole if int(row[1]) < cut]


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c"]),
            st.integers(0, 60),
            st.sampled_from(["view", "edit"]),
            st.floats(0.5, 1e6),
        ),
        min_size=1,
        max_size=150,
    ),
    cut=st.integers(20, 60),
)
@settings(max_examples=25)
def test_no_use_after_a_day_changes_a_row_up_to_that_day(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("use")
    base: list[Row] = [(name, day, "view", 20.0) for name in "abc" for day in range(20)]
    known = snapshots(folder / "cut", [*base, *(row for row in rows if row[1] < cut)])
    last = int(known[-1][1])
    assert known == [row for row in snapshots(folder / "whole", [*base, *rows]) if int(row[1]) <= last]


def test_wrong_rows_are_named_and_accounts_that_are_not_listed_are_counted(tmp_path: Path) -> None:
    usage, accounts, figures = tmp_path / "use.csv", tmp_path / "accounts.csv", tmp_path / "figures.json"
    usage.write_text(
        "account_id,day,event,count\na,1,view,3\na,soon,view,3\na,2,view,-1\n,2,view,1\nb,2,view,1\n"
    )
    accounts.write_text("account_id\na\n")
    arguments = ["churn", str(usage), str(accounts), "--out", str(tmp_path / "out.csv")]
    result = CliRunner().invoke(app, [*arguments, "--json", str(figures)])
    assert result.exit_code == 3
    told = json.loads(figures.read_text())
    assert [wrong["line"] for wrong in told["refused"]] == [3, 4, 5]
    assert "use.csv, line 3: day 'soon': the input has day numbers." in result.stderr
    assert told["rows_of_unknown_accounts"] == 1
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == ["a,1,0.000000,0,,28"]


def test_a_file_without_a_needed_column_is_refused_in_a_sentence(tmp_path: Path) -> None:
    usage, accounts = tmp_path / "use.csv", tmp_path / "accounts.csv"
    usage.write_text("account_id,event,count\na,view,3\n")
    accounts.write_text("account_id\na\n")
    result = CliRunner().invoke(app, ["churn", str(usage), str(accounts), "--out", str(tmp_path / "o")])
    assert result.exit_code == 1
    assert "use.csv has no column day or date" in result.stderr
