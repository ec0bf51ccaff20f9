"""What a person changed in a draft besides its words: numbers, links and codes. Pure."""

import re
from typing import Final

_FACT: Final = re.compile(
    r"https?://\S+|[\w.+-]+@[\w-]+\.\w+|[€$£¥]?\d+(?:[.,:/-]\d+)*\s?(?:%|€|\$|£)?|\b[A-Z]{2,}-?\d+\b"
)
_STEP: Final = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
_OUTER: Final = ".,;:!?)]}\"'"

MOST_FACTS: Final = 20
"""Changed facts that a decision keeps. Chosen by hand."""


def changed_facts(drafted: str, final: str) -> tuple[str, ...]:
    r"""Return the numbers, links and codes that only one of both texts has, in order, at most MOST_FACTS.

    The numbers of steps do not count, because they change with every step that is left out.

    >>> changed_facts("1. Wait 24 hours.", "1. Please wait 48 hours.")
    ('24', '48')
    >>> changed_facts("1. Wait.\n2. Save.", "Dear Ann,\n1. Save.")
    ()
    """
    before, after = _facts(drafted), _facts(final)
    gone = [fact for fact in before if fact not in after]
    return tuple(fact[:1_000] for fact in (*gone, *(fact for fact in after if fact not in before)))[
        :MOST_FACTS
    ]


def _facts(text: str) -> list[str]:
    found = (match.strip().rstrip(_OUTER) for match in _FACT.findall(_STEP.sub("", text)))
    return list(dict.fromkeys(fact for fact in found if fact))
