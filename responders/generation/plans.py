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
    r"\b(?:not|no|none|never|cannot|can't|without|isn't|aren't|doesn't|don't|only)\b", re.IGNORECASE
)
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
        """Tell whether a sentence of a text denies something to the account's own plan.

        >>> AccountPlans(own="Team", names=("Team", "Works")).denied_in("Works: yes. Not on Team.")
        True
        """
        return self.own is not None and any(
            self.own in self.in_text(sentence) and _DENIES.search(sentence) for sentence in sentences(body)
        )


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
