"""A program: `python -m tests.benchmarks.irregular_streams` seeks valid usage events that break our code.

Each stream holds the events of a few accounts, irregular in every way (`irregular_usage` of the tests). Many
streams share a partition, as accounts do in the service, because hours that are judged together cost a
fraction. The number of a stream is its seed, and its accounts are named after it, so a stream that is named
in the answer can be repeated. `--together 1` gives each stream a partition of its own.
"""

import time
import warnings
from multiprocessing import Pool
from typing import Annotated

import typer
from rich.console import Console

from tests.streams.support.irregular_usage import faults_of, shared_partition

SHOWN = 20
"""Most faulty partitions whose faults are shown; all of them are counted."""

people = Console(width=140)


def sweep(seeds: range) -> tuple[range, int, list[str]]:
    """Return the numbers of the streams, the number of their events, and their faults."""
    warnings.simplefilter("error")
    events = shared_partition(seeds)
    return seeds, len(events), faults_of(events)


def main(
    streams: Annotated[int, typer.Option(min=1, help="How many streams.")] = 100_000,
    *,
    first: Annotated[int, typer.Option(help="Number of the first stream.")] = 0,
    together: Annotated[int, typer.Option(min=1, help="Streams that share a partition.")] = 200,
    processes: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1,
) -> None:
    """Handle irregular streams and name the faults; exit code 1 if there is one."""
    began, events, faulty = time.monotonic(), 0, 0
    end = first + streams
    groups = (range(at, min(at + together, end)) for at in range(first, end, together))
    with Pool(processes) as pool:
        for seeds, count, faults in pool.imap(sweep, groups):
            events += count
            faulty += bool(faults)
            if faults and faulty <= SHOWN:
                shown = "; ".join(sorted(set(faults))[:SHOWN])
                people.print(f"streams {seeds[0]} to {seeds[-1]}: {shown}", markup=False)
    seconds = time.monotonic() - began
    told = f"{streams:,} streams, {events:,} events, {faulty} partitions with a fault; {seconds:.0f} s"
    people.print(told, markup=False)
    if faulty:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
