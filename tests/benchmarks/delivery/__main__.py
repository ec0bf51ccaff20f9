"""A program: `python -m tests.benchmarks.delivery` compares us with six other ways to read a topic.

A full run also writes the section `delivery` of `tests/benchmarks/RESULTS.md`; any other run writes only if
`--results` names a file.
"""

import json
import shlex
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from streams.embedded import EmbeddedError
from streams.process import logs
from tests.benchmarks.delivery.catalogue import OURS, chosen
from tests.benchmarks.delivery.machine import BusyMachineError
from tests.benchmarks.delivery.report import as_json, markdown
from tests.benchmarks.delivery.run import Found, Plan, compare
from tests.benchmarks.delivery.running import RunError
from tests.benchmarks.delivery.venvs import ENVIRONMENTS, InstallError, default_cache, ensure_all
from tests.benchmarks.delivery.venvs import lock as lock_environment
from tests.results import write_section

PARTS = "usage,effect,faults"
REPEATS = 3
RESULTS = Path(__file__).resolve().parents[1] / "RESULTS.md"

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
people = Console(stderr=True, width=160)

Peers = Annotated[str | None, typer.Option("--peers", help="Only these, separated by commas.")]
Parts = Annotated[str, typer.Option("--parts", help="Which of usage, effect, faults.")]
Quick = Annotated[bool, typer.Option("--quick", help="Few records, once each: proves that everything works.")]
Out = Annotated[Path | None, typer.Option("--out", file_okay=False, help="Write delivery.md and .json here.")]
Anyway = Annotated[bool, typer.Option("--anyway", help="Measure on a busy machine too; the report says so.")]
Cache = Annotated[Path | None, typer.Option("--cache", file_okay=False, help="Folder of the environments.")]
Results = Annotated[
    Path | None,
    typer.Option("--results", dir_okay=False, help="Write the tables to this file; RESULTS.md if all ran."),
]


@app.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    peers: Peers = None,
    *,
    parts: Parts = PARTS,
    quick: Quick = False,
    repeats: Annotated[int, typer.Option(min=1, help="Catch-ups of each system.")] = REPEATS,
    out: Out = None,
    results: Results = None,
    anyway: Anyway = False,
    cache: Cache = None,
) -> None:
    """Compare delivery under faults and speed with other ways to read a topic, in about 45 minutes.

    Prints Markdown on standard output. Exit code 1 if our delivery lost or doubled an effect.

    Example: python -m tests.benchmarks.delivery --quick --peers ours,aiokafka
    """
    if context.invoked_subcommand is not None:
        return
    logs.configure("ERROR")
    # SIGTERM unwinds as Ctrl-C does, so that broker, database and systems under test end too.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
    try:
        plan = plan_of(peers, parts, quick=quick, repeats=repeats)
    except ValueError as error:
        _fail(str(error))
    try:
        found = compare(plan, cache or default_cache(), tell, anyway=anyway or quick)
    except (BusyMachineError, RunError, EmbeddedError) as error:
        _fail(str(error))
    is_full = peers is None and parts == PARTS and repeats == REPEATS and not quick
    _write(found, plan, out, results or (RESULTS if is_full else None))
    if ours_failed(found):
        raise typer.Exit(1)


def plan_of(peers: str | None, parts: str, *, quick: bool, repeats: int) -> Plan:
    """Return the plan of the options. Raises ValueError for an unknown peer or part."""
    wanted = frozenset(part.strip() for part in parts.split(","))
    if not wanted <= set(PARTS.split(",")):
        raise ValueError(f"Parts are {PARTS}.")
    plan = Plan(tuple(chosen(peers)), wanted, repeats=repeats)
    if not quick:
        return plan
    sizes = {"usage_records": 60_000, "effect_records": 6_000, "fault_records": 6_000}
    return Plan(plan.peers, wanted, repeats=1, paced_seconds=4.0, run_seconds=60.0, **sizes)


def ours_failed(found: Found) -> bool:
    """Tell whether our own delivery was not exact."""
    return any(
        run.peer == OURS and run.tally is not None and not run.tally.is_exact for run in found.survived
    )


@app.command()
def install(cache: Cache = None) -> None:
    """Create the environments of all peers, and name those that cannot be created."""
    _, failed = ensure_all(ENVIRONMENTS, cache=cache or default_cache(), tell=tell)
    if failed:
        _fail(f"Not installed: {', '.join(sorted(failed))}")
    tell("All environments are installed")


@app.command()
def lock() -> None:
    """Write the files of hashes again, from the versions named in venvs.py."""
    for name in ENVIRONMENTS:
        try:
            tell(f"Wrote {lock_environment(name).name}")
        except InstallError as error:
            _fail(f"{name}: {error}")


def _write(found: Found, plan: Plan, out: Path | None, results: Path | None) -> None:
    command = shlex.join(["python", "-m", "tests.benchmarks.delivery", *sys.argv[1:]])
    body = markdown(found, plan)
    text = f"`{command}`\n\n{body}"
    typer.echo(text)
    if results is not None:
        write_section(results, "delivery", command, body)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "delivery.md").write_text(text)
        (out / "delivery.json").write_text(json.dumps(as_json(found, plan, command), indent=1) + "\n")


def tell(sentence: str) -> None:
    """Report progress on standard error."""
    people.print(sentence, style="dim", markup=False, highlight=False, soft_wrap=True)


def _fail(sentence: str) -> NoReturn:
    people.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
