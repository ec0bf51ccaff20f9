"""Training that goes on from trained weights: only new files of the corpus are learned.

The new files are learned beside a sample of the old ones, so that nothing is forgotten; for the same reason
each fit goes back half of its way. Each new file is judged by a fit that did not see it. The calibration
stays that of the start, because the old messages cannot be left out any more; the card shows whether it still
fits.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from detectors.sentiment.corpus.messages import learned_messages
from detectors.sentiment.heads import OUTPUTS
from detectors.sentiment.training.describing import corpus_digests, described
from detectors.sentiment.training.fitting import Recipe
from detectors.sentiment.training.goemotions import TrainingDataError, read_folder
from detectors.sentiment.training.judged import judged_under
from detectors.sentiment.training.network import predict
from detectors.sentiment.training.plan import Plan, Trained, folds_of, some_of
from detectors.sentiment.training.rows import comment_rows, corpus_rows
from detectors.sentiment.training.school import School
from detectors.sentiment.weights_file import MoodWeights

CONTINUED: Final = Recipe(epochs=1, comments=4_000, twins=0.4, adapter_rate=4e-4, head_rate=1e-3)
"""One epoch with lower rates than from the start; tried on writers w15 and w16, each left out once."""

OLD_MESSAGES: Final = 2_500
"""Messages of files that the weights know, learned again beside the new ones. Chosen by hand."""


def continue_from(start: MoodWeights, data: Path, plan: Plan, *, progress: Callable[[str], None]) -> Trained:
    """Go on from `start` with the files of the corpus that it does not know, and GoEmotions in `data`.

    Raises TrainingDataError if no file is new or the folder is not GoEmotions, and DamagedWeightsError if the
    weights do not fit the network.
    """
    new = new_writers(start)
    splits = {name: some_of(comment_rows(rows), plan) for name, rows in read_folder(data).items()}
    messages = [*learned_messages()]
    known = [message for message in messages if message.writer not in new]
    sample = Random(plan.recipe.seed).sample(known, min(OLD_MESSAGES, plan.limit or OLD_MESSAGES, len(known)))
    rows = corpus_rows(some_of([message for message in messages if message.writer in new], plan))
    school = School.of(plan.recipe, progress, start=start)
    epochs = school.epochs([*rows, *corpus_rows(sample)], splits["train"])
    logits = np.zeros((len(rows), len(OUTPUTS)))
    for writers in folds_of(rows, plan.folds):
        progress(f"a fit without {', '.join(writers)}")
        inside = [place for place, row in enumerate(rows) if row.writer in writers]
        network = school.taught(epochs, without=writers)
        logits[inside] = predict(network, school.maker.plain([rows[place] for place in inside]))
    progress("final fit on all messages")
    network = school.taught(epochs)
    calibration = start.description.calibration
    options = f"--seed {plan.recipe.seed} --start {start.description.version}"
    description = described(data, network.heads(), calibration, options=options)
    weights = MoodWeights(network.adapters(), network.heads(), description)
    test_logits = predict(network, school.maker.plain(splits["test"]))
    return Trained(
        weights,
        judged_under(calibration, rows, logits),
        judged_under(calibration, splits["test"], test_logits),
        started_from=start.description.version,
    )


def new_writers(start: MoodWeights) -> tuple[str, ...]:
    """Return the writers of the corpus files that the weights were not trained on, in order.

    Raises TrainingDataError if there are none.
    """
    known = start.description.data
    new = [name for name, digest in corpus_digests().items() if known.get(name) != digest]
    if not new:
        raise TrainingDataError(f"{start.description.version} has learned every file of the corpus")
    return tuple(Path(name).stem for name in new)
