"""What the tests of an operator's commands share: a topic with two partitions, and the service's tables."""

import uuid

import pytest
from sqlalchemy import Engine

from streams.kafka.brokers import Broker, create_topics
from streams.kafka.topics import TopicSpec


@pytest.fixture
def topic(broker: str) -> str:
    name = f"letters-{uuid.uuid4().hex}"
    create_topics(Broker(broker), partitions=2, replication=1, specs=[TopicSpec(name, "x", (), 1)])
    return name


@pytest.fixture
def engine(tables: Engine) -> Engine:
    return tables
