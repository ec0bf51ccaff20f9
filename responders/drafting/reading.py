"""Reading a customer's message: what is new in it, what it asks, how it sounds where no model said so."""

import html
import re
from typing import Final

from responders.generation import Tone
from responders.words import STOP_WORDS, sentences, words
from schemas import Sentiment, Ticket

MAX_QUERY_CHARS: Final = 1_500
MAX_READ_CHARS: Final = 20_000
MIN_NAME_CHARS: Final = 2

_QUOTED = re.compile(
    r"^\s*(?:>.*|On\b.{4,200}\bwrote:|-{2,}\s*(?:Original|Forwarded)\b.*|_{8,}|From:\s.+|Sent from my .*"
    r"|Get Outlook for .*)\s*$",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"^\s*(?:On\b.{4,200}\bwrote:|-{2,}\s*(?:Original|Forwarded)\b.*|_{8,}|--\s*|##- .*)\s*$", re.IGNORECASE
)
_CLOSING = re.compile(
    r"^\s*(?:(?:best|kind|warm)\s+(?:regards|wishes)|regards|cheers|sincerely|many\s+thanks|thanks"
    r"|thank\s+you|br|thx)[,.!]*\s*$",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good\s+(?:morning|afternoon|evening))\b[^.?!\n]{0,40}[,.!]?\s*$", re.IGNORECASE
)
_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,300}|!--.{0,2000}?--)>", re.DOTALL)
_REPLY_MARK = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg)\s*:\s*)+", re.IGNORECASE)
_ANGRY = re.compile(
    r"\b(?:unacceptable|ridiculous|terrible|awful|horrible|furious|angry|frustrat\w+|disappoint\w+"
    r"|fed\s+up|waste|useless|worst|outrageous"
    r"|annoy\w+|sick\s+of|still\s+(?:not|no|broken|failing|waiting)|third\s+time|nobody\s+(?:answers"
    r"|replies|responds)|urgent(?:ly)?|asap|losing\s+(?:money|customers)"
    r"|blocked|cancel\s+(?:our|my|the)\s+(?:contract|subscription|account))\b|!{2,}",
    re.IGNORECASE,
)
_PLEASED = re.compile(
    r"\b(?:love|great|awesome|excellent|fantastic|wonderful|amazing|happy\s+with|well\s+done"
    r"|thanks\s+so\s+much)\b",
    re.IGNORECASE,
)
_FOREIGN: Final = frozenset(
    """
    der die das und ist nicht ich wir mit für auf ein eine wie kann warum bitte le la les est pas
    nous je vous avec pour une comment pourquoi el los las es no está una con para por cómo qué
    puedo gracias il lo gli non è sono come perché grazie het een niet wij hoe waarom met o os não é
    como para uma obrigado och att det som jag inte
    """.split()
) - {"no", "die", "la", "met", "as", "o", "a"}
_ENGLISH: Final = STOP_WORDS | frozenset("the is and to of it that".split())


def newest_text(ticket: Ticket) -> str:
    """Return what the customer newly wrote: no quoted history, greeting line, signature or markup."""
    text = html.unescape(_TAG.sub(" ", ticket.body[:MAX_READ_CHARS]))
    kept: list[str] = []
    for line in text.splitlines():
        if _CUT.match(line) or (kept and _CLOSING.match(line)):
            break
        if not _QUOTED.match(line) and not (not kept and _GREETING.match(line)):
            kept.append(line)
    return "\n".join(kept).strip()


def subject_of(ticket: Ticket) -> str:
    """Return the subject without its "Re:" marks."""
    return _REPLY_MARK.sub("", ticket.subject).strip()


def query_of(subject: str, text: str) -> str:
    """Return what to search for: subject and message, at most MAX_QUERY_CHARS, questions first."""
    body = text
    if len(body) > MAX_QUERY_CHARS:
        parts = sentences(body)
        asked = [part for part in parts if part.endswith("?")]
        body = " ".join([*asked, *(part for part in parts if part not in asked)])
    return f"{subject}\n{body}".strip()[:MAX_QUERY_CHARS]


def tone_of(text: str, mood: Sentiment | None) -> Tone:
    """Return the tone of the answer: by the model's mood if known, else by plain words of anger or praise."""
    if mood is not None and mood.label is not None:
        tones: dict[str, Tone] = {"negative": "apology", "neutral": "calm", "positive": "warm"}
        return tones[mood.label]
    if _ANGRY.search(text):
        return "apology"
    return "warm" if _PLEASED.search(text) else "calm"


def reads_as_english(text: str) -> bool:
    """Tell whether a text may be English: the fallback where no language was told.

    Mostly non-Latin letters, or more function words of other languages than of English, say no.

    >>> reads_as_english("My export fails"), reads_as_english("Der Export ist nicht fertig und ich warte")
    (True, False)
    """
    letters = [char for char in text if char.isalpha()]
    if letters and sum(char < "\u0250" for char in letters) < len(letters) / 2:
        return False
    found = re.findall(r"[^\W\d_]+", text.lower())
    foreign = sum(word in _FOREIGN for word in found)
    return foreign <= sum(word in _ENGLISH for word in found) or foreign < MIN_NAME_CHARS


def greeting_name(name: str | None) -> str | None:
    """Return the first name to greet with, or None when the name is missing or is no name.

    >>> greeting_name("ada lovelace"), greeting_name("Visit http://evil.com"), greeting_name("support@x.io")
    ('Ada', None, None)
    """
    if (
        not name
        or len(name) > 60
        or not re.fullmatch(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+){0,4}\.?", name.strip())
    ):
        return None
    first = name.split()[0].strip(".")
    if len(first) < MIN_NAME_CHARS or len(first) > 25:
        return None
    return first.capitalize() if first.islower() or (first.isupper() and len(first) > 3) else first


def subject_words(subject: str, text: str) -> str:
    """Return what the message is about in a few plain words, for naming what is missing; no sentence.

    >>> subject_words("On-premise deployment?", "Can we run it ourselves?")
    'on-premise deployment'
    """
    for source in (subject, *sentences(text)[:3]):
        kept = [
            word
            for word in words(source)
            if word not in STOP_WORDS and re.fullmatch(r"[a-z0-9'-]{2,24}", word)
        ]
        if kept:
            return " ".join(kept[:6])
    return "the question"
