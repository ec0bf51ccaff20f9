"""The state of an account when a draft is written."""

from schemas.base import Name, Record, ShortText
from schemas.churn import Incident
from schemas.knowledge import Account
from schemas.personal import HeardValues
from schemas.tickets import HeardRoute, MessageOrders, Sentiment, Ticket
from schemas.usage import Anomaly


class Situation(Record):
    """One account when a draft is written: its fields, live anomalies and incidents, and the conversation.

    `contact` is the name of the person who wrote last, `open_ticket` the newest message that waits for us.

    `thread` has the ticket's earlier messages, oldest first. `mood` is the sentiment of the message that is
    answered, `heard` the reason for a person that a model hears in it, `orders` what a model hears of orders
    to the writer of the reply, `personal` the personal values that a model hears in what is read of the
    ticket; each is None without a model. Everything belongs to the ticket's own account, except
    `plans`: the names of all plans that the operator's accounts have.
    """

    account: Account | None = None
    contact: ShortText | None = None
    open_ticket: Ticket | None = None
    anomalies: tuple[Anomaly, ...] = ()
    incidents: tuple[Incident, ...] = ()
    thread: tuple[Ticket, ...] = ()
    mood: Sentiment | None = None
    heard: HeardRoute | None = None
    orders: MessageOrders | None = None
    personal: HeardValues | None = None
    plans: tuple[Name, ...] = ()
