"""`python -m tests.faults`: run the fault matrix and print its table; `mutations`: the mutation check."""

import signal
import sys
from typing import Annotated

import typer
from rich.console import Console

from tests.faults.outcome import mutation_table_of, table_of
from tests.faults.rows import Plan, find_rows
from tests.faults.scenarios import SCENARIOS

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
people = Console(width=180)
FAILED = 1


@app.callback(invoke_without_command=True)
def matrix(
    context: typer.Context,
    rows: Annotated[str, typer.Option(help="Row numbers, separated by commas; all without it.")] = "",
    *,
    quick: Annotated[bool, typer.Option("--quick", help="The smallest run of each row.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of inputs and of the moments of faults.")] = 1,
    repeats: Annotated[int | None, typer.Option(min=1, help="Repeats of a row, where it repeats.")] = None,
    inputs: Annotated[
        int | None, typer.Option(min=1, help="Inputs of a repeat, where a row takes them.")
    ] = None,
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
    people.print(table_of(outcomes))
    sys.exit(0 if all(outcome.passed for outcome in outcomes) else FAILED)


@app.command("mutations")
def mutations(
    only: Annotated[str, typer.Option(help="Names of rules, separated by commas; all without it.")] = "",
) -> None:
    """Switch one rule off at a time: a scenario must notice; exit 1 if one does not."""
    chosen = [one for one in SCENARIOS if not only or one.mutation in only.split(",")]
    found = []
    for scenario in chosen:
        found.append(scenario.compare())
        people.print(" | ".join(found[-1].cells()), markup=False, highlight=False, soft_wrap=True)
    people.print(mutation_table_of(found))
    sys.exit(0 if all(one.passed for one in found) else FAILED)


if __name__ == "__main__":
    # A run that is stopped early takes its brokers and workers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    app()
