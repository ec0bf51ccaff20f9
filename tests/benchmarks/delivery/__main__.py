"""`python -m tests.benchmarks.delivery`: the same jobs on the same broker by us and by six others."""

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

PARTS = "usage,effect,faults"

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
people = Console(stderr=True, width=160)

Peers = Annotated[str | None, typer.Option("--peers", help="Only these, separated by commas.")]
Parts = Annotated[str, typer.Option("--parts", help="Which of usage, effect, faults.")]
Quick = Annotated[bool, typer.Option("--quick", help="Few records, once each: proves that everything works.")]
Out = Annotated[Path | None, typer.Option("--out", file_okay=False, help="Write delivery.md and .json here.")]
Anyway = Annotated[bool, typer.Option("--anyway", help="Measure on a busy machine too; the report says so.")]
Cache = Annotated[Path | None, typer.Option("--cache", file_okay=False, help="Folder of the environments.")]


@app.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    peers: Peers = None,
    *,
    parts: Parts = PARTS,
    quick: Quick = False,
    repeats: Annotated[int, typer.Option(min=1, help="Catch-ups of each system.")] = 3,
    out: Out = None,
    anyway: Anyway = False,
    cache: Cache = None,
) -> None:
    """Compare delivery under faults and speed with other ways to read a topic, in about 45 minutes.

    Prints Markdown on standard output. Exit code 1 where ours lost or doubled an effect.

    Example: python -m tests.benchmarks.delivery --quick --peers ours,aiokafka
    """
    if context.invoked_subcommand is not None:
        return
    logs.configure("ERROR")
    # A termination unwinds like Ctrl-C does, so that broker, database and systems under test are ended.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
    try:
        plan = plan_of(peers, parts, quick=quick, repeats=repeats)
    except ValueError as error:
        _fail(str(error))
    try:
        found = compare(plan, cache or default_cache(), tell, anyway=anyway or quick)
    except (BusyMachineError, RunError, EmbeddedError) as error:
        _fail(str(error))
    _write(found, plan, out)
    if ours_failed(found):
        raise typer.Exit(1)


def plan_of(peers: str | None, parts: str, *, quick: bool, repeats: int) -> Plan:
    """Return what to run. Raises ValueError for an unknown peer or part."""
    wanted = frozenset(part.strip() for part in parts.split(","))
    if not wanted <= set(PARTS.split(",")):
        raise ValueError(f"Parts are {PARTS}.")
    plan = Plan(tuple(chosen(peers)), wanted, repeats=repeats)
    if not quick:
        return plan
    sizes = {"usage_records": 60_000, "effect_records": 6_000, "fault_records": 6_000}
    return Plan(plan.peers, wanted, repeats=1, paced_seconds=4.0, run_seconds=60.0, **sizes)


def ours_failed(found: Found) -> bool:
    """Whether our own delivery was not exact."""
    return any(
        one.peer == OURS and one.tally is not None and not one.tally.is_exact for one in found.survived
    )


@app.command()
def install(cache: Cache = None) -> None:
    """Make the environments of all peers, and say which cannot be made."""
    _, failed = ensure_all(ENVIRONMENTS, cache=cache or default_cache(), tell=tell)
    if failed:
        _fail(f"Not installed: {', '.join(sorted(failed))}")
    tell("All environments stand")


@app.command()
def lock() -> None:
    """Write the files of hashes anew, from the versions named in venvs.py."""
    for name in ENVIRONMENTS:
        try:
            tell(f"Wrote {lock_environment(name).name}")
        except InstallError as error:
            _fail(f"{name}: {error}")


def _write(found: Found, plan: Plan, out: Path | None) -> None:
    command = shlex.join(["python", "-m", "tests.benchmarks.delivery", *sys.argv[1:]])
    text = markdown(found, plan, command)
    typer.echo(text)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "delivery.md").write_text(text)
        (out / "delivery.json").write_text(json.dumps(as_json(found, plan, command), indent=1) + "\n")


def tell(sentence: str) -> None:
    """Say what goes on, on standard error."""
    people.print(sentence, style="dim", markup=False, highlight=False, soft_wrap=True)


def _fail(sentence: str) -> NoReturn:
    people.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
