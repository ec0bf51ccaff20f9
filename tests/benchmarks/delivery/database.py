"""The database of the comparison, from outside: prepare it, empty it, read it."""

import psycopg
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from responders.store.migrate import upgrade
from streams.process.database import engine_of
from tests.benchmarks.delivery.effects import EMPTY, TABLES, plain_url
from tests.benchmarks.delivery.job import Spec


def prepare(url: str) -> None:
    """Create our own tables by their migrations, and the comparison's."""
    engine = engine_of(url)
    upgrade(engine)
    engine.dispose()
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        connection.execute(TABLES)


def empty(url: str) -> None:
    """Empty the tables of the comparison before a run, and let the database write a checkpoint."""
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        connection.execute(EMPTY)
        connection.execute("CHECKPOINT")


def applied(url: str) -> list[str]:
    """Return the event id of every applied effect, with repeats."""
    with psycopg.connect(plain_url(url)) as connection:
        return [str(row[0]) for row in connection.execute("SELECT event_id FROM effects_log")]


def effects(url: str) -> int:
    """Return the number of events with an effect."""
    with psycopg.connect(plain_url(url)) as connection:
        row = connection.execute("SELECT count(DISTINCT event_id) FROM effects_log").fetchone()
    return int(row[0]) if row else 0


def balances(url: str) -> dict[str, int]:
    """Return the balance of every account."""
    with psycopg.connect(plain_url(url)) as connection:
        return {str(row[0]): int(row[1]) for row in connection.execute("SELECT * FROM balances")}


def our_letters(url: str, topic: str) -> list[bytes]:
    """Return the values of our own dead letters from a topic."""
    query = "SELECT value FROM dead_letters WHERE topic = %s"
    with psycopg.connect(plain_url(url)) as connection:
        return [bytes(row[0] or b"") for row in connection.execute(query, [topic])]


def sent_letters(spec: Spec) -> list[bytes]:
    """Return the values in a run's dead letter topic."""
    consumer = KafkaConsumer(bootstrap_servers=spec.bootstrap, consumer_timeout_ms=2_000)
    try:
        numbers = consumer.partitions_for_topic(spec.dead_letters) or ()
        places = [TopicPartition(spec.dead_letters, number) for number in numbers]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        left = sum(consumer.end_offsets(places).values())
        return [record.value for _, record in zip(range(left), consumer, strict=False)]
    finally:
        consumer.close()


def committed(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    """Return the next offset of a group by partition, for the partitions that it has committed."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        found = admin.list_group_offsets(group)[group]
    finally:
        admin.close()
    return {place.partition: int(held.offset) for place, held in found.items() if place.topic == topic}
