"""What models hear in messages on the thread that owns the device, in one pass of their encoder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from detectors.hearing.shared import MessageItem, ReadingEncoder, SharedPass
from detectors.injections.model import OrderModel
from detectors.personal.model import PersonalItem, PersonalModel
from detectors.routes.model import RouteModel
from detectors.sentiment.language import identify
from schemas.personal import HeardValues
from schemas.tickets import HeardRoute, MessageOrders
from streams.gpu import GpuRunner, ItemFailure
from streams.heard import HeardMessage, TextsToHear
from streams.personal import as_values


@dataclass(frozen=True, slots=True)
class MessageHeads:
    """The models of messages over one encoder."""

    routes: RouteModel
    orders: OrderModel
    personal: PersonalModel


class DeviceListener:
    """The models of messages, whose shared pass runs on the one thread that owns the device."""

    def __init__(self, encoder: ReadingEncoder, heads: MessageHeads, runner: GpuRunner) -> None:
        self._heads = heads
        self._pass = SharedPass(encoder, (heads.routes, heads.orders, heads.personal))
        self._runner = runner

    @property
    def version(self) -> str:
        """The id of the model of personal values."""
        return self._heads.personal.version

    def hear(self, messages: Sequence[TextsToHear]) -> list[HeardMessage]:
        """Return what is heard in each message, in order; nothing if its numbers are not finite.

        A text of a message that is "" is not listened to. A lost device is fatal for the process.
        """
        items = list(self._prepared(messages))
        results = self._runner.run_blocking(self._pass, items, task="hearing")
        return [
            HeardMessage() if isinstance(result, ItemFailure) else self._heard(item, result)
            for item, result in zip(items, results, strict=True)
        ]

    def values_in(self, texts: Sequence[str]) -> list[HeardValues | None]:
        """Return the personal values heard in each text, in order; None if its numbers are not finite.

        A lost device is fatal for the process.
        """
        return [heard.personal for heard in self.hear([TextsToHear(personal=(text,)) for text in texts])]

    def _prepared(self, messages: Sequence[TextsToHear]) -> Iterator[MessageItem]:
        said = iter(self._heads.routes.prepare([one.said for one in messages if one.said]))
        came = iter(self._heads.orders.prepare([one.came for one in messages if one.came]))
        personal = iter(self._heads.personal.prepare([text for one in messages for text in one.personal]))
        for one in messages:
            texts = tuple(next(personal) for _ in one.personal)
            yield MessageItem(((next(said),) if one.said else (), (next(came),) if one.came else (), texts))

    def _heard(self, item: MessageItem, outputs: tuple[tuple[Any, ...], ...]) -> HeardMessage:
        (_, orders, texts), (chances, scores, units) = item.parts, outputs
        return HeardMessage(
            self._route(chances[0]) if chances else None,
            self._told(orders[0], scores[0]) if scores else None,
            self._values(texts, units) if units else None,
        )

    def _values(self, texts: Sequence[PersonalItem], units: Sequence[Any]) -> HeardValues:
        """Return the values of all texts of a message, and the doubts of those in a language that is read.

        In another language the model may doubt a name that rules find and be wrong.
        """
        read = [identify(text.text).supported for text in texts]
        heard = self._heads.personal.decide(texts, units, read)
        return as_values(heard.values, heard.doubted)

    def _route(self, chances: Any) -> HeardRoute:
        found = self._heads.routes.decide(chances)
        return HeardRoute(reason=found.reason, chance=found.chance, strength=found.strength)

    def _told(self, item: Any, scores: Any) -> MessageOrders:
        heard = self._heads.orders.decide(item, scores)
        return MessageOrders(sentences=heard.sentences, doubtful=heard.doubtful)
