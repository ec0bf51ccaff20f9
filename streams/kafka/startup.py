"""The broker at the start of a process: wait for it, check its topics, then probe it."""

from collections.abc import Callable
from functools import partial

from kafka.errors import KafkaError
from sqlalchemy import Engine

from streams.kafka.brokers import Broker, TopicError, partition_counts, refusal
from streams.kafka.reachability import Reachability
from streams.process.errors import is_unavailable
from streams.process.health import Probe
from streams.process.metrics import Metrics
from streams.process.startup import database_answers, probe_of, wait_for


def check_topics(broker: Broker, topics: tuple[str, ...], *, partitions: int) -> None:
    """Wait until the broker answers; raise TopicError if a topic is missing or has other partitions."""
    found: dict[str, int] = {}
    wait_for("broker", lambda: found.update(partition_counts(broker)), is_away=_is_away)
    for topic in topics:
        sentence = refusal(topic, found.get(topic), wanted=partitions, said_by="RAPPORT_TOPIC_PARTITIONS")
        if sentence is not None:
            raise TopicError(sentence)


def probes(metrics: Metrics, *, engine: Engine | None = None, broker: Broker | None = None) -> list[Probe]:
    """Return running probes of a process's dependencies; each good answer sets the time in its gauge."""
    asks: dict[str, Callable[[], bool]] = {}
    if broker is not None:
        asks["broker"] = Reachability(broker)
    if engine is not None:
        asks["database"] = partial(database_answers, engine)
    return [probe_of(metrics, dependency, ask) for dependency, ask in asks.items()]


def _is_away(error: BaseException) -> bool:
    return is_unavailable(error) or isinstance(error, KafkaError)
