"""`rapport train privacy`: train the model that hears names, addresses and secrets in messages."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from streams.cli.composition.models import load_text_encoder
from streams.cli.terminal import fail, say

if TYPE_CHECKING:
    from detectors.personal.training.run import TrainedPersonal

_CARD: Final = "card.md"


def privacy(
    out: Annotated[
        Path,
        typer.Option(file_okay=False, help="Folder for personal.safetensors, personal.json and card.md."),
    ],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same weights.")] = 7,
) -> None:
    """Train the model that hears names, addresses and secrets in messages; takes minutes on two cores.

    It learns from the project's corpus only. A fit for each writer, without the messages of that writer,
    judges what it has not seen: the limits and the figures of the card come from these fits. A last fit uses
    every message.

    Example: rapport train privacy --out my-privacy --seed 7
    """
    from detectors.personal.training.run import PersonalReader, train_personal
    from streams.evaluate.personal_limits import LimitSearch
    from streams.personal import NameLists

    try:
        out.mkdir(parents=True, exist_ok=True)
        reader = PersonalReader(load_text_encoder(), NameLists())
        trained = train_personal(reader, seed, lambda texts: LimitSearch(texts).best(), progress=say)
        weights = trained.weights.save(out)
        (out / _CARD).write_text(_card(trained), encoding="utf-8")
    except OSError as error:
        fail(f"{error.filename or out} cannot be used: {error.strerror or error}.")
    say(f"Wrote {weights.version} and its {_CARD} to {out}.")


def _card(trained: "TrainedPersonal") -> str:
    from streams.evaluate.personal_card import personal_card
    from streams.evaluate.personal_limits import LimitSearch

    description = trained.weights.description
    searches = {
        writer: LimitSearch([text for text in trained.left_out if text.row.writer == writer])
        for writer in sorted({text.row.writer for text in trained.left_out if not text.row.is_tuned})
    }
    return personal_card(
        description,
        {writer: search.judged(None) for writer, search in searches.items()},
        {writer: search.judged(description.limits) for writer, search in searches.items()},
    )
