"""`rapport train matching`: train the encoder that matches questions with the sections that answer them."""

from pathlib import Path
from typing import Annotated, Final

import typer

from responders.retrieval.word_vectors import read_projection, save_projection
from responders.words import placed_stems
from streams.cli.terminal import fail, say
from streams.evaluate.help_centres import help_centre, read_sections
from streams.evaluate.matching_card import matching_card

CORPUS: Final = Path(__file__).parents[2] / "detectors" / "matching" / "corpus"

START: Final = CORPUS.parent / "training" / "start.safetensors"
"""The projection of words that the training starts from, by `python -m tests.responders.words_fit`."""

JUDGES: Final = ("b3", "c5", "c6", "p7")
"""Files that nothing is learned from: their figures stand in the card."""

_CARD: Final = "card.md"


def matching(
    out: Annotated[
        Path,
        typer.Option(
            file_okay=False,
            help="Folder for the weights, words.safetensors and card.md.",
        ),
    ],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same weights.")] = 7,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over all questions.")] = 4,
) -> None:
    """Train the encoder that finds the section that answers a question; takes half an hour on two cores.

    It learns from the project's help centres, each with questions in customers' words. Four files are left
    out and judge: the card has their figures before and after. `words.safetensors` belongs into
    `responders/retrieval`, the other files into `detectors/matching/weights`. New weights
    need a new INDEX_VERSION in `responders/store/index_version.py`: every source is indexed again by it.

    Example: rapport train matching --out my-matching --seed 7
    """
    from detectors.matching.training.fitting import MatchingRecipe
    from detectors.matching.training.run import MatchingData, train_matching
    from detectors.sentiment.training.describing import digests

    try:
        out.mkdir(parents=True, exist_ok=True)
        files = sorted(CORPUS.glob("*.jsonl"))
        centres = [(path.stem, help_centre(path.stem, read_sections(path))) for path in files]
        data = MatchingData(
            learned=[centre for name, centre in centres if name not in JUDGES],
            judges=[centre for name, centre in centres if name in JUDGES],
            placed=placed_stems,
            projection=read_projection(START),
            digests=digests(path for path in files if path.stem not in JUDGES),
        )
        command = f"rapport train matching --out FOLDER --seed {seed} --epochs {epochs}"
        trained = train_matching(data, MatchingRecipe(epochs=epochs, seed=seed), command, progress=say)
        weights = trained.weights.save(out)
        save_projection(out / "words.safetensors", weights.projection)
        (out / _CARD).write_text(matching_card(weights.description, trained.judged), encoding="utf-8")
    except OSError as error:
        fail(f"{error.filename or out} cannot be used: {error.strerror or error}.")
    say(f"Wrote {weights.version} and its {_CARD} to {out}.")
