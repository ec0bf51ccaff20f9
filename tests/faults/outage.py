"""Shared parts of the rows about outages: watched workers, variants of workers, a client of the intake."""

import json
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from prometheus_client.parser import text_string_to_metric_families

from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.process.backoff import Backoff
from tests.faults.checks import chunks
from tests.faults.lab import Lab, Worker

MEMORY_LIMIT = 2.0
SAMPLE_SECONDS = 1.0
UNREADY_SECONDS = 15.0
TOPICS = {"sentiment": TICKETS, "usage": USAGE_EVENTS}


class Watch:
    """Look at workers every second: their memory compared with the beginning, and whether they are alive.

    Create it when the workers are idle, after their warm-up: their memory at that time is the measure.
    """

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = [worker for worker in workers if worker.is_running()]
        self.idle_mib = {worker.name: worker.rss_mib() for worker in self._workers}
        self.most_mib = dict(self.idle_mib)
        self.complaints: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)

    def ratios(self) -> dict[str, float]:
        """Return the largest memory of each worker as a multiple of its idle memory."""
        return {name: self.most_mib[name] / idle for name, idle in self.idle_mib.items()}

    def demand(self) -> str:
        """Demand that no worker ended, was not alive, or held more than twice its idle memory."""
        worst = max(self.ratios(), key=lambda name: self.ratios()[name])
        assert not self.complaints, "; ".join(self.complaints[:5])
        words = (
            f"RSS at most {self.ratios()[worst]:.2f} x idle ({worst}, {self.idle_mib[worst]:.0f} MiB idle)"
        )
        assert self.ratios()[worst] <= MEMORY_LIMIT, words
        return words

    def _run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            for worker in self._workers:
                if not self._look_at(worker):
                    self.complaints.append(f"{worker.name} ended")
                    self._workers.remove(worker)
                    break

    def _look_at(self, worker: Worker) -> bool:
        if not worker.is_running():
            return False
        self.most_mib[worker.name] = max(self.most_mib[worker.name], worker.rss_mib())
        if not (answer := worker.health()).alive:
            self.complaints.append(f"{worker.name} is not alive: {answer.reason or answer.status}")
        return True


def warm_up(lab: Lab) -> None:
    """Let every process load its models and modules, so that its memory is that of an idle process."""
    lab.send(USAGE_EVENTS, lab.inputs.more_usage(2_000))
    lab.send(TICKETS, lab.inputs.more_tickets(500))
    for kind in TOPICS:
        lab.wait_drained(kind)
    lab.wait_published()


def end_all(workers: Iterable[Worker]) -> None:
    """End workers in order; the next row of the same lab starts its own workers."""
    for worker in workers:
        code, _ = worker.terminate()
        assert code == 0, f"{worker.name} ended with {code}"


def wait_unready(lab: Lab, workers: Sequence[Worker], dependency: str) -> float:
    """Wait until each worker reports that it waits for a dependency; return the seconds, 15 at most."""

    def told() -> bool:
        answers = [worker.ready() for worker in workers]
        return all(not answer.ready and dependency in answer.reason for answer in answers)

    return lab.wait_until(told, UNREADY_SECONDS, f"all to report that they wait for the {dependency}")


def stay_unready(workers: Sequence[Worker], until: float) -> None:
    """Demand that no worker is ready before a moment of the monotonic clock."""
    while time.monotonic() < until:
        ready = [worker.name for worker in workers if worker.ready().ready]
        assert not ready, f"{ready} ready in the middle of the outage"
        time.sleep(SAMPLE_SECONDS)


def wait_every_partition(lab: Lab, kinds: Iterable[str], mark: int, seconds: float) -> float:
    """Wait until every partition of these groups made progress since a mark of the audit."""
    everything = set(range(lab.partitions))

    def came_on() -> bool:
        return all(lab.audit.moved(kind, after=mark) == everything for kind in kinds)

    return lab.wait_until(came_on, seconds, "progress of every partition")


def start_variant(lab: Lab, kind: str, *arguments: str, **settings: object) -> Worker:
    """Start `tests.faults.outage_worker` with its own arguments; it ends with the lab."""
    title = f"{kind}-{len(lab.workers)}"
    worker = Worker(
        title,
        ["tests.faults.outage_worker", kind, *arguments],
        environment=lab.environment(title, **settings),
        log_path=lab.folder / f"{title}.log",
    )
    lab.workers.append(worker)
    return worker


