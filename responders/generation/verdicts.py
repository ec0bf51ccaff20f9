"""Yes or no before an answer, if the first sentence of the source decides the question for sure."""

import re
from typing import Final, Literal

from responders.words import content_stems

Verdict = Literal["yes", "no"]

DECIDING_SHARE: Final = 0.5
"""Share of the question's stems that a sentence must have to decide it. Chosen by hand."""

_ASKS_WHETHER: Final = re.compile(
    r"^\W*(?:(?:and|also|so|but|or|then|1|2|3|hi|hello)\b[\s.,:)]*)*(?:can|could|may|is|are|am|do|does|did|will"
    r"|would|has|have|must|should|possible|any (?:way|chance)|kann|können|darf|ist|gibt es|puedo|puede"
    r"|es posible|hay)\b",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(
    r"\b(?:not|cannot|can't|never|no longer|isn't|aren't|doesn't|don't|won't|no)\b", re.IGNORECASE
)
_NO: Final = re.compile(
    r"\b(?:cannot|can't|(?:is|are) (?:not|never)|isn't|aren't|(?:does|do) not exist|not (?:yet )?offered"
    r"|not (?:possible|available|supported|included))\b",
    re.IGNORECASE,
)
_YES: Final = re.compile(
    r"\b(?:can|may|is possible|are possible|is included|are included|is available|are available"
    r"|is supported|are supported|is offered|are offered)\b",
    re.IGNORECASE,
)
_RESERVED: Final = re.compile(
    r"\b(?:only|unless|except|if|when|until|from|but|apart from|other than|either|without|before|after"
    r"|on (?:the )?(?:plans?|starter|team|business|enterprise|pro)|plans?)\b",
    re.IGNORECASE,
)


def verdict_of(ask: str, sentence: str) -> Verdict | None:
    """Return yes or no if a sentence decides a question without condition; None in any doubt.

    >>> verdict_of("Can I import jobs by CSV?", "Jobs cannot be imported by CSV.")
    'no'
    >>> verdict_of("Can I move jobs?", "Jobs can be moved only by an administrator.") is None
    True
    """
    said = ask.replace("’", "'")
    told = sentence.replace("’", "'")
    if not _ASKS_WHETHER.match(said) or _NEGATED.search(said) or re.search(r"\bor\b", said):
        return None
    if re.match(r"(?:yes|no)\b", told, re.IGNORECASE) or _RESERVED.search(told):
        return None
    wanted, held = set(content_stems(said)), set(content_stems(told))
    if not wanted or len(wanted & held) / len(wanted) < DECIDING_SHARE:
        return None
    if _NO.search(told):
        return "no"
    return "yes" if _YES.search(told) and not _NEGATED.search(told) else None
