"""What training judged on the way, in the form of labelled messages and scores."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.scores import Prepared, Probabilities, SentimentScore, scored
from detectors.sentiment.training.row import Judged, TrainingRow
from streams.evaluate.labelled import LabelledText

_PLACES: Final[Mapping[str, int]] = {name: place for place, name in enumerate(OUTPUTS[MOODS:])}
_DISPUTED: Final = 0.5
"""The target of a sign on which the two readers differ: it counts as not labelled."""


def labelled_rows(judged: Judged) -> list[LabelledText]:
    """Return the rows as labelled messages, in order; a sign that is disputed or unknown is not labelled."""
    return [
        LabelledText(
            line=number,
            text=row.text,
            label=row.mood,
            frustrated=_sign(row, "frustrated"),
            threat=_sign(row, "threat_to_leave"),
            category=row.category,
            industry=row.industry,
        )
        for number, row in enumerate(judged.rows, start=1)
    ]


def scores_of(judged: Judged, *, model: str, least_confidences: Probabilities) -> list[SentimentScore]:
    """Return the scores that a model with these outputs gives, in order of the rows."""
    found = []
    everything = zip(judged.rows, judged.moods, judged.signs, judged.least_positive.tolist(), strict=True)
    for row, moods, signs, least in everything:
        item = Prepared(row.text, "en", 1.0, 0.0, (), (), False, None)
        negative, neutral, positive = (float(value) for value in moods)
        chances = (negative, neutral, positive)
        score = scored(item, chances, model=model, least_confidences=least_confidences, least_positive=least)
        sign = {name: float(signs[place]) for name, place in _PLACES.items()}
        found.append(
            replace(
                score,
                frustration=sign["frustrated"],
                threat=sign["threat_to_leave"],
                sarcasm=sign["sarcasm"],
            )
        )
    return found


def _sign(row: TrainingRow, name: str) -> bool | None:
    if row.signs is None or row.signs[_PLACES[name]] == _DISPUTED:
        return None
    return row.signs[_PLACES[name]] > _DISPUTED
