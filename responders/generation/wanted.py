"""What kind of thing an ask wants to hear, such as a price or a time, and which texts say such a thing."""

import re
from functools import lru_cache
from typing import Final, Literal

Wanted = Literal["price", "time", "count", "place"]
"""A price or fee, a time or a length of time, a number, or the place or steps where something is done."""

_ASKED: Final[dict[Wanted, re.Pattern[str]]] = {
    "price": re.compile(
        r"\b(?:cost\w*|pric\w+|fees?|rates?|charg\w+|pay(?:ing|able)?|expensive|cheap\w*|free|tariff|surcharge"
        r"|monthly figure|set (?:us|me) back|how much (?:is|are|does|do|would|will)"
        r"|kost\w+|preis\w*|gebühr\w*|cuesta\w*|precio\w*)\b",
        re.IGNORECASE,
    ),
    "time": re.compile(
        r"\b(?:how (?:long|soon|quick(?:ly)?|fast|early|late|often)|(?:until|by|since|from) when|when"
        r"|how many (?:\w+ )?(?:seconds|minutes|hours|days|weeks|months|years)|deadline|notice"
        r"|in time|too late"
        r"|what time|days|wie lange|wann|cuándo|cuánto tiempo)\b",
        re.IGNORECASE,
    ),
    "count": re.compile(
        r"\b(?:how (?:many|much|big|large|far|often)|limits?|max(?:imum)?|minimum|at (?:most|least)"
        r"|up to|caps?"
        r"|ceiling|number of|quota|most|wie viele?|cuántos|cuántas)\b",
        re.IGNORECASE,
    ),
    "place": re.compile(
        r"\b(?:where|how (?:do|can|could|to|would|should|must|will|i|we)|which (?:menu|page|setting|button)"
        r"|find|set up|steps?|wo|wie|dónde|cómo)\b",
        re.IGNORECASE,
    ),
}
_SAID: Final[dict[Wanted, re.Pattern[str]]] = {
    "price": re.compile(
        r"[€$£¥]\s?\d|\d\s?(?:€|£|%|euros?\b|dollars?\b|kr\b)|\b(?:free|no (?:charge|fee|cost|credit)"
        r"|costs? nothing|by quote|not (?:charged|billed)|kostenlos|gratis)\b",
        re.IGNORECASE,
    ),
    "time": re.compile(
        r"\b(?:\d+|one|two|three|an?)[ -](?:\w+ )?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b"
        r"|\b(?:at once|immediately|right away|until|daily|weekly|monthly|midnight|\d{1,2}:\d{2}"
        r"|tag\w*|stunden|monat\w*|jahr\w*|días?|horas?|meses)\b",
        re.IGNORECASE,
    ),
    "count": re.compile(
        r"\d|\b(?:unlimited|no limit|as many|any number|one|two|three|four|five|ten)\b", re.IGNORECASE
    ),
    "place": re.compile(
        r"\w\)? > \(?\w|\b(?:open|choose|press|click|tap|select|go to|under|enter)\b", re.IGNORECASE
    ),
}


@lru_cache(maxsize=5_000)
def wanted_in(ask: str) -> frozenset[Wanted]:
    """Return the kinds of things that an ask wants to hear; empty if no word of it tells.

    >>> sorted(wanted_in("How long do you keep our photos?")), sorted(wanted_in("Does it work offline?"))
    (['time'], [])
    """
    return frozenset(kind for kind, pattern in _ASKED.items() if pattern.search(ask))


@lru_cache(maxsize=20_000)
def says_wanted(text: str, kind: Wanted) -> bool:
    """Tell whether a text says a thing of a kind.

    >>> says_wanted("Photos are kept for 36 months.", "time"), says_wanted("Photos are kept.", "time")
    (True, False)
    """
    return _SAID[kind].search(text) is not None
