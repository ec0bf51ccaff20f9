"""Row 4: the broker is gone for 60 s under load, while events arrive over HTTP."""

import time
from random import Random

from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.process.ports import free_port
from tests.faults.lab import Lab, Worker
from tests.faults.outage import (
    Poster,
    Watch,
    end_all,
    ids_on,
    stay_unready,
    told_again,
    wait_every_partition,
    wait_unready,
    warm_up,
)
from tests.faults.rows import Plan, Row, Tally

BACK_SECONDS = 60.0
KINDS = ("sentiment", "usage")


def broker_away(plan: Plan, tally: Tally) -> None:
    with Lab(seed=plan.seed) as lab:
        broker_away_in(lab, plan, tally)


def broker_away_in(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Run the row in a lab that other rows may have used."""
    chance, port = Random(plan.seed), free_port()
    workers = [lab.start_relay(), *(lab.start_worker(kind) for kind in KINDS)]
    intake = lab.start_worker("intake", intake_port=port, intake_ack_seconds=2)
    lab.wait_ready(*workers, intake)
    warm_up(lab)
    with Watch([*workers, intake]) as watch:
        sender = lab.paced(USAGE_EVENTS, lab.inputs.endless_usage(), rate=plan.pick(2_000, 500))
        poster = Poster(lab, f"http://127.0.0.1:{port}/v1/tickets", batch=20).start()
        for _ in range(plan.repeats_or(2, 1)):
            time.sleep(chance.uniform(1.0, 3.0))
            _outage(lab, [*workers, intake], poster, seconds=plan.pick(60, 12), tally=tally)
            tally.repeats += 1
        time.sleep(2)
        poster.stop()
        sender.stop()
        for kind in KINDS:
            lab.wait_drained(kind, seconds=BACK_SECONDS)
        lab.wait_published()
    tally.notes.append(watch.demand())
    _demand_every_accepted_ticket(lab, poster, tally)
    tally.take(lab.check(*KINDS))
    end_all([*workers, intake])


def _outage(lab: Lab, workers: list[Worker], poster: Poster, *, seconds: float, tally: Tally) -> None:
    lab.brokers.kill(1)
    gone = time.monotonic()
    told = wait_unready(lab, workers, "broker")
    stay_unready(workers, until=gone + seconds)
    answers = poster.statuses(after=gone, before=time.monotonic())
    assert set(answers) == {503}, f"the intake's answers while the broker was away: {dict(answers)}"
    mark = lab.audit.mark()
    lab.brokers.launch(1)
    returned = time.monotonic()
    wait_every_partition(lab, KINDS, mark, BACK_SECONDS)
    lab.wait_ready(*workers, seconds=max(1.0, BACK_SECONDS - (time.monotonic() - returned)))
    tally.recovered.append(time.monotonic() - returned)
    tally.notes.append(f"unready after {told:.1f} s, {answers[503]} x 503")


def _demand_every_accepted_ticket(lab: Lab, poster: Poster, tally: Tally) -> None:
    assert not poster.complaints, f"the intake's answers: {poster.complaints[:3]}"
    ids = ids_on(lab, TICKETS)
    missing = [event_id for event_id in poster.accepted if not ids[event_id]]
    assert not missing, f"{len(missing)} tickets got 200 and are not on the topic, such as {missing[:3]}"
    again = told_again(lab, ids)
    tally.notes.append(f"{len(poster.accepted)} tickets accepted by HTTP, {again} on the topic twice")


ROWS_HERE = (Row(4, "broker gone 60 s under load", broker_away),)
