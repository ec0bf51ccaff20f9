"""Fill a topic, or send at a rate. Runs in the confluent-kafka environment: the fastest Python producer.

Open loop: record n is due at `begin + n / rate`, independent of the system under test, and is sent as soon as
this program can after that. Its own lateness is part of its answer.
"""

import itertools
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
from confluent_kafka import Producer

from tests.benchmarks.delivery.inputs import Message, support_messages, usage_messages
from tests.benchmarks.delivery.loads import Load, Sent
from tests.benchmarks.delivery.progress import Start, write_json

LEAD_SECONDS = 0.5
PAUSE_SECONDS = 0.001


class Failures:
    """The number of records that the broker did not acknowledge."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, error: Any, _message: Any) -> None:
        """Take one delivery report."""
        self.count += error is not None


def messages_of(load: Load) -> list[Message]:
    """Return all messages, created before the first is sent."""
    if load.job == "usage":
        stream = usage_messages(load.first + load.count)
    else:
        stream = support_messages(load.first + load.count, seed=load.seed)
    return [message for message in stream if message.number >= load.first]


def _producer(load: Load, failures: Failures) -> Any:
    return Producer(
        {
            "bootstrap.servers": load.bootstrap,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 20 if load.rate is None else 1,
            "queue.buffering.max.messages": 1_000_000,
            "queue.buffering.max.kbytes": 1_000_000,
            "on_delivery": failures,
        }
    )


def _send(producer: Any, topic: str, message: Message) -> None:
    while True:
        try:
            producer.produce(topic, message.value, message.key, message.partition)
        except BufferError:
            producer.poll(0.05)
        else:
            return


def _send_all(producer: Any, load: Load) -> None:
    for place, message in enumerate(messages_of(load)):
        _send(producer, load.topic, message)
        if place % 1_000 == 0:
            producer.poll(0)


def _send_paced(producer: Any, load: Load, rate: float) -> Sent:
    messages = messages_of(load)
    begin = time.time() + LEAD_SECONDS
    write_json(Path(load.start or ""), Start(begin, rate))
    late: list[float] = []
    sent = 0
    while sent < len(messages):
        due = min(len(messages), max(0, int((time.time() - begin) * rate) + 1))
        for message in itertools.islice(messages, sent, due):
            _send(producer, load.topic, message)
        if due > sent:
            late.append(time.time() - begin - (due - 1) / rate)
            sent = due
        producer.poll(0)
        time.sleep(PAUSE_SECONDS)
    late.sort()
    return Sent(time.time() - begin, 1_000 * late[int(0.99 * (len(late) - 1))], 1_000 * late[-1])


def main() -> int:
    """Send the load of the JSON file in the only argument; return 0 if the broker acknowledged all of it."""
    load = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Load)
    failures = Failures()
    producer = _producer(load, failures)
    answer = None
    if load.rate is None:
        _send_all(producer, load)
    else:
        answer = _send_paced(producer, load, load.rate)
    left = producer.flush(60)
    if answer is not None and load.answer is not None:
        write_json(Path(load.answer), answer)
    return 1 if left or failures.count else 0


if __name__ == "__main__":
    sys.exit(main())
