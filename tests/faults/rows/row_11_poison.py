"""Row 11: one record in ten is poison. Its dead letter is exact, and good records hardly wait longer.

The row compares phases of the same load: without poison a good record replaces each poison record.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from statistics import median
from typing import Any

from streams.kafka.topics import GROUPS
from streams.process.version import build_id
from tests.faults.inputs import Counted, Message
from tests.faults.lab import Lab
from tests.faults.latency import percentile, waits
from tests.faults.poison import Poison, ticket_poisons, usage_poisons
from tests.faults.poison_sending import Placed, PoisonSender, letters_of, wrong_letters
from tests.faults.rows import Plan, Row, Tally

GOOD_PER_POISON = 9
MAX_SLOWER = 1.2
SECONDS_OF_A_PHASE = 10.0
PHASES = 14
QUICK_SECONDS = 4.0
NOT_IN_THE_REFERENCE = {"from_the_future", "too_large"}
"""Fates that the serial run of the check of usage events does not know: it has no clock and no size limit."""


@dataclass
class Stream:
    """One topic under load: good records at `rate` a second, and every tenth record is poison."""

    kind: str
    topic: str
    rate: float
    more: Callable[[int], list[Message]]
    counted: Counted
    poisons: Iterator[Poison]
    placed: list[Placed] = field(default_factory=list)


def one_in_ten(plan: Plan, tally: Tally) -> None:
    with Lab(partitions=4, seed=plan.seed) as lab:
        streams = [
            _stream("sentiment", 200.0, lab.inputs.more_tickets, lab.inputs.tickets),
            _stream("usage", 1_000.0, lab.inputs.more_usage, lab.inputs.usage),
        ]
        relay, workers = lab.start_relay(), [lab.start_worker(stream.kind) for stream in streams]
        lab.wait_ready(relay, *workers)
        phases = _phases(lab, streams, plan)
        for stream in streams:
            lab.wait_drained(stream.kind)
        lab.wait_published()
        tally.repeats += 1
        _demand_letters(lab, streams)
        tally.take(lab.check(*(stream.kind for stream in streams)))
        for stream, worker in zip(streams, workers, strict=True):
            assert worker.is_running()
            assert len(set(worker.generations())) == 1, "a worker joined again"
            assert "Traceback" not in worker.log()
            ratio = _note_speed(lab, stream, phases, tally)
            # The phases of a quick run are too short to compare on a busy machine.
            assert plan.quick or ratio <= MAX_SLOWER, (
                f"good records of {stream.kind} wait {ratio:.2f} times as long"
            )


def _stream(kind: str, rate: float, more: Callable[[int], list[Message]], counted: Counted) -> Stream:
    poisons = ticket_poisons() if kind == "sentiment" else usage_poisons()
    return Stream(kind, GROUPS[kind][0], rate, more, counted, cycle(_bad(poisons)))


def _bad(poisons: Sequence[Poison]) -> list[Poison]:
    return [
        bad
        for bad in poisons
        if bad.is_dead_letter
        and bad.before is None
        and not bad.compressed
        and bad.fate not in NOT_IN_THE_REFERENCE
    ]


def _phases(lab: Lab, streams: Sequence[Stream], plan: Plan) -> list[tuple[bool, float, float]]:
    """Load in turns without and with poison, after a warm-up; return (with poison, start, end) per phase."""
    seconds = QUICK_SECONDS if plan.quick else SECONDS_OF_A_PHASE
    _load(lab, streams, QUICK_SECONDS, poison=True)
    phases = []
    for number in range(plan.pick(PHASES, 2)):
        with_poison = number % 4 in {1, 2}
        started = time.time()
        _load(lab, streams, seconds, poison=with_poison)
        phases.append((with_poison, started, time.time()))
    return phases


def _load(lab: Lab, streams: Sequence[Stream], seconds: float, *, poison: bool) -> None:
    """Send for these seconds; after each ninth good record comes poison, or another good record."""
    sending = [PoisonSender(lab.broker, stream.topic) for stream in streams]
    good = [iter(stream.more(_good(int(stream.rate * seconds), poison=poison))) for stream in streams]
    began, sent = time.monotonic(), [0] * len(streams)
    while any(count < int(stream.rate * seconds) for stream, count in zip(streams, sent, strict=True)):
        elapsed = min(seconds, time.monotonic() - began)
        for place, stream in enumerate(streams):
            for number in range(sent[place], int(stream.rate * elapsed)):
                sending[place].send_good([next(good[place])])
                if number % GOOD_PER_POISON == 0:
                    _send_tenth(sending[place], next(stream.poisons) if poison else next(good[place]))
            sent[place] = int(stream.rate * elapsed)
        time.sleep(0.005)
    for stream, sender in zip(streams, sending, strict=True):
        placed = sender.finish()[1]
        stream.placed += placed
        stream.counted.poison += len(placed)


def _good(count: int, *, poison: bool) -> int:
    """Return the number of good records of a phase; without poison they also take the places of poison."""
    return count if poison else count + -(-count // GOOD_PER_POISON)


def _send_tenth(sender: PoisonSender, tenth: Poison | Message) -> None:
    if isinstance(tenth, Poison):
        sender.send(tenth)
    else:
        sender.send_good([tenth])


def _demand_letters(lab: Lab, streams: Sequence[Stream]) -> None:
    for stream in streams:
        wrong = wrong_letters(stream.placed, letters_of(lab.engine, stream.kind), build_id())
        examples = sorted(set(wrong))[:5]
        assert not wrong, f"{stream.kind}: {len(wrong)} letters differ from the poison: {examples}"


def _note_speed(lab: Lab, stream: Stream, phases: list[tuple[bool, float, float]], tally: Tally) -> float:
    """Return the p99 wait of good records with poison, as a multiple of the p99 without poison."""
    bad = {placed.place for placed in stream.placed}
    found = waits(lab, stream.kind, stream.topic, wanted=lambda record: place_of(record) not in bad)
    p99s: dict[bool, list[float]] = {False: [], True: []}
    for with_poison, start, end in phases:
        p99s[with_poison].append(percentile([wait for at, wait in found if start <= at < end], 0.99))
    clean, poisoned = median(p99s[False]), median(p99s[True])
    ratio = poisoned / clean
    words = f"p99 {clean:.3f} s without poison, {poisoned:.3f} s with, x{ratio:.2f}"
    tally.notes.append(f"{stream.kind}: {words}")
    return ratio


def place_of(record: Any) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset


ROWS_HERE = (Row(11, "poison, 1 in 10", one_in_ten),)
