"""`rapport train injections`: train the model that hears orders to the writer of the reply."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from streams.cli.composition.models import load_text_encoder
from streams.cli.terminal import fail, say
from streams.evaluate.order_card import OrderJudged, order_card

if TYPE_CHECKING:
    from detectors.injections.training.run import TrainedOrders

_CARD: Final = "card.md"


def injections(
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Folder for orders.safetensors, orders.json and card.md.")
    ],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same weights.")] = 7,
) -> None:
    """Train the model that hears orders to the writer of the reply; takes minutes on two cores.

    It learns from the project's corpora only. Four fits, each without a writer of attacks and a quarter of
    the other writers, judge what they have not seen: the limits and the figures of the card come from them.
    A last fit uses every message.

    Example: rapport train injections --out my-orders --seed 7
    """
    from detectors.injections.training.run import train_orders

    try:
        out.mkdir(parents=True, exist_ok=True)
        trained = train_orders(load_text_encoder(), seed, progress=say)
        weights = trained.weights.save(out)
        (out / _CARD).write_text(order_card(weights.description, _judged(trained)), encoding="utf-8")
    except OSError as error:
        fail(f"{error.filename or out} cannot be used: {error.strerror or error}.")
    say(f"Wrote {weights.version} and its {_CARD} to {out}.")


def _judged(trained: "TrainedOrders") -> list[OrderJudged]:
    marked = trained.left_out >= trained.weights.description.limits.marked
    return [
        OrderJudged("" if row.ordinary else row.writer, bool(row.orders), is_marked)
        for row, is_marked in zip(trained.rows, marked.tolist(), strict=True)
    ]
