"""One customer message as the drafter reads it."""

import hashlib
import re
from datetime import datetime
from typing import Final

from responders.drafting.situation import Situation
from responders.drafting.subject import NEUTRAL_REPLY, reply_subject
from responders.drafting.tone import tone_of
from responders.policy.injections import injection_suspicions
from responders.policy.routes import needs_a_person
from responders.privacy import Pseudonyms
from responders.retrieval.ranking import query_terms
from responders.words import STOP_WORDS, sentences, words
from schemas.reading.courtesies import without_courtesies
from schemas.reading.headers import without_reply_marks
from schemas.reading.reader import read
from schemas.tickets import Channel, Draft, Ticket

FEW_TERMS: Final = 4
"""A message with fewer distinct stems than this is read together with the customer's message before it."""

MAX_QUERY_CHARS: Final = 1_500
"""Characters of a query. A longer message is cut; its questions are kept first."""

MAX_READ_CHARS: Final = 20_000
"""Characters of a message that are read."""

MIN_NAME_CHARS: Final = 2
"""A shorter first name is an initial and is not used to greet."""


class ReadTicket:
    """One customer message, read once: newest text, subject, tone, masked query, reason to abstain.

    Not for several threads at once.
    """

    def __init__(self, ticket: Ticket, situation: Situation) -> None:
        self.ticket = ticket
        self.situation = situation
        self.public = ticket.channel == "forum"
        self.text = said_in(ticket)
        self.subject = subject_of(ticket)
        self.tone = tone_of(self.text, situation.mood)
        self._pseudonyms = Pseudonyms(parts_of_name(ticket.requester_name or ""))
        self.query = self._pseudonyms.mask(query_of(self.subject, self._with_history()))
        self.abstention = self._reason_to_abstain()

    @property
    def searched_for(self) -> str | None:
        """Return the masked query, or None if the draft abstains without a search."""
        return None if self.abstention else self.query

    @property
    def about(self) -> str:
        """Return the topic of the message in a few masked words."""
        return subject_words(self._pseudonyms.mask(self.subject), self._pseudonyms.mask(self.text))

    def blank(self, model: str, *, now: datetime) -> Draft:
        """Return the draft before its answer is known: an abstention without a reason."""
        channel: Channel = self.ticket.channel
        mood = self.situation.mood
        suspicions = injection_suspicions(f"{self.ticket.subject}\n{self.ticket.body[:MAX_READ_CHARS]}")
        return Draft(
            draft_id=draft_id_of(self.ticket.event_id),
            ticket_id=self.ticket.ticket_id,
            account_id=self.ticket.account_id,
            based_on=self.ticket.event_id,
            channel=channel,
            state="abstained",
            language=mood.language if mood and mood.language != "und" else "en",
            subject=NEUTRAL_REPLY if suspicions else reply_subject(self.subject, self._pseudonyms),
            mood=mood.label if mood else None,
            warnings=tuple(
                f"The message {suspicion}: read it before you answer." for suspicion in suspicions
            ),
            model=model,
            created_at=now,
        )

    def _with_history(self) -> str:
        """Return the text; after a text as short as "Still broken" also the customer's message before it."""
        before = [event for event in self.situation.thread if event.kind == "customer_message"]
        if len(query_terms(f"{self.subject} {self.text}")) >= FEW_TERMS or not before:
            return self.text
        return f"{self.text}\n{subject_of(before[-1])}\n{said_in(before[-1])}"

    def _reason_to_abstain(self) -> str | None:
        route = needs_a_person(f"{self.subject}\n{self.text}")
        if route:
            return f"needs_a_person: {route}"
        mood = self.situation.mood
        if mood is not None and mood.abstained == "unsupported_language":
            return "unsupported_language"
        return None if query_terms(self.query) else "nothing_to_answer"


def draft_id_of(based_on: str) -> str:
    """Return the id of the draft for one event: 32 hexadecimal digits, the same each time."""
    return hashlib.sha256(f"draft:{based_on}".encode()).hexdigest()[:32]


def said_in(ticket: Ticket) -> str:
    """Return the customer's newest words in a message, without greeting and closing courtesies."""
    return without_courtesies(read(ticket.body).text)[:MAX_READ_CHARS]


def subject_of(ticket: Ticket) -> str:
    """Return the subject without its "Re:" marks."""
    return without_reply_marks(ticket.subject)


def query_of(subject: str, text: str) -> str:
    """Return the query: subject and message, at most MAX_QUERY_CHARS; of a longer message questions first."""
    body = text
    if len(body) > MAX_QUERY_CHARS:
        parts = sentences(body)
        asked = [part for part in parts if part.endswith("?")]
        body = " ".join([*asked, *(part for part in parts if part not in asked)])
    return f"{subject}\n{body}".strip()[:MAX_QUERY_CHARS]


def parts_of_name(name: str) -> list[str]:
    """Return the words of a name that are masked in the ticket: those with a capital letter.

    >>> parts_of_name("Ludwig van Beethoven")
    ['Ludwig', 'Beethoven']
    """
    return [part for part in name.split() if part[:1].isupper()]


def greeting_name(name: str | None) -> str | None:
    """Return the first name to greet with, or None if the name is missing or does not look like a name.

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
    """Return the topic of a message in at most six plain words; they name the answer that is missing.

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
