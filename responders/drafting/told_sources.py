"""What the sentences of a reply are compared with: the texts of its sources, told plainly."""

import re
from dataclasses import dataclass
from functools import lru_cache
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
    passages = {source_id: _passage(material, brief) for source_id, material in brief.passages.items()}
    return {fact.source_id: _fact(fact.quote) for fact in facts} | passages


def foreign_plan(text: str, brief: Brief) -> str | None:
    """Return the plan that a sentence calls the account's, if the account has another one.

    The longest names are looked for first, because "Team Plus" begins like "Team".
    """
    own = brief.own_plan
    if own is None:
        return None
    for plan in sorted({own, *brief.plans}, key=len, reverse=True):
        text, count = re.subn(_YOURS.format(re.escape(plan)), ".", text)
        if count and plan.casefold() != own.casefold():
            return plan
    return None


def _fact(quote: str) -> Quoted:
    return Quoted(quote, frozenset({_plain(quote)}))


def _passage(material: Material, brief: Brief) -> Quoted:
    return _quoted(material.title, material.heading, material.body, brief.plans, brief.own_plan)


@lru_cache(maxsize=4_000)
def _quoted(title: str, heading: str, body: str, plans: tuple[str, ...], own: str | None) -> Quoted:
    """Return what a passage says; the passages of a knowledge base come again and again."""
    told = [*topic_lines(title, heading), *statements_of(heading, body, plans, own)]
    words = [*sentences(_unmarked(body)), *told_tables(body, plans, own)]
    return Quoted(_unmarked("\n".join(told)), frozenset(_plain(_unmarked(one)) for one in words))


def _unmarked(body: str) -> str:
    """Return a quote without marks of Markdown, as the reader sees it."""
    return body.replace("**", "").replace("`", "")


def _plain(sentence: str) -> str:
    return " ".join(sentence.split()).lstrip("-*+ ").rstrip(".").casefold()
