"""A program: `python -m tests.faults` runs the fault matrix; with `mutations`, the mutation check.

Both print their table. A full run also writes its section of RESULTS.md in this folder; a run of some rows, a
quick run or a run of another size writes only if `--results` names a file.
"""

import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tests.faults.outcome import mutation_table_of, table_of
from tests.faults.rows import Plan, find_rows
from tests.faults.scenarios import SCENARIOS
from tests.results import markdown, write_section

RESULTS = Path(__file__).with_name("RESULTS.md")
FAILED = 1

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
people = Console(width=180)

Results = Annotated[
    Path | None,
    typer.Option("--results", dir_okay=False, help="Write the table to this file; RESULTS.md if all ran."),
]


@app.callback(invoke_without_command=True)
def matrix(
    context: typer.Context,
    rows: Annotated[str, typer.Option(help="Row numbers, separated by commas; without it all.")] = "",
    *,
    quick: Annotated[bool, typer.Option("--quick", help="The smallest run of each row.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the inputs and of the moments of the faults.")] = 1,
    repeats: Annotated[int | None, typer.Option(min=1, help="Repeats of a row, if it repeats.")] = None,
    inputs: Annotated[
        int | None, typer.Option(min=1, help="Inputs of a repeat, if the row takes a number.")
    ] = None,
    results: Results = None,
) -> None:
    """Run rows of the fault matrix, one after the other; exit 1 if one did not pass."""
    if context.invoked_subcommand is not None:
        return
    known = find_rows()
    chosen = [int(number) for number in rows.split(",") if number] or list(known)
    plan = Plan(repeats=repeats, inputs=inputs, seed=seed, quick=quick)
    outcomes = []
    for number in chosen:
        outcomes.append(known[number].run(plan))
        people.print(" | ".join(outcomes[-1].cells()), markup=False, highlight=False, soft_wrap=True)
    _show(table_of(outcomes), "matrix", results or (RESULTS if is_full(chosen, plan) else None))
    sys.exit(0 if all(outcome.passed for outcome in outcomes) else FAILED)


@app.command("mutations")
def mutations(
    only: Annotated[str, typer.Option(help="Names of rules, separated by commas; without it all.")] = "",
    *,
    results: Results = None,
) -> None:
    """Switch one rule off at a time; exit 1 if a scenario does not notice it."""
    chosen = [scenario for scenario in SCENARIOS if not only or scenario.mutation in only.split(",")]
    found = []
    for scenario in chosen:
        found.append(scenario.compare())
        people.print(" | ".join(found[-1].cells()), markup=False, highlight=False, soft_wrap=True)
    is_all = len(chosen) == len(SCENARIOS)
    _show(mutation_table_of(found), "mutations", results or (RESULTS if is_all else None))
    sys.exit(0 if all(noticed.passed for noticed in found) else FAILED)


def is_full(chosen: Sequence[int], plan: Plan) -> bool:
    """Tell whether a run has every row at full size, so that its table may replace that of RESULTS.md."""
    return list(chosen) == list(find_rows()) and plan == Plan(seed=plan.seed)


def _show(table: Table, section: str, results: Path | None) -> None:
    people.print(table)
    if results is not None:
        command = shlex.join(["python", "-m", "tests.faults", *sys.argv[1:]])
        write_section(results, section, command, markdown(table))


if __name__ == "__main__":
    # A run that is stopped early must end its brokers and workers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    app()
