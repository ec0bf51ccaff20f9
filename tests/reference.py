"""`python -m tests.reference`: write the reference of settings, metrics and commands from the code.

Each file is stored in the folder it describes; `tests/test_docs.py` demands that the files equal the code.
"""

import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer.main
from prometheus_client import CollectorRegistry

from streams.cli import app
from streams.process.metrics import Metrics
from streams.process.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = {"counter": "_total", "info": "_info"}
NONE = "–"
GENERATED = "<!-- Written by `python -m tests.reference`; do not edit. -->"


METRICS_INTRO = """\
Every process serves `/metrics`, `/healthz` and `/readyz` on its own port, from a thread of its own.
`rapport up` writes the addresses to `.rapport/logs/prometheus-targets.json`, in the form that
Prometheus reads (file_sd). Each process also serves `process_*` and `python_*`. Counters are 0 under
every known label set from the first scrape on. Labels are bounded: never an account, a ticket or a
text.

`/healthz` does no I/O. It fails if work stands still through our own fault, not if a dependency is away.
Broker and database are asked a question in the background every 5 s; `/readyz` tells their last answers
and how old they are."""


def settings_page() -> str:
    """Return the page of all settings."""
    rows = [
        (f"`RAPPORT_{name.upper()}`", _shown_default(field.default), str(field.description))
        for name, field in Settings.model_fields.items()
    ]
    intro = (
        "Every setting is an environment variable, read when a `rapport` command starts. An empty variable\n"
        "counts as not set; an empty `RAPPORT_DESK_TOKEN` is refused if the desk would be open to everybody."
    )
    return _page("Settings", intro, _table(("setting", "default", "meaning"), rows))


def metrics_page() -> str:
    """Return the page of all metrics that are our own."""
    registry = CollectorRegistry()
    Metrics(registry)
    labels = _labels(registry)
    rows = [
        (
            f"`{family.name}{SUFFIXES.get(family.type, '')}`",
            ", ".join(labels[family.name]) or NONE,
            family.documentation,
        )
        for family in registry.collect()
    ]
    return _page("Metrics", METRICS_INTRO, _table(("metric", "labels", "meaning"), rows))


def commands_page() -> str:
    """Return the page of all commands with their options."""
    commands = list(_leaves(typer.main.get_command(app), ("rapport",)))
    rows = [(f"`{name}`", _paragraphs(command)[0].replace("\n", " ")) for name, command in commands]
    intro = "`--help` shows the same texts in the terminal. Secrets come from settings, never from options."
    parts = [_table(("command", "what it does"), rows)]
    for name, command in commands:
        parts += [f"## `{name}`", *_paragraphs(command)]
        parts += [table] if (table := _parameters(command)) else []
    return _page("Commands", intro, *parts)


PAGES = {
    "streams/process/SETTINGS.md": settings_page,
    "streams/process/METRICS.md": metrics_page,
    "streams/cli/COMMANDS.md": commands_page,
}


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", GENERATED, *parts)) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _shown_default(default: object) -> str:
    return NONE if default in (None, (), "") else f"`{default}`"


def _labels(registry: CollectorRegistry) -> dict[str, tuple[str, ...]]:
    """Return the label names of each metric family; the registry has no public way to list them."""
    collectors = registry._collector_to_names
    return {
        family.name: tuple(getattr(collector, "_labelnames", ()))
        for collector in collectors
        for family in collector.collect()
    }


def _leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield (name, command) of every command that is not a group, groups in the order of the help."""
    if not hasattr(command, "commands"):
        yield " ".join(path), command
        return
    context = typer.Context(command)
    for name in command.list_commands(context):
        yield from _leaves(command.get_command(context, name), (*path, name))


def _paragraphs(command: Any) -> list[str]:
    text = inspect.cleandoc(command.help or "").replace("\f", "")
    return [_as_example(part.replace("\b\n", "")) for part in text.split("\n\n")]


def _as_example(paragraph: str) -> str:
    """Show an `Example:` paragraph as code, with its line ends escaped for the shell.

    >>> print(_as_example("Example: rapport ledger"))
    Example:
    <BLANKLINE>
        rapport ledger
    """
    head, _, command = paragraph.partition(": ")
    if head not in {"Example", "Examples"}:
        return paragraph
    indented = " \\\n        ".join(line.strip() for line in command.splitlines())
    return f"{head}:\n\n    {indented}"


def _parameters(command: Any) -> str:
    context = typer.Context(command)
    rows = [_parameter(parameter, context) for parameter in command.params if parameter.name != "help"]
    return _table(("argument or option", "default", "meaning"), rows) if rows else ""


def _parameter(parameter: Any, context: typer.Context) -> tuple[str, str, str]:
    """Return one row: the names with the type of the value, the default, and the help."""
    if parameter.param_type_name == "argument":
        names = parameter.name.upper()
    else:
        kind = "" if parameter.is_flag else f" {parameter.display_type(context)}"
        names = ", ".join((*parameter.opts, *parameter.secondary_opts)) + kind
    default = parameter.default
    is_shown = isinstance(default, str | int | float) and default is not False and default != ""
    return f"`{names}`", f"`{default}`" if is_shown else NONE, " ".join((parameter.help or "").split())


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
