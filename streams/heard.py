"""What models are given of a message, and what they hear in it: who must answer, orders, personal values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.personal import HeardValues
from schemas.tickets import HeardRoute, MessageOrders


@dataclass(frozen=True, slots=True)
class TextsToHear:
    """The texts of a message that models read.

    In `said`, the customer's newest words, they listen for routes; in `came`, the message as it came, for
    orders; "" for nothing to listen for. In `personal` they listen for personal values.
    """

    said: str = ""
    came: str = ""
    personal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeardMessage:
    """What models hear in a message; None for what they did not listen for or could not tell."""

    route: HeardRoute | None = None
    orders: MessageOrders | None = None
    personal: HeardValues | None = None


class MessageListener(Protocol):
    """Tells which messages a person must answer, which give orders, and which words are personal values."""

    def hear(self, messages: Sequence[TextsToHear]) -> list[HeardMessage]:
        """Return what is heard in each message, in order; `said` and `came` are English."""
        ...
