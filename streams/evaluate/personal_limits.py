"""The limits of the personal model: what masks most, joined with the rules, at the wanted precision."""

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Final

from detectors.personal.decoding import TOLD, JudgedUnits, PersonalLimits, ValueSpan, found_values
from detectors.personal.model import heard_in
from detectors.personal.training.run import LeftOutText
from detectors.sentiment.language import identify
from responders.privacy.heard import heard_values, joined, without_doubted
from responders.privacy.pseudonyms import found_by_rules
from responders.privacy.span import PersonalValue, without_overlaps
from schemas.personal import HeardValues
from streams.evaluate.privacy import (
    PrivacyExample,
    PrivacyJudged,
    PrivateSpan,
    is_right,
    kind_of,
    privacy_figures,
)
from streams.personal import as_values

PRECISION: Final = 0.95
"""Share of masked parts that are personal on texts of left-out writers in languages that the model reads; in
others the precision is that of the rules. From the brief of the product.

Where the rules alone have less, rules and model together must have as much as they."""

_ADDED: Final = (0.8, 0.85, 0.88, 0.9, 0.95)
"""Shares of the values that the model adds to those of the rules that must be personal, kind by kind: the
lowest share is taken with which rules and model together are precise enough. Chosen by hand; with 0.75 the
model masked foreign nouns and names of products in tickets of other knowledge bases."""

GROWN: Final = 0.2
"""Chance from which a value grows over a neighbour. By left-out writer 0.15 finds more than 0.4."""

_FOUND: Final = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99)
_DOUBTED: Final = (0.05, 0.1, 0.2, 0.3)
"""Limits that are tried. Chosen by hand."""

_NEVER: Final = 1.0
"""The limit of a kind of which no tried limit is precise enough."""


class LimitSearch:
    """Tries limits on texts of left-out writers; what the rules find is found once.

    What the model adds wrongly counts on all texts. Precision is that on texts which judge.
    """

    def __init__(self, texts: Sequence[LeftOutText]) -> None:
        self._texts = texts
        self._judges = [not text.row.is_tuned and identify(text.row.text).supported for text in texts]
        self._examples = [as_example(text) for text in texts]
        self._ruled = [list(found_by_rules(text.row.text)) for text in texts]

    def best(self) -> PersonalLimits:
        """Return the limits that add most and are precise enough; if none are, those that add least."""
        enough = min(PRECISION, self._figures(None)[1] or PRECISION)
        for share in _ADDED:
            found = {kind: self._lowest(kind, share) for kind in TOLD}
            tried = [PersonalLimits(found, GROWN, doubted) for doubted in _DOUBTED]
            limits = max(tried, key=self._f1)
            if self._figures(limits)[1] >= enough:
                return limits
        return limits

    def judged(self, limits: PersonalLimits | None) -> list[PrivacyJudged]:
        """Return the texts as rules and model mask them with these limits; None for the rules alone."""
        return [
            PrivacyJudged(example, tuple(spans_of(text.row.text, ruled, _heard(text, limits))))
            for text, example, ruled in zip(self._texts, self._examples, self._ruled, strict=True)
        ]

    def _lowest(self, kind: str, share: float) -> float:
        """Return the lowest limit at which, as at each higher one, `share` of what a kind adds is right."""
        lowest = _NEVER
        for found in reversed(_FOUND):
            added = self._added(PersonalLimits({kind: found}, GROWN, 0.0))
            if sum(added) < share * len(added):
                return lowest
            lowest = found if added else lowest
        return lowest

    def _added(self, limits: PersonalLimits) -> list[bool]:
        """Return for each value that the model hears and no rule meets whether it is personal."""
        return [
            is_right(as_span(value), text.row.text, example.spans)
            for text, example, ruled in zip(self._texts, self._examples, self._ruled, strict=True)
            for value in found_values(JudgedUnits(text.row.text, text.item.units, text.chances), limits)
            if not any(one.start < value.end and value.start < one.end for one in ruled)
        ]

    def _f1(self, limits: PersonalLimits) -> float:
        recall, precision = self._figures(limits)
        return 2 * recall * precision / (recall + precision) if recall + precision else 0.0

    def _figures(self, limits: PersonalLimits | None) -> tuple[float, float]:
        """Return recall and precision on the texts that judge; of the rules alone if `limits` is None."""
        figures = privacy_figures(list(compress(self.judged(limits), self._judges)))
        return figures["recall"].value or 0.0, figures["precision"].value or 0.0


def as_example(text: LeftOutText) -> PrivacyExample:
    """Return a row of the training as a row of an evaluation."""
    spans = tuple(map(as_span, text.row.spans))
    return PrivacyExample(id=text.row.row_id, text=text.row.text, spans=spans)


def as_span(value: ValueSpan) -> PrivateSpan:
    """Return a value of the model as a span of an evaluation."""
    return PrivateSpan(start=value.start, end=value.end, kind=value.kind)


def spans_of(text: str, ruled: Sequence[PersonalValue], heard: HeardValues | None) -> Iterator[PrivateSpan]:
    """Yield what is masked of a text by what the rules find and a model hears, as `Pseudonyms` does it."""
    kept = without_overlaps(without_doubted(text, ruled, heard))
    for value in joined(text, kept, heard_values(text, heard)):
        yield PrivateSpan(start=value.start, end=value.end, kind=kind_of(value.kind))


def _heard(text: LeftOutText, limits: PersonalLimits | None) -> HeardValues | None:
    if limits is None:
        return None
    heard = heard_in([text.item], [text.chances], limits, [identify(text.row.text).supported])
    return as_values(heard.values, heard.doubted)
