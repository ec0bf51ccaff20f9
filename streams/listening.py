"""What the route model and the order model hear in messages, before their drafts are written."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from responders.drafting.message import marked_text, subject_of
from responders.drafting.said import said_in
from schemas.tickets import HeardRoute, MessageOrders, Sentiment, Ticket


class RouteListener(Protocol):
    """Tells which texts a person must answer."""

    def hear(self, texts: Sequence[str]) -> list[HeardRoute | None]:
        """Return what is heard in each text, in order; None if its numbers are not finite."""
        ...


class OrderListener(Protocol):
    """Tells which sentences of texts give orders to the writer of the reply."""

    def orders_in(self, texts: Sequence[str]) -> list[MessageOrders | None]:
        """Return what is heard in each English text, in order; None if its numbers are not finite."""
        ...


def heard_routes(tickets: Sequence[Ticket], routes: RouteListener) -> dict[str, HeardRoute | None]:
    """Return what the route model hears in messages, by the id of their event."""
    heard = routes.hear([f"{subject_of(ticket)}\n{said_in(ticket)}".strip() for ticket in tickets])
    return {ticket.event_id: one for ticket, one in zip(tickets, heard, strict=True)}


def heard_orders(tickets: Sequence[Ticket], orders: OrderListener) -> dict[str, MessageOrders | None]:
    """Return what the order model hears in messages, by the id of their event."""
    heard = orders.orders_in([marked_text(ticket).strip() for ticket in tickets])
    return {ticket.event_id: one for ticket, one in zip(tickets, heard, strict=True)}


def readable(tickets: Sequence[Ticket], moods: Mapping[str, Sentiment]) -> list[Ticket]:
    """Return the messages without those in a language that the mood model does not read.

    The encoder of both models reads English.
    """
    return [ticket for ticket in tickets if not _is_foreign(moods.get(ticket.event_id))]


def _is_foreign(mood: Sentiment | None) -> bool:
    return mood is not None and mood.abstained == "unsupported_language"
