"""The rows of training: messages of the corpus with all labels, comments of GoEmotions with a mood only."""

from collections.abc import Iterable, Sequence

from detectors.sentiment.corpus.messages import CorpusMessage
from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.preparing import examine
from detectors.sentiment.scores import LABELS
from detectors.sentiment.training.goemotions import Example
from detectors.sentiment.training.row import TrainingRow


def corpus_rows(messages: Iterable[CorpusMessage]) -> list[TrainingRow]:
    """Return a row per message on whose mood both readers agree and which has words to read; in order.

    Two readers who differ on a sign make its target 0.5.
    """
    rows = []
    for message in messages:
        examined = examine(message.text, keeps_form=True)
        if message.is_agreed and examined.abstained is None:
            rows.append(
                TrainingRow(
                    examined.text,
                    LABELS.index(message.label.mood),
                    _signs(message),
                    message.writer,
                    message.industry,
                    message.category,
                )
            )
    return rows


def _signs(message: CorpusMessage) -> tuple[float, ...]:
    first, second = message.label, message.second
    known = {
        "threat_to_leave": (first.is_threat + second.is_threat) / 2,
        "frustrated": (first.is_frustrated + second.is_frustrated) / 2,
        "sarcasm": float(message.category == "sarcasm" or "sarcasm" in message.reasons),
    }
    return tuple(known.get(name, float(name in message.reasons)) for name in OUTPUTS[MOODS:])


def comment_rows(examples: Sequence[Example]) -> list[TrainingRow]:
    """Return a row per comment, without rows whose only positive emotion is desire.

    "I would like to ..." is a request, not praise.
    """
    return [
        TrainingRow(example.text, example.label, emotions=example.emotions)
        for example in examples
        if not example.request
    ]
