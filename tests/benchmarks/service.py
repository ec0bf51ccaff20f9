"""The whole service in a folder of its own, as `rapport up` runs it, and the product's own ingest."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from sqlmodel import Session

from responders.store.knowledge import save_sources
from streams.cli.composition.local import LocalService, prepared, wait_for_desk, wait_until_ready
from streams.demo.company import company
from streams.kafka.brokers import KafkaError
from streams.operate.ledger import TopicLedger, ledger, total_in_flight
from streams.process import logs
from streams.process.ports import free_port
from streams.process.settings import Settings
from streams.process.supervise import stop_on_signals

logger = logging.getLogger(__name__)

KNOWLEDGE_SEED = 7
KNOWLEDGE_DATE = datetime(2013, 10, 1, tzinfo=UTC)
LEDGER_SECONDS = 2.0
HOLD_SECONDS = 8.0
"""Churn waits some seconds of wall time before its clock moves on."""

SEND_ATTEMPTS = 3
SOME_NOT_SENT = 1


class BenchmarkError(Exception):
    """The run cannot continue; the message is one sentence for a person."""


@contextmanager
def running_service(folder: Path) -> Iterator[LocalService]:
    """Start everything in `folder`, wait until all is ready, and stop it at the end."""
    # The child processes read their settings from the environment, as with `rapport up`.
    os.environ["RAPPORT_DATA_FOLDER"] = str(folder)
    os.environ["RAPPORT_DESK_PORT"] = str(free_port())
    for name in ("RAPPORT_BOOTSTRAP_SERVERS", "RAPPORT_DATABASE_URL"):
        os.environ.pop(name, None)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logs.configure("ERROR")
    # One run kills the broker, so our own reading of the ledger is expected to fail for a while.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    with prepared(Settings()) as service:
        stop_on_signals(service.supervisor.stopping)
        index_knowledge(service)
        service.supervisor.start()
        guard = threading.Thread(target=service.supervisor.watch, daemon=True)
        guard.start()
        try:
            _refuse_unready(service)
            yield service
        finally:
            service.supervisor.stop()
            guard.join()


def _refuse_unready(service: LocalService) -> None:
    if wait_for_desk(service, service.supervisor.stopping) and wait_until_ready(service):
        return
    if service.supervisor.stopping.is_set():
        raise BenchmarkError("Stopped.")
    raise BenchmarkError(
        f"The service did not become ready; its logs are in {service.settings.data_folder}/logs."
    )


def index_knowledge(service: LocalService) -> int:
    """Index the articles and macros of the sample company to have something to search (not about banks)."""
    from streams.cli.composition.models import load_embedder

    settings = service.settings.model_copy(update={"device": "cpu"})
    embedder = load_embedder(settings)
    sample = company(KNOWLEDGE_SEED, end=KNOWLEDGE_DATE)
    with Session(service.engine) as session, session.begin():
        return save_sources(session, [*sample.articles, *sample.macros], embedder, now=KNOWLEDGE_DATE)


@dataclass(frozen=True)
class Sent:
    """The result of one `rapport ingest`: its own closing words, its seconds and its attempts."""

    words: str
    seconds: float
    attempts: int


class Ingest(threading.Thread):
    """Run `rapport ingest` as a user does; repeat it, as it advises, if the broker was away too long."""

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        super().__init__(name="ingest", daemon=True)
        self.sent: Sent | None = None
        self.error: str | None = None
        self._arguments = list(arguments)
        self._log = log

    def run(self) -> None:
        """Send the file; a failure is stored in `error`."""
        started = monotonic()
        attempts, code = 1, self._once()
        while code == SOME_NOT_SENT and attempts < SEND_ATTEMPTS:
            attempts, code = attempts + 1, self._once()
        lines = self._log.read_text().strip().splitlines() or ["said nothing"]
        if code:
            self.error = f"rapport ingest ended with exit code {code}: {lines[-1]}"
        said = next((line for line in reversed(lines) if "acknowledged in" in line), lines[-1])
        self.sent = Sent(said, monotonic() - started, attempts)

    def _once(self) -> int:
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "streams", *self._arguments]
            return subprocess.run(command, stdout=log, stderr=log, check=False).returncode


@contextmanager
def playing(commands: Mapping[str, Sequence[str]], folder: Path) -> Iterator[dict[str, Ingest]]:
    """Play all files at the same time; they end by themselves or with the broker."""
    ingests = {name: Ingest(arguments, folder / f"ingest-{name}.log") for name, arguments in commands.items()}
    for ingest in ingests.values():
        ingest.start()
    yield ingests
    for ingest in ingests.values():
        ingest.join()


def wait_until_sent(service: LocalService, ingests: Mapping[str, Ingest]) -> dict[str, Sent]:
    """Wait for every ingest. Raises BenchmarkError if a file was not sent completely."""
    while any(ingest.is_alive() for ingest in ingests.values()):
        if service.supervisor.stopping.wait(0.2):
            raise BenchmarkError("Stopped.")
    sent: dict[str, Sent] = {}
    for name, ingest in ingests.items():
        if ingest.error is not None or ingest.sent is None:
            raise BenchmarkError(f"The {name} were not all sent: {ingest.error}.")
        sent[name] = ingest.sent
    return sent


def wait_until_done(
    service: LocalService, *, is_over: Callable[[], bool], wait_seconds: float
) -> dict[str, TopicLedger]:
    """Wait until nothing is in flight, checked twice because churn may hold alerts between the two checks.

    `is_over` says whether nothing else will be done to the service. Returns the last ledger; it has
    records in flight if the time was too short.
    """
    deadline = monotonic() + wait_seconds
    settled = False
    while monotonic() < deadline:
        found = _ledger_or_none(service)
        done = found is not None and not total_in_flight(found) and is_over()
        if done and settled:
            break
        settled = done
        if service.supervisor.stopping.wait(HOLD_SECONDS if done else LEDGER_SECONDS):
            raise BenchmarkError("Stopped.")
    return ledger(service.engine, service.broker)


def _ledger_or_none(service: LocalService) -> dict[str, TopicLedger] | None:
    try:
        return ledger(service.engine, service.broker)
    except KafkaError as error:
        # One of the runs kills the broker on purpose.
        logger.warning("no ledger", extra={"error": type(error).__name__})
        return None


def endpoints(folder: Path) -> dict[str, int]:
    """Return the process ids of the embedded broker and database, by the names kafka and postgres."""
    state = json.loads((folder / "endpoints.json").read_text())
    return {"kafka": int(state["kafka_pid"]), "postgres": int(state["postgres_pid"])}
