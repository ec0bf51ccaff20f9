"""Kafka outside the Faust agents, with kafka-python: connections, topics, offsets, producers."""

import logging
import ssl
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from responders.web.hosts import is_loopback
from streams.kafka.topics import TOPIC_NAMES, TOPICS, TopicSpec

DAY_MILLISECONDS = 86_400_000

CREATE_SECONDS = 30.0
"""How long the brokers may take to know a new topic: usually a few seconds, longer on a busy machine."""

_CLEAR_TEXT_LOGGERS = ("kafka.net.sasl.plain", "kafka.net.sasl.scram", "aiokafka.conn")
"""Loggers that warn about a password in clear text at each connection."""


def _is_not_clear_text_warning(record: logging.LogRecord) -> bool:
    return "in the clear" not in record.getMessage()


def on_loopback(server: str) -> bool:
    """Return whether ``host:port`` is this machine.

    >>> on_loopback("127.0.0.1:9092"), on_loopback("[::1]:9092"), on_loopback("kafka:9092")
    (True, True, False)
    """
    return is_loopback(server.rpartition(":")[0].strip("[]"))


class TopicError(Exception):
    """The topics do not fit the service; the message is one sentence for the operator."""


def no_such_topic(topic: str) -> str:
    """Return the sentence for the operator about a missing topic."""
    return f"Topic {topic} does not exist; create it with `rapport topics create`."


def refusal(topic: str, found: int | None, *, wanted: int, said_by: str) -> str | None:
    """Return the sentence for the operator if a topic is missing or has other partitions than wanted.

    `found` is its number of partitions (None or 0: there is no such topic); `said_by` names the setting that
    asks for `wanted` partitions. Returns None if the topic is right.

    >>> refusal("t", 4, wanted=8, said_by="RAPPORT_TOPIC_PARTITIONS")
    'Topic t has 4 partitions, but RAPPORT_TOPIC_PARTITIONS says 8.'
    """
    if not found:
        return no_such_topic(topic)
    if found != wanted:
        return f"Topic {topic} has {found} partitions, but {said_by} says {wanted}."
    return None


@dataclass(frozen=True)
class Broker:
    """How to reach the brokers, each written ``host:port``; the same for every client."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: str | None = None
    ssl_ca_file: str | None = None

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the TLS context, or None if the protocol has no TLS."""
        if not self.security_protocol.endswith("SSL"):
            return None
        return ssl.create_default_context(cafile=self.ssl_ca_file)

    def client_settings(self) -> dict[str, Any]:
        """Return the connection arguments of kafka-python and aiokafka clients."""
        settings: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers.split(","),
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.startswith("SASL"):
            settings |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password,
            }
            self._expect_clear_text_on_loopback()
        if (context := self.ssl_context()) is not None:
            settings["ssl_context"] = context
        return settings

    def _expect_clear_text_on_loopback(self) -> None:
        """Keep the clients from warning about a password that does not leave this machine."""
        if all(on_loopback(server) for server in self.bootstrap_servers.split(",")):
            for name in _CLEAR_TEXT_LOGGERS:
                logging.getLogger(name).addFilter(_is_not_clear_text_warning)


def create_topics(
    broker: Broker, *, partitions: int, replication: int, specs: Iterable[TopicSpec] = TOPICS
) -> list[str]:
    """Create the missing topics and wait until the brokers know them; return their names.

    Existing topics stay as they are. A topic that is still being deleted is created again after it is gone.
    """
    wanted, made = list(specs), dict[str, None]()
    admin = KafkaAdminClient(**broker.client_settings())
    try:
        deadline = monotonic() + CREATE_SECONDS
        while missing := _missing(admin, wanted):
            for spec in missing:
                _create_topic(admin, spec, partitions, replication)
                made[spec.name] = None
            if monotonic() >= deadline:
                break
            sleep(0.1)
    finally:
        admin.close()
    return list(made)


