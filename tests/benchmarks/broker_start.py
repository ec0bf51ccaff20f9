"""A program: `python -m tests.benchmarks.broker_start` compares starts with and without prepared classes.

Starts take turns in one run, each in a new data folder; it prints the medians and their ratio.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from unittest.mock import patch

import psutil
import typer

from streams.embedded import EmbeddedKafka
from streams.embedded.java import Java


def started(folder: Path) -> tuple[float, float]:
    """Start and stop a broker in a new folder; return seconds, and processor seconds of format and broker."""
    kafka = EmbeddedKafka(folder)
    began, before = time.monotonic(), os.times()
    kafka.start()
    seconds, after = time.monotonic() - began, os.times()
    broker = psutil.Process(kafka.pid).cpu_times()
    kafka.stop()
    formatted = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, formatted + broker.user + broker.system


class Unprepared(Java):
    """Java that prepares and uses no classes."""

    def command(self, *program: str, options: Sequence[str] | None = None) -> list[str]:
        """Return the command without an option about prepared classes."""
        return super().command(*program, options=[])


def measured(kind: type[Java]) -> tuple[float, float]:
    replaced = patch("streams.embedded.kafka.Java", kind)
    with replaced, tempfile.TemporaryDirectory(prefix="rapport-start-") as folder:
        return started(Path(folder))


def main(starts: Annotated[int, typer.Option(min=1, help="Starts of each kind.")] = 5) -> None:
    """Print seconds and processor seconds of a start of each kind, and the ratios."""
    measured(Java)  # the first start prepares the classes
    rows = [(measured(Unprepared), measured(Java)) for _ in range(starts)]
    for place, name in enumerate(("seconds", "processor seconds")):
        without, with_ = (statistics.median(row[kind][place] for row in rows) for kind in (0, 1))
        typer.echo(f"{name}: without {without:.1f}, with {with_:.1f}, ratio {with_ / without:.2f}")


if __name__ == "__main__":
    typer.run(main)
