"""`rapport evaluate churn` on small generated use, by the hazard of the product."""

import csv
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from streams.cli.composition.churn import churn_models
from streams.cli.evaluate import app
from streams.evaluate.account_days import Calendar, DaySpool
from streams.evaluate.churn_play import play
from streams.ingest.instants import Instants
from tests.detectors.churn.hazard.populations import days_of_use

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
    models = churn_models(spool, calendar, (), budget=1.0)
    return [one.cells(calendar) for one in play(spool, calendar, models.population)]


def test_the_command_writes_a_row_per_day_and_the_figures_of_alerts_at_a_fixed_budget(tmp_path: Path) -> None:
    usage, accounts, left = tmp_path / "use.csv", tmp_path / "accounts.csv", tmp_path / "left.csv"
    out, figures, plot = tmp_path / "alerts.csv", tmp_path / "figures.json", tmp_path / "plot.svg"
    write_rows(usage, daily(30, 120))
    accounts.write_text("account_id\n" + "".join(f"a{number}\n" for number in range(30)))
    left.write_text("account_id,left_day\na0,70\na1,\n")
    arguments = ["churn", str(usage), str(accounts), "--out", str(out), "--plot", str(plot)]
    result = CliRunner().invoke(app, [*arguments, "--outcomes", str(left), "--json", str(figures)])
    assert result.exit_code == 0, result.stderr
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["account", "date", "score", "alert", "kind", "horizon"]
    assert len(rows) == 30 * 120
    assert all(0.0 <= float(row["score"]) <= 1.0 and row["horizon"] == "28" for row in rows)
    scores = {(row["account"], int(row["date"])): float(row["score"]) for row in rows}
    assert scores["a0", 70] > 5 * scores["a0", 59]
    assert scores["a0", 70] > 5 * scores["a5", 70]
    told = json.loads(figures.read_text())
    alerted = sum(row["alert"] == "1" for row in rows if 14 <= int(row["date"]) <= 119 - 28)
    assert told["dark"]["alerts"] == alerted
    at_budget = told["at_budget"]["all"]
    assert set(at_budget["scores"]) == {"product", "recency", "prior"}
    assert at_budget["scores"]["product"]["auc"]["value"] > 0.9
    assert at_budget["scores"]["product"]["0.02"]["alerts"] <= 2
    assert sum(count for *_, count in at_budget["reliability"]) == at_budget["snapshots"]
    assert plot.read_text().startswith("<svg")
    assert "30 accounts" in " ".join(result.stdout.split())


def test_the_days_after_the_last_that_is_judged_do_not_count(tmp_path: Path) -> None:
    usage, accounts, figures = tmp_path / "use.csv", tmp_path / "accounts.csv", tmp_path / "figures.json"
    write_rows(usage, daily(3, 120))
    accounts.write_text("account_id\na0\na1\na2\n")
    arguments = ["churn", str(usage), str(accounts), "--out", str(tmp_path / "o"), "--json", str(figures)]
    assert CliRunner().invoke(app, [*arguments, "--until", "41"]).exit_code == 0
    told = json.loads(figures.read_text())
    assert told["at_budget"]["all"]["snapshots"] == 3 * len([14, 21, 28, 35])
    assert told["dark"]["account_months"] == pytest.approx(3 * 28 / 30.4)
    wrong = CliRunner().invoke(app, [*arguments, "--until", "soon"])
    assert wrong.exit_code == 1
    assert "--until: day 'soon'" in wrong.stderr


def test_a_model_trained_on_one_cohort_is_judged_on_the_other_beside_boosting(tmp_path: Path) -> None:
    usage, accounts = tmp_path / "use.csv", tmp_path / "accounts.csv"
    out, figures = tmp_path / "alerts.csv", tmp_path / "figures.json"
    uses = [
        (cohort, one.account_id, day, one.kind, one.quantity)
        for seed, cohort in enumerate(("early", "late"))
        for day, events in enumerate(days_of_use(60, 100, seed))
        for one in events
    ]
    lines = [",".join(map(str, row)) + "\n" for row in uses]
    usage.write_text("".join(["cohort,account_id,day,event,count\n", *lines]))
    known = sorted({f"{cohort},{account}\n" for cohort, account, *_ in uses})
    accounts.write_text("".join(["cohort,account_id\n", *known]))
    arguments = ["churn", str(usage), str(accounts), "--out", str(out), "--json", str(figures)]
    result = CliRunner().invoke(app, [*arguments, "--trained-on", "early"])
    assert result.exit_code == 0, result.stderr
    scores = json.loads(figures.read_text())["at_budget"]["all"]["scores"]
    assert scores["product"]["auc"]["value"] > 0.7
    assert ("boosting" in scores) == (find_spec("sklearn") is not None)
    with out.open(newline="") as file:
        assert {row["account"].split("/")[0] for row in csv.DictReader(file)} == {"late"}
    wrong = CliRunner().invoke(app, [*arguments, "--trained-on", "another"])
    assert wrong.exit_code == 1
    assert "early, late" in wrong.stderr


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
    assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("a,1,0.")


def test_a_file_without_a_needed_column_is_refused_in_a_sentence(tmp_path: Path) -> None:
    usage, accounts = tmp_path / "use.csv", tmp_path / "accounts.csv"
    usage.write_text("account_id,event,count\na,view,3\n")
    accounts.write_text("account_id\na\n")
    result = CliRunner().invoke(app, ["churn", str(usage), str(accounts), "--out", str(tmp_path / "o")])
    assert result.exit_code == 1
    assert "use.csv has no column day or date" in result.stderr
