"""A program: `python -m tests.benchmarks.irregular_streams` seeks valid usage events that break our code.

Each stream holds the events of one partition, irregular in every way (`irregular_usage` of the tests). The
number of a stream is its seed, so a stream that is named in the answer can be repeated. A stream costs about
0.9 s of CPU, most of it for its long gaps; `--streams 4000` takes about an hour.
"""

import time
from multiprocessing import Pool
from typing import Annotated

import typer
from rich.console import Console

from tests.streams.support.irregular_usage import faults_of, irregular_stream

SHOWN = 20
"""Most faulty streams that are named; all of them are counted."""

_AT_ONCE = 50

people = Console(width=140)


def sweep_one(seed: int) -> tuple[int, int, list[str]]:
    """Return the number of a stream, the number of its events, and its faults."""
    events = irregular_stream(seed)
    return seed, len(events), faults_of(events)


def main(
    streams: Annotated[int, typer.Option(min=1, help="How many streams.")] = 100_000,
    *,
    first: Annotated[int, typer.Option(help="Number of the first stream.")] = 0,
    processes: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1,
) -> None:
    """Handle irregular streams and name the streams that fail; exit code 1 if a stream fails."""
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
