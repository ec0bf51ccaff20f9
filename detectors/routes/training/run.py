"""The whole training: fits that leave out writers give the least chances, and a last fit learns all rows."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import numpy as np

from detectors.routes.head import OUTPUTS
from detectors.routes.layered import LayeredEncoder
from detectors.routes.training.fitting import fit, predict
from detectors.routes.training.pooling import pool_rows
from detectors.routes.training.rows import FOLDER, RouteRow, folds_of
from detectors.routes.weights_file import RouteDescription, RouteWeights
from detectors.sentiment.arrays import Float64, Int64
from detectors.sentiment.corpus.messages import FOLDER as MOODS

LIKELY_FALSE: Final = 0.004
"""Share of ordinary left-out messages that may be heard as likely: each costs an answer. The tickets of three
companies, longer and more varied, are routed about five times as often: the share was chosen with them in
view, for 2 % of their answerable tickets."""

POSSIBLE_FALSE: Final = 0.015
"""The same for possible reasons, which cost no answer. Chosen by hand."""

SAFETY_FAVOUR: Final = 3.0
"""How many times its share of false routes safety may use: somebody may be hurt. Chosen by hand."""

LIKELY_LEAST: Final = 0.5
POSSIBLE_LEAST: Final = 0.2
"""No likely or possible reason is less probable than this: few ordinary messages cannot show a lower limit.
Chosen by hand."""

_LIBRARIES: Final = ("torch", "tokenizers", "numpy")


@dataclass(frozen=True, slots=True)
class TrainedRoutes:
    """The weights, the rows, and the reason that left-out fits found for each row (a number in OUTPUTS)."""

    weights: RouteWeights
    rows: tuple[RouteRow, ...]
    left_out: Int64


def train_routes(
    rows: list[RouteRow], encoder: LayeredEncoder, seed: int, *, progress: Callable[[str], None]
) -> TrainedRoutes:
    """Train on the rows that the seed drew; the same seed gives the same weights on one machine."""
    pooled = pool_rows(rows, encoder, progress=progress)
    chances = np.zeros((len(rows), len(OUTPUTS)))
    for writers in folds_of(rows):
        progress(f"fit without {', '.join(sorted(writers))}")
        inside = np.array([row.writer in writers for row in rows])
        chances[inside] = predict(fit(rows, pooled, ~inside), pooled)[inside]
    likely = least_chances(rows, chances, most_false=LIKELY_FALSE, lowest=LIKELY_LEAST)
    possible = least_chances(rows, chances, most_false=POSSIBLE_FALSE, lowest=POSSIBLE_LEAST)
    progress("fit on all rows")
    head = fit(rows, pooled, np.ones(len(rows), dtype=bool))
    description = RouteDescription(
        encoder="all-MiniLM-L6-v2",
        command=f"rapport train routes --out FOLDER --seed {seed}",
        likely=likely,
        possible={reason: min(least, likely[reason]) for reason, least in possible.items()},
        data=_digests(),
        versions={name: version(name) for name in _LIBRARIES},
    )
    return TrainedRoutes(RouteWeights(head, description), tuple(rows), decided(chances, likely))


def least_chances(
    rows: Sequence[RouteRow], chances: Float64, *, most_false: float, lowest: float
) -> dict[str, float]:
    """Return, for each reason, the least probability of any reason from which a message is routed.

    `chances` (n, k) are the probabilities of left-out messages. At most the share `most_false` of the
    ordinary messages is routed; unhappy ones do not count, because some of them may need a person. All
    reasons but safety have one limit, since single ordinary messages would decide theirs. Safety may use the
    part that is in proportion to its labelled messages, each counted SAFETY_FAVOUR times. No reason is routed
    below `lowest`, and safety not below half of it.
    """
    outputs = np.array([row.output for row in rows])
    ordinary = (outputs == 0) & np.array([row.kind != "unhappy" for row in rows])
    safety = OUTPUTS.index("safety")
    hurt = 1 + chances[:, 1:].argmax(axis=1) == safety
    counted = SAFETY_FAVOUR * (outputs == safety).sum()
    part = counted / max(1.0, counted + ((outputs > 0) & (outputs != safety)).sum())
    allowed = most_false * ordinary.sum()
    heard = 1 - chances[:, 0]
    usual = _limit(heard[ordinary & ~hurt], int(allowed * (1 - part)), lowest)
    own = _limit(heard[ordinary & hurt], int(allowed * part), lowest / 2)
    return {reason: own if reason == "safety" else usual for reason in OUTPUTS[1:]}


def _limit(heard: Float64, most: int, lowest: float) -> float:
    """Return the least limit, not below `lowest`, that at most `most` of the heard probabilities reach."""
    wrong = np.sort(heard)[::-1]
    highest = float(wrong[most]) + 1e-4 if len(wrong) > most else lowest
    return round(min(max(highest, lowest), 1.0), 4)


def decided(chances: Float64, least: dict[str, float]) -> Int64:
    """Return the number of the reason of each message, or 0."""
    likeliest = 1 + chances[:, 1:].argmax(axis=1)
    limits = np.array([least[OUTPUTS[number]] for number in likeliest])
    return np.where(1 - chances[:, 0] >= limits, likeliest, 0)


def _digests() -> dict[str, str]:
    files = [*sorted(FOLDER.glob("*.jsonl")), *sorted(MOODS.glob("*.csv"))]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
