"""`python -m tests.benchmarks`: the whole service on real input, measured; and restarted in the middle."""

import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from tests.benchmarks.effects import Difference, compare
from tests.benchmarks.inputs import MissingDataError
from tests.benchmarks.report import difference_table, differences_json, tables
from tests.benchmarks.run import Finished, Plan, run
from tests.benchmarks.service import BenchmarkError

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
NOT_WHOLE = 1
DIFFERENT = 1
DIFFERENT_BY_THE_CLOCK = 3

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
people = Console(stderr=True, width=140)

DataFolder = Annotated[Path, typer.Option("--data", help="Folder with banking77/ and oulad/.")]
Tickets = Annotated[int | None, typer.Option(min=1, help="Play only this many questions, of all intents.")]
Usage = Annotated[int | None, typer.Option(min=1, help="Play whole accounts until this many usage events.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write the JSON here, not to standard output.")]
Keep = Annotated[Path | None, typer.Option(file_okay=False, help="Copy the processes' logs there.")]
Twice = Annotated[
    bool, typer.Option("--broker-twice", help="Kill the broker in the middle of the usage as well.")
]
Wait = Annotated[float, typer.Option("--wait", min=1, help="Seconds that a run may take to come to rest.")]


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Measure the whole service on real input; without a command: real-input on everything."""
    if context.invoked_subcommand is None:
        real_input()


@app.command("tokens")
def tokens(data: DataFolder = DATA) -> None:
    """Measure the sentiment model on this CPU by the padded tokens of a batch."""
    from tests.benchmarks.tokens import measure

    people.print(measure(data))


@app.command("real-input")
def real_input(
    data: DataFolder = DATA,
    *,
    tickets: Tickets = None,
    usage: Usage = None,
    kill: Annotated[
        bool, typer.Option("--kill", help="SIGKILL every worker and the broker in between.")
    ] = False,
    broker_twice: Twice = False,
    json_file: Json = None,
    keep: Keep = None,
    wait: Wait = 3_600.0,
) -> None:
    """Play banking questions as tickets and students' clicks as usage through the whole service.

    Prints tables on standard error and JSON on standard output. Exit code 1 where a record has no fate.

    Example: python -m tests.benchmarks real-input --tickets 500 --usage 20000
    """
    plan = Plan(data, tickets, usage, keep=keep, max_wait_seconds=wait)
    plan = replace(plan, kill=kill, broker_twice=broker_twice)
    finished = _run(plan)
    _write(json_file, finished.figures)
    if not finished.is_whole:
        raise typer.Exit(NOT_WHOLE)


@app.command("restart")
def restart(
    data: DataFolder = DATA,
    *,
    tickets: Tickets = None,
    usage: Usage = None,
    control: Annotated[
        bool, typer.Option("--control", help="A third run, undisturbed: what differs without a kill.")
    ] = False,
    broker_twice: Twice = False,
    json_file: Json = None,
    keep: Keep = None,
    wait: Wait = 3_600.0,
) -> None:
    """Run once undisturbed and once with kills, and compare the final effects.

    Exit code 0: the same; 1: something differs or has no fate; 3: only alerts and incidents differ,
    in which the wall time of a run has a say.

    Example: python -m tests.benchmarks restart --tickets 500 --usage 20000
    """
    plan = Plan(data, tickets, usage, keep=keep, max_wait_seconds=wait)
    calm = _run(plan)
    killed = _run(replace(plan, kill=True, broker_twice=broker_twice))
    differences = _compared("Undisturbed against killed", calm, killed)
    report: dict[str, Any] = {"undisturbed": calm.figures, "killed": killed.figures}
    report["differences"] = differences_json(differences)
    whole = calm.is_whole and killed.is_whole
    if control:
        again = _run(plan)
        report["control"] = again.figures
        report["control_differences"] = differences_json(
            _compared("Undisturbed against undisturbed", calm, again)
        )
        whole = whole and again.is_whole
    _write(json_file, report)
    raise typer.Exit(exit_code(differences, whole=whole))


def exit_code(differences: list[Difference], *, whole: bool) -> int:
    """Return the exit code of `restart`."""
    found = [one for one in differences if not one.is_none]
    if not whole or any(not one.may_depend_on_the_clock for one in found):
        return DIFFERENT
    return DIFFERENT_BY_THE_CLOCK if found else 0


def _run(plan: Plan) -> Finished:
    try:
        finished = run(plan, _tell)
    except (MissingDataError, BenchmarkError) as error:
        _fail(str(error))
    for table in tables(finished.figures):
        people.print(table)
    return finished


def _compared(title: str, first: Finished, second: Finished) -> list[Difference]:
    differences = compare(first.effects, second.effects)
    people.print(difference_table(title, differences))
    for one in differences:
        for which, examples in one.examples.items():
            for example in examples:
                _tell(f"{one.kind}, {which}: {example}")
    return differences


def _write(json_file: Path | None, found: Mapping[str, Any]) -> None:
    command = shlex.join(["python", "-m", "tests.benchmarks", *sys.argv[1:]])
    text = json.dumps({"command": command, **found}, indent=1)
    if json_file is None:
        typer.echo(text)
    else:
        json_file.write_text(text + "\n")


def _tell(sentence: str) -> None:
    people.print(sentence, style="dim", markup=False, highlight=False, soft_wrap=True)


def _fail(sentence: str) -> NoReturn:
    people.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
