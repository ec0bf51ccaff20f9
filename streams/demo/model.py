"""The types of the sample company; no randomness and no text here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from schemas.knowledge import Account, KnowledgeArticle, Macro, SolvedTicket
from schemas.tickets import Ticket

NAME = "Tessera"
RECORDED = timedelta(days=14)

TicketMood = Literal["angry", "worried", "neutral", "thankful"]
SingleStory = Literal["drop", "silence", "error_surge", "mood_slide"]
Unanswerable = Literal[
    "injection",
    "language",
    "legal",
    "needs_details",
    "needs_sales",
    "no_question",
    "not_in_knowledge_base",
    "refund",
    "security",
]


@dataclass(frozen=True, slots=True)
class Onset:
    """One planted story: the account and the event time from which it is visible."""

    account_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outage:
    """The planted outage: half-open hours [started_at, ended_at) and the accounts it hits, sorted."""

    account_ids: tuple[str, ...]
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Planted:
    """The stories that a good detector finds in the recording; every other account is healthy.

    No account has two stories, and the outage hits no account with a story of its own. `drop`,
    `silence`, `error_surge` and `outage` leave at least 8 days before and 2 days after.
    """

    drop: Onset
    silence: Onset
    error_surge: Onset
    mood_slide: Onset
    outage: Outage

    def account_ids(self) -> frozenset[str]:
        """Return the accounts with a story of their own, without the accounts of the outage."""
        return frozenset(onset.account_id for onset in self.onsets().values())

    def onsets(self) -> dict[SingleStory, Onset]:
        """Return the four stories of single accounts by alert cause."""
        return {
            "drop": self.drop,
            "silence": self.silence,
            "error_surge": self.error_surge,
            "mood_slide": self.mood_slide,
        }


@dataclass(frozen=True, slots=True)
class Company:
    """The sample company at event time `end`; the recording covers [start, end).

    `answerable` holds the ids of the tickets of `tickets(company, company.seed)` that the
    articles and macros can answer.
    """

    seed: int
    start: datetime
    end: datetime
    accounts: tuple[Account, ...]
    articles: tuple[KnowledgeArticle, ...]
    macros: tuple[Macro, ...]
    solved: tuple[SolvedTicket, ...]
    planted: Planted
    answerable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PlannedTicket:
    """One ticket with its events in order and the truth about it.

    `source_id` is the article or macro that answers it; without a source, `why` is the reason.
    `mood` is the mood of the first message.
    """

    ticket_id: str
    topic: str
    mood: TicketMood
    source_id: str | None
    why: Unanswerable | None
    events: tuple[Ticket, ...]
