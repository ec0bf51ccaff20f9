"""Headings that deny, or say when or for whom something is so: what stands below is only true with them."""

import re
from typing import Final

_DENIES: Final = re.compile(
    r"\b(?:not|never|no|none|nothing|nobody|nowhere|neither|nor|cannot|\w+n['’]t|non-\w+|unable|hardly|rarely"
    r"|without|unless|except\w*|exclu\w*|exempt\w*|impossible|forbid\w*|prohibit\w*|bann?ed|bans?|reject\w*"
    r"|declin\w*|refus\w*|den(?:y|ied|ies)|disallow\w*|invalid|ineligible|un(?!it|if|lim)\w+(?:able|ible|ed)|lack\w*|missing"
    r"|limitations?|restrictions?|nicht|nie|kein\w*|nur|ohne|außer|ausgenommen|sofern|sin|solo|sólo|nunca"
    r"|excepto|salvo)\b",
    re.IGNORECASE,
)
_LIMITS: Final = re.compile(
    r"\b(?:if|when(?:ever)?|only|solely|even|until|till|before|after|while|during|provided|in case|as long as"
    r"|minus|bis|hasta)\b|^(?:for|from|once|within|wenn|falls|vor|nach|für|si|cuando|antes|después|para)\b",
    re.IGNORECASE,
)
_ASKS_WHEN: Final = re.compile(
    r"^(?:when|(?:for|from|until) (?:when|how|what|which))\b.*\?$"
    r"|^when (?:is|are|was|do|does|did|can|will)\b",
    re.IGNORECASE,
)
"""A question about a time, which is no condition of what stands below it."""


def is_limiting(heading: str) -> bool:
    """Tell whether a heading denies, or says when or for whom what stands below it is true.

    >>> [is_limiting(text) for text in ("What isn’t covered", "If a payment fails", "Returns (only unused)")]
    [True, True, True]
    >>> is_limiting("Steps"), is_limiting("When are you billed?"), is_limiting("When aren't we billed?")
    (False, False, True)
    """
    if is_denying(heading):
        return True
    return _LIMITS.search(heading) is not None and not _ASKS_WHEN.search(heading.strip())


def is_denying(heading: str) -> bool:
    """Tell whether a heading denies or excludes something.

    >>> is_denying("What can’t be restored"), is_denying("Can it be restored after 30 days?")
    (True, False)
    """
    return _DENIES.search(heading) is not None
