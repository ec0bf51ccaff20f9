"""The series of the Numenta Anomaly Benchmark with their windows, and disturbed copies of them."""

import csv
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.inputs import MissingDataError

WINDOWS: Final = "windows.json"


@dataclass(frozen=True)
class Series:
    """One series: the times of its rows, their values, and the windows of anomalies as first and last row."""

    name: str
    times: tuple[datetime, ...]
    values: NDArray[np.float64]
    windows: tuple[tuple[int, int], ...]


def read_corpus(folder: Path) -> list[Series]:
    """Return the series of a folder that holds windows.json and, by its names, CSV files.

    Raises MissingDataError if there is no such file or none of its series.
    """
    windows = folder / WINDOWS
    if not windows.is_file():
        raise MissingDataError(f"{folder} has no {WINDOWS}.")
    named = json.loads(windows.read_text(encoding="utf-8"))
    found = [_read(folder, name, named[name]) for name in sorted(named) if (folder / name).is_file()]
    if not found:
        raise MissingDataError(f"{folder} holds none of the series of {WINDOWS}.")
    return found


def _read(folder: Path, name: str, windows: list[tuple[str, str]]) -> Series:
    with (folder / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    times = tuple(_time(row["timestamp"]) for row in rows)
    values = np.array([float(row["value"]) for row in rows])
    spans = tuple((times.index(_time(first)), times.index(_time(last))) for first, last in windows)
    return Series(name, times, values, spans)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shifted(series: Series) -> Series:
    """Return the series 5 hours and 17 minutes later, which moves each time of the day."""
    return replace(series, times=tuple(time + timedelta(hours=5, minutes=17) for time in series.times))


def scaled(series: Series) -> Series:
    """Return the series in another unit, from another zero, and upside down."""
    return replace(series, values=1_000.0 - 0.037 * series.values)


def noisy(series: Series) -> Series:
    """Return the series with normal noise of 2 % of its standard deviation."""
    rng = np.random.default_rng(crc32(series.name.encode()))
    noise = rng.normal(0.0, 0.02 * float(np.std(series.values)), len(series.values))
    return replace(series, values=series.values + noise)


def thinned(series: Series) -> Series:
    """Return every second row of the series; a window keeps the rows that lie in its time."""
    times, values = series.times[::2], series.values[::2]
    spans = [(series.times[first], series.times[last]) for first, last in series.windows]
    windows = tuple((bisect_left(times, first), bisect_right(times, last) - 1) for first, last in spans)
    return replace(series, times=times, values=values, windows=windows)


DISTURBANCES: Final[Mapping[str, Callable[[Series], Series]]] = {
    "5:17 h later": shifted,
    "scaled": scaled,
    "2 % noise": noisy,
    "half the rows": thinned,
}
