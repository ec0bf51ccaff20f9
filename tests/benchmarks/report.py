"""The figures and differences of runs as tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from tests.benchmarks.effects import Difference
from tests.results import markdown

LEDGER_COLUMNS = ("inputs", "effects", "dead_letters", "dropped", "in_flight", "gap")


def tables(figures: Mapping[str, Any]) -> Iterator[Table]:
    """Yield the tables of one run."""
    yield _summary(figures)
    yield _numbers("Groups, from first to last commit", figures["rates"])
    yield _numbers("Processes", figures["processes"])
    yield _numbers("Latency at full speed (histogram buckets)", figures["latencies"])
    yield _found(figures["counts"])
    yield _ledger(figures["ledger"])
    if figures["kills"]:
        yield _kills(figures["kills"])


def as_markdown(shown: Iterable[Table]) -> str:
    """Return tables as Markdown, each with its title as a heading."""
    return "\n\n".join(f"### {table.title}\n\n{markdown(table)}" for table in shown)


def _summary(figures: Mapping[str, Any]) -> Table:
    table = Table(title="Real input", show_header=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    usage = figures["cpu_per_usage_event"]
    rows = {
        "machine": ", ".join(f"{name} {value}" for name, value in figures["machine"].items()),
        "in": ", ".join(f"{value:,} {name}" for name, value in figures["inputs"].items()),
        **{f"ingest {name}": sent["words"] for name, sent in figures["ingest"].items()},
        "CPU per usage event": _cpu_words(usage) if usage else "not measured (the worker was replaced)",
        "from the first record to rest": f"{figures['play_to_rest_seconds']:,} s",
        "wall time of the run": f"{figures['wall_seconds']:,} s",
        "restarts": ", ".join(f"{name} {count}" for name, count in figures["restarts"].items() if count),
        "ledger": f"gap {figures['gap']}, in flight {figures['in_flight']}",
    }
    for name, value in rows.items():
        table.add_row(name, value or "none")
    return table


def _cpu_words(usage: Mapping[str, float]) -> str:
    return (
        f"{usage['net_microseconds']} µs ({usage['gross_microseconds']} µs with the cost of idling: "
        f"{usage['idle_share_of_a_core']:.1%} of a core)"
    )


def _numbers(title: str, rows: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(title=title)
    table.add_column("")
    columns = list(next(iter(rows.values()), {}))
    for name in columns:
        table.add_column(name.replace("_", " "), justify="right")
    for name, row in rows.items():
        table.add_row(name, *(f"{row[column]:,}" for column in columns))
    return table


def _found(counts: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table(title="Findings")
    table.add_column("kind")
    table.add_column("which")
    table.add_column("count", justify="right")
    for kind, found in counts.items():
        table.add_row(kind, "all", f"{sum(found.values()):,}", style="bold")
        for which, count in found.items():
            table.add_row("", which, f"{count:,}")
    return table


def _ledger(topics: Mapping[str, Any]) -> Table:
    table = Table(title="Ledger")
    table.add_column("topic")
    table.add_column("group")
    for name in LEDGER_COLUMNS:
        table.add_column(name.replace("_", " "), justify="right")
    for topic, balance in topics.items():
        for group, numbers in balance["groups"].items():
            table.add_row(topic, group, *(f"{numbers[name]:,}" for name in LEDGER_COLUMNS))
    return table


def _kills(kills: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="SIGKILL")
    table.add_column("process")
    table.add_column("after", justify="right")
    table.add_column("records with a fate then")
    for kill in kills:
        reached = ", ".join(f"{name} {count:,}" for name, count in kill["reached"].items())
        table.add_row(kill["name"], f"{kill['at_seconds']:.1f} s", reached)
    return table


def difference_table(title: str, differences: Sequence[Difference]) -> Table:
    """Return the comparison of two runs, one row per kind of effect."""
    table = Table(title=title)
    table.add_column("effect")
    for name in ("first run", "second run", "only in first", "only in second", "changed"):
        table.add_column(name, justify="right")
    table.add_column("")
    for found in differences:
        numbers = (found.in_first, found.in_second, found.only_first, found.only_second, found.changed)
        style = None if found.is_none else "bold red"
        table.add_row(found.kind, *(f"{number:,}" for number in numbers), verdict(found), style=style)
    return table


def verdict(difference: Difference) -> str:
    """Return the meaning of a difference in a word or two."""
    if difference.is_none:
        return "same"
    return "differs (clock)" if difference.may_depend_on_the_clock else "DIFFERS"


def differences_json(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """Return the comparison as JSON."""
    return [{**asdict(difference), "verdict": verdict(difference)} for difference in differences]
