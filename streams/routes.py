"""Which messages a person must answer, as the route model hears them on the thread that owns the device."""

from collections.abc import Sequence

from detectors.routes.model import RouteModel
from detectors.sentiment.arrays import Float64
from schemas.tickets import HeardRoute
from streams.gpu import GpuRunner, ItemFailure


class DeviceRoutes:
    """A route model whose batches run on the one thread that owns the device."""

    def __init__(self, model: RouteModel, runner: GpuRunner) -> None:
        self._model = model
        self._runner = runner

    def hear(self, texts: Sequence[str]) -> list[HeardRoute | None]:
        """Return what is heard in each text, in order; None if its numbers are not finite.

        A lost device is fatal for the process.
        """
        items = self._model.prepare(texts)
        results = self._runner.run_blocking(self._model, items, task="routes")
        return [None if isinstance(result, ItemFailure) else self._heard(result) for result in results]

    def _heard(self, chances: Float64) -> HeardRoute:
        found = self._model.decide(chances)
        return HeardRoute(reason=found.reason, chance=found.chance, strength=found.strength)
