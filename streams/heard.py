"""What models are given of a message, and what they hear in it: who must answer, and orders in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.tickets import HeardRoute, MessageOrders


@dataclass(frozen=True, slots=True)
class TextsToHear:
    """The texts of a message that models read: in `said` they listen for routes, in `came` for orders.

    `said` has the customer's newest words, `came` the message as it came; "" for nothing to listen for.
    """

    said: str = ""
    came: str = ""


@dataclass(frozen=True, slots=True)
class HeardMessage:
    """What models hear in a message; None for what they did not listen for or could not tell."""

    route: HeardRoute | None = None
    orders: MessageOrders | None = None


class MessageListener(Protocol):
    """Tells which messages a person must answer, and which give orders to the writer of the reply."""

    def hear(self, messages: Sequence[TextsToHear]) -> list[HeardMessage]:
        """Return what is heard in each message, in order; its texts are English."""
        ...
