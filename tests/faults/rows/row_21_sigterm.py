"""Row 21: SIGTERM in every state a worker or relay can be in."""

import time
from collections.abc import Callable
from random import Random

from streams.kafka.topics import TICKETS, USAGE_EVENTS
from tests.faults.lab import Lab, Worker, proxied_database_url
from tests.faults.rows import Plan, Row, Tally

LIMIT_SECONDS = 30.0
UNREADY_SECONDS = 0.5
"""How long a worker may still say that it is ready."""

TOPICS = {"sentiment": TICKETS, "usage": USAGE_EVENTS}
RATES = {"sentiment": 300.0, "usage": 3_000.0}


def terminate_in_every_state(plan: Plan, tally: Tally) -> None:
    with Lab(seed=plan.seed) as lab:
        for state in States(lab, Random(plan.seed)).all() * plan.repeats_or(5, 1):
            _note(tally, *state())
        _hand_over(lab, tally)


def _note(tally: Tally, name: str, seconds: float) -> None:
    tally.repeats += 1
    tally.recovered.append(seconds)
    tally.notes.append(f"{name} {seconds:.1f} s")


def _hand_over(lab: Lab, tally: Tally) -> None:
    """Let new workers finish the remaining records, and check."""
    workers = [lab.start_relay(), *(lab.start_worker(kind) for kind in TOPICS)]
    lab.wait_ready(*workers)
    for kind in TOPICS:
        lab.wait_drained(kind)
    lab.wait_published()
    tally.take(lab.check(*TOPICS))
    for worker in workers:
        assert worker.terminate()[0] == 0


def _end(lab: Lab, worker: Worker, name: str) -> tuple[str, float]:
    """Send SIGTERM; demand exit code 0 in time, and no readiness after UNREADY_SECONDS."""
    limit, unready, sent = lab.deadline(LIMIT_SECONDS), lab.deadline(UNREADY_SECONDS), time.monotonic()
    worker.process.terminate()
    while worker.is_running():
        if limit.is_over():
            worker.kill()
            raise AssertionError(f"{name}: {worker.name} still ran {time.monotonic() - sent:.0f} s later")
        is_ready = worker.ready().ready
        assert not (unready.is_over() and is_ready), f"{name}: ready long after SIGTERM"
        time.sleep(0.02)
    code = worker.process.returncode
    assert code == 0, f"{name}: {worker.name} ended with {code}"
    return name, time.monotonic() - sent


class States:
    """Bring a worker into a state and end it there; each method returns the state's name and the seconds."""

    def __init__(self, lab: Lab, chance: Random) -> None:
        self._lab = lab
        self._database = lab.database_proxy()
        (self._broker,) = lab.broker_proxies()
        self._chance = chance
        self._turn = 0

    def all(self) -> list[Callable[[], tuple[str, float]]]:
        """Return every state."""
        return [
            self.under_load,
            self.while_starting,
            self.while_joining,
            self.waiting_for_the_broker_at_start,
            self.waiting_for_the_database_at_start,
            self.database_cut_off,
            self.database_silent,
            self.broker_cut_off,
            self.broker_silent,
            self.rebalancing,
            self.relay_under_load,
            self.relay_without_broker,
        ]

    def under_load(self) -> tuple[str, float]:
        return _end(self._lab, self._loaded_worker(), "under load")

    def while_starting(self) -> tuple[str, float]:
        """End a worker soon after it has a handler; without a handler SIGTERM ends any process."""
        worker = self._handling()
        time.sleep(self._chance.uniform(0.0, 1.0))
        return _end(self._lab, worker, "while starting")

    def while_joining(self) -> tuple[str, float]:
        worker = self._start()
        self._lab.wait_for(lambda: worker.ready().status != 0, 60, f"{worker.name} to answer")
        time.sleep(self._chance.uniform(0.0, 2.5))
        return _end(self._lab, worker, "while joining")

    def waiting_for_the_broker_at_start(self) -> tuple[str, float]:
        self._broker.cut()
        return self._end_and_heal(self._handling(), "waiting for the broker at start", after=3.0)

    def waiting_for_the_database_at_start(self) -> tuple[str, float]:
        self._database.cut()
        return self._end_and_heal(self._handling(), "waiting for the database at start", after=3.0)

    def database_cut_off(self) -> tuple[str, float]:
        worker = self._loaded_worker()
        self._database.cut()
        return self._end_and_heal(worker, "database cut off")

    def database_silent(self) -> tuple[str, float]:
        worker = self._loaded_worker()
        self._database.half_open()
        return self._end_and_heal(worker, "database silent")

    def broker_cut_off(self) -> tuple[str, float]:
        worker = self._loaded_worker()
        self._broker.cut()
        return self._end_and_heal(worker, "broker cut off")

    def broker_silent(self) -> tuple[str, float]:
        worker = self._loaded_worker()
        self._broker.half_open()
        return self._end_and_heal(worker, "broker silent")

    def rebalancing(self) -> tuple[str, float]:
        worker = self._loaded_worker()
        other = self._lab.start_worker(self._kind(), **self._through())
        self._lab.wait_for(other.handles_sigterm, 60, f"{other.name} to handle SIGTERM")
        time.sleep(self._chance.uniform(0.5, 3.0))
        found = _end(self._lab, worker, "in a rebalance")
        _end(self._lab, other, "the other member")
        return found

    def relay_under_load(self) -> tuple[str, float]:
        relay = self._lab.start_relay(**self._through())
        self._lab.wait_ready(relay)
        return _end(self._lab, relay, "relay under load")

    def relay_without_broker(self) -> tuple[str, float]:
        relay = self._lab.start_relay(**self._through())
        self._lab.wait_ready(relay)
        self._broker.half_open()
        return self._end_and_heal(relay, "relay, broker silent")

    def _kind(self) -> str:
        return ("usage", "sentiment")[self._turn % 2]

    def _through(self) -> dict[str, str]:
        return {
            "database_url": proxied_database_url(self._database),
            "bootstrap_servers": self._lab.brokers.through_servers,
        }

    def _start(self) -> Worker:
        self._turn += 1
        return self._lab.start_worker(self._kind(), **self._through())

    def _handling(self) -> Worker:
        worker = self._start()
        self._lab.wait_for(worker.handles_sigterm, 60, f"{worker.name} to handle SIGTERM")
        return worker

    def _loaded_worker(self) -> Worker:
        """Return a worker with some seconds of work, partly done."""
        worker, mark = self._start(), self._lab.audit.mark()
        kind = self._kind()
        make = self._lab.inputs.more_usage if kind == "usage" else self._lab.inputs.more_tickets
        self._lab.paced(TOPICS[kind], make(int(5 * RATES[kind])), rate=RATES[kind])
        self._lab.wait_for(lambda: bool(self._lab.audit.moved(kind, after=mark)), 60, "the first batch")
        self._lab.wait_ready(worker)
        return worker

    def _end_and_heal(self, worker: Worker, name: str, *, after: float = 1.0) -> tuple[str, float]:
        time.sleep(after)
        try:
            return _end(self._lab, worker, name)
        finally:
            self._broker.heal()
            self._database.heal()


ROWS_HERE = (Row(21, "SIGTERM in every state", terminate_in_every_state),)
