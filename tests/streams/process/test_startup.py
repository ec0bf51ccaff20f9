"""A process waits for its dependencies, and refuses tables and topics that do not fit in one sentence."""

import time

import pytest
from sqlalchemy import create_engine

from responders.store.migrate import MigrationError, upgrade
from streams.kafka.brokers import Broker, TopicError, create_topics
from streams.kafka.startup import check_topics
from streams.kafka.topics import TopicSpec
from streams.process.startup import check_database, wait_for


def test_a_late_dependency_is_waited_for() -> None:
    calls = []

    def attempt() -> None:
        calls.append(time.monotonic())
        if len(calls) < 3:
            raise ConnectionRefusedError

    wait_for("something", attempt)
    assert len(calls) == 3


def test_a_bug_is_not_waited_for() -> None:
    def attempt() -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        wait_for("something", attempt)


def test_a_database_without_tables_is_refused_in_one_sentence(database_url: str) -> None:
    engine = create_engine(database_url)
    with pytest.raises(MigrationError, match="run `rapport migrate`"):
        check_database(engine)
    upgrade(engine)
    check_database(engine)
    engine.dispose()


def test_missing_topics_and_other_partition_counts_are_refused_in_one_sentence(broker: str) -> None:
    here = Broker(broker)
    create_topics(here, partitions=2, replication=1, specs=[TopicSpec("support.tickets", "Ticket", (), 1)])
    with pytest.raises(TopicError, match=r"rapport\.nowhere does not exist"):
        check_topics(here, ("rapport.nowhere",), partitions=2)
    with pytest.raises(TopicError, match="has 2 partitions, but RAPPORT_TOPIC_PARTITIONS says 8"):
        check_topics(here, ("support.tickets",), partitions=8)
    check_topics(here, ("support.tickets",), partitions=2)
