"""Row 20: workers whose wall clocks are hours off and stepped back, and events with wrong dates."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from schemas import Ticket, UsageEvent
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from tests.faults.checks import check_ledger
from tests.faults.inputs import Message
from tests.faults.lab import Lab, Worker
from tests.faults.outage import end_all, histograms, start_variant
from tests.faults.rows import Plan, Row, Tally

AHEAD, BEHIND = 7_200.0, -7_200.0
STEP = -30.0
KINDS = ("sentiment", "usage")
ACCOUNTS = 24
LATENCY_SECONDS = 120.0
"""Far above the wait of a record here, far below the error that a trusted wrong clock would add."""

SLACK = timedelta(seconds=2)
WRITTEN = {
    "partition_progress": "updated_at",
    "sentiments": "scored_at",
    "outbox": "created_at",
    "dead_letters": "created_at",
}


def wrong_clocks(plan: Plan, tally: Tally) -> None:
    with Lab(seed=plan.seed) as lab:
        wrong_clocks_in(lab, plan, tally)


def wrong_clocks_in(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Run the row in a new lab, because its last records are not among the inputs of the lab."""
    began = _database_now(lab)
    files = [_clock_file(lab, name, at) for name, at in (("ahead", AHEAD), ("behind", BEHIND))]
    workers = [start_variant(lab, kind, "--wall-clock", str(file)) for kind in KINDS for file in files]
    relay = lab.start_relay()
    lab.wait_ready(relay, *workers)
    _demand_wrong_clocks(workers, began)
    lab.wait_for(lambda: _all_own_something(lab, workers), 60, "every worker to have partitions")
    for _ in range(plan.repeats_or(3, 1)):
        _load_and_step(lab, files, plan)
        tally.repeats += 1
        tally.take(lab.check(*KINDS))
    counts = _send_odd_dates(lab)
    _demand_fates(lab, counts, tally)
    _demand_times(lab, began)
    longest = max(_demand_durations(worker) for worker in workers)
    tally.notes.append(
        f"clocks {AHEAD:+.0f} s and {BEHIND:+.0f} s, stepped {STEP:+.0f} s; mean wait <= {longest:.1f} s"
    )
    end_all([relay, *workers])


def _clock_file(lab: Lab, name: str, ahead_seconds: float) -> Path:
    path = lab.folder / f"clock-{name}"
    path.write_text(str(ahead_seconds))
    return path


def _demand_wrong_clocks(workers: list[Worker], began: datetime) -> None:
    """Demand that the log lines of the workers have the wrong dates of their clocks."""
    for worker, ahead in zip(workers, (AHEAD, BEHIND) * len(KINDS), strict=True):
        off = datetime.fromisoformat(str(worker.events()[0]["time"])) - began
        assert abs(off.total_seconds() - ahead) < 60, f"{worker.name} is off by {off}"


def _all_own_something(lab: Lab, workers: list[Worker]) -> bool:
    """Send some records; tell whether each worker has claimed a partition."""
    lab.send(USAGE_EVENTS, lab.inputs.more_usage(400))
    lab.send(TICKETS, lab.inputs.more_tickets(100))
    rows = lab.rows("SELECT DISTINCT writer FROM lab.steps WHERE is_claim")
    return {worker.name for worker in workers} <= {str(row[0]) for row in rows}


def _load_and_step(lab: Lab, files: list[Path], plan: Plan) -> None:
    """Step every clock back under load; the step stays."""
    usage = lab.paced(USAGE_EVENTS, lab.inputs.endless_usage(), rate=plan.pick(2_000, 500))
    tickets = lab.paced(TICKETS, lab.inputs.endless_tickets(), rate=plan.pick(200, 50))
    time.sleep(plan.pick(15, 4))
    for path in files:
        path.write_text(str(float(path.read_text()) + STEP))
    time.sleep(plan.pick(15, 4))
    usage.stop()
    tickets.stop()
    for kind in KINDS:
        lab.wait_drained(kind)
    lab.wait_published()


