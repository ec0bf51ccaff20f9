"""The outcome of a row of the fault matrix and of a mutation, and their tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from tests.faults.checks import Checked


@dataclass(frozen=True)
class Outcome:
    """The result of one row.

    `inputs` counts the records sent, `lost` and `doubled` the records with no fate or with more than one.
    `seconds_to_recover` is the longest of all repeats, None if the row has no such moment.
    """

    row: int
    title: str
    repeats: int
    inputs: int
    lost: int
    doubled: int
    seconds_to_recover: float | None
    passed: bool
    remarks: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table."""
        recover = "-" if self.seconds_to_recover is None else f"{self.seconds_to_recover:.1f}"
        numbers = (f"{self.repeats:,}", f"{self.inputs:,}", f"{self.lost:,}", f"{self.doubled:,}", recover)
        return (str(self.row), self.title, "pass" if self.passed else "FAIL", *numbers, self.remarks)


def table_of(outcomes: Sequence[Outcome]) -> Table:
    """Return the table of all rows and their sum."""
    table = Table(title="Fault matrix", show_lines=False)
    for heading in ("row", "fault", "result"):
        table.add_column(heading)
    for heading in ("repeats", "inputs", "lost", "doubled", "s to recover"):
        table.add_column(heading, justify="right")
    table.add_column("remarks", overflow="fold")
    for outcome in outcomes:
        table.add_row(*outcome.cells(), style=None if outcome.passed else "red")
    inputs, lost = sum(outcome.inputs for outcome in outcomes), sum(outcome.lost for outcome in outcomes)
    doubled = sum(outcome.doubled for outcome in outcomes)
    table.add_section()
    table.add_row("", "all", "", "", f"{inputs:,}", f"{lost:,}", f"{doubled:,}", "", "")
    return table


@dataclass(frozen=True)
class Noticed:
    """The results of a scenario with a rule and without it."""

    mutation: str
    scenario: str
    with_rule: Checked
    without_rule: Checked

    @property
    def passed(self) -> bool:
        """Return whether the scenario is clean with the rule and not clean without it."""
        return self.with_rule.is_clean and not self.without_rule.is_clean

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table."""
        seen = self.without_rule
        clean = "clean" if self.with_rule.is_clean else "; ".join(self.with_rule.remarks)
        said = "; ".join(seen.remarks)
        verdict = "noticed" if self.passed else "NOT NOTICED"
        return (self.mutation, self.scenario, clean, f"{seen.lost:,}", f"{seen.doubled:,}", said, verdict)


def mutation_table_of(found: Sequence[Noticed]) -> Table:
    """Return the table of the mutation check."""
    table = Table(title="Mutation check: one rule switched off at a time")
    for heading in ("rule switched off", "scenario", "with the rule", "lost", "doubled", "said", "verdict"):
        table.add_column(heading, overflow="fold")
    for noticed in found:
        table.add_row(*noticed.cells(), style=None if noticed.passed else "red")
    return table
