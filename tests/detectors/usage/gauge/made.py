"""Made series: a rhythm with noise, and what a test changes in it."""

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from detectors.usage.gauge.detector import GaugeDetector
from detectors.usage.gauge.state import GaugeVerdict

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""

PER_HOUR = 6
PER_DAY = 24 * PER_HOUR

Series = list[float]


def rhythm(days: int, *, noise: float = 2.0, height: float = 30.0, seed: int = 1) -> Series:
    """Return a value every 10 minutes: 100 with a daily wave of this height and normal noise."""
    rng = random.Random(seed)
    wave = [100.0 + height * math.sin(math.tau * row / PER_DAY) for row in range(PER_DAY)]
    return [wave[row % PER_DAY] + rng.gauss(0.0, noise) for row in range(days * PER_DAY)]


def changed(series: Series, day: float, hours: float, change: Callable[[float], float]) -> Series:
    """Return the series with the values of some hours from a day on changed."""
    first = round(day * PER_DAY)
    span = range(first, min(len(series), first + round(hours * PER_HOUR)))
    return [change(value) if row in span else value for row, value in enumerate(series)]


def verdicts(series: Series, detector: GaugeDetector | None = None) -> list[GaugeVerdict]:
    """Return the verdict on each value."""
    judge = detector or GaugeDetector()
    step = timedelta(hours=1) / PER_HOUR
    return [judge.observe(START + row * step, value) for row, value in enumerate(series)]


def alarms(series: Series) -> list[float]:
    """Return the days, with fraction, at which the score reaches 0.5."""
    return [row / PER_DAY for row, verdict in enumerate(verdicts(series)) if verdict.score >= 0.5]
