"""Sentences about plans: which of them concern the plan of this account.

A plan has a capital letter and is no step of a menu: "Team > Roles" and "your team" are no plans.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from responders.words import sentences
from schemas.base import Record

_DENIES: Final = re.compile(
    r"\b(?:not|no|none|never|cannot|can't|without|isn't|aren't|doesn't|don't"
    r"|(?:can|is|are|be|have|has) only|only be)\b",
    re.IGNORECASE,
)
_LISTING: Final = re.compile(
    r"\b(?:plans?|only|and|or|from|for|on|available|all|above|higher|is|are|this|part|of|included|in|nur|und"
    r"|solo|y)\b|[\s,.:;()*]",
    re.IGNORECASE,
)
"""What a mere list of plans may say beside their names."""

_LISTS: Final = re.compile(
    r"^(?:plans?\b:? ?|(?:this is )?(?:available|included|part) (?:on|in|for|of)\b:? ?|for |on )",
    re.IGNORECASE,
)
_PLAN_ITEM: Final = re.compile(r",? and |, |; ")
_ABOUT_PLANS: Final = re.compile(
    r"\b(?:plans?|need(?:ed|s)?|require\w*|conditions?|availab\w+|eligib\w+|who (?:can|has|gets)|before you"
    r"|includ\w+|voraussetz\w+|tarif\w*|requisitos?|planes)\b",
    re.IGNORECASE,
)


class AccountPlans(Record):
    """The account's own plan, or None, and the names of all plans of the operator."""

    own: str | None = None
    names: tuple[str, ...] = ()

    def in_text(self, text: str) -> frozenset[str]:
        """Return the plans that a text names.

        >>> sorted(AccountPlans(names=("Team", "Works")).in_text("Not on Team. Open Team > Roles."))
        ['Team']
        >>> AccountPlans(names=("Team",)).in_text("Ask your team.")
        frozenset()
        """
        return frozenset(name for name in self.names if _pattern(name).search(text))

    def is_foreign(self, text: str, said: str) -> bool:
        """Tell whether a list item is about other plans alone: it begins with one, and `said` names none.

        >>> plans = AccountPlans(own="Team", names=("Team", "Works"))
        >>> plans.is_foreign("Works: 90 days.", "How long?"), plans.is_foreign("Team: 9 days.", "How long?")
        (True, False)
        """
        if self.own is None:
            return False
        named = self.in_text(text)
        leading = any(_pattern(name).match(text) for name in named)
        return leading and self.own not in named and not self.in_text(said) & named

    def denied_in(self, body: str) -> bool:
        """Tell whether a sentence of a text denies something to the account's own plan, or leaves it out.

        >>> AccountPlans(own="Team", names=("Team", "Works")).denied_in("Works: yes. Not on Team.")
        True
        """
        return self.own is not None and any(
            (self.own in self.in_text(sentence) and _DENIES.search(sentence)) or self.leaves_out(sentence)
            for sentence in sentences(body)
        )

    def leaves_out(self, sentence: str) -> bool:
        """Tell whether a sentence lists the plans that have a thing, and the account's own is not among them.

        >>> plans = AccountPlans(own="Free", names=("Free", "Team", "Works"))
        >>> plans.leaves_out("Team and Works."), plans.leaves_out("Team can add a second one.")
        (True, False)
        >>> plans.leaves_out("It is part of Works only.")
        True
        """
        named = self.in_text(sentence)
        if self.own is None or not named or self.own in named:
            return False
        return self.lists_plans(sentence) or (
            re.search(r"\bonly\b[.!]?$|\bonly (?:on|for|with|in)\b", sentence) is not None
        )

    def lists_plans(self, sentence: str) -> bool:
        """Tell whether a sentence is nothing but a list of plans, such as "Plans: Team, Works only."."""
        named = self.in_text(sentence)
        rest = sentence
        for name in named:
            rest = _pattern(name).sub("", rest)
        return bool(named) and _LISTING.sub("", rest) == ""

    def listed(self, sentence: str) -> str | None:
        """Return the plans of a sentence that is nothing but a list of them; None for every other sentence.

        >>> plans = AccountPlans(own="Free", names=("Free", "Team", "Works"))
        >>> plans.listed("Plans: Team and above."), plans.listed("Team can pause.")
        ('Team and above', None)
        """
        if not self.lists_plans(sentence):
            return None
        return _LISTS.sub("", sentence).rstrip(". ") or None

    def narrowed(self, text: str, said: str, *, clauses: bool = True) -> str:
        """Return a sentence without what it says of other plans alone, if it can be cut there.

        `said` are the customer's words: a plan that they name is kept. Without `clauses` only a list after a
        colon is cut.

        >>> plans = AccountPlans(own="Team", names=("Free", "Team", "Works"))
        >>> plans.narrowed("It depends: 24 hours on Free, 72 hours on Team and 7 days on Works.", "")
        'It depends: 72 hours on Team.'
        >>> plans.narrowed("Slots are half days on Team; on Works you choose.", "")
        'Slots are half days on Team.'
        >>> plans.narrowed("Free has 1, Team 3.", ""), plans.narrowed("Team has 3, Works 9.", "")
        ('Free has 1, Team 3.', 'Team has 3.')
        >>> plans.narrowed("On top you get 10 % more with Team and 20 % more with Works.", "")
        'On top you get 10 % more with Team.'
        """
        if self.own is None or self.own not in self.in_text(text):
            return text
        wanted = {self.own} | self.in_text(said)
        lead, colon, listed = text.rpartition(": ")
        if colon and not self.in_text(lead):
            kept = self._kept(_PLAN_ITEM.split(listed.rstrip(".")), wanted, every=True)
            return f"{lead}: {_joined(kept)}." if kept else text
        if not clauses:
            return text
        kept = self._kept(text.rstrip(".").split("; "), wanted, every=False)
        if kept and len(kept) < text.count("; ") + 1:
            return f"{'; '.join(kept)}."
        return self._first_of(text, wanted)

    def _first_of(self, text: str, wanted: set[str]) -> str:
        """Return a sentence that says one figure after the other by plan with the wanted figure alone.

        The later ones lean on the beginning: "you get 10 % with Plus and 20 % with Pro".
        """
        items = _PLAN_ITEM.split(text.rstrip("."))
        if len(items) < 2 or not all(re.search(r"\d", item) and self.in_text(item) for item in items):
            return text
        kept = [item for item in items if self.in_text(item) & wanted]
        lead = self._lead_of(items)
        if lead is None:
            begins = all(any(_pattern(name).match(item) for name in self.names) for item in items)
            return f"{items[0]}." if begins and kept == items[:1] else text
        listed = [item.removeprefix(lead) for item in kept]
        return f"{lead}{_joined(listed)}." if listed else text

    def _lead_of(self, items: Sequence[str]) -> str | None:
        """Return the beginning of the first item that the others leave out, if all have one form then."""
        first, *others = (self._form(item).split() for item in items)
        size = len(others[0])
        if size >= len(first) or any(form != first[-size:] for form in others):
            return None
        words = items[0].split()
        return " ".join(words[: len(words) - size]) + " " if len(words) == len(first) else None

    def _form(self, item: str) -> str:
        """Return an item with each figure and each plan as a mark."""
        for name in self.names:
            item = _pattern(name).sub("P", item)
        return re.sub(r"\d[\d.,]*", "#", item)

    def _kept(self, items: Sequence[str], wanted: set[str], *, every: bool) -> list[str]:
        """Return the items that name a wanted plan or none; [] if `every` item must name one and does not.

        An item that is only a plan belongs to the next one: "Works and Enterprise unlimited".
        """
        groups: list[str] = []
        before = ""
        for item in items:
            whole = f"{before} and {item}" if before else item
            before = whole if self.lists_plans(item) else ""
            if not before:
                groups.append(whole)
        named = [self.in_text(group) for group in groups]
        if before or (every and (len(groups) < 2 or not all(named))):
            return []
        return [group for group, own in zip(groups, named, strict=True) if not own or own & wanted]


def is_about_plans(heading: str) -> bool:
    """Tell whether a section says for whom the rest of its article is: it has no heading, or names plans.

    >>> is_about_plans(""), is_about_plans("What is needed"), is_about_plans("Set up")
    (True, True, False)
    """
    return not heading.strip() or _ABOUT_PLANS.search(heading) is not None


@lru_cache(maxsize=1_000)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w>-])(?<!> ){re.escape(name)}(?!\w)(?!\*{{0,2}} ?>)")


def plan_names(given: Sequence[str | None]) -> tuple[str, ...]:
    """Return the distinct names of plans, sorted."""
    return tuple(sorted({name for name in given if name}))


def _joined(items: Sequence[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else items[0]
