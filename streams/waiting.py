"""Wait at start for broker and database, and refuse what this build cannot work with."""

import logging
import time
from collections.abc import Callable

from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store.migrate import check_version
from responders.store.progress import database_now
from streams.consume.errors import is_unavailable
from streams.consume.retry import Backoff
from streams.database import connection_problem
from streams.kafka import Broker, TopicError, partition_counts, refusal

logger = logging.getLogger(__name__)


def wait_for(name: str, attempt: Callable[[], None]) -> None:
    """Repeat `attempt` with backoff until the dependency answers; says what it waits for."""
    backoff = Backoff(first_seconds=0.2)
    while True:
        try:
            return attempt()
        except Exception as error:
            if not (is_unavailable(error) or isinstance(error, KafkaError)):
                raise
            details = {"error": type(error).__name__, "reason": connection_problem(error)}
            logger.warning("waiting", extra={"dependency": name, **details})
            time.sleep(backoff.next_seconds())


def check_database(engine: Engine) -> None:
    """Wait until the database answers, then refuse a schema this build does not know."""

    def answers() -> None:
        with Session(engine) as session:
            database_now(session)

    wait_for("database", answers)
    check_version(engine)


def check_topics(broker: Broker, topics: tuple[str, ...], *, partitions: int) -> None:
    """Wait until the broker answers, then refuse missing topics or other partition counts."""
    found: dict[str, int] = {}
    wait_for("broker", lambda: found.update(partition_counts(broker)))
    for topic in topics:
        sentence = refusal(topic, found.get(topic), wanted=partitions, said_by="RAPPORT_TOPIC_PARTITIONS")
        if sentence is not None:
            raise TopicError(sentence)
