"""SIGKILL every worker once in the middle of its input, then the broker, as a failing machine would."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import monotonic

from streams.cli.composition.local import LocalService
from streams.embedded import running_endpoints
from streams.process.supervise import SupervisedProcess
from tests.benchmarks.inputs import Inputs
from tests.benchmarks.sampling import reached
from tests.benchmarks.service import endpoints

SHARE = 1 / 3
LOOK_SECONDS = 0.1
WORKERS = ("sentiment", "usage", "churn", "drafting", "relay")
BROKER = "broker"


@dataclass(frozen=True)
class Kill:
    """One kill: the process, the time, and the records with a fate at that time, by group and topic."""

    name: str
    pid: int
    at_seconds: float
    reached: dict[str, int]

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self)


def thresholds(inputs: Inputs, *, broker_twice: bool) -> dict[str, tuple[str, int]]:
    """Return for each worker the point of its kill: (group < topic, records).

    Every ticket becomes a signal for churn, so the relay is killed after it relayed a third of them. Usage
    ends long before the tickets: with `broker_twice` the broker is also killed at two thirds of the usage.
    """
    tickets, usage = int(inputs.tickets * SHARE), int(inputs.usage_events * SHARE)
    early = {BROKER: ("usage < product.usage-events", 2 * usage)} if broker_twice else {}
    return {
        **early,
        "sentiment": ("sentiment < support.tickets", tickets),
        "drafting": ("drafting < support.tickets", tickets),
        "usage": ("usage < product.usage-events", usage),
        "churn": ("churn < customer.signals", tickets),
        "relay": ("churn < customer.signals", int(tickets * 1.25)),
    }


class Disturber(threading.Thread):
    """Kill each worker at its threshold, and the broker after all five live again; `kills` lists them."""

    def __init__(
        self, service: LocalService, inputs: Inputs, *, broker_twice: bool, tell: Callable[[str], None]
    ) -> None:
        super().__init__(name="disturber", daemon=True)
        self.kills: list[Kill] = []
        self.error: Exception | None = None
        self._service = service
        self._left = thresholds(inputs, broker_twice=broker_twice)
        self._tell = tell
        self._begun = monotonic()

    @property
    def is_over(self) -> bool:
        """Whether every planned kill is done."""
        return not self.is_alive()

    def run(self) -> None:
        """Wait and kill; a failure is stored in `error`."""
        try:
            self._disturb()
        except Exception as error:
            self.error = error

    def _disturb(self) -> None:
        stopping = self._service.supervisor.stopping
        while self._left and not stopping.wait(LOOK_SECONDS):
            now = self._reached()
            for name, (place, records) in list(self._left.items()):
                if now.get(place, 0) >= records and self._kill_process(name):
                    del self._left[name]
        while not stopping.wait(LOOK_SECONDS) and not self._all_live():
            continue
        if not stopping.is_set():
            self._kill_broker()

    def _reached(self) -> dict[str, int]:
        return {place: group.records for place, group in reached(self._service.engine).items()}

    def _kill_broker(self) -> bool:
        return self._kill(BROKER, endpoints(self._service.settings.data_folder)["kafka"])

    def _kill_process(self, name: str) -> bool:
        """Kill a process; return False if it does not run."""
        if name == BROKER:
            return self._kill_broker()
        process = self._child(name).process
        if process is None or process.poll() is not None:
            return False
        return self._kill(name, process.pid)

    def _child(self, name: str) -> SupervisedProcess:
        return next(child for child in self._service.supervisor.children if child.name == name)

    def _all_live(self) -> bool:
        if running_endpoints(self._service.settings.data_folder) is None:
            return False
        children = [self._child(name) for name in WORKERS]
        return all(child.restarts and child.process and child.process.poll() is None for child in children)

    def _kill(self, name: str, pid: int) -> bool:
        kill = Kill(name, pid, monotonic() - self._begun, self._reached())
        os.kill(pid, signal.SIGKILL)
        self.kills.append(kill)
        self._tell(f"SIGKILL to {name} ({pid}) after {kill.at_seconds:.1f} s")
        return True
