"""How well personal values and secrets are found: spans of the masked texts against labelled spans."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from responders.drafting.names import parts_of_name
from responders.privacy.heard import PersonalListener
from responders.privacy.pseudonyms import Pseudonyms
from schemas.personal import HeardValues
from streams.evaluate.examples import LabelledExample
from streams.evaluate.measured import EvaluationReport, Measured

_PLACEHOLDER = re.compile(r"\[([A-Z]+)_[0-9]{1,9}\]")
_LITERAL: Final = "LITERAL"
"""The kind of a placeholder that the customer wrote; it hides no personal value."""

SAME_KINDS: Final[Mapping[str, str]] = {
    "token": "secret",
    "credential": "secret",
    "url": "url_with_token",
    "id": "national_id",
    "account": "account_number",
}
"""The kinds of labelled files for kinds of placeholders that have another name."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+?\d[\d ()/.-]{5,}\d")


class PrivateSpan(BaseModel):
    """A part of a text, from character `start` up to and without `end`, and its kind."""

    model_config = ConfigDict(frozen=True)

    start: int = Field(ge=0)
    end: int
    kind: str = Field(min_length=1)


class PrivacyExample(LabelledExample):
    """A text, the spans that must be masked in it, and the names that the ticket tells."""

    text: str
    spans: tuple[PrivateSpan, ...] = ()
    names: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _spans_are_inside(self) -> Self:
        if any(not span.start < span.end <= len(self.text) for span in self.spans):
            raise ValueError("a span is empty or ends after the text")
        return self


@dataclass(frozen=True, slots=True)
class PrivacyJudged:
    """A text and the spans that were found in it, in the order of the text."""

    example: PrivacyExample
    found: tuple[PrivateSpan, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what was decided, as one line of the output file."""
        return {"id": self.example.id, "spans": [span.model_dump() for span in self.found]}


FindSpans = Callable[[PrivacyExample], Iterable[PrivateSpan]]


def masked_spans(example: PrivacyExample, heard: HeardValues | None = None) -> Iterator[PrivateSpan]:
    """Yield the spans of a text that its pseudonyms replace, in the order of the text.

    `heard` is what a model hears in the text; without it the rules alone find values.

    >>> list(masked_spans(PrivacyExample(id=1, text="Write to ada@example.com")))
    [PrivateSpan(start=9, end=24, kind='email')]
    """
    pseudonyms = Pseudonyms([part for name in example.names for part in parts_of_name(name)], heard)
    masked = pseudonyms.mask(example.text)
    start = shift = 0
    for match in _PLACEHOLDER.finditer(masked):
        value = pseudonyms.restore(match.group())
        start = match.start() + shift
        shift += len(value) - len(match.group())
        if value != match.group() and match[1] != _LITERAL:
            yield PrivateSpan(start=start, end=start + len(value), kind=kind_of(match[1]))


def kind_of(placeholder: str) -> str:
    """Return the kind of a placeholder as labelled files name it.

    >>> kind_of("TOKEN"), kind_of("IBAN")
    ('secret', 'iban')
    """
    return SAME_KINDS.get(placeholder.lower(), placeholder.lower())


def simple_spans(example: PrivacyExample) -> Iterator[PrivateSpan]:
    """Yield what looks like an e-mail address or a phone number: the baseline.

    >>> [span.kind for span in simple_spans(PrivacyExample(id=1, text="a@b.example, +44 7700 900123"))]
    ['email', 'phone']
    """
    for kind, pattern in (("email", _EMAIL), ("phone", _PHONE)):
        for match in pattern.finditer(example.text):
            yield PrivateSpan(start=match.start(), end=match.end(), kind=kind)


def judge_privacy(examples: Sequence[PrivacyExample], find: FindSpans) -> list[PrivacyJudged]:
    """Find the spans of each text, in order."""
    return [PrivacyJudged(example, tuple(find(example))) for example in examples]


def judge_masking(examples: Sequence[PrivacyExample], personal: PersonalListener) -> list[PrivacyJudged]:
    """Mask each text as production does, in order: by the rules and by what a model hears."""
    heard = personal.values_in([example.text for example in examples])
    return [
        PrivacyJudged(example, tuple(masked_spans(example, own)))
        for example, own in zip(examples, heard, strict=True)
    ]


def is_found(span: PrivateSpan, text: str, found: Sequence[PrivateSpan]) -> bool:
    """Tell whether all letters and digits of a span are in found spans.

    >>> name = PrivateSpan(start=0, end=3, kind="name")
    >>> is_found(name, "Ada.", [PrivateSpan(start=0, end=3, kind="name")]), is_found(name, "Ada.", [])
    (True, False)
    """
    return _inside(span, text, found) == 1.0


def is_right(span: PrivateSpan, text: str, expected: Sequence[PrivateSpan]) -> bool:
    """Tell whether at least half of the letters and digits of a found span are in expected spans."""
    return _inside(span, text, expected) >= 0.5


def _inside(span: PrivateSpan, text: str, others: Sequence[PrivateSpan]) -> float:
    places = [place for place in range(span.start, span.end) if text[place].isalnum()]
    held = sum(any(other.start <= place < other.end for other in others) for place in places)
    return held / len(places) if places else 1.0


def privacy_figures(judged: Sequence[PrivacyJudged]) -> dict[str, Measured]:
    """Return recall and precision of spans, and the share of texts without a span that are changed."""
    recalled = [hit for _, hit in _recalled(judged)]
    precise = [hit for _, hit in _precise(judged)]
    return {
        "recall": Measured.share(recalled),
        "precision": Measured.share(precise),
        "harmless_changed": Measured.share(bool(one.found) for one in judged if not one.example.spans),
    }


def figures_by_kind(judged: Sequence[PrivacyJudged]) -> dict[str, dict[str, Measured]]:
    """Return recall and precision by kind of span, sorted by kind.

    A found span counts for the kind of the expected span that it meets first, else for its own kind.
    """
    recalled, precise = _by_kind(_recalled(judged)), _by_kind(_precise(judged))
    return {
        kind: {
            "recall": Measured.share(recalled.get(kind, [])),
            "precision": Measured.share(precise.get(kind, [])),
        }
        for kind in sorted(recalled | precise)
    }


def _by_kind(hits: Iterable[tuple[str, bool]]) -> dict[str, list[bool]]:
    ordered = sorted(hits)
    return {kind: [hit for _, hit in own] for kind, own in groupby(ordered, key=lambda pair: pair[0])}


def _recalled(judged: Iterable[PrivacyJudged]) -> Iterator[tuple[str, bool]]:
    for one in judged:
        for span in one.example.spans:
            yield span.kind, is_found(span, one.example.text, one.found)


def _precise(judged: Iterable[PrivacyJudged]) -> Iterator[tuple[str, bool]]:
    for one in judged:
        expected = one.example.spans
        for span in one.found:
            met = [other.kind for other in expected if other.start < span.end and span.start < other.end]
            yield (met or [span.kind])[0], is_right(span, one.example.text, expected)


def privacy_report(judged: Sequence[PrivacyJudged]) -> EvaluationReport:
    """Return the figures of the judged texts, by kind of span, beside the rules alone and a baseline."""
    examples = [one.example for one in judged]
    simple, ruled = judge_privacy(examples, simple_spans), judge_privacy(examples, masked_spans)
    return EvaluationReport(
        len(judged),
        privacy_figures(judged),
        baselines={"rules_alone": privacy_figures(ruled), "email_and_phone": privacy_figures(simple)},
        groups={"kind": figures_by_kind(judged)},
    )
