"""How well messages are understood: kinds, asks and routes against labelled messages."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import field_validator, model_validator

from responders.understanding.records import Ask, Understanding
from responders.understanding.understand import understand
from responders.words import sentences
from schemas.reading.courtesies import without_courtesies
from schemas.reading.headers import without_reply_marks
from schemas.reading.reader import read
from streams.evaluate.examples import LabelledExample
from streams.evaluate.measured import EvaluationReport, Measured, by_group

OWN_WORDS: Final = 0.6
"""Least share of the words of a labelled ask that an ask must have to be the same. Chosen by hand."""

MOSTLY: Final = 1 / 3
"""Least share of the words of an ask that are in the labelled ask. Chosen by hand: a whole mail is no ask."""

_WORD = re.compile(r"\w+")


class MessageExample(LabelledExample):
    """A message with its kind, the asks in its own words, and the reason why a person must answer or None.

    A row of a file of tickets has `body` and `expect` instead of `text` and `route`. Its asks are told in
    other words, so that only their number is compared.
    """

    text: str
    subject: str = ""
    route: str | None = None
    asks: tuple[str, ...] = ()
    expect: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _text_of_ticket(cls, row: Any) -> Any:
        if not isinstance(row, dict) or "text" in row or not isinstance(row.get("body"), str):
            return row
        subject = without_reply_marks(str(row.get("subject", "")))
        return {**row, "text": without_courtesies(read(row["body"]).text), "subject": subject}

    @field_validator("asks", mode="before")
    @classmethod
    def _questions(cls, asks: Any) -> Any:
        if not isinstance(asks, list | tuple):
            return asks
        return tuple(ask.get("question") if isinstance(ask, dict) else ask for ask in asks)

    @property
    def needs_a_person(self) -> bool:
        """Whether a person must answer."""
        return self.route is not None or self.expect == "route"

    @property
    def own_words(self) -> bool:
        """Whether the asks are told in the words of the message."""
        return self.expect is None


@dataclass(frozen=True, slots=True)
class AsksJudged:
    """A message, what was understood, and the pairs of a labelled ask and the ask that was found for it."""

    example: MessageExample
    found: Understanding
    pairs: tuple[tuple[str, Ask], ...]

    @property
    def exact(self) -> bool:
        """Whether every labelled ask was found and no other; by number if they are told in other words."""
        same_number = len(self.found.asks) == len(self.example.asks)
        return same_number and (not self.example.own_words or len(self.pairs) == len(self.example.asks))

    def as_json(self) -> dict[str, Any]:
        """Return what was decided, as one line of the output file."""
        asks = [ask.model_dump(exclude={"schema_version"}) for ask in self.found.asks]
        return {"id": self.example.id, "kind": self.found.kind, "route": self.found.route, "asks": asks}


Understand = Callable[[MessageExample], Understanding]


def understood(example: MessageExample) -> Understanding:
    """Return what the product understands of a message.

    >>> understood(MessageExample(id=1, text="How do I export?")).kind
    'question'
    """
    return understand(example.text, subject=example.subject)


def split_at_question_marks(example: MessageExample) -> Understanding:
    """Return each sentence with a question mark as an ask and route nothing: the baseline.

    >>> len(split_at_question_marks(MessageExample(id=1, text="Is it free? For all?")).asks)
    2
    """
    asked = [part for part in sentences(example.text) if part.endswith("?")]
    return Understanding(
        kind="question" if asked else "problem", asks=tuple(Ask(text=part, form="other") for part in asked)
    )


def is_same_ask(labelled: str, found: str) -> bool:
    """Tell whether an ask has most words of the labelled ask, and not many others.

    >>> is_same_ask("Is it free?", "And is it free?"), is_same_ask("Is it free?", "Who pays?")
    (True, False)
    """
    return _likeness(labelled, found) > 0


def _likeness(labelled: str, found: str) -> float:
    left, right = _bag(labelled), _bag(found)
    both = (left & right).total()
    if both < OWN_WORDS * left.total() or both < MOSTLY * right.total():
        return 0.0
    return both / max(1, (left | right).total())


def _bag(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


def paired(labelled: Sequence[str], found: Sequence[Ask]) -> Iterator[tuple[str, Ask]]:
    """Yield each labelled ask with the most similar ask that no earlier one took, if one is the same."""
    left = list(found)
    for label in labelled:
        best = max(left, key=lambda ask: _likeness(label, ask.text), default=None)
        if best is not None and is_same_ask(label, best.text):
            left.remove(best)
            yield label, best


def judge_asks(examples: Iterable[MessageExample], read_message: Understand) -> list[AsksJudged]:
    """Understand each message, in order."""
    judged = []
    for example in examples:
        found = read_message(example)
        pairs = tuple(paired(example.asks, found.asks)) if example.own_words else ()
        judged.append(AsksJudged(example, found, pairs))
    return judged


def ask_figures(judged: Sequence[AsksJudged]) -> dict[str, Measured]:
    """Return the share of right kinds, exact lists of asks, and recall and precision of asks and routes."""
    worded = [one for one in judged if one.example.own_words]
    person = [one for one in judged if one.example.needs_a_person]
    routed = [one for one in judged if one.found.route is not None]
    return {
        "kind": Measured.share(one.found.kind == one.example.kind for one in judged if one.example.kind),
        "asks_exact": Measured.share(one.exact for one in judged),
        "ask_recall": _matched(worded, [len(one.example.asks) for one in worded]),
        "ask_precision": _matched(worded, [len(one.found.asks) for one in worded]),
        "route_recall": Measured.share(one.found.route is not None for one in person),
        "route_precision": Measured.share(one.example.needs_a_person for one in routed),
        "route_reason": Measured.share(
            one.found.route == one.example.route for one in person if one.example.route
        ),
        "false_routes": Measured.share(
            one.found.route is not None for one in judged if not one.example.needs_a_person
        ),
    }


def _matched(judged: Sequence[AsksJudged], asks: Sequence[int]) -> Measured:
    hits = (place < len(one.pairs) for one, count in zip(judged, asks, strict=True) for place in range(count))
    return Measured.share(hits)


def asks_report(judged: Sequence[AsksJudged]) -> EvaluationReport:
    """Return the figures of the judged messages, by kind of message, beside the baseline."""
    simple = judge_asks([one.example for one in judged], split_at_question_marks)
    return EvaluationReport(
        len(judged),
        ask_figures(judged),
        baselines={"question_marks": ask_figures(simple)},
        groups={"kind": by_group(judged, lambda one: one.example.kind, ask_figures)},
    )
