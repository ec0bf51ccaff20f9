"""The form of an ask: what its answer must have, such as a number for `amount` and steps for `how`."""

import re
from typing import Final

from responders.understanding.records import AskForm

_I: Final = re.IGNORECASE

_FORMS: Final[tuple[tuple[AskForm, re.Pattern[str]], ...]] = (
    (
        "amount",
        re.compile(
            r"\b(?:how (?:many|much|big|large|high|long (?:is|are) the (?!wait)|heavy|far)|what(?:'s|s| is"
            r"| are| does| would| do)"
            r"(?: \w+){0,4} (?:costs?|price|fee|fees|limit|maximum|number|size|rate|amount|ceiling|cap"
            r"|discount)|up to wh\w+ \w+"
            r"|wie ?viele?|wie (?:hoch|groß|teuer)|was kostet|cuánt[oa]s?|the (?:maximum|number|price|cost"
            r"|size))\b",
            _I,
        ),
    ),
    (
        "when",
        re.compile(
            r"\b(?:when|how (?:long|soon|often|fast|quickly|early|late|old)|since when|(?:by|until|till"
            r"|from) when|what (?:time|date|day)"
            r"|(?:up|un)?til what|for how long|deadline|cut[- ]off|notice period|wann|wie (?:lange|oft"
            r"|schnell|bald)|cuándo|a qué hora)\b",
            _I,
        ),
    ),
    (
        "why",
        re.compile(
            r"\b(?:why|how come|what is the reason|what causes|warum|wieso|weshalb|woran liegt|por qué)\b", _I
        ),
    ),
    ("where", re.compile(r"\b(?:where(?:'?s)?|wo|wohin|woher|dónde)\b", _I)),
    ("who", re.compile(r"\b(?:who(?:m|se|'s)?|wer|wem|wen|quién(?:es)?)\b", _I)),
    ("how", re.compile(r"\b(?:how|way to|steps to|best way|wie|cómo)\b", _I)),
    ("which", re.compile(r"\b(?:which|welche[rsnm]?|cuál(?:es)?)\b", _I)),
    (
        "what",
        re.compile(r"\b(?:what(?:'?s)?|was (?:ist|sind|bedeutet|passiert|muss|kann|brauch\w+)|qué)\b", _I),
    ),
)
"""The words of each form; the form whose word stands first wins."""


def form_of(text: str, role: str) -> AskForm:
    """Return the form of an ask by its words and the role of its clause.

    >>> form_of("How long does it take?", "question"), form_of("can I pay by card", "question")
    ('when', 'yes_no')
    >>> form_of("The export stops at 40 %", "problem"), form_of("Please send it", "request")
    ('problem', 'request')
    """
    if role in {"problem", "statement"} and "?" not in text:
        return "problem"
    found = [(match.start(), form) for form, words in _FORMS if (match := words.search(text))]
    if role == "request":
        return "request"
    if role == "wish" and not found:
        return "other"
    first = min(found, key=lambda pair: pair[0]) if found else None
    if first is not None and (first[0] <= _EARLY or not _INVERTED.match(text)):
        return first[1]
    return "yes_no" if role == "question" and (_INVERTED.match(text) or "?" in text) else "other"


_EARLY: Final = 25
"""Characters within which the word of a form must stand in a question that begins with a verb."""

_INVERTED: Final = re.compile(
    r"\W*(?:is|are|am|was|were|do|does|did|can|could|may|must|should|will|would|has|have|had|if|whether|ob"
    r"|kann"
    r"|können|darf|muss|ist|sind|gibt|geht|hat|haben|puedo|se puede|hay|si|any chance)\b",
    re.IGNORECASE,
)
