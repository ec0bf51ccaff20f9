"""Producers with Kafka transactions, and topics that lose records, for tests of offsets without a record."""

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import NewTopic

Message = tuple[bytes, bytes | None]


@dataclass
class Producer:
    """A transactional producer to one partition, in its own event loop; `stop` aborts an open transaction."""

    bootstrap: str
    topic: str
    partition: int = 0
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _client: Any = None

    def begin(self) -> "Producer":
        self._runner.run(self._begin())
        return self

    def send(self, *messages: Message) -> "Producer":
        self._runner.run(self._send(messages))
        return self

    def commit(self) -> "Producer":
        self._runner.run(self._client.commit_transaction())
        return self

    def abort(self) -> "Producer":
        self._runner.run(self._client.abort_transaction())
        return self

    def stop(self) -> None:
        if self._client is not None:
            self._runner.run(self._client.stop())
        self._runner.close()

    async def _begin(self) -> None:
        if self._client is None:
            self._client = AIOKafkaProducer(
                bootstrap_servers=self.bootstrap, transactional_id=uuid.uuid4().hex, acks="all"
            )
            await self._client.start()
        await self._client.begin_transaction()

    async def _send(self, messages: Sequence[Message]) -> None:
        for key, value in messages:
            await self._client.send_and_wait(self.topic, key=key, value=value, partition=self.partition)


def make_topic(bootstrap: str, *, partitions: int = 1, **settings: str) -> str:
    """Create a topic for this test only, with settings such as `cleanup.policy`."""
    name = f"tx-{uuid.uuid4().hex}"
    configs = {key.replace("_", "."): value for key, value in settings.items()}
    with closing(KafkaAdminClient(bootstrap_servers=[bootstrap])) as admin:
        admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
    return name


def delete_before(bootstrap: str, topic: str, offset: int, partition: int = 0) -> None:
    """Delete the records of a partition below an offset, as an operator does."""
    with closing(KafkaAdminClient(bootstrap_servers=[bootstrap])) as admin:
        admin.delete_records({TopicPartition(topic, partition): offset})
