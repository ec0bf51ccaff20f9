"""What the speed comparison measures: time, operations, the peak of the GPU, latency."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

import torch

from tests.benchmarks.sentiment_contestants import PIPELINE
from tests.benchmarks.sentiment_encoders import Encoder


class Timing(NamedTuple):
    """One measurement: wall seconds and CPU seconds of this process."""

    wall: float
    cpu: float


def measured(work: Callable[[], object]) -> Timing:
    """Run `work` once and return what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Timing(time.perf_counter() - wall, time.process_time() - cpu)


def interleaved(
    works: Mapping[str, Callable[[], object]], *, repeats: int, until: float
) -> dict[str, list[Timing]]:
    """Run each work once to warm up, then all in turn, `repeats` times or until perf_counter passes `until`.

    Every work is measured at least once.
    """
    for work in works.values():
        work()
    found: dict[str, list[Timing]] = {name: [] for name in works}
    for number in range(repeats):
        if number and time.perf_counter() > until:
            break
        for name, work in works.items():
            found[name].append(measured(work))
    return found


def rows_of(size: str, count: int, found: Mapping[str, Sequence[Timing]]) -> list[str]:
    """Return Markdown rows: texts a second and the ratio to the pipeline's CPU seconds, median (range)."""
    peer = [timing.cpu for timing in found[PIPELINE]]
    rows = []
    for name, timings in found.items():
        rates = [count / timing.wall for timing in timings]
        ratios = [timing.cpu / other for timing, other in zip(timings, peer, strict=True)]
        rows.append(f"| {size} | {name} | {_spread(rates, 0)} | {_spread(ratios, 2)} |")
    return rows


def _spread(values: Sequence[float], digits: int) -> str:
    middle, low, high = (
        f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values))
    )
    return f"{middle} ({low}–{high})"


def flops_of(windows: Sequence[Sequence[int]], encoder: Encoder) -> float:
    """Return the floating point operations of the matrix products for windows, a multiply-add as two."""
    config = encoder.model.config
    width, layers = config.hidden_size, config.num_hidden_layers
    weights = layers * (4 * width * width + 2 * width * config.intermediate_size)
    lengths = [len(window) for window in windows]
    return float(sum(2 * weights * length + 4 * layers * width * length**2 for length in lengths))


def peak_flops() -> float:
    """Return the most operations a second of a large bfloat16 product on the GPU, best of ten."""
    side = 8192
    left = torch.randn(side, side, device="cuda", dtype=torch.bfloat16)
    best = 0.0
    for _ in range(10):
        torch.cuda.synchronize()
        started = time.perf_counter()
        for _ in range(5):
            left @ left
        torch.cuda.synchronize()
        best = max(best, 5 * 2.0 * side**3 / (time.perf_counter() - started))
    return best


def latencies(
    score: Callable[[list[str]], object], texts: Sequence[str], *, rate: float, seconds: float
) -> list[float]:
    """Return seconds from arrival to score, sorted: Poisson arrivals, each pass takes all that wait."""
    chance, at, arrivals = Random(17), 0.0, []
    while (at := at + chance.expovariate(rate)) < seconds:
        arrivals.append(at)
    found: list[float] = []
    started = time.perf_counter()
    while len(found) < len(arrivals):
        now = time.perf_counter() - started
        waiting = [arrival for arrival in arrivals[len(found) :] if arrival <= now]
        if not waiting:
            time.sleep(max(0.0, arrivals[len(found)] - now))
            continue
        score([texts[(len(found) + number) % len(texts)] for number in range(len(waiting))])
        done = time.perf_counter() - started
        found += [done - arrival for arrival in waiting]
    return sorted(found)
