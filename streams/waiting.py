"""Broker and database: waited for at the start, probed in the background from then on."""

import logging
import time
from collections.abc import Callable
from functools import partial

from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from responders.store.migrate import check_version
from responders.store.progress import database_now
from streams.consume.errors import is_unavailable
from streams.consume.retry import Backoff
from streams.database import connection_problem
from streams.health import Probe, Reachability
from streams.kafka import Broker, TopicError, partition_counts, refusal
from streams.metrics import Metrics

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


def database_answers(engine: Engine) -> bool:
    """Return whether the database answers a query now; may take as long as the engine's limits allow."""
    try:
        with Session(engine) as session:
            database_now(session)
    except SQLAlchemyError:
        return False
    return True


def probes(metrics: Metrics, *, engine: Engine | None = None, broker: Broker | None = None) -> list[Probe]:
    """Return running probes of what a process depends on; each good answer sets the time of its gauge."""
    asks: dict[str, Callable[[], bool]] = {}
    if broker is not None:
        asks["broker"] = Reachability(broker)
    if engine is not None:
        asks["database"] = partial(database_answers, engine)
    return [probe_of(metrics, dependency, ask) for dependency, ask in asks.items()]


def probe_of(metrics: Metrics, dependency: str, ask: Callable[[], bool]) -> Probe:
    """Return a running probe of one dependency; each good answer sets the time of its gauge."""
    gauge = metrics.dependency_answered.labels(dependency)
    return Probe(dependency, ask, answered=gauge.set_to_current_time).start()
