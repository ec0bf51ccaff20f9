"""What models hear in messages on the thread that owns the device, in one pass of their encoder."""

from collections.abc import Sequence
from typing import Any

from detectors.hearing.shared import MessageItem, ReadingEncoder, SharedPass
from detectors.injections.model import OrderModel
from detectors.routes.model import RouteModel
from schemas.tickets import HeardRoute, MessageOrders
from streams.gpu import GpuRunner, ItemFailure
from streams.heard import HeardMessage, TextsToHear


class DeviceListener:
    """The route model and the order model, whose shared pass runs on the one thread that owns the device."""

    def __init__(
        self, encoder: ReadingEncoder, routes: RouteModel, orders: OrderModel, runner: GpuRunner
    ) -> None:
        self._routes = routes
        self._orders = orders
        self._pass = SharedPass(encoder, (routes, orders))
        self._runner = runner

    def hear(self, messages: Sequence[TextsToHear]) -> list[HeardMessage]:
        """Return what is heard in each message, in order; nothing if its numbers are not finite.

        A text of a message that is "" is not listened to. A lost device is fatal for the process.
        """
        items = self._prepared(messages)
        results = self._runner.run_blocking(self._pass, items, task="hearing")
        return [
            HeardMessage() if isinstance(result, ItemFailure) else self._heard(item, result)
            for item, result in zip(items, results, strict=True)
        ]

    def _prepared(self, messages: Sequence[TextsToHear]) -> list[MessageItem]:
        said = iter(self._routes.prepare([one.said for one in messages if one.said]))
        came = iter(self._orders.prepare([one.came for one in messages if one.came]))
        return [
            MessageItem(((next(said),) if one.said else (), (next(came),) if one.came else ()))
            for one in messages
        ]

    def _heard(self, item: MessageItem, outputs: tuple[tuple[Any, ...], ...]) -> HeardMessage:
        chances, scores = outputs
        return HeardMessage(
            self._route(chances[0]) if chances else None,
            self._told(item.parts[1][0], scores[0]) if scores else None,
        )

    def _route(self, chances: Any) -> HeardRoute:
        found = self._routes.decide(chances)
        return HeardRoute(reason=found.reason, chance=found.chance, strength=found.strength)

    def _told(self, item: Any, scores: Any) -> MessageOrders:
        heard = self._orders.decide(item, scores)
        return MessageOrders(sentences=heard.sentences, doubtful=heard.doubtful)
