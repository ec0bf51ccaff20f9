"""Reading a customer's message for a draft: what it says, what to search for, in which tone to answer."""

import re
from typing import Final

from responders.generation import Tone
from responders.words import STOP_WORDS, sentences, words
from schemas import Sentiment, Ticket
from schemas.reading import has_kind_words, read, without_courtesies, without_reply_marks

MAX_QUERY_CHARS: Final = 1_500
MAX_READ_CHARS: Final = 20_000
MIN_NAME_CHARS: Final = 2
FRUSTRATED: Final = 0.5
"""From this frustration on a ticket stands higher in the queue, and its draft apologises."""

_ANGRY_REASONS: Final = frozenset(("strong_words", "repeated_contact"))
"""Signs of frustration that call for an apology by themselves."""


def said_in(ticket: Ticket) -> str:
    """Return what the customer says in a message, without greeting and closing courtesies."""
    return without_courtesies(read(ticket.body).text)[:MAX_READ_CHARS]


def subject_of(ticket: Ticket) -> str:
    """Return the subject without its "Re:" marks."""
    return without_reply_marks(ticket.subject)


def query_of(subject: str, text: str) -> str:
    """Return what to search for: subject and message, at most MAX_QUERY_CHARS, questions first."""
    body = text
    if len(body) > MAX_QUERY_CHARS:
        parts = sentences(body)
        asked = [part for part in parts if part.endswith("?")]
        body = " ".join([*asked, *(part for part in parts if part not in asked)])
    return f"{subject}\n{body}".strip()[:MAX_QUERY_CHARS]


def tone_of(text: str, mood: Sentiment | None) -> Tone:
    """Return the tone of the answer to `text`, by the mood that the sentiment group found; calm without one.

    An apology answers a negative message and one with signs of frustration. Only kind words are thanked for:
    a positive mood alone does not prove them.
    """
    if mood is None:
        return "calm"
    frustrated = mood.frustration >= FRUSTRATED or not _ANGRY_REASONS.isdisjoint(mood.frustration_reasons)
    if mood.label == "negative" or (frustrated and mood.label != "positive"):
        return "apology"
    return "warm" if mood.label == "positive" and has_kind_words(text) else "calm"


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
