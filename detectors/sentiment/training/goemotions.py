"""GoEmotions as rows of training: 54 k short comments with 28 emotions, mapped to three moods.

Data: Demszky et al. 2020, arXiv 2005.00547; the paper's own grouping gives the moods. The paper's ambiguous
emotions (confusion, curiosity, realization, surprise) count as neutral, because a customer's question is
curiosity or confusion and must read as neutral.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from detectors.sentiment.scores import LABELS

POSITIVE = frozenset(
    "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief".split()
)
NEGATIVE = frozenset(
    "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse"
    " sadness".split()
)
AMBIGUOUS = frozenset("confusion curiosity realization surprise".split())
NEUTRAL = AMBIGUOUS | {"neutral"}
EMOTIONS = tuple(sorted(POSITIVE | NEGATIVE | NEUTRAL))
REQUEST = frozenset({"desire"})


class TrainingDataError(ValueError):
    """The data folder lacks a file, or a line of a file cannot be understood."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text, the number of its mood in LABELS, and whether desire is its only positive emotion.

    `emotions` are the numbers of its emotions in the alphabetical order of the 28.
    """

    text: str
    label: int
    request: bool = False
    emotions: tuple[int, ...] = ()


def mood(emotions: AbstractSet[str]) -> int | None:
    """Return the label number of a comment's emotions, or None if they mix positive with negative.

    Ambiguous emotions next to a positive or a negative emotion do not change the mood.

    >>> mood({"gratitude", "surprise"}), mood({"curiosity"}), mood({"anger"}), mood({"joy", "fear"})
    (2, 1, 0, None)
    """
    positive, negative = bool(emotions & POSITIVE), bool(emotions & NEGATIVE)
    if positive and negative:
        return None
    return LABELS.index("positive" if positive else "negative" if negative else "neutral")


def read_examples(path: Path, names: Sequence[str]) -> list[Example]:
    """Read a GoEmotions file: text, comma-separated emotion numbers and an id per line, separated by tabs.

    Rows that mix positive and negative are left out; order is kept. Raises TrainingDataError with the file
    and the line.
    """
    examples = []
    for number, line in enumerate(lines_of(path), start=1):
        try:
            text, marks, _ = line.split("\t")
            emotions = frozenset(names[int(mark)] for mark in marks.split(","))
        except (ValueError, IndexError) as error:
            raise TrainingDataError(f"{path.name}, line {number}: text, emotions and id expected") from error
        label = mood(emotions)
        if label is not None:
            numbers = tuple(sorted(EMOTIONS.index(emotion) for emotion in emotions))
            examples.append(Example(text, label, emotions & POSITIVE == REQUEST, numbers))
    return examples


def read_folder(data: Path) -> dict[str, list[Example]]:
    """Return the examples of train.tsv, dev.tsv and test.tsv in `data`, by the name of their split.

    Raises TrainingDataError if the folder is not GoEmotions.
    """
    names = lines_of(data / "labels.txt")
    if set(names) != set(EMOTIONS):
        raise TrainingDataError("labels.txt does not name the 28 emotions of GoEmotions")
    return {name: read_examples(data / f"{name}.tsv", names) for name in ("train", "dev", "test")}


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file; raise TrainingDataError if it is missing or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    except FileNotFoundError as error:
        raise TrainingDataError(f"{path.name} is missing in {path.parent}") from error
    except UnicodeDecodeError as error:
        raise TrainingDataError(f"{path.name} is not UTF-8") from error
