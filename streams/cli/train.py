"""`rapport train`: train the models that are our own."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from streams.cli import train_churn, train_injections, train_matching, train_privacy, train_routes
from streams.cli.composition.models import load_baseline
from streams.cli.mood_tables import figures_table
from streams.cli.terminal import errors, fail, say
from streams.evaluate.labelled import LabelledText
from streams.evaluate.mood_card import card_text, failure_lines
from streams.evaluate.mood_report import MoodReport, mood_report
from streams.evaluate.moods import judged as judged_moods

if TYPE_CHECKING:
    from detectors.sentiment.scores import SentimentScore
    from detectors.sentiment.training.plan import Trained
    from detectors.sentiment.training.row import Judged

app = typer.Typer(help="Train the service's own models.", no_args_is_help=True)

CARD_FILE: Final = "card.md"


app.command("churn")(train_churn.churn)
app.command("routes")(train_routes.routes)
app.command("injections")(train_injections.injections)
app.command("privacy")(train_privacy.privacy)
app.command("matching")(train_matching.matching)


@app.command()
def sentiment(
    data: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="Folder with the files of GoEmotions.")
    ],
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Folder for mood.safetensors, mood.json and card.md.")
    ],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same weights.")] = 0,
    limit: Annotated[
        int | None,
        typer.Option(min=100, help="Use this many messages and comments, one epoch, for a quick try."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Go on from these weights: learn the new corpus files only."
        ),
    ] = None,
) -> None:
    """Train the mood model on the project's corpus and GoEmotions; takes up to an hour on two cores.

    The folder holds labels.txt, train.tsv, dev.tsv and test.tsv of GoEmotions. Three folds, each without the
    messages of a third of the writers, judge what they have not seen: the calibration and the figures of the
    card come from them. A last fit uses every message. Use the result with RAPPORT_SENTIMENT_WEIGHTS.

    With --start the training goes on from trained weights and takes less: it learns the files of the corpus
    that the weights do not know, beside a sample of the others. Eight new files took 45 minutes of one
    processor without bfloat16. Each new file is judged by a fit that did not see it, up to three such fits.

    Example: rapport train sentiment --data goemotions --out my-mood
    """
    # Torch takes seconds to import: only this command waits for it.
    from detectors.sentiment.adapter import DamagedWeightsError
    from detectors.sentiment.training.goemotions import TrainingDataError

    _make(out)
    try:
        trained = _trained(data, seed, limit, start)
        trained.weights.save(out)
        _report(trained, out)
    except TrainingDataError as error:
        fail(f"{data} cannot be trained on: {error}.")
    except DamagedWeightsError as error:
        fail(f"{start} cannot be continued: {error}.")
    except OSError as error:
        fail(f"{error.filename or out} cannot be used: {error.strerror or error}.")


def _trained(data: Path, seed: int, limit: int | None, start: Path | None) -> "Trained":
    from detectors.sentiment.training.continuing import CONTINUED, continue_from
    from detectors.sentiment.training.fitting import Recipe
    from detectors.sentiment.training.plan import Plan
    from detectors.sentiment.training.run import train_from_folder
    from detectors.sentiment.weights_file import MoodWeights

    recipe = replace(Recipe() if start is None else CONTINUED, seed=seed)
    if limit is not None:
        recipe = replace(recipe, epochs=1, comments=limit)
    plan = Plan(recipe, limit=limit)
    if start is None:
        return train_from_folder(data, plan, progress=_say)
    return continue_from(MoodWeights.load(start), data, plan, progress=_say)


def _make(folder: Path) -> None:
    """Make the folder before the long work, so that a wrong one is told at once."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"{folder} cannot be used: {error.strerror or error}.")


def _report(trained: "Trained", out: Path) -> None:
    """Print the figures of the left-out messages and write the card."""
    rows, scores, left_out = _measured(trained, trained.left_out)
    *_, comments = _measured(trained, trained.comments)
    description = trained.weights.description
    failures = failure_lines(rows, judged_moods(rows, scores))
    card = card_text(description, left_out, comments, failures, started_from=trained.started_from)
    (out / CARD_FILE).write_text(card, encoding="utf-8")
    Console().print(figures_table(left_out, model=description.version))
    say(f"Wrote {description.version} and its {CARD_FILE} to {out}.")


def _measured(
    trained: "Trained", judged: "Judged"
) -> tuple[list[LabelledText], list["SentimentScore"], MoodReport]:
    from detectors.sentiment.model import TARGET_ERROR
    from streams.evaluate.trained import labelled_rows, scores_of

    description = trained.weights.description
    least = description.calibration.least_confidences(TARGET_ERROR)
    rows = labelled_rows(judged)
    scores = scores_of(judged, model=description.version, least_confidences=least)
    return rows, scores, mood_report(rows, scores, load_baseline().score([row.text for row in rows]))


def _say(text: str) -> None:
    errors.print(text, markup=False, highlight=False)
