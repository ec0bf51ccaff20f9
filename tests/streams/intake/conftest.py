"""A separate broker for these tests, with the topics of the service, and a link to it."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.embedded import EmbeddedKafka
from streams.kafka.brokers import Broker, create_topics, partition_counts
from tests.streams.support.cluster import wait_until
from tests.streams.support.intake_service import PARTITIONS, TOPIC_OF, Running, Service, Topic, running


@pytest.fixture(scope="session")
def kafka() -> Iterator[EmbeddedKafka]:
    """A broker that a test may stop if it restarts it. Other tests create these topics differently."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-intake-")).resolve()
    server = EmbeddedKafka(folder)
    try:
        broker = Broker(server.start())
        create_topics(broker, partitions=PARTITIONS, replication=1)
        wait_until(lambda: set(TOPIC_OF.values()) <= partition_counts(broker).keys())
        yield server
    finally:
        if server.pid is not None:
            os.kill(server.pid, signal.SIGCONT)
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def link(kafka: EmbeddedKafka) -> Iterator[Running]:
    with running(Broker(kafka.start())) as found:
        yield found


@pytest.fixture
def service(link: Running) -> Service:
    return link.service()


@pytest.fixture
def topics(kafka: EmbeddedKafka) -> Iterator[dict[str, Topic]]:
    found = {path: Topic(kafka.start(), name) for path, name in TOPIC_OF.items()}
    yield found
    for topic in found.values():
        topic.close()