def histograms(worker: Worker) -> dict[str, tuple[float, float]]:
    """Return (sum, count) of each histogram of a worker over all its labels, by name."""
    with urlopen(f"http://127.0.0.1:{worker.port}/metrics", timeout=5) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    found = {}
    for family in families:
        if family.type == "histogram":
            parts: defaultdict[str, float] = defaultdict(float)
            for sample in family.samples:
                parts[sample.name.rpartition("_")[2]] += sample.value
            found[family.name] = (parts["sum"], parts["count"])
    return found


def most_attempts(seconds: float, *, loops: int = 1) -> int:
    """Return the most attempts of the backoff in this time: its shortest waits in a row.

    >>> most_attempts(1.0), most_attempts(60.0)
    (5, 29)
    """

    class Shortest:
        def uniform(self, low: float, _high: float) -> float:
            return low

    backoff, waited, attempts = Backoff(random=Shortest()), 0.0, 0  # type: ignore[arg-type]
    while waited <= seconds:
        waited += backoff.next_seconds()
        attempts += 1
    return loops * attempts


@dataclass
class Answered:
    """One answer of the intake: the times of request and answer, and the status."""

    asked: float
    came: float
    status: int


@dataclass
class Poster:
    """A careful client of the intake: it posts each batch of tickets again until the intake accepts it.

    `accepted` holds the ids that got a 200.
    """

    lab: Lab
    url: str
    batch: int = 5
    pause_seconds: float = 0.05
    accepted: list[str] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    error: BaseException | None = None

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="poster", daemon=True)

    def start(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop after the intake has accepted the current batch."""
        self._over.set()
        self._thread.join(120)
        assert not self._thread.is_alive(), "the intake accepted nothing for 120 s"
        if self.error is not None:
            raise self.error

    def statuses(self, after: float, before: float) -> Counter[int]:
        """Return the number of answers by status, for requests and answers between two moments."""
        inside = [answer for answer in self.answers if after <= answer.asked and answer.came <= before]
        return Counter(answer.status for answer in inside)

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                values = [value for _, value in self.lab.inputs.more_tickets(self.batch) if value]
                while self._post(values) != 200:
                    time.sleep(0.5)
                self.accepted += [str(json.loads(value)["event_id"]) for value in values]
                time.sleep(self.pause_seconds)
        except BaseException as error:
            self.error = error

    def _post(self, values: Sequence[bytes]) -> int:
        headers = {"Content-Type": "application/x-ndjson"}
        request = Request(self.url, data=b"\n".join(values), headers=headers, method="POST")
        asked = time.monotonic()
        try:
            with urlopen(request, timeout=30) as answer:
                status = int(answer.status)
        except HTTPError as error:
            status = error.code
            if status != 503 or "retry-after" not in {name.lower() for name in error.headers}:
                self.complaints.append(f"{status} {dict(error.headers)}")
            error.close()
        except (OSError, HTTPException) as error:
            status = 0
            self.complaints.append(f"no answer: {error}")
        self.answers.append(Answered(asked, time.monotonic(), status))
        return status


def ids_on(lab: Lab, topic: str) -> Counter[str]:
    """Return the count of each event id on a topic, without records that are not JSON."""
    found: Counter[str] = Counter()
    for _, records in chunks(lab.broker, topic, Counter()):
        for record in records:
            try:
                found[str(json.loads(record.value)["event_id"])] += 1
            except (TypeError, ValueError, KeyError):
                continue
    return found


def told_again(lab: Lab, ids: Counter[str]) -> int:
    """Count the tickets that the client sent again as duplicates of the lab; return their number."""
    again = ids.total() - lab.inputs.tickets.good - lab.inputs.tickets.duplicates
    lab.inputs.tickets.duplicates += again
    return again


def with_environment(lab: Lab, **more: str) -> dict[str, str]:
    """Return the environment of a command that uses the lab."""
    return {**os.environ, **lab.environment("command"), **more}


def attempt(action: Callable[[], object], errors: tuple[type[Exception], ...]) -> Exception | None:
    """Return the error that an action raises, or None."""
    try:
        action()
    except errors as error:
        return error
    return None
