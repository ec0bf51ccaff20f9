"""The rows of the fault matrix: each module `row_*.py` in this folder lists its rows in `ROWS_HERE`.

    ROWS_HERE = (Row(4, "broker away 60 s", broker_away),)

`broker_away(plan, tally)` asserts the pass criterion, and reports its observations to the tally:
`tally.take(lab.check("usage"))` after each repeat, `tally.repeats += 1`, `tally.recovered.append(seconds)`,
`tally.notes.append("RSS 1.2 x idle")`, and `tally.next_lab()` before it opens a second lab.
"""

import importlib
import pkgutil
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.checks import Checked
from tests.faults.outcome import Outcome


@dataclass(frozen=True)
class Plan:
    """The size of a row; None leaves it to the row. `quick` is the smallest run that shows the fault."""

    repeats: int | None = None
    inputs: int | None = None
    seed: int = 1
    quick: bool = False

    def pick(self, full: int, quick: int) -> int:
        """Return `quick` in a quick run, otherwise `full`."""
        return quick if self.quick else full

    def repeats_or(self, full: int, quick: int) -> int:
        """Return the number of repeats."""
        return self.repeats if self.repeats is not None else self.pick(full, quick)

    def inputs_or(self, full: int, quick: int) -> int:
        """Return the number of inputs of a repeat."""
        return self.inputs if self.inputs is not None else self.pick(full, quick)


@dataclass
class Tally:
    """The results of a row so far; they are kept if an assertion of the row fails.

    `checked` covers the whole lab, where inputs accumulate, so each check replaces the previous check.
    """

    repeats: int = 0
    checked: Checked = field(default_factory=Checked)
    earlier: Checked = field(default_factory=Checked)
    recovered: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(self, checked: Checked) -> None:
        """Keep the result of a check, and raise AssertionError unless it is clean."""
        self.checked = checked
        checked.demand()

    def next_lab(self) -> None:
        """Add the results of the present lab to the earlier labs, and begin with a new lab."""
        self.earlier, self.checked = self.earlier + self.checked, Checked()


@dataclass(frozen=True)
class Row:
    """One row: `work` asserts its pass criterion, and notes its observations in the tally."""

    number: int
    title: str
    work: Callable[[Plan, Tally], None]

    def run(self, plan: Plan) -> Outcome:
        """Run the row; a failure of any kind is an outcome that did not pass, with the error as a remark."""
        tally, failure = Tally(), ""
        started = time.monotonic()
        try:
            self.work(plan, tally)
        except Exception as error:
            failure = _words(error)
        seen = tally.earlier + tally.checked
        notes = [*tally.notes, f"{time.monotonic() - started:.0f} s", *([failure] if failure else [])]
        return Outcome(
            row=self.number,
            title=self.title,
            repeats=tally.repeats,
            inputs=seen.inputs,
            lost=seen.lost,
            doubled=seen.doubled,
            seconds_to_recover=max(tally.recovered, default=None),
            passed=not failure,
            remarks="; ".join(notes),
        )


def _words(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    notes = " ".join(getattr(error, "__notes__", []))
    return f"{kind}{str(error)[:600] or place.line} ({place.name}:{place.lineno}) {notes}".strip()


def find_rows() -> dict[int, Row]:
    """Import every module of this folder named `row_*`; return their rows by number."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    names = [name for name in found if name.startswith("row_")]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    rows: list[Row] = [row for module in modules for row in module.ROWS_HERE]
    assert len({row.number for row in rows}) == len(rows), "two modules have the same row"
    return {row.number: row for row in sorted(rows, key=lambda row: row.number)}