def _missing(admin: Any, specs: Iterable[TopicSpec]) -> list[TopicSpec]:
    """Return the topics that the brokers do not list, or for which they know no partition yet."""
    known = {found["name"] for found in admin.describe_topics() if found["partitions"]}
    return [spec for spec in specs if spec.name not in known]


def _create_topic(admin: Any, spec: TopicSpec, partitions: int, replication: int) -> None:
    retention = str(spec.retention_days * DAY_MILLISECONDS)
    topic = NewTopic(
        spec.name,
        num_partitions=partitions,
        replication_factor=replication,
        topic_configs={"retention.ms": retention},
    )
    try:
        admin.create_topics([topic])
    except TopicAlreadyExistsError:
        return


def partition_counts(broker: Broker, topics: Iterable[str] = TOPIC_NAMES) -> dict[str, int]:
    """Return how many partitions each of the topics has on the broker; missing topics are left out."""
    wanted = set(topics)
    if not wanted:
        return {}
    with closing(KafkaConsumer(**broker.client_settings())) as consumer:
        return dict(Counter(place.topic for place in _places(consumer, wanted)))


def end_offsets(broker: Broker, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """Return the end offset of every partition of the existing topics, by (topic, partition)."""
    return {place: offsets.end for place, offsets in held_offsets(broker, topics).items()}


@dataclass(frozen=True)
class OffsetRange:
    """The offsets of a partition: from `begin` up to, not including, `end`.

    `end` is the last stable offset: later records belong to an open transaction or come after one, and a
    reader of committed records cannot read them yet.
    """

    begin: int
    end: int


def held_offsets(broker: Broker, topics: Iterable[str]) -> dict[tuple[str, int], OffsetRange]:
    """Return the current offsets of each partition of the existing topics, by (topic, partition)."""
    with closing(KafkaConsumer(**broker.client_settings(), isolation_level="read_committed")) as consumer:
        places = _places(consumer, topics)
        # Begin first: the end only grows, so begin <= end holds however long the two calls take.
        begin = consumer.beginning_offsets(places) if places else {}
        end = consumer.end_offsets(places) if places else {}
    return {
        (place.topic, place.partition): OffsetRange(int(begin[place]), int(end[place])) for place in places
    }


def taken_offsets(broker: Broker, topics: Iterable[str]) -> dict[str, int]:
    """Return how many offsets each topic ever assigned, including those of open transactions."""
    with closing(KafkaConsumer(**broker.client_settings())) as consumer:
        places = _places(consumer, topics)
        ends = consumer.end_offsets(places) if places else {}
    taken: Counter[str] = Counter()
    for place, end in ends.items():
        taken[place.topic] += int(end)
    return dict(taken)


def _places(consumer: Any, topics: Iterable[str]) -> list[Any]:
    present = consumer.topics()
    return [
        TopicPartition(topic, number)
        for topic in topics
        if topic in present
        for number in consumer.partitions_for_topic(topic) or ()
    ]


def reliable_producer(
    broker: Broker,
    *,
    batch_bytes: int = 16_384,
    linger_ms: int = 5,
    delivery_timeout_seconds: float = 120.0,
) -> Any:
    """Return a producer that reports success only after all in-sync replicas have the record.

    After `delivery_timeout_seconds` without an answer, a record counts as not sent.
    """
    timeout_ms = int(delivery_timeout_seconds * 1_000)
    return KafkaProducer(
        **broker.client_settings(),
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        batch_size=batch_bytes,
        linger_ms=linger_ms,
        delivery_timeout_ms=timeout_ms,
        request_timeout_ms=min(30_000, max(1, timeout_ms - linger_ms)),
        max_block_ms=timeout_ms,
        compression_type=None,
    )


__all__ = [
    "Broker",
    "KafkaError",
    "OffsetRange",
    "TopicError",
    "create_topics",
    "end_offsets",
    "held_offsets",
    "no_such_topic",
    "partition_counts",
    "refusal",
    "reliable_producer",
    "taken_offsets",
]
