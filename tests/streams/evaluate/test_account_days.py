"""The use of accounts by day: rows come back in order of days, and silence is told right."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.evaluate import account_days
from streams.evaluate.account_days import (
    OUTCOME_COLUMNS,
    USAGE_COLUMNS,
    AccountUse,
    Calendar,
    DaySpool,
    MissingColumnError,
    count_of,
    named_columns,
)


def read(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(
    days=st.sets(st.integers(-40, 40), min_size=1).flatmap(lambda found: st.permutations(sorted(found))),
    after=st.integers(-60, 60),
    length=st.integers(0, 40),
)
def test_silence_is_told_as_a_set_of_days_tells_it(days: list[int], after: int, length: int) -> None:
    use = AccountUse("acme")
    for day in days:
        use.note(day)
    assert use.first == min(days)
    assert use.is_silent(after, after + length) == (not any(after < day <= after + length for day in days))


def test_rows_come_back_by_cohort_and_day_however_often_memory_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_days, "_WAITING_ROWS", 2)
    spool = DaySpool(tmp_path)
    for cohort, account in (("a", "a/1"), ("a", "a/2"), ("b", "b/1")):
        spool.add_account(cohort, account)
    spool.add("a", "a/1", 5, ("view", 3.0))
    spool.add("b", "b/1", -1, ("edit", 1.0))
    spool.add("a", "a/2", 3, ("edit", 2.0))
    spool.add("a", "a/1", 3, ("view", 4.0))
    spool.add("a", "a/2", 5, ("view", 0.0))
    assert list(spool.days("a")) == [3, 4, 5]
    assert list(spool.days("b")) == [-1]
    assert spool.rows("a", 3).tolist() == [(1, 1, 2.0), (0, 0, 4.0)]
    assert spool.rows("a", 4).tolist() == []
    assert spool.rows("a", 5).tolist() == [(0, 0, 3.0), (1, 0, 0.0)]
    assert [(use.account_id, use.first, use.active) for use in spool.accounts["a"]] == [
        ("a/1", 3, 0b101),
        ("a/2", 3, 0b1),
    ]
    assert spool.kinds == ["view", "edit"]


def test_results_name_days_as_the_input_does() -> None:
    numbers, dates = Calendar(read, has_numbers=True), Calendar(read, has_numbers=False)
    assert numbers.shown(numbers.day("-10")) == "-10"
    assert dates.shown(dates.day("2026-03-02 23:59:00")) == "2026-03-02"
    assert dates.start(dates.day("2026-03-02")) == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("has_numbers", "text", "reason"),
    [
        (True, "2026-03-02", "the input has day numbers"),
        (False, "12", "the input has dates"),
        (True, "99999", "not in the years 2000 to 2199"),
        (False, "1999-12-31", "not in the years 2000 to 2199"),
    ],
)
def test_a_day_of_another_form_or_out_of_range_is_refused(has_numbers: bool, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Calendar(read, has_numbers=has_numbers).day(text)


@pytest.mark.parametrize("cell", ["-1", "nan", "inf", "2e9", "many", ""])
def test_a_count_is_a_number_in_range(cell: str) -> None:
    with pytest.raises(ValueError, match="is not a number from 0 to 1e9"):
        count_of(cell)


def test_a_cohort_may_be_missing_and_no_other_column() -> None:
    assert "cohort" not in named_columns(["account", "date", "kind", "quantity"], USAGE_COLUMNS)
    with pytest.raises(MissingColumnError, match="has no column left_day or left"):
        named_columns(["account_id", "cohort"], OUTCOME_COLUMNS)
