"""A program: `python -m tests.benchmarks.irregular_streams` seeks valid usage events that break our code.

Each stream holds the events of a few accounts, irregular in every way (`irregular_usage` of the tests). Many
streams share a partition, as accounts do in the service, because hours that are judged together cost a
fraction; they are of one length, because every account is judged until the partition ends. The number of a
stream is its seed, and its accounts are named after it, so a stream that is named in the answer can be
repeated. `--together 1` gives each stream a partition of its own.
"""

import time
import warnings
from collections.abc import Sequence
from multiprocessing import Pool
from typing import Annotated

import typer
from rich.console import Console

from tests.streams.support.irregular_usage import days_of, faults_of, shared_partition

SHOWN = 20
"""Most faulty partitions whose faults are shown; all of them are counted."""

people = Console(width=140)


def sweep(seeds: Sequence[int]) -> tuple[int, list[str]]:
    """Return the number of the events of these streams, and their faults; a warning counts as a fault."""
    warnings.simplefilter("error")
    events = shared_partition(seeds)
    return len(events), faults_of(events)


def main(
    streams: Annotated[int, typer.Option(min=1, help="How many streams.")] = 100_000,
    *,
    first: Annotated[int, typer.Option(help="Number of the first stream.")] = 0,
    together: Annotated[int, typer.Option(min=1, help="Streams that share a partition.")] = 1_000,
    processes: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1,
) -> None:
    """Handle irregular streams and name the faults; exit code 1 if there is one."""
    began, events, faulty = time.monotonic(), 0, 0
    seeds = sorted(range(first, first + streams), key=days_of)
    partitions = [seeds[at : at + together] for at in range(0, streams, together)]
    with Pool(processes) as pool:
        for done, (count, faults) in enumerate(pool.imap_unordered(sweep, partitions), start=1):
            events += count
            faulty += bool(faults)
            if faults and faulty <= SHOWN:
                people.print("; ".join(sorted(set(faults))[:SHOWN]), markup=False)
            people.print(f"{done} of {len(partitions)} partitions, {events:,} events", markup=False)
    seconds = time.monotonic() - began
    told = f"{streams:,} streams, {events:,} events, {faulty} partitions with a fault; {seconds:.0f} s"
    people.print(told, markup=False)
    if faulty:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
