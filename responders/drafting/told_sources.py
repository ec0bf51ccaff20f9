"""What the sentences of a reply are compared with: the texts of its sources, told plainly."""

import re
from dataclasses import dataclass
from typing import Final

from responders.generation.brief import Brief, Material
from responders.generation.statements import statements_of, topic_lines
from responders.generation.telling import told_tables
from responders.words import sentences

_YOURS: Final = (
    r"\b[Yy]our (?:{0} plan\b|plan(?: is|,)? (?:the )?\(?{0}(?!\w))"
    r"|\b[Yy]ou(?: are|['’]re) on (?:the )?{0}(?!\w)"
)
"""A sentence that calls a plan the account's own."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A source: the text that a claim is compared with, and the sentences that are its own words."""

    text: str
    own_words: frozenset[str]

    def has_words(self, sentence: str) -> bool:
        """Tell whether a sentence is one of the source, word for word."""
        return _plain(sentence) in self.own_words


def quotes_of(brief: Brief) -> dict[str, Quoted]:
    """Return what each source of a brief says, by its id; a public reply has no fact of the account."""
    facts = () if brief.public else brief.facts
    own = _own_plan(brief)
    passages = {
        source_id: _quoted(material, brief.plans, own) for source_id, material in brief.passages.items()
    }
    return {fact.source_id: _fact(fact.quote) for fact in facts} | passages


def foreign_plan(text: str, brief: Brief) -> str | None:
    """Return the plan that a sentence calls the account's, if the account has another one.

    The longest names are looked for first, because "Team Plus" begins like "Team".
    """
    own = _own_plan(brief)
    if own is None:
        return None
    for plan in sorted({own, *brief.plans}, key=len, reverse=True):
        text, count = re.subn(_YOURS.format(re.escape(plan)), ".", text)
        if count and plan.casefold() != own.casefold():
            return plan
    return None


def _own_plan(brief: Brief) -> str | None:
    facts = () if brief.public else brief.facts
    return next((fact.value for fact in facts if fact.name == "plan"), None)


def _fact(quote: str) -> Quoted:
    return Quoted(quote, frozenset({_plain(quote)}))


def _quoted(material: Material, plans: tuple[str, ...], own: str | None) -> Quoted:
    told = [
        *topic_lines(material.title, material.heading),
        *statements_of(material.heading, material.body, plans, own),
    ]
    words = [*sentences(_unmarked(material.body)), *told_tables(material.body, plans, own)]
    return Quoted(_unmarked("\n".join(told)), frozenset(_plain(_unmarked(one)) for one in words))


def _unmarked(body: str) -> str:
    """Return a quote without marks of Markdown, as the reader sees it."""
    return body.replace("**", "").replace("`", "")


def _plain(sentence: str) -> str:
    return " ".join(sentence.split()).lstrip("-*+ ").rstrip(".").casefold()
