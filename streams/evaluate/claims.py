"""How well the claim check tells supported sentences from changed ones."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from responders.drafting.facts import told_fact
from responders.policy.claims.checking import MIN_WORD_SUPPORT, ClaimCheck
from responders.words import content_stems
from streams.evaluate.examples import LabelledExample
from streams.evaluate.measured import EvaluationReport, Measured, by_group

CheckClaim = Callable[[str, Sequence[str]], ClaimCheck]
"""Compares a sentence with the texts that it rests on."""


class ClaimExample(LabelledExample):
    """A sentence of a draft, the texts and account facts that it rests on, and whether they support it."""

    sentence: str
    sources: tuple[str, ...] = ()
    facts: dict[str, str | int | float | bool | None] = {}  # noqa: RUF012 - pydantic copies the default
    supported: bool

    @property
    def quotes(self) -> tuple[str, ...]:
        """The texts that the sentence is compared with: the sources, then each known fact."""
        facts = [told_fact(name, str(value)) for name, value in self.facts.items() if value is not None]
        return (*self.sources, *facts)


@dataclass(frozen=True, slots=True)
class ClaimJudged:
    """A sentence and the result of a check."""

    example: ClaimExample
    supported: bool
    reasons: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return what was decided, as one line of the output file."""
        return {"id": self.example.id, "supported": self.supported, "reasons": list(self.reasons)}


def judge_claims(examples: Sequence[ClaimExample], check: CheckClaim) -> list[ClaimJudged]:
    """Check each sentence against its sources and facts, in order."""
    found = [check(example.sentence, example.quotes) for example in examples]
    return [
        ClaimJudged(example, result.supported, result.reasons)
        for example, result in zip(examples, found, strict=True)
    ]


def word_overlap(sentence: str, quotes: Sequence[str]) -> ClaimCheck:
    """Call a sentence supported if enough of its stems are in any of the quotes: the baseline.

    >>> word_overlap("Exports expire after 14 days.", ["Exports expire after 7 days."]).supported
    True
    """
    said, held = content_stems(sentence), {stem for quote in quotes for stem in content_stems(quote)}
    support = sum(stem in held for stem in said) / len(said) if said else 1.0
    return ClaimCheck(supported=support >= MIN_WORD_SUPPORT, support=support)


def overlap_and_numbers(sentence: str, quotes: Sequence[str]) -> ClaimCheck:
    """Call a sentence supported if enough stems and every number in digits are in any of the quotes.

    >>> overlap_and_numbers("Exports expire after 14 days.", ["Exports expire after 7 days."]).supported
    False
    """
    numbers = {number for quote in quotes for number in _NUMBER.findall(quote)}
    found = word_overlap(sentence, quotes)
    equal = set(_NUMBER.findall(sentence)) <= numbers
    return found.model_copy(update={"supported": found.supported and equal})


_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")


def claim_figures(judged: Sequence[ClaimJudged]) -> dict[str, Measured]:
    """Return the share of changed sentences that pass, and of supported sentences that are blocked."""
    return {
        "changed_passing": Measured.share(one.supported for one in judged if not one.example.supported),
        "supported_blocked": Measured.share(not one.supported for one in judged if one.example.supported),
    }


def claim_report(examples: Sequence[ClaimExample], judged: Sequence[ClaimJudged]) -> EvaluationReport:
    """Return the figures of the judged sentences, by kind, beside two baselines of word overlap."""
    simple = {check.__name__: judge_claims(examples, check) for check in (word_overlap, overlap_and_numbers)}
    return EvaluationReport(
        len(examples),
        claim_figures(judged),
        baselines={name: claim_figures(found) for name, found in simple.items()},
        groups={"kind": by_group(judged, lambda one: one.example.kind, claim_figures)},
    )
