"""`rapport train churn` on small generated cohorts: a prior that can be read, and a card that is honest."""

import gzip
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detectors.churn.hazard.prior import Prior
from streams.cli.train import app
from tests.detectors.churn.hazard.populations import days_of_use


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        f"{cohort},{one.account_id},{day},{one.kind},{one.quantity}\n"
        for seed, cohort in enumerate(("early", "late"))
        for day, events in enumerate(days_of_use(40, 90, seed))
        for one in events
    ]
    with gzip.open(tmp_path / "usage.csv.gz", "wt") as file:
        file.write("".join(["cohort,account_id,day,event,count\n", *rows]))
    accounts = sorted({",".join(row.split(",")[:2]) + "\n" for row in rows})
    (tmp_path / "accounts.csv").write_text("".join(["cohort,account_id\n", *accounts]))
    return tmp_path


def test_the_prior_can_be_read_and_the_card_says_which_cohort_was_held_out(data: Path) -> None:
    out = data / "model" / "prior.json"
    result = CliRunner().invoke(app, ["churn", "--data", str(data), "--out", str(out), "--seed", "3"])
    assert result.exit_code == 0, result.stderr
    prior = Prior.model_validate_json(out.read_bytes())
    assert (prior.seed, prior.accounts, prior.horizon_days) == (3, 40, 28)
    assert set(prior.data) == {"usage.csv.gz", "accounts.csv"}
    assert all(len(digest) == 64 for digest in prior.data.values())
    card = (out.parent / "card.md").read_text()
    assert "The prior never saw late" in card
    assert prior.data["usage.csv.gz"] in card
    assert "Where it fails" in card


def test_a_cohort_that_is_not_there_cannot_be_held_out(data: Path) -> None:
    arguments = ["churn", "--data", str(data), "--out", str(data / "prior.json"), "--judge", "next"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "early, late" in result.stderr
