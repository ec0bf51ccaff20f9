"""A broker, a database and worker processes for one test, with questions that a test has for them."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata
from sqlalchemy import Engine, text

from streams.kafka.brokers import Broker, reliable_producer
from tests.patience import Patience

ROOT = Path(__file__).resolve().parents[3]
Message = tuple[bytes | None, bytes | None]


@dataclass
class Cluster:
    """The processes of a test; `stop` ends every worker that still runs."""

    broker: Broker
    engine: Engine
    database_url: str
    logs: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self, kind: str) -> subprocess.Popen[bytes]:
        log = self.logs / f"{kind}-{len(self.workers)}.log"
        command = [sys.executable, "-m", "tests.streams.support.worker_process", kind]
        with log.open("wb") as output:
            worker = subprocess.Popen(
                [*command, self.broker.bootstrap_servers, self.database_url],
                cwd=ROOT,
                stdout=output,
                stderr=output,
            )
        self.workers.append(worker)
        return worker

    def has_joined(self, worker: "subprocess.Popen[bytes]") -> bool:
        """Whether a worker has started its consumer: from then on it handles SIGTERM itself."""
        (log,) = self.logs.glob(f"*-{self.workers.index(worker)}.log")
        return b"Consumer]: Starting" in log.read_bytes()

    def stop(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()

    def send(self, topic: str, messages: Iterable[Message]) -> int:
        """Send messages and return how many; the broker has acknowledged all of them."""
        producer = reliable_producer(self.broker)
        futures = [producer.send(topic, key=key, value=value) for key, value in messages]
        producer.flush()
        for future in futures:
            future.get(timeout=30)
        producer.close()
        return len(futures)

    def number(self, sql: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text(sql)).scalar() or 0)

    def rows(self, sql: str) -> list[Any]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def handled(self, group: str) -> int:
        sql = "SELECT sum(effects + duplicates + late + dead_letters) FROM partition_progress"
        return self.number(f"{sql} WHERE consumer_group = '{group}'")


def wait_until(done: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Poll until `done`; `seconds` is the limit on an idle machine."""
    patience = Patience(seconds)
    while not done():
        assert not patience.is_over(), "waited too long"
        time.sleep(0.1)


def set_offsets(broker: Broker, group: str, offsets: Mapping[TopicPartition, int]) -> None:
    """Commit offsets for a group without members, as an operator's tool does."""
    with closing(KafkaConsumer(group_id=f"rapport-{group}", **broker.client_settings())) as client:
        client.commit({place: OffsetAndMetadata(offset, "", -1) for place, offset in offsets.items()})


def terminate(worker: subprocess.Popen[bytes]) -> int:
    worker.send_signal(signal.SIGTERM)
    return worker.wait(timeout=30)
