"""One run: the service from an empty folder until nothing waits, on one input, disturbed or not."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from streams.cli.composition.local import LocalService
from streams.operate.ledger import TopicLedger, total_gap, total_in_flight
from tests.benchmarks import figures
from tests.benchmarks.disturbing import Disturber
from tests.benchmarks.effects import Effects, read_effects
from tests.benchmarks.inputs import Inputs, make_inputs
from tests.benchmarks.sampling import Sample, Sampler
from tests.benchmarks.service import (
    BenchmarkError,
    playing,
    running_service,
    wait_until_done,
    wait_until_sent,
)

IDLE_SECONDS = 6.0
"""How long the idle service is sampled before anything is played: the cost of waiting."""


@dataclass(frozen=True)
class Plan:
    """The input to play, and whether to kill processes; None plays everything."""

    data: Path
    tickets: int | None = None
    usage: int | None = None
    kill: bool = False
    broker_twice: bool = False
    max_wait_seconds: float = 3_600.0
    keep: Path | None = None


@dataclass(frozen=True)
class Finished:
    """The results of a run: figures as JSON, effects, and whether every record has one fate."""

    figures: dict[str, Any]
    effects: Effects
    gap: int
    in_flight: int

    @property
    def is_whole(self) -> bool:
        """Whether no record is missing and none still waits."""
        return self.gap == 0 and self.in_flight == 0


def run(plan: Plan, tell: Callable[[str], None]) -> Finished:
    """Play the input through the whole service and wait until nothing waits.

    Raises BenchmarkError and MissingDataError, one sentence each. The service's folder is temporary.
    """
    started = monotonic()
    with _folder(plan.keep) as folder:
        inputs = make_inputs(plan.data, folder, tickets=plan.tickets, usage=plan.usage)
        tell(f"{inputs.tickets:,} tickets and {inputs.usage_events:,} usage events; starting the service")
        with running_service(folder / "service") as service:
            found, effects, balance = _measured(service, inputs, plan, tell)
        found["wall_seconds"] = round(monotonic() - started, 1)
    return Finished(found, effects, total_gap(balance), total_in_flight(balance))


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    # Directly under the temporary folder: the database's Unix socket needs a short path.
    folder = Path(tempfile.mkdtemp(prefix="rapport-bench-")).resolve()
    try:
        yield folder
    finally:
        if keep is not None:
            target = keep / f"logs-{datetime.now(UTC):%H%M%S}"
            shutil.copytree(folder / "service" / "logs", target, dirs_exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _measured(
    service: LocalService, inputs: Inputs, plan: Plan, tell: Callable[[str], None]
) -> tuple[dict[str, Any], Effects, dict[str, TopicLedger]]:
    machine = figures.machine()
    sampler = Sampler(service)
    sampler.start()
    service.supervisor.stopping.wait(IDLE_SECONDS)
    idle = list(sampler.samples)
    if len(idle) < 2:
        sampler.stop()
        raise BenchmarkError("The idle service could not be measured.")
    tell("Playing both files at full speed")
    played = monotonic()
    sent, kills, balance = _played(service, inputs, plan, tell)
    settled = round(monotonic() - played, 1)
    sampler.stop()
    found = _figures(service, idle, sampler.samples)
    found |= {
        "machine": machine,
        "inputs": {"tickets": inputs.tickets, "usage_events": inputs.usage_events},
        "ingest": {name: asdict(file) for name, file in sent.items()},
        "kills": kills,
        "play_to_rest_seconds": settled,
        "restarts": {child.name: child.restarts for child in service.supervisor.children},
        "ledger": {name: topic.as_dict() for name, topic in balance.items()},
        "gap": total_gap(balance),
        "in_flight": total_in_flight(balance),
    }
    return found, read_effects(service.engine), balance


def _played(
    service: LocalService, inputs: Inputs, plan: Plan, tell: Callable[[str], None]
) -> tuple[dict[str, Any], list[dict[str, object]], dict[str, TopicLedger]]:
    disturber = Disturber(service, inputs, broker_twice=plan.broker_twice, tell=tell) if plan.kill else None
    with playing(inputs.commands(), service.settings.data_folder) as ingests:
        if disturber is not None:
            disturber.start()
        sent = wait_until_sent(service, ingests)
    tell("Everything is sent; waiting until nothing is in flight")
    is_over = (lambda: True) if disturber is None else (lambda: disturber.is_over)
    balance = wait_until_done(service, is_over=is_over, wait_seconds=plan.max_wait_seconds)
    if disturber is not None and disturber.error is not None:
        raise disturber.error
    return sent, [kill.as_dict() for kill in disturber.kills] if disturber else [], balance


def _figures(service: LocalService, idle: list[Sample], samples: list[Sample]) -> dict[str, Any]:
    after = samples[len(idle) :]
    return {
        "rates": figures.rates(samples),
        "cpu_per_usage_event": figures.cpu_per_usage_event(idle, after),
        "processes": figures.processes(samples),
        "counts": figures.counts(service.engine),
        "latencies": figures.latencies(service),
    }
