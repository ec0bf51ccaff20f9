"""One customer message as the drafter reads it."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from responders.drafting.names import parts_of_name
from responders.drafting.said import MAX_READ_CHARS, said_in
from responders.drafting.situation import Situation
from responders.drafting.subject import NEUTRAL_REPLY, reply_subject
from responders.drafting.tone import threatens, tone_of
from responders.generation.brief import Fact
from responders.policy.heard_orders import marks_of, without_orders
from responders.policy.injections import ASKS_FOR_SECRETS, OTHERS_DATA, injection_suspicions
from responders.policy.reasons import ANSWERED_BESIDE, team_of
from responders.privacy.pseudonyms import Pseudonyms
from responders.retrieval.ranking import query_terms
from responders.understanding.records import Ask
from responders.understanding.understand import ACTION, understand
from responders.words import STOP_WORDS, content_stems, sentences, words
from schemas.reading.headers import without_reply_marks
from schemas.tickets import Channel, Draft, Ticket

FEW_TERMS: Final = 4
"""A message with fewer distinct stems than this is read together with the customer's message before it."""

MAX_QUERY_CHARS: Final = 1_500
"""Characters of a query. A longer message is cut; its questions are kept first."""

READ_LANGUAGES: Final = frozenset({"de", "es"})
"""Languages besides English in which an answer is looked for in sources of the same language."""

_SAYS_NOTHING: Final = frozenset(
    content_stems(
        """since again still always also work works working worked problem problems issue error errors broken
        break breaks fail fails failed failing wrong weekend week yesterday today morning night fix repair
        urgent asap anymore longer ago happen happens happened doesn't isn't won't don't didn't can't not
        stopped stop help soon quickly nothing everything thing things monday tuesday wednesday thursday
        friday saturday sunday day days"""
    )
)
"""Stems that do not say what a problem is about. Written by hand."""

_STATED: Final = frozenset({"problem", "request", "other"})
"""Forms of asks that are no questions."""

LEAVING_BY_MOOD: Final = "The message may threaten to leave: tell the account's success manager."

UNCLEAR_QUESTION: Final = "Could you tell me what you did, what you saw instead, and where?"


