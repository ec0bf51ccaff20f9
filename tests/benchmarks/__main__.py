"""A program: `python -m tests.benchmarks` measures the whole service on real input, undisturbed or killed.

A run on the whole input also writes its section of RESULTS.md in this folder; a smaller run writes only if
`--results` names a file.
"""

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
from tests.benchmarks.report import as_markdown, difference_table, differences_json, tables
from tests.benchmarks.run import Finished, Plan, run
from tests.benchmarks.service import BenchmarkError
from tests.results import markdown, write_section

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
RESULTS = Path(__file__).with_name("RESULTS.md")
NOT_WHOLE = 1
DIFFERENT = 1
DIFFERENT_BY_THE_CLOCK = 3

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
people = Console(stderr=True, width=140)

DataFolder = Annotated[Path, typer.Option("--data", help="Folder with banking77/ and oulad/.")]
Tickets = Annotated[int | None, typer.Option(min=1, help="Play only this many questions, of all intents.")]
Usage = Annotated[int | None, typer.Option(min=1, help="Play whole accounts until this many usage events.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write the JSON here, not to standard output.")]
Results = Annotated[
    Path | None,
    typer.Option(
        "--results", dir_okay=False, help="Write the tables to this file; RESULTS.md if all is played."
    ),
]
Keep = Annotated[Path | None, typer.Option(file_okay=False, help="Copy the logs of the processes there.")]
Twice = Annotated[
    bool, typer.Option("--broker-twice", help="Kill the broker in the middle of the usage as well.")
]
Wait = Annotated[
    float, typer.Option("--wait", min=1, help="Seconds that a run may take until nothing waits.")
]


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Measure the whole service on real input; without a command: run `real-input` on everything."""
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
    results: Results = None,
    keep: Keep = None,
    wait: Wait = 3_600.0,
) -> None:
    """Play banking questions as tickets and students' clicks as usage through the whole service.

    Prints tables on standard error and JSON on standard output. Exit code 1 if a record has no fate.

    Example: python -m tests.benchmarks real-input --tickets 500 --usage 20000
    """
    plan = Plan(data, tickets, usage, keep=keep, max_wait_seconds=wait)
    plan = replace(plan, kill=kill, broker_twice=broker_twice)
    finished = _run(plan)
    _write(json_file, finished.figures)
    is_full = tickets is None and usage is None and not kill
    _keep(results or (RESULTS if is_full else None), "real-input", as_markdown(tables(finished.figures)))
    if not finished.is_whole:
        raise typer.Exit(NOT_WHOLE)


@app.command("restart")
def restart(
    data: DataFolder = DATA,
    *,
    tickets: Tickets = None,
    usage: Usage = None,
    control: Annotated[
        bool, typer.Option("--control", help="A third run, undisturbed, to show differences without a kill.")
    ] = False,
    broker_twice: Twice = False,
    json_file: Json = None,
    results: Results = None,
    keep: Keep = None,
    wait: Wait = 3_600.0,
) -> None:
    """Run once undisturbed and once with kills, and compare the final effects.

    Exit code 0: the same; 1: something differs or has no fate; 3: only alerts and incidents differ, which
    depend on the wall time of a run.

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
    kept = results or (RESULTS if tickets is None and usage is None else None)
    _keep(kept, "restart", markdown(difference_table("Undisturbed against killed", differences)))
    raise typer.Exit(exit_code(differences, whole=whole))


def exit_code(differences: list[Difference], *, whole: bool) -> int:
    """Return the exit code of `restart`."""
    found = [difference for difference in differences if not difference.is_none]
    if not whole or any(not difference.may_depend_on_the_clock for difference in found):
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
    for difference in differences:
        for which, examples in difference.examples.items():
            for example in examples:
                _tell(f"{difference.kind}, {which}: {example}")
    return differences


def _command() -> str:
    return shlex.join(["python", "-m", "tests.benchmarks", *sys.argv[1:]])


def _keep(results: Path | None, section: str, body: str) -> None:
    if results is not None:
        write_section(results, section, _command(), body)


def _write(json_file: Path | None, found: Mapping[str, Any]) -> None:
    text = json.dumps({"command": _command(), **found}, indent=1)
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
