"""What a sentence without a source must not say: quantities, dates, prices, promises and policies."""

import re
from typing import Final

from responders.policy.claims.quantities import is_number_word
from responders.policy.claims.reading import read_tokens
from responders.words import words

_MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)
_CALENDAR: Final = frozenset(
    [
        *_MONTHS,
        *(month[:3] for month in _MONTHS),
        *"monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday tonight".split(),
    ]
) - {"may", "mar"}
_PROMISE: Final = re.compile(
    r"\b(?:(?:we|i)(?:'ll|\s+will|\s+shall|\s+are\s+going\s+to|\s+am\s+going\s+to)|guarantee[ds]?"
    r"|promise[ds]?|refund(?:s|ed)?"
    r"|free\s+of\s+charge|for\s+free|at\s+no\s+cost|discount(?:s|ed)?|compensat\w+|credit(?:ed"
    r"|s)?\s+(?:your|to)|reimburse\w*"
    r"|waive[ds]?|by\s+(?:tomorrow|tonight|the\s+end\s+of)|within\s+the\s+(?:hour|day|week)"
    r"|will\s+be\s+(?:fixed|resolved|refunded|credited|restored|released|available|ready))\b",
    re.IGNORECASE,
)
_POLICY: Final = re.compile(
    r"\b(?:our\s+(?:policy|terms)|entitled\s+to|(?:is|are)\s+(?:always\s+|completely\s+)?free(?:\s+for\b|[.,!])"
    r"|money\s+back|without\s+(?:any\s+)?(?:charge|cost)|no\s+(?:extra\s+)?(?:charge|cost|fee)"
    r"|warranty|non-?refundable)",
    re.IGNORECASE,
)


def unsourced_risks(sentence: str) -> tuple[str, ...]:
    """Return what a sentence must not say without a source, in the order numbers, dates, promises, policies.

    >>> unsourced_risks("Thanks for writing to us."), unsourced_risks("We will fix it by tomorrow.")
    ((), ('date: tomorrow', 'promise: by tomorrow', 'promise: we will'))
    >>> unsourced_risks("Exports are free for teams of 5.")
    ('number: 5', 'policy: are free for')
    """
    plain = sentence.replace("’", "'")
    numbers = (
        token.raw for token in read_tokens(sentence) if token.kind == "quantity" and _is_told(token.raw)
    )
    found = {
        "number": dict.fromkeys(numbers),
        "date": dict.fromkeys(sorted(_days(sentence))),
        "promise": dict.fromkeys(sorted(_said(_PROMISE, plain))),
        "policy": dict.fromkeys(sorted(_said(_POLICY, plain))),
    }
    return tuple(f"{kind}: {said}" for kind, told in found.items() for said in told)


def _is_told(raw: str) -> bool:
    """Tell whether a quantity is a number and not an adverb or a rate such as "daily" and "a day"."""
    return any(char.isdigit() for char in raw) or is_number_word(raw.split(maxsplit=1)[0].lower())


def _days(text: str) -> set[str]:
    """Return the calendar words of a text; months are shortened so that "March" and "Mar" are equal."""
    found = {word for word in words(text) if word in _CALENDAR}
    found |= {month.lower() for month in re.findall(r"\b(?:May|March|Mar)\b", text)}
    return {word[:3] if word in _MONTHS else word for word in found}


def _said(pattern: re.Pattern[str], text: str) -> set[str]:
    return {" ".join(match.group().lower().rstrip(".,!").split()) for match in pattern.finditer(text)}
