"""Which messages give orders to the writer of the reply, as a model hears them on the device's thread."""

from collections.abc import Sequence

from detectors.injections.model import OrderModel
from schemas.tickets import MessageOrders
from streams.gpu import GpuRunner, ItemFailure


class DeviceOrders:
    """An order model whose batches run on the one thread that owns the device."""

    def __init__(self, model: OrderModel, runner: GpuRunner) -> None:
        self._model = model
        self._runner = runner

    def orders_in(self, texts: Sequence[str]) -> list[MessageOrders | None]:
        """Return what is heard in each English text, in order; None if its numbers are not finite.

        A lost device is fatal for the process.
        """
        items = self._model.prepare(texts)
        results = self._runner.run_blocking(self._model, items, task="orders")
        found: list[MessageOrders | None] = []
        for item, scores in zip(items, results, strict=True):
            if isinstance(scores, ItemFailure):
                found.append(None)
                continue
            heard = self._model.decide(item, scores)
            found.append(MessageOrders(sentences=heard.sentences, doubtful=heard.doubtful))
        return found
