"""Row 3: a rolling restart of all brokers, and leaders that move, under load."""

from statistics import median

from streams.kafka.topics import TICKETS, USAGE_EVENTS
from tests.faults.lab import Lab, Sender, Worker
from tests.faults.rows import Plan, Row, Tally
from tests.patience import slowness

SEND_P99_SECONDS = 5.0
"""How long the broker may take to acknowledge while it moves leaders, on an idle machine. Chosen by hand."""

BACK_SECONDS = 30.0
TOPICS = {"sentiment": TICKETS, "usage": USAGE_EVENTS}
RATES = {"sentiment": 100.0, "usage": 500.0}


def restart_each_broker(plan: Plan, tally: Tally) -> None:
    with Lab(brokers=3, seed=plan.seed) as lab:
        workers = [lab.start_relay(), *(lab.start_worker(kind) for kind in ("usage", "usage", "sentiment"))]
        lab.wait_ready(*workers)
        for _ in range(plan.repeats_or(3, 1)):
            senders, slow = _load(lab), []
            for number in (1, 2, 3):
                slow.append(slowness())
                lab.brokers.restart(number)
                tally.recovered.append(_all_come_on(lab))
                led = lab.brokers.led_by(number)
                lab.brokers.elect_preferred_leaders()
                assert lab.brokers.led_by(number) > led, f"no leader moved back to broker {number}"
                tally.recovered.append(_all_come_on(lab))
            _finish(lab, senders, workers)
            tally.repeats += 1
            tally.take(lab.check(*TOPICS))
            slowest = max(sender.p99_seconds() for sender in senders)
            tally.notes.append(f"send p99 {slowest:.2f} s")
            allowed = SEND_P99_SECONDS * median(slow)
            assert slowest <= allowed, f"send p99 {slowest:.1f} s of {allowed:.1f} s"


def _load(lab: Lab) -> list[Sender]:
    endless = {"sentiment": lab.inputs.endless_tickets(), "usage": lab.inputs.endless_usage()}
    return [lab.paced(TOPICS[kind], endless[kind], rate=rate) for kind, rate in RATES.items()]


def _all_come_on(lab: Lab) -> float:
    """Return the seconds until every partition of both groups has made progress from now."""
    mark, everything = lab.audit.mark(), set(range(lab.partitions))

    def all_moved() -> bool:
        return all(lab.audit.moved(kind, after=mark) == everything for kind in TOPICS)

    return lab.wait_until(all_moved, BACK_SECONDS, "progress of every partition of both groups")


def _finish(lab: Lab, senders: list[Sender], workers: list[Worker]) -> None:
    for sender in senders:
        sender.stop()
    for kind in TOPICS:
        lab.wait_drained(kind)
    lab.wait_published()
    ended = [worker.name for worker in workers if not worker.is_running()]
    assert not ended, f"{ended} ended"


ROWS_HERE = (Row(3, "rolling broker restart, leader move", restart_each_broker),)
