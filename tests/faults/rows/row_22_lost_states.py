"""Row 22: detector states are deleted or garbled between two workers; they are built again from the topic."""

import time
from datetime import timedelta
from random import Random

from msgspec.structs import replace
from sqlalchemy import text
from sqlmodel import Session

from detectors.usage import UsageDetector, UsagePolicy, packing
from responders.store.progress import database_now
from responders.store.signals import save_detector_states
from schemas import UsageEvent
from streams.kafka.brokers import end_offsets
from streams.kafka.history import history_of
from streams.kafka.topics import USAGE_EVENTS
from streams.process.database import engine_of
from streams.process.metrics import Metrics
from streams.usage.handler import UsageHandler
from streams.usage.sealing import WATERMARK_KEY, seal, seal_clock
from tests.faults.inputs import KINDS, START
from tests.faults.lab import Lab
from tests.faults.rows import Plan, Row, Tally

KEYS_PER_UNIT = 1_000_000
LIMIT_SECONDS = 60.0
TEMPLATES = 50
EVENTS_PER_KEY = 60
SAVED_AT_ONCE = 10_000
SPARE = 10_000
"""A partition number that no topic of the lab has, for the states of the timing."""

_LOST = "DELETE FROM detector_states WHERE partition = :partition"
_HEADLESS = "DELETE FROM detector_states WHERE partition = :partition AND account_id = ''"
_PICK = "SELECT account_id, state FROM detector_states WHERE partition = :partition AND account_id <> ''"
_SET = "UPDATE detector_states SET state = :state WHERE partition = :partition AND account_id = :account"


def lose_states(plan: Plan, tally: Tally) -> None:
    with Lab(seed=plan.seed) as lab:
        lose_states_in(lab, plan, tally)


