"""`rapport evaluate usage`: score time series with the usage detector, or with the baseline."""

import csv
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TextIO

import typer
from rich.console import Console
from rich.table import Table

from detectors.usage.gauge.detector import GaugeScorer
from detectors.usage.grading import SeriesScorer
from detectors.usage.scorer import CountScorer
from streams.cli.output_files import write_lines
from streams.cli.terminal import errors, fail, say
from streams.evaluate.rolling import RollingScorer
from streams.evaluate.series import (
    HEADER,
    NoSeriesError,
    ReadTime,
    SeriesFigures,
    SeriesRow,
    score_series,
    series_columns,
    series_row,
)
from streams.ingest.documents import RejectedRow
from streams.ingest.instants import Instants
from streams.ingest.rows import open_rows
from streams.ingest.texts import IngestError

WRONG_ROWS: Final = 3
"""Exit code if some rows or files could not be used, as in `rapport ingest`."""

SHOWN_WRONG_ROWS: Final = 20
"""Number of wrong rows that are printed per file; --json has all of them."""

ScorerName = Literal["product", "counts", "baseline"]
SCORERS: Final[Mapping[str, Callable[[], SeriesScorer]]] = {
    "product": GaugeScorer,
    "counts": CountScorer,
    "baseline": RollingScorer,
}


@dataclass
class FileScored:
    """The figures of one file, and its rows that were refused; `refused` of the whole file has line 0."""

    figures: SeriesFigures = field(default_factory=SeriesFigures)
    refused: list[RejectedRow] = field(default_factory=list)


def usage(
    folder: Annotated[
        Path,
        typer.Argument(exists=True, file_okay=False, help="Folder of CSV files, also in folders inside."),
    ],
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="Folder to write the scores to.")],
    scorer: Annotated[
        ScorerName,
        typer.Option(
            help="The detector of values, the one of counts of events, or a rolling robust z-score."
        ),
    ] = "product",
    as_json: Annotated[
        Path | None, typer.Option("--json", help="Write the figures of each file here, as JSON.")
    ] = None,
) -> None:
    """Score how odd each value of time series is, in one pass, without labels.

    Each CSV file with the columns `timestamp` and `value` is a series of its own. The scores go to the same
    path below --out, with the columns `timestamp,value,anomaly_score`, one row per row read, in its order. A
    score is in [0, 1] and follows from this row and the rows before it in the same file, never from later
    rows. A time without a zone is in UTC. A blank value or NaN is a gap and scores 0. A row may be older than
    the row before it.

    The detector of values scores 0.5 for what is as rare as one row in 3,000 of this series. After such a
    row, only a row with twice the surprise scores above 0 for 12 hours, or for 12 rows if they are longer.
    The detector of counts takes each value as use, so that a fall is a drop, and as failures, so that a rise
    is a surge.

    The exit code is 3 if a file has no such columns or a row cannot be used; each of them is named and
    refused. Refused rows have no row in the scores.

    Example: rapport evaluate usage series --out scores --json figures.json
    """
    files = _files(folder, out)
    began = time.process_time()
    read_time = Instants().read
    done = {name: _score_file(folder / name, out / name, SCORERS[scorer](), read_time) for name in files}
    seconds = time.process_time() - began
    told = _told(done, scorer, seconds)
    if as_json is not None:
        write_lines(as_json, [json.dumps(told, indent=1)])
    Console().print(_table(told))
    if told["refused"]:
        raise typer.Exit(WRONG_ROWS)


def _files(folder: Path, out: Path) -> list[str]:
    """Return the paths of the series below the folder, sorted; files below `out` are results, not input."""
    target = out.resolve()
    if target == folder.resolve():
        fail(f"{out} is the folder that is read.")
    found = [path for path in folder.rglob("*") if path.suffix.lower() == ".csv" and path.is_file()]
    names = sorted(
        path.relative_to(folder).as_posix() for path in found if target not in path.resolve().parents
    )
    if not names:
        fail(f"{folder} holds no CSV file.")
    return names


def _score_file(source: Path, target: Path, scorer: SeriesScorer, read_time: ReadTime) -> FileScored:
    """Score one file; a file that is no series is refused whole."""
    done = FileScored()
    try:
        with open_rows(source) as reader:
            columns = series_columns(reader.columns or ())
            with _opened(target) as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(HEADER)
                for scored in score_series(_rows(reader.rows, columns, read_time, done.refused), scorer):
                    done.figures.count(scored)
                    writer.writerow(scored.cells())
    except NoSeriesError as error:
        done.refused.append(RejectedRow(0, str(error)))
    except IngestError as error:
        done.refused.append(RejectedRow(0, str(error).removeprefix(f"{source} ").rstrip(".")))
    _name_refused(source, done.refused)
    return done


def _opened(target: Path) -> TextIO:
    """Open a file of scores to write; fail in a sentence that names it, not the series."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.open("w", encoding="utf-8", newline="")
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}.")


def _rows(
    rows: Iterator[Any], columns: tuple[str, str], read_time: ReadTime, refused: list[RejectedRow]
) -> Iterator[SeriesRow]:
    """Yield the good rows; the others go to `refused`."""
    for row in rows:
        if isinstance(row, RejectedRow):
            refused.append(row)
            continue
        try:
            good = series_row(row.cells, columns, read_time)
        except ValueError as error:
            refused.append(row.rejected(str(error)))
            continue
        yield good


def _name_refused(source: Path, refused: list[RejectedRow]) -> None:
    for wrong in refused[:SHOWN_WRONG_ROWS]:
        where = f"{source}, line {wrong.line}" if wrong.line else f"{source}"
        errors.print(f"{where}: {wrong.reason}.", markup=False, highlight=False, soft_wrap=True)
    if len(refused) > SHOWN_WRONG_ROWS:
        say(f"{len(refused) - SHOWN_WRONG_ROWS:,} more rows of {source} are refused; --json FILE names all.")


def _told(done: Mapping[str, FileScored], scorer: str, seconds: float) -> dict[str, Any]:
    """Return the figures of all files, and of each file."""
    rows = sum(one.figures.rows for one in done.values())
    return {
        "scorer": scorer,
        "files": len(done),
        "rows": rows,
        "without_value": sum(one.figures.without_value for one in done.values()),
        "late": sum(one.figures.late for one in done.values()),
        "above_zero": sum(one.figures.above_zero for one in done.values()),
        "cpu_microseconds_per_row": 1e6 * seconds / max(rows, 1),
        "refused": [
            {"file": name, "line": wrong.line, "reason": wrong.reason}
            for name, one in done.items()
            for wrong in one.refused
        ],
        "by_file": {name: asdict(one.figures) for name, one in done.items()},
    }


def _table(told: Mapping[str, Any]) -> Table:
    table = Table(title=f"Scores of series, {told['scorer']}")
    table.add_column("figure")
    table.add_column("count", justify="right", no_wrap=True)
    named = {"files": "files", "rows": "rows scored", "without_value": "rows without a value"}
    named |= {"late": "rows older than a row before", "above_zero": "rows with a score above 0"}
    for key, name in named.items():
        table.add_row(name, f"{told[key]:,}")
    table.add_row("refused rows and files", f"{len(told['refused']):,}")
    table.add_row("CPU per row, with reading and writing", f"{told['cpu_microseconds_per_row']:.1f} µs")
    return table
