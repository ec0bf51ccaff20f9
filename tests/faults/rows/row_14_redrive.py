"""Row 14: all dead letters are sent again, twice, after the cause of some is fixed."""

import json
from datetime import UTC, datetime, timedelta

from streams.kafka.topics import TICKETS
from tests.faults.inputs import Message, spoiled, ticket
from tests.faults.lab import Lab
from tests.faults.rows import Plan, Row, Tally

AHEAD = timedelta(hours=2)
SIZES = (40_000, 1_000)
GOOD_PER_EARLY = 20
BROKEN = 45
"""Broken records; few, because a partition pauses, as it should, if many replayed records fail in a row."""


def redrive_twice(plan: Plan, tally: Tally) -> None:
    with Lab(partitions=3, seed=plan.seed) as lab:
        lab.start_relay()
        redrive_all_letters_twice(lab, plan, tally)


def redrive_all_letters_twice(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Let records fail, fix the cause of some, and send all their letters again, twice."""
    since, known = datetime.now(UTC), lab.number("SELECT count(*) FROM sentiments")
    early, broken = _load(lab, plan)
    worker = lab.start_worker("sentiment")
    lab.wait_drained("sentiment")
    assert _letters(lab, since) == {"new": early + broken}
    assert worker.terminate()[0] == 0
    # The fix: clocks may now differ by hours.
    worker = lab.start_worker("sentiment", future_tolerance_seconds=86_400)
    lab.inputs.tickets.poison += early
    _redrive(lab, since, sent=early + broken)
    good = lab.number("SELECT count(*) FROM sentiments") - known
    assert good == plan.inputs_or(*SIZES), "a fixed record has no effect, or a good record has two"
    lab.inputs.tickets.poison += broken
    tally.repeats += 1
    _redrive(lab, since, sent=early + 2 * broken)
    lab.inputs.tickets.poison += 2 * broken
    lab.inputs.tickets.duplicates += early
    tally.repeats += 1
    lab.wait_published()
    tally.take(lab.check("sentiment"))
    # A record that fails again becomes a new letter.
    assert _letters(lab, since) == {"new": 2 * broken, "replayed": early + 2 * broken}
    tally.notes.append(f"{early:,} fixed, {broken:,} always bad")
    assert worker.terminate()[0] == 0


def _load(lab: Lab, plan: Plan) -> tuple[int, int]:
    """Send good tickets, some dated ahead of the clock, and broken tickets; return the number of both."""
    count = plan.inputs_or(*SIZES)
    messages = lab.inputs.more_tickets(count)
    places = range(0, count, GOOD_PER_EARLY)
    for place in places:
        messages[place] = _ahead(messages[place])
    broken = [spoiled(ticket(number), number % 3) for number in range(BROKEN)]
    lab.send(TICKETS, messages)
    lab.send(TICKETS, broken)
    lab.inputs.tickets.poison += len(broken)
    return len(places), len(broken)


def _ahead(message: Message) -> Message:
    key, value = message
    fields = json.loads(value or b"") | {"occurred_at": (datetime.now(UTC) + AHEAD).isoformat()}
    return key, json.dumps(fields).encode()


def _letters(lab: Lab, since: datetime) -> dict[str, int]:
    """Return the number of letters since then by state."""
    query = "SELECT state, count(*) FROM dead_letters WHERE created_at >= :since GROUP BY state"
    return {str(state): int(count) for state, count in lab.rows(query, since=since)}


def _redrive(lab: Lab, since: datetime, *, sent: int) -> None:
    which = ("--topic", TICKETS, "--since", since.isoformat(), "--again")
    done = lab.command(
        "dead-letters", "replay", *which, "--limit", "100000", "--rate", "5000", "--send", seconds=120
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert f"{sent:,} records sent again" in " ".join(done.stderr.split()), done.stderr[-500:]
    lab.wait_drained("sentiment")


ROWS_HERE = (Row(14, "redrive of all dead letters, twice", redrive_twice),)