class ReadTicket:
    """One customer message, read once: newest text, subject, tone, asks, masked queries, reason to abstain.

    Not for several threads at once.
    """

    def __init__(self, ticket: Ticket, situation: Situation) -> None:
        self.ticket = ticket
        self.situation = situation
        self.public = ticket.channel == "forum"
        self.suspicions = marks_of(marked_text(ticket), situation.orders)
        self.text = self._told(said_in(ticket))
        self.subject = self._told(subject_of(ticket))
        self._pseudonyms = Pseudonyms(parts_of_name(ticket.requester_name or ""), situation.personal)
        self.query = query_of(self._pseudonyms.mask(self.subject), self._masked_with_history())
        self.understood = understand(
            self._pseudonyms.mask(self.text),
            subject=self._pseudonyms.mask(self.subject),
            heard=situation.heard,
            answers=_asked_something(situation.thread),
        )
        self.tone = tone_of(self.text, situation.mood, leaves=self._says_leaving)
        asks = tuple(ask for ask in self.understood.asks if not self._is_order(ask))
        self.asks = asks or self._only_ask()
        mood = situation.mood
        self.is_foreign = mood is not None and mood.abstained == "unsupported_language"
        self.language = mood.language if mood and mood.language != "und" else "en"
        self.abstention = self._reason_to_abstain()

    @property
    def takes_over(self) -> str | None:
        """Return the reason why a person must answer, whatever the knowledge says; None if there is none.

        A wish for an action and a question beside a reason may be answered by knowledge, so they are no such
        reasons. Who asks for another person's data or for secrets gets no passage: what is searched for may
        be in one.
        """
        if OTHERS_DATA in self.suspicions:
            return "personal_data"
        if ASKS_FOR_SECRETS in self.suspicions:
            return "asks_for_secrets"
        answerable = self.understood.route == ACTION or self.beside is not None
        return None if answerable else self.understood.route

    @property
    def beside(self) -> str | None:
        """Return the reason why a person must answer too, if a question may be answered beside it, or None.

        A plain answer must do no harm, the reason must not be beyond doubt, and the message must have a
        question.
        """
        route = self.understood.route
        if route not in ANSWERED_BESIDE or self.understood.is_sure:
            return None
        return route if any(ask.form not in _STATED for ask in self.asks) else None

    @property
    def _says_leaving(self) -> bool:
        """Tell whether a phrase or the route model confirms a threat to leave."""
        heard = self.situation.heard
        by_model = heard is not None and heard.reason == "leaving" and heard.strength != "unlikely"
        return self.understood.route == "leaving" or by_model

    @property
    def _marks(self) -> tuple[str, ...]:
        """Return the warnings that the message itself gives."""
        marks = tuple(f"The message {suspicion}: read it before you answer." for suspicion in self.suspicions)
        if self.beside is not None:
            marks += (f"The message may need a person too: {team_of(self.beside)}.",)
        mood = self.situation.mood
        if mood is not None and threatens(mood) and not self._says_leaving:
            marks += (LEAVING_BY_MOOD,)
        return marks

    @property
    def is_unclear(self) -> bool:
        """Tell whether a message says that something is wrong and not what."""
        said = set(content_stems(f"{self.subject} {self.text}")) - _SAYS_NOTHING
        return self.understood.kind == "problem" and not said and not self.situation.thread

    @property
    def queries(self) -> tuple[str, ...]:
        """Return the masked texts to search for: the message, then each ask; () for no search."""
        if self.abstention or self.takes_over or self.understood.kind == "thanks":
            return ()
        subject = self._pseudonyms.mask(self.subject)
        asks = (f"{subject}\n{ask.text}".strip()[:MAX_QUERY_CHARS] for ask in self.asks)
        return (self.query, *asks)

    @property
    def about(self) -> str:
        """Return the topic of the message in a few masked words."""
        return subject_words(self._pseudonyms.mask(self.subject), self._pseudonyms.mask(self.text))

    @property
    def route_without_answer(self) -> str | None:
        """Return who must take a message without an answer; None if the missing answer is the reason.

        They are reasons for a person that a model hears and is not sure of, those beside an answer, wishes
        for an action, questions for news, and outages.
        """
        if self.beside is not None:
            return self.beside
        heard = self.situation.heard
        if heard is not None and heard.strength != "unlikely":
            return heard.reason
        if self.asks and all(ask.needs_action for ask in self.asks):
            return ACTION
        kind = self.understood.kind
        return kind if kind in {"follow_up", "outage"} else None

    def with_spoken(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """Return the facts; an incident or anomaly is told only to a customer who writes about trouble."""
        words = set(content_stems(f"{self.subject} {self.text}"))
        return tuple(fact if self._concerns(fact, words) else fact.unspoken for fact in facts)

    def _concerns(self, fact: Fact, words: set[str]) -> bool:
        if self.understood.kind == "outage":
            return True
        in_trouble = self.understood.kind in {"problem", "complaint", "follow_up"} or self.tone == "apology"
        return in_trouble and bool(words & set(content_stems(fact.value)))

    def blank(self, model: str, *, now: datetime) -> Draft:
        """Return the draft before its answer is known: an abstention without a reason."""
        channel: Channel = self.ticket.channel
        mood = self.situation.mood
        return Draft(
            draft_id=draft_id_of(self.ticket.event_id),
            ticket_id=self.ticket.ticket_id,
            account_id=self.ticket.account_id,
            based_on=self.ticket.event_id,
            channel=channel,
            state="abstained",
            language=self.language,
            subject=NEUTRAL_REPLY if self.suspicions else reply_subject(self.subject, self._pseudonyms),
            mood=mood.label if mood else None,
            warnings=self._marks,
            model=model,
            created_at=now,
        )

    def _told(self, text: str) -> str:
        """Return a text; of a marked message without its orders, so that no reply, ask or query has them."""
        return without_orders(text, self.situation.orders) if self.suspicions else text

    def _is_order(self, ask: Ask) -> bool:
        return bool(self.suspicions and injection_suspicions(ask.text))

    def _masked_with_history(self) -> str:
        """Return the masked text; of one like "Still broken" also the customer's message before it."""
        mask, earlier = self._pseudonyms.mask, earlier_text(self.ticket, self.situation.thread)
        said = mask(self.text)
        return f"{said}\n{mask(without_orders(earlier, None))}" if earlier else said

    def _only_ask(self) -> tuple[Ask, ...]:
        """Return the whole message as one ask, if it complains, reports an outage or answers our question."""
        if self.understood.kind not in {"complaint", "outage", "answer"}:
            return ()
        said = self._pseudonyms.mask(self.text or self.subject)[:MAX_QUERY_CHARS]
        return (Ask(text=said, form="problem"),) if query_terms(said) else ()

    def _reason_to_abstain(self) -> str | None:
        if not any(char.isalpha() for char in f"{self.subject}{self.text}"):
            return "nothing_to_answer"
        if self.understood.kind == "automatic":
            return "nothing_to_answer: automatic mail"
        if self.takes_over or self.understood.kind == "thanks":
            return None
        if self.is_unclear:
            return "nothing_to_answer: unclear"
        if self.is_foreign and self.language not in READ_LANGUAGES:
            return "unsupported_language"
        return None if self.asks and query_terms(self.query) else "nothing_to_answer"


def said_text(ticket: Ticket) -> str:
    """Return the subject and the customer's newest words."""
    return f"{subject_of(ticket)}\n{said_in(ticket)}".strip()


def personal_texts(ticket: Ticket, thread: Sequence[Ticket]) -> tuple[str, ...]:
    """Return all that is read of a ticket to answer it: the texts in which personal values are looked for."""
    return tuple(text for text in (said_text(ticket), earlier_text(ticket, thread)) if text)


def earlier_text(ticket: Ticket, thread: Sequence[Ticket]) -> str:
    """Return the customer's message before one with as few words as "Still broken"; "" if it has more."""
    before = [event for event in thread if event.kind == "customer_message"]
    if not before or len(query_terms(said_text(ticket))) >= FEW_TERMS:
        return ""
    return said_text(before[-1])


def _asked_something(thread: Sequence[Ticket]) -> bool:
    """Tell whether our last message in a thread asked the customer something."""
    replies = [event for event in thread if event.kind == "human_reply"]
    return bool(replies) and replies[-1] == thread[-1] and "?" in replies[-1].body


def draft_id_of(based_on: str) -> str:
    """Return the id of the draft for one event: 32 hexadecimal digits, the same each time."""
    return hashlib.sha256(f"draft:{based_on}".encode()).hexdigest()[:32]


def marked_text(ticket: Ticket) -> str:
    """Return the text in which orders are looked for: the subject, and the body as it came."""
    return f"{ticket.subject}\n{ticket.body[:MAX_READ_CHARS]}"


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
