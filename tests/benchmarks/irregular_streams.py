"""`python -m tests.benchmarks.irregular_streams --streams 100000`: no valid usage event makes our code fail.

Each stream is one partition's events, irregular in every way (`irregular_usage` of the tests), made from its
number: a stream that is named in the answer can be made again. About 12 ms of CPU each.
"""

import time
from multiprocessing import Pool
from typing import Annotated

import typer
from rich.console import Console

from tests.streams.support.irregular_usage import faults_of, irregular_stream

SHOWN = 20
"""Faulty streams that are named; all are counted."""

_AT_ONCE = 50

people = Console(width=140)


def sweep_one(seed: int) -> tuple[int, int, list[str]]:
    """Return a stream's number, how many events it has, and its faults."""
    events = irregular_stream(seed)
    return seed, len(events), faults_of(events)


def main(
    streams: Annotated[int, typer.Option(min=1, help="How many streams.")] = 100_000,
    *,
    first: Annotated[int, typer.Option(help="Number of the first stream.")] = 0,
    processes: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1,
) -> None:
    """Handle irregular streams and name those that fail. Exit code 1 where one does."""
    began, events, faulty = time.monotonic(), 0, 0
    with Pool(processes) as pool:
        for seed, count, faults in pool.imap(sweep_one, range(first, first + streams), chunksize=_AT_ONCE):
            events += count
            faulty += bool(faults)
            if faults and faulty <= SHOWN:
                people.print(f"stream {seed}: {'; '.join(sorted(set(faults)))}", markup=False)
    seconds = time.monotonic() - began
    people.print(
        f"{streams:,} streams, {events:,} events, {faulty} with a fault; {seconds:.0f} s", markup=False
    )
    if faulty:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
