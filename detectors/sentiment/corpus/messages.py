"""Read the messages of the corpus: one CSV file per writer, one row per message."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from schemas.tickets import Mood

FOLDER: Final = Path(__file__).parent

THREATS: Final = FOLDER / "threats"
"""The files of writers who were asked for threats to leave and what looks like one; one reader labelled
them."""

JUDGES: Final = frozenset({"t5", "t6"})
"""Writers whose files only judge: nothing is learned from them or chosen by them."""

Register = Literal[
    "formal_mail", "informal_mail", "chat", "forum", "non_native", "long_mail", "follow_up", "answer"
]
Category = Literal[
    "polite_complaint",
    "angry",
    "disappointed",
    "sarcasm",
    "threat_to_leave",
    "good_words_first",
    "repeated_or_waiting",
    "solved_at_last",
    "calm_problem",
    "howto_hard_words",
    "about_leaving",
    "request",
    "information",
    "thanks",
    "praise",
]
FrustrationReason = Literal[
    "repeated_contact", "waiting", "threat_to_leave", "escalation", "sarcasm", "strong_words"
]


class CorpusError(ValueError):
    """A row has a label that the guideline does not know; the message names file and line."""


@dataclass(frozen=True, slots=True)
class MoodLabel:
    """The label that one reader gave a message."""

    mood: Mood
    is_frustrated: bool
    is_threat: bool


@dataclass(frozen=True, slots=True)
class CorpusMessage:
    """A message of the corpus.

    `second` is the label of a reader who saw the text alone, or equals `label` if there was no such reader.
    """

    message_id: str
    writer: str
    industry: str
    register: Register
    category: Category
    label: MoodLabel
    reasons: tuple[FrustrationReason, ...]
    second: MoodLabel
    text: str

    @property
    def is_agreed(self) -> bool:
        """Return whether both readers heard the same mood; only such messages train or judge a model."""
        return self.label.mood == self.second.mood


def read_messages(folder: Path = FOLDER) -> Iterator[CorpusMessage]:
    """Yield all messages in order of writer and row. Raises CorpusError for an unknown label."""
    for path in sorted(folder.glob("*.csv")):
        yield from _messages_in(path)


def learned_files() -> list[Path]:
    """Return the files that a training learns, in order: all but those of the judges."""
    threats = (path for path in sorted(THREATS.glob("*.csv")) if path.stem not in JUDGES)
    return [*sorted(FOLDER.glob("*.csv")), *threats]


def learned_messages() -> Iterator[CorpusMessage]:
    """Yield the messages of `learned_files`, in order. Raises CorpusError for an unknown label."""
    for path in learned_files():
        yield from _messages_in(path)


def _messages_in(path: Path) -> Iterator[CorpusMessage]:
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            try:
                yield _message(path.stem, row)
            except ValueError as error:
                raise CorpusError(f"{path.name}, row {number}: {error}") from error


def _message(writer: str, row: dict[str, str]) -> CorpusMessage:
    reasons = tuple(_known(reason, get_args(FrustrationReason)) for reason in row["reasons"].split())
    mood: Mood = _known(row["mood"], get_args(Mood))
    label = MoodLabel(mood, bool(reasons), _flag(row["threat"]))
    return CorpusMessage(
        message_id=row["id"],
        writer=writer,
        industry=row["industry"],
        register=_known(row["register"], get_args(Register)),
        category=_known(row["category"], get_args(Category)),
        label=label,
        reasons=reasons,
        second=_second(row) if "second_mood" in row else label,
        text=row["text"],
    )


def _second(row: dict[str, str]) -> MoodLabel:
    mood: Mood = _known(row["second_mood"], get_args(Mood))
    return MoodLabel(mood, _flag(row["second_frustrated"]), _flag(row["second_threat"]))


def _known(value: str, allowed: tuple[Any, ...]) -> Any:
    for known in allowed:
        if value == known:
            return known
    raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")


def _flag(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError(f"{value!r} is neither 0 nor 1")
    return value == "1"
