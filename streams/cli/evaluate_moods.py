"""`rapport evaluate sentiment`: measure the sentiment model on a file of labelled messages."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from detectors.sentiment.scores import SentimentScore, SentimentScorer
from streams.cli.composition.connections import read_settings
from streams.cli.composition.models import load_baseline, load_sentiment, token_limit
from streams.cli.mood_tables import MOST_PROBABLE, figures_table, groups_table
from streams.cli.output_files import refuse_unwritable
from streams.cli.terminal import errors, fail, say
from streams.evaluate.adaptation import SEEDS, Adaptation, CountSummary, NothingToLearnError, adapted_scores
from streams.evaluate.labelled import (
    ColumnsError,
    LabelledText,
    WrongLabelError,
    columns_of,
    is_labelled,
    labelled_text,
)
from streams.evaluate.mood_report import MoodReport, mood_report
from streams.evaluate.predictions import CORRECTED, HEADER, prediction_rows, with_corrected
from streams.ingest.documents import RejectedRow
from streams.ingest.rows import FileLayout, open_rows
from streams.ingest.texts import IngestError

WRONG_ROWS: Final = 3
"""Exit code if some rows of the file could not be used, as in `rapport ingest`."""

SHOWN_WRONG_ROWS: Final = 20
"""Number of wrong rows that are printed; --json has all of them."""

SCORED_AT_ONCE: Final = 1_000
"""Rows that are scored between two reports of progress."""


def sentiment(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="CSV with the columns `text` and `label`.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the prediction of each scored row here, as CSV.")
    ] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", help="Write all figures with their intervals here, as JSON.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of the file, such as cp1252; UTF-8 and UTF-16 are recognised."),
    ] = None,
    corrections: Annotated[
        int | None,
        typer.Option("--adapt", min=1, help="Also correct this many rows, and judge the others again."),
    ] = None,
) -> None:
    """Measure how well moods, frustration and threats to leave are found in labelled messages.

    `text` holds a raw message, `label` its mood: negative, neutral or positive. Optional columns are
    `frustrated` and `threat` (0, 1, true, false, or blank for not labelled), `category` and `industry`; other
    columns are ignored. The model is the configured one, see RAPPORT_SENTIMENT_WEIGHTS and RAPPORT_DEVICE.

    The figures use the most probable mood, also for a row that abstains as uncertain; the shares of rows that
    abstain are shown as well. A row without probabilities, because of its language or because it has no
    words, counts as wrong; for the area under the curve (AUC) each mood of it has a third. Frustration and
    threats are judged on the rows that are labelled for them. A threat is found if its probability is at
    least 0.5; if the model has no such output, it is found if it is among the reasons for frustration.

    Each figure has a 95 % interval from 1,000 seeded draws of the rows. If there are five industries or more,
    whole industries are drawn. The interval of the calibration error (ECE) lies high, because each draw adds
    noise to it. The baseline counts mood words. The exit code is 3 if a row cannot be used; each of these
    rows is named and refused. Rows read = rows scored + rows refused.

    --adapt N corrects N rows chosen at random, one after another, as people at a desk would. The figures
    before and after are means of five seeds over rows that were not corrected. The file of predictions then
    has the column `corrected`; rows with 0 there have the adapted predictions of the first seed.

    Example: rapport evaluate sentiment messages.csv --adapt 200 --out predictions.csv --json figures.json
    """
    for target in (out, as_json):
        refuse_unwritable(target, file)
    rows, refused = read_labelled(file, encoding)
    _name_refused(file, refused)
    if not rows:
        fail(f"{file} holds no labelled message.")
    settings = read_settings()
    model = load_sentiment(settings)
    scores = score_rows(rows, model, max_tokens=token_limit(settings))
    adaptation = None if corrections is None else _adapted(rows, scores, corrections)
    if out is not None:
        _write_predictions(out, scores, adaptation)
    report = mood_report(rows, scores, load_baseline().score([row.text for row in rows]))
    if as_json is not None:
        told = report.as_json() | {"model": model.version, "refused": [_named(wrong) for wrong in refused]}
        if adaptation is not None:
            told |= {"adapted": [found.as_json() for found in adaptation.curve]}
        _write_json(as_json, told)
    _show(report, adaptation, model=model.version)
    say(f"{len(rows) + len(refused):,} rows read: {len(rows):,} scored, {len(refused):,} refused.")
    if refused:
        raise typer.Exit(WRONG_ROWS)


def _name_refused(file: Path, refused: Sequence[RejectedRow]) -> None:
    for wrong in refused[:SHOWN_WRONG_ROWS]:
        errors.print(
            f"{file}, line {wrong.line}: {wrong.reason}.", markup=False, highlight=False, soft_wrap=True
        )
    if len(refused) > SHOWN_WRONG_ROWS:
        say(f"{len(refused) - SHOWN_WRONG_ROWS:,} more rows are refused; --json FILE names all.")


def _show(report: MoodReport, adaptation: Adaptation | None, *, model: str) -> None:
    console = Console()
    console.print(figures_table(report, model=model))
    for title, groups in (("category", report.categories), ("industry", report.industries)):
        if groups:
            console.print(groups_table(title, groups))
    if adaptation is not None:
        console.print(adaptation_table(adaptation.curve))
    console.print(MOST_PROBABLE, markup=False, highlight=False)


def adaptation_table(curve: Sequence[CountSummary]) -> Table:
    """Return the figures before and after corrections, by their number; the means over all seeds."""
    caption = f"means of {len(SEEDS)} seeds, before and after, always on the same rows of a seed"
    table = Table(title="After corrections of rows chosen at random", caption=caption)
    for heading in ("corrections", "accuracy", "macro F1", "AUC of negative", "seeds below"):
        table.add_column(heading, justify="right", no_wrap=True)
    for found in curve:
        changes = (
            f"{found.before[name]:.3f} to {found.after[name]:.3f}"
            for name in ("accuracy", "macro_f1", "auc_negative")
        )
        table.add_row(f"{found.corrections:,}", *changes, f"{found.below:.0%}")
    return table


def read_labelled(file: Path, encoding: str | None) -> tuple[list[LabelledText], list[RejectedRow]]:
    """Return the labelled and the refused rows of a CSV file, each in order; fail if it is no such file."""
    columns: dict[str, str] = {}
    layout = FileLayout(encoding, is_row=lambda cells: is_labelled(cells, columns))
    good: list[LabelledText] = []
    refused: list[RejectedRow] = []
    try:
        with open_rows(file, layout) as reader:
            if reader.columns is None:
                fail(f"{file} is JSON; a CSV with a header line is needed.")
            columns |= columns_of(reader.columns)
            for row in reader.rows:
                _sort(row, columns, good, refused)
    except ColumnsError as error:
        fail(f"{file} {error}.")
    except IngestError as error:
        fail(str(error))
    return good, refused


def _sort(row: Any, columns: dict[str, str], good: list[LabelledText], refused: list[RejectedRow]) -> None:
    """Add a row of the file to the good or to the refused rows."""
    if isinstance(row, RejectedRow):
        refused.append(row)
        return
    try:
        good.append(labelled_text(row.line, row.cells, columns))
    except WrongLabelError as error:
        refused.append(row.rejected(str(error)))


def score_rows(
    rows: Sequence[LabelledText], scorer: SentimentScorer, *, max_tokens: int
) -> list[SentimentScore]:
    """Return the score of each row, in order; progress goes to the person at the terminal."""
    scores: list[SentimentScore] = []
    for start in range(0, len(rows), SCORED_AT_ONCE):
        part = rows[start : start + SCORED_AT_ONCE]
        scores += scorer.score([row.text for row in part], max_tokens=max_tokens)
        say(f"scored {len(scores):,} of {len(rows):,} rows")
    return scores


def _adapted(rows: Sequence[LabelledText], scores: Sequence[SentimentScore], count: int) -> Adaptation:
    try:
        return adapted_scores(rows, scores, count=count)
    except NothingToLearnError as error:
        fail(f"--adapt {count}: {error}.")


def _write_predictions(out: Path, scores: Sequence[SentimentScore], adaptation: Adaptation | None) -> None:
    header, lines = HEADER, prediction_rows(scores)
    if adaptation is not None:
        header = (*HEADER, CORRECTED)
        lines = with_corrected(prediction_rows(adaptation.scores), adaptation.corrected)
    with out.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows([header, *lines])


def _write_json(target: Path, told: dict[str, Any]) -> None:
    target.write_text(json.dumps(told, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


def _named(wrong: RejectedRow) -> dict[str, Any]:
    return {"line": wrong.line, "reason": wrong.reason}
