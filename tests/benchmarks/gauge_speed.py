"""A program: `python -m tests.benchmarks.gauge_speed` measures the CPU time of judging and learning a value.

River's GaussianScorer, the gauge detector alone, and a block of many gauges take the same values in one run.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import numpy as np
import typer
from rich.console import Console
from river.anomaly import GaussianScorer

from detectors.usage.gauge.block import GaugeBlock
from detectors.usage.gauge.detector import GaugeDetector

START: Final = datetime(2026, 3, 2, tzinfo=UTC)
people = Console(width=120)


def main(
    gauges: Annotated[int, typer.Option(min=1, help="Gauges in the block.")] = 10_000,
    rows: Annotated[int, typer.Option(min=1, help="Values of each gauge in the block.")] = 100,
) -> None:
    """Print microseconds of CPU per value, and the ratio to River's GaussianScorer."""
    values = np.random.default_rng(1).normal(100.0, 5.0, (rows, gauges))
    alone = values.ravel()[:20_000].tolist()
    gaussian = _microseconds(lambda: _gaussian(alone)) / len(alone)
    detector = _microseconds(lambda: _detector(alone)) / len(alone)
    block = _microseconds(lambda: _block(values)) / values.size
    for name, spent in (("GaussianScorer", gaussian), ("gauge alone", detector), ("gauge in a block", block)):
        people.print(f"{name}: {spent:.2f} us, {spent / gaussian:.2f} x", highlight=False)


def _microseconds(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e6


def _gaussian(values: list[float]) -> None:
    model: Any = GaussianScorer()  # type: ignore[no-untyped-call]
    for value in values:
        model.score_one(None, value)
        model.learn_one(None, value)


def _detector(values: list[float]) -> None:
    detector = GaugeDetector()
    for row, value in enumerate(values):
        detector.observe(START + timedelta(minutes=5 * row), value)


def _block(values: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    block = GaugeBlock(values.shape[1])
    for row, now in enumerate(values):
        block.observe(np.full(len(now), START.timestamp() + 300.0 * row), now)


if __name__ == "__main__":
    typer.run(main)
