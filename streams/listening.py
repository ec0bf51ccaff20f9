"""What the route model and the order model hear in messages, before their drafts are written."""

from collections.abc import Mapping, Sequence

from responders.drafting.message import marked_text, subject_of
from responders.drafting.said import said_in
from responders.policy.heard_orders import MessageOrders
from schemas.tickets import HeardRoute, Sentiment, Ticket
from streams.orders import OrderListener
from streams.routes import RouteListener


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
