"""The account's side of a ticket when a draft is written."""

from schemas.base import Record
from schemas.churn import Incident
from schemas.knowledge import Account
from schemas.tickets import Sentiment, Ticket
from schemas.usage import Anomaly


class Situation(Record):
    """The account's side of a ticket: who it is, what goes on live, and what was said before.

    `thread` are the ticket's earlier messages, oldest first. All of it belongs to the ticket's own account.
    """

    account: Account | None = None
    anomalies: tuple[Anomaly, ...] = ()
    incidents: tuple[Incident, ...] = ()
    thread: tuple[Ticket, ...] = ()
    mood: Sentiment | None = None
