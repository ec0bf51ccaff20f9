"""`rapport train routes`: train the model that hears which messages a person must answer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from streams.cli.composition.models import load_text_encoder
from streams.cli.terminal import fail, say
from streams.evaluate.route_card import route_card, told_routes
from streams.evaluate.routes import RouteJudged

if TYPE_CHECKING:
    from detectors.routes.training.run import TrainedRoutes

_CARD: Final = "card.md"


def routes(
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Folder for routes.safetensors, routes.json and card.md.")
    ],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same weights.")] = 7,
) -> None:
    """Train the model that hears which messages a person must answer; takes minutes on two cores.

    It learns from the project's corpora only. One fit for each writer of tickets, without that writer and a
    share of the others, judges what it has not seen: the least probability of each reason and the figures of
    the card come from these fits. A last fit uses every message.

    Example: rapport train routes --out my-routes --seed 7
    """
    from detectors.routes.training.rows import read_rows
    from detectors.routes.training.run import train_routes

    try:
        out.mkdir(parents=True, exist_ok=True)
        trained = train_routes(read_rows(seed), load_text_encoder(), seed, progress=say)
        weights = trained.weights.save(out)
        (out / _CARD).write_text(route_card(weights.description, _judged(trained)), encoding="utf-8")
    except OSError as error:
        fail(f"{error.filename or out} cannot be used: {error.strerror or error}.")
    say(f"Wrote {weights.version} and its {_CARD} to {out}.")


def _judged(trained: "TrainedRoutes") -> list[RouteJudged]:
    from detectors.routes.head import OUTPUTS

    return [
        told_routes(row.row_id, row.kind, OUTPUTS[row.output], OUTPUTS[found])
        for row, found in zip(trained.rows, trained.left_out.tolist(), strict=True)
    ]
