"""The customer's wish in words that the reply can say: "You asked whether you can add a seat"."""

import re
from typing import Final

from responders.policy.claims.risks import unsourced_risks
from responders.policy.injections import injection_suspicions
from responders.policy.links import bad_links

MAX_WISH_CHARS: Final = 80
"""Characters of a wish that is said again; a longer one is not. Chosen by hand."""

MAX_QUOTED_CHARS: Final = 160
"""Characters of an ask that is quoted word for word."""

_OTHER_PERSON: Final = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "we": "you", "us": "you", "our": "your",
    "ours": "yours", "you": "we", "your": "our", "yours": "ours", "myself": "yourself",
    "ourselves": "yourselves", "i'm": "you are", "we're": "you are", "i've": "you have", "we've": "you have",
    "i'd": "you would", "we'd": "you would", "am": "are", "you're": "we are", "you've": "we have",
}  # fmt: skip
_WORD: Final = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_LEAD: Final = re.compile(
    r"^(?:(?:and|also|so|but|ok|okay|well|hi|hello|hey|then|or|second(?:ly)?|first(?:ly)?|finally|besides"
    r"|another question|quick question|question|one more(?: thing)?|by the way|btw|please)[,:]?\s+"
    r"|\d[.):]\s*|[-*•]\s+)+",
    re.IGNORECASE,
)
_UNCLEAR: Final = re.compile(
    r"\b(?:it|its|them|they|this|that|these|those|he|she|him|her|his|ones?|here|there|then|so|same|such"
    r"|stuff|things?|something|somehow|somewhere|folks|guys|lads|blokes|vs|without|because|while|which|who|whom"
    r"|what we|what i|confirm|tell|please)\b|, (?!for )",
    re.IGNORECASE,
)
"""Words that need what was said before them, and clauses that are often not grammatical when turned."""

_WH: Final = r"(?P<wh>how (?:long|many \w+|much(?: \w+)?|often|far|early|soon|fast)|when|where|which \w+)"
_WHO: Final = r"(?P<who>i|we|you|they|he|she|it)"
_MODAL: Final = r"(?P<modal>can|could|may|might|must|should|will|would)"
_FORMS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (r"^how (?:do|can|could|should|would|must) (?:i|we) (?P<rest>.+)$", "how to {rest}"),
        (r"^how do you (?P<rest>.+)$", "how we {rest}"),
        (rf"^{_MODAL} {_WHO} (?P<rest>.+)$", "whether {who} {modal} {rest}"),
        (rf"^{_WH} {_MODAL} {_WHO} (?P<rest>.+)$", "{wh} {who} {modal} {rest}"),
        (r"^do (?P<who>i|we|you|they) (?P<rest>.+)$", "whether {who} {rest}"),
        (rf"^{_WH} do (?P<who>i|we|you|they) (?P<rest>.+)$", "{wh} {who} {rest}"),
        (r"^is it possible (?P<rest>.+)$", "whether it is possible {rest}"),
        (r"^is there (?P<rest>.+)$", "whether there is {rest}"),
        (r"^are there (?P<rest>.+)$", "whether there are {rest}"),
        (rf"^{_WH} (?:is|are) there (?P<rest>.+)$", "{wh} there are {rest}"),
    )
)


def wish_of(ask: str) -> str | None:
    """Return an ask as indirect speech from our side; None if that is not sure to be good English.

    Only short questions of known forms, without numbers, names of people, links and orders are said again,
    and without words that need what was said before, such as "it".

    >>> wish_of("How long do you keep the pictures of my technicians?")
    'how long we keep the pictures of your technicians'
    >>> wish_of("And can we add a second board?"), wish_of("Can we do that with what we have?")
    ('whether you can add a second board', None)
    """
    said = _LEAD.sub("", " ".join(ask.split())).rstrip(" ?!.")
    if len(said) > MAX_WISH_CHARS or re.search(r"[^A-Za-z ,'’-]", said) or not is_sayable(said):
        return None
    if _UNCLEAR.search(re.sub(r"^(?:is|are) there\b", "", said, flags=re.IGNORECASE)):
        return None
    for pattern, template in _FORMS:
        match = pattern.match(said)
        if match:
            parts = {name: _turned(value) for name, value in match.groupdict().items()}
            return template.format_map(parts)
    return None


def _turned(words: str) -> str:
    """Return words with the first and the second person exchanged."""
    first = words[:1].lower() + words[1:] if words[1:2].islower() or len(words) == 1 else words
    return _WORD.sub(lambda match: _OTHER_PERSON.get(match[0].lower().replace("’", "'"), match[0]), first)


def is_sayable(words: str) -> bool:
    """Tell whether a customer's words may be said again: no link, order, number, date or promise in them."""
    return not (
        bad_links(words, allowed_hosts=frozenset()) or injection_suspicions(words) or unsourced_risks(words)
    )


def quoted(ask: str) -> str | None:
    """Return an ask in quotation marks, or None if it is too long or must not be said again.

    >>> quoted("Will there be a link  to Fortnox?"), quoted("See http://evil.com")
    ('“Will there be a link to Fortnox?”', None)
    """
    said = " ".join(ask.split())
    if not said or len(said) > MAX_QUOTED_CHARS or re.search(r"[<>{}\[\]⟦⟧“”]", said) or not is_sayable(said):
        return None
    return f"“{said[:1].upper()}{said[1:]}”"