def lose_states_in(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Run the row in a lab that other rows may have used."""
    chance = Random(plan.seed)
    worker = lab.start_worker("usage")
    for _ in range(plan.repeats_or(3, 1)):
        lab.send(USAGE_EVENTS, lab.inputs.more_usage(plan.pick(60_000, 6_000), duplicates=0.01, poison=0.001))
        lab.wait_drained("usage")
        assert worker.terminate()[0] == 0
        garbled = _damage(lab, chance)
        known = lab.number("SELECT count(*) FROM corrupt_states")
        lab.send(USAGE_EVENTS, lab.inputs.more_usage(600))
        began = time.monotonic()
        worker = lab.start_worker("usage")
        lab.wait_drained("usage")
        tally.recovered.append(time.monotonic() - began)
        tally.repeats += 1
        tally.take(lab.check("usage"))
        _demand_set_aside(lab, garbled, known)
    assert worker.terminate()[0] == 0
    _time_restoring(lab, plan, tally)
    _time_rebuilding(lab, tally)


def _damage(lab: Lab, chance: Random) -> set[tuple[int, str, bytes]]:
    """Delete the states of a partition and the clock of the next, garble states of others; return these."""
    order = chance.sample(range(lab.partitions), lab.partitions)
    garbled = set()
    with lab.engine.begin() as connection:
        connection.execute(text(_LOST), {"partition": order[0]})
        connection.execute(text(_HEADLESS), {"partition": order[1]})
        for partition, garble in zip(order[2:], (_cut, _flip, _noise), strict=False):
            states = [
                (str(row[0]), bytes(row[1]))
                for row in connection.execute(text(_PICK), {"partition": partition})
            ]
            for account_id, state in chance.sample(sorted(states), min(2, len(states))):
                bad = garble(state, chance)
                connection.execute(text(_SET), {"state": bad, "partition": partition, "account": account_id})
                garbled.add((partition, account_id, bad))
    return garbled


def _cut(state: bytes, chance: Random) -> bytes:
    return state[: chance.randrange(len(state))]


def _flip(state: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(state))
    return state[:at] + bytes([state[at] ^ 1 << chance.randrange(8)]) + state[at + 1 :]


def _noise(state: bytes, chance: Random) -> bytes:
    return chance.randbytes(len(state))


def _demand_set_aside(lab: Lab, garbled: set[tuple[int, str, bytes]], known: int) -> None:
    rows = lab.rows("SELECT partition, account_id, state FROM corrupt_states")
    aside = {(number, account, bytes(state)) for number, account, state in rows if account != WATERMARK_KEY}
    missing = {(number, account) for number, account, _ in garbled - aside}
    assert not missing, f"garbled states that were not set aside: {sorted(missing)}"
    partitions = {number for number, _, _ in garbled}
    assert len(rows) - known == len(garbled) + len(partitions), "more states set aside than garbled"


def _time_restoring(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Time the restore of many states as in a claim; the limit is per million states, in proportion.

    The transaction must survive the restore: the server ends a transaction that is idle for too long.
    """
    keys = plan.inputs_or(200_000, 5_000)
    _save_states(lab, keys)
    handler, engine = (
        UsageHandler(metrics=Metrics(), tolerance=timedelta(minutes=5)),
        engine_of(lab.database_url),
    )
    began = time.monotonic()
    with Session(engine) as session, session.begin():
        handler.restore(session, SPARE)
        database_now(session)
    seconds = (time.monotonic() - began) * KEYS_PER_UNIT / keys
    engine.dispose()
    tally.notes.append(
        f"restore {seconds:.0f} s per 1 M keys (from {keys:,} of {EVENTS_PER_KEY} events each)"
    )
    with lab.engine.begin() as connection:
        connection.execute(text(_LOST), {"partition": SPARE})
    assert seconds <= LIMIT_SECONDS, f"restore takes {seconds:.0f} s per 1 M keys"


def _save_states(lab: Lab, keys: int) -> None:
    """Save the states of this many accounts: 50 are computed, the others are copies under other names."""
    made = [_detector_of(f"{number:08d}") for number in range(TEMPLATES)]
    snapshots = [packing.decode_state(detector.snapshot()) for detector in made]
    with Session(lab.engine) as session, session.begin():
        save_detector_states(session, USAGE_EVENTS, {(SPARE, WATERMARK_KEY): seal_clock(START)})
        for first in range(0, keys, SAVED_AT_ONCE):
            names = [f"{number:08d}" for number in range(first, min(keys, first + SAVED_AT_ONCE))]
            states = {
                (SPARE, name): _renamed(name, snapshots[int(name) % TEMPLATES], made[int(name) % TEMPLATES])
                for name in names
            }
            save_detector_states(session, USAGE_EVENTS, states)


def _renamed(name: str, snapshot: packing.DetectorState, detector: UsageDetector) -> bytes:
    """Return the stored state of a detector under the name of another account."""
    packed = packing.encode_state(replace(snapshot, account=replace(snapshot.account, account_id=name)))
    return seal(name, packed, detector.next_due())


def _detector_of(account_id: str) -> UsageDetector:
    """Return the detector of an account with some days of a few kinds of events."""
    detector, chance = UsageDetector(account_id, UsagePolicy()), Random(account_id)
    for number in range(EVENTS_PER_KEY):
        at = START + timedelta(hours=2 * number, seconds=chance.randrange(3_600))
        detector.observe(
            UsageEvent(f"{account_id}-{number}", account_id, KINDS[number % len(KINDS)], at, 1.0)
        )
    return detector


def _time_rebuilding(lab: Lab, tally: Tally) -> None:
    """Time the rebuild of the fullest partition from the topic, in this process."""
    ends = {number: end for (_, number), end in end_offsets(lab.broker, [USAGE_EVENTS]).items()}
    fullest = max(ends, key=lambda number: ends[number])
    history = history_of(lab.broker, USAGE_EVENTS)
    handler = UsageHandler(metrics=Metrics(), tolerance=timedelta(minutes=5), history=history)
    with Session(lab.engine) as session:
        session.execute(text(_LOST), {"partition": fullest})
        handler.restore(session, fullest)
        session.rollback()
    began = time.monotonic()
    handler.rebuild(fullest, ends[fullest])
    seconds = (time.monotonic() - began) * KEYS_PER_UNIT / ends[fullest]
    tally.notes.append(f"rebuild {seconds:.0f} s per 1 M records (from {ends[fullest]:,})")


ROWS_HERE = (Row(22, "detector states lost or garbled", lose_states),)
