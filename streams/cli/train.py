"""`rapport train`: train the models that are our own."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from streams.cli.terminal import errors, fail

app = typer.Typer(help="Train the service's own models.", no_args_is_help=True)


@app.callback()
def _keep_subcommands() -> None:
    """Train the service's own models."""


@app.command()
def sentiment(
    data: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="Folder with the files of GoEmotions.")
    ],
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for head.safetensors and head.json.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same weights.")] = 0,
    limit: Annotated[
        int | None, typer.Option(min=100, help="Use this many rows of each file, for a quick try.")
    ] = None,
) -> None:
    """Train the sentiment head on train.tsv, calibrate it on dev.tsv, measure it on test.tsv.

    The folder needs labels.txt as well. Use the result with RAPPORT_SENTIMENT_WEIGHTS.

    Example: rapport train sentiment --data goemotions --out my-head
    """
    # Torch takes seconds to import: only this command waits for it.
    from detectors.sentiment.training.goemotions import TrainingDataError
    from detectors.sentiment.training.run import train_from_folder

    try:
        measures = train_from_folder(data, out, seed=seed, limit=limit, progress=_say)
    except TrainingDataError as error:
        fail(f"{data} cannot be trained on: {error}.")
    except OSError as error:
        fail(f"{error.filename or out} cannot be used: {error.strerror or error}.")
    Console().print(measures_table(measures))


def _say(text: str) -> None:
    errors.print(text, markup=False, highlight=False)


def measures_table(measures: dict[str, float]) -> Table:
    """Return the measures as a table of two columns."""
    table = Table(title="Sentiment head", show_header=False)
    for name, value in measures.items():
        table.add_row(name.replace("_", " "), f"{value:,.0f}" if name.endswith("_rows") else f"{value:.4f}")
    return table