def _send_odd_dates(lab: Lab) -> dict[str, dict[str, int]]:
    """Send events with wrong dates; return the dead letters they must become, by group and reason."""
    now = _database_now(lab)
    dates: dict[str, str | int] = {
        "in a year": (now + timedelta(days=365)).isoformat(),
        "in six minutes": (now + timedelta(minutes=6)).isoformat(),
        "in four minutes": (now + timedelta(minutes=4)).isoformat(),
        "ten years ago": (now - timedelta(days=3_650)).isoformat(),
        "epoch seconds": int(now.timestamp()),
        "epoch milliseconds": int(now.timestamp() * 1_000),
    }
    for topic, make in ((USAGE_EVENTS, _usage), (TICKETS, _ticket)):
        for name, date in dates.items():
            lab.send(
                topic, [make(f"{name} {number}", f"odd-{name}-{number}", date) for number in range(ACCOUNTS)]
            )
    for kind in KINDS:
        lab.wait_drained(kind)
    return {kind: {"from_the_future": 2 * ACCOUNTS, "invalid_record": 2 * ACCOUNTS} for kind in KINDS}


def _usage(event_id: str, account_id: str, date: str | int) -> Message:
    event = UsageEvent(event_id, account_id, "task.labelled", datetime(2026, 1, 5, tzinfo=UTC), 1.0)
    return account_id.encode(), _dated(msgspec.json.encode(event), date)


def _ticket(event_id: str, account_id: str, date: str | int) -> Message:
    event = Ticket(
        event_id=event_id,
        ticket_id=event_id,
        account_id=account_id,
        body="thank you",
        occurred_at=datetime(2026, 1, 5, tzinfo=UTC),
    )
    return account_id.encode(), _dated(event.to_bytes(), date)


def _dated(value: bytes, date: str | int) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(value), "occurred_at": date})


def _demand_fates(lab: Lab, wanted: dict[str, dict[str, int]], tally: Tally) -> None:
    """Demand the dead letters of the wrong dates in table and metric, and a ledger without a gap."""
    lab.wait_until(lambda: not check_ledger(lab, KINDS).remarks, 20, "a ledger without a gap")
    query = (
        "SELECT reason, count(*) FROM dead_letters WHERE consumer_group = :kind"
        " AND convert_from(key, 'UTF8') LIKE 'odd-%' GROUP BY reason"
    )
    for kind in KINDS:
        found = {str(reason): int(count) for reason, count in lab.rows(query, kind=kind)}
        assert found == wanted[kind], f"dead letters of {kind}: {found}, not {wanted[kind]}"
        label = {"consumer_group": kind, "reason": "from_the_future"}
        counted = sum(worker.metric("rapport_dead_letters_total", **label) for worker in lab.workers)
        assert counted == wanted[kind]["from_the_future"], f"{counted} of {kind} are counted"
    scored = lab.number("SELECT count(*) FROM sentiments WHERE account_id LIKE 'odd-%'")
    assert scored == 2 * ACCOUNTS, f"{scored} of the tickets in four minutes and of ten years ago are scored"
    tally.notes.append(f"{4 * ACCOUNTS} events from the future refused")


def _demand_times(lab: Lab, began: datetime) -> None:
    """Demand that every written row is dated by the database's clock."""
    for table, column in WRITTEN.items():
        first, last = lab.rows(f"SELECT min({column}), max({column}) FROM {table}")[0]
        now = _database_now(lab)
        assert began - SLACK <= first <= last <= now + SLACK, (
            f"{table}: {first} to {last}, not {began} to {now}"
        )


def _demand_durations(worker: Worker) -> float:
    """Demand the durations of a right clock; return the mean seconds from the broker to the effect."""
    found = histograms(worker)
    negative = {name: total for name, (total, _) in found.items() if total < 0}
    assert not negative, f"negative durations: {negative}"
    total, count = found["rapport_end_to_end_seconds"]
    assert total <= LATENCY_SECONDS * count, f"{total / count:.0f} s from the broker to the effect"
    lag = worker.metric("rapport_lag_seconds")
    assert 0 <= lag <= LATENCY_SECONDS, f"lag {lag:.0f} s"
    return total / max(1.0, count)


def _database_now(lab: Lab) -> datetime:
    found: datetime = lab.rows("SELECT clock_timestamp()")[0][0]
    return found


ROWS_HERE = (Row(20, "wrong clocks, wrong dates", wrong_clocks),)
