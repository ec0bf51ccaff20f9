"""The files of `rapport evaluate churn`: accounts, their use, and their dates of leaving."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from streams.cli.terminal import errors, fail, say
from streams.evaluate.account_days import (
    ACCOUNT_COLUMNS,
    OUTCOME_COLUMNS,
    USAGE_COLUMNS,
    Calendar,
    ColumnNames,
    DaySpool,
    MissingColumnError,
    account_of,
    count_of,
    is_day_number,
    named_columns,
)
from streams.ingest.documents import RejectedRow
from streams.ingest.instants import Instants
from streams.ingest.rows import open_rows
from streams.ingest.texts import IngestError

SHOWN_WRONG_ROWS: Final = 20
"""Number of wrong rows that are printed; --json has all of them."""

RowCells = Mapping[str, str]


class AccountFiles:
    """The files that are read, their refused rows, and a count of the rows of accounts not followed."""

    def __init__(self, usage: Path, accounts: Path, outcomes: Path | None) -> None:
        self._usage = usage
        self._accounts = accounts
        self._outcomes = outcomes
        self._strangers = 0
        self.refused: list[tuple[Path, RejectedRow]] = []

    def read(self, spool: DaySpool) -> Calendar:
        """Fill the spool with the accounts and their use; return the calendar of the files."""

        def follow(cells: RowCells, columns: ColumnNames) -> None:
            spool.add_account(*account_of(cells, columns))

        calendars: list[Calendar] = []

        def add_use(cells: RowCells, columns: ColumnNames) -> None:
            if not calendars:
                numbered = is_day_number(cells[columns["day"]])
                calendars.append(Calendar(Instants().read, has_numbers=numbered))
            self._add_use(spool, calendars[0], cells, columns)

        self._each(self._accounts, ACCOUNT_COLUMNS, follow)
        self._each(self._usage, USAGE_COLUMNS, add_use)
        if not spool.last_day:
            fail(f"{self._usage} holds no use of an account of {self._accounts}.")
        return calendars[0]

    def _add_use(self, spool: DaySpool, calendar: Calendar, cells: RowCells, columns: ColumnNames) -> None:
        cohort, account_id = account_of(cells, columns)
        day, count = calendar.day(cells[columns["day"]]), count_of(cells[columns["count"]])
        kind = cells[columns["kind"]].strip()
        if not kind:
            raise ValueError("the kind is blank")
        if account_id in spool:
            spool.add(cohort, account_id, day, (kind, count))
        else:
            self._strangers += 1

    def read_outcomes(self, calendar: Calendar) -> dict[str, int] | None:
        """Return the day of leaving of each account that left, or None without a file of outcomes."""
        if self._outcomes is None:
            return None
        left: dict[str, int] = {}

        def note(cells: RowCells, columns: ColumnNames) -> None:
            account_id, said = account_of(cells, columns)[1], cells[columns["left"]].strip()
            if said:
                left[account_id] = calendar.day(said)

        self._each(self._outcomes, OUTCOME_COLUMNS, note)
        return left

    def _each(
        self,
        path: Path,
        known: Mapping[str, Sequence[str]],
        use: Callable[[RowCells, ColumnNames], None],
    ) -> None:
        """Pass each row of a CSV file to `use`; refuse the rows for which it raises ValueError."""
        before = len(self.refused)
        try:
            with open_rows(path) as reader:
                columns = named_columns(reader.columns or (), known)
                for row in reader.rows:
                    self._take(path, row, columns, use)
        except MissingColumnError as error:
            fail(f"{path} {error}.")
        except IngestError as error:
            fail(str(error))
        _name_refused(self.refused[before:])

    def _take(
        self, path: Path, row: Any, columns: ColumnNames, use: Callable[[RowCells, ColumnNames], None]
    ) -> None:
        if isinstance(row, RejectedRow):
            self.refused.append((path, row))
            return
        try:
            use(row.cells, columns)
        except ValueError as error:
            self.refused.append((path, row.rejected(str(error))))

    def as_json(self) -> dict[str, Any]:
        """Return the refused rows, and the number of rows of accounts that are not followed."""
        refused = [{"file": str(path), "line": row.line, "reason": row.reason} for path, row in self.refused]
        return {"rows_of_unknown_accounts": self._strangers, "refused": refused}


def _name_refused(refused: Sequence[tuple[Path, RejectedRow]]) -> None:
    for path, row in refused[:SHOWN_WRONG_ROWS]:
        errors.print(f"{path}, line {row.line}: {row.reason}.", markup=False, highlight=False, soft_wrap=True)
    if len(refused) > SHOWN_WRONG_ROWS:
        say(f"{len(refused) - SHOWN_WRONG_ROWS:,} more rows are refused; --json FILE names all.")
